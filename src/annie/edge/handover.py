"""Calls outlive the process that talks them.

While nobody talks a call, its caller is asked to wait, in the call's language, as soon
as what was still queued has been heard. The call goes on with its newest checkpoint as
soon as a voice process is there; after ``GIVE_UP`` it is ended with an apology.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from annie.kit import link

logger = logging.getLogger(__name__)

#: Seconds between two comfort phrases.
AGAIN: Final = 6.0
#: Seconds without a voice process after which the caller is asked to ring again.
GIVE_UP: Final = 20.0
#: Languages whose comfort is kept; a voice process that sends more is at fault.
_LANGUAGES: Final = 32


class Player(Protocol):
    """What this needs of the media engine."""

    def position(self, call: int) -> tuple[int, int, int] | None:
        """Epoch, frames of it that were played, and frames that wait; ``None`` if it is gone."""
        ...

    def play(self, call: int, epoch: int, pcm: bytes) -> None:
        """Queue audio."""
        ...


@dataclass(slots=True)
class _Kept:
    """What is known of an established call."""

    facts: link.CallFacts
    checkpoint: link.Checkpoint | None = None
    #: When its voice process was lost; ``None`` while it has one.
    waiting_since: float | None = None
    comforted_at: float | None = None
    #: What was being said to the caller was lost with the process that said it.
    cut_off: bool = False


class Handover:
    """What the edge keeps of its calls. ``give_up`` is told of a call nobody came for."""

    def __init__(self, player: Player, give_up: Callable[[int], None]) -> None:
        self._player = player
        self._give_up = give_up
        self._calls: dict[int, _Kept] = {}
        self._waiting: dict[int, None] = {}
        self._comforts: dict[str, link.Comfort] = {}

    @property
    def waiting(self) -> tuple[int, ...]:
        """Calls without a voice process, longest waiting first."""
        return tuple(self._waiting)

    @property
    def conversations(self) -> tuple[UUID, ...]:
        """Conversations of all calls that are up."""
        return tuple(
            kept.checkpoint.conversation
            for kept in self._calls.values()
            if kept.checkpoint is not None
        )

    def begin(self, call: int, facts: link.CallFacts) -> None:
        """The call was answered."""
        self._calls[call] = _Kept(facts)

    def take_over(
        self, call: int, facts: link.CallFacts, checkpoint: link.Checkpoint | None, now: float
    ) -> bool:
        """A call of an edge that is gone; false if nobody could go on with it."""
        kept = self._calls[call] = _Kept(facts, checkpoint, cut_off=True)
        if checkpoint is None:
            return False
        kept.waiting_since = now
        self._waiting[call] = None
        return True

    def checkpoint(self, call: int) -> link.Checkpoint | None:
        """Where a call's conversation stands."""
        kept = self._calls.get(call)
        return kept.checkpoint if kept is not None else None

    def forget(self, call: int) -> None:
        """The call is over."""
        self._calls.pop(call, None)
        self._waiting.pop(call, None)

    def keep(self, checkpoint: link.Checkpoint) -> None:
        """Remember where a conversation stands; one that is too long is refused."""
        kept = self._calls.get(checkpoint.call)
        if kept is None:
            return
        if len(checkpoint.state) > link.MAX_STATE:
            logger.error("checkpoint_too_long", extra={"bytes": len(checkpoint.state)})
            return
        kept.checkpoint = checkpoint

    def keep_comfort(self, comfort: link.Comfort) -> None:
        """Remember what to play in a language."""
        whole = len(comfort.pcm) % link.FRAME_BYTES == len(comfort.farewell) % link.FRAME_BYTES == 0
        if whole and (comfort.language in self._comforts or len(self._comforts) < _LANGUAGES):
            self._comforts[comfort.language] = comfort
        else:
            logger.error("comfort_refused", extra={"language": comfort.language})

    def lost(self, call: int, now: float) -> bool:
        """The call's voice process is gone. False if there is nothing to go on from."""
        kept = self._calls.get(call)
        if kept is None or kept.checkpoint is None:
            return False
        if kept.waiting_since is None:
            kept.waiting_since, kept.comforted_at = now, None
            self._waiting[call] = None
        self._comfort(call, kept, now)
        return True

    def stalled(self, calls: Iterable[int], now: float) -> None:
        """The voice process of ``calls`` doesn't move: who waits for an answer is comforted."""
        for call in calls:
            kept = self._calls.get(call)
            if kept is not None and kept.checkpoint is not None and kept.checkpoint.owed:
                self._comfort(call, kept, now)

    def moving(self, calls: Iterable[int]) -> None:
        """It moves again."""
        for call in calls:
            if (kept := self._calls.get(call)) is not None:
                kept.comforted_at = None

    def tick(self, now: float) -> None:
        """Comfort those who wait, and give up on those who have waited too long."""
        for call in list(self._waiting):
            kept = self._calls[call]
            if kept.waiting_since is not None and now - kept.waiting_since >= GIVE_UP:
                del self._waiting[call]
                logger.error("call_given_up", extra={"call": call, "seconds": GIVE_UP})
                self._say_farewell(call, kept)
                self._give_up(call)
            else:
                self._comfort(call, kept, now)

    def resume(self, call: int) -> link.CallResumed | None:
        """Somebody takes the call: what to tell them."""
        kept = self._calls.get(call)
        position = self._player.position(call)
        if kept is None or kept.checkpoint is None or position is None:
            return None
        comforted = kept.comforted_at is not None or kept.cut_off
        kept.cut_off = False
        kept.waiting_since = kept.comforted_at = None
        self._waiting.pop(call, None)
        epoch, played, queued = position
        return link.CallResumed(
            call,
            kept.facts,
            kept.checkpoint.conversation,
            kept.checkpoint.state,
            epoch,
            played,
            queued,
            comforted,
        )

    def _comfort(self, call: int, kept: _Kept, now: float) -> None:
        if kept.comforted_at is not None and now - kept.comforted_at < AGAIN:
            return
        position = self._player.position(call)
        comfort = self._comfort_of(kept)
        if position is None or comfort is None or position[2]:
            return
        kept.comforted_at = now
        self._player.play(call, position[0], comfort.pcm)

    def _say_farewell(self, call: int, kept: _Kept) -> None:
        position = self._player.position(call)
        comfort = self._comfort_of(kept)
        if position is not None and comfort is not None:
            self._player.play(call, position[0], comfort.farewell)

    def _comfort_of(self, kept: _Kept) -> link.Comfort | None:
        return self._comforts.get(kept.checkpoint.language) if kept.checkpoint else None
