"""The mouth in virtual time: streaming, caching, sharing, giving way."""

import asyncio
from contextlib import aclosing
from typing import TypeVar

import numpy as np
import pytest

from annie.kit.clock import VirtualClock
from annie.kit.language import Language
from annie.speech.mouth.clauses import SENTENCE_PAUSE_MS
from annie.speech.mouth.mouth import CHUNK_TIMEOUT_S, MAX_TEXT, Mouth
from annie.speech.protocols import Pcm, SpeechError, VoiceStyle
from tests.speech.fakes_mouth import FakeTextToSpeech

pytestmark = pytest.mark.unit

ENGLISH = Language.ENGLISH
STYLE = VoiceStyle()
T = TypeVar("T")
TWO = "Hello there. How can I help?"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def engine(clock: VirtualClock) -> FakeTextToSpeech:
    return FakeTextToSpeech(clock)


@pytest.fixture
def mouth(engine: FakeTextToSpeech, clock: VirtualClock) -> Mouth:
    return Mouth(engine, clock)


async def _all(mouth: Mouth, text: str) -> Pcm:
    chunks = [pcm async for pcm in mouth.speak(text, ENGLISH, STYLE)]
    return np.concatenate(chunks) if chunks else np.zeros(0, np.int16)


async def _after(clock: VirtualClock, seconds: float, task: "asyncio.Future[T]") -> T:
    await clock.advance(seconds)
    assert task.done()
    return task.result()


async def test_sentences_come_in_order_with_a_pause_between(
    mouth: Mouth, engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    pcm = await _after(clock, 10, asyncio.ensure_future(_all(mouth, TWO)))
    pause = np.zeros(8 * SENTENCE_PAUSE_MS, np.int16)
    first, second = (engine.audio(text, STYLE) for text in ("Hello there.", "How can I help?"))
    assert np.array_equal(pcm, np.concatenate([first, pause, second]))


async def test_the_first_chunk_comes_after_the_first_chunk_of_the_engine(
    mouth: Mouth, clock: VirtualClock
) -> None:
    async with aclosing(mouth.speak(TWO, ENGLISH, STYLE)) as stream:
        first = asyncio.ensure_future(anext(stream))
        await clock.advance(0.04)
        assert not first.done()
        await _after(clock, 0.02, first)


async def test_what_was_spoken_is_cached_and_comes_at_once(
    mouth: Mouth, engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    assert mouth.cached(TWO, ENGLISH, STYLE) is None
    spoken = await _after(clock, 10, asyncio.ensure_future(_all(mouth, TWO)))
    cached = mouth.cached(TWO, ENGLISH, STYLE)
    assert cached is not None
    assert np.array_equal(cached, spoken)
    assert np.array_equal(await _all(mouth, TWO), spoken)
    assert len(engine.asked) == 2


async def test_a_sentence_is_shared_by_all_texts_that_hold_it(
    mouth: Mouth, engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    await _after(clock, 10, asyncio.ensure_future(_all(mouth, TWO)))
    await _after(clock, 10, asyncio.ensure_future(_all(mouth, "Hello there. Goodbye.")))
    assert engine.asked == ["Hello there.", "How can I help?", "Goodbye."]


async def test_the_engine_gets_speakable_words(
    mouth: Mouth, engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    await _after(clock, 10, asyncio.ensure_future(_all(mouth, "It costs $5 at 9:30 AM.")))
    assert engine.asked == ["It costs five dollars at nine thirty A M."]


async def test_the_same_text_for_ten_callers_at_once_is_synthesized_once(
    mouth: Mouth, engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    calls = asyncio.gather(*(_all(mouth, TWO) for _ in range(10)))
    spoken = await _after(clock, 10, calls)
    assert len(engine.asked) == 2
    assert all(np.array_equal(pcm, spoken[0]) for pcm in spoken)


async def test_one_of_two_listeners_leaving_does_not_disturb_the_other(
    mouth: Mouth, engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    leaving = asyncio.ensure_future(_all(mouth, TWO))
    staying = asyncio.ensure_future(_all(mouth, TWO))
    await clock.advance(0.06)
    leaving.cancel()
    spoken = await _after(clock, 10, staying)
    assert spoken.size > 0
    assert len(engine.asked) == 2


async def test_an_interrupted_text_is_abandoned_and_can_be_asked_for_again(
    mouth: Mouth, engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    task = asyncio.ensure_future(_all(mouth, TWO))
    await clock.advance(0.06)
    task.cancel()
    await clock.advance(10)
    assert engine.completed == []
    again = await _after(clock, 10, asyncio.ensure_future(_all(mouth, TWO)))
    assert again.size > 0


async def test_a_failing_clause_raises_after_what_went_well(
    mouth: Mouth, engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    engine.failing.add("How can I help?")
    heard: list[Pcm] = []

    async def listen() -> None:
        stream = mouth.speak(TWO, ENGLISH, STYLE)
        while True:
            heard.append(await anext(stream))

    task = asyncio.ensure_future(listen())
    await clock.advance(10)
    with pytest.raises(SpeechError, match="told to fail"):
        await task
    assert sum(pcm.size for pcm in heard) >= engine.audio("Hello there.", STYLE).size
    assert mouth.cached(TWO, ENGLISH, STYLE) is None


async def test_a_failure_is_not_remembered(
    mouth: Mouth, engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    engine.failing.add("Hello there.")
    task = asyncio.ensure_future(_all(mouth, "Hello there."))
    await clock.advance(1)
    with pytest.raises(SpeechError):
        await task
    engine.failing.clear()
    assert (await _after(clock, 1, asyncio.ensure_future(_all(mouth, "Hello there.")))).size > 0


async def test_an_engine_that_hangs_is_given_up_in_time(clock: VirtualClock) -> None:
    mouth = Mouth(FakeTextToSpeech(clock, latency_s=3600), clock)
    task = asyncio.ensure_future(_all(mouth, TWO))
    await clock.advance(CHUNK_TIMEOUT_S + 0.1)
    with pytest.raises(SpeechError, match="no audio"):
        await task


@pytest.mark.parametrize("text", ["", "  ", "…", "😀", "日本語"])
async def test_nothing_to_say_is_silence_not_an_error(mouth: Mouth, text: str) -> None:
    assert (await _all(mouth, text)).size == 0


async def test_a_text_over_the_limit_is_refused(mouth: Mouth) -> None:
    with pytest.raises(SpeechError, match="over the limit"):
        await _all(mouth, "a" * (MAX_TEXT + 1))


async def test_prepared_texts_are_ready_and_progress_is_told(
    mouth: Mouth, engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    told: list[tuple[int, int]] = []
    items = [(text, ENGLISH, STYLE) for text in ("One.", "Two.", "One.")]
    task = asyncio.ensure_future(
        mouth.prepare(items, lambda done, total: told.append((done, total)))
    )
    assert await _after(clock, 10, task) == 2
    assert told == [(1, 2), (2, 2)]
    assert mouth.cached("Two.", ENGLISH, STYLE) is not None
    await _all(mouth, "One. Two.")
    assert engine.asked == ["One.", "Two."]


async def test_preparing_gives_way_to_a_caller(
    mouth: Mouth, engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    caller = asyncio.ensure_future(_all(mouth, "Live speech."))
    await clock.advance(0.01)
    preparing = asyncio.ensure_future(mouth.prepare([("Prepared speech.", ENGLISH, STYLE)]))
    await clock.advance(0.06)
    assert engine.asked == ["Live speech."]
    await _after(clock, 10, caller)
    assert await _after(clock, 10, preparing) == 1


async def test_preparing_leaves_out_what_fails(
    mouth: Mouth, engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    engine.failing.add("Bad.")
    items = [("Bad.", ENGLISH, STYLE), ("Good.", ENGLISH, STYLE)]
    assert await _after(clock, 10, asyncio.ensure_future(mouth.prepare(items))) == 1
    assert mouth.cached("Good.", ENGLISH, STYLE) is not None


async def test_preparing_stops_before_it_would_drop_its_own_work(
    engine: FakeTextToSpeech, clock: VirtualClock
) -> None:
    mouth = Mouth(engine, clock, cache_bytes=40_000)
    items = [(f"Sentence {word}.", ENGLISH, STYLE) for word in ("one", "two", "three", "four")]
    ready = await _after(clock, 30, asyncio.ensure_future(mouth.prepare(items)))
    assert ready < len(items)
    assert mouth.cached("Sentence one.", ENGLISH, STYLE) is not None
    assert mouth.cache.size_bytes <= 40_000
