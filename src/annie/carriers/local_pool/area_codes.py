"""US area codes: in which state each lies, and which are near."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _states() -> dict[str, Any]:
    return json.loads(files("annie.carriers.local_pool").joinpath("area_codes.json").read_text())


@cache
def _state_by_code() -> dict[str, str]:
    return {code: state for state, facts in _states().items() for code in facts["codes"].split()}


def is_valid(area_code: str) -> bool:
    """Whether ``area_code`` is a geographic code of the United States."""
    return area_code in _state_by_code()


def of_state(state: str) -> list[str]:
    """Codes of a state ("NY" or "New York"), in their order; empty for what is none."""
    wanted = " ".join(state.split()).upper()
    for letters, facts in _states().items():
        if wanted in (letters, facts["name"].upper()):
            return facts["codes"].split()
    return []


def all_codes() -> list[str]:
    """Every code, in its order."""
    return sorted(_state_by_code())


def nearby(area_code: str) -> list[str]:
    """The other codes of the state, then those of the states around it."""
    state = _state_by_code().get(area_code)
    if state is None:
        return []
    around = [state, *_states()[state]["neighbours"].split()]
    return [code for each in around for code in of_state(each) if code != area_code]


def state_of(area_code: str) -> str:
    """The state's two letters; empty for what is no code."""
    return _state_by_code().get(area_code, "")
