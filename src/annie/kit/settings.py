"""What can be configured, from command line and environment.

Given values win over ``ANNIE_*`` variables, those over defaults.
"""

import hashlib
import ipaddress
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
#: ``sockaddr_un.sun_path`` holds 108 bytes on Linux and 104 elsewhere.
_MAX_SOCKET_PATH = 100


#: What the edge can speak, as in SDP.
CODECS: Final = ("PCMU", "PCMA", "G722")


#: Where the accounts of callers stand: never on a command line, which everybody can read.
ACCOUNTS: Final = "ANNIE_SIP_ACCOUNTS"


class SettingsError(Exception):
    """A setting can't be used; the message says which, why, and what would do."""


def read_accounts(text: str) -> dict[str, str]:
    """Passwords by user name, from ``user:password`` pairs separated by commas.

    Raises:
        SettingsError: a pair is none; no password is repeated in the message.
    """
    accounts: dict[str, str] = {}
    for number, pair in enumerate(filter(None, map(str.strip, text.split(","))), start=1):
        user, _, password = pair.partition(":")
        if not user or not password or user in accounts or not pair.isprintable():
            raise SettingsError(
                f"entry {number} of {ACCOUNTS} is no account of its own; give user:password "
                "pairs separated by commas, such as pbx:long-secret"
            )
        accounts[user] = password
    return accounts


@dataclass(slots=True, frozen=True)
class Settings:
    """Everything that a process of ours is told when it starts."""

    host: str
    port: int
    #: Host and port of the SIP user agent, UDP and TCP.
    sip: tuple[str, int]
    data: Path
    database_url: str
    no_demo: bool
    #: Requests a minute and organization; 0 is no limit.
    rate_limit: int
    #: Networks that may call in, beyond loopback and private ones (CIDR).
    sip_allow: tuple[str, ...]
    #: Networks whose P-Asserted-Identity is believed (CIDR).
    sip_trusted: tuple[str, ...]
    #: Networks that may call in after they have proved to be one of ``sip_accounts`` (CIDR).
    sip_challenge: tuple[str, ...] = ()
    #: Passwords by user name.
    sip_accounts: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    #: Codecs that are spoken, in the order of our own offers.
    sip_codecs: tuple[str, ...] = CODECS
    #: Seconds without a packet after which a caller is given up; 0 is never.
    media_timeout: int = 30
    #: What is known beforehand is spoken by the natural voices, where they are installed.
    natural_voices: bool = True
    #: The least grave log lines that are written.
    log_level: str = "INFO"

    @property
    def recordings_dir(self) -> Path:
        return self.data / "recordings"

    @property
    def backlog_dir(self) -> Path:
        """Parts of records that the database couldn't take yet."""
        return self.data / "unwritten"

    @property
    def models_dir(self) -> Path:
        return self.data / "models"

    @property
    def voices_dir(self) -> Path:
        """What the natural voices have made ahead."""
        return self.data / "voices"

    @property
    def run_dir(self) -> Path:
        """Sockets and state of running processes.

        Beside the data, unless that path is too long for a Unix socket's name.
        """
        beside = self.data / "run"
        if len(os.fsencode(beside / "link.sock")) <= _MAX_SOCKET_PATH:
            return beside
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"annie-{digest}"

    @property
    def link_socket(self) -> Path:
        """The Unix socket between edge and voice."""
        return self.run_dir / "link.sock"

    @classmethod
    def from_environment(
        cls,
        overrides: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> "Settings":
        """Settings from ``overrides`` (by attribute name), then the environment, then defaults.

        Raises:
            SettingsError: a value can't be used.
        """
        read = _Reader(overrides or {}, os.environ if environment is None else environment)
        challenge = read.networks("sip_challenge", "ANNIE_SIP_CHALLENGE")
        accounts = read_accounts(read.text("sip_accounts", ACCOUNTS, ""))
        if challenge and not accounts:
            raise SettingsError(
                f"ANNIE_SIP_CHALLENGE is set, but nobody could pass: give {ACCOUNTS} "
                "user:password pairs"
            )
        data = Path(read.text("data", "ANNIE_DATA", "./.annie")).expanduser().absolute()
        return cls(
            host=read.text("host", "ANNIE_HOST", "127.0.0.1"),
            port=read.integer("port", "ANNIE_PORT", 8080, 0, 65535, "a port from 1 to 65535"),
            sip=read.endpoint("sip", "ANNIE_SIP", "127.0.0.1:5060"),
            data=data,
            database_url=read.text(
                "database_url", "ANNIE_DATABASE_URL", f"sqlite+aiosqlite:///{data}/annie.db"
            ),
            no_demo=read.flag("no_demo", "ANNIE_NO_DEMO"),
            rate_limit=read.integer(
                "rate_limit",
                "ANNIE_RATE_LIMIT",
                60,
                0,
                1_000_000_000,
                "how many requests a minute an organization may send (0 for no limit)",
            ),
            sip_allow=read.networks("sip_allow", "ANNIE_SIP_ALLOW"),
            sip_trusted=read.networks("sip_trusted", "ANNIE_SIP_TRUSTED"),
            sip_challenge=challenge,
            sip_accounts=accounts,
            sip_codecs=read.several("sip_codecs", "ANNIE_SIP_CODECS", CODECS),
            media_timeout=read.integer(
                "media_timeout",
                "ANNIE_MEDIA_TIMEOUT",
                30,
                0,
                86_400,
                "how many seconds a caller may send nothing (0 for any time)",
            ),
            natural_voices=read.flag("natural_voices", "ANNIE_NATURAL_VOICES", default=True),
            log_level=read.choice("log_level", "ANNIE_LOG_LEVEL", "INFO", LOG_LEVELS),
        )


@dataclass(slots=True, frozen=True)
class _Reader:
    overrides: Mapping[str, Any]
    environment: Mapping[str, str]

    def _raw(self, name: str, variable: str) -> tuple[str, Any]:
        """Where the value comes from, in the words of whoever gave it, and the value."""
        given = self.overrides.get(name)
        if given is not None:
            return f"--{name.replace('_', '-')}", given
        return variable, self.environment.get(variable, "").strip() or None

    def text(self, name: str, variable: str, default: str) -> str:
        _, value = self._raw(name, variable)
        return default if value is None else str(value)

    def integer(
        self, name: str, variable: str, default: int, low: int, high: int, wanted: str
    ) -> int:
        source, value = self._raw(name, variable)
        if value is None:
            return default
        try:
            number = int(str(value))
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise SettingsError(f"{source} is {value!r}; give {wanted}, such as {default}")
        return number

    def choice(self, name: str, variable: str, default: str, choices: Sequence[str]) -> str:
        source, value = self._raw(name, variable)
        word = default if value is None else str(value).upper()
        if word not in choices:
            raise SettingsError(f"{source} is {value!r}; give one of {', '.join(choices)}")
        return word

    def several(self, name: str, variable: str, choices: tuple[str, ...]) -> tuple[str, ...]:
        """Some of ``choices``, each once, in any order; all of them by default."""
        source, value = self._raw(name, variable)
        if value is None:
            return choices
        words = tuple(word.strip() for word in str(value).upper().split(","))
        if not set(words) <= set(choices) or len(set(words)) != len(words):
            raise SettingsError(f"{source} is {value!r}; give some of {','.join(choices)}")
        return words

    def flag(self, name: str, variable: str, *, default: bool = False) -> bool:
        source, value = self._raw(name, variable)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        word = str(value).lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("0", "false", "no", "off"):
            return False
        raise SettingsError(f"{source} is {value!r}; give 1 or 0")

    def endpoint(self, name: str, variable: str, default: str) -> tuple[str, int]:
        source, value = self._raw(name, variable)
        text = default if value is None else str(value)
        host, colon, port = text.rpartition(":")
        host = host.strip("[]")
        if not colon or not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
            raise SettingsError(f"{source} is {text!r}; give HOST:PORT, such as {default}")
        return host, int(port)

    def networks(self, name: str, variable: str) -> tuple[str, ...]:
        source, value = self._raw(name, variable)
        if value is None:
            return ()
        items: list[str] = value.split(",") if isinstance(value, str) else [str(v) for v in value]
        networks: list[str] = []
        for item in filter(None, (item.strip() for item in items)):
            try:
                networks.append(str(ipaddress.ip_network(item, strict=False)))
            except ValueError as error:
                raise SettingsError(
                    f"{source} names {item!r}, which is no network; "
                    "give addresses or CIDRs separated by commas, such as 203.0.113.0/24"
                ) from error
        return tuple(networks)
