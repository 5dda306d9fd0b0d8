"""Whatever happens in whatever order: a call ends, once, and leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annie.agent.protocols import AgentTurn, EndCall, LeaveMessage, Say, Step
from annie.calls.limits import Limits
from annie.speech.protocols import CallerTurn
from tests.calls.fakes import Call, foreign_tasks

pytestmark = pytest.mark.unit

#: What may happen, each with the seconds that pass after it.
EVENTS = st.sampled_from(
    [
        "wait",
        "speech",
        "words",
        "nothing",
        "noise",
        "digit",
        "hash",
        "mouth_fails",
        "mouth_hangs",
        "mouth_heals",
        "agent_slow",
        "agent_raises",
        "agent_heals",
        "agent_ends",
        "agent_stores",
        "database_down",
        "database_hangs",
        "database_up",
        "cancel",
        "caller_hangs_up",
        "edge_lost",
    ]
)
STEPS = st.lists(st.tuples(EVENTS, st.sampled_from([0.0, 0.02, 0.3, 2.0, 9.0])), max_size=14)

LIMITS = Limits(duration=120.0, drain=5.0, silence=4.0)


async def _raise(turn: CallerTurn, context: AgentTurn) -> AsyncIterator[Step]:
    yield Say("Well,")
    raise RuntimeError("bug")


async def _end(turn: CallerTurn, context: AgentTurn) -> AsyncIterator[Step]:
    yield Say("Goodbye then.", interruptible=False)
    yield EndCall("caller_done")


async def _store(turn: CallerTurn, context: AgentTurn) -> AsyncIterator[Step]:
    yield LeaveMessage("Ada", "+14155550123", "call me")
    yield Say("I passed it on.")


def _happen(call: Call, event: str) -> None:
    listener = call.leg.listener
    assert listener is not None
    alive = call.leg.status == "talking"
    match event:
        case "speech" if alive:
            call.ears.start()
        case "words" if alive:
            call.ears.turn("some words")
        case "nothing" if alive:
            call.ears.turn("", seconds=0.2)
        case "noise" if alive:
            call.ears.turn("", seconds=3)
        case "digit" if alive:
            listener.on_digit("5")
        case "hash" if alive:
            listener.on_digit("#")
        case "mouth_fails":
            call.mouth.fail = True
        case "mouth_hangs":
            call.mouth.hang = True
        case "mouth_heals":
            call.mouth.fail = call.mouth.hang = False
        case "agent_slow":
            call.agent.delay = 30
        case "agent_raises":
            call.agent.answer = _raise
        case "agent_heals":
            call.agent.delay = 0
        case "agent_ends":
            call.agent.answer = _end
        case "agent_stores":
            call.agent.answer = _store
        case "database_down":
            call.store.down = True
        case "database_hangs":
            call.store.hang = True
        case "database_up":
            call.store.down = call.store.hang = False
        case "cancel":
            assert call.task is not None
            call.task.cancel()
        case "caller_hangs_up":
            call.leg.end("caller")
        case "edge_lost":
            call.leg.end("edge")
        case _:
            pass


async def _play(steps: list[tuple[str, float]]) -> Call:
    call = Call(LIMITS)
    call.start()
    await call.clock.advance(0)
    for event, seconds in steps:
        _happen(call, event)
        await call.after(seconds)
    call.store.down = call.store.hang = False
    assert call.task is not None
    for _ in range(400):
        if call.task.done():
            break
        await call.after(0.5)
    assert call.task.done()
    # A round that hung is noticed after 10 s, and tried again 2 s later.
    await call.clock.advance(15)
    assert foreign_tasks() == set()
    return call


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_every_call_ends_with_one_reason_and_without_a_task_left(steps: list[tuple[str, float]]):
    call = asyncio.run(_play(steps))
    assert call.leg.status == "ended"
    assert len(call.store.openings) <= 1
    assert len(call.store.endings) == len(call.store.openings)
    if call.store.openings:
        assert call.store.log[0] == "open"
        assert call.store.log[-1].startswith("close ")
    assert all(ending.reason for ending in call.store.endings)
    assert call.ears.listener is None or call.ears.closed
    assert len(call.store.endings) <= 1
