"""Plays what Annie says into the line and knows how much of it was heard.

Positions are counted on the axis of ``CallLeg.played_samples``: samples the caller
has heard since the call began. What isn't heard yet is kept, so that an
interruption which turns out to be a cough costs nothing: *hold* silences the line
at once, *release* goes on from the last short pause before, *cut* gives the rest up.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, cast

import numpy as np

from annie.calls.limits import BoundExceeded, Limits, within
from annie.calls.ports import Mouth
from annie.calls.protocols import CallLeg
from annie.calls.utterance import Utterance
from annie.kit.clock import Clock
from annie.kit.language import Language
from annie.kit.link import FRAME_SAMPLES, SAMPLE_RATE
from annie.speech.protocols import Pcm, SpeechError, VoiceStyle


class MouthFailed(Exception):  # noqa: N818 - it names what happened
    """Neither the first nor the second try gave sound in time."""


class Speaker:
    """Annie's voice on one line.

    ``on_started`` is called when the first sample of an utterance has been heard,
    ``on_cut`` with the words that were heard when the rest is given up, each at most
    once an utterance.
    """

    def __init__(
        self,
        leg: CallLeg,
        mouth: Mouth,
        style: VoiceStyle,
        clock: Clock,
        limits: Limits,
        *,
        on_started: Callable[[Utterance], None],
        on_cut: Callable[[Utterance, str], None],
    ) -> None:
        self._leg = leg
        self._mouth = mouth
        self._style = style
        self._clock = clock
        self._limits = limits
        self._on_started = on_started
        self._on_cut = on_cut
        self._pending: deque[Utterance] = deque()
        self._held = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._released = asyncio.Event()
        self._released.set()

    @property
    def speaking(self) -> bool:
        """The caller hears her, or is about to."""
        return not self._held and any(each.samples for each in self._pending)

    @property
    def held(self) -> bool:
        """She was silenced and may yet go on."""
        return self._held

    @property
    def interruptible(self) -> bool:
        """What she is saying now may be interrupted."""
        return not self._pending or self._pending[0].interruptible

    @property
    def asking(self) -> bool:
        """The sentence that she is in is a question."""
        return bool(self._pending) and self._pending[0].asking(self._leg.played_samples)

    async def say(self, utterance: Utterance, language: Language) -> None:
        """Synthesize and queue; returns when all of it is queued, not when it was heard.

        Raises:
            MouthFailed: no sound came in time, also not at the second try, or it broke off.
        """
        if not any(character.isalnum() for character in utterance.text):
            return
        self._append(utterance)
        try:
            for attempt in (1, 2):
                try:
                    await self._synthesize(utterance, language)
                    return
                except Exception as error:
                    # Half a sentence said twice is worse than half a sentence.
                    if attempt == 2 or utterance.samples:
                        raise MouthFailed(str(error)) from error
        finally:
            self._complete(utterance)

    def play(self, utterance: Utterance, pcm: Pcm) -> None:
        """Queue sound that exists already."""
        self._append(utterance)
        self._add(utterance, pcm)
        self._complete(utterance)

    def hold(self) -> None:
        """Be silent at once, keeping what wasn't heard."""
        if self._held:
            return
        played = self._leg.played_samples
        for each in self._pending:
            each.freeze(played)
        self._leg.flush()
        self._held = True
        self._released.clear()

    def release(self) -> None:
        """Go on with what wasn't heard."""
        if not self._held:
            return
        self._held = False
        self._released.set()
        for each in self._pending:
            self._give(each, each.rest())

    def cut(self) -> None:
        """Be silent at once and forget the rest."""
        if self._pending:
            self.hold()
        played = self._leg.played_samples
        for each in self._pending:
            words = each.heard_text(played)
            if words and not each.started:
                each.started = True
                self._on_started(each)
            if each.started:
                self._on_cut(each, words)
        self._pending.clear()
        self._held = False
        self._released.set()
        self._idle.set()

    def tick(self) -> None:
        """Once for each frame, after the line has said how far playing has come."""
        if self._held or not self._pending:
            return
        played = self._leg.played_samples
        while self._pending:
            first = self._pending[0]
            heard = first.heard(played)
            if heard and not first.started:
                first.started = True
                self._on_started(first)
            if not first.complete or heard < first.samples:
                return
            self._pending.popleft()
            first.pcm.clear()
        self._idle.set()

    async def released(self) -> None:
        """Wait while she is held."""
        await self._released.wait()

    async def drained(self) -> None:
        """Wait until everything queued was heard or cut, or the line has stopped playing."""
        while not self._idle.is_set():
            await self.released()
            seconds = sum(each.samples for each in self._pending) / SAMPLE_RATE
            try:
                await within(self._clock, seconds + self._limits.playout_grace, self._idle.wait())
            except BoundExceeded:
                if not self._held:
                    return

    async def _synthesize(self, utterance: Utterance, language: Language) -> None:
        chunks = self._mouth.speak(utterance.text, language, self._style)
        rest: Pcm = np.zeros(0, np.int16)
        # Mouths are async generators; closing one tells its engine that nobody listens.
        async with aclosing(cast("Any", chunks)):
            while True:
                try:
                    chunk = await within(self._clock, self._limits.mouth_chunk, anext(chunks))
                except StopAsyncIteration:
                    break
                sound = np.concatenate((rest, chunk)) if rest.size else chunk
                whole = sound.size - sound.size % FRAME_SAMPLES
                rest = sound[whole:]
                self._add(utterance, sound[:whole])
        if not utterance.samples and not rest.size:
            raise SpeechError("the mouth gave no sound")
        self._add(utterance, rest)

    def _append(self, utterance: Utterance) -> None:
        self._pending.append(utterance)
        self._idle.clear()

    def _add(self, utterance: Utterance, pcm: Pcm) -> None:
        missing = -pcm.size % FRAME_SAMPLES
        sound = np.pad(pcm, (0, missing)) if missing else pcm
        if not sound.size or utterance not in self._pending:
            return
        utterance.add(sound)
        if not self._held:
            self._give(utterance, sound)

    def _give(self, utterance: Utterance, sound: Pcm) -> None:
        if not sound.size:
            return
        self._leg.play(sound)
        utterance.given(sound.size, self._leg.played_samples + self._leg.queued_samples)

    def _complete(self, utterance: Utterance) -> None:
        utterance.complete = True
        if not utterance.samples and utterance in self._pending:
            self._pending.remove(utterance)
            if not self._pending:
                self._idle.set()
