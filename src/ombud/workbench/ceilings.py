"""Promise limits: how much whoever acts under a policy may promise, and changing the table with four eyes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ombud.cases.money import day_of
from ombud.organisation import ceiling_gaps, ceiling_tables, staff
from ombud.organisation.ceiling_tables import CeilingError, Entry
from ombud.organisation.ceilings import CeilingTable
from ombud.organisation.models import AUDITOR, Person, words
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.ceiling_form import TableForm
from ombud.workbench.page import desk, person, show


def known(reader: Person, *, now: datetime) -> list[Pack]:
    """Return the policies by which amounts are promised and under which the reader works, as one of our own."""
    held = staff.held_by(reader, now=now)
    roles: dict[str, set[str]] = defaultdict(set)
    for holdings in (held.own, *held.lent.values()):
        for policy, each in holdings.items():
            roles[policy] |= {holding.role for holding in each}
    return [
        pack
        for _version, pack in packs.visible(reader, now=now)
        if any(ceiling_gaps.promising(pack))
        and ("" in roles or any(not pack.roles[role].is_external for role in roles[pack.id] & pack.roles.keys()))
    ]


@desk
def ceilings(request: HttpRequest) -> HttpResponse:
    """Show the policies by which amounts are promised."""
    now, reader = timezone.now(), person(request)
    lines = [
        {
            "pack": pack,
            "row": ceiling_tables.in_force(pack.id, day=day_of(pack, now), at=now),
            "waiting": ceiling_tables.waiting_for(pack.id),
        }
        for pack in known(reader, now=now)
    ]
    context = {"lines": lines, "can_keep": ceiling_tables.can_keep(reader)}
    return show(request, "workbench/ceilings.html", "ceilings", context, now=now)


@require_http_methods(["GET", "POST"])
@desk
def table(request: HttpRequest, policy: str) -> HttpResponse:
    """Show a policy's promise limits, what waits and what was; whoever keeps them proposes another table."""
    now, reader = timezone.now(), person(request)
    pack = next((each for each in known(reader, now=now) if each.id == policy), None)
    if pack is None:
        raise Http404
    can_keep, today = ceiling_tables.can_keep(reader), day_of(pack, now)
    if request.method == "POST" and not can_keep:
        raise PermissionDenied
    row = ceiling_tables.in_force(pack.id, day=today, at=now)
    entries = ceiling_tables.read(row) if row else ()
    roster = staff.Roster(pack.id)
    people = staff.people({each.person for each in roster.holdings})
    sorted_people = sorted(people.values(), key=str)
    form = TableForm(request.POST or None, pack, sorted_people, entries, today=today) if can_keep else None
    if request.method == "POST" and form is not None and form.is_valid() and _propose(form, pack, reader, today, now):
        messages.success(request, _("Proposed. Nothing changes before somebody else lets it apply."))
        return redirect("desk_ceiling_table", pack.id)
    waiting = ceiling_tables.waiting_for(pack.id) if can_keep else None
    shown = _Names(pack, Person.objects.in_bulk({each.person for each in _mentioned(row, waiting) if each.person}))
    sees_names = can_keep or AUDITOR in packs.own_roles(reader)
    holders: dict[str, list[int]] = defaultdict(list)
    for holding in roster.holdings:
        holders[holding.role].append(int(holding.person[1:]))
    context: dict[str, Any] = {
        "pack": pack,
        "row": row,
        "lines": [shown.line(each) for each in entries if sees_names or each.person in (None, reader.pk)],
        "mine": [_mine(pack, entries, each, shown) for each in roster.holdings if each.person == reader.key]
        if row
        else [],
        "gaps": _gaps(pack, entries, holders, shown, today) if row else [],
        "waiting": waiting,
        "proposed": [shown.line(each) for each in ceiling_tables.read(waiting)] if waiting else [],
        "proposed_gaps": _gaps(pack, ceiling_tables.read(waiting), holders, shown, today) if waiting else [],
        "is_own": waiting is not None and waiting.proposed_by_id == reader.pk,
        "form": form if waiting is None else None,
        "history": ceiling_tables.decided(pack.id) if sees_names else [],
    }
    status = 422 if request.method == "POST" else 200
    return show(request, "workbench/ceiling_table.html", "ceilings", context, now=now, status=status)


@require_POST
@desk
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a proposed table apply, decline it or take it back."""
    now, reader = timezone.now(), person(request)
    if not ceiling_tables.can_keep(reader):
        raise PermissionDenied
    row = get_object_or_404(CeilingTable, pk=pk)
    try:
        if request.POST.get("verdict") == "apply":
            ceiling_tables.approve(row, by=reader, now=now)
            messages.success(request, _("The promise limits apply from their day on."))
        else:
            ceiling_tables.decline(row, because=request.POST.get("because", ""), by=reader, now=now)
            messages.success(request, _("The promise limits stay as they are."))
    except CeilingError as error:
        messages.error(request, str(error))
    return redirect("desk_ceiling_table", row.policy)


def _propose(form: TableForm, pack: Pack, by: Person, today: date, now: datetime) -> bool:
    """Propose what was entered; where that is refused, say why and return False."""
    data = form.cleaned_data
    try:
        ceiling_tables.propose(
            pack.id, form.entries(), since=data["since"], reason=data["reason"], by=by, today=today, now=now
        )
    except CeilingError as error:
        form.add_error(None, str(error))
        return False
    return True


def _mentioned(*rows: CeilingTable | None) -> list[Entry]:
    return [entry for row in rows if row is not None for entry in ceiling_tables.read(row)]


class _Names:
    """What roles, departments and people of one policy are called."""

    def __init__(self, pack: Pack, people: Mapping[int, Person]) -> None:
        self.pack, self.people = pack, people

    def role(self, id: str) -> str:
        known = self.pack.roles.get(id)
        return words(dict(known.title)) if known else id

    def department(self, id: str) -> str:
        known = self.pack.departments.get(id)
        return words(dict(known.title)) if known else id

    def line(self, entry: Entry) -> dict[str, Any]:
        """Return an entry as a page shows it."""
        parts = [self.role(entry.role)] if entry.role else []
        parts += [self.department(entry.department)] if entry.department else []
        parts += [str(self.people.get(entry.person, "?"))] if entry.person else []
        return {"who": " \u00b7 ".join(parts), "amount": entry.amount, "currency": entry.currency}


def _mine(pack: Pack, entries: tuple[Entry, ...], holding: staff.Holding, names: _Names) -> dict[str, Any]:
    """Return what somebody may promise in one of their roles."""
    found = ceiling_tables.entry_for(entries, holding.role, holding.department, int(holding.person[1:]))
    told = names.line(found) if found else {"amount": "0", "currency": pack.currency}
    return {**told, "role": names.role(holding.role)}


def _gaps(
    pack: Pack, entries: tuple[Entry, ...], holders: Mapping[str, list[int]], names: _Names, today: date
) -> list[dict[str, Any]]:
    """Return in words what nobody may grant."""
    return [
        {
            "gap": gap,
            "speaker": names.role(gap.speaker),
            "department": names.department(gap.department) if gap.department else "",
            "consent": names.role(gap.consent) if gap.consent else "",
        }
        for gap in ceiling_gaps.gaps(pack, entries, holders, on=today)
    ]
