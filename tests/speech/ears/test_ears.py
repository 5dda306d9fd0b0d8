"""One call's ears and many calls', in virtual time with scripted engines."""

import numpy as np
import pytest

from annie.kit.clock import VirtualClock
from annie.kit.language import Language
from annie.speech.ears import CallEars, Ears
from annie.speech.protocols import CallerTurn, Expectation, SpeechError
from tests.speech.fakes_ears import (
    EnergyActivity,
    FakeSpeechToText,
    Notes,
    ScriptedActivity,
    hear,
    silence,
    voice,
)

pytestmark = pytest.mark.unit


class Scene:
    """One caller on scripted engines."""

    def __init__(
        self,
        *script: str | SpeechError,
        seconds: float = 0.2,
        confidence: float = 0.9,
        activity: EnergyActivity | None = None,
        bound: float = 3.0,
    ) -> None:
        self.clock = VirtualClock()
        self.engine = FakeSpeechToText(list(script), self.clock, seconds, confidence)
        self.ears = Ears(activity or EnergyActivity(), self.engine, self.clock, bound)
        self.notes = Notes(self.clock)
        self.call: CallEars = self.ears.open(Language.ENGLISH, self.notes, ("bicycle",))

    async def hear(self, *parts: float) -> None:
        """Seconds of silence, speech, silence, … alternately."""
        await self.hear_pcm(
            np.concatenate([voice(s) if i % 2 else silence(s) for i, s in enumerate(parts)])
        )

    async def hear_pcm(self, pcm: np.ndarray[tuple[int], np.dtype[np.int16]]) -> None:
        await hear(self.ears, self.clock, (self.call, pcm))

    def only_turn(self) -> CallerTurn:
        assert len(self.notes.turns) == 1
        return self.notes.turns[0]


async def test_a_question_becomes_one_turn_soon_after_its_end() -> None:
    scene = Scene("Are you open on Sunday?")
    await scene.hear(0.5, 2.0, 1.0)
    turn = scene.only_turn()
    assert turn.text == "Are you open on Sunday?"
    assert turn.confidence == pytest.approx(0.9)
    assert turn.language is Language.ENGLISH
    assert 2.5 + 0.35 < scene.notes.turned_at[0] < 2.5 + 0.5


async def test_speech_is_noticed_within_two_hundred_milliseconds() -> None:
    scene = Scene("Hello.")
    await scene.hear(0.5, 1.0, 1.0)
    assert scene.notes.starts[0] - 0.5 < 0.2


async def test_recognition_gets_the_audio_from_before_the_first_voiced_window() -> None:
    scene = Scene("Hello.")
    await scene.hear(1.0, 1.0, 1.0)
    seconds, hints = scene.engine.asked[0]
    assert 1.0 + 0.3 <= seconds < 1.0 + 0.3 + 0.3
    assert hints == ("bicycle",)


async def test_recognition_starts_before_the_turn_is_over_and_is_used() -> None:
    scene = Scene("Hello.", seconds=0.1)
    await scene.hear(0.5, 1.0, 1.0)
    timings = scene.only_turn().timings
    assert timings.speculative
    assert timings.recognized < timings.turn_end
    assert len(scene.engine.asked) == 1
    assert timings.speech_start < timings.speech_end <= timings.recognized


async def test_speaking_on_after_a_pause_is_still_the_same_turn() -> None:
    scene = Scene("I would like", "I would like an appointment.")
    await scene.hear(0.5, 1.0, 0.3, 1.0, 1.5)
    assert scene.only_turn().text == "I would like an appointment."
    assert len(scene.notes.starts) == 1
    assert scene.engine.asked[1][0] > scene.engine.asked[0][0] + 1.0


async def test_work_for_a_pause_that_was_none_is_abandoned() -> None:
    scene = Scene("never", "Whole sentence.", seconds=0.3)
    await scene.hear(0.5, 1.0, 0.25, 1.0, 1.5)
    assert scene.engine.finished == 1
    assert scene.engine.closed >= 2


async def test_a_click_in_the_pause_does_not_reopen_the_turn() -> None:
    scene = Scene("Yes.")
    await scene.hear(0.5, 1.0, 0.3, 0.02, 1.0)
    assert len(scene.engine.asked) == 1
    assert scene.notes.turned_at[0] < 2.1


async def test_an_unfinished_sentence_is_waited_for() -> None:
    scene = Scene("My number is")
    await scene.hear(0.5, 1.0, 1.1)
    assert scene.notes.turns == []
    assert scene.call.speaking
    await scene.hear(1.0)
    assert scene.only_turn().text == "My number is"


async def test_expectations_change_the_patience() -> None:
    delays: dict[Expectation, float] = {}
    for expectation in (Expectation.YES_NO, Expectation.OPEN, Expectation.DIGITS):
        scene = Scene("no punctuation", seconds=0.05)
        scene.call.expect(expectation)
        await scene.hear(0.5, 1.0, 2.5)
        delays[expectation] = scene.notes.turned_at[0] - 1.5
    assert delays[Expectation.YES_NO] < 0.45
    assert delays[Expectation.YES_NO] < delays[Expectation.OPEN] < delays[Expectation.DIGITS]


async def test_expected_words_come_before_the_bots_own() -> None:
    scene = Scene("Smith.")
    scene.call.expect(Expectation.NAME, ["Smith"])
    await scene.hear(0.5, 1.0, 1.5)
    assert scene.engine.asked[0][1] == ("Smith", "bicycle")


async def test_slow_recognition_is_waited_for_and_used() -> None:
    scene = Scene("Hello.", seconds=1.5)
    await scene.hear(0.5, 1.0, 2.5)
    turn = scene.only_turn()
    assert turn.text == "Hello."
    assert turn.timings.recognized > turn.timings.speech_end + 1.4


async def test_recognition_that_never_answers_costs_three_seconds_and_no_more() -> None:
    scene = Scene("too late", seconds=60)
    await scene.hear(0.5, 1.0, 4.5)
    turn = scene.only_turn()
    assert (turn.text, turn.confidence) == ("", 0.0)
    assert scene.notes.turned_at[0] - 1.5 < 4.0
    assert not scene.call.speaking


async def test_the_caller_may_go_on_while_recognition_is_awaited() -> None:
    scene = Scene("first half", "Both halves.", seconds=0.9)
    await scene.hear(0.5, 1.0, 0.7, 1.0, 2.5)
    assert scene.only_turn().text == "Both halves."


async def test_a_failure_is_tried_again_once() -> None:
    scene = Scene(SpeechError("busy"), "Hello.")
    await scene.hear(0.5, 1.0, 1.5)
    turn = scene.only_turn()
    assert turn.text == "Hello."
    assert not turn.timings.speculative


async def test_an_engine_that_only_fails_gives_an_empty_turn() -> None:
    scene = Scene(SpeechError("broken"))
    await scene.hear(0.5, 1.0, 1.5)
    assert scene.only_turn().text == ""
    assert len(scene.engine.asked) == 2


async def test_speech_over_annie_is_marked_as_an_interruption() -> None:
    scene = Scene("Stop.")
    scene.call.annie_speaking(True)
    await scene.hear(0.5, 0.3)
    scene.call.annie_speaking(False)
    await scene.hear(1.0)
    assert scene.only_turn().interrupted


async def test_two_turns_do_not_share_audio() -> None:
    scene = Scene("One.", "Two.")
    await scene.hear(0.5, 2.0, 1.0, 0.5, 1.0)
    assert [turn.text for turn in scene.notes.turns] == ["One.", "Two."]
    assert scene.engine.asked[1][0] < 1.3


async def test_an_endless_talker_is_cut() -> None:
    scene = Scene("words without end", seconds=0.5)
    await scene.hear(0.5, 32.0)
    assert scene.notes.turns[0].text == "words without end"
    assert 30.0 < scene.notes.turned_at[0] < 31.5
    assert scene.call.speaking


async def test_long_stretches_are_recognized_once_only() -> None:
    scene = Scene("First part,", "second part,", "third part.", seconds=0.1)
    scene.call.expect(Expectation.DICTATION)
    await scene.hear(0.5, 8.0, 0.6, 8.0, 0.6, 3.0, 2.5)
    assert scene.only_turn().text == "First part, second part, third part."
    assert scene.engine.asked[2][0] < 5.0


async def test_whoever_has_time_may_wait_longer_for_the_recognizer() -> None:
    scene = Scene("at last", seconds=8, bound=10.0)
    await scene.hear(0.5, 1.0, 11.0)
    assert scene.only_turn().text == "at last"


async def test_noise_too_short_for_speech_is_no_turn() -> None:
    scene = Scene("invented")
    for _ in range(5):
        await scene.hear(0.4, 0.08)
    assert scene.notes.starts == []
    assert scene.engine.asked == []


async def test_scripted_doubt_between_the_thresholds_does_not_end_a_voice() -> None:
    script = [0.0] * 10 + [0.9] * 10 + [0.4] * 20 + [0.0] * 40
    scene = Scene("Hello.", seconds=0.01, activity=ScriptedActivity(script))
    await scene.hear_pcm(silence(80 * 0.032))
    assert scene.only_turn().timings.speech_end == pytest.approx(40 * 0.032, abs=0.04)


async def test_what_was_said_so_far_can_be_had_before_the_turn_is_over() -> None:
    scene = Scene("My crown", seconds=0.1)
    assert scene.call.unfinished() is None
    await scene.hear(0.5, 1.0, 0.1)
    assert scene.call.unfinished() is None
    await scene.hear(0.3)
    turn = scene.call.unfinished()
    assert turn is not None
    assert (turn.text, scene.notes.turns) == ("My crown", [])
    assert turn.timings.speech_start == pytest.approx(0.5, abs=0.1)
    await scene.hear(3.0)
    assert scene.only_turn().text == "My crown"
    assert scene.call.unfinished() is None


async def test_a_closed_call_hears_and_reports_nothing() -> None:
    scene = Scene("Hello.", seconds=1.0)
    await scene.hear(0.5, 1.0, 0.3)
    scene.call.close()
    scene.call.close()
    await scene.hear(3.0)
    assert scene.notes.turns == []
    assert scene.engine.closed == 1


async def test_a_listener_that_fails_leaves_other_calls_alone() -> None:
    class Broken(Notes):
        def on_speech_started(self) -> None:
            raise RuntimeError("listener")

        def on_turn(self, turn: CallerTurn) -> None:
            raise RuntimeError("listener")

    scene = Scene("Hello.")
    broken = scene.ears.open(Language.FRENCH, Broken(scene.clock))
    audio = np.concatenate([silence(0.5), voice(1.0), silence(1.0)])
    await hear(scene.ears, scene.clock, (broken, audio), (scene.call, audio))
    assert scene.only_turn().text == "Hello."


async def test_many_calls_are_judged_in_one_run_each_tick() -> None:
    activity = EnergyActivity()
    scene = Scene("Hello.", activity=activity)
    audio = np.concatenate([silence(0.3), voice(1.0), silence(0.9)])
    lines = [(scene.ears.open(Language.SPANISH, Notes(scene.clock)), audio) for _ in range(20)]
    await hear(scene.ears, scene.clock, *lines)
    assert set(activity.batches) == {20}
    for call, _ in lines:
        call.close()
    assert activity.opened == 1


async def test_turns_of_calls_at_once_stay_with_their_callers() -> None:
    scene = Scene("Hello.")
    quiet = Notes(scene.clock)
    late = Notes(scene.clock)
    silent = scene.ears.open(Language.ENGLISH, quiet)
    second = scene.ears.open(Language.FRENCH, late)
    await hear(
        scene.ears,
        scene.clock,
        (scene.call, np.concatenate([silence(0.3), voice(1.0), silence(2.0)])),
        (silent, silence(3.3)),
        (second, np.concatenate([silence(1.3), voice(1.0), silence(1.0)])),
    )
    assert quiet.starts == []
    assert late.turns[0].language is Language.FRENCH
    assert late.turned_at[0] - scene.notes.turned_at[0] == pytest.approx(1.0, abs=0.05)


async def test_a_turn_that_is_finished_from_outside_is_recognized_and_reported_at_once() -> None:
    scene = Scene("Please call me back.", seconds=0.2)
    await scene.hear(0.5, 2.0)
    scene.call.finish()
    await scene.clock.advance(0.3)
    assert scene.only_turn().text == "Please call me back."
    scene.call.finish()
    await scene.clock.advance(1.0)
    assert len(scene.notes.turns) == 1


async def test_finishing_without_an_open_turn_reports_nothing() -> None:
    scene = Scene("Hello.")
    await scene.hear(1.0)
    scene.call.finish()
    scene.call.close()
    scene.call.finish()
    await scene.clock.advance(1.0)
    assert scene.notes.turns == []


async def test_a_turn_whose_recognition_fails_while_it_is_finished_is_reported_without_words() -> (
    None
):
    scene = Scene(SpeechError("gone"))
    await scene.hear(0.5, 2.0)
    scene.call.finish()
    await scene.clock.advance(1.0)
    assert scene.only_turn().text == ""


@pytest.mark.parametrize(("over_annie", "seconds"), [(True, 0.4), (True, 2.5), (False, 0.4)])
async def test_a_word_over_annie_is_recognized_as_one(over_annie: bool, seconds: float) -> None:
    scene = Scene("Wait.")
    scene.call.annie_speaking(over_annie)
    await scene.hear(0.5, seconds, 1.5)
    assert ("Wait" in scene.engine.asked[0][1]) is (over_annie and seconds < 1)
    assert "bicycle" in scene.engine.asked[0][1]
