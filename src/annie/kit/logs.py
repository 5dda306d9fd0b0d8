"""Log lines of a process: a static event name, and its data as ``key=value``."""

import json
import logging
import os
import sys
from typing import Any, Final

from annie.kit.settings import LOG_LEVELS

#: Keys that may hold personal data; their values are only shown when debugging.
PERSONAL_KEYS: Final = frozenset({"caller", "caller_name", "content", "number", "text"})

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class EventFormatter(logging.Formatter):
    """Appends what was given as ``extra`` to the line; hides personal data above DEBUG."""

    def __init__(self, process: str, *, personal: bool = False) -> None:
        super().__init__(f"%(asctime)s %(levelname)s {process} %(name)s %(message)s")
        self._personal = personal

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        extras = [
            f"{key}={self._shown(key, value)}"
            for key, value in vars(record).items()
            if key not in _STANDARD
        ]
        return " ".join((super().formatMessage(record), *extras))

    def _shown(self, key: str, value: Any) -> str:
        if key in PERSONAL_KEYS and not self._personal:
            return "[hidden]"
        return json.dumps(value, default=str, ensure_ascii=False)


def configure(process: str) -> None:
    """Log to standard error at ``ANNIE_LOG_LEVEL`` (default ``INFO``), as process ``process``.

    A level that doesn't exist is for the settings to complain of.
    """
    level = os.environ.get("ANNIE_LOG_LEVEL", "").upper()
    level = level if level in LOG_LEVELS else "INFO"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(EventFormatter(process, personal=level == "DEBUG"))
    # Of what libraries tell at INFO, nothing concerns who runs Annie.
    logging.basicConfig(level="WARNING" if level == "INFO" else level, handlers=[handler])
    logging.getLogger("annie").setLevel(level)
