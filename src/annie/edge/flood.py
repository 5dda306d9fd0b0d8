"""How many messages one peer may send: what is more costs no time to read."""

from typing import Final

#: A front that passes us 100 calls a second sends fewer; a thousand calls taken over at once
#: bring fewer than the burst.
MESSAGES_PER_SECOND: Final = 1000.0
BURST: Final = 4000.0
#: Bytes of a long INVITE; what is longer takes longer to read.
ORDINARY: Final = 2000
#: Peers that are remembered; more are forgers of source addresses.
MAX_PEERS: Final = 4096


class RateLimit:
    """A bucket for each host (GCRA, ITU-T I.371). Times in seconds of one monotonic clock."""

    def __init__(self, per_second: float = MESSAGES_PER_SECOND, burst: float = BURST) -> None:
        self._interval = 1 / per_second
        self._tolerance = burst / per_second
        #: When the bucket of a host is full again; hosts whose time has passed need no entry.
        self._full_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, host: str, now: float, size: int = 0) -> float:
        """Count one message of ``size`` bytes, a long one as several; how many seconds it came too
        early, 0 if it may be served."""
        cost = self._interval * max(1.0, size / ORDINARY)
        ahead = max(self._full_at.pop(host, now) - now, 0.0)
        early = ahead + cost - self._tolerance
        if early <= 1e-9:
            ahead += cost
            early = 0.0
        self._full_at[host] = now + ahead
        if len(self._full_at) > MAX_PEERS:
            self._forget(now)
        return early

    def _forget(self, now: float) -> None:
        self._full_at = {host: at for host, at in self._full_at.items() if at > now}
        while len(self._full_at) > MAX_PEERS:
            self._full_at.pop(next(iter(self._full_at)))
