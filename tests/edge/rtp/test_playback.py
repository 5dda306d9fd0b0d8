import pytest

from annie.edge.rtp.playback import MAX_FRAMES, PlaybackQueue
from annie.kit.link import FRAME_BYTES

pytestmark = pytest.mark.unit


def frames(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "little") * 160 for number in numbers)


def test_frames_are_played_in_order_and_counted() -> None:
    queue = PlaybackQueue()
    queue.push(0, frames(1, 2))
    queue.push(0, frames(3))
    assert queue.queued == 3
    assert [queue.pop() for _ in range(4)] == [frames(1), frames(2), frames(3), None]
    assert (queue.epoch, queue.played, queue.queued) == (0, 3, 0)


def test_a_flush_forgets_what_waits_and_says_what_was_played() -> None:
    queue = PlaybackQueue()
    queue.push(0, frames(1, 2, 3))
    queue.pop()
    assert queue.flush(0) == 1
    assert queue.pop() is None
    assert (queue.epoch, queue.played) == (1, 0)


def test_a_flush_of_an_epoch_that_is_over_does_nothing() -> None:
    queue = PlaybackQueue()
    queue.flush(0)
    queue.push(1, frames(1))
    assert queue.flush(0) is None
    assert queue.pop() == frames(1)


def test_audio_of_another_epoch_is_refused() -> None:
    queue = PlaybackQueue()
    queue.push(1, frames(1))
    assert queue.pop() is None
    assert queue.refused == 1


def test_the_queue_is_bounded() -> None:
    queue = PlaybackQueue()
    queue.push(0, bytes((MAX_FRAMES + 7) * FRAME_BYTES))
    queue.push(0, frames(1))
    assert queue.queued == MAX_FRAMES
    assert queue.refused == 8
