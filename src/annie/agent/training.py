"""What the bot of one number knows, in the number's language.

Compiled once per version of a bot and language, and shared by all its calls. Nothing
outside a ``Training`` may be stated to a caller as fact.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Final

from annie.agent import hours as office_hours
from annie.agent.placeholders import UnfilledError, fill
from annie.agent.understanding.phone_number import read_back, to_e164
from annie.agent.understanding.which_language import guess_language
from annie.kit.language import Language

logger = logging.getLogger(__name__)

#: Characters of a text by which a log line lets it be found.
_QUOTED: Final = 60

#: Opening and closing time of a day, None when closed all day. A closing time that is
#: not later than the opening time is on the next day.
OfficeDay = tuple[time, time] | None


@dataclass(slots=True, frozen=True)
class Address:
    """Where the organization is; parts that aren't known are empty."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""

    @property
    def spoken(self) -> str:
        """One line in written form, empty when not even a street or city is known."""
        if not (self.line1 or self.city):
            return ""
        region = " ".join(part for part in (self.state, self.zip) if part)
        parts = (self.line1, self.line2, self.city, region)
        return ", ".join(part.strip() for part in parts if part.strip())


@dataclass(slots=True, frozen=True)
class Faq:
    """A trained question. ``language`` None: written in whatever language its text is in."""

    question: str
    answer: str
    alternates: tuple[str, ...] = ()
    language: Language | None = None

    @property
    def wordings(self) -> tuple[str, ...]:
        """The question and its alternates."""
        return (self.question, *self.alternates)


@dataclass(slots=True, frozen=True)
class Training:
    """Everything Annie may state on a call.

    ``hours`` maps a weekday (0 is Monday) to its office hours; a weekday that is missing
    is unknown. ``phone`` is E.164 or empty. Greetings are in ``language`` or empty.
    """

    language: Language
    organization_name: str
    phone: str = ""
    address: Address = Address()
    timezone: str = "UTC"
    hours: Mapping[int, OfficeDay] = field(default_factory=dict[int, OfficeDay])
    greeting: str = ""
    phone_greeting: str = ""
    closed_phone_greeting: str = ""
    faqs: tuple[Faq, ...] = ()


def compile_training(
    language: Language,
    organization_name: str,
    *,
    bot_id: str = "",
    bot_name: str = "",
    phone: str = "",
    address: Address | None = None,
    timezone: str = "UTC",
    hours: Mapping[int, OfficeDay] | None = None,
    greeting: str = "",
    phone_greeting: str = "",
    closed_phone_greeting: str = "",
    faqs: Iterable[Faq] = (),
) -> Training:
    """The part of a bot's knowledge that serves ``language``.

    FAQs of another language are left out; one without a language counts as of the
    language its text is guessed to be in, and serves every language when that is
    undecided. A greeting guessed to be in another language is left out as well, so
    that the built-in one in the call's language is spoken instead.

    ``{{organization_name}}``, ``{{organization_address}}``, ``{{organization_phone}}``,
    ``{{office_hours}}`` and ``{{bot_name}}`` are replaced by what they stand for. A greeting
    or FAQ with any other placeholder, or one for which nothing is known, is left out with a
    warning that names ``bot_id``.
    """
    known = Training(
        language=language,
        organization_name=" ".join(organization_name.split()),
        phone=phone,
        address=address or Address(),
        timezone=timezone,
        hours=dict(hours or {}),
    )
    values = _values(known, bot_name)
    greetings = {
        name: _in_language(_filled_greeting(name, text, values, bot_id), language)
        for name, text in (
            ("greeting", greeting),
            ("phone_greeting", phone_greeting),
            ("closed_phone_greeting", closed_phone_greeting),
        )
    }
    filled = (_filled_faq(faq, values, bot_id) for faq in faqs)
    return replace(
        known,
        **greetings,
        faqs=tuple(faq for faq in filled if faq is not None and _serves(faq, language)),
    )


def _values(known: Training, bot_name: str) -> dict[str, str]:
    number = to_e164(known.phone)
    return {
        "organization_name": known.organization_name,
        "organization_address": known.address.spoken,
        "organization_phone": read_back(number) if number else "",
        "office_hours": office_hours.week_parts(known),
        "bot_name": " ".join(bot_name.split()),
    }


def _filled_greeting(name: str, text: str, values: Mapping[str, str], bot_id: str) -> str:
    try:
        return fill(text, values)
    except UnfilledError as error:
        logger.warning(
            "greeting_not_trained",
            extra={"bot_id": bot_id, "greeting": name, "placeholder": error.name},
        )
        return ""


def _filled_faq(faq: Faq, values: Mapping[str, str], bot_id: str) -> Faq | None:
    try:
        return replace(
            faq,
            question=fill(faq.question, values),
            answer=fill(faq.answer, values),
            alternates=tuple(fill(each, values) for each in faq.alternates),
        )
    except UnfilledError as error:
        logger.warning(
            "faq_not_trained",
            extra={
                "bot_id": bot_id,
                "question": faq.question[:_QUOTED],
                "placeholder": error.name,
            },
        )
        return None


def _serves(faq: Faq, language: Language) -> bool:
    if not faq.question.strip() or not faq.answer.strip():
        return False
    spoken = faq.language or guess_language(f"{faq.question} {faq.answer}")
    return spoken in (None, language)


def _in_language(text: str, language: Language) -> str:
    return text.strip() if guess_language(text) in (None, language) else ""
