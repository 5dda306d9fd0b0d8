"""Processes are killed under live calls: ``python -m bench.losses [--calls 50]``.

For each process of `annie serve`, with all calls on the line: how many calls go on, how
long the line is silent at its longest (edge), how soon the caller is told to wait (voice),
and when Annie speaks again. Against the spacing of packets when nothing happens.
"""

import argparse
import asyncio
import itertools
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench.phone import Line, Phones
from bench.table import Row, table
from tests.interop.annie_server import AnnieServer, annie_server

#: Seconds for greetings to have been heard, and for everything to be as before.
SETTLED = 8.0
AFTER = 25.0
#: Of these callers' packets the usual spacing is taken.
QUIET = 2.0


async def lose(annie: AnnieServer, name: str, calls: int) -> list[Row]:
    """Kill one process under ``calls`` calls, and look at what each caller got."""
    number = annie.numbers["ENGLISH"]
    async with Phones(annie.sip_port) as phones:
        lines = [await phones.dial(number) for _ in range(calls)]
        await asyncio.sleep(SETTLED)
        before = time.monotonic()
        await asyncio.sleep(QUIET)
        killed = time.monotonic()
        os.kill(annie.pids()[name], signal.SIGKILL)
        await asyncio.sleep(AFTER)
        alive = [line for line in lines if not line.ended.is_set()]
        spacing = [_longest(line, before, killed) for line in lines]
        gaps = [_longest(line, killed - 0.05, killed + 10.0) for line in alive]
        sounds = [
            1000 * (at - killed) for line in alive if (at := line.first_sound(killed)) is not None
        ]
        rows = [
            Row(f"{name} killed: calls that went on, of {calls}", [float(len(alive))], ""),
            Row(f"{name} killed: longest silence of packets", gaps, "ms"),
            Row("… the same while nothing happens", spacing, "ms"),
            Row(f"{name} killed → the caller hears Annie", sounds, "ms"),
        ]
        for line in alive:
            await phones.release(line)
    return rows


def _longest(line: Line, start: float, end: float) -> float:
    """Milliseconds between two packets at most, within a span that packets surround."""
    within = [at for at in line.arrivals if start <= at <= end]
    return max((1000 * (b - a) for a, b in itertools.pairwise(within)), default=1e9)


async def _all(annie: AnnieServer, calls: int) -> list[Row]:
    rows: list[Row] = []
    for name in ("edge", "voice", "app"):
        print(f"{name}, {calls} calls …", file=sys.stderr, flush=True)
        rows += await lose(annie, name, calls)
        annie.until_healthy(30.0)
        await asyncio.sleep(5.0)
    return rows


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=50)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="annie-losses-") as directory,
        annie_server(Path(directory)) as annie,
    ):
        print(table(asyncio.run(_all(annie, arguments.calls))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
