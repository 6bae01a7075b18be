"""Which addresses a webhook may call: public ones, and networks that the settings allow. Nothing else, by any name.

A name is looked up once, every address it has must be allowed, and the connection goes to one of those that were
checked: a name that answers differently the second time (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import TypeAlias

from ..errors import UsageError, Where

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
"""Where public addresses of IPv6 are; `is_global` also says so of some that were given up (site-local fec0::/10)."""


def allowed(address: Address, networks: Iterable[str] = ()) -> bool:
    """Tell whether an address may be called.

    An address that carries another (IPv4-mapped, 6to4, Teredo, NAT64) is judged by the one it carries.

    Examples
    --------
    >>> allowed(ipaddress.ip_address("127.0.0.1")), allowed(ipaddress.ip_address("::ffff:10.0.0.1"))
    (False, False)
    >>> allowed(ipaddress.ip_address("10.0.0.1"), ["10.0.0.0/8"]), allowed(ipaddress.ip_address("8.8.8.8"))
    (True, True)
    """
    inner = _carried(address)
    if inner is not None:
        return allowed(inner, networks)
    if in_networks(address, networks):
        return True
    if address.version == 6 and address not in _UNICAST:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def in_networks(address: Address, networks: Iterable[str]) -> bool:
    """Tell whether an address lies in one of some networks."""
    held = [ipaddress.ip_network(text) for text in networks]
    return any(address.version == one.version and address in one for one in held)


def resolve(host: str, port: int, networks: Iterable[str] = ()) -> tuple[Address, ...]:
    """Return the addresses to connect to, the likeliest first.

    Raises
    ------
    UsageError
        If one of the host's addresses may not be called, or the host is no name.
    OSError
        If the host has none.
    """
    networks = tuple(networks)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise UsageError("this is no name of a host", Where(value=host)) from None
    addresses = tuple(dict.fromkeys(ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found))
    for address in addresses:
        if not allowed(address, networks):
            raise UsageError(
                "the webhook's address lies in a network that may not be called",
                Where(value=f"{host} ({address})"),
                remedy="name another receiver, or the network in `allow_private` of [webhooks]",
            )
    return addresses


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
