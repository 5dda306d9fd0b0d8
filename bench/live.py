"""Whole calls through `annie serve`: ``python -m bench.live [--quick]``.

Real SIP and RTP on loopback, real engines. Times are taken from packets on the wire as a
telephone gets them.
"""

import argparse
import asyncio
import itertools
import tempfile
import time
from pathlib import Path
from typing import Any

from annie.kit.language import Language
from annie.speech.protocols import Pcm
from bench.phone import AUDIBLE, Line, Phones
from bench.processes import annie_usage
from bench.table import Row, table
from bench.voices import Voices
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
STAGES = ("speechEnd", "turnEnd", "recognized", "decided", "firstAudio")


async def until(condition: Any, timeout: float) -> bool:
    """Wait for ``condition()``; False when it didn't come true within ``timeout`` seconds."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


async def quiet(line: Line, seconds: float = 1.0, timeout: float = 30.0) -> None:
    """Wait until nothing was heard of her for so long."""
    await until(
        lambda: line.last_sound() and time.monotonic() - line.last_sound() > seconds, timeout
    )


def _speech_end(line: Line, since: float) -> float:
    return max(at for at, level in line.said_at if at >= since and level > AUDIBLE)


async def greeting(annie: AnnieServer, calls: int) -> list[Row]:
    """From our 200 on the wire to the first audible packet."""
    times: list[float] = []
    async with Phones(annie.sip_port) as phones:
        for _ in range(calls):
            line = await phones.dial(annie.numbers["ENGLISH"])
            heard = await until(lambda line=line: line.first_sound(line.answered_at), 5.0)
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
            await quiet(line)
            for _, audio in questions:
                began = time.monotonic()
                line.say(audio)
                await until(lambda line=line: not line.outgoing, 20.0)
                ended = _speech_end(line, began)
                if await until(lambda line=line, ended=ended: line.first_sound(ended), 8.0):
                    times.append(((line.first_sound(ended) or 0) - ended) * 1000)
                await quiet(line)
            phones.hang_up(line)
            await asyncio.sleep(0.5)
    rows = [Row(f"speech end → first sound, {language.value.lower()}", times, "ms", "≤ 600 / 1000")]
    return rows + _stages(annie, language)


def _stages(annie: AnnieServer, language: Language) -> list[Row]:
    """Where the time went, from the timings kept with the conversations' turns."""
    stages: dict[str, list[float]] = {}
    with annie.api as api:
        listed = api.get("/conversations", params={"limit": 100}).json()["data"]["conversations"]
        for conversation in listed:
            if conversation["language"] != language.value:
                continue
            identifier = conversation["conversationId"]
            for turn in api.get(f"/conversations/{identifier}/turns").json()["data"]["turns"]:
                for name, milliseconds in turn["timings"].items():
                    stages.setdefault(name, []).append(milliseconds)
    return [Row(f"  … until {name}", stages[name], "ms") for name in STAGES[1:] if name in stages]


async def interruption(annie: AnnieServer, voices: Voices, times: int) -> list[Row]:
    """From the caller's first audible packet, over her words, to her last one."""
    question = await voices.say("What are your opening hours?", Language.ENGLISH)
    objection = await voices.say("Excuse me, I have another question", Language.ENGLISH)
    measured: list[float] = []
    async with Phones(annie.sip_port) as phones:
        for _ in range(times):
            line = await phones.dial(annie.numbers["ENGLISH"])
            await quiet(line)
            line.say(question)
            await until(lambda line=line: not line.outgoing, 20.0)
            asked = time.monotonic()
            if await until(lambda line=line, asked=asked: line.first_sound(asked), 8.0):
                await asyncio.sleep(0.6)
                began = time.monotonic()
                line.say(objection)
                await until(lambda line=line, began=began: _began(line, began) is not None, 5.0)
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


async def idle(annie: AnnieServer, seconds: float) -> list[Row]:
    """What Annie uses while nobody calls, with every engine loaded."""
    before, began = annie_usage(annie), time.monotonic()
    await asyncio.sleep(seconds)
    after, wall = annie_usage(annie), time.monotonic() - began
    rows = [Row("0 calls: memory, all processes", [after.mebibytes], "MiB", "≤ 700")]
    for name in ("edge", "voice", "app"):
        used = (after.cpu[name] - before.cpu[name]) / wall * 1000
        rows.append(Row(f"0 calls: CPU per second, {name}", [used], "ms"))
    return rows


async def load(annie: AnnieServer, speech: Pcm, calls: int, seconds: float) -> list[Row]:
    """CPU per call-second and lateness while all callers talk: media, activity, recorder.

    They talk without a pause, so nothing is recognized meanwhile.
    """
    before_memory = annie_usage(annie)
    async with Phones(annie.sip_port) as phones:
        lines = [await phones.dial(annie.numbers["ENGLISH"]) for _ in range(calls)]
        for line in lines:
            line.say(speech)
        await asyncio.sleep(3.0)
        before, began = annie_usage(annie), time.monotonic()
        await asyncio.sleep(seconds)
        after, wall = annie_usage(annie), time.monotonic() - began
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
        Row(f"{calls} calls: CPU per call-second, edge", [cost["edge"]], "ms"),
        Row(f"{calls} calls: CPU per call-second, voice", [cost["voice"]], "ms"),
        Row(cost_name(calls), [sum(cost.values())], "ms", "≤ 10"),
        Row(f"{calls} calls: packets late (of 20 ms)", gaps, "ms", "p99 ≤ 5"),
        Row(f"{calls} calls: memory, all processes", [after.mebibytes], "MiB"),
        Row(
            f"{calls} calls: memory a call",
            [(after.mebibytes - before_memory.mebibytes) / calls],
            "MiB",
            "≤ 2",
        ),
    ]


def cost_name(calls: int) -> str:
    """The row that the peer is compared with."""
    return f"{calls} calls: edge + voice activity + recorder"


async def measure(annie: AnnieServer, quick: bool) -> list[Row]:
    """All rows of whole calls."""
    voices = Voices()
    try:
        rows = await greeting(annie, 5 if quick else 20)
        for language in Language:
            rows += await turns(annie, voices, language, 1 if quick else 4)
        rows += await interruption(annie, voices, 3 if quick else 15)
        rows += await idle(annie, 10.0)
        speech = await voices.monologue(29.0)
        for calls in (1, 20) if quick else (1, 20, 60):
            rows += await load(annie, speech, calls, 10.0 if quick else 20.0)
    finally:
        await voices.close()
    return rows


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="annie-bench-") as directory,
        annie_server(Path(directory)) as annie,
    ):
        print(table(asyncio.run(measure(annie, arguments.quick))))


if __name__ == "__main__":
    main()
