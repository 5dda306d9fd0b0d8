"""Whole calls through `annie serve`: ``python -m bench.live [--quick]``.

Real SIP and RTP on loopback, real engines. Times are taken from packets on the wire as a
telephone gets them.
"""

import argparse
import asyncio
import itertools
import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annie.kit.language import Language, VoiceId
from annie.speech.engines.nano_tts import NanoTts
from annie.speech.protocols import Pcm, VoiceStyle
from bench.phone import AUDIBLE, Line, Phones
from bench.table import HEADER, Row
from tests.interop.annie_server import AnnieServer, annie_server

QUESTIONS = {
    Language.ENGLISH: [
        "What are your opening hours on Saturday?",
        "Where are you located?",
        "Do you take insurance?",
        "Is there parking at your office?",
        "How much does a cleaning cost?",
    ],
    Language.SPANISH: [
        "¿Cuál es el horario del sábado?",
        "¿Dónde están ubicados?",
        "¿Aceptan seguros?",
        "¿Hay estacionamiento?",
        "¿Cuánto cuesta una limpieza?",
    ],
    Language.FRENCH: [
        "Quels sont vos horaires le samedi ?",
        "Où êtes-vous situés ?",
        "Acceptez-vous les assurances ?",
        "Y a-t-il un parking ?",
        "Combien coûte un détartrage ?",
    ],
}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Usage:
    """CPU seconds and resident bytes of Annie's processes, by name."""

    cpu: dict[str, float]
    memory: dict[str, int]


def usage(annie: AnnieServer) -> Usage:
    """What each process and its children used up to now."""
    cpu: dict[str, float] = {}
    memory: dict[str, int] = {}
    for name, pid in {**annie.pids(), "serve": annie.process.pid}.items():
        family = [pid] if name == "serve" else [pid, *_children(pid)]
        for each in family:
            fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
            cpu[name] = cpu.get(name, 0.0) + (int(fields[11]) + int(fields[12])) / TICKS
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
            pss = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
            memory[name] = memory.get(name, 0) + int(pss.split()[1]) * 1024
    return Usage(cpu, memory)


def _children(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    return [int(each) for each in found]


async def _until(condition: Any, timeout: float) -> bool:
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


async def _quiet(line: Line, seconds: float = 1.0, timeout: float = 30.0) -> None:
    await _until(
        lambda: line.last_sound() and time.monotonic() - line.last_sound() > seconds, timeout
    )


def _speech_end(line: Line, since: float) -> float:
    return max(at for at, level in line.said_at if at >= since and level > AUDIBLE)


class Voices:
    """Callers' sentences, synthesized beforehand so that it costs nothing while measuring."""

    def __init__(self) -> None:
        self._engine = NanoTts()

    async def say(self, text: str, language: Language) -> Pcm:
        style = VoiceStyle(VoiceId.CALM_REASSURING)
        chunks = [chunk async for chunk in self._engine.synthesize(text, language, style)]
        return np.concatenate(chunks)

    async def close(self) -> None:
        await self._engine.close()


async def greeting(annie: AnnieServer, calls: int) -> list[Row]:
    """From our 200 on the wire to the first audible packet."""
    times: list[float] = []
    async with Phones(annie.sip_port) as phones:
        for _ in range(calls):
            line = await phones.dial(annie.numbers["ENGLISH"])
            heard = await _until(lambda line=line: line.first_sound(line.answered_at), 5.0)
            if heard:
                times.append(((line.first_sound(line.answered_at) or 0) - line.answered_at) * 1000)
            phones.hang_up(line)
            await asyncio.sleep(0.2)
    return [Row("answer → first sound of greeting", times, "ms", "≤ 150")]


async def turns(annie: AnnieServer, voices: Voices, language: Language, rounds: int) -> list[Row]:
    """From the caller's last audible packet to Annie's first."""
    questions = [(text, await voices.say(text, language)) for text in QUESTIONS[language]]
    times: list[float] = []
    async with Phones(annie.sip_port) as phones:
        for _ in range(rounds):
            line = await phones.dial(annie.numbers[language.value])
            await _quiet(line)
            for _, audio in questions:
                began = time.monotonic()
                line.say(audio)
                await _until(lambda line=line: not line.outgoing, 20.0)
                ended = _speech_end(line, began)
                if await _until(lambda line=line, ended=ended: line.first_sound(ended), 8.0):
                    times.append(((line.first_sound(ended) or 0) - ended) * 1000)
                await _quiet(line)
            phones.hang_up(line)
            await asyncio.sleep(0.5)
    rows = [Row(f"speech end → first sound, {language.value.lower()}", times, "ms", "≤ 600 / 1000")]
    return rows + _stages(annie, language)


def _stages(annie: AnnieServer, language: Language) -> list[Row]:
    """Where the time went, from the timings kept with the conversation's turns."""
    stages: dict[str, list[float]] = {}
    with annie.api as api:
        listed = api.get("/conversations", params={"limit": 20}).json()["data"]["conversations"]
        for conversation in listed:
            if conversation["language"] != language.value:
                continue
            kept = api.get(f"/conversations/{conversation['conversationId']}/turns").json()["data"]
            for turn in kept["turns"] if isinstance(kept, dict) else kept:
                marks = [turn.get(name) for name in STAGES]
                for name, earlier, later in zip(STAGES[1:], marks, marks[1:], strict=False):
                    if earlier is not None and later is not None:
                        stages.setdefault(name, []).append(later - earlier)
    return [Row(f"  … {name}", values, "ms", "") for name, values in stages.items()]


STAGES = ("speechEnd", "recognized", "decided", "firstAudio")


async def interruption(annie: AnnieServer, voices: Voices, times: int) -> list[Row]:
    """From the caller's first audible packet, over her words, to her last one."""
    question = await voices.say("What are your opening hours?", Language.ENGLISH)
    objection = await voices.say("Excuse me, I have another question", Language.ENGLISH)
    measured: list[float] = []
    async with Phones(annie.sip_port) as phones:
        for _ in range(times):
            line = await phones.dial(annie.numbers["ENGLISH"])
            await _quiet(line)
            line.say(question)
            await _until(lambda line=line: not line.outgoing, 20.0)
            asked = time.monotonic()
            if await _until(lambda line=line, asked=asked: line.first_sound(asked), 8.0):
                await asyncio.sleep(0.6)
                began = time.monotonic()
                line.say(objection)
                await _until(lambda line=line, began=began: _began(line, began) is not None, 5.0)
                start = _began(line, began) or began
                await asyncio.sleep(1.0)
                within = [
                    at
                    for at, level in zip(line.arrivals, line.levels, strict=True)
                    if level > AUDIBLE and start <= at <= start + 1.0
                ]
                measured.append(((within[-1] if within else start) - start) * 1000)
            phones.hang_up(line)
            await asyncio.sleep(0.3)
    return [Row("caller interrupts → silence", measured, "ms", "p95 ≤ 200")]


def _began(line: Line, since: float) -> float | None:
    return next((at for at, level in line.said_at if at >= since and level > AUDIBLE), None)


async def load(annie: AnnieServer, calls: int, seconds: float) -> list[Row]:
    """CPU per call-second and lateness while callers listen: media, activity, recorder."""
    before_memory = usage(annie)
    async with Phones(annie.sip_port) as phones:
        lines = [await phones.dial(annie.numbers["ENGLISH"]) for _ in range(calls)]
        await asyncio.sleep(8.0)
        before, began = usage(annie), time.monotonic()
        await asyncio.sleep(seconds)
        after, wall = usage(annie), time.monotonic() - began
        gaps = [
            max(0.0, (later - earlier - 0.02) * 1000)
            for line in lines
            for earlier, later in itertools.pairwise(line.arrivals)
            if earlier >= began
        ]
    cost = {
        name: (after.cpu[name] - before.cpu[name]) / wall / calls * 1000
        for name in ("edge", "voice")
    }
    return [
        Row(f"{calls} calls: CPU per call-second, edge", [cost["edge"]], "ms", ""),
        Row(f"{calls} calls: CPU per call-second, voice", [cost["voice"]], "ms", ""),
        Row(f"{calls} calls: edge + voice activity + recorder", [sum(cost.values())], "ms", "≤ 10"),
        Row(f"{calls} calls: packets late against 20 ms", gaps, "ms", "p99 ≤ 5"),
        Row(
            f"{calls} calls: memory, all processes",
            [sum(after.memory.values()) / 2**20],
            "MiB",
            "≤ 700 idle, ≤ 2 a call",
        ),
        Row(
            f"{calls} calls: memory a call",
            [(sum(after.memory.values()) - sum(before_memory.memory.values())) / 2**20 / calls],
            "MiB",
            "≤ 2",
        ),
    ]


async def measure(quick: bool) -> list[Row]:
    """All rows."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="annie-bench-") as directory:
        began = time.monotonic()
        with annie_server(Path(directory)) as annie:
            rows.append(
                Row("annie serve → ready, first start", [time.monotonic() - began], "s", "≤ 5")
            )
            idle = usage(annie)
            rows.append(
                Row(
                    "0 calls: memory, all processes",
                    [sum(idle.memory.values()) / 2**20],
                    "MiB",
                    "≤ 700",
                )
            )
            voices = Voices()
            try:
                rows += await greeting(annie, 5 if quick else 20)
                for language in Language:
                    rows += await turns(annie, voices, language, 1 if quick else 4)
                rows += await interruption(annie, voices, 3 if quick else 15)
                for calls in (1, 20) if quick else (1, 20, 60):
                    rows += await load(annie, calls, 10.0 if quick else 20.0)
            finally:
                await voices.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = asyncio.run(measure(arguments.quick))
    print(HEADER)
    for row in rows:
        print(row.line(), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps([row.values for row in rows]))


if __name__ == "__main__":
    main()
