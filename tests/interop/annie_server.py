"""A real ``annie serve`` in a directory of its own, for tests that ring it."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

READY_SECONDS = 120.0


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that nobody listens on now, for UDP and TCP alike."""
    for _ in range(50):
        with socket.socket(socket.AF_INET, kind) as first:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            other = socket.SOCK_DGRAM if kind is socket.SOCK_STREAM else socket.SOCK_STREAM
            with contextlib.suppress(OSError), socket.socket(socket.AF_INET, other) as second:
                second.bind(("127.0.0.1", port))
                return port
    raise RuntimeError("no port is free for both UDP and TCP")


@dataclass(slots=True)
class AnnieServer:
    """What a person reads on the screen after ``annie serve``, and the API behind it."""

    process: subprocess.Popen[str]
    directory: Path
    http_port: int
    sip_port: int
    key: str = ""
    screen: str = ""
    numbers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def api(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.http_port}/v1",
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=20.0,
        )

    def pids(self) -> dict[str, int]:
        """Process ids of the supervised processes."""
        found: dict[str, int] = {}
        listing = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        for line in listing.splitlines():
            pid, _, command = line.strip().partition(" ")
            for name, module in (
                ("edge", "annie.edge"),
                ("voice", "annie.calls"),
                ("app", "annie.app"),
            ):
                if f"-m {module} " in command:
                    found[name] = int(pid)
        return found

    def healthy(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            answer = httpx.get(f"http://127.0.0.1:{self.http_port}/healthz", timeout=2.0)
            return answer.status_code == 200
        return False

    def until_healthy(self, seconds: float) -> float:
        """Seconds until the health check says 200; raises after ``seconds``."""
        began = time.monotonic()
        while not self.healthy():
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"not healthy within {seconds} s")
            time.sleep(0.02)
        return time.monotonic() - began


@contextlib.contextmanager
def annie_server(directory: Path, **environment: str) -> Generator[AnnieServer]:
    """Start, wait until ready, and end again by SIGTERM."""
    http_port, sip_port = free_port(), free_port(socket.SOCK_DGRAM)
    log = (directory / "serve.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "annie", "serve"],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        cwd=directory,
        env={
            **os.environ,
            "ANNIE_PORT": str(http_port),
            "ANNIE_SIP": f"127.0.0.1:{sip_port}",
            "ANNIE_DATA": str(directory / "data"),
            "ANNIE_RATE_LIMIT": "0",
            **environment,
        },
    )
    server = AnnieServer(process, directory, http_port, sip_port)
    try:
        _read_screen(server, log.name)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(45.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        log.close()


def _read_screen(server: AnnieServer, log: str) -> None:
    assert server.process.stdout is not None
    lines: list[str] = []
    for line in server.process.stdout:
        lines.append(line)
        if key := re.search(r"(annie-sk-v1-\S+)", line):
            server.key = key.group(1)
        if number := re.search(r"number\s+(\+1\d{10})\s+(ENGLISH|SPANISH|FRENCH)", line):
            server.numbers[number.group(2)] = number.group(1)
        if "Try " in line or "Next " in line:
            server.screen = "".join(lines)
            return
    raise RuntimeError(f"annie serve ended early:\n{''.join(lines)}\n{Path(log).read_text()}")
