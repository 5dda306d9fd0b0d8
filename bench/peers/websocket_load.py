"""Callers of a carrier's media WebSocket: send G.711 frames, measure what comes back.

Prints one JSON object: packets sent and received, and the lateness of what came back
against its own 40 ms rhythm (ms, p50/p99/max).
"""

# pyright: basic, reportMissingImports=false
import argparse
import asyncio
import base64
import itertools
import json
import time
from pathlib import Path

import websockets


async def caller(port: int, seconds: float, ulaw: bytes, arrivals: list[list[float]]) -> int:
    mine: list[float] = []
    arrivals.append(mine)
    async with websockets.connect(f"ws://127.0.0.1:{port}/media", open_timeout=30) as socket:
        await socket.send(
            json.dumps({"event": "start", "streamSid": "MZ0", "start": {"streamSid": "MZ0"}})
        )

        async def receive() -> None:
            async for message in socket:
                if json.loads(message).get("event") == "media":
                    mine.append(time.monotonic())  # noqa: PERF401 - the time of each arrival

        receiving = asyncio.create_task(receive())
        began = time.monotonic()
        ticks = int(seconds * 50)
        for tick in range(ticks):
            start = tick * 160 % max(1, len(ulaw) - 160)
            payload = base64.b64encode(ulaw[start : start + 160]).decode()
            await socket.send(
                json.dumps({"event": "media", "streamSid": "MZ0", "media": {"payload": payload}})
            )
            await asyncio.sleep(max(0.0, began + (tick + 1) * 0.02 - time.monotonic()))
        receiving.cancel()
    return ticks


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--ulaw", type=Path, required=True, help="raw µ-law speech to send")
    arguments = parser.parse_args()
    ulaw = arguments.ulaw.read_bytes()
    arrivals: list[list[float]] = []
    sent = await asyncio.gather(
        *(caller(arguments.port, arguments.seconds, ulaw, arrivals) for _ in range(arguments.calls))
    )
    late = sorted(
        max(0.0, (later - earlier - 0.04) * 1000)
        for mine in arrivals
        for earlier, later in itertools.pairwise(mine)
    )

    def quantile(share: float) -> float:
        return round(late[min(len(late) - 1, int(share * len(late)))], 2) if late else float("nan")

    print(
        json.dumps(
            {
                "sent": sum(sent),
                "received": sum(map(len, arrivals)),
                "late_p50_ms": quantile(0.5),
                "late_p99_ms": quantile(0.99),
                "late_max_ms": quantile(1.0),
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
