"""What ``annie call`` is to do, as read from its arguments."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from annie.kit.language import Language

CODES = {language.code: language for language in Language}


@dataclass(slots=True, frozen=True)
class Step:
    """One thing that the caller does."""

    kind: Literal["say", "wav", "digits"]
    value: str


class AppendStep(argparse.Action):
    """Keeps ``--say``, ``--wav`` and ``--digits`` in the order in which they were given."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        steps: list[Step] = [*(getattr(namespace, "steps", None) or [])]
        kind = (option_string or "").lstrip("-")
        assert kind in ("say", "wav", "digits")  # noqa: S101 - only those use this action
        steps.append(Step(kind, str(values)))
        namespace.steps = steps


@dataclass(slots=True, frozen=True)
class CallPlan:
    """What one ``annie call`` is to do."""

    target: str
    caller: str
    steps: Sequence[Step]
    language: Language | None
    record: Path | None
    timeout: float

    @classmethod
    def from_arguments(cls, arguments: argparse.Namespace) -> "CallPlan":
        return cls(
            target=arguments.number,
            caller=arguments.caller,
            steps=tuple(getattr(arguments, "steps", None) or ()),
            language=CODES.get(arguments.language or ""),
            record=arguments.record,
            timeout=arguments.timeout,
        )
