"""``{{variable}}`` in trained texts: replaced by what it stands for, before anybody hears it."""

import re
from collections.abc import Mapping
from typing import Final

_PLACEHOLDER: Final = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)


class UnfilledError(ValueError):
    """A placeholder has no value; ``name`` is what stands between the braces."""

    def __init__(self, name: str) -> None:
        super().__init__(f"nothing is known for {{{{{name}}}}}")
        self.name = name


def fill(text: str, values: Mapping[str, str]) -> str:
    """``text`` with each ``{{name}}`` replaced by ``values[name]``; values are taken as they are.

    Raises:
        UnfilledError: a name that ``values`` lacks or has empty, or braces that don't match.
    """

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if not values.get(name):
            raise UnfilledError(name)
        return values[name]

    for braces in ("{{", "}}"):
        if braces in _PLACEHOLDER.sub("", text):
            raise UnfilledError(braces)
    return _PLACEHOLDER.sub(value, text)
