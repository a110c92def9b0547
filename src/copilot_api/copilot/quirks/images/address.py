"""Which network addresses a fetched picture may come from: public ones, and nothing that leads elsewhere.

Owns the rule. Pure. Source: IANA special-purpose address registries, as Python's `ipaddress` has them (read 2026-11).
"""

import ipaddress
from typing import Final

_TRANSLATED: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
"""IPv6 ranges that carry an IPv4 address inside (NAT64, 6to4, Teredo, v4-compatible): they may end anywhere."""
_METADATA: Final = frozenset(("168.63.129.16",))
"""Addresses of cloud platforms' own services that the registries call global (Azure's virtual public IP)."""


def is_public_address(text: str) -> bool:
    """Whether an IP address is on the public internet and cannot lead to this machine, its network or its cloud."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0].strip("[]"))
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public_address(str(address.ipv4_mapped))
        if any(address in network for network in _TRANSLATED):
            return False
    is_reserved = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not is_reserved and str(address) not in _METADATA
