"""The slow, natural voice: what it has said is kept for good, what it will say is made ahead.

A natural synthesizer needs about as long as its speech lasts, which no caller should
wait for. What is known beforehand is therefore made in the background and kept on disk;
a clause that isn't there is left to the quick synthesizer, unless the natural one can
be expected in time (``expected_s``).
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final, Protocol

import numpy as np

from annie.kit.clock import Clock
from annie.kit.language import Language
from annie.speech.mouth.cache import CacheKey
from annie.speech.mouth.store import AudioStore
from annie.speech.protocols import Pcm, SpeechError, TextToSpeech, VoiceStyle

logger = logging.getLogger(__name__)

#: Clauses that wait to be made; what comes on top is spoken by the quick voice.
MAX_PENDING: Final = 50_000
#: One clause ahead of its time; the machine may have better things to do.
_CLAUSE_TIMEOUT_S: Final = 300.0
_PROGRESS_EVERY: Final = 25
#: Starting a clause costs as much as this many letters of it.
_FIXED_LETTERS: Final = 8
#: How much the newest measurement of speed counts.
_NEWEST: Final = 0.3


class NaturalSynthesizer(TextToSpeech, Protocol):
    """A synthesizer that may be busy, or not loaded."""

    @property
    def ready(self) -> bool:
        """Whether it would begin at once."""
        ...

    async def close(self) -> None:
        """Let go of its process."""
        ...


class NaturalVoice:
    """Prepares clauses with ``engine`` and keeps them in ``store``; ``run`` does the work.

    ``version`` names engine and voices: audio of another version isn't used.
    """

    def __init__(
        self, engine: NaturalSynthesizer, version: str, store: AudioStore, clock: Clock
    ) -> None:
        self.engine = engine
        self._version = version
        self._store = store
        self._clock = clock
        self._pending: dict[CacheKey, None] = {}
        self._news = asyncio.Event()
        self._done = 0
        self._seconds_per_letter: float | None = None

    def key(self, text: str, language: Language, style: VoiceStyle) -> CacheKey:
        """What its audio of ``text`` is kept under."""
        return CacheKey(self._version, text, language, style)

    def owns(self, key: CacheKey) -> bool:
        """Whether ``key`` is for this voice."""
        return key.engine == self._version

    def kept(self, key: CacheKey) -> bool:
        """Whether ``load`` will find it."""
        return key in self._store

    async def load(self, key: CacheKey) -> Pcm | None:
        """Kept audio, in a few ms; None when it has gone."""
        return await asyncio.to_thread(self._store.load, key)

    def expected_s(self, letters: int) -> float:
        """Seconds until a clause would be made, if asked for now; infinite if nobody knows."""
        if self._seconds_per_letter is None or not self.engine.ready:
            return float("inf")
        return self._seconds_per_letter * (letters + _FIXED_LETTERS)

    async def close(self) -> None:
        """Let go of the engine."""
        await self.engine.close()

    @property
    def pending(self) -> int:
        """Clauses that are wanted and not made."""
        return len(self._pending)

    def want(self, keys: Iterable[CacheKey]) -> None:
        """Have clauses made, in this order, after those that were wanted before."""
        for key in keys:
            if len(self._pending) >= MAX_PENDING:
                logger.warning("natural_voice_overfull", extra={"pending": len(self._pending)})
                break
            if key not in self._store:
                self._pending.setdefault(key)
        if self._pending:
            self._news.set()

    async def run(self) -> None:
        """Make what is wanted, one clause at a time, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            self._done = 0
            began = self._clock.monotonic()
            logger.info("natural_voice_preparing", extra={"clauses": len(self._pending)})
            while self._pending:
                key = next(iter(self._pending))
                try:
                    await self._make(key)
                except SpeechError as error:
                    logger.warning("natural_voice_failed", extra={"error": str(error)})
                except OSError as error:
                    logger.error("natural_voice_not_kept", extra={"error": str(error)})
                self._pending.pop(key, None)
                self._done += 1
                self._tell()
            seconds = round(self._clock.monotonic() - began)
            logger.info("natural_voice_prepared", extra={"clauses": self._done, "seconds": seconds})

    async def _make(self, key: CacheKey) -> None:
        if key in self._store:
            return
        warm = self.engine.ready
        began = self._clock.monotonic()
        chunks = self.engine.synthesize(key.text, key.language, key.style)
        try:
            async with asyncio.timeout(_CLAUSE_TIMEOUT_S):
                parts = [pcm async for pcm in chunks]
        except TimeoutError as error:
            raise SpeechError(f"no audio in {_CLAUSE_TIMEOUT_S:g} s") from error
        if warm:
            self._measured((self._clock.monotonic() - began) / (len(key.text) + _FIXED_LETTERS))
        whole = np.concatenate(parts) if parts else np.zeros(0, np.int16)
        await asyncio.to_thread(self._store.save, key, whole)

    def _measured(self, seconds_per_letter: float) -> None:
        before = self._seconds_per_letter
        self._seconds_per_letter = (
            seconds_per_letter
            if before is None
            else before + _NEWEST * (seconds_per_letter - before)
        )

    def _tell(self) -> None:
        if self._done % _PROGRESS_EVERY == 0 and self._pending:
            logger.info(
                "natural_voice_progress",
                extra={"prepared": self._done, "of": self._done + len(self._pending)},
            )
