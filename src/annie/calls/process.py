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
from typing import Any, Final
from uuid import UUID

import uvloop

from annie.calls.backlog import Backlog
from annie.calls.clips import Clips
from annie.calls.engines import Engines, load, warm_up
from annie.calls.limits import Limits
from annie.calls.link import VoiceLink
from annie.calls.reception import NumberReception
from annie.calls.recorder import Recorder
from annie.calls.records import DatabaseStore
from annie.calls.salvage import recover
from annie.calls.session import CallServices
from annie.calls.voice import Voice
from annie.calls.writer import RecordWriter
from annie.kit import heartbeat, logs
from annie.kit.clock import SystemClock
from annie.kit.database import Database, DatabaseError
from annie.kit.lag import LoopLag
from annie.kit.settings import Settings, SettingsError
from annie.speech.protocols import SpeechError

logger = logging.getLogger("annie.calls")

EXIT_UNUSABLE: Final = 2
#: What running calls get to end by themselves after SIGTERM.
DRAIN_SECONDS: Final = 30.0
#: What the records that aren't written yet get after the calls; the rest is kept in a file.
RECORDS_SECONDS: Final = 3.0
#: How often changed bots are looked for, so that what they say is synthesized ahead.
REFRESH_SECONDS: Final = 2.0
#: At the first start the database is still being made.
ORPHAN_RETRY_SECONDS: Final = 0.2
#: What taking calls may have for itself before the rest is loaded beside it.
HEAD_START_SECONDS: Final = 0.5
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
        engines = await load(SystemClock(), settings)
    except (DatabaseError, SpeechError) as error:
        print(f"annie voice: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    try:
        return await _talk(settings, socket, database, engines, stop, drain_seconds)
    finally:
        await engines.close()
        await database.close()


async def _talk(
    settings: Settings,
    socket: Path,
    database: Database,
    engines: Engines,
    stop: asyncio.Event,
    drain_seconds: float,
) -> int:
    clock = SystemClock()
    began = clock.now()
    salvaged = await asyncio.to_thread(recover, settings.recordings_dir)
    recorder = Recorder(settings.recordings_dir)
    reception = NumberReception(database, clock)
    store = DatabaseStore(database, clock)
    writer = RecordWriter(store, clock, Limits(), Backlog(settings.backlog_dir))
    adopted = await writer.adopt()
    clips = Clips()
    services = CallServices(reception, engines.ears, engines.mouth, writer, recorder, clips, clock)
    voice = Voice(services, engines.ears, LoopLag(clock))
    link = VoiceLink(socket, voice.offer, voice.tick, voice.resume)
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGUSR1, lambda: logger.info("voice_figures", extra=voice.meter.figures())
    )

    able = asyncio.Event()

    async def announce() -> None:
        await asyncio.gather(link.wait_connected(), reception.refreshed.wait())
        print("voice_ready", flush=True)
        able.set()
        await heartbeat.beat("voice")

    async def complete() -> None:
        await _within_reach(able)
        await clips.render(engines.mouth, clock)
        link.comfort(clips.comforts())
        if adopted:
            # A record that begins among these would be left open if it came after the closing.
            await asyncio.wait(adopted)
        await _close_orphans(store, began, salvaged, settings.recordings_dir, link)

    async def warm() -> bool:
        await _within_reach(able)
        return await _warm(engines, stop)

    warming = asyncio.create_task(warm(), name="warm")
    tasks = [
        asyncio.create_task(link.run(), name="link"),
        asyncio.create_task(voice.lag.watch(), name="lag"),
        asyncio.create_task(announce(), name="announce"),
        asyncio.create_task(_keep_prepared(reception, engines), name="prepare"),
        asyncio.create_task(complete(), name="complete"),
    ]
    if engines.natural is not None:
        tasks.append(asyncio.create_task(engines.natural.run(), name="natural"))
    try:
        await stop.wait()
        logger.info("voice_draining", extra={"calls": voice.calls, **voice.meter.figures()})
        await voice.drain(drain_seconds)
    finally:
        link.close()
        running: list[asyncio.Task[Any]] = [*tasks, warming]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await writer.stop(RECORDS_SECONDS)
        await asyncio.to_thread(recorder.stop)
    usable = warming.cancelled() or warming.result()
    return 0 if usable else EXIT_UNUSABLE


async def _within_reach(able: asyncio.Event) -> None:
    """Let taking calls come first; at the first start the database may be long in coming."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(able.wait(), HEAD_START_SECONDS)


async def _warm(engines: Engines, stop: asyncio.Event) -> bool:
    """Load the rest; ends the process when that is impossible."""
    try:
        await warm_up(engines, SystemClock())
    except SpeechError as error:
        print(f"annie voice: {error}", file=sys.stderr)
        stop.set()
        return False
    # What is loaded now lives as long as the process; looking through it for garbage
    # would stall every call for tens of milliseconds.
    gc.collect()
    gc.freeze()
    print("voice_loaded", flush=True)
    return True


async def _close_orphans(
    store: DatabaseStore,
    began: datetime,
    salvaged: Sequence[UUID],
    recordings: Path,
    link: VoiceLink,
) -> None:
    """Close what a crash left open and nobody is on: as soon as database and edge are there,
    and again whenever an edge was lost and another one has taken over what it could."""
    before, recorded = began, salvaged
    clock = SystemClock()
    while True:
        await link.wait_informed()
        try:
            closed = await store.close_orphans(before, recorded, link.live)
            # Those that this process talked have a recording that nobody told of yet.
            saved = [each for each in closed if (recordings / f"{each}.flac").exists()]
            await store.tell_recorded(saved)
        except Exception as error:
            logger.warning("database_awaited", extra={"error": str(error)})
            await asyncio.sleep(ORPHAN_RETRY_SECONDS)
            continue
        if closed:
            logger.warning("orphans_closed", extra={"calls": len(closed)})
        await link.wait_lost()
        before, recorded = clock.now(), ()


async def _keep_prepared(reception: NumberReception, engines: Engines) -> None:
    """Keep what the numbers say synthesized ahead."""
    while True:
        try:
            items = await reception.refresh()
            if items:
                prepared = await engines.mouth.prepare(items)
                logger.debug("phrases_prepared", extra={"prepared": prepared})
                await engines.mouth.want_natural(items)
        except Exception as error:
            # The database may be away for a while; running calls don't need it.
            logger.warning("refresh_failed", extra={"error": repr(error)})
        await asyncio.sleep(REFRESH_SECONDS)
