"""How a call begins, and each way in which it ends."""

import pytest

from annie.agent.protocols import EndCall, Say
from annie.calls.answering import Refusal
from annie.calls.limits import Limits
from annie.calls.phrases import Phrase, phrase
from annie.kit.language import Language
from annie.kit.link import HANDED_OVER, LINK_LOST, MediaFigures
from tests.calls.fakes import Call
from tests.calls.session_support import LONG, ask, says

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("by", "reason", "recorded"),
    [
        ("caller", "bye", "caller_hung_up"),
        ("edge", "media_lost", "media_lost"),
        ("edge", "ack timeout", "edge_lost"),
    ],
)
async def test_the_record_says_how_it_ended_and_how_the_audio_fared(
    by: str, reason: str, recorded: str
):
    call = Call()
    await call.greeted()
    call.leg.media = MediaFigures("PCMU", sent=100, lost=2)
    call.leg.end(by, reason)
    await call.over()
    (ending,) = call.store.endings
    assert (ending.reason, ending.media) == (recorded, call.leg.media)


@pytest.mark.parametrize("reason", [LINK_LOST, HANDED_OVER])
async def test_a_call_that_goes_on_elsewhere_keeps_its_record_open(reason: str):
    call = Call()
    await call.greeted()
    call.leg.end("edge", reason)
    await call.over()
    assert not call.store.endings


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


async def test_a_session_that_is_cancelled_closes_its_record():
    call = Call()
    await call.greeted()
    assert call.task is not None
    call.task.cancel()
    await call.after(0.2)
    assert call.task.cancelled()
    assert call.reasons == ["system_failure"]
    assert call.leg.status == "ended"
