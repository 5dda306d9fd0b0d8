"""A message for the staff is stored, or surely not."""

import pytest

from annie.agent.protocols import LeaveMessage, Say
from annie.kit.link import HANDED_OVER
from tests.calls.fakes import Call
from tests.calls.session_support import LONG, MESSAGE, ask, says

pytestmark = pytest.mark.unit

UNCONFIRMED = LeaveMessage("Ada", "+14155550123", "My crown fell out", confirmed=False)


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


@pytest.mark.parametrize(
    ("by", "reason"), [("caller", "caller_hung_up"), ("edge", "edge_lost"), ("annie", "error")]
)
async def test_what_was_being_left_is_in_the_record_however_the_call_ended(by: str, reason: str):
    call = Call()
    await call.greeted()
    call.agent.unfinished = [UNCONFIRMED]
    call.leg.end(by)
    await call.over()
    assert call.store.messages == [UNCONFIRMED]
    assert call.store.log[-2:] == ["message", f"close {reason}"]


async def test_what_was_being_left_is_kept_when_a_silence_ends_the_call():
    call = Call()
    await call.greeted()
    call.agent.unfinished = [UNCONFIRMED]
    await call.over()
    assert call.reasons == ["silence"]
    assert call.store.messages == [UNCONFIRMED]


async def test_what_was_being_left_is_kept_when_the_agent_fails_for_good():
    call = Call()
    call.agent.delay = 1000
    call.agent.sorry_steps = None
    call.agent.unfinished = [UNCONFIRMED]
    await call.greeted()
    for _ in range(3):
        await ask(call, "Hello?")
        await call.after(10)
    await call.over()
    assert call.reasons == ["error"]
    assert call.store.messages == [UNCONFIRMED]


async def test_what_was_being_left_is_kept_when_the_process_is_told_to_end():
    call = Call()
    await call.greeted()
    call.agent.unfinished = [UNCONFIRMED]
    assert call.task is not None
    call.task.cancel()
    await call.after(0.2)
    assert call.store.messages == [UNCONFIRMED]
    assert call.reasons == ["system_failure"]


async def test_a_database_that_comes_back_after_the_call_still_gets_the_message():
    call = Call()
    await call.greeted()
    call.store.down = True
    call.agent.unfinished = [UNCONFIRMED]
    call.leg.end("caller")
    await call.after(8)
    assert call.store.messages == []
    call.store.down = False
    await call.over()
    await call.after(3)
    assert call.store.messages == [UNCONFIRMED]


async def test_hanging_up_while_a_message_is_stored_stores_it_once():
    call = Call()
    call.agent.answer = says(MESSAGE, Say("I passed it on."))
    await call.greeted()
    call.store.down = True
    await ask(call, "Yes")
    await call.after(0.2)
    call.agent.unfinished = [MESSAGE]
    call.leg.end("caller")
    await call.after(1)
    call.store.down = False
    await call.over()
    assert call.store.messages == [MESSAGE]


async def test_a_message_that_was_stored_just_before_the_end_is_not_doubled():
    call = Call()
    call.agent.answer = says(MESSAGE, Say("I passed it on."))
    await call.greeted()
    await ask(call, "Yes")
    await call.after(1)
    assert call.store.messages == [MESSAGE]
    # It wasn't told any more that this was stored.
    call.agent.unfinished = [MESSAGE]
    call.leg.end("caller")
    await call.over()
    assert call.store.messages == [MESSAGE]


async def test_an_agent_that_fails_at_the_end_does_not_cost_the_record():
    call = Call()
    call.agent.unfinished = None
    await call.greeted()
    call.leg.end("caller")
    await call.over()
    assert call.reasons == ["caller_hung_up"]


async def test_a_call_that_goes_on_elsewhere_leaves_its_message_to_its_successor():
    call = Call()
    await call.greeted()
    call.agent.unfinished = [UNCONFIRMED]
    call.leg.end("edge", HANDED_OVER)
    await call.over()
    assert call.store.messages == []


async def test_words_cut_off_by_the_hang_up_are_in_the_record_and_told_to_the_agent():
    call = Call()
    await call.greeted()
    await ask(call, "Leave a message")
    await call.after(4)
    call.ears.start()
    call.ears.half_said = "My crown fell"
    await call.after(0.5)
    call.leg.end("caller")
    await call.over()
    assert call.store.transcript[-1] == ("user", "My crown fell")
    assert call.agent.unanswered is not None
    assert call.agent.unanswered.text == "My crown fell"


async def test_a_turn_that_was_still_being_answered_is_told_to_the_agent_with_what_followed():
    call = Call()
    call.agent.delay = 3.0
    await call.greeted()
    await ask(call, "My crown")
    await call.after(0.5)
    call.ears.start()
    call.ears.half_said = "fell out"
    call.leg.end("caller")
    await call.over()
    assert call.agent.unanswered is not None
    assert call.agent.unanswered.text == "My crown fell out"


async def test_a_turn_that_waited_behind_a_notice_is_told_to_the_agent():
    call = Call()
    call.agent.greeting = [Say("This call may be recorded for quality.", interruptible=False)]
    call.start()
    await call.after(0.5)
    await ask(call, "My crown fell out")
    call.leg.end("caller")
    await call.over()
    assert call.agent.unanswered is not None
    assert call.agent.unanswered.text == "My crown fell out"
    assert [text for role, text in call.store.transcript if role == "user"] == ["My crown fell out"]


async def test_a_turn_whose_answer_was_heard_is_not_told_again():
    call = Call()
    await call.greeted()
    await ask(call, "Hello?")
    await call.after(3)
    call.leg.end("caller")
    await call.over()
    assert call.agent.unanswered is None


async def test_the_agent_is_told_how_much_was_heard_before_the_last_words():
    call = Call()
    await call.greeted()
    call.agent.answer = says(Say(LONG))
    await ask(call, "Leave a message")
    await call.after(2)
    call.ears.start()
    call.ears.half_said = "yes"
    call.leg.end("caller")
    await call.over()
    heard = call.agent.contexts[-1].heard
    assert heard is not None
    assert 0 < len(heard) < len(LONG)
    assert LONG.startswith(heard)
