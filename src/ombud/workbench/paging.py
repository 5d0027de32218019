"""Links of keyset-paged lists: one page on, one page back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ombud.cases.reading.paging import Page

CURSOR, BACK = "cursor", "back"
PAGING = (CURSOR, BACK)  # what an address says of the page alone
KEPT = 40  # pages that an address remembers; further back it is the first


def hrefs(request: HttpRequest, page: Page[Any]) -> dict[str, str]:
    """Return the addresses of the page before (`newer`) and the one after (`older`), each empty where there is none.

    A cursor leads on only, so the address also remembers those of the pages between the first and this one.
    """
    here, behind = request.GET.get(CURSOR, ""), request.GET.get(BACK, "").split()
    newer = _address(request, behind[-1] if behind else "", behind[:-1]) if here else ""
    older = _address(request, page.after, [*behind, here][-KEPT:]) if page.after else ""
    return {"newer": newer, "older": older}


def _address(request: HttpRequest, cursor: str, behind: list[str]) -> str:
    query = request.GET.copy()
    for name, value in ((CURSOR, cursor), (BACK, " ".join(filter(None, behind)))):
        query.pop(name, None)
        if value:
            query[name] = value
    return f"{request.path}?{query.urlencode()}" if query else request.path
