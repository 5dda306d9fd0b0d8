import socket

import pytest

from annie.edge.rtp.ports import NoPortLeft, PortRange

pytestmark = pytest.mark.integration


def free_pair() -> int:
    """An even port that was free a moment ago, as was the one two above."""
    for first in range(41000, 60000, 2):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two,
        ):
            try:
                one.bind(("127.0.0.1", first))
                two.bind(("127.0.0.1", first + 2))
            except OSError:
                continue
            return first
    raise AssertionError("no free ports")


def test_ports_are_even_and_taken_in_turn() -> None:
    first = free_pair()
    ports = PortRange("127.0.0.1", first - 1, first + 3)
    with ports.open() as one, ports.open() as two:
        assert [one.getsockname()[1], two.getsockname()[1]] == [first, first + 2]


def test_an_exhausted_range_says_so_and_a_closed_port_is_used_again() -> None:
    first = free_pair()
    ports = PortRange("127.0.0.1", first, first + 1)
    with ports.open(), pytest.raises(NoPortLeft, match="--rtp-ports"):
        ports.open()
    with ports.open() as again:
        assert again.getsockname()[1] == first


@pytest.mark.parametrize(("first", "last"), [(4001, 4001), (5000, 4000), (65000, 70000)])
def test_an_impossible_range_is_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="UDP port"):
        PortRange("127.0.0.1", first, last)


def test_a_foreign_address_is_an_error_at_once() -> None:
    with pytest.raises(OSError):
        PortRange("192.0.2.1", 40000, 40010).open()
