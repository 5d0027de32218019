"""Who is calling: the address that throttles count by."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the caller's address; a proxy's header counts only where a proxy is declared."""
    if settings.OMBUD_BEHIND_PROXY:
        # The last entry is the one that our own proxy added; earlier ones are the caller's claims.
        return request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip() or str(request.META["REMOTE_ADDR"])
    return str(request.META.get("REMOTE_ADDR", ""))
