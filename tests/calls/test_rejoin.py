"""A call that goes on in another voice process after its own was lost."""

import pytest

from annie.agent.protocols import EndCall, LeaveMessage, Say
from annie.calls.checkpoint import Checkpoint
from annie.calls.session import Rejoined
from annie.kit.link import HANDED_OVER
from tests.calls.fakes import Call
from tests.calls.session_support import says

pytestmark = pytest.mark.unit


def carried_on(lost: Call, *, comforted: bool = False) -> Call:
    """The call in its second process, with what the first left at the edge."""
    checkpoint = Checkpoint.decode(lost.leg.checkpoints[-1].encode())
    assert checkpoint is not None
    call = Call()
    call.start(Rejoined(checkpoint, comforted))
    return call


async def asked(question: str = "Are you open?") -> Call:
    call = Call()
    await call.greeted()
    call.ears.start()
    call.ears.turn(question)
    return call


async def test_a_caller_for_whom_nothing_happened_hears_nothing_of_it() -> None:
    first = await asked()
    await first.after(4.0)
    second = carried_on(first)
    await second.after(3.0)
    assert second.mouth.spoken == []
    assert second.agent.restored == b"1"
    second.ears.turn("And on Sunday?")
    await second.after(3.0)
    assert second.mouth.spoken == ["You said And on Sunday?."]


async def test_whoever_was_asked_to_wait_is_thanked() -> None:
    first = await asked()
    await first.after(4.0)
    second = carried_on(first, comforted=True)
    await second.after(2.0)
    assert second.mouth.spoken == ["Thank you for waiting."]


async def test_a_question_without_an_answer_is_answered() -> None:
    first = await asked("Are you open on Sunday?")
    await first.clock.advance(0)
    assert first.leg.checkpoints[-1].owed
    second = carried_on(first, comforted=True)
    await second.after(3.0)
    assert second.mouth.spoken == ["You said Are you open on Sunday?."]
    assert [turn.text for turn in second.agent.turns] == ["Are you open on Sunday?"]
    assert second.agent.restored == b"0"


async def test_the_record_is_the_same_and_holds_the_turn_that_was_being_answered() -> None:
    first = await asked("Are you open on Sunday?")
    await first.clock.advance(0)
    second = carried_on(first)
    await second.after(3.0)
    second.leg.end("caller")
    await second.over()
    assert second.store.openings[0] == first.store.openings[0]
    assert ("user", "Are you open on Sunday?") in second.store.transcript
    written = set(second.store.entries) & set(first.store.entries)
    assert len(written) == 1
    assert second.reasons == ["caller_hung_up"]


async def test_a_caller_who_was_speaking_is_brought_back_in() -> None:
    first = Call()
    await first.greeted()
    first.ears.start()
    second = carried_on(first)
    await second.after(2.0)
    assert second.mouth.spoken == ["Thank you for waiting."]


async def test_a_greeting_that_was_cut_short_is_not_begun_again() -> None:
    first = Call()
    first.mouth.delay = 1.0
    first.start()
    await first.after(0.1)
    second = carried_on(first)
    await second.after(2.0)
    assert second.mouth.spoken == ["Thank you for waiting."]


async def test_a_message_that_was_stored_is_not_stored_again() -> None:
    first = await asked()
    first.agent.answer = says(LeaveMessage("Ana", "", "call me"), Say("Noted."))
    await first.after(0.2)
    assert len(first.store.messages) == 1
    second = carried_on(first)
    await second.after(3.0)
    assert second.agent.turns == []


async def test_an_end_that_was_decided_stays_decided() -> None:
    first = await asked()
    first.agent.answer = says(Say("Goodbye."), EndCall("caller_done"))
    await first.after(2.0)
    assert first.leg.checkpoints[-1].ending == "caller_done"
    second = carried_on(first)
    await second.over()
    assert second.mouth.spoken == []
    assert second.reasons == ["caller_done"]


async def test_a_database_that_is_away_at_that_moment_is_asked_again() -> None:
    first = await asked()
    await first.after(4.0)
    checkpoint = first.leg.checkpoints[-1]
    second = Call()
    second.decision = ConnectionError("no database")
    second.start(Rejoined(checkpoint, comforted=True))
    await second.after(2.0)
    second.decision = None
    await second.after(2.0)
    assert second.mouth.spoken == ["Thank you for waiting."]


async def test_a_bot_that_does_not_come_back_ends_the_call_and_its_record() -> None:
    first = await asked()
    await first.after(4.0)
    second = Call()
    second.decision = ConnectionError("no database")
    second.start(Rejoined(first.leg.checkpoints[-1], comforted=True))
    await second.over()
    assert second.reasons == ["system_failure"]
    assert second.leg.status == "ended"


async def test_a_process_whose_call_went_elsewhere_leaves_the_record_open() -> None:
    call = await asked()
    await call.after(0.1)
    call.leg.end("edge", HANDED_OVER)
    await call.over()
    assert call.reasons == []
    assert ("user", "Are you open?") in call.store.transcript
