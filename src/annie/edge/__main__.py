"""``python -m annie.edge``: the edge process."""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import uvloop

from annie.edge.access import Network, parse_networks
from annie.edge.connections import MAX_CONNECTIONS
from annie.edge.link import SocketInUse
from annie.edge.media import MEDIA_TIMEOUT
from annie.edge.rtp.codec import CodecName
from annie.edge.server import DRAIN, Edge
from annie.edge.settings import EdgeSettings
from annie.edge.sip.offer_answer import CODECS
from annie.kit import heartbeat, logs
from annie.kit.settings import ACCOUNTS, SettingsError, read_accounts

EXIT_UNUSABLE: Final = 2
#: Ahead of everything else on the machine, but never real-time: under a real-time
#: priority the scheduler throttles us for tens of milliseconds at a time.
NICENESS: Final = -10
#: Files besides the sockets of calls: SIP connections, the link, the interpreter's own.
_OTHER_FILES: Final = 256 + MAX_CONNECTIONS

logger = logging.getLogger("annie.edge")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT. Returns 0 after draining, 2 if it can't start."""
    options = _parser().parse_args(arguments)
    logs.configure("edge")
    try:
        accounts = read_accounts(os.environ.get(ACCOUNTS, ""))
    except SettingsError as error:
        print(f"annie edge: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    settings = EdgeSettings(
        sip_host=options.sip[0],
        sip_port=options.sip[1],
        socket=options.socket,
        allowed=tuple(network for networks in options.allow for network in networks),
        trusted=tuple(network for networks in options.trusted for network in networks) or None,
        first_rtp_port=options.rtp_ports[0],
        last_rtp_port=options.rtp_ports[1],
        media_host=options.media_host,
        max_calls=options.max_calls,
        media_timeout=options.media_timeout,
        codecs=options.codecs,
        challenged=tuple(network for networks in options.challenge for network in networks),
        accounts=accounts,
        calls_dir=options.calls_dir or options.socket.parent / "calls",
    )
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    _allow_sockets(2 * settings.max_calls + _OTHER_FILES)
    return uvloop.run(_serve(settings, options.drain_seconds))


def _allow_sockets(wanted: int) -> None:
    """Two sockets a call soon exceed the usual limit of 1024 open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
        if most < wanted:
            logger.warning("few_files", extra={"allowed": most, "wanted": wanted})


async def _serve(settings: EdgeSettings, drain_seconds: float) -> int:
    stop = asyncio.Event()
    now = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            now.set()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    edge = Edge(settings)
    try:
        await edge.start()
    except SocketInUse as error:
        print(f"annie edge: {error}. Stop it, or give --socket another path.", file=sys.stderr)
        return EXIT_UNUSABLE
    except OSError as error:
        print(
            f"annie edge: can't listen for SIP on {settings.sip_host}:{settings.sip_port} or on "
            f"{settings.socket}: {error.strerror or error}. Stop what uses the port "
            f"(`ss -ulpn 'sport = :{settings.sip_port}'` shows it), or give --sip another one.",
            file=sys.stderr,
        )
        return EXIT_UNUSABLE
    # What stands now lives as long as the process: the collector need never look at it again.
    gc.collect()
    gc.freeze()
    print(f"edge_ready sip={settings.sip_host}:{edge.port} socket={settings.socket}", flush=True)
    beating = asyncio.create_task(heartbeat.beat("edge"))
    await stop.wait()
    draining = asyncio.ensure_future(edge.drain(drain_seconds))
    impatient = asyncio.ensure_future(now.wait())
    await asyncio.wait({draining, impatient}, return_when=asyncio.FIRST_COMPLETED)
    impatient.cancel()
    if not draining.done():
        draining.cancel()
        await edge.drain(0.0)
    await edge.close()
    beating.cancel()
    logger.info("edge_stopped", extra=_media_summary(edge))
    return 0


def _media_summary(edge: Edge) -> dict[str, float]:
    lateness = edge.media.lateness
    return {
        "packets": lateness.count,
        "late_p50_ms": round(lateness.quantile(0.5) * 1000, 2),
        "late_p99_ms": round(lateness.quantile(0.99) * 1000, 2),
        "late_max_ms": round(lateness.worst * 1000, 2),
        "skipped_ticks": edge.media.skipped_ticks,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m annie.edge",
        description="Answers SIP calls and passes their audio to voice processes.",
    )
    parser.add_argument("--sip", type=_host_port, default=("127.0.0.1", 5060), metavar="HOST:PORT")
    parser.add_argument("--socket", type=Path, required=True, metavar="PATH")
    parser.add_argument(
        "--allow",
        type=_networks,
        action="append",
        default=[],
        metavar="CIDR",
        help="who may call besides loopback and private networks (repeatable)",
    )
    parser.add_argument(
        "--trusted",
        type=_networks,
        action="append",
        default=[],
        metavar="CIDR",
        help="whose asserted identity is believed (repeatable; default: whoever may call)",
    )
    parser.add_argument(
        "--challenge",
        type=_networks,
        action="append",
        default=[],
        metavar="CIDR",
        help=f"who may call after proving to be one of {ACCOUNTS} (repeatable)",
    )
    parser.add_argument(
        "--rtp-ports", type=_port_range, default=(16384, 32767), metavar="FIRST-LAST"
    )
    parser.add_argument(
        "--media-host", default="", metavar="HOST", help="our address as peers see it"
    )
    parser.add_argument("--max-calls", type=int, default=1000, metavar="N")
    parser.add_argument(
        "--codecs",
        type=_codecs,
        default=CODECS,
        metavar="LIST",
        help=f"what to speak, in the order of our own offers (default {','.join(CODECS)})",
    )
    parser.add_argument(
        "--media-timeout",
        type=float,
        default=MEDIA_TIMEOUT,
        metavar="S",
        help="give up a caller of whom nothing was heard for so long (0: never)",
    )
    parser.add_argument(
        "--calls-dir",
        type=Path,
        metavar="PATH",
        help="where running calls are kept for a process that takes them over "
        "(default: calls, beside the socket)",
    )
    parser.add_argument("--drain-seconds", type=float, default=DRAIN, metavar="S")
    return parser


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return parse_networks(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _codecs(text: str) -> tuple[CodecName, ...]:
    names = text.upper().split(",")
    if not set(names) <= set(CODECS) or len(set(names)) != len(names):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of {', '.join(CODECS)}")
    return tuple(cast(CodecName, name) for name in names)


def _host_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host.strip("[]"), int(port)


def _port_range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not first.isdigit() or not last.isdigit() or not int(first) < int(last) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not FIRST-LAST")
    return int(first), int(last)


if __name__ == "__main__":
    raise SystemExit(main())
