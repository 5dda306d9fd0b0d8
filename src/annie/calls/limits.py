"""Every bound of a live call in one place, and the one way of waiting within a bound."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from annie.kit.clock import Clock

T = TypeVar("T")


@dataclass(slots=True, frozen=True)
class Limits:
    """Bounds of one call, in seconds unless named otherwise."""

    #: Deciding who answers, with every query it takes; after that the caller hears 503.
    reception: float = 2.0
    #: Taking up a call of a lost process, with every attempt; then it ends with an apology.
    rejoin: float = 12.0
    #: From our 200 OK until the edge says that the caller hears.
    establish: float = 40.0
    #: Each step of the agent, the first one included.
    agent_step: float = 4.0
    #: Steps of one reply; an agent that goes on beyond is stuck in a loop.
    agent_steps: int = 40
    #: Each chunk of synthesized speech, the first one included.
    mouth_chunk: float = 2.0
    #: Understanding what the caller was saying when the line went.
    last_turn: float = 4.0
    #: A message for the staff must be stored within this, or the caller is told it wasn't.
    store: float = 3.0
    #: One transaction of the records, before it is tried again.
    write: float = 10.0
    #: How long an interruption may last before she goes on with what she was saying.
    hold: float = 90.0
    #: How long what was queued may take to be heard beyond its own length.
    playout_grace: float = 3.0
    #: Quiet on both sides before a check-in; more while a message is being dictated.
    silence: float = 8.0
    silence_dictation: float = 12.0
    #: Check-ins of one silence before the call is ended.
    check_ins: int = 2
    #: Pause after a key until the digits count as complete.
    inter_digit: float = 1.5
    #: Digits of one turn; what is pressed beyond begins the next one.
    digits: int = 32
    #: A call in all, and what its courteous end may take.
    duration: float = 3600.0
    farewell: float = 20.0
    #: Waiting for the rest of a record after its call; it is written in any case.
    drain: float = 5.0


class BoundExceeded(Exception):  # noqa: N818 - it names what happened
    """A wait reached its bound; the work was cancelled."""


async def within(clock: Clock, seconds: float, work: Awaitable[T]) -> T:
    """The result of ``work``, given at most ``seconds`` on ``clock``.

    Work that ignores its cancellation is left behind rather than waited for.

    Raises:
        BoundExceeded: it took longer.
    """
    task = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
        if not task.done():
            task.cancel()
            # Nobody will ask for it any more, however it ends.
            task.add_done_callback(_seen)
            # One turn of the loop, so that a generator is closed before its agent is asked again.
            await asyncio.sleep(0)
    if task.done() and not task.cancelled():
        return task.result()
    raise BoundExceeded(f"took longer than {seconds:g} s")


def _seen(task: "asyncio.Future[T]") -> None:
    if not task.cancelled():
        task.exception()
