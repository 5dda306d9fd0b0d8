"""One call, from the ringing line to the closed record.

The line reports on the event loop and moves a small state machine (waiting, talking,
ending, ended); the task of ``run`` waits, within bounds, for what must come next.
What is said meanwhile is the ``Dialogue``'s.
"""

import asyncio
import contextlib
import logging
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

import msgspec

from annie.calls.answering import Answering, Reception, Refusal
from annie.calls.checkpoint import Checkpoint
from annie.calls.clips import Clips
from annie.calls.dialogue import Dialogue
from annie.calls.instruments import Instruments
from annie.calls.journal import Journal
from annie.calls.limits import BoundExceeded, Limits, within
from annie.calls.phrases import Phrase
from annie.calls.ports import Ears, Mouth
from annie.calls.protocols import CallLeg
from annie.calls.record import CallEnding
from annie.calls.recorder import Recorder, Recording
from annie.calls.writer import RecordWriter
from annie.kit.clock import Clock
from annie.kit.ids import new_id
from annie.kit.link import HANDED_OVER, LINK_LOST, MEDIA_LOST
from annie.speech.protocols import Pcm

logger = logging.getLogger(__name__)

#: How often the call looks whether its line still delivers frames, and how long it may not.
_LINE_CHECK_SECONDS = 5.0
_LINE_DEAD_SECONDS = 15.0
_REJOIN_PAUSE = 0.3


@dataclass(slots=True, frozen=True)
class Rejoined:
    """A call that goes on here. ``comforted``: the caller was asked to wait."""

    checkpoint: Checkpoint
    comforted: bool


@dataclass(slots=True, frozen=True)
class CallServices:
    """What every call of a process shares. Without a recorder nothing is recorded."""

    reception: Reception
    ears: Ears
    mouth: Mouth
    writer: RecordWriter
    recorder: Recorder | None
    clips: Clips
    clock: Clock
    limits: Limits = field(default_factory=Limits)


class _State(Enum):
    WAITING = auto()  # not established yet
    TALKING = auto()
    ENDING = auto()  # our end is decided; what is queued is played out
    ENDED = auto()


class CallSession:
    """The ``CallLegListener`` of one call; listens to its leg from construction.

    With ``rejoined`` the call is up already, and goes on here after its process was lost.
    """

    def __init__(
        self, leg: CallLeg, services: CallServices, rejoined: Rejoined | None = None
    ) -> None:
        self._leg = leg
        self._services = services
        self._clock = services.clock
        self._limits = services.limits
        self._rejoined = rejoined
        self._checkpoint: Checkpoint | None = None
        self._handed_over = False
        self._state = _State.WAITING
        self._established = asyncio.Event()
        self._closing = asyncio.Event()
        self._over = asyncio.Event()
        self._end_reason = ""
        self._end_detail = ""
        self._ended_at: datetime | None = None
        self._dialogue: Dialogue | None = None
        self._recording: Recording | None = None
        self._last_frame = self._clock.monotonic()
        leg.listen(self)

    async def run(self) -> None:
        """The whole call. Returns once its record is written, or given up after its bound."""
        rejoined = self._rejoined
        answering: Answering | None = None
        if rejoined is not None:
            checkpoint = rejoined.checkpoint
        else:
            answering = await self._receive()
            if answering is None:
                return
            checkpoint = self._first(answering)
        opening = checkpoint.opening(self._leg.facts)
        journal = Journal(self._services.writer, opening, self._clock, self._limits)
        journal.open()
        self._checkpoint = checkpoint
        try:
            if rejoined is not None:
                self.on_established()
                answering = await self._rejoin(rejoined)
            if answering is not None:
                self._dialogue = self._begin(answering, journal)
                self._keep()
                self._leg.answer()
                await self._converse(self._dialogue)
        except Exception:
            logger.exception("call_failed")
            self._note_end("error")
        except asyncio.CancelledError:
            self._note_end("system_failure", "the voice process ended")
            raise
        finally:
            self._close(journal)
            if self._dialogue is not None:
                await self._dialogue.ended()
            await journal.drain(self._limits.drain)

    def end(self, reason: str, detail: str = "") -> None:
        """Hang up once everything queued has been heard. The first reason counts."""
        if self._state in (_State.ENDING, _State.ENDED):
            return
        self._state = _State.ENDING
        self._note_end(reason, detail)
        self._keep()
        if self._dialogue is not None:
            self._dialogue.stop_listening()
        self._closing.set()
        self._leg.hang_up(after_playout=True)

    def on_established(self) -> None:
        if self._state is _State.WAITING:
            self._state = _State.TALKING
            self._last_frame = self._clock.monotonic()
            self._established.set()

    def on_frame(self, pcm: Pcm, played: Pcm, lost: bool) -> None:
        self._last_frame = self._clock.monotonic()
        if self._dialogue is None or self._state not in (_State.TALKING, _State.ENDING):
            return
        with self._guarded():
            if self._recording is not None:
                self._recording.write(pcm, played)
            self._dialogue.frame(pcm, played, talking=self._state is _State.TALKING)

    def on_digit(self, digit: str) -> None:
        if self._dialogue is not None and self._state is _State.TALKING:
            with self._guarded():
                self._dialogue.digit(digit)

    def on_ended(self, by: str, reason: str) -> None:
        if by == "edge" and reason in (HANDED_OVER, LINK_LOST):
            # Another process goes on with it, or this one does in another session.
            self._handed_over = True
        elif by == "annie":
            self._note_end("error", reason)
        elif by == "edge":
            self._note_end(MEDIA_LOST if reason == MEDIA_LOST else "edge_lost", reason)
        else:
            self._note_end("caller_hung_up", reason)
        self._state = _State.ENDED
        self._ended_at = self._clock.now()
        self._established.set()
        self._closing.set()
        self._over.set()

    async def _receive(self) -> Answering | None:
        decision: Answering | Refusal
        try:
            decision = await within(
                self._clock,
                self._limits.reception,
                self._services.reception.decide(self._leg.facts),
            )
        except BoundExceeded:
            logger.error("reception_too_slow", extra={"seconds": self._limits.reception})
            decision = Refusal(503, "Service Unavailable")
        except Exception:
            logger.exception("reception_failed")
            decision = Refusal(503, "Service Unavailable")
        except asyncio.CancelledError:
            self._leg.reject(503, "Service Unavailable")
            raise
        if self._over.is_set():
            return None
        if isinstance(decision, Refusal):
            logger.info(
                "call_refused", extra={"status": decision.status, "reason": decision.reason}
            )
            self._leg.reject(decision.status, decision.reason)
            self._state = _State.ENDED
            return None
        return decision

    async def _rejoin(self, rejoined: Rejoined) -> Answering | None:
        """Get the agent back; None when the call is over, or is ended because that can't be."""
        checkpoint = rejoined.checkpoint
        if checkpoint.ending:
            self.end(checkpoint.ending)
            await self._until_over(self._limits.farewell)
            return None
        deadline = self._clock.monotonic() + self._limits.rejoin
        while not self._over.is_set():
            try:
                return await within(
                    self._clock,
                    self._limits.reception,
                    self._services.reception.rejoin(checkpoint),
                )
            except Exception as error:
                logger.warning("rejoin_failed", extra={"error": repr(error)})
                if self._clock.monotonic() >= deadline:
                    break
                await self._clock.sleep(_REJOIN_PAUSE)
        if not self._over.is_set():
            clip = self._services.clips.get(Phrase.FAILURE, checkpoint.language)
            if clip is not None:
                self._leg.play(clip)
            self.end("system_failure", "the conversation could not be taken up again")
            await self._until_over(self._limits.farewell)
        return None

    def _first(self, answering: Answering) -> Checkpoint:
        return Checkpoint(
            conversation_id=new_id(),
            org_id=answering.org_id,
            bot_id=answering.bot_id,
            number_id=answering.number_id,
            number=answering.number,
            caller_number=answering.caller_number,
            language=answering.language,
            style=answering.style,
            started_at=self._clock.now(),
        )

    def _keep(self) -> None:
        """Leave with the line where the call stands now."""
        checkpoint = self._checkpoint
        if checkpoint is None or self._state is _State.ENDED:
            return
        if self._dialogue is not None:
            checkpoint = self._dialogue.progress(checkpoint)
        if self._state is _State.ENDING:
            checkpoint = msgspec.structs.replace(checkpoint, ending=self._end_reason)
        self._leg.checkpoint(
            checkpoint.conversation_id,
            checkpoint.language.value,
            checkpoint.encode(),
            owed=checkpoint.owed,
        )

    def _begin(self, answering: Answering, journal: Journal) -> Dialogue:
        services = self._services
        if services.recorder is not None and answering.recorded:
            self._recording = services.recorder.open(
                journal.conversation_id, began=self._rejoined_after
            )
        instruments = Instruments(
            services.ears, services.mouth, services.clips, self._clock, self._limits
        )
        return Dialogue(self._leg, answering, journal, instruments, self.end, self._keep)

    @property
    def _rejoined_after(self) -> float:
        """Seconds since the call began elsewhere; 0 if it began here."""
        if self._rejoined is None:
            return 0.0
        began = self._rejoined.checkpoint.started_at
        return max((self._clock.now() - began).total_seconds(), 0.0)

    async def _converse(self, dialogue: Dialogue) -> None:
        try:
            await within(self._clock, self._limits.establish, self._established.wait())
        except BoundExceeded:
            self._note_end("not_established")
            return
        if self._state is _State.TALKING:
            if self._rejoined is None:
                dialogue.greet()
            else:
                dialogue.resume(self._rejoined.checkpoint, comforted=self._rejoined.comforted)
        if not await self._closing_within(self._limits.duration):
            dialogue.say_goodbye(Phrase.TOO_LONG, "max_duration")
            if not await self._closing_within(self._limits.farewell):
                self.end("max_duration")
        await self._until_over(dialogue.queued_seconds + self._limits.playout_grace)
        if self._over.is_set() and not self._handed_over:
            await dialogue.hear_out()

    async def _until_over(self, seconds: float) -> None:
        try:
            await within(self._clock, seconds, self._over.wait())
        except BoundExceeded:
            logger.warning("hang_up_unconfirmed", extra={"seconds": seconds})

    async def _closing_within(self, seconds: float) -> bool:
        """Wait for the end, looking now and then whether the line is still alive."""
        deadline = self._clock.monotonic() + seconds
        while (left := deadline - self._clock.monotonic()) > 0:
            try:
                await within(self._clock, min(left, _LINE_CHECK_SECONDS), self._closing.wait())
            except BoundExceeded:
                quiet = self._clock.monotonic() - self._last_frame
                if quiet >= _LINE_DEAD_SECONDS:
                    self.end("edge_lost", f"no frames for {quiet:.0f} s")
            else:
                return True
        return self._closing.is_set()

    def _note_end(self, reason: str, detail: str = "") -> None:
        if not self._end_reason:
            self._end_reason, self._end_detail = reason, detail

    def _close(self, journal: Journal) -> None:
        """Stop everything of this call; whatever fails here, the record is closed."""
        if not self._over.is_set():
            self._leg.hang_up()
        self._state = _State.ENDED
        try:
            if self._dialogue is not None:
                self._dialogue.close()
            if self._recording is not None:
                self._recording.close()
        except Exception:
            logger.exception("call_not_closed_cleanly")
        if self._handed_over:
            journal.leave()
            return
        try:
            if self._dialogue is not None:
                self._dialogue.keep_messages()
        except Exception:
            logger.exception("messages_not_kept")
        journal.close(
            CallEnding(
                reason=self._end_reason or "error",
                detail=self._end_detail,
                at=self._ended_at or self._clock.now(),
                recorded=self._recording is not None,
                media=self._leg.media,
            )
        )

    @contextlib.contextmanager
    def _guarded(self) -> Generator[None]:
        # One call's fault must not reach the tick that serves all calls.
        try:
            yield
        except Exception:
            logger.exception("call_failed")
            self.end("error")
