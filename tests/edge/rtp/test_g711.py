import array
import math

import pytest

from annie.edge.rtp import g711
from annie.edge.rtp.codec import SILENT_PCM, Codec

pytestmark = pytest.mark.unit

CODECS = [g711.PCMU, g711.PCMA]


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_a_tone_survives_companding_within_g711_noise(codec: Codec) -> None:
    tone = array.array("h", [round(9000 * math.sin(n / 3)) for n in range(160)])
    heard = array.array("h", codec.decode(codec.encode(tone.tobytes())))
    noise = sum((a - b) ** 2 for a, b in zip(tone, heard, strict=True))
    assert 10 * math.log10(sum(a * a for a in tone) / noise) > 34


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_encoded_silence_is_what_zeros_encode_to(codec: Codec) -> None:
    assert codec.silence == codec.encode(SILENT_PCM)


def test_the_two_laws_differ_on_the_wire() -> None:
    assert g711.PCMU.silence[:1] == b"\xff"
    assert g711.PCMA.silence[:1] == b"\xd5"
