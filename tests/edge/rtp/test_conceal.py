import itertools
import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.rtp.conceal import FRAMES, Concealer

pytestmark = pytest.mark.unit


def tone(frequency: float, frames: int, start: int = 0) -> list[bytes]:
    samples = [
        round(8000 * math.sin(2 * math.pi * frequency * (start + n) / 8000))
        for n in range(160 * frames)
    ]
    return [array("h", samples[160 * n : 160 * (n + 1)]).tobytes() for n in range(frames)]


def steepest(pcm: bytes) -> int:
    samples = array("h", pcm)
    return max(abs(b - a) for a, b in itertools.pairwise(samples))


def level(pcm: bytes) -> float:
    samples = array("h", pcm)
    return math.sqrt(sum(each * each for each in samples) / len(samples))


def after(frames: list[bytes]) -> Concealer:
    concealer = Concealer()
    for frame in frames:
        assert concealer.heard(frame) == frame
    return concealer


@pytest.mark.parametrize("frequency", [70, 100, 143, 200, 310, 440])
def test_a_lost_frame_of_a_voiced_sound_goes_on_without_a_click(frequency: float) -> None:
    spoken = tone(frequency, 7)
    concealer = after(spoken[:5])
    made_up = concealer.missing()
    assert made_up is not None
    heard = spoken[4] + made_up + concealer.heard(spoken[6])
    assert steepest(heard) < 2 * steepest(b"".join(spoken))
    assert level(made_up) > 0.7 * level(spoken[4])


def test_silence_instead_would_have_clicked() -> None:
    spoken = tone(143, 6)
    assert steepest(spoken[4] + bytes(320) + spoken[5]) > 5 * steepest(b"".join(spoken))


def test_what_is_made_up_fades_and_ends() -> None:
    concealer = after(tone(200, 5))
    made_up = [concealer.missing() for _ in range(FRAMES + 2)]
    assert made_up[FRAMES:] == [None, None]
    levels = [level(each) for each in made_up[:FRAMES] if each is not None]
    assert len(levels) == FRAMES
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] < 0.3 * levels[0]
    assert made_up[FRAMES - 1][-40:] == bytes(40)  # pyright: ignore[reportOptionalSubscript]


def test_the_first_good_frame_is_faded_in_and_the_others_left_alone() -> None:
    spoken = tone(200, 8)
    concealer = after(spoken[:5])
    concealer.missing()
    back = concealer.heard(spoken[6])
    assert back != spoken[6]
    assert back[64:] == spoken[6][64:]
    assert concealer.heard(spoken[7]) == spoken[7]


def test_after_another_stream_began_nothing_of_the_old_one_is_repeated() -> None:
    concealer = after(tone(200, 5))
    concealer.missing()
    concealer.forget()
    assert concealer.missing() is None
    (other,) = tone(443, 1)
    assert concealer.heard(other) == other


@given(st.lists(st.one_of(st.none(), st.binary(min_size=320, max_size=320)), max_size=12))
def test_whatever_was_heard_frames_are_whole(frames: list[bytes | None]) -> None:
    concealer = Concealer()
    for frame in frames:
        pcm = concealer.missing() if frame is None else concealer.heard(frame)
        assert pcm is None or len(pcm) == 320
