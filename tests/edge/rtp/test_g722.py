import math
from array import array

import pytest

from annie.edge.rtp.codec import SILENT_PCM
from annie.edge.rtp.codecs import open_codec
from annie.edge.rtp.g722 import g722

pytestmark = pytest.mark.unit


def tone(frequency: float, frames: int) -> list[bytes]:
    samples = [
        round(8000 * math.sin(2 * math.pi * frequency * n / 8000)) for n in range(160 * frames)
    ]
    return [array("h", samples[160 * n : 160 * (n + 1)]).tobytes() for n in range(frames)]


def test_a_byte_lasts_as_long_as_a_tick_of_the_rtp_clock() -> None:
    codec = g722()
    payload = codec.encode(SILENT_PCM)
    assert len(payload) == 160
    assert len(codec.decode(payload)) == 320


@pytest.mark.parametrize("frequency", [200, 1000, 3000])
def test_a_tone_survives(frequency: float) -> None:
    codec = g722()
    spoken = tone(frequency, 20)
    heard = array("h", b"".join(codec.decode(codec.encode(each)) for each in spoken))
    said = array("h", b"".join(spoken))
    # The filters delay; the best lag tells what is noise.
    ratios: list[float] = []
    for lag in range(60):
        pairs = list(zip(said[1000:2800], heard[1000 + lag : 2800 + lag], strict=True))
        noise = sum((a - b) ** 2 for a, b in pairs)
        ratios.append(10 * math.log10(sum(a * a for a, _ in pairs) / max(noise, 1)))
    assert max(ratios) > 20


def test_silence_comes_out_silent() -> None:
    codec = open_codec("G722")
    heard = [codec.decode(codec.encode_silence()) for _ in range(20)]
    assert max(abs(each) for each in array("h", heard[-1])) < 20


def test_no_two_streams_share_a_state() -> None:
    one, two = g722(), g722()
    for each in tone(1000, 5):
        one.encode(each)
    assert one.encode(SILENT_PCM) != two.encode(SILENT_PCM)
