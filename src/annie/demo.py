"""The demonstration: a dental practice with one bot and a number in each language."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel

from annie.api.credentials.schemas import CredentialCreate
from annie.api.credentials.service import CredentialService
from annie.bots.schemas import BotCreate, FaqCreate
from annie.bots.service import BotService
from annie.demo_content import BOT, FAQS, HOURS, NUMBERS, ORGANIZATION
from annie.kit.context import Context
from annie.kit.database import Database
from annie.kit.language import Language
from annie.kit.paging import Page
from annie.kit.principal import Permission, Principal
from annie.numbers.protocols import Carrier
from annie.numbers.schemas import NumberCreate
from annie.numbers.service import NumberService
from annie.organizations.repository import LiveOrganizations
from annie.organizations.schemas import OfficeHoursSet, OrganizationCreate
from annie.organizations.service import OrganizationService

_NOBODY = Principal.acting_for(UUID(int=0))


@dataclass(slots=True, frozen=True)
class DemoNumber:
    """A number to ring."""

    number: str
    language: str
    name: str


@dataclass(slots=True, frozen=True)
class Demo:
    """What stands ready; ``api_key`` only when it was made just now."""

    org_id: UUID
    bot_id: UUID | None
    numbers: list[DemoNumber]
    api_key: str | None


async def ensure_demo(database: Database, carrier: Carrier) -> Demo:
    """Make the demonstration where it isn't there yet; what was changed since is left alone."""
    async with database.session() as session:
        found = await LiveOrganizations(Context(session, _NOBODY)).by_reference(
            ORGANIZATION["reference_id"]
        )
        if found is None:
            organization = await OrganizationService(Context(session, _NOBODY)).create(
                OrganizationCreate.model_validate(_wire(ORGANIZATION))
            )
            context = Context(session, Principal.acting_for(organization.id))
            return await _make(context, carrier, organization.id)
        context = Context(session, Principal.acting_for(found.id))
        return await _read(context, carrier, found.id, None)


async def _make(context: Context, carrier: Carrier, org_id: UUID) -> Demo:
    organizations, bots = OrganizationService(context), BotService(context)
    for day, hours in HOURS.items():
        opened = {} if hours is None else {"open": hours[0], "close": hours[1]}
        await organizations.set_hours(
            org_id,
            OfficeHoursSet.model_validate({"dayOfWeek": day, "isClosed": hours is None, **opened}),
        )
    bot = await bots.create(BotCreate.model_validate({**_wire(BOT), "orgId": org_id}))
    for language, entries in FAQS.items():
        for question, alternates, answer in entries:
            await bots.add_faq(
                bot.id,
                FaqCreate(
                    question=question,
                    alternates=alternates,
                    answer=answer,
                    language=Language(language),
                ),
            )
    numbers = NumberService(context, carrier)
    for language, (area_code, name, voice) in NUMBERS.items():
        await numbers.create(
            NumberCreate.model_validate(
                {
                    "orgId": org_id,
                    "botId": bot.id,
                    "name": name,
                    "language": language,
                    "voiceId": voice,
                    "areaCode": area_code,
                }
            )
        )
    _, key = await CredentialService(context).create_key(
        CredentialCreate(name="Demonstration", permissions=list(Permission))
    )
    return await _read(context, carrier, org_id, key)


async def _read(context: Context, carrier: Carrier, org_id: UUID, key: str | None) -> Demo:
    bots = await BotService(context).page(Page(limit=1), org_id=org_id)
    numbers = await NumberService(context, carrier).page(
        Page(limit=20), org_id=org_id, bot_id=None, include_released=False
    )
    return Demo(
        org_id=org_id,
        bot_id=bots.rows[0].id if bots.rows else None,
        numbers=[DemoNumber(row.number, row.language, row.name) for row in numbers.rows],
        api_key=key,
    )


def _wire(value: Any) -> Any:
    """Names as clients send them; languages stay as they are."""
    if isinstance(value, dict):
        return {
            key if key.isupper() else to_camel(key): _wire(each)  # pyright: ignore[reportUnknownArgumentType]
            for key, each in value.items()  # pyright: ignore[reportUnknownVariableType]
        }
    return value
