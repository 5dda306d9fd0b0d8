"""Ears without models: whole dialogues in virtual time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from annie.kit.clock import Clock, VirtualClock
from annie.kit.language import Language
from annie.speech.ears import CallEars, Ears
from annie.speech.ears.activity import Float
from annie.speech.protocols import CallerTurn, Pcm, SpeechError, Transcript

FRAME = 160


def voice(seconds: float, level: int = 6000) -> Pcm:
    """What ``EnergyActivity`` takes for speech; each 20 ms differ, so snapshots do."""
    count = int(seconds * 8000)
    return np.where(np.arange(count) % 2, level, -level).astype(np.int16)


def silence(seconds: float) -> Pcm:
    return np.zeros(int(seconds * 8000), np.int16)


class EnergyActivity:
    """A ``VoiceActivity`` for which whatever is louder than −36 dB is speech."""

    def __init__(self) -> None:
        self.opened = 0
        self.batches: list[int] = []

    def open(self) -> int:
        self.opened += 1
        return self.opened

    def close(self, row: int) -> None:
        self.opened -= 1

    def probabilities(self, rows: Sequence[int], windows: Float) -> Float:
        self.batches.append(len(rows))
        level = np.sqrt(np.mean(windows * windows, axis=1))
        return (level > 0.016).astype(np.float32)


class ScriptedActivity(EnergyActivity):
    """Probabilities as written down, one a window; zero afterwards."""

    def __init__(self, probabilities: Sequence[float]) -> None:
        super().__init__()
        self._script = list(probabilities)

    def probabilities(self, rows: Sequence[int], windows: Float) -> Float:
        return np.array([self._script.pop(0) if self._script else 0.0 for _ in rows], np.float32)


@dataclass
class FakeSpeechToText:
    """A ``SpeechToText`` that answers with what it was told to.

    ``script`` holds a text, or an error to raise, for each ``finish`` in order; its last
    entry repeats. Silence (all samples under 100) is nothing, as for a real engine.
    """

    script: list[str | SpeechError]
    clock: Clock | None = None
    seconds: float = 0.0
    confidence: float = 0.9
    asked: list[tuple[float, tuple[str, ...]]] = field(
        default_factory=list[tuple[float, tuple[str, ...]]]
    )
    finished: int = 0
    closed: int = 0
    idle: bool = True

    def open(self, language: Language, hints: Sequence[str] = ()) -> "FakeRecognition":
        return FakeRecognition(self, language, tuple(hints))


class FakeRecognition:
    def __init__(self, engine: FakeSpeechToText, language: Language, hints: tuple[str, ...]):
        self._engine = engine
        self._language = language
        self._hints = hints
        self._audio: list[Pcm] = []

    def feed(self, pcm: Pcm) -> None:
        self._audio.append(pcm)

    @property
    def partial(self) -> str:
        return ""

    async def finish(self) -> Transcript:
        engine = self._engine
        audio = np.concatenate(self._audio) if self._audio else silence(0)
        engine.asked.append((len(audio) / 8000, self._hints))
        answer = engine.script.pop(0) if len(engine.script) > 1 else engine.script[0]
        if engine.clock is not None:
            await engine.clock.sleep(engine.seconds)
        else:
            await asyncio.sleep(0)
        if isinstance(answer, SpeechError):
            raise answer
        engine.finished += 1
        heard = bool(len(audio)) and int(np.abs(audio).max()) >= 100
        return Transcript(
            answer if heard else "", self._language, engine.confidence if heard and answer else 0.0
        )

    def close(self) -> None:
        self._engine.closed += 1


class Notes:
    """An ``EarListener`` that writes down what it is told, and when."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.starts: list[float] = []
        self.turns: list[CallerTurn] = []
        self.turned_at: list[float] = []

    def on_speech_started(self) -> None:
        self.starts.append(self._clock.monotonic())

    def on_turn(self, turn: CallerTurn) -> None:
        self.turns.append(turn)
        self.turned_at.append(self._clock.monotonic())


async def hear(ears: Ears, clock: VirtualClock, *lines: tuple[CallEars, Pcm]) -> None:
    """Feed each call its audio, 20 ms a tick of the virtual clock."""
    ticks = max(len(pcm) for _, pcm in lines) // FRAME
    for tick in range(ticks):
        for call, pcm in lines:
            frame = pcm[tick * FRAME : (tick + 1) * FRAME]
            if len(frame) == FRAME:
                call.feed(frame)
        ears.process()
        await clock.advance(0.02)
