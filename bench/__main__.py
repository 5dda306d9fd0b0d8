"""Everything that Annie is measured by, in one table: ``make bench`` or ``python -m bench``."""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from bench import api_requests, edge_rtp, live, recognition
from bench.interruptions import measure as interruptions
from bench.peers import pipecat_peer
from bench.table import HEADER, Row
from bench.voices import Voices, to_ulaw
from tests.interop.annie_server import annie_server

Section = Callable[[bool], list[Row]]


def whole_calls(quick: bool) -> list[Row]:
    """`annie serve` as it is run: start, calls, load, requests."""
    with tempfile.TemporaryDirectory(prefix="annie-bench-") as directory:
        began = time.monotonic()
        with annie_server(Path(directory)) as annie:
            rows = [Row("annie serve → ready", [time.monotonic() - began], "s", "≤ 5")]
            rows += asyncio.run(live.measure(annie, quick))
            rows += asyncio.run(api_requests.measure(annie, quick))
    return rows


def edge_alone(quick: bool) -> list[Row]:
    """The edge's media engine with synthetic calls."""
    rows: list[Row] = []
    alone = edge_rtp.run([200] if quick else [100, 200, 400], 10.0)
    (crowded,) = edge_rtp.run([200], 10.0, busy=2)
    rows.append(
        Row(
            "edge, 200 calls beside two busy processes: late at p99",
            [crowded["late_p99_ms"]],
            "ms",
            "as without",
        )
    )
    for result in alone:
        calls = result["calls"]
        rows += [
            Row(f"edge alone, {calls} calls: CPU of a core", [result["cpu_percent"]], "%"),
            Row(
                f"edge alone, {calls} calls: packets late at p99",
                [result["late_p99_ms"]],
                "ms",
                "≤ 5 at 400",
            ),
        ]
    return rows


def peer(quick: bool) -> list[Row]:
    """Pipecat at the same work."""

    async def speech() -> bytes:
        voices = Voices()
        try:
            return to_ulaw(await voices.monologue(20.0))
        finally:
            await voices.close()

    return pipecat_peer.measure(asyncio.run(speech()), quick)


def recognized(quick: bool) -> list[Row]:
    """Word error rates."""
    return asyncio.run(recognition.measure(quick))


def interrupted(quick: bool) -> list[Row]:
    """Coughs, echoes, back-channels and real interruptions while Annie speaks."""
    rows = interruptions.rows(asyncio.run(interruptions.in_virtual_time(1, 1 if quick else 2)))
    with (
        tempfile.TemporaryDirectory(prefix="annie-bench-") as directory,
        annie_server(Path(directory)) as annie,
    ):
        return rows + interruptions.on_the_wire(annie, 1, 1)


SECTIONS: dict[str, Section] = {
    "calls": whole_calls,
    "edge": edge_alone,
    "recognition": recognized,
    "interruptions": interrupted,
    "pipecat": peer,
}


def _compared(rows: list[Row]) -> list[Row]:
    """Our cost of a call beside the peer's, where both were measured."""
    by_name = {row.name: row for row in rows}
    compared: list[Row] = []
    for row in rows:
        for calls in (1, 20):
            other = by_name.get(f"{calls} calls: CPU per call-second, Pipecat")
            if row.name == live.cost_name(calls) and other is not None:
                row = replace(row, ratio=f"{row.median / other.median:.2f} of Pipecat")
        compared.append(row)
    return compared


def main() -> int:
    """Command line; 1 when a section failed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--only", help=f"sections, of {','.join(SECTIONS)}")
    parser.add_argument("--json", type=Path, help="also write every value there")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",") if arguments.only else list(SECTIONS)
    for name in chosen:
        if name not in SECTIONS:
            parser.error(f"there is no section {name!r}; choose of {', '.join(SECTIONS)}")
    rows: list[Row] = []
    failed = False
    for name in chosen:
        print(f"bench: {name} …", file=sys.stderr, flush=True)
        try:
            rows += SECTIONS[name](arguments.quick)
        except Exception as error:
            failed = True
            print(f"bench: {name} failed: {error!r}", file=sys.stderr)
    rows = _compared(rows)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    print(HEADER)
    for row in rows:
        print(row.line())
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
