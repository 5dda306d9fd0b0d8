"""A small practice in a database, for tests that need one."""

from dataclasses import dataclass
from uuid import UUID

from annie.bots.models import Bot, Faq
from annie.kit.database import Database
from annie.kit.ids import new_id
from annie.numbers.models import PhoneNumber
from annie.organizations.models import OfficeHours, Organization


@dataclass(frozen=True)
class Practice:
    """Ids of what was stored."""

    org_id: UUID
    bot_id: UUID


async def store_practice(database: Database) -> Practice:
    """An organization with hours and a bot on three numbers, and a fourth without one."""
    org_id, bot_id = new_id(), new_id()
    async with database.session() as session:
        session.add(
            Organization(
                id=org_id,
                name="Riverside Dental",
                timezone="America/New_York",
                phone="+14155550100",
            )
        )
        await session.flush()
        session.add(Bot(id=bot_id, org_id=org_id, name="Front desk", greeting="Hi, Annie here."))
        await session.flush()
        session.add(
            Faq(
                org_id=org_id,
                bot_id=bot_id,
                question="Do you take walk-ins?",
                answer="Yes, we take walk-ins every morning.",
            )
        )
        session.add(
            OfficeHours(
                org_id=org_id, day_of_week="SATURDAY", is_closed=False, open="10:00", close="14:00"
            )
        )
        for number, language, bot in (
            ("+14155550100", "ENGLISH", bot_id),
            ("+14155550101", "SPANISH", bot_id),
            ("+14155550102", "FRENCH", bot_id),
            ("+14155550103", "SPANISH", None),
        ):
            session.add(
                PhoneNumber(
                    org_id=org_id,
                    bot_id=bot,
                    number=number,
                    carrier="local",
                    name=number,
                    language=language,
                    voice_id="CALM_REASSURING",
                )
            )
    return Practice(org_id, bot_id)
