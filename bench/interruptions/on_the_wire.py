"""A sample of the moments on real calls: `annie serve`, SIP and RTP on loopback."""

import asyncio
import itertools
import time
from collections.abc import Sequence

from annie.kit.language import Language
from bench.interruptions.corpus import Effect, Moment
from bench.live import QUESTIONS, quiet, until
from bench.phone import AUDIBLE, Line, Phones
from bench.table import Row
from bench.voices import Voices
from tests.interop.annie_server import AnnieServer

#: Her own pauses between sentences are shorter than this.
_SILENCE_SECONDS = 0.6
#: A silence that she comes back from within this is no stop.
_SHORT_SECONDS = 1.2
_WATCHED_SECONDS = 2.0
_TIMEOUT_SECONDS = 15.0


def sample(moments: Sequence[Moment], of_a_kind: int) -> list[Moment]:
    """The first few moments of each kind and language, English for what isn't words."""
    found: list[Moment] = []
    for kind in dict.fromkeys(moment.kind for moment in moments):
        for language in Language:
            found += [m for m in moments if (m.kind, m.language) == (kind, language)][:of_a_kind]
    return found


async def measure(annie: AnnieServer, voices: Voices, moments: Sequence[Moment]) -> list[Row]:
    """False and missed stops in percent, and ms from the first packet of words to silence."""
    questions = {
        language: await voices.say(texts[0], language) for language, texts in QUESTIONS.items()
    }
    wrong: dict[Effect, list[bool]] = {effect: [] for effect in Effect}
    times: list[float] = []
    async with Phones(annie.sip_port) as phones:
        for moment in moments:
            line = await phones.dial(annie.numbers[moment.language.value])
            try:
                if moment.echo is not None:
                    line.echo_packets = moment.echo.delay_ms // 20
                    line.echo_gain = 10 ** (-moment.echo.loss_db / 20)
                await quiet(line)
                line.say(questions[moment.language])
                if not await until(lambda line=line: not line.outgoing, _TIMEOUT_SECONDS):
                    continue
                asked = time.monotonic()
                if not await until(
                    lambda line=line, asked=asked: line.first_sound(asked), _TIMEOUT_SECONDS
                ):
                    continue
                await asyncio.sleep(0.6)
                start = time.monotonic()
                line.say(moment.audio)
                await asyncio.sleep(len(moment.audio) / 8000 + _WATCHED_SECONDS)
                silence = _first_silence(line, start)
                stopped = silence is not None
                if moment.effect is Effect.STOP:
                    wrong[moment.effect].append(not stopped)
                    if silence is not None:
                        times.append((silence[0] - start) * 1000)
                else:
                    wrong[moment.effect].append(silence is not None and silence[1] > _SHORT_SECONDS)
            finally:
                await phones.release(line)
    rows = [
        Row(f"on the wire: {name} of {len(wrong[effect])}", [100 * _share(wrong[effect])], "%")
        for effect, name in ((Effect.STOP, "missed stops"), (Effect.GO_ON, "false stops"))
    ]
    return [*rows, Row("on the wire: first sound → silence", times, "ms", "p95 ≤ 200")]


def _share(wrong: Sequence[bool]) -> float:
    return sum(wrong) / len(wrong) if wrong else float("nan")


def _first_silence(line: Line, start: float) -> tuple[float, float] | None:
    """When her first long silence after ``start`` began, and its seconds; None without any."""
    loud = [at for at, level in zip(line.arrivals, line.levels, strict=True) if level > AUDIBLE]
    before = [at for at in loud if at <= start][-1:] or [start]
    points = [*before, *(at for at in loud if at > start), time.monotonic()]
    for earlier, later in itertools.pairwise(points):
        if later - earlier > _SILENCE_SECONDS:
            return earlier, later - earlier
    return None
