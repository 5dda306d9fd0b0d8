"""Symmetric RTP (RFC 4961): send to where the peer's packets really come from.

Behind a NAT the address in the SDP is not the one that reaches the peer. Until the
first packet arrives there is nothing better than the SDP; from then on its source
counts. A source other than the latched one is refused, so that a stranger who sprays
our ports can't take over a call, except once the latched one has been silent. Refused
as well is whoever had the port in the call before, as far as it still sends the same
stream.
"""

from dataclasses import dataclass
from typing import Final

Address = tuple[str, int]

#: Seconds without a packet from the latched source after which another may take its place.
RELATCH_AFTER: Final = 3.0


@dataclass(slots=True, frozen=True)
class Former:
    """The last stream of the call that had the port before."""

    source: Address
    ssrc: int


class Latch:
    """Where to send to, and whom to listen to. Times in seconds of one monotonic clock."""

    __slots__ = ("_former", "_heard_at", "_signalled", "source", "target")

    def __init__(self, signalled: Address, former: Former | None = None) -> None:
        self._signalled = signalled
        self._former = former
        self._heard_at = 0.0
        #: Where packets come from; ``None`` before the first one.
        self.source: Address | None = None
        self.target = signalled

    def signal(self, signalled: Address) -> None:
        """The SDP names an address anew; if it is another than before, latching starts over."""
        if signalled == self._signalled:
            return
        self._signalled = signalled
        self.source = None
        self.target = signalled

    def accept(self, source: Address, ssrc: int, now: float) -> bool:
        """Whether a valid packet from ``source`` belongs to this call."""
        if source == self.source:
            self._heard_at = now
            return True
        # The signalled address itself always wins over a source that was only learnt.
        if source != self._signalled:
            former = self._former
            if former is not None and former.source == source and former.ssrc == ssrc:
                return False
            if self.source is not None and now - self._heard_at <= RELATCH_AFTER:
                return False
        self.source = self.target = source
        self._heard_at = now
        return True

    def is_peer(self, host: str) -> bool:
        """Whether ``host`` is where the peer is, or said that it was."""
        return host in (self.target[0], self._signalled[0])
