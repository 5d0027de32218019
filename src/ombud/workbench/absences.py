"""Absences: who is away from when until when, and who stands in; one's own, and everybody's for whoever manages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ombud.interface.days import whole_day
from ombud.interface.lists import listed
from ombud.organisation import standing_in
from ombud.organisation.absences import Absence
from ombud.organisation.models import ADMINISTRATOR, MANAGER, Membership, Person, words
from ombud.organisation.standing_in import ALL, AbsenceError
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.absence_form import PROBLEMS, AbsenceForm
from ombud.workbench.page import OVERSEERS, desk, person, show

_FOR_OTHERS = frozenset({MANAGER, ADMINISTRATOR})  # may enter somebody else's absence, and end it


@require_http_methods(["GET", "POST"])
@desk
def absences(request: HttpRequest) -> HttpResponse:
    """Show who is away and who stands in, and enter an absence."""
    now, reader = timezone.now(), person(request)
    own = packs.own_roles(reader)
    whose = _whose(request, reader, may_others=bool(own & _FOR_OTHERS))
    titles = _role_titles(whose, [pack for _version, pack in packs.in_force(now=now)])
    form = AbsenceForm(request.POST or None, whose, titles, now=now)
    if request.method == "POST" and form.is_valid() and _enter(form, whose, reader, now):
        messages.success(request, _("Entered. While it lasts the deputies owe and may what is owed there."))
        return redirect("desk_absences")
    everybody = None if own & OVERSEERS else reader
    everyones = _role_titles(None, [pack for _version, pack in packs.in_force(now=now)])
    context = {
        "form": form if titles else None,
        "whose": whose,
        "is_own": whose.pk == reader.pk,
        "others": [each for each in _people() if each.pk != reader.pk] if own & _FOR_OTHERS else (),
        "sees_all": everybody is None,
        "lines": [_line(row, reader, own, everyones, now) for row in standing_in.list_of(everybody, now=now)],
        "over": [_line(row, reader, own, everyones, now) for row in standing_in.passed(everybody, now=now)],
    }
    return show(request, "workbench/absences.html", "absences", context, now=now, status=422 if form.errors else 200)


@require_POST
@desk
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an absence be over, or take back one that has not begun."""
    reader = person(request)
    row = Absence.objects.filter(pk=pk).select_related("person").first()
    if row is None:
        raise Http404
    if not _may_end(row, reader, packs.own_roles(reader)):
        raise PermissionDenied
    if standing_in.end(row, by=reader, now=timezone.now()):
        messages.success(request, _("The absence is over: everything is theirs alone again."))
    return redirect("desk_absences")


def _whose(request: HttpRequest, reader: Person, *, may_others: bool) -> Person:
    """Return whose absence is entered: the reader's own, or that of whom a manager named."""
    asked = request.POST.get("for") or request.GET.get("for", "")
    if not asked or asked == str(reader.pk):
        return reader
    if not may_others:
        raise PermissionDenied
    found = next((each for each in _people() if str(each.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _people() -> list[Person]:
    held = Membership.objects.exclude(policy="")
    return sorted(Person.objects.filter(is_active=True, pk__in=held.values("person")), key=str)


def _role_titles(whose: Person | None, known: list[Pack]) -> dict[standing_in.Lent, str]:
    """Return the roles under policies in force in words, of one person's or all."""
    held = None
    if whose is not None:
        held = set(Membership.objects.filter(person=whose).exclude(policy="").values_list("policy", "role"))
    return {
        (pack.id, role.id): f"{words(dict(role.title))} \u00b7 {words(dict(pack.title))}"
        for pack in known
        for role in pack.roles.values()
        if not role.is_external and (held is None or (pack.id, role.id) in held)
    }


def _enter(form: AbsenceForm, whose: Person, reader: Person, now: datetime) -> bool:
    """Enter it; where that is refused, say why and return False."""
    said = form.cleaned_data
    try:
        standing_in.enter(whose, said["first_day"], said["last_day"], form.deputies, by=reader, now=now)
    except AbsenceError as error:
        field, problem = PROBLEMS[error.code]
        form.add_error(field if field in form.fields else None, str(problem).format(who=error.who))
        return False
    return True


def _may_end(row: Absence, reader: Person, own: set[str]) -> bool:
    return row.person_id == reader.pk or bool(own & _FOR_OTHERS)


def _line(
    row: Absence, reader: Person, own: set[str], titles: dict[standing_in.Lent, str], now: datetime
) -> dict[str, Any]:
    """Return an absence as the page shows it."""
    first, last = whole_day(row.first_day), whole_day(row.last_day)
    is_over = row.ends_at <= now
    words_of = {ALL: _("in all roles"), **titles}
    deputies = [(each.person, words_of.get((each.policy, each.role), each.role)) for each in row.deputies.all()]
    return {
        "row": row,
        "days": first if first == last else _("{first} to {last}").format(first=first, last=last),
        "is_running": row.is_running(now),
        "is_taken_back": row.ended_by_id is not None and row.ends_at == row.starts_at,
        "deputies": deputies,
        "is_deputy": any(each.pk == reader.pk for each, _role in deputies),
        "missing": "" if is_over else listed(str(each) for each in standing_in.without_deputy(row)),
        "end": "" if is_over or not _may_end(row, reader, own) else reverse("desk_absence_end", args=[row.pk]),
    }
