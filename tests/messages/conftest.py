"""Fixtures of records and API."""

from tests.records_support import (
    api_on_each as api,
)
from tests.records_support import (
    database,
    postgres_database,
    postgres_server,
    postgres_template,
    sqlite_database,
    sqlite_template,
)

__all__ = [
    "api",
    "database",
    "postgres_database",
    "postgres_server",
    "postgres_template",
    "sqlite_database",
    "sqlite_template",
]
