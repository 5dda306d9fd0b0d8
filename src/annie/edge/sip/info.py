"""Keys in INFO requests, as some peers send them instead of RFC 4733 (the bodies of RFC 2976 use).

``application/dtmf-relay`` has lines ``Signal=5`` and ``Duration=160`` (ms);
``application/dtmf`` is the key alone. Neither was ever standardized.
"""

import re
from typing import Final

from annie.edge.sip.message import IncomingRequest
from annie.edge.sip.screening import Refused, content_type

#: Milliseconds of a press whose length isn't told, and the longest that is believed.
DURATION_MS: Final = 160
_LONGEST_MS: Final = 10_000
_RELAY: Final = "application/dtmf-relay"
_PLAIN: Final = "application/dtmf"
_SIGNAL: Final = re.compile(
    r"^[ \t]*Signal[ \t]*=[ \t]*(\S+)[ \t\r]*$", re.IGNORECASE | re.MULTILINE
)
_DURATION: Final = re.compile(
    r"^[ \t]*Duration[ \t]*=[ \t]*([0-9]{1,6})[ \t\r]*$", re.IGNORECASE | re.MULTILINE
)
_KEYS: Final = "0123456789*#ABCD"
#: Event numbers of RFC 4733 from 10 on are keys, too.
_NUMBERED: Final = {str(number): key for number, key in enumerate(_KEYS) if number >= 10}
#: A flash is no key of ours.
_IGNORED: Final = frozenset({"16", "!", "hf"})


def read_digit(request: IncomingRequest) -> tuple[str, int] | None:
    """The key of an INFO and how long it was pressed (ms); ``None`` where it has none.

    Raises:
        Refused: 469 for an Info-Package (RFC 6086), 415 for another kind of body, 400 for a
            key that doesn't exist.
    """
    if request.headers.get("Info-Package") is not None:
        raise Refused(469, "Bad Info Package", ("Recv-Info", ""))
    if not request.body.strip():
        return None
    kind = content_type(request)
    text = request.body.decode("utf8", "replace")
    if kind == _RELAY:
        signal = _SIGNAL.search(text)
        key = signal[1] if signal is not None else ""
    elif kind == _PLAIN:
        signal = _SIGNAL.search(text)
        key = signal[1] if signal is not None else text.strip()
    else:
        raise Refused(415, "Unsupported Media Type", ("Accept", f"{_RELAY}, {_PLAIN}"))
    if key.lower() in _IGNORED:
        return None
    key = _NUMBERED.get(key, key.upper())
    if len(key) != 1 or key not in _KEYS:
        raise Refused(400, "Unknown Signal")
    found = _DURATION.search(text)
    return key, min(int(found[1]), _LONGEST_MS) if found is not None else DURATION_MS
