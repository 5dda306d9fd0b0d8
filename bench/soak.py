"""Thousands of short calls through `annie serve`: ``make soak``, ``python -m bench.soak``.

Callers ring, are greeted, and hang up at any moment; some give up before the answer,
some dial what nobody holds. Meanwhile memory, open files and threads of each process
are watched. In the end every answered call must have a record with an end reason.
Exit status 1 when something grew or is missing.
"""

import argparse
import asyncio
import contextlib
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx

from bench.phone import Line, Phones
from bench.processes import annie_usage
from tests.interop.annie_server import AnnieServer, annie_server

UNKNOWN = "+12125550177"
SAMPLE_SECONDS = 10.0
RECORDS_SECONDS = 60.0
#: What a process may grow between the end of the first fifth of the calls and the end (MiB).
GROWTH_MIB = 40.0
GREETED_SECONDS = 10.0
#: Engines are loaded after the first calls can be taken; that start is not what is tested.
LOADING_SECONDS = 8.0


class Soak:
    """All calls, and what became of them."""

    def __init__(self, annie: AnnieServer, calls: int, at_once: int, seed: int) -> None:
        self._annie = annie
        self._left = calls
        self._calls = calls
        self._at_once = at_once
        self._random = random.Random(seed)
        self.outcomes: Counter[str] = Counter()
        self.samples: list[dict[str, float]] = []

    async def run(self) -> None:
        """Place every call."""
        await asyncio.sleep(LOADING_SECONDS)
        async with Phones(self._annie.sip_port) as phones:
            watching = asyncio.create_task(self._watch())
            await asyncio.gather(*(self._caller(phones) for _ in range(self._at_once)))
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching

    async def _caller(self, phones: Phones) -> None:
        while self._left > 0:
            self._left -= 1
            try:
                self.outcomes[await self._call(phones)] += 1
            except (TimeoutError, OSError) as error:
                self.outcomes[f"failed: {error!r}"] += 1

    async def _call(self, phones: Phones) -> str:
        kind = self._random.random()
        if kind < 0.05:
            line = await phones.dial(UNKNOWN)
            await phones.release(line)
            return "refused" if not line.answered_at else "answered by mistake"
        number = self._random.choice(list(self._annie.numbers.values()))
        line = await phones.dial(number)
        if not line.answered_at:
            await phones.release(line)
            if "503" not in line.reason:
                return f"not answered: {line.reason}"
            await asyncio.sleep(self._random.uniform(0.5, 2.0))
            return "refused for load"
        greeted = await self._greeted(line) if kind < 0.9 else True
        await asyncio.sleep(self._random.uniform(0.0, 1.5))
        ended = await phones.release(line)
        if not greeted:
            return "never greeted"
        return "answered" if ended else "never ended"

    async def _greeted(self, line: Line) -> bool:
        end = time.monotonic() + GREETED_SECONDS
        while time.monotonic() < end and not line.ended.is_set():
            if line.first_sound(line.answered_at):
                return True
            await asyncio.sleep(0.05)
        return False

    async def _watch(self) -> None:
        began = time.monotonic()
        while True:
            sample = look(self._annie)
            self.samples.append(sample)
            done = self._calls - max(self._left, 0)
            figures = "  ".join(f"{name} {value:.0f}" for name, value in sample.items())
            print(
                f"{time.monotonic() - began:7.0f} s  {done:6d} calls  {figures}",
                file=sys.stderr,
                flush=True,
            )
            await asyncio.sleep(SAMPLE_SECONDS)


def look(annie: AnnieServer) -> dict[str, float]:
    """Memory (MiB), open files and threads of each process."""
    usage = annie_usage(annie)
    found: dict[str, float] = {}
    for name, pid in annie.pids().items():
        found[f"{name} MiB"] = usage.memory[name] / 2**20
        found[f"{name} files"] = len(os.listdir(f"/proc/{pid}/fd"))
        found[f"{name} threads"] = len(os.listdir(f"/proc/{pid}/task"))
    return found


def records(annie: AnnieServer, expected: int) -> Counter[str]:
    """End reasons of all conversations; waits until there are ``expected`` closed ones."""
    end = time.monotonic() + RECORDS_SECONDS
    with annie.api as api:
        while True:
            found = Counter(_all(api))
            if (sum(found.values()) >= expected and not found["open"]) or time.monotonic() > end:
                return found
            time.sleep(1.0)


def _all(api: httpx.Client) -> list[str]:
    reasons: list[str] = []
    while True:
        answer = api.get("/conversations", params={"limit": 100, "offset": len(reasons)})
        page = answer.raise_for_status().json()["data"]["conversations"]
        reasons += [each["endReason"] or "open" for each in page]
        if len(page) < 100:
            return reasons


def complaints(log: Path) -> Counter[str]:
    """What was logged as a warning or worse, and how often."""
    lines = (line.split(maxsplit=6) for line in log.read_text(errors="replace").splitlines())
    return Counter(
        f"{parts[3]} {parts[5]}"
        for parts in lines
        if len(parts) > 5 and parts[2] in ("WARNING", "ERROR")
    )


def grown(samples: list[dict[str, float]]) -> list[str]:
    """What is more at the end than after the first fifth."""
    if len(samples) < 10:
        return []
    early, late = samples[len(samples) // 5], samples[-1]
    allowed = {"MiB": GROWTH_MIB, "files": 100.0, "threads": 4.0}
    return [
        f"{name}: {early[name]:.0f} → {late[name]:.0f}"
        for name in late
        if name in early and late[name] - early[name] > allowed[name.rsplit(" ", 1)[1]]
    ]


async def soak(annie: AnnieServer, calls: int, at_once: int, seed: int) -> int:
    """Run it and print what came of it; the exit status."""
    test = Soak(annie, calls, at_once, seed)
    pids = annie.pids()
    began = time.monotonic()
    await test.run()
    seconds = time.monotonic() - began
    await asyncio.sleep(3.0)
    test.samples.append(look(annie))
    answered = test.outcomes["answered"] + test.outcomes["never greeted"]
    reasons = await asyncio.to_thread(records, annie, answered)
    print(f"{calls} calls in {seconds:.0f} s, {at_once} at once: {dict(test.outcomes)}")
    print(f"log: {dict(complaints(annie.directory / 'serve.log'))}")
    print(f"records: {sum(reasons.values())}, by end reason {dict(reasons)}")
    faults = [f"{count} calls {what}" for what, count in test.outcomes.items() if what not in GOOD]
    faults += grown(test.samples)
    if reasons["open"]:
        faults.append(f"{reasons['open']} records without an end reason")
    if sum(reasons.values()) != answered:
        faults.append(f"{answered} calls answered, {sum(reasons.values())} records")
    if annie.pids() != pids:
        faults.append("a process was started again")
    for fault in faults:
        print(f"FAULT {fault}")
    return 1 if faults else 0


#: A full house says so, and that is no fault.
GOOD = ("answered", "refused", "refused for load")


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="annie-soak-") as directory,
        annie_server(Path(directory)) as annie,
    ):
        return asyncio.run(soak(annie, arguments.calls, arguments.at_once, arguments.seed))


if __name__ == "__main__":
    sys.exit(main())
