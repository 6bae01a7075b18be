"""Whose request it is, where proxies stand between; nobody else's word is taken for it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TypeAlias

from gis_layers.errors import UsageError, Where

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_MOST_HOPS = 20


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read addresses and networks (`10.0.0.0/8`).

    Raises
    ------
    UsageError
        If one is neither.
    """
    made = []
    for text in texts:
        try:
            made.append(ipaddress.ip_network(text))
        except ValueError:
            raise UsageError(
                "a trusted proxy is an address or a network",
                Where(value=text),
                remedy="write 10.0.0.7 or 10.0.0.0/8",
            ) from None
    return tuple(made)


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the address of the client: the last one named that no trusted proxy has.

    Parameters
    ----------
    peer
        Address at the other end of the connection.
    forwarded
        Values of X-Forwarded-For, in their order; taken only from a trusted peer, and read from the end, where
        our own proxy wrote: what stands before was written by whoever asked.
    trusted
        The proxies.

    Examples
    --------
    >>> ours = read_networks(["10.0.0.0/8"])
    >>> client_address("10.0.0.1", ["6.6.6.6, 203.0.113.9, 10.0.0.2"], ours)
    '203.0.113.9'
    >>> client_address("203.0.113.9", ["6.6.6.6"], ours)
    '203.0.113.9'
    """
    if not is_in(peer, trusted):
        return peer
    found = peer
    hops = ",".join(forwarded).split(",")
    for hop in reversed(hops[-_MOST_HOPS:]):
        try:
            address = str(ipaddress.ip_address(hop.strip().strip("[]")))
        except ValueError:
            break
        found = address
        if not is_in(address, trusted):
            break
    return found


def is_in(address: str, networks: Sequence[Network]) -> bool:
    """Tell whether an address lies in one of some networks; what is no address lies in none."""
    if not networks:
        return False
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found.version == network.version and found in network for network in networks)


def client_key(address: str) -> str:
    """Return what a client is counted under: its address; of IPv6 the /64, of which one household has all.

    Examples
    --------
    >>> client_key("203.0.113.9"), client_key("2001:db8:1:2:3:4:5:6")
    ('203.0.113.9', '2001:db8:1:2::/64')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address


def is_local(host: str) -> bool:
    """Tell whether a host is this machine's own name or address.

    Examples
    --------
    >>> is_local("localhost"), is_local("127.0.0.1"), is_local("audan.example")
    (True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_far(address: str) -> bool:
    """Tell whether an address is another machine's; what is no address (a socket file) is not.

    Examples
    --------
    >>> is_far("203.0.113.9"), is_far("::1"), is_far("::ffff:127.0.0.1"), is_far("?")
    (True, False, False, False)
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if found.version == 6 else None
    return not (mapped or found).is_loopback
