"""The embedded carrier: fictional numbers that behave as a carrier's do."""

from annie.carriers.local_pool.carrier import LocalPool

__all__ = ["LocalPool"]
