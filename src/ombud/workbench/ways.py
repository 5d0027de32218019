"""How people are told outside the browser: everybody sets their own ways, whoever runs the outbox those of groups."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from ombud.notices.alerts import addresses, wording
from ombud.notices.alerts import ways as commands
from ombud.notices.alerts.models import Alert, Way
from ombud.organisation.models import ADMINISTRATOR, MANAGER, Person
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.way_form import GroupForm, WayForm, group_title


def runs(reader: Person) -> bool:
    """Return whether the person looks after what goes out of the whole organisation."""
    return bool(packs.own_roles(reader) & {MANAGER, ADMINISTRATOR})


@desk
def ways(request: HttpRequest) -> HttpResponse:
    """Show the reader's own ways; take in another one."""
    reader = person(request)
    form = WayForm(request.POST or None, way=Way(person=reader), zone=timezone.get_current_timezone_name())
    return _page(request, form, Way.objects.filter(person=reader), is_own=True)


@desk
def group_ways(request: HttpRequest) -> HttpResponse:
    """Show the ways of groups; take in another one."""
    if not runs(person(request)):
        raise PermissionDenied
    known = _packs(request)
    form = GroupForm(request.POST or None, way=Way(), zone=timezone.get_current_timezone_name(), known=known)
    return _page(request, form, Way.objects.filter(person=None), is_own=False, known=known)


@desk
def way(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one way in its form; store it, try it, turn it off or on, or take it away."""
    now, reader = timezone.now(), person(request)
    row = _own(reader, pk)
    back = "desk_ways" if row.person_id else "desk_group_ways"
    match request.POST.get("do") if request.method == "POST" else None:
        case "test":
            _try_out(request, row)
            return redirect(back)
        case "switch":
            row.is_on = not row.is_on
            commands.keep(row, by=reader, now=now)
            return redirect(back)
        case "remove":
            commands.remove(row, by=reader, now=now)
            messages.success(request, _("Taken away. Nothing is told there any more."))
            return redirect(back)
    form = _form(request, row)
    if request.method == "POST" and form.is_valid() and form.keep(reader, now):
        messages.success(request, _("Stored. Send a test to see whether it arrives."))
        return redirect(back)
    context = {"form": form, "row": row, "back": back}
    here, status = "notices" if row.person_id else "outbox", 422 if form.errors else 200
    return show(request, "workbench/way.html", here, context, now=now, status=status)


def _page(
    request: HttpRequest, form: WayForm, rows: Any, *, is_own: bool, known: list[Pack] | None = None
) -> HttpResponse:
    now, reader = timezone.now(), person(request)
    if request.method == "POST" and form.is_valid() and form.keep(reader, now):
        messages.success(request, _("Stored. Send a test to see whether it arrives."))
        return redirect(request.path)
    found = list(rows.select_related("department", "office", "person").order_by("policy", "kind", "id"))
    waiting = Alert.objects.filter(way__in=found, state=Alert.State.QUEUED)
    context = {
        "form": form,
        "is_own": is_own,
        "rows": [_line(row, known or [], now) for row in found],
        "waiting": waiting.count(),
        "runs": runs(reader),
    }
    here = "notices" if is_own else "outbox"
    return show(request, "workbench/ways.html", here, context, now=now, status=422 if form.errors else 200)


def _line(row: Way, known: list[Pack], now: Any) -> dict[str, Any]:
    return {
        "way": row,
        "hint": addresses.hint(row),
        "topics": wording.titles(row.topics),
        "whose": "" if row.person_id else group_title(row, known),
        "rests": row.rests_until if row.rests_until and row.rests_until > now else None,
    }


def _own(reader: Person, pk: UUID) -> Way:
    """Return a way of the reader's own, or a group's where they look after these."""
    row = Way.objects.select_related("person", "department", "office").filter(pk=pk).first()
    if row is None or (row.person_id != reader.pk if row.person_id else not runs(reader)):
        raise Http404
    return row


def _form(request: HttpRequest, row: Way) -> WayForm:
    zone = timezone.get_current_timezone_name()
    if row.person_id:
        return WayForm(request.POST or None, way=row, zone=zone)
    return GroupForm(request.POST or None, way=row, zone=zone, known=_packs(request))


def _packs(request: HttpRequest) -> list[Pack]:
    return [pack for _version, pack in packs.in_force(now=timezone.now())]


def _try_out(request: HttpRequest, row: Way) -> None:
    try:
        is_taken, said = commands.try_out(row, by=person(request), now=timezone.now())
    except commands.TooManyTrials:
        messages.error(request, _("Enough tests for now: wait an hour."))
        return
    if is_taken:
        messages.success(request, _("Sent. The service answered: {words}").format(words=said))
    else:
        messages.error(request, _("Not taken. The service answered: {words}").format(words=said))
