"""One clause being synthesized, for everybody who waits for it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import numpy as np

from annie.kit.clock import Clock
from annie.speech.protocols import Pcm, SpeechError


class Synthesis:
    """Runs an engine's iterator once and hands its chunks to any number of listeners.

    It starts with the first ``join`` and is abandoned when the last listener leaves
    before the end. ``finished`` is then told None, as after an error; otherwise the
    whole audio.
    """

    def __init__(self, source: AsyncIterator[Pcm], finished: Callable[[Pcm | None], None]) -> None:
        self._source = source
        self._finished = finished
        self._chunks: list[Pcm] = []
        self._error: SpeechError | None = None
        self._done = False
        self._news = asyncio.Event()
        self._listeners = 0
        self._live = False
        self._task: asyncio.Task[None] | None = None

    @property
    def live(self) -> bool:
        """Whether a caller waits for this, now or before."""
        return self._live

    def join(self, *, live: bool = True) -> None:
        """Count one more listener; each must ``leave``. ``live``: a caller is waiting."""
        self._listeners += 1
        self._live = self._live or live
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def leave(self) -> None:
        """Count one listener less."""
        self._listeners -= 1
        if self._listeners == 0 and self._task is not None and not self._done:
            # Told at once: whoever asks for the same clause next must not join a corpse.
            self._end(None, SpeechError("abandoned"))
            self._task.cancel()

    async def chunks(self, clock: Clock, timeout_s: float) -> AsyncGenerator[Pcm, None]:
        """All chunks from the first on; raises ``SpeechError`` where one takes too long."""
        position = 0
        while True:
            while position < len(self._chunks):
                yield self._chunks[position]
                position += 1
            if self._error is not None:
                raise SpeechError(str(self._error)) from self._error
            if self._done:
                return
            await self._wait(clock, timeout_s)

    async def _wait(self, clock: Clock, timeout_s: float) -> None:
        news = asyncio.ensure_future(self._news.wait())
        limit = asyncio.ensure_future(clock.sleep(timeout_s))
        try:
            await asyncio.wait((news, limit), return_when=asyncio.FIRST_COMPLETED)
            if not news.done():
                raise SpeechError(f"no audio in {timeout_s:g} s")
        finally:
            news.cancel()
            limit.cancel()

    async def _run(self) -> None:
        try:
            async for chunk in self._source:
                self._chunks.append(chunk)
                self._news.set()
                self._news = asyncio.Event()
        except SpeechError as error:
            self._end(None, error)
        except Exception as error:
            self._end(None, SpeechError(f"{type(error).__name__}: {error}"))
        else:
            self._end(np.concatenate(self._chunks) if self._chunks else np.zeros(0, np.int16))

    def _end(self, pcm: Pcm | None, error: SpeechError | None = None) -> None:
        if self._done:
            return
        self._done, self._error = True, error
        self._finished(pcm)
        self._news.set()
