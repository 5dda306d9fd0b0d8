"""From the rows of a bot and its organization to what an agent knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from annie.agent.training import Address, Faq, OfficeDay, Training, compile_training
from annie.bots.models import Bot
from annie.bots.models import Faq as FaqRow
from annie.bots.repository import LiveBots
from annie.kit.context import Context
from annie.kit.language import Language
from annie.organizations.hours import DayOfWeek, parse_time
from annie.organizations.models import OfficeHours, Organization
from annie.organizations.repository import LiveOrganizations

_DAYS = {day.value: index for index, day in enumerate(DayOfWeek)}


@dataclass(slots=True, frozen=True)
class Knowledge:
    """A bot with everything that its calls may state. Equal ``key``: equal training."""

    organization: Organization
    bot: Bot | None
    faqs: Sequence[FaqRow]
    hours: Sequence[OfficeHours]

    def key(self, language: Language) -> tuple[object, ...]:
        """What the training in ``language`` depends on."""
        bot, organization = self.bot, self.organization
        return (
            bot.id if bot else None,
            bot.version if bot else 0,
            bot.updated_at if bot else None,
            organization.id,
            organization.updated_at,
            tuple(
                sorted(
                    (row.day_of_week, row.is_closed, row.open or "", row.close or "")
                    for row in self.hours
                )
            ),
            language,
        )

    def training(self, language: Language) -> Training:
        """What the bot knows in ``language``; takes milliseconds, so keep it."""
        bot, organization = self.bot, self.organization
        greetings = _greetings(bot, language)
        return compile_training(
            language,
            (bot.company_name if bot else None) or organization.name,
            bot_id=str(bot.id) if bot else "",
            bot_name=bot.name if bot else "",
            phone=organization.phone,
            address=_address(organization.address),
            timezone=organization.timezone,
            hours={_DAYS[row.day_of_week]: _office_day(row) for row in self.hours},
            greeting=greetings.get("greeting") or "",
            phone_greeting=greetings.get("phone_greeting") or "",
            closed_phone_greeting=greetings.get("closed_phone_greeting") or "",
            faqs=[
                Faq(
                    question=row.question,
                    answer=row.answer,
                    alternates=tuple(row.alternates),
                    language=Language(row.language) if row.language else None,
                )
                for row in self.faqs
            ],
        )


async def load_knowledge(context: Context, org_id: UUID, bot_id: UUID | None) -> Knowledge | None:
    """What is known now; None when the organization is gone."""
    organizations = LiveOrganizations(context)
    organization = await organizations.get(org_id)
    if organization is None:
        return None
    bots = LiveBots(context)
    bot = await bots.get(bot_id) if bot_id else None
    return Knowledge(
        organization,
        bot,
        await bots.enabled_faqs(bot.id) if bot else [],
        await organizations.hours(organization.id),
    )


def _greetings(bot: Bot | None, language: Language) -> dict[str, str | None]:
    """The bot's greetings, those of ``language`` before the general ones."""
    if bot is None:
        return {}
    localized: dict[str, str] = bot.localized_greetings.get(language.value) or {}
    general = {
        "greeting": bot.greeting,
        "phone_greeting": bot.phone_greeting,
        "closed_phone_greeting": bot.closed_phone_greeting,
    }
    # A localized greeting of either kind is nearer to the caller than a general one.
    own = localized.get("phone_greeting") or localized.get("greeting")
    return {**general, "phone_greeting": own or bot.phone_greeting, **localized}


def _address(stored: dict[str, Any] | None) -> Address | None:
    if not stored:
        return None
    return Address(
        line1=stored.get("address_line1") or "",
        line2=stored.get("address_line2") or "",
        city=stored.get("city") or "",
        state=stored.get("state") or "",
        zip=stored.get("zip") or "",
        country=stored.get("country") or "",
    )


def _office_day(row: OfficeHours) -> OfficeDay:
    if row.is_closed or not row.open or not row.close:
        return None
    return parse_time(row.open), parse_time(row.close)
