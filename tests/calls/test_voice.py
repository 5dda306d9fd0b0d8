"""The voice process's own duties: taking calls, and ending well."""

import asyncio
from typing import cast

import pytest

from annie.calls.meter import Meter
from annie.calls.voice import Voice
from annie.kit.lag import LoopLag
from annie.speech.ears import Ears
from tests.calls.fakes import Call, FakeLeg

pytestmark = pytest.mark.unit


class _NoEars:
    def process(self) -> None: ...


def _voice(call: Call) -> Voice:
    return Voice(call.services(), cast(Ears, _NoEars()), LoopLag(call.clock))


async def test_while_draining_new_calls_are_refused_and_running_ones_go_on():
    call = Call()
    voice = _voice(call)
    voice.offer(call.leg)
    await call.after(2)
    draining = asyncio.create_task(voice.drain(30.0))
    await asyncio.sleep(0)
    late = FakeLeg()
    voice.offer(late)
    assert late.rejected == 503
    await call.after(1)
    assert call.leg.status == "talking"
    call.leg.end("caller")
    await call.after(1)
    assert await draining
    assert voice.calls == 0
    assert call.reasons == ["caller_hung_up"]


async def test_a_process_that_is_behind_takes_no_more_calls_until_it_has_caught_up():
    call = Call()
    voice = _voice(call)
    legs = [FakeLeg() for _ in range(10)]
    for _ in range(10):
        voice.lag.note(0.5)
    for leg in legs[:9]:
        voice.offer(leg)
    assert [leg.rejected for leg in legs[:9]] == [0] * 8 + [503]
    for _ in range(40):
        voice.lag.note(0.0)
    voice.offer(legs[9])
    assert legs[9].rejected == 0
    await voice.drain(0.0)


async def test_calls_that_outlast_the_drain_are_cut_and_their_records_closed():
    call = Call()
    voice = _voice(call)
    voice.offer(call.leg)
    await call.after(2)
    assert not await voice.drain(0.0)
    assert call.reasons == ["system_failure"]
    assert call.leg.status == "ended"


def test_the_meter_counts_calls_and_leaves_pauses_out():
    meter = Meter()
    began = 100.0
    for tick in range(10):
        meter.tick(began + tick * 0.02 + (0.005 if tick == 5 else 0), calls=3)
    meter.tick(began + 500, calls=0)
    figures = meter.figures()
    assert figures["call_seconds"] == 0.6
    assert figures["late_max"] == pytest.approx(5.0)
    assert figures["ticks"] == 11
