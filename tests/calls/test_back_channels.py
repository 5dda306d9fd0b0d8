""" "Uh-huh" while Annie speaks, in whole calls in virtual time."""

import pytest

from annie.agent.protocols import Say
from annie.speech.protocols import Expectation
from tests.calls.fakes import Call
from tests.calls.session_support import LONG, ask, says

pytestmark = pytest.mark.unit


async def interrupted(call: Call, said: str, words: str, expects: Expectation) -> None:
    """She is two seconds into ``said`` when the caller says ``words``."""
    call.agent.answer = says(Say(said, expects=expects))
    await call.greeted()
    await ask(call, "When are you open?")
    await call.after(2.0)
    call.ears.start()
    assert call.leg.queued_samples == 0
    await call.after(0.5)
    call.ears.turn(words)
    await call.after(10)
    call.leg.end("caller")
    await call.over()


async def test_an_uh_huh_over_a_statement_lets_her_go_on_and_is_in_the_record():
    call = Call()
    await interrupted(call, LONG, "Uh-huh.", Expectation.OPEN)
    assert [turn.text for turn in call.agent.turns] == ["When are you open?"]
    assert call.store.transcript[1:] == [
        ("user", "When are you open?"),
        ("assistant", LONG),
        ("user", "Uh-huh."),
    ]


async def test_a_word_with_a_wish_in_it_takes_the_floor():
    call = Call()
    await interrupted(call, LONG, "Okay, but what about Sunday?", Expectation.OPEN)
    assert call.agent.turns[-1].text == "Okay, but what about Sunday?"
    assert [text == LONG for role, text in call.store.transcript if role == "assistant"] == [
        False,
        False,
        True,
    ]


async def test_okay_to_a_question_is_an_answer():
    call = Call()
    await interrupted(
        call, "Shall I put you down for Tuesday the fourth at three?", "Okay.", Expectation.YES_NO
    )
    assert call.agent.turns[-1].text == "Okay."


async def test_yes_to_a_statement_before_the_question_waits_for_the_question():
    call = Call()
    text = f"{LONG} Shall I book it?"
    await interrupted(call, text, "Yes.", Expectation.OPEN)
    assert [turn.text for turn in call.agent.turns] == ["When are you open?"]
    assert ("assistant", text) in call.store.transcript


async def test_uh_huh_after_she_has_finished_is_a_turn():
    call = Call()
    await call.greeted()
    await ask(call, "Uh-huh.")
    await call.after(1)
    assert call.agent.turns[-1].text == "Uh-huh."
    call.leg.end("caller")
    await call.over()
