"""Who answers the dialled number, and what its callers will be told: known ahead of the call."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from annie.agent.known_phrases import all_phrases
from annie.agent.meaning import Meaning
from annie.agent.phrases import number_without_bot
from annie.agent.protocols import Agent
from annie.agent.scripted import ScriptedAgent
from annie.calls.answering import Answering, Refusal
from annie.calls.checkpoint import Checkpoint
from annie.calls.hints import hints
from annie.calls.knowledge import Knowledge, load_knowledge
from annie.calls.notice import NoticeAgent
from annie.calls.phrases import Phrase, phrase
from annie.kit.clock import Clock
from annie.kit.context import Context
from annie.kit.database import Database
from annie.kit.language import Language, VoiceId
from annie.kit.link import CallFacts
from annie.kit.principal import Principal
from annie.numbers.e164 import normalize
from annie.numbers.models import PhoneNumber
from annie.numbers.repository import LiveNumbers
from annie.numbers.service import Resolved, resolve
from annie.speech.protocols import VoiceStyle

logger = logging.getLogger(__name__)

#: Compiled bots that are kept, and phrases that are remembered as prepared.
_COMPILED: Final = 500
#: A refresh that takes longer is given up; the next one is due soon.
_REFRESH_BOUND: Final = 10.0
#: Numbers looked at in one refresh: a few queries each, next to running calls.
_REFRESHED: Final = 8

#: The tenant while the number that decides it is still being looked up.
_NOBODY: Final = UUID(int=0)

Item = tuple[str, Language, VoiceStyle]


class NumberReception:
    """``Reception`` by the records: number, bot, language and voice, and the agent for them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._compiled: OrderedDict[Hashable, Meaning] = OrderedDict()
        #: Held here, because the loop itself keeps no task alive.
        self._compiling: set[asyncio.Task[object]] = set()
        #: What was handed out for preparing, by number.
        self._prepared: dict[UUID, Hashable] = {}
        self._next = 0
        #: Set once the records have been read for the first time.
        self.refreshed = asyncio.Event()

    async def decide(self, facts: CallFacts) -> Answering | Refusal:
        """Who answers. Raises when the database can't be reached."""
        async with self._database.session(read_only=True) as session:
            number = await resolve(session, facts.dialled)
            knowledge = None
            if number is not None:
                context = self._context(session, number.org_id)
                knowledge = await load_knowledge(context, number.org_id, number.bot_id)
        if number is None or knowledge is None:
            return Refusal(404, "Not Found")
        agent, names = await self._agent(knowledge, number.language)
        return Answering(
            org_id=number.org_id,
            bot_id=knowledge.bot.id if knowledge.bot else None,
            number_id=number.number_id,
            number=number.number,
            language=number.language,
            style=_style(number),
            agent=agent,
            caller_number=_caller(facts),
            hints=names,
            recorded=knowledge.bot.recording_enabled if knowledge.bot else False,
        )

    async def rejoin(self, checkpoint: Checkpoint) -> Answering:
        """The bot that the call began with, as it is trained now.

        Raises:
            LookupError: the organization is gone.
        """
        async with self._database.session(read_only=True) as session:
            context = self._context(session, checkpoint.org_id)
            knowledge = await load_knowledge(context, checkpoint.org_id, checkpoint.bot_id)
        if knowledge is None:
            raise LookupError(f"organization {checkpoint.org_id} is gone")
        agent, names = await self._agent(knowledge, checkpoint.language)
        agent.restore(checkpoint.agent)
        return Answering(
            org_id=checkpoint.org_id,
            bot_id=checkpoint.bot_id,
            number_id=checkpoint.number_id,
            number=checkpoint.number,
            language=checkpoint.language,
            style=checkpoint.style,
            agent=agent,
            caller_number=checkpoint.caller_number,
            hints=names,
            recorded=knowledge.bot.recording_enabled if knowledge.bot else False,
        )

    async def refresh(self) -> list[Item]:
        """Look for changed numbers and bots; returns what should be synthesized ahead.

        Every call looks at some of the numbers, so that all get their turn. Raises when
        the database can't be reached.
        """
        items: list[Item] = []
        async with asyncio.timeout(_REFRESH_BOUND):
            found = await self._some_numbers()
            self.refreshed.set()
            for row, knowledge in found:
                language = Language(row.language)
                style = VoiceStyle(VoiceId(row.voice_id), row.speed)
                version = (knowledge.key(language), style)
                if self._prepared.get(row.id) == version:
                    continue
                texts = await self._phrases(knowledge, language)
                texts += [phrase(which, language) for which in Phrase]
                items += [(text, language, style) for text in texts]
                self._prepared[row.id] = version
        return items

    async def _some_numbers(self) -> list[tuple[PhoneNumber, Knowledge]]:
        found: list[tuple[PhoneNumber, Knowledge]] = []
        async with self._database.session(read_only=True) as session:
            rows = await LiveNumbers(self._context(session, _NOBODY)).active()
            fresh = [row for row in rows if row.id not in self._prepared]
            begin = self._next % len(rows) if rows else 0
            self._next += _REFRESHED
            for row in dict.fromkeys([*fresh, *rows[begin:], *rows[:begin]][:_REFRESHED]):
                context = self._context(session, row.org_id)
                knowledge = await load_knowledge(context, row.org_id, row.bot_id)
                if knowledge is not None:
                    found.append((row, knowledge))
        return found

    async def _agent(
        self, knowledge: Knowledge, language: Language
    ) -> tuple[Agent, tuple[str, ...]]:
        if knowledge.bot is None:
            name = knowledge.organization.name
            return NoticeAgent(language, number_without_bot(language, name)), ()
        meaning = self._meaning(knowledge, language)
        if not meaning.prepared:
            # Needed at the first question; meanwhile the caller is greeted.
            self._compile(meaning)
        return ScriptedAgent(meaning.training, meaning), hints(meaning.training)

    async def _phrases(self, knowledge: Knowledge, language: Language) -> list[str]:
        if knowledge.bot is None:
            return [number_without_bot(language, knowledge.organization.name)]
        meaning = self._meaning(knowledge, language)
        await self._compile(meaning)
        return all_phrases(meaning.training)

    def _compile(self, meaning: Meaning) -> "asyncio.Task[object]":
        # Some milliseconds a question: not on the loop of the running calls.
        task = asyncio.create_task(asyncio.to_thread(meaning.prepare))
        self._compiling.add(task)
        task.add_done_callback(self._compiling.discard)
        return task

    def _meaning(self, knowledge: Knowledge, language: Language) -> Meaning:
        """What the bot knows in ``language``, compiled once for each version."""
        key = knowledge.key(language)
        meaning = self._compiled.get(key)
        if meaning is None:
            meaning = Meaning(knowledge.training(language), at_once=False)
            self._compiled[key] = meaning
            while len(self._compiled) > _COMPILED:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(key)
        return meaning

    def _context(self, session: AsyncSession, org_id: UUID) -> Context:
        return Context(session, Principal.acting_for(org_id), self._clock)


def _style(number: Resolved) -> VoiceStyle:
    return VoiceStyle(number.voice, number.speed)


def _caller(facts: CallFacts) -> str:
    """The caller's number in E.164, the asserted one first; empty when withheld."""
    return normalize(facts.asserted_identity) or normalize(facts.caller) or ""
