"""Runs the corpus and counts what happened for each kind of moment."""

import asyncio
from collections.abc import Sequence

from annie.speech.engines.silero import SileroVoiceActivity
from annie.speech.engines.whisper import WhisperRecognizer
from bench.interruptions import on_the_wire as wire
from bench.interruptions.corpus import Effect, moments
from bench.interruptions.trial import ANSWER, SENTENCES, Outcome, tried
from bench.table import Row, quantile
from bench.voices import Voices
from tests.interop.annie_server import AnnieServer

#: A pause that she comes back from within this is no stop, if nothing was lost.
SHORT_PAUSE_MS = 1000.0
_HEADER = (
    f"{'kind':<16} {'n':>4} {'untouched':>9} {'paused':>6} {'long pause':>10} {'given up':>8} "
    f"{'wrong':>6}   {'silent after p50 / p95':>22}   {'pause p50 / worst':>18}"
)


def on_the_wire(annie: AnnieServer, half: int, of_a_kind: int) -> list[Row]:
    """A sample of one half on real calls."""

    async def measured() -> list[Row]:
        voices = Voices()
        try:
            chosen = wire.sample(await moments(voices, half, 1), of_a_kind)
            return await wire.measure(annie, voices, chosen)
        finally:
            await voices.close()

    return asyncio.run(measured())


async def in_virtual_time(half: int, takes: int) -> list[Outcome]:
    """Every moment of one half, tried on a call of its own."""
    voices, activity, recognizer = Voices(), SileroVoiceActivity(), WhisperRecognizer()
    await recognizer.warm()
    try:
        sentences = {
            text: await voices.say(text, language)
            for texts in (SENTENCES, ANSWER)
            for language, text in texts.items()
        }
        return [
            await tried(moment, sentences, activity, recognizer)
            for moment in await moments(voices, half, takes)
        ]
    finally:
        recognizer.close()
        await voices.close()


def wrong(outcome: Outcome) -> bool:
    """A missed stop or a false one."""
    if outcome.moment.effect is Effect.STOP:
        return not outcome.given_up
    return outcome.given_up or outcome.lost_ms > 0 or sum(outcome.pauses_ms) > SHORT_PAUSE_MS


def report(outcomes: Sequence[Outcome], *, each: bool = False) -> str:
    """A line a kind; with ``each`` also a line a moment that wasn't left untouched."""
    kinds = dict.fromkeys(outcome.moment.kind for outcome in outcomes)
    lines = [_HEADER]
    lines += [
        _line(kind, [each for each in outcomes if each.moment.kind == kind]) for kind in kinds
    ]
    if each:
        lines += [_detail(outcome) for outcome in outcomes if _worth_a_look(outcome)]
    return "\n".join(lines)


def rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """The same for the common table."""
    found: list[Row] = []
    for effect, name in ((Effect.STOP, "missed stops"), (Effect.GO_ON, "false stops")):
        chosen = [each for each in outcomes if each.moment.effect is effect]
        share = 100 * sum(map(wrong, chosen)) / len(chosen)
        found.append(Row(f"interruptions: {name} of {len(chosen)}", [share], "%"))
    times = [
        each.stop_ms
        for each in outcomes
        if each.moment.effect is Effect.STOP and each.stop_ms is not None
    ]
    found.append(Row("interruptions: first sound → silence", times, "ms", "p95 ≤ 200"))
    return found


def _worth_a_look(outcome: Outcome) -> bool:
    return wrong(outcome) or outcome.stop_ms is not None


def _line(kind: str, outcomes: Sequence[Outcome]) -> str:
    untouched = sum(each.stop_ms is None for each in outcomes)
    given_up = sum(each.given_up for each in outcomes)
    paused = [each for each in outcomes if each.stop_ms is not None and not each.given_up]
    long = sum(sum(each.pauses_ms) > SHORT_PAUSE_MS for each in paused)
    stops = [each.stop_ms for each in outcomes if each.stop_ms is not None]
    pauses = [sum(each.pauses_ms) for each in paused]
    silent = f"{quantile(stops, 0.5):.0f} / {quantile(stops, 0.95):.0f} ms" if stops else ""
    length = f"{quantile(pauses, 0.5):.0f} / {max(pauses):.0f} ms" if pauses else ""
    return (
        f"{kind:<16} {len(outcomes):>4} {untouched:>9} {len(paused) - long:>6} {long:>10} "
        f"{given_up:>8} {sum(map(wrong, outcomes)):>6}   {silent:>22}   {length:>18}"
    )


def _detail(outcome: Outcome) -> str:
    pauses = ", ".join(f"{each:.0f}" for each in outcome.pauses_ms)
    verdict = "WRONG" if wrong(outcome) else "right"
    language = outcome.moment.language.code
    return (
        f"  {verdict} {outcome.moment.kind} {language} {outcome.moment.name!r}: silent after "
        f"{outcome.stop_ms} ms, pauses {pauses}, "
        f"{'given up' if outcome.given_up else 'went on'}, heard {outcome.words!r}, "
        f"lost {outcome.lost_ms:.0f} ms"
    )
