"""A bot or number that is changed through the API while somebody is on the line."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from annie.calls.answering import Answering
from annie.calls.reception import NumberReception
from annie.kit.language import Language
from annie.kit.link import CallFacts
from tests.calls.fakes import Call
from tests.calls.session_support import ask
from tests.records_support import Api

pytestmark = pytest.mark.integration

QUESTION = "Do you take walk-ins?"
OLD, NEW = ("Good day, this is Annie.", "Yes, just come in."), ("Hello there.", "Only on Fridays.")


class Office:
    """A number with a bot, a second bot, and callers."""

    def __init__(self, api: Api, reception: NumberReception) -> None:
        self.api = api
        self._reception = reception

    async def furnish(self) -> None:
        self.bot, self.faq = await self._trained(*OLD)
        self.other, _ = await self._trained(*NEW)
        wish = {
            "orgId": str(self.api.account.org_id),
            "botId": self.bot,
            "name": "Front desk",
            "language": "ENGLISH",
            "voiceId": "FRIENDLY_BRIGHT",
        }
        self.number = await self.api.created("/v1/phone-numbers", wish)

    async def _trained(self, greeting: str, answer: str) -> tuple[str, str]:
        bot = (await self.api.bot(greeting=greeting))["id"]
        faq = {"question": QUESTION, "answer": answer}
        return bot, (await self.api.created(f"/v1/bots/{bot}/faqs", faq))["id"]

    async def ring(self) -> Call:
        """A caller who has heard the greeting."""
        await self._reception.refresh()
        call = Call()
        facts = CallFacts(dialled=self.number["number"], caller="+12125550123")
        call.decision = await self._reception.decide(facts)
        assert isinstance(call.decision, Answering)
        await call.greeted()
        return call

    async def changed(self, method: str, path: str, body: dict[str, Any]) -> None:
        """A change through the API, of which the voice process has taken note."""
        answer: httpx.Response = await self.api.client.request(method, f"/v1{path}", json=body)
        assert answer.is_success, answer.text
        await self._reception.refresh()

    @property
    def number_path(self) -> str:
        return f"/phone-numbers/{self.number['id']}"


async def _edit(office: Office) -> None:
    greeting, answer = NEW
    await office.changed("PATCH", f"/bots/{office.bot}", {"greeting": greeting})
    await office.changed("PATCH", f"/bots/{office.bot}/faqs/{office.faq}", {"answer": answer})


async def _attach(office: Office) -> None:
    await office.changed("POST", f"{office.number_path}/attach", {"botId": office.other})


@pytest.fixture
async def office(api: Api) -> Office:
    made = Office(api, NumberReception(api.database, Call().clock))
    await made.furnish()
    return made


async def _answered(call: Call) -> str:
    await ask(call, QUESTION)
    await call.after(5)
    return call.mouth.spoken[-1]


@pytest.mark.parametrize("change", [_edit, _attach])
async def test_a_call_goes_on_with_the_bot_it_began_with_and_the_next_gets_the_change(
    office: Office, change: Callable[[Office], Awaitable[None]]
) -> None:
    running = await office.ring()
    assert running.mouth.spoken == [OLD[0]]
    await change(office)
    following = await office.ring()
    assert following.mouth.spoken == [NEW[0]]
    assert await _answered(running) == OLD[1]
    assert await _answered(following) == NEW[1]
    for call in (running, following):
        call.leg.end("caller")
        await call.over()
    bots = [call.store.openings[0].bot_id for call in (running, following)]
    assert (bots[0] == bots[1]) is (change is _edit)


async def test_a_call_goes_on_in_its_language_when_the_number_gets_another(office: Office) -> None:
    running = await office.ring()
    await office.changed("PATCH", office.number_path, {"language": "SPANISH"})
    following = await office.ring()
    assert following.store.openings[0].language is Language.SPANISH
    assert "gracias por llamar" in following.mouth.spoken[0].casefold()
    assert await _answered(running) == OLD[1]
    for call in (running, following):
        call.leg.end("caller")
        await call.over()


async def test_a_call_goes_on_while_its_bot_is_detached_and_deleted(office: Office) -> None:
    running = await office.ring()
    await office.changed("POST", f"{office.number_path}/detach", {})
    await office.changed("DELETE", f"/bots/{office.bot}", {})
    assert await _answered(running) == OLD[1]
    running.leg.end("caller")
    await running.over()
    following = await office.ring()
    assert following.store.openings[0].bot_id is None
    await following.over()
    assert following.reasons == ["no_bot"]
