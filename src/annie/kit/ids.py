"""Identifiers."""

import os
import time
import uuid


def new_id() -> uuid.UUID:
    """A UUID version 7 (RFC 9562): random, and sorted by creation time to a quarter microsecond."""
    millis, rest = divmod(time.time_ns(), 1_000_000)
    # Section 6.2, method 3: the bits after the version continue the clock.
    fraction = rest * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8), "big") & (2**62 - 1)
    value = (millis & (2**48 - 1)) << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | random
    return uuid.UUID(int=value)
