"""The link between edge and voice: typed, versioned messages over a Unix socket.

Each packet is a 4-byte big-endian length, one kind byte, and the body:

* kind ``C``: one control message, MessagePack, a tagged union of the structs below;
* kind ``U``: upstream audio, one batch a tick (edge to voice);
* kind ``D``: downstream audio (voice to edge), any number of frames a call.

The edge listens; voice processes connect. The first packet either way is
``Hello``; a differing ``version`` is refused with a log line that says so.

Audio on the link is 16-bit little-endian mono PCM at 8 kHz in frames of 20 ms
(160 samples, 320 bytes). Voice may send audio faster than real time: the edge
queues it per call, plays it on its own clock, and reports in every upstream
batch how many frames of the current *epoch* have been played. ``Flush`` empties
the queue and begins the next epoch, so both sides always agree about what the
caller has heard.

A call outlives the process that talks it. Voice leaves a ``Checkpoint`` with the edge
whenever something has changed; when that process is lost, the edge plays the
``Comfort`` of the call's language and gives the call with its newest checkpoint to
another one (``CallResumed``).
"""

import struct
from collections.abc import Iterable
from typing import Final
from uuid import UUID

import msgspec

VERSION: Final = 2
SAMPLE_RATE: Final = 8000
FRAME_MS: Final = 20
FRAME_SAMPLES: Final = 160
FRAME_BYTES: Final = 320
MAX_PACKET: Final = 4 * 1024 * 1024
#: ``CallEnded.reason`` for a voice process whose call another one talks now.
HANDED_OVER: Final = "handed over"
#: Likewise, told by voice to itself: the edge is gone, and may come back with the call.
LINK_LOST: Final = "link lost"
#: ``CallEnded.reason`` of a call whose peer stopped sending without a word.
MEDIA_LOST: Final = "media_lost"
#: Bytes of a checkpoint's state.
MAX_STATE: Final = 64 * 1024

KIND_CONTROL: Final = ord("C")
KIND_UPSTREAM: Final = ord("U")
KIND_DOWNSTREAM: Final = ord("D")

_LENGTH = struct.Struct("!IB")
_BATCH = struct.Struct("!QH")
_UP_ENTRY = struct.Struct("!IIIB")
_DOWN_ENTRY = struct.Struct("!IIH")

#: ``UpstreamFrame.flags``: nothing was received for this tick, the samples are made up or zero.
FLAG_LOST: Final = 1


class LinkError(Exception):
    """A packet that no peer of this version would send."""


class Hello(msgspec.Struct, frozen=True, tag=True):
    """First message of either side."""

    role: str
    pid: int
    version: int = VERSION


class Diversion(msgspec.Struct, frozen=True):
    """Who forwarded the call to us and why (RFC 5806 Diversion, RFC 7044 History-Info).

    ``reason`` is ``unconditional``, ``user-busy``, ``no-answer`` or the peer's own token.
    """

    number: str
    reason: str


class CallFacts(msgspec.Struct, frozen=True):
    """What an INVITE said. Numbers are as received; they are normalized by voice."""

    dialled: str
    caller: str
    caller_name: str = ""
    asserted_identity: str = ""
    diversions: tuple[Diversion, ...] = ()
    user_agent: str = ""
    codec: str = ""
    sip_call_id: str = ""
    peer: str = ""


class CallOffered(msgspec.Struct, frozen=True, tag=True):
    """Edge to voice: an INVITE wants an answer. ``call`` is unique for the edge's life."""

    call: int
    facts: CallFacts


class CallResumed(msgspec.Struct, frozen=True, tag=True):
    """Edge to voice: an established call whose process was lost; go on from ``state``.

    Playing goes on in ``epoch``, of which ``played`` frames were played and ``queued``
    still wait. ``comforted``: the caller was asked to wait, or heard Annie cut off.
    """

    call: int
    facts: CallFacts
    conversation: UUID
    state: bytes
    epoch: int
    played: int
    queued: int
    comforted: bool


class LiveCalls(msgspec.Struct, frozen=True, tag=True):
    """Edge to voice, after its Hello: conversations whose calls are up, whoever talks them."""

    conversations: tuple[UUID, ...]


class CallEstablished(msgspec.Struct, frozen=True, tag=True):
    """Edge to voice: our 200 was sent; the caller hears from now on."""

    call: int


class MediaFigures(msgspec.Struct, frozen=True):
    """How the audio of a call fared. Packets, unless the name says otherwise.

    ``lost`` never came; ``late`` came when their turn was over; ``ignored`` were none of
    the call's. ``concealed`` counts frames of 20 ms that were made up, ``jitter_ms`` is the
    interarrival jitter of RFC 3550 at the end, ``delay_ms`` the jitter buffer's target then.
    What RTCP would have told is ``None`` where the peer sent none.
    """

    codec: str = ""
    sent: int = 0
    received: int = 0
    lost: int = 0
    late: int = 0
    duplicates: int = 0
    ignored: int = 0
    concealed: int = 0
    jitter_ms: float = 0.0
    jitter_max_ms: float = 0.0
    delay_ms: int = 0
    round_trip_ms: float | None = None
    peer_lost: int | None = None
    peer_lost_percent: float | None = None
    peer_jitter_ms: float | None = None


class CallEnded(msgspec.Struct, frozen=True, tag=True):
    """Edge to voice: the call is over. ``by`` is ``caller``, ``annie`` or ``edge``.

    ``media`` is there if the call was ever answered.
    """

    call: int
    by: str
    reason: str = ""
    media: MediaFigures | None = None


class DigitReceived(msgspec.Struct, frozen=True, tag=True):
    """Edge to voice: a digit was pressed (RFC 4733), once per press."""

    call: int
    digit: str
    duration_ms: int


class Flushed(msgspec.Struct, frozen=True, tag=True):
    """Edge to voice: ``epoch`` ended after ``played`` of its frames."""

    call: int
    epoch: int
    played: int


class Checkpoint(msgspec.Struct, frozen=True, tag=True):
    """Voice to edge: where the conversation stands.

    ``language`` chooses the comfort phrase; ``owed``: Annie has the floor, so a process
    that stops now leaves the caller in silence. ``state`` is for voice to read.
    """

    call: int
    conversation: UUID
    language: str
    owed: bool
    state: bytes


class Comfort(msgspec.Struct, frozen=True, tag=True):
    """Voice to edge: what to play in ``language`` when nobody is there to speak.

    ``pcm`` asks the caller to wait, ``farewell`` to ring again; whole frames.
    """

    language: str
    pcm: bytes
    farewell: bytes


class Alive(msgspec.Struct, frozen=True, tag=True):
    """Voice to edge, every few ticks while it has calls: its loop runs."""

    tick: int


class Ring(msgspec.Struct, frozen=True, tag=True):
    """Voice to edge: send 180 Ringing."""

    call: int


class Answer(msgspec.Struct, frozen=True, tag=True):
    """Voice to edge: send 200 OK."""

    call: int


class Reject(msgspec.Struct, frozen=True, tag=True):
    """Voice to edge: refuse with a SIP status."""

    call: int
    status: int
    reason: str


class Hangup(msgspec.Struct, frozen=True, tag=True):
    """Voice to edge: send BYE, at once, or once the queued audio has been played."""

    call: int
    after_playout: bool = False


class Flush(msgspec.Struct, frozen=True, tag=True):
    """Voice to edge: stop playing now; what follows belongs to epoch ``epoch + 1``."""

    call: int
    epoch: int


class SendDigits(msgspec.Struct, frozen=True, tag=True):
    """Voice to edge: send these digits (RFC 4733), 100 ms each."""

    call: int
    digits: str


Control = (
    Hello
    | CallOffered
    | CallResumed
    | LiveCalls
    | CallEstablished
    | CallEnded
    | DigitReceived
    | Flushed
    | Checkpoint
    | Comfort
    | Alive
    | Ring
    | Answer
    | Reject
    | Hangup
    | Flush
    | SendDigits
)

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Control] = msgspec.msgpack.Decoder(Control)


class UpstreamFrame(msgspec.Struct, frozen=True):
    """20 ms heard from one caller, with how far playing has come.

    ``pcm`` holds ``FRAME_BYTES`` bytes; ``played`` counts frames of ``epoch``.
    """

    call: int
    epoch: int
    played: int
    flags: int
    pcm: bytes


class UpstreamBatch(msgspec.Struct, frozen=True):
    """What all callers said in one tick; ``tick`` counts 20 ms since the edge started."""

    tick: int
    frames: list[UpstreamFrame]


class DownstreamAudio(msgspec.Struct, frozen=True):
    """Audio to queue for one call; ``pcm`` is a whole number of frames."""

    call: int
    epoch: int
    pcm: bytes


Packet = Control | UpstreamBatch | list[DownstreamAudio]


def encode_control(message: Control) -> bytes:
    """One control message as a packet."""
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body), KIND_CONTROL) + body


def encode_upstream(tick: int, frames: Iterable[tuple[int, int, int, int, bytes]]) -> bytes:
    """One tick's batch from ``(call, epoch, played, flags, pcm)`` tuples."""
    parts: list[bytes] = []
    count = 0
    for call, epoch, played, flags, pcm in frames:
        parts.append(_UP_ENTRY.pack(call, epoch, played, flags))
        parts.append(pcm)
        count += 1
    body = _BATCH.pack(tick, count) + b"".join(parts)
    return _LENGTH.pack(len(body), KIND_UPSTREAM) + body


def encode_downstream(entries: Iterable[tuple[int, int, bytes]]) -> bytes:
    """Audio from ``(call, epoch, pcm)`` tuples; each ``pcm`` at most 65535 frames."""
    parts: list[bytes] = []
    for call, epoch, pcm in entries:
        frames, rest = divmod(len(pcm), FRAME_BYTES)
        if rest:
            raise LinkError(f"audio of {len(pcm)} bytes is not a whole number of 20 ms frames")
        parts.append(_DOWN_ENTRY.pack(call, epoch, frames))
        parts.append(pcm)
    body = b"".join(parts)
    return _LENGTH.pack(len(body), KIND_DOWNSTREAM) + body


class PacketReader:
    """Cuts a byte stream into packets. Feed it; it returns what has become complete."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Packet]:
        """Packets completed by ``data``.

        Raises:
            LinkError: the stream can't be of this protocol; close the connection.
        """
        buffer = self._buffer
        buffer += data
        packets: list[Packet] = []
        position = 0
        while len(buffer) - position >= _LENGTH.size:
            length, kind = _LENGTH.unpack_from(buffer, position)
            if length > MAX_PACKET:
                raise LinkError(f"packet of {length} bytes is over the limit of {MAX_PACKET}")
            end = position + _LENGTH.size + length
            if len(buffer) < end:
                break
            packets.append(_decode(kind, bytes(buffer[position + _LENGTH.size : end])))
            position = end
        del buffer[:position]
        return packets


def _decode(kind: int, body: bytes) -> Packet:
    try:
        if kind == KIND_CONTROL:
            return _decoder.decode(body)
        if kind == KIND_UPSTREAM:
            return _decode_upstream(body)
        if kind == KIND_DOWNSTREAM:
            return _decode_downstream(body)
    except (msgspec.MsgspecError, struct.error) as error:
        raise LinkError(f"malformed packet: {error}") from error
    raise LinkError(f"unknown packet kind {kind}")


def _decode_upstream(body: bytes) -> UpstreamBatch:
    tick, count = _BATCH.unpack_from(body)
    if len(body) != _BATCH.size + count * (_UP_ENTRY.size + FRAME_BYTES):
        raise LinkError("upstream batch has the wrong length")
    frames: list[UpstreamFrame] = []
    position = _BATCH.size
    for _ in range(count):
        call, epoch, played, flags = _UP_ENTRY.unpack_from(body, position)
        position += _UP_ENTRY.size
        frames.append(
            UpstreamFrame(call, epoch, played, flags, body[position : position + FRAME_BYTES])
        )
        position += FRAME_BYTES
    return UpstreamBatch(tick, frames)


def _decode_downstream(body: bytes) -> list[DownstreamAudio]:
    entries: list[DownstreamAudio] = []
    position = 0
    while position < len(body):
        call, epoch, frames = _DOWN_ENTRY.unpack_from(body, position)
        position += _DOWN_ENTRY.size
        end = position + frames * FRAME_BYTES
        if end > len(body):
            raise LinkError("downstream audio is cut short")
        entries.append(DownstreamAudio(call, epoch, body[position:end]))
        position = end
    return entries
