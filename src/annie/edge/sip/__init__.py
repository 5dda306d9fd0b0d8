"""A SIP user agent (RFC 3261) without I/O: bytes and times in, bytes and events out."""
