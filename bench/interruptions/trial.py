"""One moment, tried on a whole call in virtual time: the real ears and the real dialogue.

The agent is a stand-in that says one long sentence; voice activity, recognition and
everything that decides are the real thing. The clock stands still while the recognizer
works and then counts ``RECOGNITION_SECONDS`` for it, so the machine's speed is no part
of the outcome.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

import numpy as np

from annie.agent.protocols import Say
from annie.calls.ports import EarsListener
from annie.kit.clock import VirtualClock
from annie.kit.language import Language
from annie.kit.link import FRAME_SAMPLES
from annie.speech.ears import CallEars, Ears, VoiceActivity
from annie.speech.protocols import Pcm, Recognition, SpeechToText, Transcript, VoiceStyle
from bench.interruptions.corpus import Moment
from bench.voices import through_g711
from tests.calls.fakes import Call, FakeLeg
from tests.calls.session_support import says

SENTENCES: Final = {
    Language.ENGLISH: "We are open from Monday to Friday from nine to five, on Saturday from ten "
    "to two, and you will find us beside the old station.",
    Language.SPANISH: "Abrimos de lunes a viernes de nueve a cinco, los sábados de diez a dos, y "
    "nos encontrará al lado de la antigua estación.",
    Language.FRENCH: "Nous sommes ouverts du lundi au vendredi de neuf heures à dix-sept heures, "
    "le samedi de dix heures à quatorze heures, à côté de la gare.",
}
#: What she says next; it only matters that it is something else.
ANSWER: Final = {
    Language.ENGLISH: "All right.",
    Language.SPANISH: "De acuerdo.",
    Language.FRENCH: "Très bien.",
}
RECOGNITION_SECONDS: Final = 0.3
#: How far she has come when the moment begins.
_BEGINS_SECONDS: Final = 1.4
_LONGEST_SECONDS: Final = 25.0
_FRAME_MS: Final = 20
_NOISE_LEVEL: Final = 8


@dataclass(slots=True, frozen=True)
class Outcome:
    """What happened, in ms of the call.

    ``stop_ms`` is the time from the moment's first sound until she was first silent
    (None: never); ``given_up`` says that she didn't go on; ``pauses_ms`` are the
    silences after which she did; ``words`` is what was recognized. ``lost_ms`` is what
    was never heard of a sentence that she wasn't made to give up.
    """

    moment: Moment
    stop_ms: float | None
    given_up: bool
    pauses_ms: tuple[float, ...]
    words: str
    lost_ms: float


class _Line(FakeLeg):
    """A caller's line that carries the moment, line noise and, if wanted, her echo."""

    def __init__(self, moment: Moment) -> None:
        super().__init__()
        self._noise = np.random.default_rng(len(moment.name))
        self._echo = moment.echo
        self._delayed: deque[Pcm] = deque()
        if moment.echo is not None:
            frames = moment.echo.delay_ms // _FRAME_MS
            self._delayed.extend(np.zeros(FRAME_SAMPLES, np.int16) for _ in range(frames))
        self._smooth = 0.0
        self._frames: deque[Pcm] = deque()
        self.sounding: list[bool] = []

    def begin(self, audio: Pcm) -> None:
        """The caller's ``audio`` begins with the next tick."""
        whole = np.pad(audio, (0, -len(audio) % FRAME_SAMPLES))
        self._frames.extend(whole.reshape(-1, FRAME_SAMPLES))

    def caller_frame(self) -> Pcm:
        sounding = self.played_samples > FRAME_SAMPLES * sum(self.sounding)
        self.sounding.append(sounding)
        frame = self._noise.standard_normal(FRAME_SAMPLES) * _NOISE_LEVEL
        if self._frames:
            frame += self._frames.popleft()
        if self._echo is not None:
            self._delayed.append(self.heard[-1] if sounding else np.zeros(FRAME_SAMPLES, np.int16))
            back = self._delayed.popleft() * 10 ** (-self._echo.loss_db / 20)
            frame += self._low_passed(back) if self._echo.low_pass else back
        return through_g711(np.clip(frame, -32768, 32767).astype(np.int16))

    def _low_passed(self, samples: np.ndarray) -> np.ndarray:
        """One pole at about 1 kHz: a handset's housing."""
        passed = np.empty(len(samples))
        for at, sample in enumerate(samples):
            self._smooth += 0.55 * (float(sample) - self._smooth)
            passed[at] = self._smooth
        return passed


class _Mouth:
    """Sentences synthesized beforehand."""

    def __init__(self, sentences: Mapping[str, Pcm]) -> None:
        self._sentences = sentences

    async def speak(self, text: str, language: Language, style: VoiceStyle) -> AsyncIterator[Pcm]:
        yield self._sentences[text]


@dataclass(eq=False)
class _TimedRecognizer:
    """The recognizer, with its work done while the virtual clock stands still."""

    engine: SpeechToText
    clock: VirtualClock
    working: set[asyncio.Task[Transcript]] = field(default_factory=set[asyncio.Task[Transcript]])
    heard: list[str] = field(default_factory=list[str])
    busy: int = 0

    @property
    def idle(self) -> bool:
        return not self.busy

    def open(self, language: Language, hints: Sequence[str] = ()) -> Recognition:
        return cast(Recognition, _TimedRecognition(self, self.engine.open(language, hints)))


class _TimedRecognition:
    def __init__(self, owner: _TimedRecognizer, recognition: Recognition) -> None:
        self._owner = owner
        self._recognition = recognition
        self.feed: Callable[[Pcm], None] = recognition.feed
        self.close: Callable[[], None] = recognition.close

    @property
    def partial(self) -> str:
        return ""

    async def finish(self) -> Transcript:
        owner = self._owner
        task = asyncio.ensure_future(self._recognition.finish())
        owner.working.add(task)
        owner.busy += 1
        try:
            transcript = await task
            await owner.clock.sleep(RECOGNITION_SECONDS)
        finally:
            owner.working.discard(task)
            owner.busy -= 1
        owner.heard.append(transcript.text)
        return transcript


class _Listening:
    """Opens the real ears of a call."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears

    def open(
        self, language: Language, listener: EarsListener, hints: Sequence[str] = ()
    ) -> CallEars:
        return self._ears.open(language, listener, hints)


async def tried(
    moment: Moment,
    sentences: Mapping[str, Pcm],
    activity: VoiceActivity,
    recognizer: SpeechToText,
) -> Outcome:
    """What happens in ``moment``; ``sentences`` are ``SENTENCES`` and ``ANSWER`` as sound."""
    call = Call()
    line = _Line(moment)
    call.leg = line
    timed = _TimedRecognizer(recognizer, call.clock)
    ears = Ears(activity, timed, call.clock)
    call.ears = cast(Any, _Listening(ears))
    call.mouth = cast(Any, _Mouth(sentences))
    sentence = SENTENCES[moment.language]
    call.agent.language = moment.language
    call.agent.greeting = [Say(sentence)]
    call.agent.answer = says(Say(ANSWER[moment.language]))
    call.decision = replace(call.answering(), language=moment.language)
    call.start()
    whole = -len(sentences[sentence]) % FRAME_SAMPLES + len(sentences[sentence])
    begun_at: int | None = None
    while len(line.sounding) * _FRAME_MS < _LONGEST_SECONDS * 1000:
        await call.clock.advance(_FRAME_MS / 1000)
        if begun_at is None and line.played_samples >= _BEGINS_SECONDS * 8000:
            begun_at = len(line.sounding)
            line.begin(moment.audio)
        line.tick()
        ears.process()
        await asyncio.sleep(0)
        if timed.working:
            await asyncio.wait(timed.working, timeout=30)
        if begun_at is not None and (call.agent.turns or _over(line, whole)):
            break
    given_up = bool(call.agent.turns)
    line.end("caller")
    await call.over()
    silent = _silences(line.sounding[begun_at or 0 :], given_up=given_up)
    heard = "" if not call.agent.turns else call.agent.turns[0].text
    return Outcome(
        moment,
        silent[0][0] if silent else None,
        given_up,
        tuple(length for _, length in silent),
        heard or " / ".join(dict.fromkeys(filter(None, timed.heard))),
        0.0 if given_up else max(0, whole - line.played_samples) / 8,
    )


def _over(line: _Line, samples: int) -> bool:
    return line.played_samples >= samples and not any(line.sounding[-75:])


def _silences(sounding: Sequence[bool], *, given_up: bool) -> list[tuple[float, float]]:
    """Start and length in ms of each silence, but for the one after her whole sentence."""
    found: list[tuple[float, float]] = []
    start: int | None = None
    for at, sound in enumerate(sounding):
        if not sound and start is None:
            start = at
        elif sound and start is not None:
            found.append((start * _FRAME_MS, (at - start) * _FRAME_MS))
            start = None
    if start is not None and given_up:
        found.append((start * _FRAME_MS, (len(sounding) - start) * _FRAME_MS))
    return found
