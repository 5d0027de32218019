"""Who is calling: the address that throttles count by."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the caller's address; a proxy's header counts only where a proxy is declared."""
    if settings.OMBUD_BEHIND_PROXY:
        return forwarded(request.headers.get("X-Forwarded-For", "")) or str(request.META["REMOTE_ADDR"])
    return str(request.META.get("REMOTE_ADDR", ""))


def forwarded(header: str) -> str:
    """Return the caller's address that our own proxy added as the last one; earlier ones are the caller's claims."""
    return header.rsplit(",", 1)[-1].strip()


def network(address: str) -> str:
    """Return what limits count by: the address, of IPv6 the /64 that one household or machine has to itself."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)
