"""A caller who is gone before the turn was over."""

from dataclasses import replace

import pytest

from annie.agent.meaning import Meaning
from annie.agent.protocols import LeaveMessage
from annie.agent.scripted import ScriptedAgent
from annie.agent.training import compile_training
from annie.calls.limits import Limits
from annie.kit.language import Language
from annie.kit.link import HANDED_OVER
from tests.calls.fakes import Call, foreign_tasks
from tests.calls.session_support import ask

pytestmark = pytest.mark.unit


async def dictating() -> Call:
    """The embedded agent has asked for the message, and the caller speaks."""
    training = compile_training(Language.ENGLISH, "Riverside")
    call = Call()
    agent = ScriptedAgent(training, Meaning(training))
    call.decision = replace(call.answering(), agent=agent)
    await call.greeted()
    await call.after(6)
    for line in ("leave a message", "John Smith", "yes"):
        await ask(call, line)
        await call.after(8)
    call.ears.start()
    await call.after(2)
    return call


async def test_what_was_being_dictated_is_in_transcript_and_message():
    call = await dictating()
    call.ears.last_words = "Please call me about my bill."
    call.leg.end("caller")
    await call.over()
    assert call.store.transcript[-1] == ("user", "Please call me about my bill.")
    assert call.store.messages == [
        LeaveMessage("John Smith", "+14155550123", "Please call me about my bill.", confirmed=False)
    ]
    assert call.store.log[-1] == "close caller_hung_up"
    assert not foreign_tasks()


async def test_a_yes_that_was_cut_short_confirms():
    call = await dictating()
    call.ears.turn("Please call me about my bill.")
    await call.after(12)
    call.ears.start()
    call.ears.last_words = "Yes."
    call.leg.end("caller")
    await call.over()
    assert [message.confirmed for message in call.store.messages] == [True]


async def test_nothing_is_said_into_a_line_that_is_gone():
    call = Call()
    call.agent.delay = 1.0
    await call.greeted()
    await ask(call, "That is all")
    call.ears.start()
    call.ears.last_words = "really"
    call.leg.end("caller")
    await call.over()
    assert call.agent.unanswered is not None
    assert call.agent.unanswered.text == "That is all really"
    assert call.mouth.spoken == ["Hello, this is Annie."]


async def test_keys_that_were_pressed_last_count():
    call = Call()
    await call.greeted()
    assert call.leg.listener is not None
    for digit in "4155550199":
        call.leg.listener.on_digit(digit)
    call.leg.end("caller")
    await call.over()
    assert call.agent.unanswered is not None
    assert call.agent.unanswered.digits == "4155550199"
    assert call.store.transcript[-1] == ("user", "4155550199")


async def test_who_said_nothing_is_not_answered():
    call = Call()
    await call.greeted()
    call.ears.start()
    call.leg.end("caller")
    await call.over()
    assert call.agent.unanswered is None
    assert len(call.store.transcript) == 1


async def test_a_recognizer_that_does_not_come_back_costs_a_bounded_time_and_no_time_of_the_call():
    call = Call(Limits(last_turn=4.0))
    await call.greeted()
    call.ears.start()
    call.ears.half_said = "Please call"
    ended = call.clock.now()
    call.leg.end("caller")
    await call.after(5)
    assert call.task is not None
    assert call.task.done()
    assert [ending.at for ending in call.store.endings] == [ended]
    assert call.store.transcript[-1] == ("user", "Please call")


async def test_a_call_that_goes_on_elsewhere_is_not_heard_out_here():
    call = Call()
    await call.greeted()
    call.ears.start()
    call.ears.last_words = "Hello?"
    call.leg.end("edge", HANDED_OVER)
    await call.over()
    assert call.agent.unanswered is None
    assert ("user", "Hello?") not in call.store.transcript
