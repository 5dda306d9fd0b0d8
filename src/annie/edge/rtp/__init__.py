"""RTP (RFC 3550) for all calls of a process on one ticker."""
