"""The turns of both sides as they go into the record: what was said, and what was heard of it."""

import logging

from annie.calls.journal import Journal
from annie.calls.record import Entry
from annie.calls.utterance import Utterance
from annie.kit.clock import Clock
from annie.speech.protocols import CallerTurn

logger = logging.getLogger(__name__)

#: In the record, where she was interrupted before a whole word was heard.
_NO_WORD = "…"


class Transcript:
    """One call's record of words, and what the caller has begun to hear of Annie's turn."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._begun: list[Utterance] = []
        self._entries: dict[Utterance, Entry] = {}

    @property
    def begun(self) -> bool:
        """Something of Annie's current turn was heard."""
        return bool(self._begun)

    def heard(self, played: int) -> str:
        """What was heard of Annie's current turn when the line stands at ``played``."""
        return " ".join(words for each in self._begun if (words := each.heard_text(played)))

    def new_turn(self) -> None:
        """Annie begins another turn."""
        self._begun.clear()
        self._entries.clear()

    def caller(self, turn: CallerTurn) -> Entry:
        """The caller said or dialled something; returns how it stands in the record."""
        entry = Entry(
            role="user",
            content=turn.text or turn.digits,
            at=self._clock.now(),
            digits=turn.digits,
            interrupted=turn.interrupted,
        )
        self._journal.add(entry)
        return entry

    def heard_first(self, utterance: Utterance) -> None:
        """The first sample was heard."""
        self._begun.append(utterance)
        timings: dict[str, int] = {}
        if utterance.reply is not None:
            utterance.reply.first_audio = self._clock.monotonic()
            timings = utterance.reply.timings()
            logger.info("turn_answered", extra={"timings": timings})
        entry = Entry("assistant", utterance.text, self._clock.now(), timings=timings)
        self._entries[utterance] = entry
        self._journal.add(entry)

    def heard_part(self, utterance: Utterance, words: str) -> None:
        """The rest was given up; ``words`` is what was heard."""
        entry = self._entries.pop(utterance, None)
        if entry is not None and words != entry.content:
            self._journal.amend(entry.message_id, words or _NO_WORD)
