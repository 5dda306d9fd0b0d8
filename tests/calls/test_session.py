"""Whole calls in virtual time."""

from collections.abc import AsyncIterator

import pytest

from annie.agent.protocols import AgentTurn, EndCall, LeaveMessage, Say, Step
from annie.calls.answering import Refusal
from annie.calls.limits import Limits
from annie.calls.phrases import Phrase, phrase
from annie.kit.language import Language
from annie.speech.protocols import CallerTurn, Expectation
from tests.calls.fakes import Call, foreign_tasks, instant_mouth

pytestmark = pytest.mark.unit

LONG = "We are open from Monday to Friday from nine to five, and on Saturday from ten to two."


def says(*steps: Step):
    async def answer(turn: CallerTurn, context: AgentTurn) -> AsyncIterator[Step]:
        for step in steps:
            yield step

    return answer


async def ask(call: Call, text: str) -> None:
    call.ears.start()
    await call.after(0.5)
    call.ears.turn(text)


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


async def test_two_check_ins_and_a_farewell_end_a_silent_call():
    call = Call()
    await call.greeted()
    await call.after(60)
    await call.over()
    assert [text for _, text in call.store.transcript] == [
        "Hello, this is Annie.",
        "Still there 1?",
        "Still there 2?",
        "Still there 3?",
    ]
    assert call.reasons == ["silence"]


async def test_an_agent_without_last_words_is_given_some():
    call = Call()
    call.agent.silence_steps = lambda times: [] if times > 2 else [Say("Hello?")]
    await call.greeted()
    await call.over()
    assert call.store.transcript[-1][1] == phrase(Phrase.FAREWELL, Language.ENGLISH)


async def test_words_end_a_silence_and_the_count_begins_again():
    call = Call()
    await call.greeted()
    await call.after(9)
    await ask(call, "I am here")
    await call.after(11)
    assert call.store.transcript[-1][1] == "Still there 1?"
    call.leg.end("caller")
    await call.over()


async def test_the_clock_of_silence_stands_while_the_caller_speaks():
    call = Call()
    await call.greeted()
    call.ears.start()
    await call.after(30)
    call.ears.turn("that was long")
    await call.after(3)
    assert [text for _, text in call.store.transcript][1:] == [
        "that was long",
        "You said that was long.",
    ]
    call.leg.end("caller")
    await call.over()


async def test_dictation_is_given_more_patience():
    call = Call()
    call.agent.greeting = [Say("Go ahead.", expects=Expectation.DICTATION)]
    await call.greeted()
    await call.after(8.5)
    assert len(call.store.transcript) == 1
    assert call.ears.expectations == [Expectation.DICTATION]
    await call.after(4)
    assert len(call.store.transcript) == 2
    call.leg.end("caller")
    await call.over()


async def test_an_agent_that_hangs_is_replaced_by_its_apology():
    call = Call()
    call.agent.delay = 1000
    await call.greeted()
    await ask(call, "Hello?")
    await call.after(7)
    assert call.store.transcript[-1] == ("assistant", "Sorry about that.")
    assert call.agent.running == 0
    call.leg.end("caller")
    await call.over()


async def test_an_agent_that_fails_wholly_still_leaves_no_silence_and_ends_in_time():
    call = Call()
    call.agent.delay = 1000
    call.agent.sorry_steps = None
    await call.greeted()
    await ask(call, "Hello?")
    await call.after(9)
    assert call.store.transcript[-1][1] == phrase(Phrase.SORRY, Language.ENGLISH)
    for _ in range(2):
        await ask(call, "Hello?")
        await call.after(10)
    await call.over()
    assert call.store.transcript[-1][1] == phrase(Phrase.FAILURE, Language.ENGLISH)
    assert call.reasons == ["error"]


async def test_an_agent_without_end_is_stopped():
    call = Call(Limits(agent_steps=3))
    call.agent.answer = says(*[Say("And.")] * 10)
    await call.greeted()
    await ask(call, "Hello?")
    await call.after(5)
    assert [text for _, text in call.store.transcript].count("And.") == 3
    assert call.store.transcript[-1][1] == "Sorry about that."
    call.leg.end("caller")
    await call.over()


async def test_a_mouth_that_fails_once_is_tried_again_unheard():
    call = Call()
    call.mouth.fail = True
    call.start()
    await call.after(0.02)
    call.mouth.fail = False
    await call.after(2)
    assert call.store.transcript == [("assistant", "Hello, this is Annie.")]
    call.leg.end("caller")
    await call.over()


@pytest.mark.parametrize("fault", ["fail", "hang"])
async def test_a_dead_mouth_plays_a_clip_and_then_takes_its_leave(fault: str):
    call = Call()
    await call.clips.render(instant_mouth(), call.clock)
    await call.greeted()
    setattr(call.mouth, fault, True)
    await ask(call, "Hello?")
    await call.after(8)
    assert call.store.transcript[-1][1] == phrase(Phrase.SORRY, Language.ENGLISH)
    await ask(call, "Hello?")
    await call.over()
    assert call.store.transcript[-1][1] == phrase(Phrase.FAILURE, Language.ENGLISH)
    assert call.reasons == ["system_failure"]


async def test_a_dead_mouth_without_clips_hangs_up_rather_than_being_silent():
    call = Call()
    call.mouth.fail = True
    call.start()
    await call.over()
    assert call.reasons == ["system_failure"]


async def test_a_sentence_that_breaks_off_is_recorded_as_far_as_it_was_heard():
    call = Call()
    await call.clips.render(instant_mouth(), call.clock)
    await call.greeted()
    call.mouth.break_off = True
    call.agent.answer = says(Say(LONG))
    await ask(call, "Hello?")
    await call.after(8)
    assert call.mouth.spoken.count(LONG) == 1
    call.leg.end("caller")
    await call.over()
    assert call.store.transcript[-1][1] == phrase(Phrase.SORRY, Language.ENGLISH)


async def test_the_caller_hanging_up_in_mid_sentence_cuts_the_record():
    call = Call()
    call.agent.answer = says(Say(LONG))
    await call.greeted()
    await ask(call, "When are you open?")
    await call.after(2)
    call.leg.end("caller")
    await call.over()
    role, heard = call.store.transcript[-1]
    assert role == "assistant"
    assert LONG.startswith(heard)
    assert 0 < len(heard) < len(LONG) / 2
    assert call.store.log[-1] == "close caller_hung_up"


async def test_annie_hangs_up_once_her_farewell_was_heard():
    call = Call()
    bye = "Thank you for calling, goodbye."
    call.agent.answer = says(Say(bye, interruptible=False), EndCall("caller_done"))
    await call.greeted()
    await ask(call, "That is all, bye")
    await call.over()
    assert call.store.transcript[-1] == ("assistant", bye)
    assert not any(line.startswith("amend") for line in call.store.log)
    assert call.reasons == ["caller_done"]


async def test_a_caller_who_hangs_up_during_the_farewell_hung_up():
    call = Call()
    call.agent.answer = says(
        Say("Thank you, and bye.", interruptible=False), EndCall("caller_done")
    )
    await call.greeted()
    await ask(call, "Bye")
    await call.after(0.5)
    call.leg.end("caller")
    await call.over()
    assert call.reasons == ["caller_hung_up"]


async def test_a_call_that_is_cancelled_while_ringing_leaves_no_record():
    call = Call()
    call.reception_delay = 1.0
    call.start()
    await call.after(0.1)
    call.leg.end("caller")
    await call.over()
    assert call.store.log == []
    assert "answer" not in call.leg.log


async def test_a_call_that_is_never_established_is_given_up():
    call = Call()
    call.leg.establishes = False
    call.start()
    await call.over()
    assert call.reasons == ["not_established"]


async def test_a_hang_up_that_nobody_confirms_still_closes_the_record():
    call = Call()
    call.leg.confirms_hang_up = False
    call.agent.answer = says(EndCall("caller_done"))
    await call.greeted()
    await ask(call, "Bye")
    await call.over()
    assert call.reasons == ["caller_done"]


async def test_a_line_without_frames_is_given_up():
    call = Call()
    await call.greeted()
    await call.clock.advance(40)
    await call.over()
    assert call.reasons == ["edge_lost"]


async def test_a_lost_edge_ends_the_call():
    call = Call()
    await call.greeted()
    call.leg.end("edge", "link closed")
    await call.over()
    assert call.reasons == ["edge_lost"]
    assert call.store.endings[0].detail == "link closed"


async def test_a_call_ends_courteously_at_its_maximum():
    call = Call(Limits(duration=20))
    call.agent.answer = says(Say(LONG * 10))
    await call.greeted()
    await ask(call, "Tell me everything")
    await call.over()
    assert call.store.transcript[-1][1] == phrase(Phrase.TOO_LONG, Language.ENGLISH)
    assert call.reasons == ["max_duration"]


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


MESSAGE = LeaveMessage("Ada", "+14155550123", "Please call back")


async def test_a_message_is_stored_before_she_says_so():
    call = Call()
    call.agent.answer = says(MESSAGE, Say("I passed it on."))
    await call.greeted()
    await ask(call, "Yes")
    await call.after(2)
    assert call.store.messages == [MESSAGE]
    assert call.store.log.index("message") < call.store.log.index("assistant: I passed it on.")
    call.leg.end("caller")
    await call.over()


async def test_a_message_that_cannot_be_stored_is_not_claimed_to_be_and_is_not_stored_later():
    call = Call()
    call.agent.answer = says(MESSAGE, Say("I passed it on."))
    await call.greeted()
    call.store.down = True
    await ask(call, "Yes")
    await call.after(6)
    assert call.agent.sorries[-1].failed == "store_failed"
    call.store.down = False
    await call.after(5)
    assert call.store.messages == []
    assert "I passed it on." not in call.mouth.spoken
    call.leg.end("caller")
    await call.over()
    assert call.reasons == ["caller_hung_up"]


async def test_speaking_while_a_message_is_stored_neither_loses_nor_doubles_it():
    call = Call()
    call.agent.answer = says(MESSAGE, Say("I passed it on."))
    await call.greeted()
    call.store.down = True
    await ask(call, "Yes")
    await call.after(0.2)
    call.agent.answer = says(Say("You are welcome."))
    await ask(call, "Thank you")
    call.store.down = False
    await call.after(4)
    assert call.store.messages == [MESSAGE]
    assert call.store.transcript[-1][1] == "You are welcome."
    call.leg.end("caller")
    await call.over()


@pytest.mark.parametrize("decision", [RuntimeError("no database"), None])
async def test_a_reception_that_fails_or_takes_too_long_is_service_unavailable(
    decision: Exception | None,
):
    call = Call()
    call.decision = decision
    call.reception_delay = 0.0 if decision else 100.0
    call.start()
    await call.after(2.1)
    assert call.leg.rejected == 503
    await call.over()
    assert call.store.log == []


async def test_a_refusal_goes_to_the_line():
    call = Call()
    call.decision = Refusal(404, "Not Found")
    call.start()
    await call.after(0.1)
    assert call.leg.rejected == 404
    await call.over()


async def test_a_database_outage_is_not_heard_and_the_record_is_whole_afterwards():
    call = Call()
    await call.greeted()
    call.store.down = True
    await ask(call, "One")
    await call.after(5)
    assert call.leg.queued_samples == 0
    await ask(call, "Two")
    await call.after(2)
    call.leg.end("caller")
    await call.after(1)
    call.store.down = False
    await call.over()
    assert call.store.log == [
        "open",
        "assistant: Hello, this is Annie.",
        "user: One",
        "assistant: You said One.",
        "user: Two",
        "assistant: You said Two.",
        "close caller_hung_up",
    ]


async def test_a_session_that_is_cancelled_closes_its_record():
    call = Call()
    await call.greeted()
    assert call.task is not None
    call.task.cancel()
    await call.after(0.2)
    assert call.task.cancelled()
    assert call.reasons == ["system_failure"]
    assert call.leg.status == "ended"
