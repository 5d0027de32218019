"""Reply templates: everybody keeps their own, the service department and managers those of the team."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ombud.correspondence import replies as commands
from ombud.correspondence.models import ReplyTemplate
from ombud.organisation import staff
from ombud.organisation.models import Person, words
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.reply_form import ReplyForm

OF_THE_CASE = {
    "reference": gettext_lazy("the case's number"),
    "title": gettext_lazy("the policy's title"),
    "phase": gettext_lazy("where the case stands"),
    "received_at": gettext_lazy("when it was received"),
    "hours": gettext_lazy("service hours"),
    "now": gettext_lazy("the present time"),
    "link": gettext_lazy("where the complainant follows it"),
}


@require_safe
@desk
def replies(request: HttpRequest) -> HttpResponse:
    """List the reader's own templates and those of their teams."""
    now, reader = timezone.now(), person(request)
    known, kept = _packs(reader, now)
    rows = list(commands.own_or_team(reader, known))
    context: dict[str, Any] = {
        "mine": [_line(row, known) for row in rows if row.owner_id is not None],
        "team": [_line(row, known) for row in rows if row.owner_id is None],
        "kept": kept.keys(),
        "can_add": bool(known),
    }
    return show(request, "workbench/replies.html", "replies", context, now=now)


@require_http_methods(["GET", "POST"])
@desk
def new(request: HttpRequest) -> HttpResponse:
    """Write a template."""
    return _edit(request, ReplyTemplate(texts={}))


@require_http_methods(["GET", "POST"])
@desk
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a template, and change it."""
    return _edit(request, _own(request, pk))


@require_POST
@desk
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a template away; what was written with it stays."""
    _own(request, pk).delete()
    messages.success(request, _("Taken away. Messages that were written with it stay as they are."))
    return redirect("desk_replies")


def _packs(reader: Person, now: datetime) -> tuple[Mapping[str, Pack], Mapping[str, Pack]]:
    """Return the policies that the person works under, and those whose team's templates they keep."""
    known = {pack.id: pack for _version, pack in packs.visible(reader, now=now)}
    held, manages = staff.holdings_of(reader), packs.is_manager(reader)
    return known, {id: pack for id, pack in known.items() if manages or packs.serves(held, pack)}


def _own(request: HttpRequest, pk: int) -> ReplyTemplate:
    """Return a template that the reader may change: 404 for what they do not see, 403 for what they only use."""
    reader = person(request)
    known, kept = _packs(reader, timezone.now())
    row = commands.own_or_team(reader, known).filter(pk=pk).first()
    if row is None:
        raise Http404
    if row.owner_id is None and row.policy not in kept:
        raise PermissionDenied
    return row


def _edit(request: HttpRequest, row: ReplyTemplate) -> HttpResponse:
    reader, now, status = person(request), timezone.now(), 200
    known, kept = _packs(reader, now)
    if not known:
        raise PermissionDenied
    form = ReplyForm(request.POST or None, row=row, known=known, kept=kept)
    if request.method == "POST":
        if form.is_valid() and form.keep(reader, now):
            messages.success(request, _("Saved."))
            return redirect("desk_replies")
        status = 422
    context: dict[str, Any] = {"form": form, "row": row, "of_the_case": OF_THE_CASE, "fields": _fields(known)}
    return show(request, "workbench/reply.html", "replies", context, now=now, status=status)


def _fields(known: Mapping[str, Pack]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what of a case may stand in braces, by policy."""
    return [
        (words(dict(pack.title)), sorted((id, words(dict(each.title))) for id, each in pack.fields.items()))
        for pack in known.values()
    ]


def _line(row: ReplyTemplate, known: Mapping[str, Pack]) -> dict[str, Any]:
    pack = known.get(row.policy)
    department = pack.departments.get(row.department) if pack else None
    return {
        "row": row,
        "policy": words(dict(pack.title)) if pack else row.policy,
        "department": words(dict(department.title)) if department else row.department,
    }
