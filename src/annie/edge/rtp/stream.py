"""The media of one call, sans-I/O: datagrams and ticks in, datagrams and frames out."""

from collections import deque
from typing import Final

from annie.edge.rtp import g711, packet
from annie.edge.rtp.digits import DigitReceiver, DigitSender, Press
from annie.edge.rtp.latch import Address, Latch
from annie.edge.rtp.playback import PlaybackQueue
from annie.edge.rtp.receive import ReceiveQueue
from annie.edge.rtp.sender import RtpSender
from annie.edge.rtp.tones import tone
from annie.edge.sip.events import MediaDescription
from annie.kit.link import FLAG_LOST

#: Ticks of silence between the last frame and hanging up: the far end's jitter buffer
#: still holds the last word, and most phones throw it away on BYE (200 ms).
TAIL_TICKS: Final = 10
#: Ticks that a hang-up after playout waits beyond the audio queued, whatever holds it (5 s).
PLAYOUT_GRACE_TICKS: Final = 250

_DECODERS: Final = {codec.payload_type: codec.decode for codec in g711.CODECS.values()}


class CallStream:
    """One call's RTP, both ways.

    Every tick the owner calls ``take`` and ``send`` once each. While the peer has us on
    hold (``sending`` false) nothing is sent and the playback queue stands still: what
    wasn't heard doesn't count as played, and goes on when the call is resumed. Digits
    being sent pause the queue as well. Otherwise a packet leaves with every tick, silence
    where nothing waits, so that NATs keep their bindings and recorders their time.
    """

    __slots__ = (
        "_codec",
        "_decoders",
        "_digits_in",
        "_digits_out",
        "_dtmf_in",
        "_dtmf_out",
        "_event_began",
        "_hang_up_in",
        "_latch",
        "_media",
        "_payload_type",
        "_sender",
        "_source_ssrc",
        "_tail",
        "_tones",
        "call",
        "ignored",
        "playback",
        "received",
        "receiver",
        "sent",
    )

    def __init__(self, call: int) -> None:
        self.call = call
        self.playback = PlaybackQueue()
        self.receiver = ReceiveQueue()
        self.received = 0
        self.sent = 0
        self.ignored = 0
        self._sender = RtpSender()
        self._media: MediaDescription | None = None
        self._latch: Latch | None = None
        self._codec = g711.PCMU
        self._payload_type = 0
        self._decoders = dict(_DECODERS)
        self._dtmf_in: int | None = None
        self._dtmf_out: int | None = None
        self._source_ssrc: int | None = None
        self._digits_in = DigitReceiver()
        self._digits_out = DigitSender("")
        self._event_began = 0
        self._tones: deque[bytes] = deque()
        self._hang_up_in: int | None = None
        self._tail = 0

    @property
    def target(self) -> Address | None:
        """Where packets go; ``None`` until the peer has said."""
        return self._latch.target if self._latch is not None else None

    def describe(self, media: MediaDescription) -> None:
        """The peer's side as agreed, at first or anew (hold, resume, moved)."""
        signalled = (media.remote_host, media.remote_port)
        if self._latch is None:
            self._latch = Latch(signalled)
        else:
            self._latch.signal(signalled)
        self._media = media
        self._codec = g711.CODECS[media.codec]
        self._payload_type = media.payload_type
        self._decoders = {**_DECODERS, media.payload_type: self._codec.decode}
        self._dtmf_in = self._dtmf_out = media.dtmf_payload_type

    def receive(self, data: bytes, source: Address, now: float) -> list[Press]:
        """Take a datagram. Whatever isn't RTP of this call is counted and ignored."""
        parsed = packet.parse(data)
        latch = self._latch
        if parsed is None or latch is None:
            self.ignored += 1
            return []
        decode = self._decoders.get(parsed.payload_type)
        if decode is None and parsed.payload_type != self._dtmf_in:
            self.ignored += 1
            return []
        if not latch.accept(source, now):
            self.ignored += 1
            return []
        self.received += 1
        if parsed.ssrc != self._source_ssrc:
            self._source_ssrc = parsed.ssrc
            self.receiver.restart()
            self._digits_in = DigitReceiver()
        if decode is None:
            return self._digits_in.receive(parsed.timestamp, parsed.payload, now)
        self.receiver.push(parsed.timestamp, decode(parsed.payload))
        return []

    def expire_digit(self, now: float) -> Press | None:
        """A key press whose end got lost, once it has timed out."""
        return self._digits_in.expire(now)

    def take(self) -> tuple[int, int, int, int, bytes]:
        """This tick's entry of the upstream batch: ``(call, epoch, played, flags, pcm)``."""
        pcm = self.receiver.take()
        playback = self.playback
        if pcm is None or (self._media is not None and not self._media.receiving):
            return self.call, playback.epoch, playback.played, FLAG_LOST, g711.SILENT_PCM
        return self.call, playback.epoch, playback.played, 0, pcm

    def send(self) -> bytes | None:
        """The packet of this tick; ``None`` on hold or before the peer has said where to."""
        media = self._media
        if media is None or not media.sending or media.remote_port == 0:
            self._sender.skip()
            return None
        self.sent += 1
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
        payload = codec.silence if pcm is None else codec.encode(pcm)
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
            self._tones += [g711.SILENT_PCM] * 5

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
