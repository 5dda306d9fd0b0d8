"""Annie's turn: takes the agent's steps one by one and carries them out.

Whatever fails on the way ends in something the caller hears: a failing agent is
asked for its apology, a failing apology is replaced by a phrase of our own, and a
failing voice by a recorded one.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, assert_never, cast

from annie.agent.protocols import Agent, AgentTurn, EndCall, LeaveMessage, Say, Step
from annie.calls.clips import Clips
from annie.calls.journal import Journal
from annie.calls.limits import BoundExceeded, Limits, within
from annie.calls.phrases import Phrase, phrase
from annie.calls.reply import Reply
from annie.calls.speaker import MouthFailed, Speaker
from annie.calls.utterance import Utterance
from annie.kit.clock import Clock
from annie.speech.protocols import Expectation

logger = logging.getLogger(__name__)

#: Replies in a row that an agent may fail before the call is ended.
_AGENT_FAILURES = 3
#: Utterances in a row that the mouth may fail.
_MOUTH_FAILURES = 2

STORE_FAILED = "store_failed"

#: Makes the steps of a turn; called when the turn really begins.
Steps = Callable[[], AsyncIterator[Step]]


class _AgentFailed(Exception):  # noqa: N818
    """The agent raised, took too long, or never came to an end."""


class _NotStored(Exception):  # noqa: N818
    """A message for the staff could not be stored."""


class Floor:
    """Carries out one turn of Annie's at a time.

    ``context`` makes what the agent may look at, ``expect`` is told which kind of
    answer should follow, ``stored`` that a message for the staff was kept. ``yielding``
    says that the caller has spoken meanwhile and the rest of an interruptible turn is
    not wanted any more.
    """

    def __init__(
        self,
        agent: Agent,
        speaker: Speaker,
        journal: Journal,
        clips: Clips,
        clock: Clock,
        limits: Limits,
        *,
        context: Callable[[str], AgentTurn],
        expect: Callable[[Expectation], None],
        stored: Callable[[], None],
        yielding: Callable[[], bool],
    ) -> None:
        self._agent = agent
        self._speaker = speaker
        self._journal = journal
        self._clips = clips
        self._clock = clock
        self._limits = limits
        self._context = context
        self._expect = expect
        self._stored = stored
        self._yielding = yielding
        self._agent_failures = 0
        self._mouth_failures = 0
        self._storing = False
        self._spoke = False

    @property
    def storing(self) -> bool:
        """A message is being stored; cancelling now would leave its fate unknown."""
        return self._storing

    async def take(self, steps: Steps, reply: Reply | None = None) -> EndCall | None:
        """Carry out a turn; returns the wish to end the call, if there is one. Never raises."""
        try:
            try:
                end = await self._perform(steps, reply)
            except _AgentFailed as error:
                self._agent_failures += 1
                logger.error("agent_failed", extra={"error": str(error)})
                return await self._apologize("", Phrase.SORRY, reply)
            except _NotStored:
                return await self._apologize(STORE_FAILED, Phrase.NOT_STORED, reply)
        except MouthFailed as error:
            return await self._speechless(error)
        self._agent_failures = 0
        return end

    async def _perform(self, steps: Steps, reply: Reply | None) -> EndCall | None:
        self._spoke = False
        iterator = steps()
        # Agents are async generators; closing one is how its work is abandoned.
        async with aclosing(cast("Any", iterator)):
            for _ in range(self._limits.agent_steps):
                step = await self._next(iterator)
                if step is None:
                    return None
                if reply is not None and reply.decided is None:
                    reply.decided = self._clock.monotonic()
                await self._speaker.released()
                match step:
                    case Say():
                        if step.interruptible and self._yielding():
                            return None
                        await self._say(step, reply)
                    case LeaveMessage():
                        await self._store(step)
                    case EndCall():
                        await self._speaker.drained()
                        return step
                    case _:
                        assert_never(step)
        raise _AgentFailed(f"more than {self._limits.agent_steps} steps")

    async def _next(self, iterator: AsyncIterator[Step]) -> Step | None:
        try:
            return await within(self._clock, self._limits.agent_step, anext(iterator))
        except StopAsyncIteration:
            return None
        except BoundExceeded as error:
            raise _AgentFailed(str(error)) from error
        except Exception as error:
            raise _AgentFailed(repr(error)) from error

    async def _say(self, say: Say, reply: Reply | None) -> None:
        self._expect(say.expects)
        utterance = Utterance(say.text, say.interruptible, None if self._spoke else reply)
        self._spoke = True
        await self._speaker.say(utterance, self._agent.language)
        self._mouth_failures = 0

    async def _store(self, message: LeaveMessage) -> None:
        self._storing = True
        try:
            stored = await self._journal.leave_message(message)
        finally:
            self._storing = False
        if not stored:
            raise _NotStored
        self._stored()

    async def _apologize(self, failed: str, instead: Phrase, reply: Reply | None) -> EndCall | None:
        language = self._agent.language
        if self._agent_failures >= _AGENT_FAILURES:
            await self._say(Say(phrase(Phrase.FAILURE, language), interruptible=False), reply)
            await self._speaker.drained()
            return EndCall("error")
        try:
            end = await self._perform(lambda: self._agent.sorry(self._context(failed)), reply)
        except (_AgentFailed, _NotStored) as error:
            logger.error("agent_failed", extra={"error": str(error)})
            end = None
        if end is None and not self._spoke:
            await self._say(Say(phrase(instead, language)), reply)
        return end

    async def _speechless(self, error: MouthFailed) -> EndCall | None:
        self._mouth_failures += 1
        logger.error("mouth_failed", extra={"error": str(error), "in_a_row": self._mouth_failures})
        language = self._agent.language
        last = self._mouth_failures >= _MOUTH_FAILURES
        which = Phrase.FAILURE if last else Phrase.SORRY
        clip = self._clips.get(which, language)
        if clip is not None:
            self._speaker.play(Utterance(phrase(which, language), not last), clip)
        if clip is None or last:
            await self._speaker.drained()
            return EndCall("system_failure")
        return None
