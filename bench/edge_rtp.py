"""The edge's media under load: ``python -m bench.edge_rtp [CALLS …] [--seconds S] [--busy N]``.

Synthetic G.711 calls on loopback. Three processes, as in production: a peer that sends a
packet every 20 ms for each call, the edge's media engine with its link, and a voice
process that takes every frame and keeps every call's playback queue filled. Prints what
the edge costs, and how late its packets left. ``--busy`` adds so many processes that do
nothing but use a core, as a voice process does while it recognizes.
"""

import argparse
import asyncio
import gc
import json
import os
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import uvloop

from annie.calls.link import VoiceLink
from annie.calls.protocols import CallLeg
from annie.edge.link import Command, LinkServer, Voice
from annie.edge.media import BatchEntry, MediaEngine
from annie.edge.rtp.digits import Press
from annie.edge.rtp.ports import PortRange
from annie.edge.sip.events import MediaDescription
from annie.kit import link
from annie.speech.protocols import Pcm

WARM_UP = 2.0


class Load:
    """The edge without SIP: offers so many calls to the first voice process that connects."""

    def __init__(self, calls: int, path: Path, peer: tuple[str, int]) -> None:
        self.media = MediaEngine(PortRange("127.0.0.1", 20000, 29999), self)
        self.link = LinkServer(path, self)
        self.calls = calls
        self.peer = peer
        self.up = asyncio.Event()
        self.ports: list[int] = []
        self.batches = 0

    def on_voice_connected(self, voice: Voice) -> None:
        for call in range(1, self.calls + 1):
            self.link.assign(call, voice)
            voice.send(link.CallOffered(call, link.CallFacts("+13055550100", "+13055550101")))

    def on_voice_lost(self, voice: Voice) -> None:
        pass

    def on_voice_moving(self, voice: Voice) -> None:
        pass

    def on_comfort(self, comfort: link.Comfort) -> None:
        pass

    def on_command(self, voice: Voice, command: Command) -> None:
        if isinstance(command, link.Answer):
            host, port = self.peer
            self.ports.append(self.media.open(command.call))
            media = MediaDescription(host, port, "PCMU", 0, 101, True, True, 20)
            self.media.describe(command.call, media)
            self.media.begin(command.call)
            voice.send(link.CallEstablished(command.call))
            if len(self.ports) == self.calls:
                self.up.set()

    def on_audio(self, voice: Voice, audio: link.DownstreamAudio) -> None:
        self.media.play(audio.call, audio.epoch, audio.pcm)

    def on_batch(self, tick: int, entries: list[BatchEntry]) -> None:
        self.batches += 1
        self.link.send_batch(tick, entries)

    def on_digit(self, call: int, press: Press) -> None:
        pass

    def on_played_out(self, call: int) -> None:
        pass

    def on_media_lost(self, call: int) -> None:
        pass


async def edge(calls: int, path: Path, seconds: float, busy: int) -> dict[str, Any]:
    """Run the measured process."""
    neighbours = [await asyncio.create_subprocess_exec(*_command("busy")) for _ in range(busy)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reserved:
        reserved.bind(("127.0.0.1", 0))
        peer: tuple[str, int] = reserved.getsockname()
        load = Load(calls, path, peer)
        await load.link.start()
        voice = await asyncio.create_subprocess_exec(*_command("voice", str(path)))
        async with asyncio.timeout(30):
            await load.up.wait()
        ports = ",".join(map(str, load.ports))
        sender = await asyncio.create_subprocess_exec(
            *_command("peer", str(reserved.fileno()), ports), pass_fds=(reserved.fileno(),)
        )
        gc.collect()
        gc.freeze()
        await asyncio.sleep(WARM_UP)
        load.media.lateness.reset()
        before = _totals(load)
        began, spent, batches = time.monotonic(), time.process_time(), load.batches
        await asyncio.sleep(seconds)
        elapsed = time.monotonic() - began
        cpu = time.process_time() - spent
        after = _totals(load)
        lateness = load.media.lateness
        (voice_process,) = load.link.voices
        result = {
            "calls": calls,
            "cpu_percent": 100 * cpu / elapsed,
            "cpu_ms_per_call_second": 1000 * cpu / elapsed / calls if calls else 0.0,
            "sent_per_second": lateness.count / elapsed,
            "late_p50_ms": 1000 * lateness.quantile(0.5),
            "late_p99_ms": 1000 * lateness.quantile(0.99),
            "late_max_ms": 1000 * lateness.worst,
            "lost": after["lost"] - before["lost"],
            "late": after["late"] - before["late"],
            "batches": load.batches - batches,
            "skipped_ticks": load.media.skipped_ticks,
            "dropped_ticks": voice_process.dropped_ticks,
            "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        for process in (sender, voice, *neighbours):
            process.kill()
            await process.wait()
        load.media.shut()
        return result


def _totals(load: Load) -> dict[str, int]:
    totals = {"lost": 0, "late": 0}
    for call in range(1, load.calls + 1):
        statistics = load.media.statistics(call)
        if statistics is not None:
            totals["lost"] += statistics.lost + statistics.concealed
            totals["late"] += statistics.late
    return totals


class _Talker:
    """Keeps a call's playback queue between one and eleven seconds."""

    def __init__(self, leg: CallLeg, speech: Pcm) -> None:
        self._leg = leg
        self._speech = speech

    def on_established(self) -> None:
        self._leg.play(self._speech)

    def on_frame(self, pcm: Pcm, played: Pcm, lost: bool) -> None:
        if self._leg.queued_samples < 8000:
            self._leg.play(self._speech)

    def on_digit(self, digit: str) -> None:
        pass

    def on_ended(self, by: str, reason: str) -> None:
        pass


async def voice(path: Path) -> None:
    """Run the voice process."""
    speech = np.random.default_rng(1).integers(-8000, 8000, 80000, np.int16)

    def on_call(leg: CallLeg) -> None:
        leg.listen(_Talker(leg, speech))
        leg.answer()

    await VoiceLink(path, on_call).run()


def peer(descriptor: int, ports: list[int]) -> None:
    """Send every call a packet each 20 ms, spread over the 20 ms; what comes back is left."""
    sending = socket.socket(fileno=descriptor)
    # Nobody reads here: the kernel throws away what comes back, at the price of a full buffer.
    sending.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    payload = os.urandom(160)
    header = struct.Struct("!BBHII")
    targets = [("127.0.0.1", port) for port in ports]
    start = time.monotonic()
    count = 0
    while True:
        head = count & 0xFFFF, (count * 160) & 0xFFFFFFFF
        for number, target in enumerate(targets):
            if number % 40 == 0:
                due = start + 0.02 * (count + number / len(targets))
                time.sleep(max(0.0, due - time.monotonic()))
            sending.sendto(header.pack(0x80, 0, *head, number) + payload, target)
        count += 1


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bench.edge_rtp", "--role", *arguments]


def _measure(calls: int, seconds: float, busy: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        command = _command("edge", str(calls), f"{directory}/link", str(seconds), str(busy))
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=seconds + 60, check=True)
    return json.loads(done.stdout)


def run(calls: list[int], seconds: float, busy: int = 0) -> list[dict[str, Any]]:
    """Measure each load in processes of its own, beside ``busy`` others; one row a load."""
    return [_measure(count, seconds, busy) for count in calls]


def _print(rows: list[dict[str, Any]]) -> None:
    print("calls  CPU %  ms/call-s  late ms p50   p99   max   lost  discarded  MB")
    for row in rows:
        print(
            f"{row['calls']:5d} {row['cpu_percent']:6.1f} {row['cpu_ms_per_call_second']:10.2f}"
            f" {row['late_p50_ms']:12.1f} {row['late_p99_ms']:5.1f} {row['late_max_ms']:5.1f}"
            f" {row['lost']:6d} {row['late']:10d} {row['rss_mb']:3.0f}"
        )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", nargs="*", type=int, default=[100, 200, 400])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--busy", type=int, default=0)
    arguments = sys.argv[1:]
    if arguments[:1] == ["--role"]:
        _role(arguments[1], arguments[2:])
        return
    options = parser.parse_args(arguments)
    _print(run(options.calls, options.seconds, options.busy))


def _role(role: str, arguments: list[str]) -> None:
    if role == "edge":
        if os.geteuid() == 0:
            os.setpriority(os.PRIO_PROCESS, 0, -10)
        calls, path, seconds, busy = arguments
        print(json.dumps(uvloop.run(edge(int(calls), Path(path), float(seconds), int(busy)))))
    elif role == "busy":
        os.setpriority(os.PRIO_PROCESS, 0, 0)
        while True:
            pass
    elif role == "voice":
        os.setpriority(os.PRIO_PROCESS, 0, 0)
        uvloop.run(voice(Path(arguments[0])))
    else:
        os.setpriority(os.PRIO_PROCESS, 0, 0)
        peer(int(arguments[0]), [int(port) for port in arguments[1].split(",")])


if __name__ == "__main__":
    main()
