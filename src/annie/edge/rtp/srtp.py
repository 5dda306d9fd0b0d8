"""Protected RTP and RTCP of one call (RFC 3711, RFC 7714), by libsrtp."""

from dataclasses import dataclass, field
from typing import Final

import pylibsrtp

#: Bytes of master key and salt together, by the suite's name in RFC 4568 and RFC 7714.
KEY_BYTES: Final = {
    "AES_CM_128_HMAC_SHA1_80": 30,
    "AES_CM_128_HMAC_SHA1_32": 30,
    "AEAD_AES_128_GCM": 28,
    "AEAD_AES_256_GCM": 44,
}
_PROFILES: Final = {
    "AES_CM_128_HMAC_SHA1_80": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
    "AEAD_AES_128_GCM": pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "AEAD_AES_256_GCM": pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
}


@dataclass(slots=True, frozen=True)
class SrtpKeys:
    """Master key and salt of both directions: what we protect with, and what the peer does."""

    suite: str
    ours: bytes = field(repr=False)
    theirs: bytes = field(repr=False)


class Srtp:
    """Both directions of one call. Counts on from packet to packet: keep it while keys last."""

    __slots__ = ("_incoming", "_outgoing", "keys")

    def __init__(self, keys: SrtpKeys) -> None:
        """Raises ``ValueError`` for a suite or a length of keys that doesn't exist."""
        length = KEY_BYTES.get(keys.suite)
        if length is None or {len(keys.ours), len(keys.theirs)} != {length}:
            raise ValueError(f"{keys.suite} with keys of {len(keys.ours)} bytes")
        self.keys = keys
        profile, policy = _PROFILES[keys.suite], pylibsrtp.Policy
        self._incoming = pylibsrtp.Session(
            policy(key=keys.theirs, ssrc_type=policy.SSRC_ANY_INBOUND, srtp_profile=profile)
        )
        self._outgoing = pylibsrtp.Session(
            policy(key=keys.ours, ssrc_type=policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
        )

    def protect(self, data: bytes) -> bytes:
        """An RTP packet for the wire."""
        return self._outgoing.protect(data)

    def unprotect(self, data: bytes) -> bytes | None:
        """The RTP packet inside; ``None`` if it isn't authentic, or came before."""
        try:
            return self._incoming.unprotect(data)
        except (pylibsrtp.Error, TypeError, ValueError):
            return None

    def protect_control(self, data: bytes) -> bytes:
        """An RTCP packet for the wire."""
        return self._outgoing.protect_rtcp(data)

    def unprotect_control(self, data: bytes) -> bytes | None:
        """The RTCP packet inside; ``None`` as above."""
        try:
            return self._incoming.unprotect_rtcp(data)
        except (pylibsrtp.Error, TypeError, ValueError):
            return None
