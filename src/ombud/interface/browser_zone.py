"""The time zone that a reader's browser has told, in a cookie that the page's script sets."""

from __future__ import annotations

from django.http import HttpRequest

from ombud.worktime.zones import known_zone

ZONE_COOKIE = "ombud_tz"


def browser_zone(request: HttpRequest | None) -> str:
    """Return the reader's zone, or nothing where the browser has not told one: on the first page, without script."""
    return known_zone(request.COOKIES.get(ZONE_COOKIE)) if request is not None else ""
