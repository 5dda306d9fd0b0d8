"""TAKE_MESSAGE: name, number, what about, read back, stored.

The flow holds no state of its own: a frozen ``Draft`` goes in with the caller's turn,
and a ``Move`` comes out with the next draft and what to say.
"""

import re
from dataclasses import replace
from typing import Final

from annie.agent.draft import Draft, Move, Stage
from annie.agent.phrases import sentences
from annie.agent.protocols import LeaveMessage, Say
from annie.agent.understanding.human import cancels
from annie.agent.understanding.mentions import Topic, mentions
from annie.agent.understanding.name import parse_name
from annie.agent.understanding.phone_number import (
    SpokenNumber,
    from_keypad,
    parse_phone_number,
    read_back,
    to_e164,
)
from annie.agent.understanding.words import content_words, words
from annie.agent.understanding.yes_no import Answer, yes_no
from annie.kit.language import Language
from annie.speech.protocols import CallerTurn, Expectation

MAX_CONTENT: Final = 2000
#: How often one thing is asked before Annie goes on without it.
_PATIENCE: Final = 3
#: Words of a turn that is a message, whatever was asked.
_OF_ITSELF: Final = 8


class TakeMessage:
    """The flow in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._own = sentences(language)

    def begin(self, text: str, caller_number: str, about: str = "") -> Move:
        """Start, with what ``text`` already tells. ``caller_number`` is as the network says.

        ``about`` is the question that led to it, if one did.
        """
        draft = Draft(
            caller_number=to_e164(caller_number),
            about=about,
            name=parse_name(text, self._language, bare=False),
        )
        number = parse_phone_number(text, self._language)
        if number is not None and number.complete:
            draft = replace(draft, number=number.e164)
        return self._next(draft)

    def advance(self, draft: Draft, turn: CallerTurn, *, heard: bool = True) -> Move:
        """Take in what the caller said or dialled.

        Not ``heard``: the caller interrupted the question. What only means something as
        an answer to it isn't taken for one; the question is asked again.
        """
        if not turn.digits and cancels(turn.text, self._language):
            return Move(None, (), cancelled=True)
        if not heard and self._needs_question(draft, turn):
            if draft.stage is Stage.CONTENT and content_words(turn.text, self._language):
                draft = replace(draft, about=draft.about or turn.text.strip())
            return Move(draft, (self.prompt(draft),), understood=False)
        match draft.stage:
            case Stage.NAME:
                return self._name(draft, turn)
            case Stage.OWN_NUMBER:
                return self._own_number(draft, turn)
            case Stage.NUMBER:
                return self._number(draft, turn)
            case Stage.CONFIRM_NUMBER:
                return self._confirm_number(draft, turn)
            case Stage.CONTENT:
                return self._content(draft, turn)
            case Stage.CONFIRM:
                return self._confirm(draft, turn)
            case Stage.CHANGE:
                return self._change(draft, turn)

    def essential(self, draft: Draft) -> str:
        """What must be heard of the current question to answer it; empty: that it is asked."""
        match draft.stage:
            case Stage.CONFIRM_NUMBER:
                return read_back(draft.number)
            case Stage.CONFIRM:
                return draft.content[: len(draft.content) // 2]
            case _:
                return ""

    def _needs_question(self, draft: Draft, turn: CallerTurn) -> bool:
        number = self._heard_number(turn)
        if turn.digits or (number is not None and number.complete):
            return False
        said = yes_no(turn.text, self._language)
        answer = None if said is None else said.answer
        match draft.stage:
            case Stage.NAME:
                return not parse_name(turn.text, self._language, bare=False)
            case Stage.CONTENT:
                return len(words(turn.text)) < _OF_ITSELF
            case Stage.NUMBER | Stage.CHANGE:
                return answer is Answer.NO
            case Stage.OWN_NUMBER | Stage.CONFIRM_NUMBER | Stage.CONFIRM:
                # A "no" is why one interrupts what is read back wrongly.
                return answer is Answer.YES

    def unfinished(self, draft: Draft) -> LeaveMessage | None:
        """What was heard, as an unconfirmed message; None when nobody could act on it.

        It takes the matter itself, or a number to call with any reason to do so. Without
        a number that was dictated, the caller is called back where they called from.
        """
        number = draft.number or draft.caller_number
        reason = draft.name or draft.number or draft.about
        if not draft.content and not (number and reason):
            return None
        content = draft.content or draft.about or self._own.subject_unsaid
        return LeaveMessage(draft.name, number, content, draft.urgent, confirmed=False)

    def prompt(self, draft: Draft) -> Say:
        """The question of the current stage."""
        own = self._own
        match draft.stage:
            case Stage.NAME:
                return Say(own.ask_name, Expectation.NAME)
            case Stage.OWN_NUMBER:
                ending = draft.caller_number[-4:]
                text = own.offer_own_number if draft.name else own.offer_own_number_nameless
                return Say(text.format(name=draft.name, ending=ending), Expectation.YES_NO)
            case Stage.NUMBER:
                text = own.ask_number if draft.name else own.ask_number_nameless
                return Say(text.format(name=draft.name), Expectation.DIGITS)
            case Stage.CONFIRM_NUMBER:
                text = own.confirm_number.format(number=read_back(draft.number))
                return Say(text, Expectation.YES_NO)
            case Stage.CONTENT:
                return Say(own.ask_content, Expectation.DICTATION)
            case Stage.CONFIRM:
                return Say(f"{self._summary(draft)} {own.summary_question}", Expectation.YES_NO)
            case Stage.CHANGE:
                return Say(own.what_to_change, Expectation.OPEN)

    def _next(self, draft: Draft, lead: str = "") -> Move:
        """On to what is still to be asked."""
        if not draft.name and not draft.skip_name:
            stage = Stage.NAME
        elif not draft.number and not draft.skip_number:
            stage = Stage.OWN_NUMBER if draft.caller_number else Stage.NUMBER
        elif draft.number and not draft.confirmed:
            stage = Stage.CONFIRM_NUMBER
        elif not draft.content:
            stage = Stage.CONTENT
        else:
            stage = Stage.CONFIRM
        return self._ask(replace(draft, stage=stage, tries=0, digits=""), lead)

    def _ask(self, draft: Draft, lead: str = "") -> Move:
        prompt = self.prompt(draft)
        return Move(draft, (replace(prompt, text=f"{lead} {prompt.text}".strip()),))

    def _again(self, draft: Draft, say: Say, *, understood: bool = False) -> Move:
        return Move(replace(draft, tries=draft.tries + 1), (say,), understood=understood)

    def _name(self, draft: Draft, turn: CallerTurn) -> Move:
        number = self._heard_number(turn)
        if number is not None and number.complete and not draft.number:
            draft = replace(draft, number=number.e164)
        said = parse_name(turn.text, self._language)
        if said:
            draft = replace(draft, name=said)
        if said:
            return self._next(draft)
        if draft.tries + 1 >= _PATIENCE:
            return self._next(replace(draft, skip_name=True))
        again = self._own.ask_name_again[min(draft.tries, len(self._own.ask_name_again) - 1)]
        return self._again(draft, Say(again, Expectation.NAME))

    def _own_number(self, draft: Draft, turn: CallerTurn) -> Move:
        if (number := self._heard_number(turn)) is not None and _is_number_like(number, turn):
            return self._take_number(draft, number)
        answer = yes_no(turn.text, self._language)
        if answer is not None and answer.answer is Answer.YES:
            return self._next(replace(draft, number=draft.caller_number, confirmed=True))
        if answer is not None and answer.answer is Answer.NO:
            asked = replace(draft, stage=Stage.NUMBER, tries=0)
            return Move(asked, (Say(self._own.ask_other_number, Expectation.DIGITS),))
        if draft.tries + 1 >= _PATIENCE:
            return self._ask(replace(draft, stage=Stage.NUMBER, tries=0))
        return self._again(draft, self.prompt(draft))

    def _number(self, draft: Draft, turn: CallerTurn) -> Move:
        number = self._heard_number(turn, draft.digits)
        if number is not None:
            return self._take_number(draft, number)
        if draft.caller_number and mentions(Topic.SAME_NUMBER, turn.text, self._language):
            return self._next(replace(draft, number=draft.caller_number, confirmed=True))
        answer = yes_no(turn.text, self._language)
        if (answer is not None and answer.answer is Answer.NO) or draft.tries + 1 >= _PATIENCE:
            return self._next(replace(draft, skip_number=True), self._own.no_number)
        return self._again(draft, self._invalid(draft))

    def _take_number(self, draft: Draft, number: SpokenNumber) -> Move:
        if number.complete:
            return self._read_back(draft, number.e164)
        draft = replace(draft, stage=Stage.NUMBER)
        if number.missing and len(number.digits) >= 3 and draft.tries + 1 < _PATIENCE:
            one = number.missing == 1
            text = self._own.number_missing_one if one else self._own.number_missing
            said = text.format(digits=" ".join(number.digits), missing=number.missing)
            kept = replace(draft, digits=number.digits)
            return self._again(kept, Say(said, Expectation.DIGITS), understood=True)
        if draft.tries + 1 >= _PATIENCE + 1:
            return self._next(replace(draft, skip_number=True), self._own.no_number)
        return self._again(replace(draft, digits=""), self._invalid(draft), understood=True)

    def _invalid(self, draft: Draft) -> Say:
        texts = self._own.number_invalid
        return Say(texts[min(draft.tries, len(texts) - 1)], Expectation.DIGITS)

    def _read_back(self, draft: Draft, number: str) -> Move:
        return self._ask(
            replace(
                draft,
                stage=Stage.CONFIRM_NUMBER,
                number=number,
                confirmed=False,
                digits="",
                tries=0,
            )
        )

    def _confirm_number(self, draft: Draft, turn: CallerTurn) -> Move:
        number = self._heard_number(turn)
        if number is None or not number.complete:
            number = self._partly_corrected(draft, turn, number) or number
        if number is not None and _is_number_like(number, turn):
            if number.e164 == draft.number:
                return self._next(replace(draft, confirmed=True))
            return self._take_number(replace(draft, number=""), number)
        answer = yes_no(turn.text, self._language)
        if answer is not None and answer.answer is Answer.YES:
            return self._next(replace(draft, confirmed=True))
        if answer is not None and answer.answer is Answer.NO:
            asked = replace(draft, stage=Stage.NUMBER, number="", digits="", tries=0)
            return Move(asked, (Say(self._own.correct_number, Expectation.DIGITS),))
        if draft.tries + 1 >= _PATIENCE:
            return self._next(replace(draft, confirmed=True))
        text = self._own.confirm_number_again.format(number=read_back(draft.number))
        return self._again(draft, Say(text, Expectation.YES_NO))

    def _partly_corrected(
        self, draft: Draft, turn: CallerTurn, heard: SpokenNumber | None
    ) -> SpokenNumber | None:
        """The number with its end changed: "no, four two", "the last digit is two"."""
        named = mentions(Topic.ENDING, turn.text, self._language)
        if turn.digits or (heard is None and not named):
            return None
        changed = parse_phone_number(
            f"{draft.number[-10:]} {_NO[self._language]} {turn.text}", self._language
        )
        return changed if changed is not None and changed.complete else None

    def _content(self, draft: Draft, turn: CallerTurn) -> Move:
        if turn.digits and not turn.text:
            return self._take_number(replace(draft, number=""), from_keypad(turn.digits))
        if (corrected := self._corrected_number(turn)) is not None:
            return self._read_back(draft, corrected)
        text = turn.text.strip()
        if not content_words(text, self._language) and draft.tries + 1 < _PATIENCE:
            again = Say(self._own.ask_content_again, Expectation.DICTATION)
            return self._again(draft, again)
        return self._next(self._with_content(draft, text))

    def _confirm(self, draft: Draft, turn: CallerTurn) -> Move:
        if (changed := self._changed(draft, turn)) is not None:
            return changed
        answer = yes_no(turn.text, self._language)
        if answer is None or answer.answer is Answer.UNSURE:
            if len(words(turn.text)) >= 4 and "?" not in turn.text:
                return self._next(self._with_content(draft, f"{draft.content} {turn.text.strip()}"))
            if draft.tries + 1 >= _PATIENCE:
                return self._store(draft, confirmed=False)
            return self._again(draft, self.prompt(draft))
        if answer.answer is Answer.YES:
            return self._store(draft)
        return self._ask(replace(draft, stage=Stage.CHANGE, tries=0))

    def _change(self, draft: Draft, turn: CallerTurn) -> Move:
        if (changed := self._changed(draft, turn)) is not None:
            return changed
        answer = yes_no(turn.text, self._language)
        if answer is not None and answer.answer is Answer.NO:
            return self._store(draft)
        if len(content_words(turn.text, self._language)) >= 3 and "?" not in turn.text:
            return self._next(self._with_content(draft, turn.text.strip()))
        if draft.tries + 1 >= _PATIENCE:
            return self._store(draft, confirmed=False)
        return self._again(draft, self.prompt(draft))

    def _changed(self, draft: Draft, turn: CallerTurn) -> Move | None:
        """The caller names what is wrong, perhaps with what is right; None when they don't."""
        number = self._heard_number(turn)
        if number is not None and number.complete and number.e164 != draft.number:
            return self._read_back(draft, number.e164)
        affirmed = yes_no(turn.text, self._language)
        if affirmed is not None and affirmed.answer is Answer.YES:
            return None
        if mentions(Topic.NUMBER, turn.text, self._language):
            asked = replace(draft, stage=Stage.NUMBER, number="", digits="", tries=0)
            return Move(asked, (Say(self._own.correct_number, Expectation.DIGITS),))
        if mentions(Topic.NAME, turn.text, self._language):
            name = parse_name(turn.text, self._language, bare=False)
            return self._next(replace(draft, name=name, skip_name=False))
        if mentions(Topic.MESSAGE, turn.text, self._language):
            return self._next(replace(draft, content=""))
        return None

    def _store(self, draft: Draft, *, confirmed: bool = True) -> Move:
        return Move(None, (replace(draft.message, confirmed=confirmed),))

    def _with_content(self, draft: Draft, text: str) -> Draft:
        urgent = draft.urgent or mentions(Topic.URGENT, text, self._language)
        return replace(draft, content=text[:MAX_CONTENT].strip(), urgent=urgent)

    def _summary(self, draft: Draft) -> str:
        number = read_back(draft.number) if draft.number else ""
        sender = ", ".join(part for part in (draft.name, number) if part)
        text = self._own.summary if sender else self._own.summary_nameless
        content = draft.content if draft.content[-1:] in ".!?" else f"{draft.content}."
        return text.format(sender=sender, content=content)

    def _heard_number(self, turn: CallerTurn, before: str = "") -> SpokenNumber | None:
        if turn.digits:
            keyed = from_keypad(turn.digits)
            joined = from_keypad(before + turn.digits)
            found = joined if before and joined.complete and not keyed.complete else keyed
            return found if found.digits else None
        return parse_phone_number(turn.text, self._language, before)

    def _corrected_number(self, turn: CallerTurn) -> str | None:
        """A new callback number given instead of the message ("my number is wrong, it's…")."""
        number = parse_phone_number(turn.text, self._language)
        about_number = mentions(Topic.NUMBER, turn.text, self._language)
        if number is None or not number.complete or not about_number or len(words(turn.text)) > 24:
            return None
        beside = [
            word
            for word in content_words(_PATTERNS_OUT.sub(" ", turn.text), self._language)
            if not word.isdigit() and parse_phone_number(word, self._language) is None
        ]
        return number.e164 if len(beside) <= 4 else None


_PATTERNS_OUT: Final = re.compile(r"\d+")
#: The word before a correction, as ``parse_phone_number`` understands it.
_NO: Final = {Language.ENGLISH: "no", Language.SPANISH: "no", Language.FRENCH: "non"}


def _is_number_like(number: SpokenNumber, turn: CallerTurn) -> bool:
    """Whether digits were meant as such: "no one" isn't a number, "five five" is."""
    return bool(turn.digits) or number.complete or len(number.digits) >= 2
