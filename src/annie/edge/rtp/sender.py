"""The sending side of one RTP stream: sequence, timestamp, marker (RFC 3550, RFC 3551)."""

import random
from typing import Final

from annie.edge.rtp import packet
from annie.kit.link import FRAME_SAMPLES

_SEQUENCE: Final = 0xFFFF
_TIMESTAMP: Final = 0xFFFFFFFF


class RtpSender:
    """Numbers the packets of one stream. Sequence and timestamp begin at random values.

    The media clock moves by 20 ms with each ``audio`` and each ``skip``, so a pause
    is visible to the peer as a gap in timestamps and a marker on the packet after it.
    ``packets`` and ``octets`` (payload bytes) count what was sent, for sender reports.
    """

    __slots__ = ("_marker", "_sequence", "octets", "packets", "ssrc", "timestamp")

    def __init__(self) -> None:
        self.ssrc = random.getrandbits(32)
        self.timestamp = random.getrandbits(32)
        self._sequence = random.getrandbits(16)
        self._marker = True
        self.packets = 0
        self.octets = 0

    def audio(self, payload_type: int, payload: bytes) -> bytes:
        """The packet of the next 20 ms."""
        data = packet.build(
            payload_type, self._marker, self._sequence, self.timestamp, self.ssrc, payload
        )
        self._marker = False
        self.packets += 1
        self.octets += len(payload)
        self._sequence = (self._sequence + 1) & _SEQUENCE
        self.timestamp = (self.timestamp + FRAME_SAMPLES) & _TIMESTAMP
        return data

    def event(self, payload_type: int, marker: bool, timestamp: int, payload: bytes) -> bytes:
        """A telephone-event packet (RFC 4733): its timestamp is when the event began.

        The media clock moves on with it; the audio after it carries a marker.
        """
        data = packet.build(payload_type, marker, self._sequence, timestamp, self.ssrc, payload)
        self.packets += 1
        self.octets += len(payload)
        self._sequence = (self._sequence + 1) & _SEQUENCE
        self.skip()
        return data

    def skip(self, frames: int = 1) -> None:
        """Let 20 ms (or several) pass without a packet of audio."""
        self.timestamp = (self.timestamp + frames * FRAME_SAMPLES) & _TIMESTAMP
        self._marker = True
