"""Who is served."""

import pytest

from annie.edge.access import AccessList, contains, parse_networks

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "::1", "fd00::1", "fe80::1%eth0"],
)
def test_private_networks_are_served_by_default(host: str) -> None:
    assert AccessList().admits(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "172.32.0.1", "2001:4860::1", "", "pbx.example.com"])
def test_anybody_else_is_not(host: str) -> None:
    assert not AccessList().admits(host)


def test_the_allow_list_adds_networks() -> None:
    access = AccessList(parse_networks("8.8.8.0/24, 2001:4860::/32 9.9.9.9"))
    assert access.admits("8.8.8.8")
    assert access.admits("2001:4860::1")
    assert access.admits("9.9.9.9")
    assert not access.admits("9.9.9.8")
    assert access.admits("10.0.0.1")


def test_private_networks_can_be_left_out() -> None:
    assert not AccessList(private=False).admits("10.0.0.1")


def test_trust_follows_access_unless_it_is_narrowed() -> None:
    assert AccessList().trusted == AccessList().allowed
    assert AccessList(trusted=parse_networks("10.0.0.5")).trusted == parse_networks("10.0.0.5/32")


def test_an_ipv4_address_within_ipv6_counts_as_ipv4() -> None:
    assert contains(parse_networks("8.8.8.0/24"), "::ffff:8.8.8.8")


def test_an_entry_that_is_no_network_is_named() -> None:
    with pytest.raises(ValueError, match=r"'10\.0\.0\.0/99'"):
        parse_networks("10.0.0.0/8, 10.0.0.0/99")
