"""Interruptions: ``python -m bench.interruptions [--quick] [--half 0|1] [--each] [--no-wire]``."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from bench.interruptions.measure import in_virtual_time, on_the_wire, report
from bench.table import table
from tests.interop.annie_server import annie_server


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="bench.interruptions", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one version of each sound")
    parser.add_argument("--half", type=int, choices=(0, 1), default=1, help="0 is for tuning")
    parser.add_argument("--each", action="store_true", help="also print every moment")
    parser.add_argument("--no-wire", action="store_true", help="in virtual time only")
    arguments = parser.parse_args()
    outcomes = asyncio.run(in_virtual_time(arguments.half, 1 if arguments.quick else 2))
    print(report(outcomes, each=arguments.each), flush=True)
    if arguments.no_wire:
        return
    with (
        tempfile.TemporaryDirectory(prefix="annie-bench-") as directory,
        annie_server(Path(directory)) as annie,
    ):
        print(table(on_the_wire(annie, arguments.half, 1 if arguments.quick else 2)))


if __name__ == "__main__":
    main()
