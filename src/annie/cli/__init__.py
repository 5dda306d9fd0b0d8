"""The ``annie`` command."""

from annie.cli.main import main

__all__ = ["main"]
