"""One utterance on its way to the caller, and how much of it has arrived."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

import numpy as np

from annie.calls.reply import Reply
from annie.kit.link import FRAME_SAMPLES, SAMPLE_RATE
from annie.speech.protocols import Pcm

#: A speaking rate, for judging how much of a text was heard whose synthesis isn't done.
_SAMPLES_PER_CHARACTER: Final = SAMPLE_RATE // 15
#: A digit takes as long to say as so many letters.
_LETTERS_PER_DIGIT: Final = 5
#: How far back a held sentence is taken up again, to begin at a pause between words.
_REWIND: Final = SAMPLE_RATE * 6 // 10
_SENTENCE_END: Final = re.compile(r"[.?!](?=\s|$)")


@dataclass(slots=True, eq=False)
class Utterance:
    """A sentence or paragraph that Annie says.

    Positions are samples of ``CallLeg.played_samples``, which counts what the caller
    has heard since the call began.
    """

    text: str
    interruptible: bool = True
    #: The caller turn it answers, for the timings.
    reply: Reply | None = None
    #: Whether the caller has begun to hear it.
    started: bool = False
    #: All of its sound has been made (or given up).
    complete: bool = False
    pcm: list[Pcm] = field(default_factory=list[Pcm])
    samples: int = 0
    _given: int = 0
    _end: int = 0
    _heard: int = 0

    def add(self, sound: Pcm) -> None:
        """Its next sound has been made."""
        self.pcm.append(sound)
        self.samples += sound.size

    def given(self, samples: int, end: int) -> None:
        """The next ``samples`` of it were queued; the line will then stand at ``end``."""
        self._given += samples
        self._end = end

    def heard(self, played: int) -> int:
        """Samples of it the caller has heard when the line stands at ``played``."""
        return max(self._heard, self._given - max(0, self._end - played))

    def freeze(self, played: int) -> None:
        """The line's queue was emptied at ``played``: what wasn't heard is not given any more."""
        self._heard = self._given = self.heard(played)

    def rest(self) -> Pcm:
        """What wasn't heard, from the last short pause before; to be given again."""
        if not self.pcm or (self.complete and self._heard >= self.samples):
            return np.zeros(0, np.int16)
        sound = np.concatenate(self.pcm)
        self._given = _pause_before(sound, self._heard)
        return sound[self._given :]

    def heard_text(self, played: int) -> str:
        """The words the caller has heard, judged by time."""
        heard = self.heard(played)
        if not heard:
            return ""
        if self.complete and heard >= self.samples:
            return self.text
        passed = list(accumulate(_LETTERS_PER_DIGIT if c.isdigit() else 1 for c in self.text))
        guess = passed[-1] * _SAMPLES_PER_CHARACTER
        total = self.samples if self.complete else max(self.samples, guess)
        end = bisect_right(passed, passed[-1] * min(1.0, heard / total))
        words = self.text[:end]
        if end < len(self.text) and not self.text[end].isspace():
            words = words.rpartition(" ")[0]
        return words.rstrip()

    def asking(self, played: int) -> bool:
        """Whether the sentence that the line stands in at ``played`` is a question."""
        rest = self.text[len(self.heard_text(played)) :]
        end = _SENTENCE_END.search(rest)
        return self.text.rstrip().endswith("?") if end is None else end.group() == "?"


def _pause_before(sound: Pcm, position: int) -> int:
    """The quietest frame of the last bit before ``position``: a pause, if there was one."""
    first = max(0, position - _REWIND) // FRAME_SAMPLES
    last = position // FRAME_SAMPLES
    if last <= first:
        return first * FRAME_SAMPLES
    frames = sound[first * FRAME_SAMPLES : last * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    energy = np.square(frames.astype(np.float32)).sum(axis=1)
    return (first + int(energy.argmin())) * FRAME_SAMPLES
