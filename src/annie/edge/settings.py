"""How an edge process is set up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from annie.edge.access import Network
from annie.edge.media import MEDIA_TIMEOUT
from annie.edge.rtp.codec import CodecName
from annie.edge.sip.offer_answer import CODECS


@dataclass(slots=True, frozen=True)
class EdgeSettings:
    """How the edge is reached. ``media_host`` empty: the SIP host as peers see it.

    A caller of whom nothing is heard for ``media_timeout`` seconds is given up; 0: never.
    Running calls are kept in ``calls_dir``, from where the next process takes them over;
    without it they end with this one. Callers from ``challenged`` networks that aren't
    ``allowed`` by name have to prove to be one of ``accounts`` (passwords by user name).
    """

    sip_host: str
    sip_port: int
    socket: Path
    allowed: tuple[Network, ...] = ()
    trusted: tuple[Network, ...] | None = None
    first_rtp_port: int = 16384
    last_rtp_port: int = 32767
    media_host: str = ""
    max_calls: int = 1000
    media_timeout: float = MEDIA_TIMEOUT
    codecs: tuple[CodecName, ...] = CODECS
    calls_dir: Path | None = None
    challenged: tuple[Network, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
