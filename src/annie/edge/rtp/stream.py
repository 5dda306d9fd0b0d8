"""The media of one call, sans-I/O: datagrams and ticks in, datagrams and frames out."""

from collections import deque
from typing import Final

from annie.edge.rtp import packet
from annie.edge.rtp.codec import COMFORT_NOISE, PAYLOAD_TYPES, SILENT_PCM
from annie.edge.rtp.codecs import open_codec
from annie.edge.rtp.comfort import ComfortNoise
from annie.edge.rtp.conceal import Concealer
from annie.edge.rtp.control import ControlSession
from annie.edge.rtp.digits import DigitReceiver, DigitSender, Press
from annie.edge.rtp.g711 import PCMA, PCMU
from annie.edge.rtp.jitter import JitterBuffer
from annie.edge.rtp.latch import Address, Former, Latch
from annie.edge.rtp.playback import PlaybackQueue
from annie.edge.rtp.reception import Reception
from annie.edge.rtp.rtcp import is_rtcp
from annie.edge.rtp.sender import RtpSender
from annie.edge.rtp.srtp import Srtp
from annie.edge.rtp.tones import tone
from annie.edge.sip.events import MediaDescription
from annie.kit.link import FLAG_LOST, MediaFigures

#: Ticks of silence between the last frame and hanging up: the far end's jitter buffer
#: still holds the last word, and most phones throw it away on BYE (200 ms).
TAIL_TICKS: Final = 10
#: Ticks that a hang-up after playout waits beyond the audio queued, whatever holds it (5 s).
PLAYOUT_GRACE_TICKS: Final = 250
#: Seconds for which stragglers of a stream that was replaced are refused, lest two streams
#: that overlap take the line from each other with every packet.
OVERLAP: Final = 0.5

_DECODERS: Final = {PAYLOAD_TYPES[codec.name]: codec.decode for codec in (PCMU, PCMA)}


class CallStream:
    """One call's RTP, both ways.

    Every tick the owner calls ``take`` and ``send`` once each. While the peer has us on
    hold (``sending`` false) nothing is sent and the playback queue stands still: what
    wasn't heard doesn't count as played, and goes on when the call is resumed. Digits
    being sent pause the queue as well. Otherwise a packet leaves with every tick, silence
    where nothing waits, so that NATs keep their bindings and recorders their time.

    Times are seconds of one monotonic clock, ``wall_offset`` makes Unix time of it.
    """

    __slots__ = (
        "_codec",
        "_comfort",
        "_concealer",
        "_control_source",
        "_decoders",
        "_digits_in",
        "_digits_out",
        "_digits_ssrc",
        "_dtmf_in",
        "_dtmf_out",
        "_event_began",
        "_former",
        "_hang_up_in",
        "_heard_at",
        "_latch",
        "_media",
        "_payload_type",
        "_replaced_at",
        "_replaced_ssrc",
        "_sender",
        "_srtp",
        "_tail",
        "_tones",
        "call",
        "concealed",
        "control",
        "ignored",
        "jitter_buffer",
        "playback",
        "reception",
    )

    def __init__(self, call: int, former: Former | None = None, wall_offset: float = 0.0) -> None:
        """``former`` is who had the port before."""
        self.call = call
        self.playback = PlaybackQueue()
        self.jitter_buffer = JitterBuffer()
        self.reception = Reception()
        self.concealed = 0
        self.ignored = 0
        self._sender = RtpSender()
        self.control = ControlSession(self._sender, self.reception, wall_offset)
        self._control_source: Address | None = None
        self._media: MediaDescription | None = None
        self._srtp: Srtp | None = None
        self._former = former
        self._latch: Latch | None = None
        self._heard_at: float | None = None
        self._codec = PCMU
        self._payload_type = 0
        self._decoders = dict(_DECODERS)
        self._dtmf_in: int | None = None
        self._dtmf_out: int | None = None
        self._replaced_ssrc: int | None = None
        self._replaced_at = 0.0
        self._comfort = ComfortNoise()
        self._concealer = Concealer()
        self._digits_in = DigitReceiver()
        self._digits_ssrc: int | None = None
        self._digits_out = DigitSender("")
        self._event_began = 0
        self._tones: deque[bytes] = deque()
        self._hang_up_in: int | None = None
        self._tail = 0

    @property
    def target(self) -> Address | None:
        """Where packets go; ``None`` until the peer has said."""
        return self._latch.target if self._latch is not None else None

    @property
    def control_target(self) -> Address | None:
        """Where RTCP goes; ``None`` until the peer has said."""
        media, latch = self._media, self._latch
        if media is None or latch is None or media.remote_port == 0:
            return None
        host, port = latch.target
        if media.rtcp_mux:
            return host, port
        if self._control_source is not None:
            return self._control_source
        signalled = media.rtcp_port if port == media.remote_port else 0
        port = signalled or port + 1
        return (host, port) if port <= 0xFFFF else None

    @property
    def muxed(self) -> bool:
        """Whether RTCP shares the port of RTP (RFC 5761)."""
        return self._media is not None and self._media.rtcp_mux

    @property
    def stream_heard(self) -> Former | None:
        """Whose stream was heard last."""
        source = self._latch.source if self._latch is not None else None
        ssrc = self.reception.ssrc
        return Former(source, ssrc) if source is not None and ssrc is not None else None

    def describe(self, media: MediaDescription) -> None:
        """The peer's side as agreed, at first or anew (hold, resume, moved)."""
        signalled = (media.remote_host, media.remote_port)
        if self._latch is None:
            self._latch = Latch(signalled, self._former)
        else:
            self._latch.signal(signalled)
        before = self._media
        if before is None or before.remote_host != media.remote_host:
            self._control_source = None
        self._media = media
        if self._codec.name != media.codec:
            self._codec = open_codec(media.codec)
        if media.srtp is None:
            self._srtp = None
        elif self._srtp is None or self._srtp.keys != media.srtp:
            self._srtp = Srtp(media.srtp)
        self._payload_type = media.payload_type
        self._decoders = {**_DECODERS, media.payload_type: self._codec.decode}
        self._dtmf_in = self._dtmf_out = media.dtmf_payload_type
        if not (media.sending and media.receiving):
            # On hold nobody need say anything: the time without a packet counts from the end of it.
            self._heard_at = None

    def receive(self, data: bytes, source: Address, now: float) -> list[Press]:
        """Take a datagram. Whatever isn't RTP of this call is counted and ignored."""
        if self._srtp is not None and not is_rtcp(data):
            plain = self._srtp.unprotect(data)
            if plain is None:
                self.ignored += 1
                return []
            data = plain
        parsed = packet.parse(data)
        latch = self._latch
        if parsed is None or latch is None:
            if is_rtcp(data):
                self.receive_control(data, source, now)
            else:
                self.ignored += 1
            return []
        payload_type = parsed.payload_type
        decode = self._decoders.get(payload_type)
        if decode is None and payload_type not in (self._dtmf_in, COMFORT_NOISE):
            self.ignored += 1
            return []
        ssrc = parsed.ssrc
        if not latch.accept(source, ssrc, now):
            self.ignored += 1
            return []
        self._heard_at = now
        timestamp = parsed.timestamp
        reception = self.reception
        if ssrc != reception.ssrc:
            if payload_type == self._dtmf_in:
                # Gateways send keys as a stream of their own, which takes nobody's place.
                return self._take_event(ssrc, timestamp, parsed.payload, now)
            if not self._replace(ssrc, now):
                self.ignored += 1
                return []
        clock = round(now * 8000)
        if not reception.take(parsed.sequence, timestamp, clock):
            return []
        if decode is not None:
            if self._comfort.active:
                self._comfort.resume(timestamp)
            self.jitter_buffer.push(timestamp, parsed.payload, decode, clock)
            return []
        if payload_type == COMFORT_NOISE:
            self._comfort.describe(timestamp, parsed.payload)
            return []
        return self._take_event(ssrc, timestamp, parsed.payload, now)

    def receive_control(self, data: bytes, source: Address, now: float) -> None:
        """Take a datagram that came to the RTCP port; ``now`` when it arrived."""
        latch = self._latch
        if latch is None or not latch.is_peer(source[0]):
            self.ignored += 1
            return
        plain = data if self._srtp is None else self._srtp.unprotect_control(data)
        if plain is None or not self.control.receive(plain, now):
            self.ignored += 1
            return
        self._control_source = source
        self._heard_at = now

    def control_due(self, now: float) -> bytes | None:
        """The RTCP report that is to be sent now, if one is."""
        report = self.control.due(now)
        return (
            report if report is None or self._srtp is None else self._srtp.protect_control(report)
        )

    def goodbye(self, now: float) -> bytes:
        """The last RTCP packet (BYE)."""
        data = self.control.goodbye(now)
        return data if self._srtp is None else self._srtp.protect_control(data)

    def expire_digit(self, now: float) -> Press | None:
        """A key press whose end got lost, once it has timed out."""
        return self._digits_in.expire(now)

    def take(self, now: float) -> tuple[int, int, int, int, bytes]:
        """This tick's entry of the upstream batch: ``(call, epoch, played, flags, pcm)``."""
        playback = self.playback
        jitter_buffer = self.jitter_buffer
        pcm = jitter_buffer.take(round(now * 8000))
        flags = 0
        if pcm is not None:
            pcm = self._concealer.heard(pcm)
        elif (absent := jitter_buffer.absent) is not None:
            pcm = self._comfort.frame(absent)
            if pcm is not None:
                self._concealer.forget()
            else:
                flags = FLAG_LOST
                pcm = self._concealer.missing()
                self.concealed += pcm is not None
        if pcm is None or (self._media is not None and not self._media.receiving):
            return self.call, playback.epoch, playback.played, FLAG_LOST, SILENT_PCM
        return self.call, playback.epoch, playback.played, flags, pcm

    def silent_for(self, now: float) -> float:
        """Seconds since the peer was last heard, by RTP or RTCP; 0.0 while on hold."""
        media = self._media
        if media is None or not (media.sending and media.receiving):
            return 0.0
        if self._heard_at is None:
            self._heard_at = now
        return now - self._heard_at

    def send(self) -> bytes | None:
        """The packet of this tick; ``None`` on hold or before the peer has said where to."""
        data = self._next_packet()
        return data if data is None or self._srtp is None else self._srtp.protect(data)

    def _next_packet(self) -> bytes | None:
        media = self._media
        if media is None or not media.sending or media.remote_port == 0:
            self._sender.skip()
            return None
        if self._digits_out.active:
            event = self._digits_out.next()
            if event is not None and self._dtmf_out is not None:
                if event.began:
                    self._event_began = self._sender.timestamp
                return self._sender.event(
                    self._dtmf_out, event.began, self._event_began, event.payload
                )
            pcm = None
        elif self._tones:
            pcm = self._tones.popleft()
        else:
            pcm = self.playback.pop()
        codec = self._codec
        payload = codec.encode_silence() if pcm is None else codec.encode(pcm)
        return self._sender.audio(self._payload_type, payload)

    def skip(self, ticks: int) -> None:
        """Time that went by without ``send``: the clock of our packets moves on."""
        self._sender.skip(ticks)

    def send_digits(self, digits: str) -> None:
        """Interrupt the playback and send digits; as audible tones if the peer takes no events.

        Raises:
            ValueError: a character that no telephone key has.
        """
        if self._dtmf_out is not None or self._media is None:
            self._digits_out.append(digits)
            return
        DigitSender(digits)
        for digit in digits.upper():
            self._tones += tone(digit)
            self._tones += [SILENT_PCM] * 5

    def hang_up_after_playout(self) -> None:
        """From now on ``finished`` counts towards the end."""
        if self._hang_up_in is None:
            self._hang_up_in = self.playback.queued + PLAYOUT_GRACE_TICKS

    def finished(self) -> bool:
        """Called once a tick: whether everything was played after ``hang_up_after_playout``."""
        if self._hang_up_in is None:
            return False
        self._hang_up_in -= 1
        if self.playback.queued or self._digits_out.active or self._tones:
            self._tail = 0
        else:
            self._tail += 1
        return self._tail > TAIL_TICKS or self._hang_up_in <= 0

    def figures(self) -> MediaFigures:
        """How the call fares so far."""
        reception, jitter_buffer, control = self.reception, self.jitter_buffer, self.control
        trip = control.round_trip
        return MediaFigures(
            codec=self._codec.name,
            sent=self._sender.packets,
            received=reception.received,
            lost=reception.lost,
            late=jitter_buffer.late,
            duplicates=reception.duplicates + jitter_buffer.duplicates,
            ignored=self.ignored,
            concealed=self.concealed,
            jitter_ms=round(reception.jitter / 8, 2),
            jitter_max_ms=round(reception.peak_jitter / 8, 2),
            delay_ms=jitter_buffer.delay.target // 8,
            round_trip_ms=None if trip is None else round(trip * 1000, 1),
            peer_lost=control.peer_lost,
            peer_lost_percent=(
                None if control.peer_lost_percent is None else round(control.peer_lost_percent, 2)
            ),
            peer_jitter_ms=(
                None if control.peer_jitter is None else round(control.peer_jitter / 8, 2)
            ),
        )

    def _replace(self, ssrc: int, now: float) -> bool:
        """Another stream takes over at once; False for a straggler of the one before."""
        if ssrc == self._replaced_ssrc and now - self._replaced_at < OVERLAP:
            return False
        self._replaced_ssrc = self.reception.ssrc
        self._replaced_at = now
        self.reception.begin(ssrc)
        self.jitter_buffer.restart()
        self._comfort.forget()
        return True

    def _take_event(self, ssrc: int, timestamp: int, payload: bytes, now: float) -> list[Press]:
        if ssrc != self._digits_ssrc:
            self._digits_ssrc = ssrc
            self._digits_in = DigitReceiver()
        return self._digits_in.receive(timestamp, payload, now)
