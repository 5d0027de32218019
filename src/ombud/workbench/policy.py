"""The policy pages: which versions there are, and one version with its clauses, checks, assumptions and diagram."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.checks import Trace, trace
from ombud.organisation import reports
from ombud.organisation.library import pack as load
from ombud.organisation.models import PolicyVersion
from ombud.policy import draw
from ombud.policy.model import Pack
from ombud.workbench import calendars
from ombud.workbench.page import desk, show


@require_GET
@desk
def policies(request: HttpRequest) -> HttpResponse:
    """Show the versions of every policy."""
    now = timezone.now()
    rows = (
        PolicyVersion.objects.defer("sources").select_related("approved_by").order_by("policy", "-effective_on", "-id")
    )
    context = {"versions": rows, "today": timezone.localdate(now)}
    return show(request, "workbench/policies.html", "policies", context, now=now)


@require_GET
@desk
def policy(request: HttpRequest, policy: str, version: str) -> HttpResponse:
    """Show one version of a policy under the chosen tab."""
    now = timezone.now()
    row = get_object_or_404(PolicyVersion.objects.defer("sources"), policy=policy, version=version)
    pack = load(row.hash)
    tab = request.GET.get("tab", "clauses")
    tabs = {
        "clauses": _("Clauses and rules"),
        "checks": _("Checks"),
        "assumptions": _("Assumptions"),
        "diagram": _("Diagram"),
        "calendars": _("Calendars"),
    }
    tab = tab if tab in TABS else "clauses"
    context = {"version": row, "pack": pack, "tab": tab, "tabs": tabs.items()}
    found = TABS[tab](pack, row)
    part = tab if found else "waiting"
    template = f"workbench/_policy_{part}.html" if request.headers.get("HX-Request") else "workbench/policy.html"
    return show(request, template, "policies", {**context, "tab_part": part, **found}, now=now)


@lru_cache(maxsize=16)
def _trace(pack_hash: str) -> Trace:
    return trace(load(pack_hash))


@lru_cache(maxsize=16)
def _drawing(pack_hash: str, language: str) -> str:
    return draw(load(pack_hash), language)


def clauses_tab(pack: Pack, version: PolicyVersion) -> dict[str, Any]:
    """Return every clause beside the rules that carry it out."""
    found = _trace(pack.hash)
    return {"trace": found, "kinds": kind_words(), "total": len(found.clauses) - found.statements}


def checks_tab(pack: Pack, version: PolicyVersion) -> dict[str, Any]:
    """Return what the checks found, answered warnings below; nothing while the clock has not come to it."""
    report = reports.report_of(version)
    if report is None:
        return {}
    return {
        "report": report,
        "open_findings": [each for each in report.findings if each.explained is None],
        "answered_findings": [each for each in report.findings if each.explained is not None],
        "sources": pack.sources,
    }


def assumptions_tab(pack: Pack, version: PolicyVersion) -> dict[str, Any]:
    """Return what the document leaves open: readings, parameters, clauses that were filled in."""
    return {
        "readings": pack.readings,
        "parameters": pack.parameters.values(),
        "completed": [each for each in pack.clauses.values() if each.is_completed],
    }


def diagram_tab(pack: Pack, version: PolicyVersion) -> dict[str, Any]:
    """Return the drawing of the phases and acts; it is our own SVG, its texts escaped by `draw`."""
    return {"diagram": mark_safe(_drawing(pack.hash, (get_language() or "zh").split("-")[0]))}


def calendars_tab(pack: Pack, version: PolicyVersion) -> dict[str, Any]:
    """Return the working time that limits are counted on."""
    return {"calendars": calendars.described(pack)}


TABS: dict[str, Callable[[Pack, PolicyVersion], dict[str, Any]]] = {
    "clauses": clauses_tab,
    "checks": checks_tab,
    "assumptions": assumptions_tab,
    "diagram": diagram_tab,
    "calendars": calendars_tab,
}


def kind_words() -> dict[str, str]:
    """Return what each kind of rule is called."""
    return {
        "act": pgettext("kind of rule", "Act"),
        "chain": pgettext("kind of rule", "Approval"),
        "duty": pgettext("kind of rule", "Duty"),
        "table": pgettext("kind of rule", "Table"),
        "periodic": pgettext("kind of rule", "Periodic duty"),
        "field": pgettext("kind of rule", "Field"),
        "channel": pgettext("kind of rule", "Channel"),
        "department": pgettext("kind of rule", "Department"),
        "parameter": pgettext("kind of rule", "Parameter"),
        "document": pgettext("kind of rule", "Letter"),
        "retention": pgettext("kind of rule", "Retention"),
        "calendar": pgettext("kind of rule", "Calendar"),
        "counting": pgettext("kind of rule", "Counting"),
        "access": pgettext("kind of rule", "Access"),
    }
