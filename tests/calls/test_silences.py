"""A caller who says nothing."""

import pytest

from annie.agent.protocols import Say
from annie.calls.phrases import Phrase, phrase
from annie.kit.language import Language
from annie.speech.protocols import Expectation
from tests.calls.fakes import Call
from tests.calls.session_support import ask

pytestmark = pytest.mark.unit


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
