import asyncio
from collections.abc import AsyncIterator

import pytest

from annie.edge.access import AccessList
from annie.edge.caller import Caller, CallFailed
from annie.edge.sip import events as sip
from annie.edge.sip.user_agent import UserAgent, UserAgentConfig
from annie.edge.transport import SipTransport
from annie.kit.clock import SystemClock

pytestmark = pytest.mark.integration


class Callee:
    """A far end that only signals."""

    def __init__(self) -> None:
        self.clock = SystemClock()
        self.agent = UserAgent(UserAgentConfig())
        self.transport = SipTransport(self.agent, self._on_event, AccessList(), self.clock)
        self.events: asyncio.Queue[sip.Event] = asyncio.Queue()
        self.answers = True

    def _on_event(self, event: sip.Event) -> None:
        self.events.put_nowait(event)
        if isinstance(event, sip.IncomingCall) and self.answers:
            self.agent.answer(event.call, "127.0.0.1", 9, self.clock.monotonic())

    def hang_up(self, call: int) -> None:
        self.agent.hang_up(call, self.clock.monotonic())
        self.transport.flush()

    @property
    def uri(self) -> str:
        return f"sip:2025550100@127.0.0.1:{self.transport.port}"


@pytest.fixture
async def callee() -> AsyncIterator[Callee]:
    made = Callee()
    await made.transport.start("127.0.0.1", 0)
    async with asyncio.timeout(20):
        yield made
    await made.transport.close()


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with Caller() as made:
        yield made
        made.hang_up()


async def test_what_the_far_end_is_told_about_us(caller: Caller, callee: Callee) -> None:
    await caller.dial(callee.uri, from_user="+13055550101")
    event = await callee.events.get()
    assert isinstance(event, sip.IncomingCall)
    assert event.facts.dialled == "2025550100"
    assert event.facts.caller == "+13055550101"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_call_may_go_through_another_address_than_its_own(
    caller: Caller, callee: Callee, transport: sip.Transport
) -> None:
    via = ("127.0.0.1", callee.transport.port)
    await caller.dial("sip:2025550100@example.com", via=via, transport=transport)
    assert not caller.ended


async def test_the_far_end_hangs_up(caller: Caller, callee: Callee) -> None:
    await caller.dial(callee.uri)
    frames = caller.frames()
    await anext(frames)
    callee.hang_up(1)
    assert await caller.wait_ended() == ("caller", "bye")
    assert [pcm async for pcm in frames if len(pcm) != 320] == []
    assert caller.statistics is None


async def test_one_call_after_another_but_not_two_at_once(caller: Caller, callee: Callee) -> None:
    await caller.dial(callee.uri)
    with pytest.raises(CallFailed, match="another call"):
        await caller.dial(callee.uri)
    caller.hang_up()
    assert await caller.wait_ended() == ("annie", "hangup")
    await caller.dial(callee.uri)
    assert not caller.ended


async def test_a_far_end_that_never_answers_is_not_waited_for(
    caller: Caller, callee: Callee
) -> None:
    callee.answers = False
    with pytest.raises(CallFailed, match=r"within 0\.05 s"):
        await caller.dial(callee.uri, timeout=0.05)
    assert caller.ended


@pytest.mark.parametrize(
    "target", ["", "tel:+13055550100", "annie", "sip:", "sip:a b@127.0.0.1", "sip:a@b:99999"]
)
async def test_what_is_no_sip_uri_is_refused(caller: Caller, target: str) -> None:
    with pytest.raises(ValueError, match="no SIP URI"):
        await caller.dial(target)
    assert caller.statistics is None


async def test_a_key_that_no_telephone_has_is_refused(caller: Caller) -> None:
    with pytest.raises(ValueError, match="0-9"):
        caller.send_digits("1x")
