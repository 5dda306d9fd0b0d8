"""A baresip telephone whose hands and ears are the test's."""

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType

import baresip
import numpy as np
from baresip.call import Call, CallState
from baresip.config import Config
from baresip.events import StackEvent
from baresip.runtime import Runtime
from baresip.ua import UserAgent

from annie.kit.language import Language, VoiceId
from annie.speech.engines.nano_tts import NanoTts
from annie.speech.engines.whisper import WhisperRecognizer
from annie.speech.protocols import Pcm, VoiceStyle

FRAME = 320
#: Mean absolute level above which 20 ms count as sound, well over line noise.
AUDIBLE = 120


async def _until(condition: Callable[[], bool], timeout: float) -> None:
    # The library has no event for these: its audio side is a buffer that one asks.
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


class BaresipCall:
    """One call: what it says is queued, what it hears is kept."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.heard: list[bytes] = []
        self._outgoing = bytearray()
        self._pump = asyncio.create_task(self._run())
        self._mark = 0

    @property
    def ended(self) -> bool:
        return self.call.state is CallState.CLOSED

    async def _run(self) -> None:
        while not self.ended:
            with contextlib.suppress(baresip.AudioNotActive, baresip.AudioRestarted):
                while data := self.call.audio.read(FRAME):
                    self.heard.append(data)
                if self._outgoing and self.call.audio.info().tx_buffered < 4 * FRAME:
                    taken = self.call.audio.write(bytes(self._outgoing[: 4 * FRAME]))
                    del self._outgoing[:taken]
            await asyncio.sleep(0.01)

    def play(self, pcm: Pcm) -> None:
        self._outgoing += pcm.astype("<i2").tobytes()

    async def sent(self, timeout: float = 30.0) -> None:
        """Wait until everything played has left."""
        await _until(lambda: not self._outgoing, timeout)

    def _samples(self) -> Pcm:
        return np.frombuffer(b"".join(self.heard), dtype="<i2").astype(np.int16)

    async def listen(self, quiet: float = 1.2, timeout: float = 20.0) -> Pcm:
        """What Annie says next: from the last ``listen`` to ``quiet`` seconds of silence."""
        async with asyncio.timeout(timeout):
            while True:
                pcm = self._samples()[self._mark :]
                frames = len(pcm) // 160
                levels = np.abs(pcm[: frames * 160].reshape(frames, 160).astype(int)).mean(axis=1)
                loud = np.flatnonzero(levels > AUDIBLE)
                silent = frames - 1 - int(loud[-1]) if len(loud) else 0
                if len(loud) > 5 and (silent * 0.02 >= quiet or self.ended):
                    self._mark += len(pcm)
                    return pcm
                if self.ended:
                    raise AssertionError("the call ended before Annie said anything more")
                await asyncio.sleep(0.05)

    def forget(self) -> None:
        """Let the next ``listen`` begin here."""
        self._mark = len(self._samples())

    async def until_sounding(self) -> None:
        """Wait until Annie is heard for 100 ms after the last ``listen``."""
        await _until(
            lambda: (np.abs(self._samples()[self._mark :].astype(int)) > AUDIBLE).sum() > 800, 30.0
        )

    async def until_silent(self, quiet: float, timeout: float) -> float:
        """Seconds from now until ``quiet`` seconds of silence began."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.timeout(timeout):
            while True:
                pcm = self._samples()[-int(quiet * 8000) :]
                if len(pcm) and np.abs(pcm.astype(int)).mean() < AUDIBLE:
                    return loop.time() - began - quiet
                await asyncio.sleep(0.01)

    async def until_ended(self, timeout: float = 20.0) -> None:
        await _until(lambda: self.ended, timeout)

    async def hang_up(self) -> None:
        with contextlib.suppress(baresip.BaresipError):
            await self.call.hangup()
        await self.until_ended()


class BaresipPhone:
    """The user agent; use as an async context manager."""

    def __init__(
        self,
        sip_port: int,
        user: str = "2025550199",
        codecs: str = "PCMU/8000/1,PCMA/8000/1",
        transport: str = "udp",
        account: str = "",
    ) -> None:
        self._sip_port = sip_port
        self._codecs = codecs
        self._transport = transport
        self._user = user
        self._account = f";{account}" if account else ""
        self._runtime = Runtime()
        self._agent: UserAgent | None = None

    async def __aenter__(self) -> "BaresipPhone":
        await self._runtime.start(
            Config(
                net_interface="127.0.0.1",
                max_concurrent_calls=None,
                extra_config_text="audio_jitter_buffer_type off\nsip_listen 127.0.0.1:0\n",
            )
        )
        self._agent = await UserAgent.create(
            self._runtime,
            f"<sip:{self._user}@127.0.0.1>;regint=0;audio_codecs={self._codecs}{self._account}",
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runtime.close()

    async def dial(self, number: str) -> BaresipCall:
        """Ring and wait until answered; raises baresip's own errors otherwise."""
        assert self._agent is not None
        target = f"sip:{number}@127.0.0.1:{self._sip_port};transport={self._transport}"
        early: list[StackEvent] = []
        self._runtime.subscribe(early.append)
        try:
            call = await self._agent.dial(target)
            # A call that is answered at once has no listener of its own yet: tell it.
            for event in early:
                call._on_stack_event(event)  # pyright: ignore[reportPrivateUsage]
        finally:
            self._runtime.unsubscribe(early.append)
        await call.wait_established(15.0)
        return BaresipCall(call)


class Interpreter:
    """Gives the tests a voice and ears in the three languages."""

    def __init__(self) -> None:
        self.recognizer = WhisperRecognizer()

    async def speech(self, text: str, language: Language) -> Pcm:
        style = VoiceStyle(VoiceId.CALM_REASSURING)
        # An engine belongs to one event loop, and each test has its own.
        voice = NanoTts()
        try:
            chunks = [chunk async for chunk in voice.synthesize(text, language, style)]
        finally:
            await voice.close()
        return np.concatenate(chunks)

    async def text(self, pcm: Pcm, language: Language) -> str:
        recognition = self.recognizer.open(language)
        recognition.feed(pcm)
        transcript = await recognition.finish()
        recognition.close()
        return transcript.text
