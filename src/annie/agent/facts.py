"""Spoken answers: trained ones, and the facts of the organization."""

from datetime import datetime
from typing import Final

from annie.agent import hours
from annie.agent.meaning import Candidate, Intent
from annie.agent.phrases import sentences
from annie.agent.training import Training
from annie.agent.understanding.dates import asked_days
from annie.agent.understanding.phone_number import read_back, to_e164

#: What a fact is about; other intents are moves of the dialogue.
ANSWERED: Final = frozenset(
    {
        Intent.HOURS,
        Intent.OPEN_NOW,
        Intent.ADDRESS,
        Intent.PHONE,
        Intent.IDENTITY,
        Intent.HELP,
        Intent.SPECIAL_DAY,
    }
)


class Facts:
    """Answers out of one training, and out of nothing else."""

    def __init__(self, training: Training) -> None:
        self._training = training
        self._own = sentences(training.language)

    def holds(self, candidate: Candidate) -> bool:
        """Whether the training has what ``candidate`` asks for."""
        training = self._training
        match candidate.intent:
            case Intent.HOURS | Intent.OPEN_NOW:
                return bool(training.hours)
            case Intent.ADDRESS:
                return bool(training.address.spoken)
            case Intent.PHONE:
                return bool(to_e164(training.phone))
            case Intent.SPECIAL_DAY:
                return False
            case _:
                return True

    def answer(self, candidate: Candidate, question: str, now: datetime) -> str:
        """What to say to ``question``, understood as ``candidate``; empty for a dialogue move."""
        training = self._training
        own = self._own
        if candidate.faq is not None:
            return training.faqs[candidate.faq].answer.strip()
        match candidate.intent:
            case Intent.HOURS:
                return self._hours(question, now)
            case Intent.OPEN_NOW:
                return hours.open_now(training, now)
            case Intent.ADDRESS:
                spoken = training.address.spoken
                return own.address.format(address=spoken) if spoken else own.address_unknown
            case Intent.PHONE:
                number = to_e164(training.phone)
                return own.phone.format(number=read_back(number)) if number else own.phone_unknown
            case Intent.IDENTITY:
                name = training.organization_name
                return own.identity.format(name=name) if name else own.identity_nameless
            case Intent.HELP:
                return own.help
            case Intent.SPECIAL_DAY:
                return own.special_day
            case _:
                return ""

    def _hours(self, question: str, now: datetime) -> str:
        training = self._training
        if not training.hours:
            return self._own.hours_unknown
        today = hours.local(training, now).date()
        days = asked_days(question, training.language, today)
        return hours.on_days(training, days, now) if days else hours.week(training)
