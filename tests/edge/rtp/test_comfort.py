import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.rtp.comfort import LOUDEST, ComfortNoise
from annie.edge.rtp.g711 import audioop

pytestmark = pytest.mark.unit


def level(pcm: bytes | None) -> int:
    assert pcm is not None
    assert len(pcm) == 320
    return audioop.rms(pcm, 2)


def test_without_a_word_of_comfort_noise_a_missing_frame_is_a_loss() -> None:
    assert ComfortNoise().frame(1000) is None


def test_silence_lasts_from_its_packet_to_the_next_audio() -> None:
    comfort = ComfortNoise()
    comfort.describe(1000, b"\x32")
    assert comfort.frame(840) is None
    assert comfort.frame(1000)
    assert comfort.frame(1_000_000)
    comfort.describe(9000, b"\x32\x01\x02")
    comfort.resume(20_000)
    assert comfort.frame(19_840)
    assert comfort.frame(20_000) is None
    assert comfort.frame(20_160) is None


def test_audio_from_before_the_silence_that_comes_after_it_ends_nothing() -> None:
    comfort = ComfortNoise()
    comfort.describe(1000, b"\x32")
    comfort.resume(840)
    assert comfort.frame(2000)


@pytest.mark.parametrize(("sent", "heard"), [(40, 328), (50, 104), (60, 33)])
def test_noise_is_as_loud_as_it_says(sent: int, heard: int) -> None:
    comfort = ComfortNoise()
    comfort.describe(0, bytes((sent,)))
    assert level(comfort.frame(0)) == pytest.approx(heard, rel=0.15)  # pyright: ignore[reportUnknownMemberType]


def test_noise_is_noise_and_no_buzz() -> None:
    comfort = ComfortNoise()
    comfort.describe(0, b"\x28")
    frames = {comfort.frame(0) for _ in range(10)}
    assert len(frames) == 10
    assert all(len(set(frame or b"")) > 50 for frame in frames)


def test_nobody_can_make_it_roar() -> None:
    comfort = ComfortNoise()
    comfort.describe(0, b"\x00")
    assert level(comfort.frame(0)) < 32768 * 10 ** (-LOUDEST / 20) * 1.2


@given(
    st.lists(
        st.one_of(
            st.tuples(st.integers(0, 2**32 - 1), st.binary(max_size=20)),
            st.integers(0, 2**32 - 1),
        )
    ),
    st.integers(0, 2**32 - 1),
)
def test_whatever_comes_a_frame_is_whole_or_none(
    packets: list[tuple[int, bytes] | int], timestamp: int
) -> None:
    comfort = ComfortNoise()
    for packet in packets:
        if isinstance(packet, int):
            comfort.resume(packet)
        else:
            comfort.describe(*packet)
        pcm = comfort.frame(timestamp)
        assert pcm is None or len(pcm) == 320
