"""The synthesis cache: bounded by bytes, the longest unused leaves first."""

import numpy as np
import pytest

from annie.kit.language import Language, VoiceId
from annie.speech.mouth.cache import AudioCache, CacheKey
from annie.speech.protocols import Pcm, VoiceStyle

pytestmark = pytest.mark.unit


def _key(text: str, language: Language = Language.ENGLISH, speed: float = 1.0) -> CacheKey:
    return CacheKey("engine", text, language, VoiceStyle(VoiceId.KIND_CURIOUS, speed))


def _audio(samples: int) -> Pcm:
    return np.ones(samples, np.int16)


def test_what_was_put_is_found_under_its_key_only() -> None:
    cache = AudioCache(1000)
    cache.put(_key("hello"), _audio(10))
    found = cache.get(_key("hello"))
    assert found is not None
    assert found.size == 10
    assert cache.get(_key("hello", Language.FRENCH)) is None
    assert cache.get(_key("hello", speed=1.1)) is None


def test_the_longest_unused_leaves_when_bytes_run_out() -> None:
    cache = AudioCache(200)
    cache.put(_key("a"), _audio(40))
    cache.put(_key("b"), _audio(40))
    assert cache.get(_key("a")) is not None
    cache.put(_key("c"), _audio(40))
    assert _key("b") not in cache
    assert _key("a") in cache
    assert cache.size_bytes == 160


def test_audio_larger_than_the_cache_is_not_kept_and_drops_nothing() -> None:
    cache = AudioCache(200)
    cache.put(_key("a"), _audio(40))
    cache.put(_key("long"), _audio(400))
    assert _key("a") in cache
    assert _key("long") not in cache


def test_putting_again_replaces_and_counts_once() -> None:
    cache = AudioCache(1000)
    cache.put(_key("a"), _audio(40))
    cache.put(_key("a"), _audio(60))
    assert len(cache) == 1
    assert cache.size_bytes == 120


def test_a_listener_cannot_change_what_the_next_one_hears() -> None:
    cache = AudioCache(1000)
    original = _audio(4)
    cache.put(_key("a"), original)
    original[:] = 7
    found = cache.get(_key("a"))
    assert found is not None
    assert list(found) == [1, 1, 1, 1]
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 3
