"""Requests a second: ``python -m bench.api_requests``.

``GET /v1/phone-numbers`` (key checked, rate counted, rows of the tenant read from the
database, checked against the schema) beside a route of the bare framework that answers
a constant of the same size, under the same server.
"""

import argparse
import asyncio
import contextlib
import socket
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI, Response

from bench.table import Row, table
from tests.interop.annie_server import AnnieServer, annie_server

CONNECTIONS = 8
READY_SECONDS = 20.0


async def _connection(port: int, request: bytes, until: float, times: list[float]) -> None:
    """One kept-alive connection that asks again as soon as it has its answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while time.monotonic() < until:
            began = time.monotonic()
            writer.write(request)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10.0)
            assert head.startswith(b"HTTP/1.1 200"), head
            length = head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]
            await asyncio.wait_for(reader.readexactly(int(length)), 10.0)
            times.append((time.monotonic() - began) * 1000)
    finally:
        writer.close()


async def _rate(port: int, path: str, key: str, seconds: float) -> tuple[float, list[float]]:
    """Requests a second, and the time of each (ms)."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n\r\n"
    ).encode()
    times: list[float] = []
    began = time.monotonic()
    await asyncio.gather(
        *(_connection(port, request, began + seconds, times) for _ in range(CONNECTIONS))
    )
    return len(times) / (time.monotonic() - began), times


@contextlib.asynccontextmanager
async def _bare(size: int) -> AsyncGenerator[int]:
    """The framework alone, in a process of its own; gives its port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "bench.api_requests", "--bare", str(port), "--size", str(size)]
    process = await asyncio.create_subprocess_exec(*command)
    try:
        end = time.monotonic() + READY_SECONDS
        async with httpx.AsyncClient() as client:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    await client.get(f"http://127.0.0.1:{port}/numbers")
                    break
                if time.monotonic() > end:
                    raise TimeoutError("the bare route did not start")
                await asyncio.sleep(0.05)
        yield port
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 10.0)


async def measure(annie: AnnieServer, quick: bool) -> list[Row]:
    """Both rates, in turns, so that a noisy neighbour troubles both."""
    with annie.api as api:
        size = len(api.get("/phone-numbers").content)
    ours: list[float] = []
    bare: list[float] = []
    times: list[float] = []
    async with _bare(size) as port:
        for _ in range(1 if quick else 3):
            rate, took = await _rate(annie.http_port, "/v1/phone-numbers", annie.key, 4.0)
            ours.append(rate)
            times += took
            bare.append((await _rate(port, "/numbers", annie.key, 4.0))[0])
    baseline = Row("requests a second, bare framework route", bare, "1/s")
    row = Row("requests a second, GET /v1/phone-numbers", ours, "1/s")
    ratio = f"{row.median / baseline.median:.2f} of the bare route"
    return [
        Row(row.name, ours, "1/s", ratio=ratio),
        baseline,
        Row("  … time of a request, 8 at once", times, "ms"),
    ]


def _serve_bare(port: int, size: int) -> None:
    app = FastAPI()
    body = b"x" * size

    @app.get("/numbers")
    async def numbers() -> Response:  # pyright: ignore[reportUnusedFunction] - it is a route
        return Response(body, media_type="application/json")

    uvicorn.run(
        app, host="127.0.0.1", port=port, http="httptools", log_level="error", access_log=False
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bare", type=int, metavar="PORT", help="only serve the bare route")
    parser.add_argument("--size", type=int, default=1000)
    arguments = parser.parse_args()
    if arguments.bare:
        _serve_bare(arguments.bare, arguments.size)
        return
    with (
        tempfile.TemporaryDirectory(prefix="annie-bench-") as directory,
        annie_server(Path(directory)) as annie,
    ):
        print(table(asyncio.run(measure(annie, quick=False))))


if __name__ == "__main__":
    main()
