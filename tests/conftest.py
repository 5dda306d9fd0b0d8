"""Every test module names its category; a module that doesn't is refused."""

import os

import pytest

# Whole programs are tested without natural voices being made in the background; the tests
# of these ask for them.
os.environ.setdefault("ANNIE_NATURAL_VOICES", "0")

# One database server for the whole run.
pytest_plugins = ["tests.records_support"]

CATEGORIES = {"unit", "integration", "interop", "browser", "bench"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        named = CATEGORIES & {mark.name for mark in item.iter_markers()}
        if len(named) != 1:
            raise pytest.UsageError(
                f"{item.nodeid}: the module must name exactly one category with "
                f"pytestmark = pytest.mark.<one of {', '.join(sorted(CATEGORIES))}>"
            )
