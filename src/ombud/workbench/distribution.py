"""Distribution: how what comes in for each role is given out, what could be given to nobody, and who chose so."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ombud.cases.access.permissions import permissions_of, scoped
from ombud.clock import by_rule
from ombud.clock import distribution as giving
from ombud.clock.models import Ungiven
from ombud.interface.lists import listed
from ombud.organisation import distributing
from ombud.organisation.distributions import Distribution
from ombud.organisation.models import ADMINISTRATOR, MANAGER, Change, Person, words
from ombud.policy.compare.describing import describe
from ombud.policy.compare.naming import Names
from ombud.policy.compare.words import WORDS
from ombud.policy.distribution import takers
from ombud.policy.model.distribution import DistributionRule
from ombud.policy.model.guards import Guard
from ombud.policy.model.pack import Pack
from ombud.texts import Text
from ombud.workbench import packs
from ombud.workbench.page import OVERSEERS, desk, person, show

LISTED = 100
TAKEN = "taken"  # of no way: everybody takes for themselves
_CHOOSE = frozenset({MANAGER, ADMINISTRATOR})
#: Why somebody was passed over: the codes of refusals that a person can be at fault for.
PASSED_OVER = {
    giving.AWAY: gettext_lazy("{who} (away)"),
    giving.KEPT_OUT: gettext_lazy("{who} (kept out of the case)"),
    "recused": gettext_lazy("{who} (kept out of the case)"),
    "confidential": gettext_lazy("{who} (kept out of the case)"),
    "qualified": gettext_lazy("{who} (has not passed the exam)"),
    by_rule.UNFIT: gettext_lazy("{who} (lacks what the rule asks for)"),
}


class WaysForm(forms.Form):
    """The roles of one policy, each with how what comes in for it is given out."""

    def __init__(self, data: Any, pack: Pack, chosen: Mapping[tuple[str, str], str]) -> None:
        super().__init__(data, auto_id=f"{pack.id}_%s", prefix=pack.id)
        self.pack = pack
        self.rules = rules(pack)
        for role in (pack.roles[id] for id in takers(pack)):
            self.fields[role.id] = forms.ChoiceField(
                label=words(dict(role.title)),
                choices=[(TAKEN, _("everybody takes for themselves")), *Distribution.Way.choices],
                initial=chosen.get((pack.id, role.id), TAKEN),
            )


def rules(pack: Pack) -> list[dict[str, Any]]:
    """Return the policy's own rules of distribution in words, in the order in which they are asked."""
    names = Names(pack, pack.main)
    return [
        {
            "title": rule.title,
            "clauses": rule.cite,
            "facts": [
                (words(dict(WORDS.entry("attributes")[name])), words(dict(said)))
                for name in ("role", "where", "way", "skills", "otherwise")
                if (said := _said(name, rule, names)) is not None
            ],
        }
        for rule in pack.distribution.values()
    ]


def _said(name: str, rule: DistributionRule, names: Names) -> Text | None:
    """Return a part of a rule in words; a condition that asks a single fact is what the fact is called."""
    given = getattr(rule, name)
    if isinstance(given, Guard) and isinstance(given.tree, ast.Name):
        return names.fact(given.tree.id)
    return describe(name, given, names, rule)


@require_http_methods(["GET", "POST"])
@desk
def distribution(request: HttpRequest) -> HttpResponse:
    """Show how what comes in is given out; managers and administrators choose it."""
    now, reader = timezone.now(), person(request)
    own = packs.own_roles(reader)
    can_choose = bool(own & _CHOOSE)
    if not own & OVERSEERS or (request.method == "POST" and not can_choose):
        raise PermissionDenied
    known = [pack for _version, pack in packs.in_force(now=now) if takers(pack)]
    data, chosen = request.POST if request.method == "POST" else None, distributing.ways()
    asked = request.POST.get("policy", "")
    forms_ = [WaysForm(data if pack.id == asked else None, pack, chosen) for pack in known]
    saved = next((form for form in forms_ if form.is_bound and form.is_valid()), None)
    if saved is not None:
        for role, way in saved.cleaned_data.items():
            distributing.choose(saved.pack.id, role, "" if way == TAKEN else way, by=reader, now=now)
        messages.success(request, _("Saved. What nobody has taken yet is given out within moments."))
        return redirect("desk_distribution")
    titles = {pack.id: pack for pack in known}
    context = {
        "forms": forms_,
        "can_choose": can_choose,
        "ungiven": _lines(reader, titles),
        "history": [(change, *_told(change, titles)) for change in distributing.history()],
    }
    status = 422 if request.method == "POST" else 200
    return show(request, "workbench/distribution.html", "distribution", context, now=now, status=status)


def _lines(reader: Person, titles: Mapping[str, Pack]) -> list[dict[str, Any]]:
    """Return the cases that stay with everybody, those that the reader may see, and why."""
    seen = scoped(permissions_of(reader), is_leading=False).values("pk")
    rows = giving.ungiven().filter(case__in=seen).select_related("case").order_by("-tried_at", "-pk")[:LISTED]
    people = _people(rows)
    return [
        {
            "case": row.case,
            "href": reverse("desk_case", args=[row.case.reference]),
            "role": _role(row.case.policy, row.role, titles),
            "rule": titles[row.case.policy].distribution.get(row.rule) if row.case.policy in titles else None,
            "why": _why(row, people),
            "at": row.tried_at,
        }
        for row in rows
    ]


def _people(rows: Iterable[Ungiven]) -> dict[int, Person]:
    return Person.objects.in_bulk({pk for row in rows for pk, _code in row.passed_over})


def _why(row: Ungiven, people: Mapping[int, Person]) -> str:
    """Return why nobody could be given a case."""
    if not row.passed_over:
        return _("Nobody holds this role for the case.")
    other = _("{who} (the policy does not let them take it)")
    told = [str(PASSED_OVER.get(code, other)).format(who=people[pk]) for pk, code in row.passed_over if pk in people]
    return _("Passed over: {people}").format(people=listed(told))


def _role(policy: str, role: str, titles: Mapping[str, Pack]) -> str:
    """Return a role and its policy in words."""
    pack = titles.get(policy)
    if pack is None or role not in pack.roles:
        return f"{policy}/{role}"
    return f"{words(dict(pack.roles[role].title))} \u00b7 {words(dict(pack.title))}"


def _told(change: Change, titles: Mapping[str, Pack]) -> tuple[str, str]:
    """Return one choice in words: for which role, and how."""
    policy, _slash, role = change.key.partition("/")
    way = Distribution.Way(change.content["way"]).label if change.content else _("everybody takes for themselves")
    return _role(policy, role, titles), str(way)
