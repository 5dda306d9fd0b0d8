import contextlib
import socket

import pytest

from annie.edge.rtp.latch import Former
from annie.edge.rtp.ports import REST, NoPortLeft, PortRange, Ports

pytestmark = pytest.mark.integration


def four_free() -> int:
    """An even port that was free a moment ago, as were the three above."""
    for first in range(41000, 60000, 4):
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + 4):
                    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    stack.enter_context(bound).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise AssertionError("no free ports")


def close(*pairs: Ports) -> None:
    for pair in pairs:
        pair.rtp.close()
        pair.rtcp.close()


def test_pairs_begin_with_an_even_port_and_are_taken_in_turn() -> None:
    first = four_free()
    ports = PortRange("127.0.0.1", first - 1, first + 3)
    one, two = ports.open(0.0), ports.open(0.0)
    try:
        assert [one.number, two.number] == [first, first + 2]
        assert one.rtcp.getsockname()[1] == first + 1
    finally:
        close(one, two)


def test_an_exhausted_range_says_so() -> None:
    first = four_free()
    ports = PortRange("127.0.0.1", first, first + 1)
    taken = ports.open(0.0)
    try:
        with pytest.raises(NoPortLeft, match="--rtp-ports"):
            ports.open(1000.0)
    finally:
        close(taken)


def test_a_port_rests_before_it_is_given_out_again_and_tells_whom_it_had_heard() -> None:
    first = four_free()
    ports = PortRange("127.0.0.1", first, first + 1)
    heard = Former(("127.0.0.1", 9), 77)
    ports.release(ports.open(100.0), heard, 110.0)
    with pytest.raises(NoPortLeft):
        ports.open(110.0 + REST - 0.1)
    again = ports.open(110.0 + REST)
    try:
        assert (again.number, again.former) == (first, heard)
    finally:
        close(again)


def test_a_pair_of_which_somebody_else_has_the_upper_port_is_passed_over() -> None:
    first = four_free()
    ports = PortRange("127.0.0.1", first, first + 3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", first + 1))
        pair = ports.open(0.0)
    close(pair)
    assert pair.rtp.fileno() == -1
    again = ports.open(0.0)
    try:
        assert again.number == first
    finally:
        close(again)


def test_ports_of_the_systems_choice_are_pairs_as_well() -> None:
    ports = PortRange("127.0.0.1", 0, 0)
    pair = ports.open(0.0)
    try:
        assert pair.number % 2 == 0
        assert pair.rtcp.getsockname()[1] == pair.number + 1
    finally:
        close(pair)


@pytest.mark.parametrize(
    ("first", "last"), [(4001, 4002), (4000, 4000), (5000, 4000), (65000, 70000), (0, 100)]
)
def test_an_impossible_range_is_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="UDP port"):
        PortRange("127.0.0.1", first, last)


def test_a_foreign_address_is_an_error_at_once() -> None:
    with pytest.raises(OSError):
        PortRange("192.0.2.1", 40000, 40010).open(0.0)
