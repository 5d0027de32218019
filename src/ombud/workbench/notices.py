"""The reader's notices: what they were told, newest first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from ombud.notices import reading
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs


@desk
def notices(request: HttpRequest) -> HttpResponse:
    """Show notices; sending the form marks all as read."""
    now, reader = timezone.now(), person(request)
    if request.method == "POST":
        reading.mark_read(reader, now=now)
        return redirect("desk_notices")
    page = reading.notices_of(reader, cursor=request.GET.get("cursor"))
    context = {"page": page, **hrefs(request, page)}
    return show(request, "workbench/notices.html", "notices", context, now=now)
