"""Pipecat doing our media work, measured: ``python -m bench.peers.pipecat_peer``.

Builds an environment of its own (``bench/.venv-pipecat``) the first time, runs the echo
server and its callers in it, and reads what the server used.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from bench.processes import cpu_seconds
from bench.table import Row, table
from bench.voices import to_ulaw
from tests.interop.annie_server import free_port

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / "bench" / ".venv-pipecat"
READY_SECONDS = 90.0
WARM_UP = 4.0


def interpreter() -> Path:
    """Python of the peer's environment, which is made when it isn't there."""
    python = ENVIRONMENT / "bin" / "python"
    complete = ENVIRONMENT / ".ready"
    if not complete.exists():
        print("bench: installing Pipecat in an environment of its own …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True, timeout=120)
        locked = str(ROOT / "requirements" / "bench-pipecat.txt")
        install = [str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", locked]
        subprocess.run(install, check=True, timeout=900)
        complete.touch()
    return python


def run(calls: int, seconds: float, speech: Path, activity: bool = True) -> dict[str, Any]:
    """CPU (ms a call-second) of the server under ``calls`` calls, and how late it answers."""
    python, port = interpreter(), free_port()
    command = [str(python), str(ROOT / "bench/peers/pipecat_echo.py"), "--port", str(port)]
    server = subprocess.Popen([*command, *([] if activity else ["--no-activity"])])
    try:
        _await_ready(port, server)
        load = [str(python), str(ROOT / "bench/peers/websocket_load.py"), "--port", str(port)]
        load += ["--calls", str(calls), "--seconds", str(seconds + WARM_UP + 2)]
        load += ["--ulaw", str(speech)]
        with subprocess.Popen(load, stdout=subprocess.PIPE, text=True) as callers:
            time.sleep(WARM_UP)
            before, began = cpu_seconds(server.pid), time.monotonic()
            time.sleep(seconds)
            used, wall = cpu_seconds(server.pid) - before, time.monotonic() - began
            output, _ = callers.communicate(timeout=seconds + 60)
        return {"cpu_ms": 1000 * used / wall / calls, **json.loads(output)}
    finally:
        server.terminate()
        try:
            server.wait(10.0)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _await_ready(port: int, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + READY_SECONDS
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/ready", timeout=2.0).raise_for_status()
        except httpx.HTTPError as error:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError("Pipecat did not start") from error
            time.sleep(0.2)
        else:
            return


def measure(speech: bytes, quick: bool) -> list[Row]:
    """CPU and lateness at 1 and 20 calls with voice activity; ``speech`` is µ-law."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="annie-bench-") as directory:
        path = Path(directory) / "speech.ulaw"
        path.write_bytes(speech)
        for calls in (1, 20):
            result = run(calls, 8.0 if quick else 20.0, path)
            rows.append(
                Row(f"{calls} calls: CPU per call-second, Pipecat", [result["cpu_ms"]], "ms")
            )
            rows.append(
                Row(
                    f"{calls} calls: packets late at p99, Pipecat (of 40 ms)",
                    [result["late_p99_ms"]],
                    "ms",
                )
            )
    return rows


def main() -> None:
    """Command line."""
    import asyncio

    from bench.voices import Voices

    async def speech() -> bytes:
        voices = Voices()
        try:
            return to_ulaw(await voices.monologue(20.0))
        finally:
            await voices.close()

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    print(table(measure(asyncio.run(speech()), quick=False)))


if __name__ == "__main__":
    main()
