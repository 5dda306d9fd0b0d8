"""The edge process put together: SIP events, media and the link to voice.

The life of an inbound call here: *waiting* (no voice process is free to ask),
*offered* (one was asked), *answered* (our 200 is on its way or acknowledged). Every
stage but the last is bounded, and ends in a 503 that lets a proxy try elsewhere.
"""

import asyncio
import logging
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, assert_never

from msgspec import structs

from annie.edge.access import AccessList
from annie.edge.handover import Handover
from annie.edge.ledger import KeptCall, Ledger
from annie.edge.link import Command, LinkServer, Voice
from annie.edge.media import BatchEntry, MediaEngine
from annie.edge.rtp.digits import Press
from annie.edge.rtp.ports import PortRange
from annie.edge.settings import EdgeSettings
from annie.edge.sip import events as sip
from annie.edge.sip.user_agent import UnknownCall, UserAgent, UserAgentConfig
from annie.edge.survival import Survival
from annie.edge.transport import SipTransport
from annie.kit import link
from annie.kit.clock import Clock, SystemClock
from annie.kit.lag import LoopLag

logger = logging.getLogger(__name__)

#: Seconds a call may wait for a voice process to connect.
VOICE_WAIT: Final = 3.0
#: Seconds a voice process may take to answer, reject or at least ring.
DECISION_WAIT: Final = 5.0
#: Seconds it may ring before it answers.
RING_WAIT: Final = 60.0
#: Ticks without a sign of life after which callers who wait for an answer are comforted.
STALLED_TICKS: Final = 13
#: … and after which the calls of a voice process go to another one (3 s).
STUCK_TICKS: Final = 150
#: Behind by more than this (s), one call more would be heard by all the others …
FULL: Final = 0.03
#: … unless there are so few that it can't be they that cause it.
ALWAYS_TAKEN: Final = 20
#: Seconds that running calls get to end by themselves after SIGTERM.
DRAIN: Final = 30.0
#: Seconds for the last BYEs to be sent again if they got lost.
LAST_WORDS: Final = 1.0


class _Stage(Enum):
    WAITING = auto()
    OFFERED = auto()
    ANSWERED = auto()


@dataclass(slots=True)
class _Call:
    facts: link.CallFacts
    stage: _Stage = _Stage.WAITING
    waiting_since: float = 0.0
    deadline: asyncio.TimerHandle | None = None
    #: By whom and why it ends, where the user agent only knows that it was told to.
    ending: tuple[str, str] | None = None


class Edge:
    """One edge process. Everything runs on the event loop that ``start`` was called on."""

    def __init__(self, settings: EdgeSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        access = AccessList(settings.allowed, settings.trusted, challenged=settings.challenged)
        self._agent = UserAgent(
            UserAgentConfig(
                contact_host=settings.media_host,
                trusted=access.trusted,
                max_calls=settings.max_calls,
                codecs=settings.codecs,
                challenged=settings.challenged,
                exempt=settings.allowed,
                accounts=settings.accounts,
                ring_timeout=VOICE_WAIT + DECISION_WAIT + RING_WAIT + 5.0,
            )
        )
        self._sip = SipTransport(self._agent, self._on_sip, access, self._clock)
        ports = PortRange(settings.sip_host, settings.first_rtp_port, settings.last_rtp_port)
        self.media = MediaEngine(ports, self, media_timeout=settings.media_timeout)
        self.link = LinkServer(settings.socket, self)
        self._handover = Handover(self.media, self._give_up)
        self._survival = Survival(
            Ledger(settings.calls_dir) if settings.calls_dir is not None else None,
            self._agent,
            self.media,
            self._handover,
        )
        self._calls: dict[int, _Call] = {}
        self.lag = LoopLag(self._clock)
        self._watching: asyncio.Task[None] | None = None
        self._draining = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def port(self) -> int:
        """The bound SIP port."""
        return self._sip.port

    @property
    def calls(self) -> int:
        """Calls in any stage."""
        return len(self._calls)

    @property
    def kept(self) -> int:
        """Calls that can go on when their voice process is lost."""
        return len(self._handover.conversations)

    async def start(self) -> None:
        """Bind the link's socket and the SIP port; take over the calls that were left to us.

        Raises:
            OSError: one of them can't be bound (``SocketInUse``: another edge runs there), or
                the directory of kept calls can't be used.
        """
        self.link.claim()
        try:
            await self._sip.start(self._settings.sip_host, self._settings.sip_port)
            self._take_over(await asyncio.to_thread(self._survival.start))
            # Last, so that a voice process is told of the calls that we took over.
            await self.link.start()
        except BaseException:
            await self._sip.close()
            await self.link.close()
            raise
        self._watching = asyncio.create_task(self.lag.watch(), name="lag")

    async def drain(self, seconds: float = DRAIN) -> None:
        """Refuse new calls; wait for running ones, hang up on those left after ``seconds``."""
        self._draining = True
        for call, state in list(self._calls.items()):
            if state.stage is not _Stage.ANSWERED:
                self._refuse(call, "draining")
        logger.info("edge_draining", extra={"calls": len(self._calls), "seconds": seconds})
        try:
            await asyncio.wait_for(self._empty.wait(), seconds)
        except TimeoutError:
            for call in list(self._calls):
                self._hang_up(call, ("edge", "draining"))
            await asyncio.sleep(LAST_WORDS)

    async def close(self) -> None:
        """Give up every socket. Calls are not hung up: ``drain`` first."""
        if self._watching is not None:
            self._watching.cancel()
        for state in self._calls.values():
            _cancel(state)
        await self._sip.close()
        self.media.shut()
        await self.link.close()
        await asyncio.to_thread(self._survival.close)

    # SIP

    def _on_sip(self, event: sip.Event) -> None:
        match event:
            case sip.IncomingCall():
                self._incoming(event)
            case sip.CallEstablished():
                self._established(event)
            case sip.MediaChanged():
                self.media.describe(event.call, event.media)
            case sip.CallEnded():
                self._ended(event)
            case sip.DigitPressed():
                digit = link.DigitReceived(event.call, event.digit, event.duration_ms)
                self.link.send(event.call, digit)
            case sip.CallProgress() | sip.TransferProgress():
                pass
            case _:
                assert_never(event)

    def _incoming(self, event: sip.IncomingCall) -> None:
        call = event.call
        self._calls[call] = _Call(event.facts, waiting_since=self._clock.monotonic())
        self._empty.clear()
        logger.info("call_incoming", extra={"call": call, "sip_call_id": event.facts.sip_call_id})
        if self._draining:
            self._refuse(call, "draining")
        elif len(self._calls) > ALWAYS_TAKEN and self.lag.seconds > FULL:
            self._refuse(call, "overloaded")
        else:
            self._seek_voice(call)

    def _established(self, event: sip.CallEstablished) -> None:
        if event.media is not None:
            self.media.describe(event.call, event.media)
        self.media.begin(event.call)
        if state := self._calls.get(event.call):
            self._handover.begin(event.call, state.facts)
        self.link.send(event.call, link.CallEstablished(event.call))

    def _ended(self, event: sip.CallEnded) -> None:
        state = self._calls.pop(event.call, None)
        figures = self.media.close(event.call)
        self._handover.forget(event.call)
        self._survival.forget(event.call)
        if state is None:
            return
        _cancel(state)
        by, reason = state.ending or (event.by, event.reason)
        self.link.send(event.call, link.CallEnded(event.call, by, reason, figures))
        self.link.release(event.call)
        if figures is not None:
            logger.info("call_media", extra={"call": event.call, **structs.asdict(figures)})
        logger.info("call_ended", extra={"call": event.call, "by": by, "reason": reason})
        if not self._calls:
            self._empty.set()

    def _take_over(self, left: list[KeptCall]) -> None:
        """Go on with the calls of a process that is gone."""
        now = self._clock.monotonic()
        host = self._settings.media_host or self._sip.host
        for kept in left:
            self._calls[kept.call] = _Call(kept.facts, _Stage.ANSWERED, now)
            self._empty.clear()
            if not self._survival.take_over(kept, host, now):
                self._ended(sip.CallEnded(kept.call, "edge", "not taken over"))
        self._sip.flush()

    # Stages

    def _seek_voice(self, call: int) -> None:
        """Offer the call to a voice process, or wait for one as long as it may still wait."""
        state = self._calls[call]
        _cancel(state)
        voice = self.link.least_loaded()
        if voice is None:
            state.stage = _Stage.WAITING
            left = state.waiting_since + VOICE_WAIT - self._clock.monotonic()
            self._bound(call, left, "no voice process")
            return
        state.stage = _Stage.OFFERED
        self.link.assign(call, voice)
        voice.send(link.CallOffered(call, state.facts))
        self._bound(call, DECISION_WAIT, "no decision")

    def _bound(self, call: int, seconds: float, reason: str) -> None:
        state = self._calls[call]
        _cancel(state)
        loop = asyncio.get_running_loop()
        state.deadline = loop.call_later(max(seconds, 0.0), self._refuse, call, reason)

    def _refuse(self, call: int, reason: str) -> None:
        state = self._calls.get(call)
        if state is None:
            return
        logger.warning("call_refused", extra={"call": call, "reason": reason})
        state.ending = ("edge", reason)
        self._agent.reject(call, 503, "Service Unavailable", self._clock.monotonic())
        self._sip.flush()

    def _hang_up(self, call: int, ending: tuple[str, str] | None = None) -> None:
        state = self._calls.get(call)
        if state is None:
            return
        state.ending = state.ending or ending
        self._agent.hang_up(call, self._clock.monotonic())
        self._sip.flush()

    def _answer(self, call: int, state: _Call) -> None:
        if state.stage is not _Stage.OFFERED:
            return
        try:
            port = self.media.open(call)
        except OSError as error:
            logger.error("no_rtp_port", extra={"error": str(error)})
            self._refuse(call, "no RTP port")
            return
        _cancel(state)
        state.stage = _Stage.ANSWERED
        host = self._settings.media_host or self._sip.host
        try:
            self._agent.answer(call, host, port, self._clock.monotonic())
        except UnknownCall:
            # CANCEL overtook the answer; its CallEnded is on the way.
            self.media.close(call)
        self._sip.flush()

    # Link

    def on_voice_connected(self, voice: Voice) -> None:
        """Calls that waited for a voice process are given to it."""
        voice.send(link.LiveCalls(self._handover.conversations))
        self._give_waiting()
        for call, state in list(self._calls.items()):
            if state.stage is _Stage.WAITING:
                self._seek_voice(call)

    def on_voice_lost(self, voice: Voice) -> None:
        """Its calls go to another voice process, now or when there is one."""
        self._take_away(voice)

    def on_voice_moving(self, voice: Voice) -> None:
        """It didn't move for a while, and does again."""
        self._handover.moving(voice.calls)
        self.on_voice_connected(voice)

    def on_comfort(self, comfort: link.Comfort) -> None:
        """What to play when nobody is there to speak."""
        self._handover.keep_comfort(comfort)

    def _take_away(self, voice: Voice) -> None:
        now = self._clock.monotonic()
        for call in list(voice.calls):
            state = self._calls.get(call)
            self.link.release(call)
            if state is None:
                continue
            if state.stage is _Stage.OFFERED and not self._draining:
                self._seek_voice(call)
            elif not self._handover.lost(call, now):
                self._hang_up(call, ("edge", "voice lost"))
        self._give_waiting()

    def _give_waiting(self) -> None:
        """Established calls that nobody talks go on with whoever is there."""
        for call in self._handover.waiting:
            voice = self.link.least_loaded()
            if voice is None:
                return
            resumed = self._handover.resume(call)
            if resumed is not None:
                logger.warning("call_handed_over", extra={"call": call, "pid": voice.pid})
                self.link.assign(call, voice)
                voice.send(resumed)

    def _give_up(self, call: int) -> None:
        state = self._calls.get(call)
        if state is not None:
            state.ending = state.ending or ("edge", "voice lost")
            self.media.hang_up_after_playout(call)

    def _watch_voices(self) -> None:
        for voice in self.link.voices:
            if not voice.calls:
                continue
            voice.still_ticks += 1
            if voice.still_ticks < STALLED_TICKS:
                continue
            self._handover.stalled(voice.calls, self._clock.monotonic())
            if voice.still_ticks >= STUCK_TICKS and not voice.stalled:
                voice.stalled = True
                logger.error("voice_stalled", extra={"pid": voice.pid, "calls": len(voice.calls)})
                for call in voice.calls:
                    voice.send(link.CallEnded(call, "edge", link.HANDED_OVER))
                self._take_away(voice)

    def on_command(self, voice: Voice, command: Command) -> None:
        """What a voice process decided about its call."""
        call = command.call
        state = self._calls.get(call)
        if state is None:
            return
        match command:
            case link.Ring():
                if state.stage is _Stage.OFFERED:
                    self._bound(call, RING_WAIT, "no decision")
                    self._agent.ring(call, self._clock.monotonic())
                    self._sip.flush()
            case link.Answer():
                self._answer(call, state)
            case link.Reject():
                self._reject(call, command)
            case link.Hangup():
                if command.after_playout and state.stage is _Stage.ANSWERED:
                    self.media.hang_up_after_playout(call)
                else:
                    self._hang_up(call)
            case link.Flush():
                played = self.media.flush(call, command.epoch)
                if played is not None:
                    voice.send(link.Flushed(call, command.epoch, played))
            case link.Checkpoint():
                self._handover.keep(command)
                self._survival.remember(call, state.facts)
            case link.SendDigits():
                try:
                    self.media.send_digits(call, command.digits)
                except ValueError as error:
                    logger.warning("digits_refused", extra={"call": call, "error": str(error)})
            case _:
                assert_never(command)

    def on_audio(self, voice: Voice, audio: link.DownstreamAudio) -> None:
        """Audio to be played."""
        self.media.play(audio.call, audio.epoch, audio.pcm)

    def _reject(self, call: int, command: link.Reject) -> None:
        status, reason = command.status, command.reason
        if not 300 <= status <= 699 or not reason.isprintable():
            logger.error("bad_rejection", extra={"call": call, "status": status})
            status, reason = 500, "Server Internal Error"
        self._agent.reject(call, status, reason, self._clock.monotonic())
        self._sip.flush()

    # Media

    def on_batch(self, tick: int, entries: list[BatchEntry]) -> None:
        """20 ms of all calls."""
        for call in self._agent.take_changed():
            if state := self._calls.get(call):
                self._survival.remember(call, state.facts)
        self._watch_voices()
        self._handover.tick(self._clock.monotonic())
        self.link.send_batch(tick, entries)

    def on_digit(self, call: int, press: Press) -> None:
        """A caller pressed a key."""
        self.link.send(call, link.DigitReceived(call, press.digit, press.duration_ms))

    def on_played_out(self, call: int) -> None:
        """Annie has finished speaking and wanted to hang up then."""
        self._hang_up(call)

    def on_media_lost(self, call: int) -> None:
        """Nothing comes from the caller any more, and no BYE either."""
        self._hang_up(call, ("edge", link.MEDIA_LOST))


def _cancel(state: _Call) -> None:
    if state.deadline is not None:
        state.deadline.cancel()
        state.deadline = None
