"""Keeping: how long each policy keeps what, what is due for removal, the lists of it, and what is held."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.cases.errors import CaseError
from ombud.cases.keeping import holds, removals, retention
from ombud.cases.models import RemovalList
from ombud.cases.reading.paging import NotOurs
from ombud.organisation.models import Person
from ombud.policy.documents import BY_CLOCK, BY_MANAGER, BY_TWO
from ombud.policy.limitwords import limit_text
from ombud.policy.vocabulary import CASE, EVIDENCE
from ombud.workbench import again, packs
from ombud.workbench.page import OVERSEERS, desk, person, show
from ombud.workbench.paging import hrefs

AHEAD = (0, 1, 3, 12)  # months
LABELS = {
    0: gettext_lazy("Due now"),
    1: gettext_lazy("In 1 month"),
    3: gettext_lazy("In 3 months"),
    12: gettext_lazy("In 12 months"),
}
WHAT = {CASE: gettext_lazy("Personal data"), EVIDENCE: gettext_lazy("Evidence files")}
WAYS = {
    BY_MANAGER: gettext_lazy("a manager releases each list"),
    BY_TWO: gettext_lazy("two managers release each list"),
    BY_CLOCK: gettext_lazy("removed by itself"),
}
PROBLEMS: Mapping[type[CaseError], Any] = {
    removals.NothingDue: gettext_lazy("Nothing is due, or all that is due is held."),
    removals.ListedBefore: gettext_lazy("What is due is on a list already, below."),
    removals.OwnList: gettext_lazy("The policy asks for two managers. Another one releases this list."),
    removals.SettledBefore: gettext_lazy("The list was released or dropped meanwhile."),
}
KNOWN = tuple(PROBLEMS)  # anything else is not for the page to put into words


@desk
@again.proved
def keeping(request: HttpRequest) -> HttpResponse:
    """Show what is kept and what is due; a manager makes a list of what is due now."""
    now, reader = timezone.now(), person(request)
    _oversees(reader)
    if request.method == "POST":
        return _make(request, now)
    instants = [retention.months_on(now, months) for months in AHEAD]
    context = {
        "rows": [_row(each, instants, now) for each in removals.rules(now=now)],
        "what": WHAT,
        "titles": _titles(now),
        "lists": removals.latest(),
        "holds": holds.running(reader, now=now),
        "is_manager": packs.is_manager(reader),
        **_preview(request, reader, now),
    }
    return show(request, "workbench/keeping.html", "keeping", context, now=now)


def _row(kept: removals.Kept, instants: list[datetime], now: datetime) -> dict[str, Any]:
    """Return a line of what one policy says of one thing, and how much is due by when."""
    counted, held = retention.counts(kept.pack.id, kept.rule.id, instants, now=now)
    return {
        "kept": kept,
        "keep": limit_text(kept.rule.keep, kept.pack),
        "way": WAYS[kept.rule.release],
        "counts": list(zip(AHEAD, counted, strict=True)),
        "held": held,
        "labels": LABELS,
    }


def _titles(now: datetime) -> dict[str, Any]:
    """Return what the policies in force are called; of another a list says the id."""
    return {pack.id: pack.title for _version, pack in packs.in_force(now=now)}


def _oversees(reader: Person) -> None:
    if not packs.own_roles(reader) & OVERSEERS:
        raise PermissionDenied


def _preview(request: HttpRequest, reader: Person, now: datetime) -> dict[str, Any]:
    """Return what is due under the policy that the address names, now or so many months on."""
    policy, kind, months = request.GET.get("policy", ""), request.GET.get("kind", CASE), request.GET.get("in", "0")
    if not policy:
        return {}
    if kind not in WHAT or months not in {str(each) for each in AHEAD}:
        raise NotOurs("keeping")
    chosen = next((each for each in removals.rules(now=now) if (each.pack.id, each.rule.id) == (policy, kind)), None)
    if chosen is None:
        raise Http404
    at = retention.months_on(now, int(months))
    page = retention.due(reader, policy=policy, kind=kind, at=at, now=now, cursor=request.GET.get("cursor"))
    may_go = len(retention.removable(policy, kind, now=now, limit=removals.LISTED)) if months == "0" else 0
    return {"chosen": chosen, "months": int(months), "due": page.rows, "may_go": may_go, **hrefs(request, page)}


def _make(request: HttpRequest, now: datetime) -> HttpResponse:
    if not packs.is_manager(person(request)):
        raise PermissionDenied
    policy, kind = request.POST.get("policy", ""), request.POST.get("kind", "")
    here = f"{reverse('desk_keeping')}?policy={policy}&kind={kind}"
    if (policy, kind) not in {(each.pack.id, each.rule.id) for each in removals.rules(now=now)}:
        raise Http404
    number = len(retention.removable(policy, kind, now=now, limit=removals.LISTED))
    if number and request.POST.get("confirm", "").strip() != str(number):
        messages.error(request, _("Type how many cases these are: what is removed does not come back."))
        return redirect(here)
    try:
        row = removals.make(policy, kind, by=person(request), now=now)
    except KNOWN as error:
        messages.error(request, str(PROBLEMS[type(error)]))
        return redirect(here)
    if row.released_at is None:
        messages.success(request, _("Listed. Another manager releases it; nothing is removed before."))
    else:
        messages.success(request, _("Released. The clock removes it within minutes."))
    return redirect("desk_keeping_list", row.pk)


@desk
@again.proved
def listed(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a list with what came of each case; another manager releases it, or lets it be."""
    now, reader = timezone.now(), person(request)
    _oversees(reader)
    row = removals.with_outcomes().filter(pk=pk).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        _settle(request, row, now)
        return redirect("desk_keeping_list", pk)
    context = {
        "row": row,
        "what": WHAT,
        "titles": _titles(now),
        "lines": removals.lines(row, reader),
        "is_manager": packs.is_manager(reader),
        "reader": reader,
    }
    return show(request, "workbench/keeping_list.html", "keeping", context, now=now)


def _settle(request: HttpRequest, row: RemovalList, now: datetime) -> None:
    try:
        if request.POST.get("do") == "release":
            removals.release(row, by=person(request), now=now)
            messages.success(request, _("Released. The clock removes it within minutes."))
        else:
            removals.drop(row, by=person(request), now=now)
            messages.success(request, _("Dropped. Nothing was removed."))
    except KNOWN as error:
        messages.error(request, str(PROBLEMS[type(error)]))
