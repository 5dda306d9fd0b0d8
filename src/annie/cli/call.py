"""``annie call``: a caller in the terminal.

It dials over SIP like any phone, speaks with a synthesized voice, and prints what it
*hears*: Annie's side of the transcript is recognized from the audio that arrived, so
what stands there is what a caller would have understood.
"""

import asyncio
import contextlib
import logging
import sys
import time
import wave

import numpy as np
import soundfile
import soxr

from annie.cli.listening import GuessingRecognizer
from annie.cli.plan import CallPlan, Step
from annie.edge.caller import Caller, CallFailed
from annie.kit.clock import SystemClock
from annie.kit.language import Language, VoiceId
from annie.kit.settings import Settings
from annie.speech.ears.ears import Ears
from annie.speech.engines.nano_tts import NanoTts
from annie.speech.engines.silero import SileroVoiceActivity
from annie.speech.engines.whisper import WhisperRecognizer
from annie.speech.mouth.mouth import Mouth
from annie.speech.protocols import CallerTurn, Expectation, Pcm, SpeechError, VoiceStyle

EXIT_NORMAL, EXIT_FAILED, EXIT_UNUSABLE = 0, 1, 2

#: Silence after Annie's words before the caller speaks, and before it hangs up at the end.
PATIENCE_SECONDS = 0.6
FAREWELL_SECONDS = 2.0
#: Nothing heard for this long: the caller goes on regardless.
UNHEARD_SECONDS = 12.0
FRAME_SECONDS = 0.02


def call(settings: Settings, plan: CallPlan) -> int:
    """Place the call; 0 when it ended normally, 1 when it didn't, 2 for unusable arguments."""
    try:
        files = {step.value: _read_audio(step.value) for step in plan.steps if step.kind == "wav"}
    except (OSError, soundfile.LibsndfileError) as error:
        print(f"annie: can't read the audio: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    for step in plan.steps:
        if step.kind == "digits" and not set(step.value) <= set("0123456789*#ABCDabcd"):
            print(f"annie: {step.value!r} has keys that no telephone has", file=sys.stderr)
            return EXIT_UNUSABLE
    if settings.log_level != "DEBUG":
        # Who watches a conversation has no use for warnings of the machinery beneath it.
        logging.getLogger("annie").setLevel(logging.ERROR)
    try:
        return asyncio.run(_Conversation(settings, plan, files).run())
    except KeyboardInterrupt:
        return EXIT_FAILED


def _read_audio(name: str) -> Pcm:
    samples, rate = soundfile.read(name, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    return (soxr.resample(mono, rate, 8000) * 32767).clip(-32768, 32767).astype(np.int16)


#: A shorter sound without words is none.
WORTH_MENTIONING_SECONDS = 0.6
#: Nobody waits for the transcript as a caller does for an answer: rather late than missing.
HEARING_SECONDS = 15.0


class _AnnieHungUp(Exception):  # noqa: N818 - an end of the call, not an error
    """The far end said BYE."""


class _Conversation:
    """One call: listens to Annie, speaks when she has finished."""

    def __init__(self, settings: Settings, plan: CallPlan, files: dict[str, Pcm]) -> None:
        self._plan = plan
        self._files = files
        self._address = settings.sip
        self._began = time.monotonic()
        self._heard_at = time.monotonic()
        self._unfinished = False
        self._turn = asyncio.Event()
        self._recording: list[Pcm] = []

    # -- what the ears tell --

    def on_speech_started(self) -> None:
        self._unfinished = True
        self._turn.clear()

    def on_turn(self, turn: CallerTurn) -> None:
        self._unfinished = False
        self._heard_at = time.monotonic()
        length = turn.timings.speech_end - turn.timings.speech_start
        if turn.text or length >= WORTH_MENTIONING_SECONDS:
            self._print("Annie ", turn.text or "(not understood)")
        self._turn.set()

    # -- the call --

    async def run(self) -> int:
        clock = SystemClock()
        recognizer = WhisperRecognizer()
        listener = GuessingRecognizer(recognizer, self._plan.language)
        mouth_engine = NanoTts()
        try:
            await asyncio.gather(recognizer.warm(), mouth_engine.start())
        except SpeechError as error:
            print(f"annie: {error}", file=sys.stderr)
            return EXIT_FAILED
        ears = Ears(SileroVoiceActivity(), listener, clock, bound=HEARING_SECONDS)
        mouth = Mouth(mouth_engine, clock)
        hearing = ears.open(self._plan.language or Language.ENGLISH, self)
        # Annie pauses between sentences as people do in dictation.
        hearing.expect(Expectation.NAME)

        def on_frame(frame: bytes, _lost: bool) -> None:
            pcm = np.frombuffer(frame, dtype="<i2").astype(np.int16)
            if self._plan.record:
                self._recording.append(pcm)
            hearing.feed(pcm)
            ears.process()

        caller = Caller(on_frame)
        status = EXIT_FAILED
        try:
            async with asyncio.timeout(self._plan.timeout):
                self._print("", f"dialling {self._plan.target}")
                await caller.start(self._address[0])
                await caller.dial(self._uri(), from_user=self._plan.caller, via=self._via())
                self._print("", "answered")
                self._heard_at = time.monotonic()
                await self._talk(caller, mouth, listener)
            status = EXIT_NORMAL
        except _AnnieHungUp:
            status = EXIT_NORMAL
            self._print("", "Annie hung up")
        except (CallFailed, ValueError) as error:
            self._print("", f"call failed: {error}")
        except TimeoutError:
            self._print("", f"hung up after {self._plan.timeout:.0f} s")
        except SpeechError as error:
            print(f"annie: {error}", file=sys.stderr)
        except OSError as error:
            print(f"annie: can't place the call: {error}", file=sys.stderr)
        finally:
            if self._unfinished:
                # The last words may still be with the recognizer when the line goes down.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._turn.wait(), HEARING_SECONDS)
            hearing.close()
            await caller.close()
            await mouth_engine.close()
            recognizer.close()
            self._save()
        return status

    async def _talk(self, caller: Caller, mouth: Mouth, listener: GuessingRecognizer) -> None:
        await self._until_quiet(caller, PATIENCE_SECONDS)
        if self._plan.steps:
            for step in self._plan.steps:
                await self._perform(step, caller, mouth, listener)
                await self._until_quiet(caller, PATIENCE_SECONDS)
            await self._until_quiet(caller, FAREWELL_SECONDS)
        else:
            print("Type what you want to say; an empty line hangs up.", file=sys.stderr)
            await self._typed(caller, mouth, listener)
        caller.hang_up()
        self._print("", "hung up")

    async def _typed(self, caller: Caller, mouth: Mouth, listener: GuessingRecognizer) -> None:
        while True:
            reading = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
            ending = asyncio.create_task(caller.wait_ended())
            await asyncio.wait({reading, ending}, return_when="FIRST_COMPLETED")
            if caller.ended:
                raise _AnnieHungUp
            ending.cancel()
            line = reading.result().strip()
            if not line:
                return
            await self._perform(Step("say", line), caller, mouth, listener)

    async def _perform(
        self, step: Step, caller: Caller, mouth: Mouth, listener: GuessingRecognizer
    ) -> None:
        self._turn.clear()
        if step.kind == "digits":
            self._print("Caller", f"[{step.value}]")
            caller.send_digits(step.value.upper())
        elif step.kind == "wav":
            self._print("Caller", f"[{step.value}]")
            caller.play(self._files[step.value].astype("<i2").tobytes())
        else:
            self._print("Caller", step.value)
            style = VoiceStyle(VoiceId.CALM_REASSURING)
            async for chunk in mouth.speak(step.value, listener.language, style):
                caller.play(chunk.astype("<i2").tobytes())
        while caller.queued_frames and not caller.ended:  # noqa: ASYNC110 - the line has no event
            await asyncio.sleep(FRAME_SECONDS)
        self._heard_at = time.monotonic()

    async def _until_quiet(self, caller: Caller, silence: float) -> None:
        """Until Annie has said something and then nothing for ``silence`` seconds.

        Raises:
            _AnnieHungUp: the call is over.
        """
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(caller.wait_ended(), 0.1)
            if caller.ended:
                raise _AnnieHungUp
            since = time.monotonic() - self._heard_at
            patience = silence if self._turn.is_set() else UNHEARD_SECONDS
            if not self._unfinished and since >= patience:
                return

    def _uri(self) -> str:
        target = self._plan.target
        if target.startswith(("sip:", "sips:")):
            return target
        host, port = self._address
        return f"sip:{target.removeprefix('tel:')}@{host}:{port}"

    def _via(self) -> tuple[str, int] | None:
        return None if self._plan.target.startswith(("sip:", "sips:")) else self._address

    def _print(self, who: str, text: str) -> None:
        at = time.monotonic() - self._began
        label = f"{who}: " if who else "-- "
        print(f"{at:6.1f}  {label}{text}", flush=True)

    def _save(self) -> None:
        if self._plan.record is None:
            return
        audio = np.concatenate([*self._recording, np.zeros(0, np.int16)])
        with wave.open(str(self._plan.record), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(audio.astype("<i2").tobytes())
