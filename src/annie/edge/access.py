"""Who may reach the SIP port, and whom we believe about the caller's identity.

A peer outside the allowed networks gets no answer at all: what a scanner can't see
it can't probe. Trust for P-Asserted-Identity (RFC 3325) is the same set unless
configured narrower.
"""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache, partial

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Loopback, RFC 1918, carrier-grade NAT excluded, IPv6 loopback, unique local, link local.
PRIVATE_NETWORKS: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)


def parse_networks(text: str) -> tuple[Network, ...]:
    """Networks from a comma- or space-separated list of addresses and CIDRs.

    Raises:
        ValueError: an entry is neither; the message names it.
    """
    networks: list[Network] = []
    for entry in text.replace(",", " ").split():
        try:
            networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError as error:
            raise ValueError(f"{entry!r} is neither an address nor a network") from error
    return tuple(networks)


class AccessList:
    """Which source addresses are served; private networks plus ``allowed``.

    ``trusted`` narrows whose asserted identity is believed; by default everybody
    who is served without having to say who they are. ``challenged`` are served, too, but
    have to prove it (``UserAgentConfig.challenged``).
    """

    def __init__(
        self,
        allowed: Iterable[Network] = (),
        trusted: Iterable[Network] | None = None,
        *,
        private: bool = True,
        challenged: Iterable[Network] = (),
    ) -> None:
        self.allowed: tuple[Network, ...] = (*(PRIVATE_NETWORKS if private else ()), *allowed)
        self.trusted: tuple[Network, ...] = self.allowed if trusted is None else tuple(trusted)
        served = (*self.allowed, *challenged)
        self._admits = lru_cache(maxsize=4096)(partial(contains, served))

    def admits(self, host: str) -> bool:
        """Whether this literal IP address is served."""
        return self._admits(host)


def contains(networks: Iterable[Network], host: str) -> bool:
    """Whether a literal address lies in one of the networks; false for anything else.

    IPv4 addresses mapped into IPv6 (``::ffff:10.0.0.1``) count as IPv4.
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address.version == network.version and address in network for network in networks)
