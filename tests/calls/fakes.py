"""Hand-made fakes that drive whole calls in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import numpy as np

from annie.agent.protocols import AgentTurn, EndCall, LeaveMessage, Say, Step
from annie.calls.answering import Answering, Refusal
from annie.calls.checkpoint import Checkpoint
from annie.calls.clips import Clips
from annie.calls.limits import Limits
from annie.calls.ports import EarsListener
from annie.calls.protocols import CallLegListener
from annie.calls.record import (
    AddEntry,
    AmendEntry,
    CallEnding,
    CallOpening,
    CloseCall,
    Entry,
    OpenCall,
    StoreMessage,
    StoreUnavailable,
    Write,
)
from annie.calls.recorder import Recorder
from annie.calls.session import CallServices, CallSession, Rejoined
from annie.calls.writer import RecordWriter
from annie.kit.clock import VirtualClock
from annie.kit.language import Language
from annie.kit.link import FRAME_SAMPLES, CallFacts, MediaFigures
from annie.speech.protocols import (
    CallerTurn,
    Expectation,
    Pcm,
    SpeechError,
    TurnTimings,
    VoiceStyle,
)

SAMPLES_PER_CHARACTER = 480  # 60 ms


class FakeLeg:
    """A line whose time passes by ``tick``."""

    def __init__(self) -> None:
        self.facts = CallFacts(dialled="+14155550100", caller="+14155550123")
        self.media: MediaFigures | None = None
        self.listener: CallLegListener | None = None
        self.queue = np.zeros(0, np.int16)
        self.played_samples = 0
        self.log: list[str] = []
        self.heard: list[Pcm] = []
        self.status = "ringing"
        self.hang_up_after_playout = False
        self.rejected = 0
        self.digits_sent = ""
        self.checkpoints: list[Checkpoint] = []
        self.establishes = True
        self.confirms_hang_up = True

    @property
    def queued_samples(self) -> int:
        return int(self.queue.size)

    def listen(self, listener: CallLegListener) -> None:
        self.listener = listener

    def ring(self) -> None:
        self.log.append("ring")

    def answer(self) -> None:
        self.log.append("answer")
        self.status = "answered"

    def reject(self, status: int, reason: str) -> None:
        self.rejected = status
        self.status = "ended"

    def play(self, pcm: Pcm) -> None:
        assert pcm.size % FRAME_SAMPLES == 0
        self.queue = np.concatenate((self.queue, pcm))

    def flush(self) -> None:
        self.log.append("flush")
        self.queue = np.zeros(0, np.int16)

    def checkpoint(self, conversation: UUID, language: str, state: bytes, *, owed: bool) -> None:
        checkpoint = Checkpoint.decode(state)
        assert checkpoint is not None
        assert (checkpoint.conversation_id, checkpoint.owed) == (conversation, owed)
        self.checkpoints.append(checkpoint)

    def send_digits(self, digits: str) -> None:
        self.digits_sent += digits

    def hang_up(self, *, after_playout: bool = False) -> None:
        self.log.append("hang_up")
        if after_playout:
            self.hang_up_after_playout = True
        else:
            self.end("annie")

    def end(self, by: str, reason: str = "") -> None:
        if self.status == "ended":
            return
        self.status = "ended"
        if self.confirms_hang_up or by != "annie":
            assert self.listener is not None
            self.listener.on_ended(by, reason)

    def caller_frame(self) -> Pcm:
        """What the caller says in this tick."""
        return np.full(FRAME_SAMPLES, 7, np.int16)

    def tick(self) -> None:
        listener = self.listener
        assert listener is not None
        if self.status == "answered" and self.establishes:
            self.status = "talking"
            listener.on_established()
        if self.status != "talking":
            return
        played = self.queue[:FRAME_SAMPLES]
        self.queue = self.queue[FRAME_SAMPLES:]
        self.played_samples += played.size
        if played.size:
            self.heard.append(played)
        frame = np.zeros(FRAME_SAMPLES, np.int16)
        frame[: played.size] = played
        listener.on_frame(self.caller_frame(), frame, False)
        if self.hang_up_after_playout and not self.queue.size:
            self.end("annie")


class FakeEars:
    """Ears that hear what the test says."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.listener: EarsListener | None = None
        self.closed = False
        self.frames = 0
        self.expectations: list[Expectation] = []
        self.annie: list[bool] = []
        #: Words known of a turn that isn't over, and those it has once it is finished;
        #: with the former alone the recognizer doesn't come back.
        self.half_said = ""
        #: When the speech of the coming turn began, where a test says so.
        self.started: float | None = None
        self.over_annie = False
        self.last_words = ""

    def open(
        self, language: Language, listener: EarsListener, hints: Sequence[str] = ()
    ) -> FakeEars:
        self.listener = listener
        self.language = language
        return self

    def feed(self, pcm: Pcm, said: Pcm | None = None) -> None:
        self.frames += 1

    def expect(self, expectation: Expectation, hints: Sequence[str] = ()) -> None:
        self.expectations.append(expectation)

    def annie_speaking(self, speaking: bool) -> None:
        self.annie.append(speaking)

    def unfinished(self) -> CallerTurn | None:
        return self._said(self.half_said, 1.0) if self.half_said else None

    def finish(self) -> None:
        if self.last_words or not self.half_said:
            self.turn(self.last_words)
            self.half_said = ""

    def close(self) -> None:
        self.closed = True

    def start(self) -> None:
        if self.listener is not None and not self.closed:
            self.started = self.clock.monotonic()
            self.over_annie = self.annie[-1:] == [True]
            self.listener.on_speech_started()

    def turn(self, text: str, seconds: float = 1.0) -> None:
        if self.listener is None or self.closed:
            return
        self.listener.on_turn(self._said(text, seconds))

    def _said(self, text: str, seconds: float) -> CallerTurn:
        """Speech of so long, or since ``start``, that ended 300 ms ago."""
        now = self.clock.monotonic()
        began, self.started = self.started, None
        over_annie, self.over_annie = self.over_annie, False
        return CallerTurn(
            text=text,
            language=Language.ENGLISH,
            confidence=0.9,
            timings=TurnTimings(
                now - seconds - 0.3 if began is None else min(began, now - 0.3), now - 0.3, now, now
            ),
            interrupted=over_annie,
        )


class FakeMouth:
    """60 ms of sound a character in chunks of a second; may be slow, dead or broken."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.delay = 0.01
        self.fail = False
        self.hang = False
        self.break_off = False
        self.spoken: list[str] = []
        self.abandoned = 0

    async def speak(self, text: str, language: Language, style: VoiceStyle) -> AsyncIterator[Pcm]:
        self.spoken.append(text)
        finished = False
        try:
            await self.clock.sleep(self.delay)
            if self.hang:
                await self.clock.sleep(10_000)
            if self.fail:
                raise SpeechError("engine is gone")
            left = len(text) * SAMPLES_PER_CHARACTER + 37
            while left > 0:
                count = min(left, 8000)
                yield np.full(count, 1000, np.int16)
                left -= count
                if self.break_off:
                    raise SpeechError("engine broke off")
            finished = True
        finally:
            self.abandoned += not finished


Reply = Callable[[CallerTurn, AgentTurn], AsyncIterator[Step]]


class FakeAgent:
    """Greets, and answers by ``answer`` (default: repeats what was said)."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.language = Language.ENGLISH
        self.greeting: list[Step] = [Say("Hello, this is Annie.")]
        self.turns: list[CallerTurn] = []
        self.contexts: list[AgentTurn] = []
        self.sorries: list[AgentTurn] = []
        self.running = 0
        self.restored: bytes | None = None
        self.answer: Reply = self._echo
        self.delay = 0.0
        self.silence_steps: Callable[[int], list[Step]] = lambda times: [
            Say(f"Still there {times}?")
        ]
        #: What it had still to store when the call ended; None: it fails then.
        self.unfinished: list[LeaveMessage] | None = []
        #: What it was told at the end that the caller said last.
        self.unanswered: CallerTurn | None = None
        self.sorry_steps: list[Step] | None = [Say("Sorry about that.")]

    async def _echo(self, turn: CallerTurn, context: AgentTurn) -> AsyncIterator[Step]:
        yield Say(f"You said {turn.text}{turn.digits}.")

    async def greet(self, context: AgentTurn) -> AsyncIterator[Step]:
        for step in self.greeting:
            yield step

    async def reply(self, turn: CallerTurn, context: AgentTurn) -> AsyncIterator[Step]:
        self.turns.append(turn)
        self.contexts.append(context)
        self.running += 1
        try:
            if self.delay:
                await self.clock.sleep(self.delay)
            async for step in self.answer(turn, context):
                yield step
        finally:
            self.running -= 1

    async def silence(self, times: int, context: AgentTurn) -> AsyncIterator[Step]:
        for step in self.silence_steps(times):
            yield step

    async def sorry(self, context: AgentTurn) -> AsyncIterator[Step]:
        self.sorries.append(context)
        if self.sorry_steps is None:
            raise RuntimeError("no apology either")
        for step in self.sorry_steps:
            yield step

    def ended(
        self, context: AgentTurn, unanswered: CallerTurn | None = None
    ) -> Sequence[LeaveMessage]:
        self.unanswered = unanswered
        self.contexts.append(context)
        if self.unfinished is None:
            raise RuntimeError("bug")
        left, self.unfinished = self.unfinished, []
        return left

    def snapshot(self) -> bytes:
        return str(len(self.turns)).encode()

    def restore(self, snapshot: bytes) -> None:
        self.restored = snapshot

    async def resume(self, context: AgentTurn) -> AsyncIterator[Step]:
        yield Say("Thank you for waiting.")


@dataclass
class FakeStore:
    """Records in memory; ``down`` makes the database unreachable."""

    down: bool = False
    hang: bool = False
    clock: VirtualClock = field(default_factory=VirtualClock)
    log: list[str] = field(default_factory=list[str])
    openings: list[CallOpening] = field(default_factory=list[CallOpening])
    entries: dict[UUID, Entry] = field(default_factory=dict[UUID, Entry])
    contents: dict[UUID, str] = field(default_factory=dict[UUID, str])
    messages_by_id: dict[UUID, LeaveMessage] = field(default_factory=dict[UUID, LeaveMessage])
    endings: list[CallEnding] = field(default_factory=list[CallEnding])
    #: Writes of each transaction.
    rounds: list[int] = field(default_factory=list[int])

    async def write(self, writes: Sequence[Write]) -> None:
        if self.hang:
            await self.clock.sleep(10_000)
        await asyncio.sleep(0)
        if self.down:
            raise StoreUnavailable("connection refused")
        self.rounds.append(len(writes))
        for each in writes:
            self.check(each)
        for each in writes:
            self._store(each)

    def check(self, write: Write) -> None:
        """Raises for what this store refuses for good."""

    def _store(self, write: Write) -> None:
        match write:
            case OpenCall():
                self.log.append("open")
                self.openings.append(write.opening)
            case AddEntry():
                entry = write.entry
                self.log.append(f"{entry.role}: {entry.content}")
                self.entries[entry.message_id] = entry
                self.contents[entry.message_id] = entry.content
            case AmendEntry():
                self.log.append(f"amend: {write.content}")
                self.contents[write.message_id] = write.content
            case StoreMessage():
                self.log.append("message")
                self.messages_by_id[write.message_id] = write.message
            case CloseCall():
                self.log.append(f"close {write.ending.reason}")
                self.endings.append(write.ending)

    @property
    def messages(self) -> list[LeaveMessage]:
        return list(self.messages_by_id.values())

    @property
    def transcript(self) -> list[tuple[str, str]]:
        return [(e.role, self.contents[e.message_id]) for e in self.entries.values()]


class FakeReception:
    """Always answers with ``answering``, unless told otherwise."""

    def __init__(self, decide: Callable[[], Awaitable[Answering | Refusal]]) -> None:
        self.decide_now = decide

    async def decide(self, facts: CallFacts) -> Answering | Refusal:
        return await self.decide_now()

    async def rejoin(self, checkpoint: Checkpoint) -> Answering:
        answering = await self.decide_now()
        if isinstance(answering, Refusal):
            raise LookupError("nobody there")
        answering.agent.restore(checkpoint.agent)
        return answering


class Call:
    """A whole call: the session under test among fakes, and hands to move it."""

    def __init__(self, limits: Limits | None = None, recorder: Recorder | None = None) -> None:
        self.clock = VirtualClock()
        self.leg = FakeLeg()
        self.ears = FakeEars(self.clock)
        self.mouth = FakeMouth(self.clock)
        self.agent = FakeAgent(self.clock)
        self.store = FakeStore(clock=self.clock)
        self.clips = Clips()
        self.recorder = recorder
        self.limits = limits or Limits()
        self.decision: Answering | Refusal | Exception | None = None
        self.reception_delay = 0.0
        self.session: CallSession | None = None
        self.task: asyncio.Task[None] | None = None

    async def _decide(self) -> Answering | Refusal:
        await self.clock.sleep(self.reception_delay)
        if isinstance(self.decision, Exception):
            raise self.decision
        return self.decision or self.answering()

    def answering(self) -> Answering:
        return Answering(
            org_id=uuid4(),
            bot_id=uuid4(),
            number_id=uuid4(),
            number="+14155550100",
            language=Language.ENGLISH,
            style=VoiceStyle(),
            agent=self.agent,
            caller_number="+14155550123",
            recorded=self.recorder is not None,
        )

    def services(self) -> CallServices:
        return CallServices(
            FakeReception(self._decide),
            self.ears,
            self.mouth,
            RecordWriter(self.store, self.clock, self.limits),
            self.recorder,
            self.clips,
            self.clock,
            self.limits,
        )

    def start(self, rejoined: Rejoined | None = None) -> None:
        if rejoined is not None:
            self.leg.status = "talking"
        self.session = CallSession(self.leg, self.services(), rejoined)
        self.task = asyncio.create_task(self.session.run())

    async def after(self, seconds: float) -> None:
        """Let the call go on."""
        for _ in range(round(seconds * 50)):
            await self.clock.advance(0.02)
            self.leg.tick()
        await self.clock.advance(0)

    async def greeted(self) -> None:
        """Start, and let the greeting be heard."""
        self.start()
        await self.after(2.0)

    async def over(self) -> None:
        """Let time pass until the session has ended."""
        assert self.task is not None
        for _ in range(200):
            if self.task.done():
                self.task.result()
                return
            await self.after(0.5)
        raise AssertionError("the session never ended")

    @property
    def reasons(self) -> list[str]:
        return [ending.reason for ending in self.store.endings]


def instant_mouth() -> FakeMouth:
    """A mouth that needs no time, for what is rendered before a call."""
    mouth = FakeMouth(VirtualClock())
    mouth.delay = 0.0
    return mouth


def foreign_tasks() -> set[asyncio.Task[object]]:
    """Tasks besides the test's own."""
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


__all__ = ["Call", "EndCall", "FakeStore", "LeaveMessage", "Say", "foreign_tasks", "instant_mouth"]
