"""Starts edge, voice and app, and starts again whichever of them ends.

A child says on its standard output that it is ready, in one line
``<name>_ready``. The first restart is immediate, because a killed process should
be back before a caller gives up; a child that keeps dying is retried with growing
pauses, so that a broken installation doesn't burn a core.
"""

import asyncio
import contextlib
import ctypes
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annie.kit.heartbeat import SUPERVISED

logger = logging.getLogger(__name__)

#: Exit status of a child whose configuration can't work: trying again won't help.
EXIT_UNUSABLE = 2
#: A child that lived this long was healthy; its next death is restarted at once.
HEALTHY_SECONDS = 10.0
PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)

_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    """One supervised process. ``drain_seconds`` is how long it may take to end by itself.

    One with ``alive_seconds`` says ``<name>_alive`` about once a second from the moment it
    is ready; after so long without, it is killed and started again.
    """

    name: str
    command: Sequence[str]
    drain_seconds: float
    alive_seconds: float | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    process: asyncio.subprocess.Process | None = None
    ready: bool = False
    starts: int = 0


class Unusable(Exception):  # noqa: N818 - it names a state of a child
    """A child refused its configuration; its own words are on standard error already."""


class Supervisor:
    """Keeps the children running until it is told to stop.

    ``status_file`` always holds which children are ready, as JSON, for the health check.
    """

    def __init__(
        self,
        children: Sequence[Child],
        status_file: Path,
        on_event: Callable[[str, str], None] = lambda name, what: None,
    ) -> None:
        self._children = list(children)
        self._status_file = status_file
        self._on_event = on_event
        self._stopping = asyncio.Event()
        self._kill = asyncio.Event()
        self._all_ready = asyncio.Event()
        self._unusable: Child | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Begin starting all children at once."""
        self._write_status()
        for child in self._children:
            self._tasks[child.name] = asyncio.create_task(self._keep(child), name=child.name)

    async def wait_ready(self, timeout: float) -> bool:
        """True once every child is ready; False after ``timeout`` seconds or when told to stop.

        Raises:
            Unusable: a child can't work with the configuration it was given.
        """
        ready = asyncio.create_task(self._all_ready.wait())
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({ready, stop}, timeout=timeout, return_when="FIRST_COMPLETED")
        finally:
            ready.cancel()
            stop.cancel()
        if self._unusable is not None:
            raise Unusable(self._unusable.name)
        return self._all_ready.is_set()

    def request_stop(self) -> None:
        """First call: drain. Second call: end the children now."""
        if self._stopping.is_set():
            self._kill.set()
        self._stopping.set()

    async def wait_stopped(self) -> None:
        """Wait for ``request_stop``, then end the children in their order, each with its drain."""
        await self._stopping.wait()
        for child in self._children:
            await self._end(child)
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        with contextlib.suppress(FileNotFoundError):
            self._status_file.unlink()
        if self._unusable is not None:
            raise Unusable(self._unusable.name)

    async def _keep(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        deaths = 0
        while not self._stopping.is_set():
            began = loop.time()
            status = await self._run(child)
            if self._stopping.is_set():
                return
            if status == EXIT_UNUSABLE:
                self._unusable = child
                self._stopping.set()
                return
            deaths = 1 if loop.time() - began > HEALTHY_SECONDS else deaths + 1
            pause = PAUSES[min(deaths, len(PAUSES)) - 1]
            logger.warning(
                "child_restarted",
                extra={"child": child.name, "status": status, "pause_seconds": pause},
            )
            self._on_event(child.name, f"ended with status {status}; starting it again")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _run(self, child: Child) -> int:
        process = await asyncio.create_subprocess_exec(
            *child.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, SUPERVISED: "1", **child.environment},
            preexec_fn=_die_with_parent,
            start_new_session=True,
        )
        child.process = process
        child.starts += 1
        self._on_event(child.name, "starting")
        try:
            assert process.stdout is not None  # noqa: S101 - a pipe was asked for
            while line := await self._line(child, process.stdout):
                text = line.decode(errors="replace").strip()
                if text.startswith(f"{child.name}_ready"):
                    self._set_ready(child, True)
                elif text and text != f"{child.name}_alive":
                    self._on_event(child.name, text)
            return await process.wait()
        finally:
            self._set_ready(child, False)

    async def _line(self, child: Child, output: asyncio.StreamReader) -> bytes:
        """The child's next line; empty at its end, which is brought about when it stands still."""
        bound = child.alive_seconds if child.ready else None
        try:
            return await asyncio.wait_for(output.readline(), bound)
        except TimeoutError:
            logger.error("child_stands_still", extra={"child": child.name, "seconds": bound})
            if child.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    child.process.kill()
            return b""

    def _set_ready(self, child: Child, ready: bool) -> None:
        if child.ready == ready:
            return
        child.ready = ready
        self._write_status()
        if ready:
            self._on_event(child.name, "ready")
        if all(each.ready for each in self._children):
            self._all_ready.set()
        else:
            self._all_ready.clear()

    def _write_status(self) -> None:
        status = {child.name: child.ready for child in self._children}
        temporary = self._status_file.with_suffix(".tmp")
        temporary.write_text(json.dumps({"pid": os.getpid(), "ready": status}))
        temporary.replace(self._status_file)

    async def _end(self, child: Child) -> None:
        process = child.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        ended = asyncio.create_task(process.wait())
        kill = asyncio.create_task(self._kill.wait())
        await asyncio.wait(
            {ended, kill}, timeout=child.drain_seconds, return_when="FIRST_COMPLETED"
        )
        kill.cancel()
        if not ended.done():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await ended


def _die_with_parent() -> None:
    """In the child: end when the supervisor is killed, so that no port stays taken."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
