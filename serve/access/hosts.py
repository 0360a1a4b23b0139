"""From where a request may come: names of this server, and pages of it.

A page of another site that a browser shows can reach a server on loopback: by its address, or by a
name of the attacker that is made to point there (DNS rebinding). The first sends an Origin or a
Sec-Fetch-Site that is not ours, the second a Host that is not ours.
"""

import ipaddress
from collections.abc import Mapping

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def allowed_hosts(host: str, port: int, more: tuple[str, ...] = ()) -> frozenset[str]:
    """Values of the header Host that are this server, with the port.

    Args:
        host: address that it listens at.
        port: of it.
        more: further names by which it is reached, such as of a proxy; with a port or without.
    """
    own = (*LOOPBACK, *(() if is_any(host) else (bracketed(host),)))
    return frozenset([*(f"{name}:{port}".lower() for name in own), *map(str.lower, more)])


def is_loopback(host: str) -> bool:
    """True for an address that only this machine reaches."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_any(host: str) -> bool:
    """True for the address that stands for all of the machine's."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def bracketed(host: str) -> str:
    """An address as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def refusal(headers: Mapping[str, str], hosts: frozenset[str]) -> str | None:
    """Why a request is refused by where it comes from; None when it is not.

    Args:
        headers: of the request, by lower-case name.
        hosts: of `allowed_hosts`.
    """
    host = headers.get("host", "").lower()
    if host not in hosts:
        return f"Host {host[:80]!r}: is not this server; --allow-host names one more"
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
        return f"Origin {origin[:80]!r}: requests come from pages of this server or from programs"
    site = headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        return f"Sec-Fetch-Site {site[:40]!r}: only pages of this server may ask"
    return None
