"""Synthesized audio kept in memory, the longest unused leaving first."""

from collections import OrderedDict
from dataclasses import dataclass

from annie.kit.language import Language
from annie.speech.protocols import Pcm, VoiceStyle


@dataclass(slots=True, frozen=True)
class CacheKey:
    """What makes two pieces of audio the same: engine, speakable words, language, voice."""

    engine: str
    text: str
    language: Language
    style: VoiceStyle


class AudioCache:
    """Least-recently-used cache of PCM, bounded by the bytes of the audio it holds."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._entries: OrderedDict[CacheKey, Pcm] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: CacheKey) -> bool:
        return key in self._entries

    @property
    def size_bytes(self) -> int:
        """Bytes of audio held."""
        return self._bytes

    @property
    def limit_bytes(self) -> int:
        """Bytes of audio that may be held."""
        return self._limit

    def get(self, key: CacheKey) -> Pcm | None:
        """The audio of ``key``, which counts as used now. It is read-only."""
        pcm = self._entries.get(key)
        if pcm is not None:
            self._entries.move_to_end(key)
        return pcm

    def put(self, key: CacheKey, pcm: Pcm) -> None:
        """Keep a copy of ``pcm``, dropping the longest unused; audio over the limit isn't kept."""
        previous = self._entries.pop(key, None)
        if previous is not None:
            self._bytes -= previous.nbytes
        if pcm.nbytes > self._limit:
            return
        kept = pcm.copy()
        kept.flags.writeable = False
        self._entries[key] = kept
        self._bytes += kept.nbytes
        while self._bytes > self._limit:
            _, dropped = self._entries.popitem(last=False)
            self._bytes -= dropped.nbytes
