"""Links of keyset-paged lists."""

from __future__ import annotations

from django.http import HttpRequest


def older_href(request: HttpRequest, cursor: str | None, *, first: bool = False) -> str:
    """Return the address of the page after `cursor`, or of the first page; empty where there is none."""
    if cursor is None and not first:
        return ""
    query = request.GET.copy()
    query.pop("cursor", None)
    if cursor:
        query["cursor"] = cursor
    return f"{request.path}?{query.urlencode()}" if query else request.path
