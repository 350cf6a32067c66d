"""Where a webhook may go: public addresses only, so that no tenant makes the server call its own neighbours.

The name is resolved once, every address that comes back must be public, and the connection goes to exactly the one that
was checked: a name that answers differently the second time gains nothing.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from doorstep.foundation import InputError, UpstreamError

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
"""From a host and a port to addresses as text; raises OSError when the name has none."""

LONGEST_URL = 2_048

# IANA's special-purpose registries, spelt out: what ``ipaddress`` calls global differs between Python's versions.
NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the metadata services of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: any IPv4 address, private ones too, in disguise
        "3fff::/20",  # documentation
    )
)
# All that is public in IPv6 today; loopback, mapped, local, link-local and multicast addresses lie outside.
GLOBAL_UNICAST = IPv6Network("2000::/3")
# How an IPv4 receiver is called from a network that has IPv6 only.
NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A receiver whose address has been checked: connect to ``address``, speak to ``host``."""

    secure: bool
    host: str
    address: str
    port: int
    path: str


def system_addresses(host: str, port: int) -> list[str]:
    """Return what the system's resolver says, best first."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(place[0]) for *_, place in found]


def resolve_public(url: str, *, allow_loopback: bool, resolver: Resolver = system_addresses) -> Target:
    """Return where a URL leads, if every address of its host is public.

    The message of a refusal keeps the address to itself, or it would answer questions about names inside.

    Parameters
    ----------
    url
        https, without user, password or fragment.
    allow_loopback
        For trials on one machine: loopback addresses pass too, and only they may be called by http.
    resolver
        Asked once.

    Raises
    ------
    InputError
        If the URL is malformed or its host has an address that is not public.
    UpstreamError
        If the host cannot be resolved.
    """
    parts, port = _split(url, allow_http=allow_loopback)
    host = (parts.hostname or "").removesuffix(".")
    addresses = _resolved(host, port, resolver)
    loopback = all(address.is_loopback for address in addresses)
    if parts.scheme == "http" and not loopback:
        raise InputError(f"webhook URL of {host} must begin with https://; http is for loopback only.")
    if not all(is_public(address) or (allow_loopback and address.is_loopback) for address in addresses):
        raise InputError(
            f"host {host} of the webhook URL has an address that is not public.",
            hint="Maybe the name is meant for a network inside; a webhook needs a public one.",
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure=parts.scheme == "https", host=host, address=str(addresses[0]), port=port, path=path)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return True for an address that the whole internet can reach; an IPv4 address inside NAT64 counts as itself."""
    if isinstance(address, IPv6Address):
        if address in NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address not in GLOBAL_UNICAST:
            return False
    return address.is_global and not any(address in network for network in NOT_PUBLIC)


def _split(url: str, *, allow_http: bool) -> tuple[SplitResult, int]:
    """Return the parts of a URL and its port."""
    # Parsers disagree about spaces, control characters and backslashes; here they are simply no part of a URL.
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or set(url) & set(" \\"):
        raise InputError(f"a webhook URL must be visible ASCII without backslashes, {LONGEST_URL} characters at most.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise InputError(f"webhook URL is malformed: {fault}.") from fault
    if parts.scheme not in ({"http", "https"} if allow_http else {"https"}):
        raise InputError(f"webhook URL has the scheme {parts.scheme!r}; it must begin with https://.")
    if "@" in parts.netloc or "#" in url:
        raise InputError("webhook URL must not hold a user, a password or a fragment.")
    if not parts.hostname or "%" in parts.hostname or port == 0:
        raise InputError("webhook URL names no host, a host with a zone, or port 0.")
    return parts, port or (443 if parts.scheme == "https" else 80)


def _resolved(host: str, port: int, resolver: Resolver) -> list[IPv4Address | IPv6Address]:
    """Return all addresses of a host; one that cannot be read counts as no answer."""
    try:
        addresses = [ip_address(text) for text in resolver(host, port)]
    except (OSError, ValueError) as fault:  # UnicodeError, of a label too long, is a ValueError
        raise UpstreamError(f"host {host} of the webhook URL cannot be resolved.") from fault
    if not addresses:
        raise UpstreamError(f"host {host} of the webhook URL has no address.")
    return addresses
