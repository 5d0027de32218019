"""Taking lists along: asking for one, how far those asked for are, fetching them; who took what, for auditors."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ombud.cases.access.permissions import permissions_of
from ombud.cases.reading.paging import NotOurs
from ombud.insight.exports import asking, making
from ombud.insight.exports.models import Export
from ombud.insight.exports.writing import MEDIA
from ombud.interface.downloads import made
from ombud.workbench import columns, export_names
from ombud.workbench.export_cases import COLUMNS_SHOWN
from ombud.workbench.export_lists import LISTS
from ombud.workbench.page import can_oversee, desk, person, show
from ombud.workbench.paging import PAGING, hrefs

EVERYBODY = "everybody"


@require_POST
@desk
def ask(request: HttpRequest) -> HttpResponseBase:
    """Make a list that is short and hand it out; a long one is made beside the clock, and its reader led to it."""
    now, reader, what = timezone.now(), person(request), request.POST.get("list", "")
    if what not in LISTS:
        raise NotOurs(f"list={what}")
    said = parse_qsl(request.POST.get("query", "")[:8000])
    query = _joined((name, value.strip()) for name, value in said if value.strip() and name not in PAGING)
    if what == "register":
        query[COLUMNS_SHOWN] = ".".join(columns.layout_of(request).columns)
    try:
        export = asking.ask(reader, what, query, request.POST.get("format", ""), now=now)
    except asking.TooMany:
        messages.warning(request, _("Wait until some of the lists that you asked for are ready."))
        return redirect("desk_exports")
    try:
        is_made = making.make_soon(export, LISTS, now=now)
    except NotOurs:
        raise Http404 from None
    return _file(reader_key=export.pk, request=request, now=now) if is_made else redirect("desk_exports")


def _joined(said: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what was said by name; where something was said several times, all of it with blanks between."""
    found: dict[str, str] = {}
    for name, value in said:
        found[name] = f"{found[name]} {value}" if name in found else value
    return found


@require_GET
@desk
def exports(request: HttpRequest) -> HttpResponse:
    """Show the lists that the reader took along and how far they are; to overseers, on demand, everybody's."""
    now, reader = timezone.now(), person(request)
    sees_everybody = can_oversee(reader)
    is_everybodys = sees_everybody and request.GET.get("show") == EVERYBODY
    cursor = request.GET.get("cursor")
    page = asking.everybodys(permissions_of(reader), cursor) if is_everybodys else asking.of_person(reader, cursor)
    lines = [_line(each, now, is_own=each.person_id == reader.pk) for each in page.rows]
    context: dict[str, Any] = {
        "lines": lines,
        "is_making": any(line["is_making"] for line in lines),
        "sees_everybody": sees_everybody,
        "is_everybodys": is_everybodys,
        **hrefs(request, page),
    }
    if request.headers.get("HX-Target") == "exports":
        return render(request, "workbench/_exports.html", context)
    return show(request, "workbench/exports.html", "register", context, now=now)


@require_GET
@desk
def take(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Hand out a list that the reader had made; that it was fetched is on record."""
    return _file(reader_key=key, request=request, now=timezone.now())


def _file(*, reader_key: UUID, request: HttpRequest, now: datetime) -> HttpResponseBase:
    try:
        export, opened = asking.open_file(person(request), reader_key, now=now)
    except asking.Gone as error:
        raise Http404 from error
    day = timezone.localtime(export.asked_at)
    name = f"{slugify(export_names.title(export.what), allow_unicode=True)}-{day:%Y%m%d-%H%M}.{export.format}"
    return made(opened, name, MEDIA[export.format])


def _line(export: Export, now: datetime, *, is_own: bool) -> dict[str, Any]:
    is_given_up = making.is_given_up(export)
    is_kept = export.asked_at > now - asking.KEPT
    return {
        "export": export,
        "title": export_names.title(export.what),
        "narrowed": export_names.narrowed(export),
        "is_making": export.person_id is not None and export.done_at is None and not is_given_up and is_kept,
        "is_given_up": is_given_up and not export.is_too_long,
        "can_take": is_own and bool(export.stored) and is_kept,
        "until": export.asked_at + asking.KEPT,
    }
