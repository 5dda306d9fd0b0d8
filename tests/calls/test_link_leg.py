import asyncio
import os
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annie.calls.link import VoiceLink
from annie.calls.link_leg import MAX_GAP, SEND_AHEAD, LinkLeg
from annie.calls.protocols import CallLeg
from annie.edge.rtp.playback import PlaybackQueue
from annie.kit import link
from annie.kit.link import FLAG_LOST, FRAME_BYTES, FRAME_SAMPLES, CallFacts, UpstreamBatch
from annie.speech.protocols import Pcm

pytestmark = pytest.mark.unit

CALL = 3
FACTS = CallFacts("+13055550100", "+13055550101")


class Ear:
    """A listener that writes down everything."""

    def __init__(self) -> None:
        self.frames: list[tuple[Pcm, Pcm, bool]] = []
        self.events: list[str] = []

    def on_established(self) -> None:
        self.events.append("established")

    def on_frame(self, pcm: Pcm, played: Pcm, lost: bool) -> None:
        self.frames.append((pcm, played, lost))

    def on_digit(self, digit: str) -> None:
        self.events.append(f"digit {digit}")

    def on_ended(self, by: str, reason: str) -> None:
        self.events.append(f"ended by {by}: {reason}")

    @property
    def played(self) -> list[bytes]:
        return [played.tobytes() for _, played, _ in self.frames]


class Wire(asyncio.Transport):
    """Takes what voice writes."""

    def __init__(self) -> None:
        super().__init__()
        self.reader = link.PacketReader()
        self.packets: deque[link.Packet] = deque()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.packets.extend(self.reader.feed(bytes(data)))

    def take(self) -> list[link.Packet]:
        taken = list(self.packets)
        self.packets.clear()
        return taken


class Rig:
    """A voice link with one offered call and an edge's playback queue at the other end."""

    def __init__(self) -> None:
        self.ear = Ear()
        self.ticks_told = 0
        self.legs: list[LinkLeg] = []
        self.voice = VoiceLink("unused", self._on_call, self._on_tick)
        self.wire = Wire()
        self.voice.opened(self.wire)
        self.voice.take(link.Hello("edge", 1))
        self.queue = PlaybackQueue()
        self.up: deque[link.Packet] = deque()
        self.tick_number = 0
        self.sent: list[bytes] = []
        self.controls: list[link.Control] = []

    @classmethod
    def answered(cls) -> "Rig":
        rig = cls()
        rig.voice.take(link.CallOffered(CALL, FACTS))
        rig.leg.answer()
        return rig

    @property
    def leg(self) -> LinkLeg:
        return self.legs[0]

    def _on_call(self, leg: CallLeg) -> None:
        assert isinstance(leg, LinkLeg)
        self.legs.append(leg)
        leg.listen(self.ear)

    def _on_tick(self) -> None:
        self.ticks_told += 1

    def deliver_down(self, count: int | None = None) -> None:
        """Let the edge read ``count`` packets, or all."""
        for _ in range(len(self.wire.packets) if count is None else count):
            if not self.wire.packets:
                return
            packet = self.wire.packets.popleft()
            if isinstance(packet, list):
                for audio in packet:
                    self.queue.push(audio.epoch, audio.pcm)
            elif isinstance(packet, link.Flush):
                played = self.queue.flush(packet.epoch)
                if played is not None:
                    self.up.append(link.Flushed(CALL, packet.epoch, played))
            elif not isinstance(packet, UpstreamBatch | link.Alive):
                self.controls.append(packet)

    def deliver_up(self, count: int | None = None) -> None:
        for _ in range(len(self.up) if count is None else count):
            if self.up:
                self.voice.take(self.up.popleft())

    def tick(self, *, dropped: bool = False) -> None:
        """As the media engine does it: the batch first, then the packet."""
        entry = link.UpstreamFrame(
            CALL, self.queue.epoch, self.queue.played, FLAG_LOST, bytes(FRAME_BYTES)
        )
        if not dropped:
            self.up.append(UpstreamBatch(self.tick_number, [entry]))
        self.tick_number += 1
        self.sent.append(self.queue.pop() or bytes(FRAME_BYTES))

    async def settle(self, ticks: int = 0) -> None:
        for _ in range(ticks + 1):
            await asyncio.sleep(0)
            self.deliver_down()
            if ticks:
                self.tick()
            self.deliver_up()


def ramp(start: int, samples: int) -> Pcm:
    """Samples that are never zero and tell their place."""
    return ((start + np.arange(samples)) % 30000 + 1).astype(np.int16)


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.integers(1, 1000)),
        st.tuples(st.just("flush"), st.just(0)),
        st.tuples(st.just("down"), st.integers(1, 3)),
        st.tuples(st.just("up"), st.integers(1, 3)),
        st.tuples(st.just("tick"), st.integers(1, 4)),
        st.tuples(st.just("turn"), st.just(0)),
        st.tuples(st.just("drop"), st.integers(1, 3)),
    ),
    max_size=60,
)


async def act(rig: Rig, operations: list[tuple[str, int]]) -> int:
    """Carry the operations out; returns how many samples were given to ``play``."""
    given = 0
    for name, number in operations:
        if name == "play":
            rig.leg.play(ramp(given, number))
            given += number
        elif name == "flush":
            rig.leg.flush()
        elif name == "down":
            rig.deliver_down(number)
        elif name == "up":
            rig.deliver_up(number)
        elif name in ("tick", "drop"):
            for _ in range(number):
                rig.tick(dropped=name == "drop")
        else:
            await asyncio.sleep(0)
    return given


@settings(max_examples=200, deadline=None)
@given(OPERATIONS)
def test_what_is_reported_as_played_is_exactly_what_was_sent(
    operations: list[tuple[str, int]],
) -> None:
    async def scenario() -> None:
        rig = Rig.answered()
        await act(rig, [each for each in operations if each[0] != "drop"])
        await rig.settle(ticks=500)
        # A batch reports the packets sent before it: one tick of difference.
        assert rig.ear.played[1:] == rig.sent[: len(rig.ear.played) - 1]
        audible = sum(np.count_nonzero(np.frombuffer(each, "<i2")) for each in rig.sent)
        assert rig.leg.played_samples == audible
        assert rig.leg.queued_samples == 0
        assert rig.queue.refused == 0

    asyncio.run(scenario())


@settings(max_examples=150, deadline=None)
@given(OPERATIONS)
def test_ticks_dropped_on_the_way_lose_no_played_frame_and_no_time(
    operations: list[tuple[str, int]],
) -> None:
    async def scenario() -> None:
        rig = Rig.answered()
        rig.tick()
        await act(rig, operations)
        await rig.settle(ticks=500)
        silent = bytes(FRAME_BYTES)
        audible = [each for each in rig.sent[:-1] if each != silent]
        assert [each for each in rig.ear.played if each != silent] == audible
        assert len(rig.ear.frames) == rig.tick_number

    asyncio.run(scenario())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=30))
def test_chunks_of_any_length_join_without_a_gap(lengths: list[int]) -> None:
    async def scenario() -> None:
        rig = Rig.answered()
        rig.leg.play(ramp(0, 1600))
        given = 1600
        for length in lengths:
            await rig.settle()
            if rig.queue.queued > 3:
                rig.tick()
            rig.deliver_up()
            rig.leg.play(ramp(given, length))
            given += length
        await rig.settle(ticks=200)
        heard = np.frombuffer(b"".join(rig.sent), "<i2")
        heard = heard[np.flatnonzero(heard)[0] :][:given]
        assert np.array_equal(heard, ramp(0, given))

    asyncio.run(scenario())


async def test_audio_leaves_in_the_same_turn_of_the_loop_in_one_packet() -> None:
    rig = Rig.answered()
    rig.wire.take()
    rig.leg.play(ramp(0, 100))
    rig.leg.play(ramp(100, 220))
    await asyncio.sleep(0)
    (packet,) = rig.wire.take()
    assert isinstance(packet, list)
    assert packet == [link.DownstreamAudio(CALL, 0, ramp(0, 320).tobytes())]


async def test_a_leftover_is_padded_at_the_next_tick_when_the_queue_runs_dry() -> None:
    rig = Rig.answered()
    rig.leg.play(ramp(0, 200))
    await rig.settle()
    assert rig.leg.queued_samples == 200
    assert rig.queue.queued == 1
    await rig.settle(ticks=5)
    assert rig.leg.played_samples == 200
    assert np.count_nonzero(np.frombuffer(b"".join(rig.sent), "<i2")) == 200


async def test_the_buffer_given_to_play_may_be_used_again() -> None:
    rig = Rig.answered()
    buffer = ramp(0, 160)
    rig.leg.play(buffer)
    buffer[:] = 0
    await rig.settle(ticks=3)
    assert ramp(0, 160).tobytes() in rig.sent


async def test_audio_before_the_answer_follows_the_answer() -> None:
    rig = Rig()
    rig.voice.take(link.CallOffered(CALL, FACTS))
    rig.leg.play(ramp(0, 320))
    await asyncio.sleep(0)
    assert rig.wire.take() == [link.Hello("voice", os.getpid())]
    rig.leg.answer()
    await asyncio.sleep(0)
    answer, audio = rig.wire.take()
    assert answer == link.Answer(CALL)
    assert isinstance(audio, list)


async def test_more_audio_than_the_edge_bears_is_sent_as_room_comes() -> None:
    rig = Rig.answered()
    rig.leg.play(ramp(0, (SEND_AHEAD + 1000) * FRAME_SAMPLES))
    await rig.settle()
    assert rig.queue.queued == SEND_AHEAD
    await rig.settle(ticks=SEND_AHEAD + 1100)
    assert rig.queue.refused == 0
    assert rig.leg.played_samples == (SEND_AHEAD + 1000) * FRAME_SAMPLES


async def test_a_flush_empties_the_queue_at_once_and_is_told_to_the_edge_once() -> None:
    rig = Rig.answered()
    rig.leg.play(ramp(0, 1600))
    await rig.settle(ticks=2)
    rig.leg.flush()
    assert rig.leg.queued_samples == 0
    rig.leg.flush()
    flushes = [each for each in rig.wire.take() if isinstance(each, link.Flush)]
    assert flushes == [link.Flush(CALL, 0)]


async def test_hanging_up_after_playout_follows_the_last_audio() -> None:
    rig = Rig.answered()
    rig.leg.play(ramp(0, 200))
    rig.leg.hang_up(after_playout=True)
    rig.leg.play(ramp(0, 4000))
    await rig.settle(ticks=4)
    assert rig.controls[-1] == link.Hangup(CALL, after_playout=True)
    assert rig.controls.count(rig.controls[-1]) == 1
    assert rig.leg.played_samples == 200


async def test_a_flush_while_hanging_up_does_not_keep_the_call() -> None:
    rig = Rig.answered()
    rig.leg.play(ramp(0, (SEND_AHEAD + 500) * FRAME_SAMPLES))
    rig.leg.hang_up(after_playout=True)
    await rig.settle()
    assert not any(isinstance(each, link.Hangup) for each in rig.controls)
    rig.leg.flush()
    await rig.settle()
    assert rig.controls[-1] == link.Hangup(CALL, after_playout=True)


async def test_commands_become_messages() -> None:
    rig = Rig()
    rig.voice.take(link.CallOffered(CALL, FACTS))
    rig.leg.ring()
    rig.leg.send_digits("12")
    rig.leg.reject(404, "Not Found")
    rig.leg.hang_up()
    rig.deliver_down()
    assert rig.leg.facts == FACTS
    assert rig.controls[1:] == [
        link.Ring(CALL),
        link.SendDigits(CALL, "12"),
        link.Reject(CALL, 404, "Not Found"),
        link.Hangup(CALL),
    ]


async def test_events_are_told_in_order_and_the_tick_after_all_frames() -> None:
    rig = Rig.answered()
    rig.voice.take(link.CallEstablished(CALL))
    rig.voice.take(link.DigitReceived(CALL, "5", 100))
    pcm = ramp(0, 160)
    rig.voice.take(UpstreamBatch(0, [link.UpstreamFrame(CALL, 0, 0, 0, pcm.tobytes())]))
    figures = link.MediaFigures("PCMU", sent=5)
    rig.voice.take(link.CallEnded(CALL, "caller", "bye", figures))
    rig.voice.take(link.CallEnded(CALL, "caller", "bye"))
    assert rig.leg.media == figures
    assert rig.ear.events == ["established", "digit 5", "ended by caller: bye"]
    heard, played, lost = rig.ear.frames[0]
    assert np.array_equal(heard, pcm)
    assert not played.any()
    assert not lost
    assert rig.ticks_told == 1
    assert rig.voice.calls == 0


async def test_a_long_gap_is_bridged_only_so_far() -> None:
    rig = Rig.answered()
    rig.tick()
    rig.tick_number += 10 * MAX_GAP
    rig.tick()
    rig.deliver_up()
    assert len(rig.ear.frames) == MAX_GAP + 2


async def test_a_lost_link_ends_every_call() -> None:
    rig = Rig.answered()
    rig.voice.lost()
    rig.leg.play(ramp(0, 320))
    rig.leg.flush()
    rig.leg.hang_up()
    assert rig.ear.events == ["ended by edge: link lost"]
    assert not rig.voice.connected


async def test_a_listener_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig.answered()

    def fail(pcm: Pcm, played: Pcm, lost: bool) -> None:
        raise RuntimeError("broken ears")

    rig.ear.on_frame = fail
    for _ in range(5):
        rig.tick()
    rig.deliver_up()
    assert rig.ticks_told == 5
    assert [record.message for record in caplog.records] == ["call_listener_failed"]


async def test_a_fault_while_taking_a_call_refuses_it() -> None:
    def refuse(leg: CallLeg) -> None:
        raise RuntimeError("no database")

    voice = VoiceLink("unused", refuse)
    wire = Wire()
    voice.opened(wire)
    voice.take(link.CallOffered(CALL, FACTS))
    assert wire.take()[-1] == link.Reject(CALL, 500, "Server Internal Error")


async def test_another_version_is_refused() -> None:
    voice = VoiceLink("unused", lambda leg: None)
    with pytest.raises(link.LinkError, match="same release"):
        voice.take(link.Hello("edge", 1, version=99))
