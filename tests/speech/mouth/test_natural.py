"""Two voices in virtual time: the natural one made ahead, the quick one for the rest."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from annie.kit.clock import VirtualClock
from annie.kit.language import Language
from annie.speech.mouth.mouth import Mouth
from annie.speech.mouth.natural import NaturalVoice
from annie.speech.mouth.store import AudioStore
from annie.speech.protocols import Pcm, VoiceStyle
from tests.speech.fakes_mouth import FakeTextToSpeech

pytestmark = pytest.mark.unit

ENGLISH = Language.ENGLISH
STYLE = VoiceStyle()
GREETING = "Good morning. How can I help?"
T = TypeVar("T")


class FakeNatural(FakeTextToSpeech):
    """Slow, and another voice: the quick one's audio turned upside down."""

    ready = True

    def audio(self, text: str, style: VoiceStyle) -> Pcm:
        return -super().audio(text, style)

    async def close(self) -> None:
        """Nothing to let go of."""


class Voices:
    """A mouth with both voices."""

    def __init__(self, clock: VirtualClock, directory: Path) -> None:
        self.clock = clock
        self.quick = FakeTextToSpeech(clock)
        self.slow = FakeNatural(clock, latency_s=4.0)
        self.natural = NaturalVoice(self.slow, "fake/1", AudioStore(directory, 10**9), clock)
        self.mouth = Mouth(self.quick, clock, natural=self.natural)
        self.running = asyncio.create_task(self.natural.run())

    async def prepare(self, *texts: str) -> None:
        await self.mouth.want_natural([(text, ENGLISH, STYLE) for text in texts])
        while self.natural.pending:
            await self.clock.advance(0.5)
            # The store works in a thread, which virtual time doesn't wait for.
            await asyncio.to_thread(lambda: None)

    async def say(self, text: str) -> list[Pcm]:
        task = asyncio.ensure_future(self._all(text))
        while not task.done():
            await self.clock.advance(0.5)
            await asyncio.to_thread(lambda: None)
        return task.result()

    async def _all(self, text: str) -> list[Pcm]:
        return [pcm async for pcm in self.mouth.speak(text, ENGLISH, STYLE)]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def voices(clock: VirtualClock, tmp_path: Path) -> AsyncIterator[Voices]:
    voices = Voices(clock, tmp_path)
    yield voices
    voices.running.cancel()


async def test_what_was_prepared_is_spoken_by_the_natural_voice_at_once(voices: Voices) -> None:
    await voices.prepare("Good morning.")
    voices.slow.asked.clear()
    (spoken,) = await voices.say("Good morning.")
    assert np.array_equal(spoken, voices.slow.audio("Good morning.", STYLE))
    assert voices.slow.asked == voices.quick.asked == []


async def test_what_was_not_is_spoken_by_the_quick_voice(voices: Voices) -> None:
    spoken = np.concatenate(await voices.say("Good evening."))
    assert np.array_equal(spoken, voices.quick.audio("Good evening.", STYLE))
    assert voices.slow.asked == []


async def test_one_text_has_one_voice(voices: Voices) -> None:
    await voices.prepare("Good morning.")
    await voices.say("Good morning. Good evening.")
    assert voices.quick.asked == ["Good morning.", "Good evening."]


async def test_a_natural_voice_that_is_fast_enough_speaks_live(voices: Voices) -> None:
    voices.slow._latency_s = 0.05  # pyright: ignore[reportPrivateUsage]
    voices.slow._chunk_s = 0.0  # pyright: ignore[reportPrivateUsage]
    await voices.prepare("Good morning.")
    spoken = np.concatenate(await voices.say("Good evening."))
    assert np.array_equal(spoken, voices.slow.audio("Good evening.", STYLE))
    assert voices.quick.asked == []


async def test_a_natural_voice_that_is_busy_or_unloaded_does_not_speak_live(
    voices: Voices,
) -> None:
    voices.slow._latency_s = 0.05  # pyright: ignore[reportPrivateUsage]
    voices.slow._chunk_s = 0.0  # pyright: ignore[reportPrivateUsage]
    await voices.prepare("Good morning.")
    voices.slow.ready = False
    await voices.say("Good evening.")
    assert voices.quick.asked == ["Good evening."]


async def test_a_natural_voice_that_is_late_after_all_gives_way_to_the_quick_one(
    voices: Voices,
) -> None:
    voices.slow._latency_s = 0.05  # pyright: ignore[reportPrivateUsage]
    voices.slow._chunk_s = 0.0  # pyright: ignore[reportPrivateUsage]
    await voices.prepare("Good morning.")
    voices.slow._latency_s = 60.0  # pyright: ignore[reportPrivateUsage]
    before = voices.clock.monotonic()
    spoken = np.concatenate(await voices.say("Good evening."))
    assert np.array_equal(spoken, voices.quick.audio("Good evening.", STYLE))
    assert voices.clock.monotonic() - before <= 2.0


async def test_a_natural_voice_that_fails_gives_way_to_the_quick_one(voices: Voices) -> None:
    voices.slow._latency_s = 0.05  # pyright: ignore[reportPrivateUsage]
    voices.slow._chunk_s = 0.0  # pyright: ignore[reportPrivateUsage]
    await voices.prepare("Good morning.")
    voices.slow.failing.add("Good evening.")
    spoken = np.concatenate(await voices.say("Good evening."))
    assert np.array_equal(spoken, voices.quick.audio("Good evening.", STYLE))


async def test_a_restart_finds_what_was_made_before(
    voices: Voices, clock: VirtualClock, tmp_path: Path
) -> None:
    await voices.prepare(GREETING)
    again = Voices(clock, tmp_path)
    await again.prepare(GREETING)
    assert again.slow.asked == []
    spoken = await again.say(GREETING)
    assert np.array_equal(spoken[0], again.slow.audio("Good morning.", STYLE))
    again.running.cancel()


async def test_a_changed_bot_has_only_what_changed_made(voices: Voices) -> None:
    await voices.prepare(GREETING, "We are closed.")
    voices.slow.asked.clear()
    await voices.prepare(GREETING, "We are open.")
    assert voices.slow.asked == ["We are open."]


async def test_audio_of_another_version_is_not_used(
    voices: Voices, clock: VirtualClock, tmp_path: Path
) -> None:
    await voices.prepare("Good morning.")
    newer = NaturalVoice(voices.slow, "fake/2", AudioStore(tmp_path, 10**9), clock)
    assert not newer.kept(newer.key("Good morning.", ENGLISH, STYLE))


async def test_a_clause_that_fails_is_left_out_and_the_rest_is_made(
    voices: Voices, caplog: pytest.LogCaptureFixture
) -> None:
    voices.slow.failing.add("Bad.")
    await voices.prepare("Bad.", "Good.")
    assert not voices.natural.kept(voices.natural.key("Bad.", ENGLISH, STYLE))
    assert voices.natural.kept(voices.natural.key("Good.", ENGLISH, STYLE))
    assert "natural_voice_failed" in caplog.text


async def test_progress_is_told_as_so_many_of_so_many(
    voices: Voices, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await voices.prepare(*(f"Sentence of number {'x' * n}." for n in range(1, 31)))
    (told,) = [each for each in caplog.records if each.message == "natural_voice_progress"]
    assert (vars(told)["prepared"], vars(told)["of"]) == (25, 30)


async def test_the_quick_voice_prepares_nothing_that_the_natural_one_has(voices: Voices) -> None:
    await voices.prepare("Good morning.")
    await voices.mouth.prepare([("Good morning.", ENGLISH, STYLE)])
    assert voices.quick.asked == []


async def test_kept_audio_that_has_gone_is_no_silence(voices: Voices, tmp_path: Path) -> None:
    await voices.prepare("Good morning.")
    for name in os.listdir(tmp_path):
        os.unlink(tmp_path / name)
    spoken = np.concatenate(await voices.say("Good morning."))
    assert np.array_equal(spoken, voices.quick.audio("Good morning.", STYLE))
