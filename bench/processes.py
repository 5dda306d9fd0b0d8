"""What processes use, read from /proc."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.interop.annie_server import AnnieServer

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Usage:
    """CPU seconds since their start, and resident bytes (PSS), by name of the process."""

    cpu: dict[str, float]
    memory: dict[str, int]

    @property
    def mebibytes(self) -> float:
        """Memory of all together, MiB."""
        return sum(self.memory.values()) / 2**20


def annie_usage(annie: AnnieServer) -> Usage:
    """What each of Annie's processes with its children used up to now."""
    usage = Usage({"serve": cpu_seconds(annie.process.pid)}, {"serve": _pss(annie.process.pid)})
    for name, pid in annie.pids().items():
        family = [pid, *_children(pid)]
        usage.cpu[name] = sum(map(cpu_seconds, family))
        usage.memory[name] = sum(map(_pss, family))
    return usage


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, in steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _pss(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    pss = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(pss.split()[1]) * 1024


def _children(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    return [int(each) for each in found]
