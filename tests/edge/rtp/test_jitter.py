import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.rtp.delay import LONGEST, SHORTEST
from annie.edge.rtp.jitter import MAX_HELD, JitterBuffer
from tests.edge.rtp.network import FRAME, TICK, Network

pytestmark = pytest.mark.unit


def plain(payload: bytes) -> bytes:
    """A codec whose samples are twice its bytes."""
    return b"".join(bytes((each, each)) for each in payload)


def frame(number: int, samples: int = FRAME) -> bytes:
    return bytes((number % 256,)) * samples


class Line:
    """A buffer, and a clock that its ticks and packets go by."""

    def __init__(self, start: int = 0) -> None:
        self.buffer = JitterBuffer()
        self.start = start
        self.now = 100.0

    def push(self, *numbers: int) -> None:
        for number in numbers:
            timestamp = (self.start + number * FRAME) & 0xFFFFFFFF
            self.buffer.push(timestamp, frame(number), plain, round(8000 * self.now))

    def hear(self, ticks: int = 1) -> list[int | None]:
        heard: list[int | None] = []
        for _ in range(ticks):
            self.now += TICK
            pcm = self.buffer.take(round(8000 * self.now))
            heard.append(None if pcm is None else pcm[0])
        return heard

    def steady(self, numbers: range) -> list[int | None]:
        heard: list[int | None] = []
        for number in numbers:
            self.push(number)
            heard += self.hear()
        return heard


def test_frames_come_out_in_order_a_tick_after_they_arrived() -> None:
    line = Line()
    assert line.steady(range(1, 100)) == list(range(1, 100))
    assert line.buffer.missed == 0
    assert line.buffer.held_samples == 0


def test_before_the_first_packet_nothing_counts_as_missed() -> None:
    line = Line()
    assert line.hear(10) == [None] * 10
    assert line.buffer.missed == 0


def test_swapped_packets_are_put_in_order() -> None:
    line = Line()
    line.push(1, 3, 2, 4)
    assert line.hear(4) == [1, 2, 3, 4]


def test_a_first_packet_that_was_overtaken_still_comes_first() -> None:
    line = Line()
    line.push(2, 1)
    assert [each for each in line.hear(4) if each is not None] == [1, 2]


def test_duplicates_are_dropped() -> None:
    line = Line()
    line.push(1, 1, 2, 2)
    assert line.hear(3) == [1, 2, None]
    assert line.buffer.duplicates == 2


def test_a_lost_packet_leaves_a_hole_of_its_length() -> None:
    line = Line()
    assert line.steady(range(1, 3)) + line.hear() + line.steady(range(4, 6)) == [1, 2, None, 4, 5]
    assert line.buffer.missed == 1


def test_a_packet_that_comes_after_its_turn_is_counted_and_dropped() -> None:
    line = Line()
    line.steady(range(1, 3))
    line.hear()
    line.push(4, 3)
    assert line.hear() == [4]
    assert line.buffer.late == 1


def test_what_comes_late_where_nothing_came_after_it_is_heard_later() -> None:
    line = Line()
    line.steady(range(1, 10))
    assert line.hear(2) == [None, None]
    assert line.steady(range(10, 20)) == list(range(10, 20))
    assert line.buffer.late == 0
    assert line.buffer.missed == 2


def test_what_is_late_once_more_is_late_only_up_to_the_longest_delay() -> None:
    line = Line()
    line.steady(range(1, 10))
    position = 10
    for _ in range(12):
        line.hear(2)
        line.steady(range(position, position + 3))
        position += 3
    assert line.buffer.late > 0
    lag = line.now - 100.0 - (position - 1) * TICK
    assert lag > LONGEST / 8000


def test_after_a_pause_in_which_time_went_on_the_stream_goes_on() -> None:
    line = Line()
    line.steady(range(1, 10))
    line.hear(50)
    assert line.steady(range(60, 70)) == list(range(60, 70))


def test_after_a_pause_in_which_the_peers_time_stood_still_the_stream_goes_on() -> None:
    line = Line()
    line.steady(range(1, 10))
    line.hear(30)
    assert line.steady(range(10, 20)) == list(range(10, 20))
    assert line.buffer.late == 0


def test_a_new_time_line_is_followed_at_once() -> None:
    line = Line()
    line.steady(range(1, 10))
    line.start = 0x80000000
    assert line.steady(range(1, 10)) == list(range(1, 10))


def test_a_sender_whose_time_steps_back_a_little_is_heard_again() -> None:
    line = Line()
    line.steady(range(20, 30))
    heard = line.steady(range(20, 40))
    assert heard == [None] * 4 + list(range(24, 40))


def test_a_sender_whose_time_steps_ahead_a_little_is_heard_at_once() -> None:
    line = Line()
    line.steady(range(1, 10))
    heard = line.steady(range(40, 80))
    assert heard == list(range(40, 80))


def test_timestamps_wrap_around() -> None:
    line = Line(start=0x100000000 - 5 * FRAME - 7)
    assert line.steady(range(1, 20)) == list(range(1, 20))


def test_a_burst_after_a_stall_is_cut_to_the_target() -> None:
    line = Line()
    line.steady(range(1, 20))
    line.hear(50)
    line.push(*range(20, 70))
    heard = [each for each in line.hear(30) if each is not None]
    assert heard == list(range(heard[0], 70))
    assert len(heard) <= 2
    assert line.buffer.late + len(heard) == 50


def test_delay_grows_with_jitter_and_is_given_back_in_silence_only() -> None:
    line = Line()
    calm = line.steady(range(1, 100))
    assert calm[-1] == 99
    for number in range(100, 160):
        # Every second packet comes together with the one after it, 60 ms late.
        if number % 4 == 3:
            line.push(*range(number - 3, number + 1))
        line.hear()
    assert line.buffer.delay.target >= 3 * FRAME
    loud = [number for number in line.steady(range(160, 200)) if number is not None]
    assert loud == list(range(loud[0], loud[0] + len(loud)))
    late_by = 199 - loud[-1]
    assert late_by >= 2


def lag_after(line: Line, numbers: range, payload: int) -> int:
    """Packets held after a calm stretch of equal samples."""
    for number in numbers:
        timestamp = number * FRAME
        line.buffer.push(timestamp, bytes((payload,)) * FRAME, plain, round(8000 * line.now))
        line.hear()
    return line.buffer.held_samples // FRAME


def test_when_the_line_is_calm_again_silence_is_shortened() -> None:
    line = Line()
    line.steady(range(1, 50))
    for number in range(50, 90):
        if number % 5 == 4:
            line.push(*range(number - 4, number + 1))
        line.hear()
    grown = line.buffer.delay.target
    assert grown >= 4 * FRAME
    assert lag_after(line, range(90, 100), 0) >= 3
    assert lag_after(line, range(100, 1500), 0) <= 1
    assert line.buffer.delay.target == SHORTEST


@pytest.mark.parametrize("samples", [80, 240, 320, 480])
def test_packets_of_other_lengths_are_cut_into_frames(samples: int) -> None:
    buffer = JitterBuffer()
    total = 4800
    ramp = random.Random(1).randbytes(total)
    heard = b""
    sent = 0
    for tick in range(total // FRAME + 5):
        while sent + samples <= min(tick * FRAME, total):
            buffer.push(sent, ramp[sent : sent + samples], plain, tick * FRAME)
            sent += samples
        heard += buffer.take(tick * FRAME + 8) or b""
    assert heard == plain(ramp)
    assert (buffer.late, buffer.held_samples) == (0, 0)


def test_a_missing_half_is_silent_in_its_place() -> None:
    line = Line()
    buffer = line.buffer
    buffer.push(0, frame(1), plain, round(8000 * line.now))
    assert line.hear() == [1]
    buffer.push(240, frame(2, 80), plain, round(8000 * line.now))
    assert buffer.take(round(8000 * (line.now + TICK))) == bytes(160) + plain(frame(2, 80))


@given(st.permutations(range(4)), st.integers(0, 0xFFFFFFFF))
def test_any_order_of_a_window_of_packets_comes_out_sorted(order: list[int], start: int) -> None:
    line = Line(start)
    line.push(*(number + 1 for number in order))
    assert [each for each in line.hear(6) if each is not None] == [1, 2, 3, 4]


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.tuples(st.integers(-40, 90), st.integers(0, 500), st.integers(0, 60)),
        )
    ),
    st.integers(0, 0xFFFFFFFF),
)
def test_whatever_arrives_frames_are_whole_and_the_buffer_is_bounded(
    steps: list[tuple[int, int, int] | None], start: int
) -> None:
    buffer = JitterBuffer()
    now = 1.0
    for step in steps:
        if step is None:
            now += TICK
            pcm = buffer.take(round(8000 * now))
            assert pcm is None or len(pcm) == 320
        else:
            slot, samples, milliseconds = step
            now += milliseconds / 1000
            timestamp = (start + slot * 80) & 0xFFFFFFFF
            buffer.push(timestamp, frame(slot, samples), plain, round(8000 * now))
        pieces = buffer._pieces  # pyright: ignore[reportPrivateUsage]
        assert sum(len(payload) for _, payload in pieces.values()) == buffer.held_samples
        assert buffer.held_samples <= MAX_HELD + 500


def through(network: Network, packets: int = 3000) -> tuple[JitterBuffer, list[int | None]]:
    """What is heard of so many packets; their numbers count modulo 251."""
    buffer = JitterBuffer()
    arriving = network.carry((n * TICK, n) for n in range(packets))
    heard: list[int | None] = []
    position = 0
    for tick in range(packets + 20):
        now = tick * TICK
        while position < len(arriving) and arriving[position][0] <= now:
            at, number = arriving[position]
            buffer.push(number * FRAME, bytes((number % 251,)) * FRAME, plain, round(8000 * at))
            position += 1
        pcm = buffer.take(round(8000 * now))
        heard.append(None if pcm is None else pcm[0])
    return buffer, heard


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("network", "most_late"),
    [
        ({"jitter": 0.002}, 0.005),
        ({"jitter": 0.01}, 0.03),
        ({"jitter": 0.02, "reordered": 0.05}, 0.03),
        ({"jitter": 0.03, "duplicated": 0.1}, 0.04),
    ],
)
def test_on_a_bad_network_almost_nothing_comes_too_late(
    network: dict[str, float], most_late: float, seed: int
) -> None:
    buffer, heard = through(Network(seed=seed, **network))  # pyright: ignore[reportArgumentType]
    assert buffer.late <= most_late * 3000
    played = sum(each is not None for each in heard)
    # What isn't heard came late, or was left out to catch up; nothing else disappears.
    assert played >= 3000 * (1 - most_late) - 60
    assert buffer.delay.target <= LONGEST


@pytest.mark.parametrize("seed", range(5))
def test_what_is_lost_is_missed_once_and_everything_else_is_heard(seed: int) -> None:
    buffer, heard = through(Network(loss=0.03, burst=2, jitter=0.001, seed=seed))
    assert buffer.late == 0
    arrived = len(
        Network(loss=0.03, burst=2, jitter=0.001, seed=seed).carry((0, 0) for _ in range(3000))
    )
    assert sum(each is not None for each in heard) == arrived
