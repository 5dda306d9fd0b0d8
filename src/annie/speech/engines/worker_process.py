"""A child process that answers requests one by one: started when needed, replaced when dead.

The worker's side, and what goes over the pipes, stands in ``worker_wire``.
"""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Mapping
from typing import Final

from annie.speech.engines.worker_wire import REPLY_HEADER, REQUEST_HEADER, STATUS_OK
from annie.speech.protocols import SpeechError

logger = logging.getLogger(__name__)

_START_TIMEOUT_S: Final = 10.0
_EXIT_TIMEOUT_S: Final = 1.0


class _WorkerDiedError(Exception):
    """The process ended before it had answered."""


class WorkerProcess:
    """Runs ``python -m module`` and talks to it; requests are served in the order they came.

    An answer that takes longer than ``timeout_s``, or that waits for its turn longer than
    ``queue_s``, raises ``SpeechError``; a process that died is replaced and asked once more.
    """

    def __init__(
        self,
        module: str,
        *,
        timeout_s: float,
        queue_s: float = _START_TIMEOUT_S,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._module = module
        self._timeout_s = timeout_s
        self._queue_s = queue_s
        self._environment = {**os.environ, **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._exchanges: set[asyncio.Task[bytes]] = set()
        self._closed = False

    @property
    def running(self) -> bool:
        """The process is there."""
        return self._process is not None and self._process.returncode is None

    @property
    def pending(self) -> int:
        """Requests that have no answer yet."""
        return len(self._exchanges)

    async def ask(self, body: bytes) -> bytes:
        """The answer to one request; raises ``SpeechError``.

        A request that nobody waits for any more is finished all the same, because the
        reply must be taken off the pipe before the next request.
        """
        exchange = asyncio.create_task(self._exchange(body))
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._finished)
        return await asyncio.shield(exchange)

    async def end(self) -> None:
        """End the process if it has nothing to do; the next request starts it again."""
        if not self._exchanges:
            await self._discard()

    async def close(self) -> None:
        """End the process for good. What is being answered raises ``SpeechError``."""
        self._closed = True
        await self._discard()
        if self._exchanges:
            await asyncio.wait(self._exchanges, timeout=_EXIT_TIMEOUT_S)

    def _finished(self, exchange: asyncio.Task[bytes]) -> None:
        self._exchanges.discard(exchange)
        if not exchange.cancelled():
            exchange.exception()

    async def _exchange(self, body: bytes) -> bytes:
        try:
            async with asyncio.timeout(self._timeout_s + self._queue_s), self._turn:
                return await self._ask(body)
        except TimeoutError as error:
            raise SpeechError("the synthesizer is overloaded") from error

    async def _ask(self, body: bytes) -> bytes:
        for attempt in (1, 2):
            process = await self._started()
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await _converse(process, body)
            except TimeoutError as error:
                await self._discard()
                raise SpeechError(f"no answer in {self._timeout_s:g} s") from error
            except asyncio.CancelledError:
                await self._discard()
                raise
            except _WorkerDiedError:
                await self._discard()
                logger.warning(
                    "synthesizer_died", extra={"worker": self._module, "attempt": attempt}
                )
        raise SpeechError("the synthesizer died twice over this text")

    async def _started(self) -> asyncio.subprocess.Process:
        if self._closed:
            raise SpeechError("the synthesizer is closed")
        if self._process is None or self._process.returncode is not None:
            try:
                async with asyncio.timeout(_START_TIMEOUT_S):
                    # A session of its own: an interrupt typed at the terminal is for
                    # the process that feeds it, whose end it follows.
                    self._process = await asyncio.create_subprocess_exec(
                        sys.executable,
                        "-m",
                        self._module,
                        stdin=asyncio.subprocess.PIPE,
                        stdout=asyncio.subprocess.PIPE,
                        env=self._environment,
                        start_new_session=True,
                    )
            except (OSError, TimeoutError) as error:
                raise SpeechError(f"the synthesizer can't be started: {error}") from error
        return self._process

    async def _discard(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_EXIT_TIMEOUT_S):
                await process.wait()


async def _converse(process: asyncio.subprocess.Process, body: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise _WorkerDiedError
    try:
        process.stdin.write(REQUEST_HEADER.pack(len(body)) + body)
        await process.stdin.drain()
        status, length = REPLY_HEADER.unpack(await process.stdout.readexactly(REPLY_HEADER.size))
        reply = await process.stdout.readexactly(length)
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        raise _WorkerDiedError from error
    if status != STATUS_OK:
        raise SpeechError(reply.decode("utf-8", "replace"))
    return reply
