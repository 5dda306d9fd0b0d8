"""The voice process: puts engines, records, link and calls together, and ends them well."""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import uvloop

from annie.calls.clips import Clips
from annie.calls.engines import Engines, load
from annie.calls.link import VoiceLink
from annie.calls.reception import NumberReception
from annie.calls.recorder import Recorder, recover
from annie.calls.records import DatabaseStore
from annie.calls.session import CallServices
from annie.calls.voice import Voice
from annie.kit import logs
from annie.kit.clock import SystemClock
from annie.kit.database import Database, DatabaseError
from annie.kit.settings import Settings, SettingsError
from annie.speech.protocols import SpeechError

logger = logging.getLogger("annie.calls")

EXIT_UNUSABLE: Final = 2
#: What running calls get to end by themselves after SIGTERM.
DRAIN_SECONDS: Final = 30.0
#: How often changed bots are looked for, so that what they say is synthesized ahead.
REFRESH_SECONDS: Final = 2.0
#: Below the edge, which must never wait for us, and above everything else.
NICENESS: Final = -5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT. Returns 0 after draining, 2 if it can't work as configured."""
    options = _parser().parse_args(arguments)
    logs.configure("voice")
    try:
        settings = Settings.from_environment(
            {"data": options.data, "database_url": options.database_url}
        )
    except SettingsError as error:
        print(f"annie voice: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    return uvloop.run(
        _serve(settings, options.socket or settings.link_socket, options.drain_seconds)
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="annie.calls", description="The voice process: talks to callers."
    )
    parser.add_argument("--socket", type=Path, help="the edge's Unix socket")
    parser.add_argument("--database-url", help="SQLite or PostgreSQL")
    parser.add_argument("--data", type=Path, help="directory of recordings and models")
    parser.add_argument(
        "--drain-seconds",
        type=float,
        default=DRAIN_SECONDS,
        help="what running calls get to end after SIGTERM",
    )
    return parser


async def _serve(settings: Settings, socket: Path, drain_seconds: float) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        database = Database(settings.database_url)
        engines = await load(SystemClock())
    except (DatabaseError, SpeechError) as error:
        print(f"annie voice: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    try:
        await _talk(settings, socket, database, engines, stop, drain_seconds)
    finally:
        await engines.close()
        await database.close()
    return 0


async def _talk(
    settings: Settings,
    socket: Path,
    database: Database,
    engines: Engines,
    stop: asyncio.Event,
    drain_seconds: float,
) -> None:
    clock = SystemClock()
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(recover, settings.recordings_dir)
    recorder = Recorder(settings.recordings_dir)
    reception = NumberReception(database, clock)
    store = DatabaseStore(database, clock)
    began = clock.now()
    clips = Clips()
    await clips.render(engines.mouth, clock)
    services = CallServices(reception, engines.ears, engines.mouth, store, recorder, clips, clock)
    voice = Voice(services, engines.ears)
    link = VoiceLink(socket, voice.offer, voice.tick)
    loop.add_signal_handler(
        signal.SIGUSR1, lambda: logger.info("voice_figures", extra=voice.meter.figures())
    )
    # What is loaded now lives as long as the process; looking through it for garbage
    # would stall every call for tens of milliseconds.
    gc.collect()
    gc.freeze()
    tasks = [
        asyncio.create_task(link.run(), name="link"),
        asyncio.create_task(_prepare(store, reception, engines, began), name="prepare"),
    ]
    ready = asyncio.create_task(_announce(link, reception), name="announce")
    try:
        await stop.wait()
        logger.info("voice_draining", extra={"calls": voice.calls})
        await voice.drain(drain_seconds)
    finally:
        link.close()
        for task in (*tasks, ready):
            task.cancel()
        await asyncio.gather(*tasks, ready, return_exceptions=True)
        await asyncio.to_thread(recorder.stop)


async def _announce(link: VoiceLink, reception: NumberReception) -> None:
    """Say that calls can be taken, once the edge and the database have answered."""
    await link.wait_connected()
    await reception.refreshed.wait()
    print("voice_ready", flush=True)


async def _prepare(
    store: DatabaseStore, reception: NumberReception, engines: Engines, began: datetime
) -> None:
    """Close what a crash left open, then keep what numbers say synthesized ahead."""
    orphans_closed = False
    while True:
        try:
            if not orphans_closed:
                await store.close_orphans(began)
                orphans_closed = True
            items = await reception.refresh()
        except Exception as error:
            # The database may still be on its way up, or away for a while.
            logger.warning("refresh_failed", extra={"error": str(error)})
        else:
            if items:
                prepared = await engines.mouth.prepare(items)
                logger.info("phrases_prepared", extra={"prepared": prepared})
        await asyncio.sleep(REFRESH_SECONDS if orphans_closed else 0.2)
