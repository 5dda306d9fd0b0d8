import itertools
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annie.edge.rtp.control import INTERVAL, ControlSession
from annie.edge.rtp.reception import Reception, ReportBlock
from annie.edge.rtp.rtcp import (
    Goodbye,
    Report,
    build_receiver_report,
    build_sender_report,
    parse_rtcp,
)

pytestmark = pytest.mark.unit


@dataclass
class Stream:
    ssrc: int
    timestamp: int = 1000
    packets: int = 0
    octets: int = 0

    def send(self, packets: int) -> None:
        self.packets += packets
        self.octets += 160 * packets
        self.timestamp += 160 * packets


class Side:
    """One end of a call."""

    def __init__(self, ssrc: int) -> None:
        self.stream = Stream(ssrc)
        self.reception = Reception()
        self.control = ControlSession(self.stream, self.reception, 1_700_000_000.0)

    def hears(self, other: "Side", sequences: range) -> None:
        if self.reception.ssrc != other.stream.ssrc:
            self.reception.begin(other.stream.ssrc)
        for sequence in sequences:
            self.reception.take(sequence, sequence * 160, sequence * 160)

    def report(self, now: float) -> bytes:
        while (data := self.control.due(now)) is None:
            now += 0.5
        return data


def report_in(data: bytes) -> Report:
    parsed = parse_rtcp(data)
    assert parsed is not None
    report = parsed[0]
    assert isinstance(report, Report)
    return report


def test_reports_come_about_every_five_seconds_the_first_earlier() -> None:
    side = Side(1)
    sent = [second / 10 for second in range(10_000) if side.control.due(second / 10)]
    assert sent[0] <= INTERVAL
    gaps = [after - before for before, after in itertools.pairwise(sent)]
    assert all(0.5 * INTERVAL / 1.3 <= gap <= 1.5 * INTERVAL for gap in gaps)
    assert len(set(gaps)) > 10
    assert 3.5 < sum(gaps) / len(gaps) < 5


def test_whoever_sends_makes_sender_reports_and_others_receiver_reports() -> None:
    side = Side(1)
    assert report_in(side.report(0.0)).sender is None
    side.stream.send(50)
    first = report_in(side.report(10.0))
    assert first.sender is not None
    assert (first.sender.packets, first.sender.octets) == (50, 8000)
    assert report_in(side.report(20.0)).sender is None


def test_the_round_trip_is_measured_from_report_to_answer() -> None:
    ours, theirs = Side(1), Side(2)
    ours.stream.send(10)
    theirs.stream.send(10)
    ours.hears(theirs, range(10))
    theirs.hears(ours, range(10))
    assert ours.control.round_trip is None
    theirs.control.receive(ours.control.goodbye(100.0), 100.04)
    ours.control.receive(theirs.control.goodbye(102.5), 102.57)
    assert ours.control.round_trip == pytest.approx(0.11, abs=0.001)  # pyright: ignore[reportUnknownMemberType]


def test_what_the_peer_missed_is_known() -> None:
    ours, theirs = Side(1), Side(2)
    ours.stream.send(100)
    theirs.hears(ours, range(0, 100, 2))
    ours.control.receive(theirs.control.goodbye(10.0), 10.0)
    assert ours.control.peer_lost == 49
    assert ours.control.peer_lost_percent == 49.0


def test_a_report_about_somebody_else_says_nothing_about_us() -> None:
    ours = Side(1)
    ours.stream.send(100)
    block = ReportBlock(99, 0, 50, 0, 7, 1, 1)
    assert ours.control.receive(build_receiver_report(2, block), 10.0)
    assert ours.control.peer_lost is None
    assert ours.control.round_trip is None


def test_an_answer_from_before_its_question_is_no_round_trip() -> None:
    ours = Side(1)
    ours.stream.send(1)
    middle = report_in(ours.control.goodbye(10.0)).sender
    assert middle is not None
    block = ReportBlock(1, 0, 0, 0, 0, middle.ntp_middle, 5 * 65_536)
    ours.control.receive(build_receiver_report(2, block), 12.0)
    assert ours.control.round_trip is None


def test_a_sender_report_of_a_stream_that_we_do_not_hear_is_not_answered() -> None:
    ours, theirs = Side(1), Side(2)
    ours.hears(theirs, range(5))
    ours.control.receive(build_sender_report(77, 2**40, 0, 0, 0, None), 10.0)
    (block,) = report_in(ours.control.goodbye(11.0)).blocks
    assert (block.last_report, block.since_report) == (0, 0)


def test_the_last_report_says_goodbye() -> None:
    parsed = parse_rtcp(Side(7).control.goodbye(0.0))
    assert parsed is not None
    assert parsed[-1] == Goodbye((7,))


@given(st.binary(max_size=1500), st.floats(0, 1e9))
def test_arbitrary_bytes_never_raise(data: bytes, now: float) -> None:
    side = Side(1)
    side.stream.send(3)
    side.control.receive(data, now)
    side.control.receive(b"\x81\xc9" + data, now)
    assert side.control.goodbye(now)
