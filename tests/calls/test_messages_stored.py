"""A message for the staff is stored, or surely not."""

import pytest

from annie.agent.protocols import Say
from tests.calls.fakes import Call
from tests.calls.session_support import MESSAGE, ask, says

pytestmark = pytest.mark.unit


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
