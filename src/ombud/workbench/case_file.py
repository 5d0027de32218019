"""The case file: asking for it, how far it is, taking it along."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from ombud.cases.access.case_access import EVIDENCE, Accessed, access_case
from ombud.interface.downloads import made
from ombud.papers import case_files
from ombud.workbench.page import desk, person


def of(accessed: Accessed, *, now: datetime) -> dict[str, Any]:
    """Return how the case file stands that the reader asked for."""
    file = case_files.latest(accessed, now=now)
    return {
        "case_file": file,
        "case_file_until": file.asked_at + case_files.KEPT if file else None,
        "case_file_failed": file is not None and case_files.is_given_up(file),
    }


@require_http_methods(["GET", "POST"])
@desk
def case_file(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Ask for the case file, or show how far it is."""
    accessed, now = access_case(person(request), reference, EVIDENCE), timezone.now()
    if request.method == "POST":
        case_files.ask(accessed, now=now)
    if not request.headers.get("HX-Request"):
        return redirect("desk_case", accessed.case.reference)
    return _part(request, accessed, now)


def _part(request: HttpRequest, accessed: Accessed, now: datetime) -> HttpResponse:
    context = {"accessed": accessed, "case": accessed.case, **of(accessed, now=now)}
    return render(request, "workbench/_case_file.html", context)


@require_GET
@desk
def take(request: HttpRequest, reference: str, key: UUID, kind: str) -> HttpResponseBase:
    """Hand out the file that the reader had made; this is logged."""
    if kind not in case_files.KINDS:
        raise Http404
    accessed = access_case(person(request), reference, EVIDENCE)
    opened = case_files.open_file(accessed, key, kind, now=timezone.now())
    return made(opened, f"{accessed.case.reference}.{kind}", case_files.KINDS[kind])
