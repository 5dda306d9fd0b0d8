import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.rtp.receive import MAX_HELD, ReceiveQueue

pytestmark = pytest.mark.unit

FRAME = 160


def frame(number: int, samples: int = FRAME) -> bytes:
    """A frame whose every sample is its number."""
    return number.to_bytes(2, "little") * samples


def drain(queue: ReceiveQueue, ticks: int) -> list[int | None]:
    taken = [queue.take() for _ in range(ticks)]
    return [None if pcm is None else int.from_bytes(pcm[:2], "little") for pcm in taken]


def test_frames_come_out_in_order_after_one_tick_of_patience() -> None:
    queue = ReceiveQueue()
    heard: list[int | None] = []
    for number in range(1, 6):
        queue.push(1000 + number * FRAME, frame(number))
        heard += drain(queue, 1)
    assert heard == [None, 1, 2, 3, 4]
    assert queue.lost == 0


def test_before_the_first_packet_nothing_counts_as_lost() -> None:
    queue = ReceiveQueue()
    assert drain(queue, 10) == [None] * 10
    assert queue.lost == 0


def test_swapped_packets_are_put_in_order() -> None:
    queue = ReceiveQueue()
    for number in (1, 3, 2, 4):
        queue.push(number * FRAME, frame(number))
    assert drain(queue, 5) == [None, 1, 2, 3, 4]


def test_a_first_packet_that_was_overtaken_still_comes_first() -> None:
    queue = ReceiveQueue()
    queue.push(2 * FRAME, frame(2))
    queue.push(1 * FRAME, frame(1))
    assert drain(queue, 3) == [None, 1, 2]


def test_duplicates_are_dropped() -> None:
    queue = ReceiveQueue()
    for number in (1, 1, 2, 2):
        queue.push(number * FRAME, frame(number))
    assert drain(queue, 4) == [None, 1, 2, None]
    assert queue.duplicates == 2


def test_a_lost_packet_leaves_a_hole_of_its_length() -> None:
    queue = ReceiveQueue()
    for number in (1, 2, 4):
        queue.push(number * FRAME, frame(number))
    assert drain(queue, 5) == [None, 1, 2, None, 4]
    assert queue.lost == 1


def test_a_packet_that_comes_after_its_turn_is_counted_and_dropped() -> None:
    queue = ReceiveQueue()
    for number in (1, 2, 4):
        queue.push(number * FRAME, frame(number))
    assert drain(queue, 4) == [None, 1, 2, None]
    queue.push(3 * FRAME, frame(3))
    assert drain(queue, 1) == [4]
    assert queue.late == 1


def test_after_running_dry_the_stream_goes_on_without_making_up_for_the_pause() -> None:
    queue = ReceiveQueue()
    queue.push(FRAME, frame(1))
    assert drain(queue, 22) == [None, 1] + [None] * 20
    queue.push(30 * FRAME, frame(30))
    assert drain(queue, 1) == [30]


def test_a_new_time_line_is_followed() -> None:
    queue = ReceiveQueue()
    queue.push(FRAME, frame(1))
    drain(queue, 2)
    queue.push(0x80000000, frame(7))
    assert drain(queue, 2) == [None, 7]


def test_a_sender_whose_time_steps_back_a_little_is_heard_again() -> None:
    queue = ReceiveQueue()
    for number in range(20, 24):
        queue.push(number * FRAME, frame(number))
    drain(queue, 6)
    for number in range(1, 9):
        queue.push(number * FRAME, frame(number))
    assert [number for number in drain(queue, 6) if number is not None] == [6, 7, 8]


def test_timestamps_wrap_around() -> None:
    queue = ReceiveQueue()
    for number in range(1, 5):
        queue.push((0xFFFFFFFF - 2 * FRAME + number * FRAME) & 0xFFFFFFFF, frame(number))
    assert drain(queue, 5) == [None, 1, 2, 3, 4]


def test_a_burst_beyond_the_bound_loses_its_oldest_audio() -> None:
    queue = ReceiveQueue()
    for number in range(1, 21):
        queue.push(number * FRAME, frame(number))
    heard = [number for number in drain(queue, 10) if number is not None]
    assert heard == [16, 17, 18, 19, 20]
    assert queue.late == 15


def test_a_delay_that_is_never_needed_is_given_back() -> None:
    queue = ReceiveQueue()
    for number in range(1, 4):
        queue.push(number * FRAME, frame(number))
    heard: list[int | None] = []
    for number in range(4, 200):
        queue.push(number * FRAME, frame(number))
        heard += drain(queue, 1)
    assert heard[-1] == 198


@pytest.mark.parametrize("samples", [80, 240, 320, 480])
def test_packets_of_other_lengths_are_cut_into_frames(samples: int) -> None:
    queue = ReceiveQueue()
    total = 4800
    ramp = b"".join(number.to_bytes(2, "little") for number in range(total))
    heard = b""
    sent = 0
    for tick in range(total // FRAME + 4):
        while sent < min((tick + 1) * FRAME, total):
            queue.push(sent, ramp[2 * sent : 2 * (sent + samples)])
            sent += samples
        heard += queue.take() or b""
    assert heard == ramp


def test_half_a_frame_waits_for_its_other_half() -> None:
    queue = ReceiveQueue(prefill=0)
    queue.push(0, frame(1, 80))
    assert queue.take() is None
    queue.push(80, frame(2, 80))
    assert queue.take() == frame(1, 80) + frame(2, 80)


def test_a_missing_half_is_silent_in_its_place() -> None:
    queue = ReceiveQueue(prefill=0)
    queue.push(0, frame(1))
    assert queue.take() == frame(1)
    queue.push(240, frame(2, 80))
    queue.push(320, frame(3))
    assert queue.take() == bytes(160) + frame(2, 80)
    assert queue.take() == frame(3)


@given(st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 40), st.integers(1, 500)))))
def test_whatever_arrives_frames_are_whole_and_the_queue_is_bounded(
    steps: list[tuple[int, int] | None],
) -> None:
    queue = ReceiveQueue()
    for step in steps:
        if step is None:
            pcm = queue.take()
            assert pcm is None or len(pcm) == 320
        else:
            slot, samples = step
            queue.push(slot * 80, frame(slot, samples))
        assert sum(len(piece) // 2 for piece in queue._pieces.values()) == queue._held  # pyright: ignore[reportPrivateUsage]
        assert queue._held <= max(MAX_HELD, 500)  # pyright: ignore[reportPrivateUsage]


@given(st.permutations(range(4)), st.integers(0, 0xFFFFFFFF))
def test_any_order_of_a_window_of_packets_comes_out_sorted(order: list[int], start: int) -> None:
    queue = ReceiveQueue()
    for number in order:
        queue.push((start + number * FRAME) & 0xFFFFFFFF, frame(number + 1))
    assert drain(queue, 5) == [None, 1, 2, 3, 4]
