"""The application behind a real socket, in a thread of the test's process."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Generator

import uvicorn
from fastapi import FastAPI

START_SECONDS = 30.0


@contextlib.contextmanager
def serving(make: Callable[[], Awaitable[FastAPI]]) -> Generator[str]:
    """Serve what ``make`` gives, on a port of the system's choice; yields the base URL."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    started = threading.Event()
    servers: list[uvicorn.Server] = []

    async def run() -> None:
        app = await make()
        server = _Announcing(uvicorn.Config(app, access_log=False, log_level="error"), started)
        servers.append(server)
        await server.serve(sockets=[listener])
        await app.state.database.close()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    try:
        if not started.wait(START_SECONDS):
            raise TimeoutError("the application did not start")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(START_SECONDS)
        listener.close()


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: threading.Event) -> None:
        super().__init__(config)
        self._announce = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce.set()
