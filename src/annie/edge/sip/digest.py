"""Digest access authentication, either side (RFC 3261 section 22, RFC 7616, RFC 8760)."""

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from annie.edge.sip.message import IncomingRequest, IncomingResponse
from annie.edge.sip.screening import Header

Algorithm = Literal["MD5", "SHA-256"]

#: Seconds for which a nonce of ours is good.
NONCE_SECONDS: Final = 60
#: Wrong proofs of one address within these seconds after which it gets no answer any more.
MOST_GUESSES: Final = 10
GUESS_SECONDS: Final = 300.0
_GUESSERS: Final = 4096
#: Challenges answered for one request; the later ones only if our nonce had become stale.
_ATTEMPTS: Final = 3
#: Proxies on the way that may each ask, in realms of their own (RFC 3665 section 3.3).
_REALMS: Final = 4
#: The look back keeps a long token from being tried from each of its letters.
_PARAMETER: Final = re.compile(
    r'(?<![A-Za-z0-9_-])([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)'
)
#: Strongest first.
_ALGORITHMS: Final[tuple[Algorithm, ...]] = ("SHA-256", "MD5")
_NC: Final = re.compile(r"[0-9a-fA-F]{8}")


@dataclass(slots=True, frozen=True)
class Credentials:
    """Who we are to a peer that asks."""

    user: str
    password: str = field(repr=False)


@dataclass(slots=True)
class _Challenge:
    header: str
    realm: str
    nonce: str
    algorithm: Algorithm
    qop: bool
    opaque: str | None
    stale: bool
    uses: int = 0


class Authorizer:
    """Answers the challenges of one peer, and goes on using its nonce for what follows."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._challenges: dict[tuple[str, str], _Challenge] = {}
        self._attempts = 0
        self._asked: set[tuple[str, str]] = set()

    def challenged(self, response: IncomingResponse) -> bool:
        """Learn from a 401 or 407; whether another try makes sense."""
        names = ("Proxy-Authenticate", "Proxy-Authorization")
        if response.status == 401:
            names = ("WWW-Authenticate", "Authorization")
        self._attempts += 1
        challenge = _choose(response.headers.getlist(names[0]), names[1])
        if challenge is None or self._attempts > _ATTEMPTS:
            return False
        who = (challenge.header, challenge.realm)
        asked_before = who in self._asked
        self._asked.add(who)
        self._challenges[who] = challenge
        if len(self._challenges) > _REALMS:
            self._challenges.pop(next(iter(self._challenges)))
        # The same question again after our answer means that the answer was wrong.
        return challenge.stale or not asked_before

    def accepted(self) -> None:
        """A request went through: the next one may be challenged anew."""
        self._attempts = 0
        self._asked.clear()

    def headers(self, method: str, uri: str) -> tuple[Header, ...]:
        """What a request to ``uri`` has to carry."""
        return tuple(
            (challenge.header, self._answer(challenge, method, uri))
            for challenge in self._challenges.values()
        )

    def _answer(self, challenge: _Challenge, method: str, uri: str) -> str:
        user = self._credentials.user
        parts = [
            ("username", user),
            ("realm", challenge.realm),
            ("nonce", challenge.nonce),
            ("uri", uri),
        ]
        secret = _secret(challenge.algorithm, user, challenge.realm, self._credentials.password)
        if challenge.qop:
            challenge.uses += 1
            nc, cnonce = f"{challenge.uses:08x}", secrets.token_hex(8)
            middle = f"{challenge.nonce}:{nc}:{cnonce}:auth"
        else:
            nc, cnonce = "", ""
            middle = challenge.nonce
        parts.append(("response", _response(challenge.algorithm, secret, middle, method, uri)))
        if challenge.opaque is not None:
            parts.append(("opaque", challenge.opaque))
        value = "Digest " + ", ".join(f'{name}="{_quoted(text)}"' for name, text in parts)
        value += f", algorithm={challenge.algorithm}"
        return value + (f', qop=auth, nc={nc}, cnonce="{cnonce}"' if challenge.qop else "")


class Guesses:
    """Counts wrong proofs by address, so that nobody can go on guessing passwords."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wrong(self, host: str, now: float) -> None:
        """A proof from ``host`` was none."""
        count, since = self._wrong.pop(host, (0, now))
        if now - since >= GUESS_SECONDS:
            count, since = 0, now
        self._wrong[host] = (count + 1, since)
        if len(self._wrong) > _GUESSERS:
            self._wrong.popitem(last=False)

    def too_many(self, host: str, now: float) -> bool:
        """Whether ``host`` gets no answer for now."""
        count, since = self._wrong.get(host, (0, now))
        return count >= MOST_GUESSES and now - since < GUESS_SECONDS


class Gate:
    """Asks callers who they are. Keeps nothing between the question and the answer."""

    def __init__(self, accounts: Mapping[str, str], realm: str) -> None:
        """``accounts``: passwords by user name."""
        self._accounts = dict(accounts)
        self._realm = realm
        self._key = secrets.token_bytes(32)

    def challenges(self, now: float, *, stale: bool = False) -> tuple[Header, ...]:
        """The WWW-Authenticate headers of a 401, the strongest first (RFC 8760 section 2.4)."""
        nonce = self._nonce(int(now))
        suffix = ", stale=true" if stale else ""
        return tuple(
            (
                "WWW-Authenticate",
                f'Digest realm="{self._realm}", nonce="{nonce}", qop="auth", '
                f"algorithm={algorithm}{suffix}",
            )
            for algorithm in _ALGORITHMS
        )

    def check(self, request: IncomingRequest, now: float) -> tuple[Header, ...]:
        """Nothing if the request proves that it may; else the headers of the 401."""
        for value in request.headers.getlist("Authorization"):
            given = _parameters(value)
            if given.get("realm") != self._realm:
                continue
            if not self._proves(given, request.method):
                break
            if not self._fresh(given["nonce"], now):
                return self.challenges(now, stale=True)
            return ()
        return self.challenges(now)

    def _proves(self, given: Mapping[str, str], method: str) -> bool:
        algorithm = _algorithm(given) or "MD5"
        user = given.get("username", "")
        password = self._accounts.get(user)
        # Unknown users cost as much as known ones, so that time tells nothing.
        secret = _secret(algorithm, user, self._realm, password or "")
        nonce, nc, cnonce = given.get("nonce", ""), given.get("nc", ""), given.get("cnonce", "")
        middle = f"{nonce}:{nc}:{cnonce}:auth"
        expected = _response(algorithm, secret, middle, method, given.get("uri", ""))
        matches = hmac.compare_digest(expected.encode(), given.get("response", "").encode())
        ours = hmac.compare_digest(self._signature(nonce[:8]).encode(), nonce[8:].encode())
        complete = given.get("qop") == "auth" and _NC.fullmatch(nc) is not None and bool(cnonce)
        return matches and ours and complete and password is not None and _algorithm(given) != ""

    def _fresh(self, nonce: str, now: float) -> bool:
        return 0 <= int(now) - int(nonce[:8], 16) <= NONCE_SECONDS

    def _nonce(self, second: int) -> str:
        stamp = f"{second & 0xFFFFFFFF:08x}"
        return stamp + self._signature(stamp)

    def _signature(self, stamp: str) -> str:
        return hmac.new(self._key, stamp.encode(), hashlib.sha256).hexdigest()[:32]


def _choose(values: list[str], header: str) -> _Challenge | None:
    found: dict[str, _Challenge] = {}
    for value in values:
        given = _parameters(value)
        algorithm = _algorithm(given)
        qops = [qop.strip().lower() for qop in given.get("qop", "").split(",") if qop.strip()]
        if not algorithm or "nonce" not in given or (qops and "auth" not in qops):
            continue
        found.setdefault(
            algorithm,
            _Challenge(
                header,
                given.get("realm", ""),
                given["nonce"],
                algorithm,
                bool(qops),
                given.get("opaque"),
                given.get("stale", "").lower() == "true",
            ),
        )
    return next((found[name] for name in _ALGORITHMS if name in found), None)


def _algorithm(given: Mapping[str, str]) -> Algorithm | Literal[""]:
    name = given.get("algorithm", "MD5").upper()
    for known in _ALGORITHMS:
        if known == name:
            return known
    return ""


def _parameters(value: str) -> dict[str, str]:
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {
        match[1].lower(): re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
        for match in _PARAMETER.finditer(rest)
    }


def _secret(algorithm: Algorithm, user: str, realm: str, password: str) -> str:
    return _hash(algorithm, f"{user}:{realm}:{password}")


def _response(algorithm: Algorithm, secret: str, middle: str, method: str, uri: str) -> str:
    return _hash(algorithm, f"{secret}:{middle}:{_hash(algorithm, f'{method}:{uri}')}")


def _hash(algorithm: Algorithm, text: str) -> str:
    data = text.encode()
    if algorithm == "SHA-256":
        return hashlib.sha256(data).hexdigest()
    # What SIP peers speak; nothing is protected by MD5's resistance to collisions.
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
