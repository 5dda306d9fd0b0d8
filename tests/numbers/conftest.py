"""Here the API runs on each kind of database."""

from tests.records_support import api_on_each as api

__all__ = ["api"]
