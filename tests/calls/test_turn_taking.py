"""Who has the floor, in whole calls in virtual time."""

import pytest

from annie.agent.protocols import Say
from tests.calls.fakes import Call, foreign_tasks
from tests.calls.session_support import LONG, MESSAGE, ask, says

pytestmark = pytest.mark.unit


async def test_the_greeting_is_heard_at_once_and_the_question_is_answered():
    call = Call()
    call.start()
    await call.after(0.08)
    assert call.leg.played_samples
    await call.after(2)
    await ask(call, "When are you open?")
    await call.after(3)
    call.leg.end("caller")
    await call.over()
    assert call.store.transcript == [
        ("assistant", "Hello, this is Annie."),
        ("user", "When are you open?"),
        ("assistant", "You said When are you open?."),
    ]
    assert call.reasons == ["caller_hung_up"]
    assert call.ears.closed
    assert not foreign_tasks()


async def test_each_answer_keeps_where_its_time_went():
    call = Call()
    call.agent.delay = 0.2
    await call.greeted()
    await ask(call, "Hello?")
    await call.after(3)
    call.leg.end("caller")
    await call.over()
    answer = [entry for entry in call.store.entries.values() if entry.timings]
    assert len(answer) == 1
    timings = answer[0].timings
    assert timings["turnEnd"] == 300
    assert timings["decided"] == 500
    assert 500 <= timings["firstAudio"] <= 560


async def test_speech_silences_her_within_the_tick_and_cuts_the_record_to_what_was_heard():
    call = Call()
    call.agent.answer = says(Say(LONG))
    await call.greeted()
    await ask(call, "When are you open?")
    await call.after(2.0)
    call.ears.start()
    assert call.leg.queued_samples == 0
    played = call.leg.played_samples
    await call.after(1.0)
    assert call.leg.played_samples == played
    call.agent.answer = says(Say("All right."))
    call.ears.turn("Only Saturday please")
    await call.after(3)
    heard = call.agent.contexts[-1].heard
    assert heard is not None
    assert 0 < len(heard) < len(LONG) / 2
    assert LONG.startswith(heard)
    assert ("assistant", heard) in call.store.transcript
    assert call.store.transcript[-1] == ("assistant", "All right.")
    call.leg.end("caller")
    await call.over()


async def test_a_cough_lets_her_go_on_where_she_was():
    call = Call()
    call.agent.answer = says(Say(LONG), Say("Anything else?"))
    await call.greeted()
    await ask(call, "When are you open?")
    await call.after(2.0)
    call.ears.start()
    await call.after(0.6)
    call.ears.turn("")
    await call.after(8)
    assert call.store.transcript[2:] == [("assistant", LONG), ("assistant", "Anything else?")]
    assert not any(line.startswith("amend") for line in call.store.log)
    # Nothing was skipped; a little before the interruption was repeated.
    total = sum((len(text) * 480 + 37 + 159) // 160 * 160 for text in (LONG, "Anything else?"))
    greeting = (len("Hello, this is Annie.") * 480 + 37 + 159) // 160 * 160
    repeated = call.leg.played_samples - total - greeting
    assert 0 <= repeated <= 4800
    call.leg.end("caller")
    await call.over()


async def test_a_cough_is_neither_answered_nor_recorded():
    call = Call()
    await call.greeted()
    call.ears.start()
    await call.after(0.3)
    call.ears.turn("", seconds=0.3)
    await call.after(2)
    assert call.agent.turns == []
    assert len(call.store.transcript) == 1
    call.leg.end("caller")
    await call.over()


async def test_long_speech_without_a_word_is_asked_again_but_noise_is_not_asked_forever():
    call = Call()
    await call.greeted()
    for _ in range(4):
        call.ears.start()
        await call.after(2)
        call.ears.turn("", seconds=2.0)
        await call.after(2)
    assert len(call.agent.sorries) == 2
    call.leg.end("caller")
    await call.over()


async def test_turns_before_the_answer_is_heard_are_answered_together():
    call = Call()
    call.agent.delay = 1.0
    await call.greeted()
    await ask(call, "I would like to know")
    await call.after(0.4)
    await ask(call, "when you are open")
    await call.after(4)
    assert call.agent.turns[-1].text == "I would like to know when you are open"
    assert call.agent.running == 0
    assert call.store.transcript[-1][1] == "You said I would like to know when you are open."
    assert len(call.store.transcript) == 4
    call.leg.end("caller")
    await call.over()


async def test_what_must_be_heard_is_not_interrupted_and_the_turn_is_answered_after_it():
    call = Call()
    notice = "This call may be recorded for quality."
    call.agent.greeting = [Say(notice, interruptible=False)]
    call.start()
    await call.after(0.5)
    await ask(call, "Hello?")
    await call.after(1)
    assert "flush" not in call.leg.log
    await call.after(5)
    assert call.store.transcript == [
        ("assistant", notice),
        ("user", "Hello?"),
        ("assistant", "You said Hello?."),
    ]
    call.leg.end("caller")
    await call.over()


async def test_digits_are_one_turn_after_a_pause():
    call = Call()
    await call.greeted()
    for digit in "4155":
        assert call.leg.listener is not None
        call.leg.listener.on_digit(digit)
        await call.after(1.0)
    assert call.agent.turns == []
    await call.after(1)
    assert [turn.digits for turn in call.agent.turns] == ["4155"]
    assert ("user", "4155") in call.store.transcript
    call.leg.end("caller")
    await call.over()


async def test_the_hash_key_completes_digits_and_keys_silence_her():
    call = Call()
    call.agent.answer = says(Say(LONG))
    await call.greeted()
    await ask(call, "When?")
    await call.after(1)
    assert call.leg.listener is not None
    call.leg.listener.on_digit("1")
    assert call.leg.queued_samples == 0
    call.leg.listener.on_digit("#")
    await call.after(0.2)
    assert call.agent.turns[-1].digits == "1"
    call.leg.end("caller")
    await call.over()


async def test_a_sentence_whose_pause_was_taken_for_its_end_is_answered_as_one():
    call = Call()
    call.agent.answer = says(Say(LONG))
    await call.greeted()
    await ask(call, "What are your hours")
    # Annie has begun to answer when the caller goes on, 0.5 s after pausing.
    await call.after(0.2)
    assert call.leg.played_samples
    call.ears.start()
    await call.after(0.8)
    call.ears.turn("on Saturday", seconds=0.8)
    await call.after(1)
    assert call.agent.turns[-1].text == "What are your hours on Saturday"
    assert [text for role, text in call.store.transcript if role == "user"] == [
        "What are your hours",
        "on Saturday",
    ]
    call.leg.end("caller")
    await call.over()


async def test_what_is_said_after_a_longer_pause_is_a_turn_of_its_own():
    call = Call()
    call.agent.answer = says(Say(LONG))
    await call.greeted()
    await ask(call, "What are your hours")
    await call.after(1.5)
    call.ears.start()
    await call.after(0.8)
    call.ears.turn("on Saturday", seconds=0.8)
    await call.after(1)
    assert call.agent.turns[-1].text == "on Saturday"
    call.leg.end("caller")
    await call.over()


async def test_what_was_stored_meanwhile_is_not_gone_back_on():
    call = Call()
    call.agent.answer = says(MESSAGE, Say(LONG))
    await call.greeted()
    await ask(call, "Yes, that is right")
    await call.after(0.2)
    call.ears.start()
    await call.after(0.8)
    call.ears.turn("thank you", seconds=0.8)
    await call.after(1)
    assert call.agent.turns[-1].text == "thank you"
    call.leg.end("caller")
    await call.over()
