"""The policy pages: which versions there are, and one version part by part."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.organisation import drafting, publishing
from ombud.organisation.models import PolicyVersion
from ombud.workbench import policy_parts as parts
from ombud.workbench import stories, versions
from ombud.workbench.page import desk, person, show
from ombud.workbench.policy_parts import Asked
from ombud.workbench.versions import Hand

Status = PolicyVersion.Status


@require_GET
@desk
def policies(request: HttpRequest) -> HttpResponse:
    """Show the versions of every policy."""
    now, hand = timezone.now(), versions.hand_of(person(request))
    rows = PolicyVersion.objects.defer("sources").select_related("approved_by", "drafted_by")
    rows = rows if hand.sees_drafts else rows.filter(status=Status.PUBLISHED)
    ordered = rows.order_by("policy", "-effective_on", "-id")
    groups = [(policy, list(found)) for policy, found in groupby(ordered, key=lambda row: row.policy)]
    in_force = {row.pk for row in publishing.policies_in_force(now=now)}
    context = {"groups": groups, "in_force": in_force, "today": publishing.today(now), "hand": hand}
    return show(request, "workbench/policies.html", "policies", context, now=now)


@require_GET
@desk
def policy(request: HttpRequest, policy: str, version: str) -> HttpResponse:
    """Show one version of a policy under the chosen tab."""
    now, hand = timezone.now(), versions.hand_of(person(request))
    row = versions.version_of(policy, version, hand)
    pack, error = versions.readable(row)
    context: dict[str, Any] = {"version": row, "pack": pack, "hand": hand, "way": way(row, request, hand)}
    if pack is None:
        assert error is not None, "a pack is read or there is an error"
        tab = "history" if request.GET.get("tab") == "history" else "unreadable"
        found = parts.unreadable(row, error) if tab == "unreadable" else parts.history(row)
        tabs = {"unreadable": _("Mistakes"), "history": _("History")}
    else:
        tabs = _tabs()
        tab = request.GET.get("tab", "clauses")
        tab = tab if tab in TABS else "clauses"
        found = TABS[tab](
            Asked(pack=pack, version=row, hand=hand, query=request.GET, now=now, reader=person(request).key)
        )
    part = found.pop("part", tab)
    context |= {"tab": tab, "tabs": tabs.items(), "tab_part": part, **found}
    template = f"workbench/_policy_{part}.html" if request.headers.get("HX-Request") else "workbench/policy.html"
    return show(request, template, "policies", context, now=now)


@require_GET
@desk
def story(request: HttpRequest, policy: str, version: str, number: int) -> HttpResponse:
    """Show one scenario as a story."""
    now, hand = timezone.now(), versions.hand_of(person(request))
    row = versions.version_of(policy, version, hand)
    pack, _error = versions.readable(row)
    if pack is None or not 1 <= number <= len(pack.scenarios):
        raise Http404
    context = {
        "version": row,
        "pack": pack,
        "number": number,
        "count": len(pack.scenarios),
        "hand": hand,
    }
    scenario, owner = pack.scenarios[number - 1], person(request).key
    context["scenario"] = scenario
    if row.status == PolicyVersion.Status.PUBLISHED:
        context["tale"] = stories.tell(pack, scenario)
    else:
        context |= stories.tale_of_draft(pack, scenario, policy=row.policy, owner=owner)
    return show(request, "workbench/policy_story.html", "policies", context, now=now)


TABS: dict[str, Callable[[Asked], dict[str, Any]]] = {
    "clauses": parts.clauses,
    "checks": parts.checks,
    "scenarios": parts.scenarios,
    "assumptions": parts.assumptions,
    "diagram": parts.diagram,
    "calendars": parts.calendar_cards,
    "compare": parts.comparison,
    "history": lambda asked: parts.history(asked.version),
}


def _tabs() -> dict[str, str]:
    return {
        "clauses": _("Clauses and rules"),
        "checks": _("Checks"),
        "scenarios": _("Scenarios"),
        "assumptions": _("Assumptions"),
        "diagram": _("Diagram"),
        "calendars": _("Calendars"),
        "compare": _("Compare"),
        "history": _("History"),
    }


STATIONS = (Status.DRAFT, Status.CHECKED, Status.APPROVED, Status.PUBLISHED)


def way(row: PolicyVersion, request: HttpRequest, hand: Hand) -> dict[str, Any] | None:
    """Return where a version stands on its way, and what the reader may do about it; None once it is published."""
    if row.status not in STATIONS[:3]:
        return None
    reader, here = person(request), STATIONS.index(Status(row.status))
    wrote = reader.pk in drafting.authors(row)
    pending = drafting.pending_warnings(row) if row.status == Status.CHECKED else 0
    return {
        "stations": [(station.label, "done" if n < here else "here" if n == here else "") for n, station in
                     enumerate(STATIONS)],
        "pending": pending,
        "wrote": wrote,
        "can_edit": hand.writes and row.status == Status.DRAFT,
        "can_submit": hand.writes and row.status == Status.DRAFT,
        "can_acknowledge": hand.writes and bool(pending),
        "can_approve": hand.approves and row.status == Status.CHECKED and not wrote and not pending,
        "can_publish": (hand.writes or hand.approves) and row.status == Status.APPROVED,
        "can_reopen": (hand.writes or hand.approves) and row.status in (Status.CHECKED, Status.APPROVED),
        "can_withdraw": hand.writes,
        "from_day": max(row.effective_on, publishing.today(timezone.now())),
        "today": publishing.today(timezone.now()),
    }  # fmt: skip
