"""Session timers (RFC 4028): how often a dialog proves that it is alive, and who does it."""

import re
from dataclasses import dataclass
from typing import Final

from annie.edge.sip.message import IncomingRequest, IncomingResponse, tokens
from annie.edge.sip.screening import Header, Refused

#: Seconds that we ask for, and the fewest that we take part in (sections 4 and 5).
OFFERED: Final = 1800
FEWEST: Final = 90
#: More would be as good as none.
_MOST: Final = 86_400
_VALUE: Final = re.compile(r"\s*([0-9]{1,9})\s*(?:;(.*))?", re.DOTALL)


@dataclass(slots=True, frozen=True)
class SessionTimer:
    """The agreement of both sides. ``ours``: it is on us to refresh the session."""

    seconds: int
    ours: bool

    @property
    def refresh_after(self) -> float:
        """Seconds after the last refresh at which we send the next (section 10)."""
        return self.seconds / 2

    @property
    def expires_after(self) -> float:
        """Seconds without a refresh after which the session is taken for dead."""
        return self.seconds - min(32.0, self.seconds / 3)


def accept(request: IncomingRequest) -> tuple[SessionTimer | None, tuple[Header, ...]]:
    """What we agree to in an INVITE or UPDATE, and the headers that say so in the 2xx.

    Raises:
        Refused: 422 for an interval under ours, 400 for one that is none.
    """
    value = request.headers.get("Session-Expires")
    if value is None:
        return None, ()
    seconds, refresher = _parse(value)
    if seconds is None:
        raise Refused(400, "Bad Session-Expires")
    knows = "timer" in tokens(request.headers, "Supported")
    if seconds < FEWEST:
        # A proxy asked for it in the name of a caller who couldn't understand a 422.
        if not knows:
            return None, ()
        raise Refused(422, "Session Interval Too Small", ("Min-SE", str(FEWEST)))
    if refresher is None:
        refresher = "uac" if knows else "uas"
    elif not knows:
        refresher = "uas"
    headers: tuple[Header, ...] = (("Session-Expires", f"{seconds};refresher={refresher}"),)
    if refresher == "uac":
        headers = (*headers, ("Require", "timer"))
    return SessionTimer(seconds, ours=refresher == "uas"), headers


def ask(seconds: int, *, refresher: str = "") -> tuple[Header, ...]:
    """The headers of our own INVITE or UPDATE; 0 seconds ask for nothing."""
    if not seconds:
        return ()
    value = f"{seconds};refresher={refresher}" if refresher else str(seconds)
    return ("Session-Expires", value), ("Min-SE", str(FEWEST))


def agreed(response: IncomingResponse) -> SessionTimer | None:
    """What a 2xx to our INVITE or UPDATE agreed to; ``None`` if it wants no timer.

    A value that is none, or under the fewest seconds, counts as no timer.
    """
    seconds, refresher = _parse(response.headers.get("Session-Expires") or "")
    if seconds is None or seconds < FEWEST:
        return None
    return SessionTimer(seconds, ours=refresher != "uas")


def resumed(seconds: int, *, ours: bool) -> SessionTimer | None:
    """The timer of a dialog that was kept; ``None`` for 0 seconds."""
    return SessionTimer(seconds, ours) if seconds else None


def demanded(response: IncomingResponse) -> int | None:
    """The interval that a 422 wants at least; ``None`` if it doesn't say a usable one."""
    seconds, _ = _parse(response.headers.get("Min-SE") or "")
    return seconds if seconds is not None and FEWEST < seconds < _MOST else None


def _parse(value: str) -> tuple[int | None, str | None]:
    match = _VALUE.fullmatch(value)
    if match is None:
        return None, None
    refresher = None
    for part in (match[2] or "").split(";"):
        name, _, text = part.partition("=")
        if name.strip().lower() == "refresher" and text.strip().lower() in ("uac", "uas"):
            refresher = text.strip().lower()
    return min(int(match[1]), _MOST), refresher
