"""Symmetric RTP (RFC 4961): send to where the peer's packets really come from.

Behind a NAT the address in the SDP is not the one that reaches the peer. Until the
first packet arrives there is nothing better than the SDP; from then on its source
counts. A source other than the latched one is refused, so that a stranger who sprays
our ports can't take over a call, except once the latched one has been silent.
"""

from typing import Final

Address = tuple[str, int]

#: Seconds without a packet from the latched source after which another may take its place.
RELATCH_AFTER: Final = 3.0


class Latch:
    """Where to send to, and whom to listen to. Times in seconds of one monotonic clock."""

    __slots__ = ("_heard_at", "_signalled", "_source", "target")

    def __init__(self, signalled: Address) -> None:
        self._signalled = signalled
        self._source: Address | None = None
        self._heard_at = 0.0
        self.target = signalled

    def signal(self, signalled: Address) -> None:
        """The SDP names an address anew; if it is another than before, latching starts over."""
        if signalled == self._signalled:
            return
        self._signalled = signalled
        self._source = None
        self.target = signalled

    def accept(self, source: Address, now: float) -> bool:
        """Whether a valid packet from ``source`` belongs to this call."""
        if source == self._source:
            self._heard_at = now
            return True
        # The signalled address itself always wins over a source that was only learnt.
        if (
            self._source is None
            or source == self._signalled
            or now - self._heard_at > RELATCH_AFTER
        ):
            self._source = self.target = source
            self._heard_at = now
            return True
        return False
