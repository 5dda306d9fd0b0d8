"""What the agent is told of what a caller heard, and what becomes of a question cut short."""

import asyncio
from dataclasses import replace

import pytest

from annie.agent.meaning import Meaning
from annie.agent.protocols import LeaveMessage, Say
from annie.agent.scripted import ScriptedAgent
from annie.agent.training import Faq, compile_training
from annie.calls.checkpoint import Checkpoint
from annie.calls.session import Rejoined
from annie.kit.language import Language
from tests.calls.fakes import Call
from tests.calls.session_support import LONG, ask, says

pytestmark = pytest.mark.unit

PARKING = "Yes, there is free parking behind the building, and two places for the disabled."


def scripted() -> Call:
    """A call with the embedded agent."""
    faq = Faq("Do you have parking?", PARKING)
    training = compile_training(Language.ENGLISH, "Riverside", faqs=[faq])
    call = Call()
    agent = ScriptedAgent(training, Meaning(training))
    call.decision = replace(call.answering(), agent=agent)
    return call


async def at(*lines: str) -> Call:
    """The caller has said these, and heard every answer."""
    call = scripted()
    await call.greeted()
    await call.after(6)
    for line in lines:
        await ask(call, line)
        await call.after(8)
    return call


def said(call: Call) -> list[str]:
    return [text for role, text in call.store.transcript if role == "assistant"]


async def hung_up(call: Call) -> None:
    call.leg.end("caller")
    await call.over()


async def test_who_hears_all_of_it_has_interrupted_nothing() -> None:
    call = Call()
    await call.greeted()
    await ask(call, "Hello?")
    await call.after(3)
    assert [context.heard for context in call.agent.contexts] == [None]
    await hung_up(call)


async def test_an_interruption_before_the_first_word_is_one() -> None:
    call = Call()
    call.agent.answer = says(Say(LONG))
    call.agent.delay = 1.0
    await call.greeted()
    await ask(call, "When are you open?")
    # Two frames are heard: no word, but more than nothing.
    await call.after(1.06)
    call.ears.start()
    call.ears.turn("Only Saturday")
    await call.after(2)
    assert call.agent.contexts[-1].heard == ""
    assert ("assistant", "…") in call.store.transcript
    await hung_up(call)


async def test_what_was_heard_counts_until_the_next_answer_is_heard() -> None:
    call = Call()
    call.agent.answer = says(Say(LONG))
    await call.greeted()
    await ask(call, "When are you open?")
    await call.after(2)
    call.agent.delay = 1.0
    await ask(call, "Only")
    await call.after(0.1)
    heard = call.agent.contexts[-1].heard
    assert heard
    await call.after(0.2)
    await ask(call, "Saturday")
    await call.after(0.1)
    assert call.agent.turns[-1].text == "Only Saturday"
    assert call.agent.contexts[-1].heard == heard
    await call.after(5)
    await ask(call, "Thank you")
    await call.after(0.1)
    assert call.agent.contexts[-1].heard != heard
    await hung_up(call)


async def test_another_process_knows_what_was_heard_too() -> None:
    first = Call()
    first.agent.answer = says(Say(LONG))
    await first.greeted()
    await ask(first, "When are you open?")
    await first.after(2)
    first.agent.delay = 30
    await ask(first, "Only Saturday")
    await first.clock.advance(0)
    checkpoint = Checkpoint.decode(first.leg.checkpoints[-1].encode())
    assert checkpoint is not None
    second = Call()
    second.start(Rejoined(checkpoint, comforted=True))
    await second.after(1)
    assert second.agent.contexts[-1].heard == first.agent.contexts[-1].heard
    assert second.agent.contexts[-1].heard
    await hung_up(second)


async def test_a_number_that_was_not_heard_is_read_back_again_before_it_is_taken() -> None:
    call = await at("leave a message", "John Smith", "no")
    await ask(call, "312 555 0142")
    await call.after(1.0)
    await ask(call, "yes")
    await call.after(8)
    cut, again = said(call)[-2:]
    assert again == "I have 312-555-0142. Is that right?"
    assert cut != again
    assert again.startswith(cut)
    await ask(call, "yes")
    await call.after(8)
    assert said(call)[-1] == "Thank you. What is your message?"
    await hung_up(call)


async def test_a_summary_that_was_not_heard_is_not_confirmed_and_yet_not_lost() -> None:
    call = await at("leave a message", "John Smith", "yes")
    await ask(call, "please call me about my bill")
    await call.after(0.6)
    await ask(call, "yes")
    await call.after(0.6)
    await hung_up(call)
    assert call.store.messages == [
        LeaveMessage("John Smith", "+14155550123", "please call me about my bill", confirmed=False)
    ]


async def test_repeat_that_after_an_interruption_says_all_of_it_and_the_record_tells_both() -> None:
    call = await at()
    await ask(call, "Do you have parking?")
    await call.after(1.5)
    await ask(call, "Could you repeat that?")
    await call.after(8)
    cut, whole = said(call)[-2:]
    assert whole == PARKING
    assert 0 < len(cut) < len(PARKING) / 2
    assert PARKING.startswith(cut)
    await hung_up(call)


async def test_nothing_is_left_running() -> None:
    call = await at("leave a message")
    await hung_up(call)
    assert asyncio.all_tasks() == {asyncio.current_task()}
