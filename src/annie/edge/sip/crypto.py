"""Keys of SRTP in session descriptions: SDES (RFC 4568), with the suites of RFC 7714 too.

They are as secret as the signalling is.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from annie.edge.rtp.srtp import KEY_BYTES, SrtpKeys

_LINE: Final = re.compile(
    r"(?P<tag>[0-9]{1,9})\s+(?P<suite>[A-Za-z0-9_]+)\s+inline:(?P<key>[A-Za-z0-9+/=]+)"
    r"(?:\|(?:2\^)?[0-9]{1,15})?(?P<rest>\s.*)?"
)
#: Session parameters that change nothing for who ignores them (RFC 4568 section 6.3).
_HARMLESS: Final = re.compile(r"\s*(?:WSH=[0-9]+\s*)*")


@dataclass(slots=True, frozen=True)
class Crypto:
    """One a=crypto line."""

    tag: int
    suite: str
    key: bytes = field(repr=False)

    @property
    def line(self) -> str:
        """As it stands in a description."""
        return f"a=crypto:{self.tag} {self.suite} inline:{base64.b64encode(self.key).decode()}"


def parse_crypto(value: str) -> Crypto | None:
    """What an a=crypto attribute offers; ``None`` for what we can't do: another suite, a master
    key identifier, an unencrypted or unauthenticated session, a key of the wrong length."""
    match = _LINE.fullmatch(value.strip())
    if match is None or _HARMLESS.fullmatch(match["rest"] or "") is None:
        return None
    length = KEY_BYTES.get(match["suite"].upper())
    try:
        key = base64.b64decode(match["key"], validate=True)
    except (binascii.Error, ValueError):
        return None
    if length is None or len(key) != length:
        return None
    return Crypto(int(match["tag"]), match["suite"].upper(), key)


def agree(offered: Iterable[Crypto], before: SrtpKeys | None) -> tuple[Crypto, SrtpKeys] | None:
    """Our answer to an offer's lines, and the keys; the peer's first line that we can do.

    With the same key as ``before`` the session goes on as it is.
    """
    chosen = next(iter(offered), None)
    if chosen is None:
        return None
    same = before is not None and (before.suite, before.theirs) == (chosen.suite, chosen.key)
    ours = before.ours if before is not None and same else secrets.token_bytes(len(chosen.key))
    return Crypto(chosen.tag, chosen.suite, ours), SrtpKeys(chosen.suite, ours, chosen.key)
