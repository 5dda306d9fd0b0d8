"""The mouth: written text in, telephone audio out, as early as possible.

Text is made speakable, cut into clauses, and synthesized clause by clause; audio is
kept per clause, so a sentence heard once costs nothing the next time, whatever
stands around it. Two synthesizers may share the work: a quick one, which can say
anything at once, and a natural one for what is known beforehand (see ``natural``).
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from functools import lru_cache
from typing import Final

import numpy as np

from annie.kit.clock import Clock
from annie.kit.language import Language
from annie.speech.mouth.cache import AudioCache, CacheKey
from annie.speech.mouth.clauses import Clause, split
from annie.speech.mouth.natural import NaturalVoice
from annie.speech.mouth.shaping import SAMPLE_RATE
from annie.speech.mouth.speakable import speakable
from annie.speech.mouth.synthesis import Synthesis
from annie.speech.protocols import Pcm, SpeechError, TextToSpeech, VoiceStyle

logger = logging.getLogger(__name__)

MAX_TEXT: Final = 20_000
#: A chunk that takes longer is given up; the session then speaks a fallback.
CHUNK_TIMEOUT_S: Final = 5.0
#: Preparing stops at this share of the cache, so that it doesn't drop what it has made.
_PREPARED_SHARE: Final = 0.9
#: 1000 characters take about 4 ms to make speakable; longer texts leave the loop.
_LONG_TEXT: Final = 1000
#: Preparing waits no longer than this for live speech to end, then takes one clause.
_YIELD_STEP_S: Final = 0.02
_YIELD_LIMIT_S: Final = 5.0

#: What a caller may wait for the natural voice to begin, and to go on while the words before
#: are still being heard; a chunk may never take longer than the call's own bound for one.
NATURAL_FIRST_S: Final = 0.25
NATURAL_NEXT_S: Final = 1.5

#: Makes every kind of grammar ready.
_WARMING: Final = "+34 612 345 678, 3/4, $5, 9:00 AM, Dr. No, 7 %, 8"

Item = tuple[str, Language, VoiceStyle]


def _no_progress(done: int, total: int) -> None:
    """Nobody asked."""


@lru_cache(maxsize=2048)
def _clauses(text: str, language: Language) -> tuple[Clause, ...]:
    return split(speakable(text, language), language)


async def _planned(text: str, language: Language) -> tuple[Clause, ...]:
    if len(text) <= _LONG_TEXT:
        return _clauses(text, language)
    return await asyncio.to_thread(_clauses, text, language)


class Mouth:
    """Speaks for all calls of a process with one engine and one cache.

    A text whose clauses the ``natural`` voice all has, or can make in time, is spoken by
    it, any other by ``engine``: one text has one voice. Everything runs on the loop of
    the calls; engines must not block it.
    """

    def __init__(
        self,
        engine: TextToSpeech,
        clock: Clock,
        cache_bytes: int = 64 * 2**20,
        natural: NaturalVoice | None = None,
    ) -> None:
        self._engine = engine
        self._natural = natural
        self._engine_name = type(engine).__name__
        self._clock = clock
        self._cache = AudioCache(cache_bytes)
        self._running: dict[CacheKey, Synthesis] = {}
        # The first text of a language costs tens of ms, for which no call should wait.
        for language in Language:
            speakable(_WARMING, language)

    @property
    def cache(self) -> AudioCache:
        """What is kept, for figures."""
        return self._cache

    def cached(self, text: str, language: Language, style: VoiceStyle) -> Pcm | None:
        """The quick engine's whole audio of ``text`` with its pauses, if it is in the cache."""
        if len(text) > MAX_TEXT:
            return None
        parts: list[Pcm] = []
        for clause in _clauses(text, language):
            pcm = self._cache.get(self._key(clause, language, style))
            if pcm is None:
                return None
            parts.append(pcm)
            if clause.pause_ms:
                parts.append(_silence(clause.pause_ms))
        return np.concatenate(parts) if parts else None

    async def speak(
        self, text: str, language: Language, style: VoiceStyle
    ) -> AsyncGenerator[Pcm, None]:
        """PCM chunks of written ``text`` (at most ``MAX_TEXT`` characters), pauses included.

        What is in the cache comes at once, the rest clause by clause as it is
        synthesized, the next clause being made while this one is consumed. Text
        without a word in it has no chunks. Closing the iterator abandons the rest.

        Raises:
            SpeechError: too long, the engine failed, or a chunk took over
                ``CHUNK_TIMEOUT_S``. What was yielded before is good to play.
        """
        if len(text) > MAX_TEXT:
            raise SpeechError(f"text of {len(text)} characters is over the limit of {MAX_TEXT}")
        clauses = await _planned(text, language)
        keys = await self._keys(clauses, language, style)
        ahead: Synthesis | None = None
        try:
            for number, clause in enumerate(clauses):
                # Joined before the hold of the turn before is let go, so that what was
                # begun ahead goes on.
                current = self._join(keys[number])
                if ahead is not None:
                    ahead.leave()
                ahead = self._join(keys[number + 1]) if number + 1 < len(keys) else None
                if current is None:
                    pcm = self._cache.get(keys[number])
                    if pcm is not None and pcm.size:
                        yield pcm
                else:
                    quick = self._key(clause, language, style)
                    async for chunk in self._chunks(current, keys[number], quick):
                        yield chunk
                if clause.pause_ms:
                    yield _silence(clause.pause_ms)
        finally:
            if ahead is not None:
                ahead.leave()

    async def prepare(
        self, items: Iterable[Item], progress: Callable[[int, int], None] = _no_progress
    ) -> int:
        """Synthesize texts ahead, one clause at a time, giving way to live speech.

        ``progress(done, total)`` is called after each item. An item that fails is
        logged and left out; a full cache ends the work early. Returns how many
        items can now be spoken at once.
        """
        wanted = list(dict.fromkeys(items))
        ready = 0
        for done, (text, language, style) in enumerate(wanted, start=1):
            if self._cache.size_bytes > self._cache.limit_bytes * _PREPARED_SHARE:
                logger.warning(
                    "synthesis_cache_full", extra={"prepared": ready, "wanted": len(wanted)}
                )
                break
            try:
                await self._prepare(text, language, style)
                ready += 1
            except SpeechError as error:
                logger.warning("prepare_failed", extra={"error": str(error)})
            progress(done, len(wanted))
        return ready

    async def _keys(
        self, clauses: tuple[Clause, ...], language: Language, style: VoiceStyle
    ) -> list[CacheKey]:
        """What to say the clauses with: the natural voice, if it will be in time for all."""
        quick = [self._key(clause, language, style) for clause in clauses]
        if self._natural is None:
            return quick
        keys = [self._natural.key(clause.text, language, style) for clause in clauses]
        made_s = 0.0
        for number, key in enumerate(keys):
            if key in self._cache or self._natural.kept(key):
                continue
            made_s += self._natural.expected_s(len(key.text))
            if made_s > (NATURAL_NEXT_S if number else NATURAL_FIRST_S):
                return quick
        for key in keys:
            if key not in self._cache and self._natural.kept(key):
                pcm = await self._natural.load(key)
                if pcm is None:
                    return quick
                self._cache.put(key, pcm)
        return keys

    async def _chunks(
        self, current: Synthesis, key: CacheKey, quick: CacheKey
    ) -> AsyncGenerator[Pcm, None]:
        """Chunks of a joined synthesis; the quick engine's where the natural voice is late."""
        natural = key != quick
        begun = False
        try:
            limit = NATURAL_NEXT_S if natural else CHUNK_TIMEOUT_S
            async for chunk in current.chunks(self._clock, limit):
                begun = True
                yield chunk
        except SpeechError as error:
            if begun or not natural:
                raise
            logger.info("natural_voice_late", extra={"error": str(error)})
        else:
            return
        finally:
            current.leave()
        instead = self._join(quick)
        if instead is None:
            pcm = self._cache.get(quick)
            if pcm is not None and pcm.size:
                yield pcm
            return
        try:
            async for chunk in instead.chunks(self._clock, CHUNK_TIMEOUT_S):
                yield chunk
        finally:
            instead.leave()

    async def want_natural(self, items: Iterable[Item]) -> None:
        """Have the natural voice make ``items`` in the background, where there is one."""
        if self._natural is None:
            return
        for text, language, style in items:
            if len(text) > MAX_TEXT:
                continue
            clauses = await _planned(text, language)
            self._natural.want(self._natural.key(c.text, language, style) for c in clauses)

    async def _prepare(self, text: str, language: Language, style: VoiceStyle) -> None:
        if len(text) > MAX_TEXT:
            raise SpeechError(f"text of {len(text)} characters is over the limit of {MAX_TEXT}")
        for clause in await _planned(text, language):
            key = self._key(clause, language, style)
            if key in self._cache or self._kept(clause, language, style):
                continue
            await self._give_way()
            synthesis = self._join(key, live=False)
            if synthesis is None:
                continue
            try:
                async for _ in synthesis.chunks(self._clock, CHUNK_TIMEOUT_S):
                    pass
            finally:
                synthesis.leave()

    def _kept(self, clause: Clause, language: Language, style: VoiceStyle) -> bool:
        """Whether the natural voice has it already."""
        natural = self._natural
        return natural is not None and natural.kept(natural.key(clause.text, language, style))

    async def _give_way(self) -> None:
        deadline = self._clock.monotonic() + _YIELD_LIMIT_S
        while any(s.live for s in self._running.values()) and self._clock.monotonic() < deadline:
            await self._clock.sleep(_YIELD_STEP_S)

    def _join(self, key: CacheKey, *, live: bool = True) -> Synthesis | None:
        """The running synthesis of ``key``, or a new one; None when the audio is in the cache."""
        if key in self._cache:
            return None
        synthesis = self._running.get(key)
        if synthesis is None:
            natural = self._natural
            engine = natural.engine if natural and natural.owns(key) else self._engine
            synthesis = Synthesis(
                engine.synthesize(key.text, key.language, key.style),
                lambda pcm: self._finished(key, pcm),
            )
            self._running[key] = synthesis
        synthesis.join(live=live)
        return synthesis

    def _finished(self, key: CacheKey, pcm: Pcm | None) -> None:
        self._running.pop(key, None)
        if pcm is not None:
            self._cache.put(key, pcm)

    def _key(self, clause: Clause, language: Language, style: VoiceStyle) -> CacheKey:
        return CacheKey(self._engine_name, clause.text, language, style)


def _silence(milliseconds: int) -> Pcm:
    return np.zeros(SAMPLE_RATE * milliseconds // 1000, np.int16)
