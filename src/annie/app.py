"""The app process: the REST API.

``python -m annie.app --host HOST --port PORT --database-url URL --data DIR``. Prints
``app_ready`` once it serves. Ends with status 2 when its settings can't work.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
import uvloop

from annie.api.application import create_app
from annie.kit import logs
from annie.kit.database import Database, DatabaseError
from annie.kit.settings import Settings, SettingsError

EXIT_UNUSABLE = 2
DRAIN_SECONDS = 8
BACKLOG = 1024

#: Written by the supervisor: which of the processes are ready.
STATUS_FILE = "ANNIE_STATUS_FILE"


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status."""
    logs.configure("app")
    parser = argparse.ArgumentParser(prog="annie.app", description="The REST API of Annie.")
    for name in ("host", "port", "database-url", "data"):
        parser.add_argument(f"--{name}")
    given = vars(parser.parse_args(argv))
    try:
        settings = Settings.from_environment({k: v for k, v in given.items() if v is not None})
        listener = _listen(settings)
    except SettingsError as error:
        print(f"annie: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    try:
        uvloop.run(_serve(settings, listener))
    except DatabaseError as error:
        print(f"annie: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    finally:
        listener.close()
    return 0


async def _serve(settings: Settings, listener: socket.socket) -> None:
    database = Database(settings.database_url)
    try:
        await database.migrate()
        app = create_app(settings, database, readiness=_readiness())
        server = _Server(
            uvicorn.Config(
                app,
                http="httptools",
                access_log=False,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=DRAIN_SECONDS,
            )
        )
        await server.serve(sockets=[listener])
    finally:
        await database.close()


class _Server(uvicorn.Server):
    """Says on standard output when it serves; the supervisor waits for that line."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print("app_ready", flush=True)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        # The original raises the signal again afterwards, which would hide a clean end.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"can't listen on {settings.host} port {settings.port}: {error.strerror}. "
            "Choose another with --host and --port, or ANNIE_HOST and ANNIE_PORT."
        ) from error
    return listener


def _readiness() -> dict[str, Callable[[], Awaitable[bool]]]:
    """One check for each process that the supervisor runs beside this one."""
    path = os.environ.get(STATUS_FILE)
    if path is None:
        return {}

    def check(name: str) -> Callable[[], Awaitable[bool]]:
        async def ready() -> bool:
            status = await asyncio.to_thread(Path(path).read_text)
            return json.loads(status)["ready"].get(name) is True

        return ready

    return {name: check(name) for name in ("edge", "voice")}


if __name__ == "__main__":
    sys.exit(main())
