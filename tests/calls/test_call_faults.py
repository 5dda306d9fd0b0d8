"""Whatever fails in a call ends in something the caller hears, and in a whole record."""

import pytest

from annie.agent.protocols import Say
from annie.calls.limits import Limits
from annie.calls.phrases import Phrase, phrase
from annie.kit.language import Language
from tests.calls.fakes import Call, instant_mouth
from tests.calls.session_support import LONG, ask, says

pytestmark = pytest.mark.unit


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
