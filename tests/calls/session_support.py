"""What tests of whole calls in virtual time ask and answer."""

from collections.abc import AsyncIterator, Callable
from typing import Final

from annie.agent.protocols import AgentTurn, LeaveMessage, Step
from annie.speech.protocols import CallerTurn
from tests.calls.fakes import Call

LONG: Final = (
    "We are open from Monday to Friday from nine to five, and on Saturday from ten to two."
)
MESSAGE: Final = LeaveMessage("Ada", "+14155550123", "Please call back")


def says(*steps: Step) -> Callable[[CallerTurn, AgentTurn], AsyncIterator[Step]]:
    """An answer for ``FakeAgent.answer``: these steps, whatever is asked."""

    async def answer(turn: CallerTurn, context: AgentTurn) -> AsyncIterator[Step]:
        for step in steps:
            yield step

    return answer


async def ask(call: Call, text: str) -> None:
    """The caller speaks for half a second; who takes the turn is up to the call."""
    call.ears.start()
    await call.after(0.5)
    call.ears.turn(text)
