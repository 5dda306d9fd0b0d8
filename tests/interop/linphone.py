"""Linphone's console phone with files for microphone and loudspeaker."""

import asyncio
import contextlib
import os
import shutil
import socket
import wave
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
import pytest

from annie.speech.protocols import Pcm
from tests.interop.annie_server import free_port

#: Samples above this are somebody's voice, not the noise of a line.
AUDIBLE = 400

needs_linphone = pytest.mark.skipif(
    shutil.which("linphonec") is None, reason="Linphone is not installed (linphone-cli)"
)

_SETTINGS = """[sip]
sip_port={port}
sip_tcp_port=0
use_ipv6=0
bind_address=127.0.0.1
contact=sip:{user}@127.0.0.1
use_info={info}
use_rfc2833={rfc4733}
[rtp]
audio_rtp_port={rtp}
"""


class Linphone:
    """The phone; every method is a line typed at its prompt."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path, port: int) -> None:
        self._process = process
        self._folder = folder
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())
        self._mark = 0
        self.port = port
        self.screen: list[str] = []

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            text = line.decode(errors="replace").rstrip()
            self.screen.append(text)
            self._lines.put_nowait(text)

    def type(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    async def until(self, words: str) -> None:
        """Wait until its screen says this."""
        try:
            async with asyncio.timeout(15):
                while words not in await self._lines.get():
                    pass
        except TimeoutError:
            raise AssertionError(f"{words!r} was never said:\n" + "\n".join(self.screen)) from None

    async def until_listening(self) -> None:
        """Wait until it has its SIP port."""
        # It says nothing when it is ready: only the port tells.
        async with asyncio.timeout(15):
            while _free(self.port):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    def say(self, pcm: Pcm) -> None:
        """Play this from now on, over and over."""
        path = self._folder / f"say-{len(list(self._folder.glob('say-*')))}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(pcm.astype("<i2").tobytes())
        self.type(f"play {path}")

    @property
    def heard(self) -> Pcm:
        """All that came out of the loudspeaker since the first call began."""
        path = self._folder / "heard.wav"
        data = path.read_bytes()[44:] if path.exists() else b""
        return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16)

    async def listen(self, quiet: float = 1.2, timeout: float = 20.0) -> Pcm:
        """What is said next: from the last ``listen`` to ``quiet`` seconds of silence."""
        async with asyncio.timeout(timeout):
            while True:
                pcm = self.heard[self._mark :]
                loud = np.flatnonzero(np.abs(pcm.astype(int)) > AUDIBLE)
                if len(loud) > 800 and len(pcm) - loud[-1] > quiet * 8000:
                    self._mark += len(pcm)
                    return pcm
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ConnectionError):
                self.type("quit")
            try:
                async with asyncio.timeout(10):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        await self._reading


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.asynccontextmanager
async def linphone(
    folder: Path,
    *arguments: str,
    says: Pcm | None = None,
    dtmf_by_info: bool = False,
    user: str = "linphone",
    settings: str = "",
) -> AsyncGenerator[Linphone]:
    """A phone on a free port of loopback, saying nothing unless ``says`` is given.

    ``settings`` are further lines of its configuration.
    """
    home = folder / "linphone"
    # Without a place for its database Linphone starts, but without SIP.
    (home / ".local/share/linphone").mkdir(parents=True)
    port = free_port()
    configuration = home / "linphonerc"
    basics = _SETTINGS.format(
        port=port,
        user=user,
        info=int(dtmf_by_info),
        rfc4733=int(not dtmf_by_info),
        rtp=free_port(),
    )
    configuration.write_text(basics + settings)
    process = await asyncio.create_subprocess_exec(
        *("linphonec", "-c", str(configuration), *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=home,
        env={**os.environ, "HOME": str(home), "TERM": "dumb"},
    )
    phone = Linphone(process, home, port)
    try:
        await phone.until_listening()
        phone.type("soundcard use files")
        phone.say(np.zeros(8000 * 60, np.int16) if says is None else says)
        phone.type(f"record {home / 'heard.wav'}")
        yield phone
    finally:
        await phone.close()
