"""A sample of the moments on real calls: `annie serve`, SIP and RTP on loopback."""

import asyncio
import itertools
import time
from collections.abc import Sequence

from annie.kit.language import Language
from annie.speech.protocols import Pcm
from bench.interruptions.corpus import Echo, Effect, Moment
from bench.interruptions.sounds import MAKERS
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
_AT_ONCE = 3
_BEGINS_SECONDS = 0.6
#: How much the length of an answer differs from call to call, by packets and comfort noise.
_END_SECONDS = 0.3


def sample(moments: Sequence[Moment], of_a_kind: int) -> list[Moment]:
    """The first few moments of each kind, of words and echoes in each language."""
    found: list[Moment] = []
    for kind in dict.fromkeys(moment.kind for moment in moments):
        for language in (Language.ENGLISH,) if kind in MAKERS else Language:
            found += [m for m in moments if (m.kind, m.language) == (kind, language)][:of_a_kind]
    return found


async def measure(annie: AnnieServer, voices: Voices, moments: Sequence[Moment]) -> list[Row]:
    """False and missed stops in percent, and ms from the first packet of words to silence."""
    questions = {
        language: await voices.say(texts[0], language) for language, texts in QUESTIONS.items()
    }
    wrong: dict[Effect, list[bool]] = {effect: [] for effect in Effect}
    times: list[float] = []
    lines = asyncio.Semaphore(_AT_ONCE)
    async with Phones(annie.sip_port) as phones:

        async def call(moment: Moment) -> None:
            async with lines:
                line = await phones.dial(annie.numbers[moment.language.value])
                try:
                    begun = await _asked(line, moment.echo, questions[moment.language])
                    if begun is None:
                        return
                    await asyncio.sleep(_BEGINS_SECONDS)
                    start = time.monotonic()
                    line.say(moment.audio)
                    await asyncio.sleep(len(moment.audio) / 8000 + _WATCHED_SECONDS)
                    end = begun + lengths[moment.language]
                    silence = _first_silence(line, start, end)
                finally:
                    await phones.release(line)
            if moment.effect is Effect.GO_ON:
                wrong[moment.effect].append(silence is not None and silence[1] > _SHORT_SECONDS)
                return
            wrong[moment.effect].append(silence is None)
            if silence is not None:
                times.append((silence[0] - start) * 1000)

        lengths = {
            language: await _undisturbed(phones, annie.numbers[language.value], question)
            for language, question in questions.items()
        }
        await asyncio.gather(*map(call, moments))
    rows = [
        Row(f"on the wire: {name} of {len(wrong[effect])}", [100 * _share(wrong[effect])], "%")
        for effect, name in ((Effect.STOP, "missed stops"), (Effect.GO_ON, "false stops"))
    ]
    return [*rows, Row("on the wire: first sound → silence", times, "ms", "p95 ≤ 200")]


async def _asked(line: Line, echo: Echo | None, question: Pcm) -> float | None:
    """Ask after her greeting; when her answer began (monotonic s), if it did."""
    if echo is not None:
        line.echo_packets = echo.delay_ms // 20
        line.echo_gain = 10 ** (-echo.loss_db / 20)
    await quiet(line)
    line.say(question)
    if not await until(lambda: not line.outgoing, _TIMEOUT_SECONDS):
        return None
    asked = time.monotonic()
    await until(lambda: line.first_sound(asked), _TIMEOUT_SECONDS)
    return line.first_sound(asked)


async def _undisturbed(phones: Phones, number: str, question: Pcm) -> float:
    """Seconds that her answer lasts when nobody disturbs her."""
    line = await phones.dial(number)
    try:
        begun = await _asked(line, None, question)
        await quiet(line)
        return line.last_sound() - (begun if begun is not None else line.last_sound())
    finally:
        await phones.release(line)


def _share(wrong: Sequence[bool]) -> float:
    return sum(wrong) / len(wrong) if wrong else float("nan")


def _first_silence(line: Line, start: float, end: float) -> tuple[float, float] | None:
    """When her first long silence after ``start`` began, and its seconds; None without any.

    ``end`` is when her answer would be over: that she is silent then is no stop.
    """
    loud = [at for at, level in zip(line.arrivals, line.levels, strict=True) if level > AUDIBLE]
    before = [at for at in loud if at <= start][-1:] or [start]
    points = [*before, *(at for at in loud if at > start), time.monotonic()]
    for earlier, later in itertools.pairwise(points):
        if later - earlier > _SILENCE_SECONDS and earlier < end - _END_SECONDS:
            return earlier, later - earlier
    return None
