"""Who has the floor: turns of the caller, turns of Annie, and what happens when they meet."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import msgspec

from annie.agent.protocols import AgentTurn, EndCall, Say, Step
from annie.calls.answering import Answering
from annie.calls.checkpoint import Checkpoint
from annie.calls.digits import DigitCollector
from annie.calls.floor import Floor, Steps
from annie.calls.instruments import Instruments
from annie.calls.journal import Journal
from annie.calls.limits import BoundExceeded, within
from annie.calls.merging import merged
from annie.calls.phrases import Phrase, phrase
from annie.calls.ports import CallEars
from annie.calls.protocols import CallLeg
from annie.calls.record import Entry
from annie.calls.reply import Reply
from annie.calls.silence import SilenceWatch
from annie.calls.speaker import Speaker
from annie.calls.transcript import Transcript
from annie.calls.utterance import Utterance
from annie.kit.link import FRAME_MS, SAMPLE_RATE
from annie.speech.ears import is_back_channel
from annie.speech.protocols import CallerTurn, Expectation, Pcm

logger = logging.getLogger(__name__)

#: Speech without a recognized word that is long enough to ask the caller to repeat it.
_UNINTELLIGIBLE_SECONDS = 1.2
#: Asked so often in a row; beyond that it is noise, which needs no answer.
_REPEAT_REQUESTS = 2
#: A caller who goes on so soon after pausing wasn't done, and Annie spoke too early.
_ONE_SENTENCE_SECONDS = 0.8
#: How long a turn that was replaced may take to end before its successor begins.
_CANCEL_SECONDS = 1.0


class Dialogue:
    """The conversation of one established call.

    ``on_end`` is called once, with a reason, when Annie's side wants to end the call;
    ``on_progress`` whenever there is something new to go on from.
    All methods belong to the event loop.
    """

    def __init__(
        self,
        leg: CallLeg,
        answering: Answering,
        journal: Journal,
        instruments: Instruments,
        on_end: Callable[[str], None],
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        self._leg = leg
        self._answering = answering
        self._journal = journal
        self._clock = instruments.clock
        self._limits = instruments.limits
        self._on_end = on_end
        self._on_progress = on_progress
        self._agent = answering.agent
        self._transcript = Transcript(journal, self._clock)
        self._speaker = Speaker(
            leg,
            instruments.mouth,
            answering.style,
            self._clock,
            self._limits,
            on_started=self._heard_first,
            on_cut=self._transcript.heard_part,
        )
        self._floor = Floor(
            self._agent,
            self._speaker,
            journal,
            instruments.clips,
            self._clock,
            self._limits,
            context=self._context,
            expect=self._expect,
            stored=self._message_stored,
            yielding=lambda: bool(self._waiting),
        )
        self._digits = DigitCollector(self._limits)
        self._silence = SilenceWatch(self._limits)
        self._expects = Expectation.OPEN
        self._task: asyncio.Task[None] | None = None
        #: Turns that came while they could not be answered yet.
        self._waiting: list[CallerTurn] = []
        #: The turn being answered, until the caller has heard a word of the answer.
        self._unanswered: CallerTurn | None = None
        #: The turn that was answered last, as long as it may turn out to have been half of one.
        self._answered: CallerTurn | None = None
        self._settled = False
        #: The turn to which Annie hasn't said everything yet, and its place in the record.
        self._owed: CallerTurn | None = None
        self._entry: Entry | None = None
        self._snapshot = b""
        #: What the caller said last, when the end came before it could be answered.
        self._unheard: list[CallerTurn] = []
        #: What was heard of Annie's last turn, if she was interrupted, and how that was
        #: before the turn that is being answered.
        self._heard: str | None = None
        self._heard_before: str | None = None
        self._speech_since: float | None = None
        self._speaking = False
        self._repeats = 0
        self._deaf = False
        self._closed = False
        #: Set when the ears have told the last they heard; None while the line is up.
        self._heard_out: asyncio.Event | None = None
        self._ears: CallEars = instruments.ears.open(answering.language, self, answering.hints)

    def greet(self) -> None:
        """Begin: the greeting plays."""
        self._take_floor(lambda: self._agent.greet(self._context()))
        self._on_progress()

    def resume(self, checkpoint: Checkpoint, *, comforted: bool) -> None:
        """Go on where another process stopped; ``comforted``: the caller was asked to wait."""
        if checkpoint.entry is not None:
            # Its process may have been lost before it was written; writing twice is harmless.
            self._journal.add(checkpoint.entry)
        if checkpoint.unanswered is not None:
            self._entry = checkpoint.entry
            self._heard = checkpoint.heard
            self._answer(checkpoint.unanswered)
        elif checkpoint.speaking or checkpoint.hearing or comforted:
            self._take_floor(lambda: self._agent.resume(self._context()))

    def progress(self, checkpoint: Checkpoint) -> Checkpoint:
        """``checkpoint`` as it is now."""
        return msgspec.structs.replace(
            checkpoint,
            agent=self._snapshot,
            unanswered=self._owed,
            entry=self._entry if self._owed is not None else None,
            heard=self._heard_before if self._owed is not None else None,
            speaking=self._busy,
            hearing=self._speech_since is not None,
        )

    def say_goodbye(self, which: Phrase, reason: str) -> None:
        """Interrupt whatever goes on, say a phrase, end the call."""
        self._speaker.cut()
        self.stop_listening()
        text = phrase(which, self._agent.language)
        self._take_floor(lambda: _steps(Say(text, interruptible=False), EndCall(reason)))

    def stop_listening(self) -> None:
        """The end is decided: nothing the caller says changes it any more. Idempotent."""
        if self._deaf:
            return
        self._deaf = True
        self._unheard, self._waiting = self._waiting, []
        if (cut_off := self._ears.unfinished()) is not None:
            self._transcript.caller(cut_off)
            self._unheard.append(cut_off)
        self._ears.close()

    @property
    def queued_seconds(self) -> float:
        """How long what the line holds will take to be heard."""
        return self._leg.queued_samples / SAMPLE_RATE

    def frame(self, pcm: Pcm, played: Pcm, *, talking: bool) -> None:
        """20 ms have passed: what was heard, and what the caller got to hear.

        Not ``talking``: only what was said is still played out.
        """
        self._speaker.tick()
        if not talking or self._deaf:
            return
        speaking = self._speaker.speaking
        if speaking is not self._speaking:
            self._speaking = speaking
            self._ears.annie_speaking(speaking)
        self._ears.feed(pcm, played)
        self._watch_speech()
        if self._digits.collecting:
            turn = self._digits.tick(self._clock.monotonic(), self._answering.language)
            if turn is not None:
                self.on_turn(turn)
        if self._waiting and self._free:
            turn = merged(self._waiting)
            self._waiting.clear()
            self._answer(turn)
        self._watch_silence()

    def digit(self, digit: str) -> None:
        """A key was pressed."""
        if self._deaf:
            return
        self._interrupt()
        turn = self._digits.press(digit, self._clock.monotonic(), self._answering.language)
        if turn is not None:
            self.on_turn(turn)

    def on_speech_started(self) -> None:
        """From the ears: the caller speaks."""
        if self._deaf:
            return
        self._speech_since = self._clock.monotonic()
        self._interrupt()
        self._on_progress()

    def on_turn(self, turn: CallerTurn) -> None:
        """From the ears: the caller is done. Also called with complete digits."""
        if self._deaf:
            return
        if not turn.digits:
            self._speech_since = None
        if self._heard_out is not None:
            self._heard_out.set()
            if turn.text:
                self._keep_waiting(turn)
            return
        if not turn.text and not turn.digits:
            self._nothing_said(turn)
            self._on_progress()
            return
        if self._only_listening(turn):
            self._transcript.caller(turn)
            self._speaker.release()
            self._on_progress()
            return
        self._silence.spoken()
        self._repeats = 0
        if not self._free and (self._floor.storing or not self._speaker.interruptible):
            if self._floor.storing:
                self._cut()
            self._keep_waiting(turn)
            return
        self._cut()
        self._entry = self._transcript.caller(turn)
        self._answer(turn)

    async def hear_out(self) -> None:
        """The line is gone: wait, within a bound, for the words that the caller was just saying."""
        if self._deaf:
            return
        self._cut()
        if self._task is not None and not self._floor.storing:
            self._task.cancel()
        keys = self._digits.finish(self._clock.monotonic(), self._answering.language)
        if keys is not None:
            self._keep_waiting(keys)
        if self._speech_since is None:
            return
        self._heard_out = asyncio.Event()
        self._ears.finish()
        with contextlib.suppress(BoundExceeded):
            await within(self._clock, self._limits.last_turn, self._heard_out.wait())

    def close(self) -> None:
        """The call is over: stop everything and settle what was heard. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self.stop_listening()
        if self._task is not None:
            self._task.cancel()
        self._cut()

    def keep_messages(self) -> None:
        """After ``close``: into the record with what the caller had still to leave."""
        turns, heard = self._unheard, self._heard
        if self._unanswered is not None:
            turns, heard = [self._unanswered, *turns], self._heard_before
        context = replace(self._context(), heard=heard)
        for message in self._agent.ended(context, merged(turns) if turns else None):
            self._journal.keep_message(message)

    async def ended(self) -> None:
        """After ``close``: wait for the task of Annie's turn to be gone."""
        if self._task is not None:
            await asyncio.wait({self._task})

    @property
    def _busy(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def _free(self) -> bool:
        """Nothing of Annie's goes on that the caller may not interrupt."""
        return not self._busy and not self._speaker.speaking

    def _interrupt(self) -> None:
        """The caller begins: be silent, ready to go on if it was nothing."""
        if self._speaker.interruptible and (self._busy or self._speaker.speaking):
            self._speaker.hold()

    def _nothing_said(self, turn: CallerTurn) -> None:
        if self._speaker.held:
            if not self._digits.collecting:
                self._speaker.release()
            return
        length = turn.timings.speech_end - turn.timings.speech_start
        if self._free and length >= _UNINTELLIGIBLE_SECONDS and self._repeats < _REPEAT_REQUESTS:
            self._repeats += 1
            self._take_floor(lambda: self._agent.sorry(self._context()), Reply(turn))

    def _only_listening(self, turn: CallerTurn) -> bool:
        """An "uh-huh" over a statement, which is no wish to have the floor.

        A "yes" while a yes or no is about to be asked for may be meant as the answer.
        """
        return (
            turn.interrupted
            and self._speaker.held
            and not self._digits.collecting
            and not self._speaker.asking
            and self._expects is not Expectation.YES_NO
            and is_back_channel(turn.text, turn.language)
        )

    def _keep_waiting(self, turn: CallerTurn) -> None:
        """It can't be answered now."""
        self._entry = self._transcript.caller(turn)
        self._waiting.append(turn)

    def _answer(self, turn: CallerTurn) -> None:
        begun = self._unanswered or self._continued_by(turn)
        if begun is not None:
            turn = merged([begun, turn])
        else:
            self._heard_before = self._heard
        self._answered = self._heard = None
        self._settled = False
        self._unanswered = self._owed = turn
        self._snapshot = self._agent.snapshot()
        heard = self._heard_before
        self._take_floor(
            lambda: self._agent.reply(turn, replace(self._context(), heard=heard)), Reply(turn)
        )
        self._on_progress()

    def _continued_by(self, turn: CallerTurn) -> CallerTurn | None:
        """The turn that ``turn`` goes on with: its pause was taken for its end."""
        before = self._answered
        if before is None or self._settled or before.digits or turn.digits:
            return None
        pause = turn.timings.speech_start - before.timings.speech_end
        return before if pause <= _ONE_SENTENCE_SECONDS else None

    def _cut(self) -> None:
        """Take the floor from Annie for good, and note what the caller heard of her."""
        interrupted = self._busy or self._speaker.held or self._speaker.speaking
        self._speaker.cut()
        # A turn of which nothing was heard didn't change what the caller has heard.
        if interrupted and self._transcript.begun:
            self._heard = self._transcript.heard(self._leg.played_samples)

    def _take_floor(self, steps: Steps, reply: Reply | None = None) -> None:
        previous = self._task
        if previous is not None:
            previous.cancel()
        self._transcript.new_turn()
        self._task = asyncio.create_task(self._hold_floor(previous, steps, reply))

    async def _hold_floor(
        self, previous: asyncio.Task[None] | None, steps: Steps, reply: Reply | None
    ) -> None:
        if previous is not None and not previous.done():
            try:
                await within(self._clock, _CANCEL_SECONDS, asyncio.wait({previous}))
            except BoundExceeded:
                logger.error("turn_not_cancelled")
        try:
            end = await self._floor.take(steps, reply)
        except Exception:
            logger.exception("turn_failed")
            end = EndCall("error")
        if end is not None and not self._closed:
            self._on_end(end.reason)
        if self._task is asyncio.current_task():
            # All but done: Annie has nothing more to hand over to the line.
            self._task = None
            self._owed = None
            self._note_progress()

    def _message_stored(self) -> None:
        self._owed = None
        # What has been done isn't undone by what comes after it.
        self._settled = True
        self._note_progress()

    def _note_progress(self) -> None:
        self._snapshot = self._agent.snapshot()
        self._on_progress()

    def _watch_speech(self) -> None:
        since = self._speech_since
        if since is not None and self._clock.monotonic() - since >= self._limits.hold:
            # Ears that never report the end of a turn must not silence her for good.
            logger.error("turn_never_ended", extra={"seconds": self._limits.hold})
            self._speech_since = None
            self._speaker.release()

    def _watch_silence(self) -> None:
        busy = (
            not self._free
            or self._speech_since is not None
            or self._digits.collecting
            or bool(self._waiting)
        )
        times = self._silence.tick(FRAME_MS / 1000, busy=busy, expects=self._expects)
        if times > self._limits.check_ins:
            self._take_floor(lambda: self._last_words(times))
        elif times:
            self._take_floor(lambda: self._agent.silence(times, self._context()))

    async def _last_words(self, times: int) -> AsyncIterator[Step]:
        """The agent's leave-taking; the call ends after it, whatever the agent does."""
        said = False
        async for step in self._agent.silence(times, self._context()):
            if isinstance(step, EndCall):
                break
            said = said or isinstance(step, Say)
            yield step
        if not said:
            yield Say(phrase(Phrase.FAREWELL, self._agent.language), interruptible=False)
        yield EndCall("silence")

    def _expect(self, expectation: Expectation) -> None:
        self._expects = expectation
        self._ears.expect(expectation)

    def _context(self, failed: str = "") -> AgentTurn:
        return AgentTurn(
            caller_number=self._answering.caller_number, now=self._clock.now(), failed=failed
        )

    def _heard_first(self, utterance: Utterance) -> None:
        if utterance.reply is not None:
            self._unanswered, self._answered = None, self._unanswered or self._answered
        self._transcript.heard_first(utterance)


async def _steps(*steps: Step) -> AsyncIterator[Step]:
    for step in steps:
        yield step
