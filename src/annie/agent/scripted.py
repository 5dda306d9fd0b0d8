"""The embedded agent: answers from a training, takes messages, needs no language model.

Deciding is synchronous and done before the first step is yielded, so a reply that is
cancelled while it is spoken leaves a consistent state.

A ``LeaveMessage`` is yielded before the sentence that confirms it. The session stores
the message before it asks for the next step; where storing fails it closes the
iterator, so the confirmation is never spoken, and calls ``sorry`` with
``AgentTurn.failed`` set. The agent still holds the message then, and offers to try again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Final

import msgspec

from annie.agent.draft import Draft, Move, Stage
from annie.agent.facts import ANSWERED, Facts
from annie.agent.greeting import greeting
from annie.agent.heard import question_heard
from annie.agent.meaning import SECOND_CHOICE, Candidate, Intent, Meaning
from annie.agent.phrases import sentences
from annie.agent.protocols import AgentTurn, EndCall, LeaveMessage, Say, Step
from annie.agent.several import meanings
from annie.agent.state import Offer, State
from annie.agent.take_message import TakeMessage
from annie.agent.training import Training
from annie.agent.understanding.correction import correction
from annie.agent.understanding.goodbye import says_goodbye
from annie.agent.understanding.human import asks_for_person, asks_to_leave_message, cancels
from annie.agent.understanding.questions import is_question
from annie.agent.understanding.repeat import asks_repeat
from annie.agent.understanding.thanks import only_greets, only_thanks
from annie.agent.understanding.words import content_words, words
from annie.agent.understanding.yes_no import Answer, yes_no
from annie.kit.language import Language
from annie.speech.protocols import CallerTurn, Expectation

logger = logging.getLogger(__name__)

#: Below this recognition confidence only a certain meaning is acted upon.
LOW_CONFIDENCE: Final = 0.3
_CERTAIN: Final = 0.9
#: Silences of which the last ends the call.
_CHECK_INS: Final = 2
#: "Anything else?" follows every third answer, not each.
_ASK_EVERY: Final = 3


class ScriptedAgent:
    """One caller's conversation with the bot of one number. Implements ``Agent``."""

    def __init__(self, training: Training, meaning: Meaning) -> None:
        self._training = training
        self._meaning = meaning
        self._own = sentences(training.language)
        self._facts = Facts(training)
        self._flow = TakeMessage(training.language)
        self._state = State()
        #: For a turn that turns out to be longer: state before it, and when it began.
        self._before = self._state
        self._began: float | None = None

    @property
    def language(self) -> Language:
        """The number's language."""
        return self._training.language

    async def greet(self, context: AgentTurn) -> AsyncIterator[Step]:
        """The bot's greeting, or the closed one outside office hours; unknown hours are open."""
        for step in self._remember([Say(greeting(self._training, context))]):
            yield step

    async def reply(self, turn: CallerTurn, context: AgentTurn) -> AsyncIterator[Step]:
        """Answer what the caller said.

        A turn with the same start of speech as the one before contains that one, and
        nothing of the answer to it was heard: it is answered in its place.
        """
        if self._began == turn.timings.speech_start and self._state.unsaved is None:
            self._state = self._before
        self._before, self._began = self._state, turn.timings.speech_start
        if not self._meaning.prepared:
            await asyncio.to_thread(self._meaning.prepare)
        for step in self._remember(self._decide(turn, context)):
            yield step
            if isinstance(step, LeaveMessage):
                self._saved()

    async def silence(self, times: int, context: AgentTurn) -> AsyncIterator[Step]:
        """Two check-ins, then the end; a message that was only to be confirmed is stored."""
        own = self._own
        draft = self._state.draft
        if times <= _CHECK_INS:
            say = Say(own.check_in[min(times, len(own.check_in)) - 1])
            if draft is not None:
                prompt = self._flow.prompt(draft)
                say = replace(prompt, text=f"{say.text} {prompt.text}")
            for step in self._remember([say], repeatable=False):
                yield step
            return
        if draft is not None and (message := self._flow.unfinished(draft)) is not None:
            self._state = replace(self._state, draft=None, unsaved=message)
            yield message
            self._saved()
        yield Say(own.silence_end, interruptible=False)
        yield EndCall("silence")

    async def sorry(self, context: AgentTurn) -> AsyncIterator[Step]:
        """Something failed, or speech wasn't intelligible."""
        if context.failed and self._state.unsaved is not None:
            steps: list[Step] = [self._offer(Offer.RETRY, self._own.not_stored)]
        else:
            steps = self._unclear()
        for step in self._remember(steps):
            yield step

    def ended(
        self, context: AgentTurn, unanswered: CallerTurn | None = None
    ) -> Sequence[LeaveMessage]:
        """What wasn't stored, and what the caller was just leaving."""
        if unanswered is not None:
            self._hear_out(unanswered, context)
        state = self._state
        left = None if state.draft is None else self._flow.unfinished(state.draft)
        self._state = replace(state, draft=None, unsaved=None)
        return [each for each in (state.unsaved, left) if each is not None]

    def snapshot(self) -> bytes:
        """The state, in MessagePack."""
        return msgspec.msgpack.encode(self._state)

    def restore(self, snapshot: bytes) -> None:
        """Take the state up; one of another release that doesn't fit begins anew."""
        try:
            self._state = msgspec.msgpack.decode(snapshot, type=State)
        except msgspec.MsgspecError as error:
            logger.warning("snapshot_unreadable", extra={"error": str(error)})
        self._before, self._began = self._state, None

    async def resume(self, context: AgentTurn) -> AsyncIterator[Step]:
        """Thanks for waiting, and the question that was open."""
        own, state = self._own, self._state
        last = state.last_said
        if state.draft is not None:
            open_question = self._flow.prompt(state.draft)
        elif state.offer is not None and last is not None:
            open_question = last
        else:
            open_question = Say(own.go_on)
        # "Say that again" means the question, not the thanks.
        thanks = Say(own.back_again, open_question.expects)
        for step in self._remember([thanks, open_question], repeatable=False):
            yield step

    def _saved(self) -> None:
        self._state = replace(self._state, unsaved=None)
        # What was stored must not be undone, else it would be stored twice.
        self._before, self._began = self._state, None

    def _remember(self, steps: Sequence[Step], *, repeatable: bool = True) -> Sequence[Step]:
        said = [step for step in steps if isinstance(step, Say)]
        if said:
            whole = replace(said[-1], text=" ".join(say.text for say in said))
            self._state = replace(self._state, spoken=whole.text)
            # Who didn't catch an answer wants that again, not Annie's own asking back.
            if repeatable and whole.text not in (*self._own.unclear, self._own.hold_on):
                self._state = replace(self._state, last_said=whole)
        return steps

    def _decide(self, turn: CallerTurn, context: AgentTurn) -> list[Step]:
        self._state = replace(self._state, turns=self._state.turns + 1)
        if not words(turn.text) and not turn.digits:
            return self._unclear()
        if self._state.draft is not None:
            return self._in_message(turn, context)
        if not words(turn.text):
            return self._unclear()
        if turn.confidence < LOW_CONFIDENCE and not self._certain(turn.text):
            return self._unclear()
        steps = self._open(turn.text, context)
        return steps if steps is not None else self._unclear()

    def _certain(self, text: str) -> bool:
        best = self._meaning.best(text, threshold=_CERTAIN)
        return best is not None or says_goodbye(text, self.language)

    def _open(self, text: str, context: AgentTurn) -> list[Step] | None:
        """The caller speaks freely. None: nothing could be made of it."""
        language = self.language
        offer = self._state.offer
        if asks_repeat(text, language):
            return self._repeat()
        if offer is not None and not question_heard(self._state.spoken, context.heard):
            if (said := yes_no(text, language)) and not content_words(said.rest, language):
                return self._repeat()
            offer = None
        if (rest := correction(text, language)) is not None and self._state.meant is not None:
            return self._correct(rest, context)
        best = self._meaning.best(text, threshold=_CERTAIN)
        verbatim = best is not None and best.faq is not None
        if says_goodbye(text, language):
            return self._farewell()
        if offer is not None and best is None and (taken := self._take_up(offer, text, context)):
            return taken
        if not verbatim:
            if asks_to_leave_message(text, language):
                return self._begin_message(text, context)
            if asks_for_person(text, language):
                return [self._offer(Offer.MESSAGE, self._own.no_transfer)]
        if only_thanks(text, language):
            if offer is Offer.MORE:
                return self._farewell()
            welcome = self._variant(self._own.you_are_welcome)
            return [self._more(welcome)]
        if only_greets(text, language):
            return [self._help(0)]
        if cancels(text, language):
            return [self._more("")]
        return self._answer(text, context)

    def _take_up(self, offer: Offer, text: str, context: AgentTurn) -> list[Step] | None:
        """An answer to Annie's offer; None if the caller says something else."""
        said = yes_no(text, self.language)
        if said is None or said.answer is Answer.UNSURE:
            return None
        beside = content_words(said.rest, self.language)
        if "?" in text and beside:
            return None
        yes = said.answer is Answer.YES
        match offer:
            case Offer.RETRY:
                return self._retry() if yes else self._give_up()
            case Offer.MESSAGE if yes:
                return self._begin_message(said.rest and text, context, self._state.question)
            case Offer.MESSAGE:
                return None if len(beside) >= 2 else [self._more("")]
            case Offer.MORE if beside:
                return None
            case Offer.MORE:
                return [self._help(1)] if yes else self._farewell()

    def _answer(self, text: str, context: AgentTurn) -> list[Step] | None:
        understood, missed = meanings(self._meaning, text, self.language)
        if understood and understood[0][1].intent not in (None, *ANSWERED):
            return self._move(understood[0][1], text, context)
        known = [pair for pair in understood if pair[1].intent in (None, *ANSWERED)]
        if known:
            return self._state_facts(known, missed, context)
        if len(content_words(text, self.language)) >= 2 or is_question(text, self.language):
            return self._unknown(text)
        return None

    def _state_facts(
        self, known: list[tuple[str, Candidate]], missed: list[str], context: AgentTurn
    ) -> list[Step]:
        held = [pair for pair in known if self._facts.holds(pair[1])]
        texts = [self._facts.answer(meant, part, context.now) for part, meant in known]
        question, meant = known[-1]
        answers = self._state.answers + 1
        self._state = replace(
            self._state, offer=None, question=question, meant=meant, rejected=(), misheard=0,
            unknown=0 if held else self._state.unknown, answers=answers,
        )  # fmt: skip
        text = " ".join(dict.fromkeys(texts))
        if missed:
            offer = f"{text} {self._own.unknown_other} {self._own.offer_message}"
            return [self._offer(Offer.MESSAGE, offer)]
        if not held:
            return [self._offer(Offer.MESSAGE, f"{text} {self._own.offer_message}")]
        if answers % _ASK_EVERY == 0 and not text.endswith("?"):
            return [self._more(text)]
        return [Say(text)]

    def _move(self, meant: Candidate, text: str, context: AgentTurn) -> list[Step] | None:
        match meant.intent:
            case Intent.HUMAN:
                return [self._offer(Offer.MESSAGE, self._own.no_transfer)]
            case Intent.MESSAGE:
                return self._begin_message(text, context)
            case Intent.GOODBYE:
                return self._farewell()
            case Intent.REPEAT:
                return self._repeat()
            case Intent.MISUNDERSTANDING:
                return self._correct("", context)
            case Intent.WAIT:
                return [Say(self._own.hold_on, Expectation.DICTATION)]
            case _:
                return None

    def _correct(self, rest: str, context: AgentTurn) -> list[Step]:
        """The last answer was to another question than the caller's."""
        state = self._state
        rejected = state.rejected if state.meant is None else (*state.rejected, state.meant)
        text = rest if content_words(rest, self.language) else ""
        found = self._meaning.best(text, excluding=rejected) if text else None
        if found is None and not text:
            text = state.question
            found = self._meaning.best(text, threshold=SECOND_CHOICE, excluding=rejected)
        self._state = replace(self._state, offer=None, rejected=rejected, meant=None)
        if found is None or found.intent not in (None, *ANSWERED):
            return [Say(self._variant(self._own.rephrase))]
        self._state = replace(self._state, question=text, meant=found)
        answer = self._facts.answer(found, text, context.now)
        return [Say(f"{self._variant(self._own.corrected)} {answer}")]

    def _unknown(self, text: str) -> list[Step]:
        own = self._own
        count = self._state.unknown
        self._state = replace(
            self._state, unknown=count + 1, question=text, meant=None, rejected=(), misheard=0
        )
        said = own.unknown_again if count % 2 else own.unknown[count // 2 % len(own.unknown)]
        return [self._offer(Offer.MESSAGE, said)]

    def _unclear(self) -> list[Step]:
        """Ask again; at the third time offer a message instead."""
        count = self._state.misheard
        unclear = self._own.unclear
        draft = self._state.draft
        self._state = replace(self._state, misheard=count + 1)
        if draft is not None:
            prompt = self._flow.prompt(draft)
            return [Say(unclear[0], prompt.expects)] if count == 0 else [prompt]
        if count < len(unclear):
            expects = Expectation.OPEN if self._state.offer is None else Expectation.YES_NO
            return [Say(unclear[count], expects)]
        self._state = replace(self._state, misheard=0)
        return [self._offer(Offer.MESSAGE, self._own.unclear_offer)]

    def _repeat(self) -> list[Step]:
        last = self._state.last_said
        return [last] if last is not None else [self._help(0)]

    def _farewell(self) -> list[Step]:
        text = self._own.farewell[1 if self._state.answers else 0]
        self._state = replace(self._state, offer=None, draft=None)
        return [Say(text, interruptible=False), EndCall("caller_done")]

    def _help(self, which: int) -> Say:
        self._state = replace(self._state, offer=None, misheard=0)
        return Say(self._own.how_can_i_help[which])

    def _more(self, lead: str) -> Say:
        return self._offer(
            Offer.MORE, f"{lead} {self._variant(self._own.anything_else)}".strip(), Expectation.OPEN
        )

    def _offer(self, offer: Offer, text: str, expects: Expectation = Expectation.YES_NO) -> Say:
        self._state = replace(self._state, offer=offer)
        return Say(text, expects)

    def _variant(self, texts: Sequence[str]) -> str:
        return texts[self._state.turns % len(texts)]

    # Messages

    def _hear_out(self, turn: CallerTurn, context: AgentTurn) -> None:
        """Take the caller's last words into the message; nobody hears an answer to them."""
        if self._began == turn.timings.speech_start and self._state.unsaved is None:
            self._state = self._before
        draft = self._state.draft
        if draft is None and asks_to_leave_message(turn.text, self.language):
            self._begin_message(turn.text, context)
        elif draft is not None and self._aside(draft, turn) is None:
            self._carry_out(self._advance(draft, turn, context))

    def _begin_message(self, text: str, context: AgentTurn, about: str = "") -> list[Step]:
        self._state = replace(self._state, offer=None, misheard=0, unknown=0)
        return self._carry_out(self._flow.begin(text, context.caller_number, about))

    def _in_message(self, turn: CallerTurn, context: AgentTurn) -> list[Step]:
        draft = self._state.draft
        if draft is None:
            return self._unclear()
        if (aside := self._aside(draft, turn)) is not None:
            return aside
        move = self._advance(draft, turn, context)
        if not move.understood and is_question(turn.text, self.language):
            best = self._meaning.best(turn.text)
            if best is not None and best.intent in (None, *ANSWERED):
                answer = self._facts.answer(best, turn.text, context.now)
                prompt = self._flow.prompt(draft)
                return [replace(prompt, text=f"{answer} {prompt.text}")]
        return self._carry_out(move)

    def _advance(self, draft: Draft, turn: CallerTurn, context: AgentTurn) -> Move:
        heard = question_heard(self._state.spoken, context.heard, self._flow.essential(draft))
        return self._flow.advance(draft, turn, heard=heard)

    def _aside(self, draft: Draft, turn: CallerTurn) -> list[Step] | None:
        """The caller asks to hear the question again, or takes leave; None: they answer it."""
        if turn.digits or draft.stage is Stage.CONTENT:
            return None
        if asks_repeat(turn.text, self.language):
            return self._repeat()
        return self._leave_with(draft) if says_goodbye(turn.text, self.language) else None

    def _carry_out(self, move: Move) -> list[Step]:
        self._state = replace(self._state, draft=move.draft, misheard=0)
        steps: list[Step] = list(move.steps)
        if move.cancelled:
            return [self._more(self._own.message_cancelled)]
        if move.draft is None:
            stored = [step for step in steps if isinstance(step, LeaveMessage)]
            self._state = replace(self._state, unsaved=stored[-1] if stored else None)
            steps.append(self._more(self._own.stored))
        return steps

    def _leave_with(self, draft: Draft) -> list[Step]:
        """The caller takes leave within the flow: what was heard is stored first."""
        message = self._flow.unfinished(draft)
        farewell = self._farewell()
        if message is None:
            return farewell
        self._state = replace(self._state, unsaved=message)
        # Who said nothing to pass on isn't told that it was.
        return [message, *([Say(self._own.stored)] if draft.content else []), *farewell]

    def _retry(self) -> list[Step]:
        message = self._state.unsaved
        self._state = replace(self._state, offer=None)
        return [self._more("")] if message is None else [message, self._more(self._own.stored)]

    def _give_up(self) -> list[Step]:
        self._state = replace(self._state, unsaved=None)
        return [self._more(self._own.message_cancelled)]
