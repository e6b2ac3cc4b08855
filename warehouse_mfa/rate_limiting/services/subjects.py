"""Whom a counter counts: as one customer of a provider, and under a keyed digest."""

from ipaddress import IPv4Address, IPv6Network, ip_address

from warehouse_mfa.crypto import IKeyRing

PURPOSE = "rate limit"


def network_of(address: str) -> str:
    """Return what one customer of a provider is counted as: an IPv4 address, or an IPv6 /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((parsed, 64), strict=False))


def keyed(keys: IKeyRing, name: str, subject: str) -> bytes:
    """Return the digest that a counter is found by; equal subjects of two limiters differ."""
    return keys.mac(PURPOSE, f"{name}\0{subject}".encode())
