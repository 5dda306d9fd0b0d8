import dataclasses
import math
import select
import socket
from collections.abc import Iterator

import pytest

from annie.edge.media import BatchEntry, MediaEngine
from annie.edge.rtp import g711, packet
from annie.edge.rtp.digits import Press
from annie.edge.rtp.ports import REST, NoPortLeft, PortRange
from annie.edge.rtp.reception import ReportBlock
from annie.edge.rtp.rtcp import Goodbye, Report, build_receiver_report, parse_rtcp
from annie.edge.rtp.ticker import SLOTS
from annie.edge.sip.events import MediaDescription
from annie.kit.link import FLAG_LOST, FRAME_BYTES
from tests.edge.rtp.network import Network

pytestmark = pytest.mark.integration

TICK = 0.02


class Peer:
    """A telephone's RTP socket."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.number = 0

    @property
    def media(self) -> MediaDescription:
        host, port = self.socket.getsockname()
        return MediaDescription(host, port, "PCMU", 0, 101, True, True, 20)

    def send(self, port: int, payload: bytes, payload_type: int = 0) -> None:
        self.number += 1
        data = packet.build(payload_type, False, self.number, self.number * 160, 5, payload)
        self.socket.sendto(data, ("127.0.0.1", port))

    def received(self) -> list[packet.RtpPacket]:
        packets: list[packet.RtpPacket] = []
        while select.select([self.socket], [], [], 0)[0]:
            parsed = packet.parse(self.socket.recv(2048))
            assert parsed is not None
            packets.append(parsed)
        return packets


class Rig:
    """An engine whose time only moves when told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.batches: list[tuple[int, list[BatchEntry]]] = []
        self.digits: list[tuple[int, str]] = []
        self.played_out: list[int] = []
        self.lost: list[int] = []
        ports = PortRange("127.0.0.1", 0, 0)
        self.engine = MediaEngine(ports, self, monotonic=lambda: self.now, media_timeout=30.0)
        self.peers: dict[int, Peer] = {}
        self.ports: dict[int, int] = {}

    def on_batch(self, tick: int, entries: list[BatchEntry]) -> None:
        self.batches.append((tick, entries))

    def on_digit(self, call: int, press: Press) -> None:
        self.digits.append((call, press.digit))

    def on_played_out(self, call: int) -> None:
        self.played_out.append(call)
        self.engine.close(call)

    def on_media_lost(self, call: int) -> None:
        self.lost.append(call)

    def call(self, number: int) -> Peer:
        peer = self.peers[number] = Peer()
        self.ports[number] = self.engine.open(number)
        self.engine.describe(number, peer.media)
        self.engine.begin(number)
        return peer

    def run(self, ticks: int) -> None:
        for _ in range(ticks * SLOTS):
            self.now += TICK / SLOTS
            self.engine.advance(self.now)


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.engine.shut()
    for peer in made.peers.values():
        peer.socket.close()


def test_every_call_is_in_every_batch_and_gets_a_packet_every_tick(rig: Rig) -> None:
    peers = [rig.call(number) for number in range(1, 26)]
    rig.run(10)
    assert [[entry[0] for entry in entries] for _, entries in rig.batches] == [
        list(range(1, 26))
    ] * len(rig.batches)
    ticks = [tick for tick, _ in rig.batches]
    assert ticks == list(range(ticks[0], ticks[0] + len(ticks)))
    assert {len(peer.received()) for peer in peers} == {10}
    assert rig.engine.lateness.count == 250


def test_audio_goes_both_ways(rig: Rig) -> None:
    peer = rig.call(1)
    spoken = (4000).to_bytes(2, "little") * 160
    rig.engine.play(1, 0, spoken * 2)
    for _ in range(3):
        peer.send(rig.ports[1], b"\x20" * 160)
        rig.run(1)
    heard = [each.payload for each in peer.received()]
    assert heard == [g711.PCMU.encode(spoken)] * 2 + [g711.PCMU.silence]
    frames = [entries[0] for _, entries in rig.batches]
    good = [entry for entry in frames if not entry[3] & FLAG_LOST]
    assert all(entry[4] == g711.PCMU.decode(b"\x20" * 160) for entry in good)
    assert len(good) >= 1
    assert all(len(entry[4]) == FRAME_BYTES for entry in frames)


def test_a_batch_reports_the_packets_sent_before_it(rig: Rig) -> None:
    rig.call(1)
    rig.engine.play(1, 0, bytes(10 * FRAME_BYTES))
    rig.run(5)
    played = [entries[0][2] for _, entries in rig.batches]
    assert played == list(range(played[0], played[0] + len(played)))
    assert rig.engine.flush(1, 0) == 5
    rig.run(1)
    assert rig.batches[-1][1][0][1:3] == (1, 0)


def test_before_it_begins_a_call_is_in_no_batch(rig: Rig) -> None:
    rig.engine.open(1)
    rig.run(3)
    assert rig.batches == []
    rig.engine.begin(1)
    rig.run(1)
    assert len(rig.batches) == 1


def test_keys_are_told(rig: Rig) -> None:
    peer = rig.call(4)
    peer.send(rig.ports[4], bytes([7, 0x8A, 3, 32]), payload_type=101)
    rig.run(1)
    assert rig.digits == [(4, "7")]


def test_a_key_whose_end_is_lost_is_told_all_the_same(rig: Rig) -> None:
    peer = rig.call(4)
    peer.send(rig.ports[4], bytes([11, 0x0A, 0, 160]), payload_type=101)
    rig.run(12)
    assert rig.digits == [(4, "#")]


def test_a_call_told_to_end_after_playout_says_when_it_has(rig: Rig) -> None:
    peer = rig.call(1)
    rig.engine.play(1, 0, bytes(5 * FRAME_BYTES))
    rig.engine.hang_up_after_playout(1)
    rig.run(30)
    assert rig.played_out == [1]
    assert 5 <= len(peer.received()) <= 18


def test_a_stall_is_made_up_for_and_a_long_one_is_skipped(rig: Rig) -> None:
    peer = rig.call(1)
    rig.run(1)
    rig.now += 3 * TICK
    rig.engine.advance(rig.now)
    assert len(peer.received()) == 4
    assert rig.engine.skipped_ticks == 0
    rig.now += 100 * TICK
    rig.engine.advance(rig.now)
    burst = peer.received()
    assert 4 <= len(burst) <= 6
    assert rig.engine.skipped_ticks == 100 - len(burst)
    assert rig.engine.lateness.worst > 0.09


def test_a_closed_call_leaves_nothing_behind(rig: Rig) -> None:
    peer = rig.call(1)
    peer.send(rig.ports[1], b"\x20" * 160)
    rig.run(1)
    statistics = rig.engine.close(1)
    assert statistics is not None
    assert (statistics.sent, statistics.received) == (1, 1)
    assert rig.engine.close(1) is None
    assert rig.engine.calls == 0
    rig.engine.play(1, 0, bytes(FRAME_BYTES))
    rig.engine.send_digits(1, "1")
    rig.engine.hang_up_after_playout(1)
    assert rig.engine.flush(1, 0) is None
    before = len(rig.batches)
    rig.run(2)
    assert len(rig.batches) == before


def test_garbage_on_a_port_harms_nobody(rig: Rig) -> None:
    peer = rig.call(1)
    for data in (b"", b"\x80", b"OPTIONS sip:x SIP/2.0\r\n\r\n", b"\xff" * 2000):
        peer.socket.sendto(data, ("127.0.0.1", rig.ports[1]))
    rig.run(2)
    statistics = rig.engine.statistics(1)
    assert statistics is not None
    assert statistics.ignored == 4
    assert len(peer.received()) == 2


def test_an_unreachable_peer_costs_nothing_but_its_packets(rig: Rig) -> None:
    gone = rig.call(1)
    other = rig.call(2)
    gone.socket.close()
    rig.run(5)
    assert len(other.received()) == 5
    assert len(rig.batches[-1][1]) == 2


def free_pair() -> int:
    """An even port that was free a moment ago, as was the one above it."""
    for first in range(42000, 60000, 2):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two,
        ):
            try:
                one.bind(("127.0.0.1", first))
                two.bind(("127.0.0.1", first + 1))
            except OSError:
                continue
            return first
    raise AssertionError("no free ports")


def reports(bound: socket.socket) -> list[Report | Goodbye]:
    found: list[Report | Goodbye] = []
    while select.select([bound], [], [], 0)[0]:
        parsed = parse_rtcp(bound.recv(2048))
        assert parsed is not None
        found += parsed
    return found


@pytest.fixture
def control() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound


def test_reports_are_exchanged_and_the_last_one_says_goodbye(
    rig: Rig, control: socket.socket
) -> None:
    peer = rig.call(1)
    rig.engine.describe(1, dataclasses.replace(peer.media, rtcp_port=control.getsockname()[1]))
    for _ in range(500):
        peer.send(rig.ports[1], b"\x20" * 160)
        rig.run(1)
    (first, *_) = reports(control)
    assert isinstance(first, Report)
    assert first.sender is not None
    assert [block.ssrc for block in first.blocks] == [5]
    ours = peer.received()[0].ssrc
    answer = ReportBlock(ours, 0, 25, 0, 80, first.sender.ntp_middle, 0)
    control.sendto(build_receiver_report(5, answer), ("127.0.0.1", rig.ports[1] + 1))
    rig.run(1)
    figures = rig.engine.close(1)
    assert figures is not None
    assert (figures.sent, figures.received, figures.lost) == (501, 500, 0)
    assert (figures.peer_lost, figures.peer_jitter_ms) == (25, 10.0)
    assert reports(control)[-1] == Goodbye((ours,))


def test_reports_share_the_port_where_that_was_agreed(rig: Rig) -> None:
    peer = rig.call(1)
    rig.engine.describe(1, dataclasses.replace(peer.media, rtcp_mux=True))
    rig.run(1)
    peer.received()
    peer.socket.sendto(build_receiver_report(5, None), ("127.0.0.1", rig.ports[1]))
    rig.run(1)
    peer.received()
    figures = rig.engine.close(1)
    assert figures is not None
    assert figures.ignored == 0
    assert isinstance(reports(peer.socket)[-1], Goodbye)


def test_a_peer_that_vanished_is_told_after_its_time_and_not_before(rig: Rig) -> None:
    peer = rig.call(1)
    rig.call(2)
    rig.engine.describe(2, dataclasses.replace(rig.peers[2].media, sending=False))
    peer.send(rig.ports[1], b"\x20" * 160)
    rig.run(29 * 50)
    assert rig.lost == []
    rig.run(3 * 50)
    assert set(rig.lost) == {1}


def test_a_peer_that_only_reports_is_alive(rig: Rig, control: socket.socket) -> None:
    rig.call(1)
    for _ in range(10):
        control.sendto(build_receiver_report(5, None), ("127.0.0.1", rig.ports[1] + 1))
        rig.run(5 * 50)
    assert rig.lost == []


def test_a_call_over_a_bad_network_is_heard_almost_whole(rig: Rig) -> None:
    peer = rig.call(1)
    network = Network(jitter=0.01, loss=0.02, burst=2, reordered=0.05, duplicated=0.02, seed=7)
    speech = [round(9000 * math.sin(n / 4)).to_bytes(2, "little", signed=True) for n in range(160)]
    payload = g711.PCMU.encode(b"".join(speech))
    arriving = network.carry((n * TICK, n) for n in range(1000))
    arrived = len({number for _, number in arriving})
    start = rig.now
    while arriving:
        while arriving and start + arriving[0][0] <= rig.now:
            _, number = arriving.pop(0)
            data = packet.build(0, False, number & 0xFFFF, number * 160, 5, payload)
            peer.socket.sendto(data, ("127.0.0.1", rig.ports[1]))
        rig.run(1)
    rig.run(20)
    figures = rig.engine.close(1)
    assert figures is not None
    assert (figures.received, figures.lost) == (arrived, 1000 - arrived)
    assert figures.duplicates > 10
    assert figures.late < 30
    assert 3 < figures.jitter_max_ms < 40
    heard = [entry for _, entries in rig.batches for entry in entries if not entry[3] & FLAG_LOST]
    assert len(heard) > arrived - figures.late - 40
    # Whatever was lost: in the middle of speech there is no frame of nothing but zeros, but
    # where more was lost at once than is ever made up.
    spoken = [any(entries[0][4]) for _, entries in rig.batches[20:980]]
    assert spoken.count(False) < 10


def test_late_packets_of_a_call_never_reach_the_next_one_on_its_port() -> None:
    rig = Rig()
    first = free_pair()
    rig.engine = MediaEngine(
        PortRange("127.0.0.1", first, first + 1), rig, monotonic=lambda: rig.now
    )
    try:
        old = rig.call(1)
        old.send(rig.ports[1], b"\x20" * 160)
        rig.run(3)
        rig.engine.close(1)
        with pytest.raises(NoPortLeft):
            rig.engine.open(2)
        rig.now += REST
        rig.call(2)
        assert rig.ports[2] == first
        begun = len(rig.batches)
        for _ in range(10):
            old.send(rig.ports[2], b"\x20" * 160)
            rig.run(1)
        assert all(entries[0][3] & FLAG_LOST for _, entries in rig.batches[begun:])
        figures = rig.engine.statistics(2)
        assert figures is not None
        assert (figures.received, figures.ignored) == (0, 10)
    finally:
        rig.engine.shut()
        for peer in rig.peers.values():
            peer.socket.close()
