"""How many requests an organization may send in a minute.

Counted in this process: behind several app processes each counts by itself.
"""

import math
from dataclasses import dataclass
from uuid import UUID

from annie.kit.clock import Clock

WINDOW_SECONDS = 60.0
_PRUNE_AT = 10_000


@dataclass(slots=True)
class _Window:
    ends: float
    used: int


@dataclass(slots=True, frozen=True)
class Allowance:
    """Where an organization stands after one more request."""

    allowed: bool
    limit: int
    remaining: int
    #: UTC epoch seconds at which a full allowance begins.
    reset: int
    #: Whole seconds until then, at least 1.
    retry_after: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


class RateLimiter:
    """``limit`` requests in each minute that an organization's first request begins."""

    def __init__(self, limit: int, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._windows: dict[UUID, _Window] = {}

    def take(self, org_id: UUID) -> Allowance | None:
        """Count one request; None when there is no limit."""
        if self._limit == 0:
            return None
        now = self._clock.monotonic()
        window = self._windows.get(org_id)
        if window is None or window.ends <= now:
            self._prune(now)
            window = self._windows[org_id] = _Window(now + WINDOW_SECONDS, 0)
        allowed = window.used < self._limit
        window.used += allowed
        left = window.ends - now
        return Allowance(
            allowed,
            self._limit,
            self._limit - window.used,
            math.ceil(self._clock.now().timestamp() + left),
            max(1, math.ceil(left)),
        )

    def _prune(self, now: float) -> None:
        if len(self._windows) >= _PRUNE_AT:
            self._windows = {key: w for key, w in self._windows.items() if w.ends > now}
