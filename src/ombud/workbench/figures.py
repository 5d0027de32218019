"""What pages of figures share: the policy, span and part of the organisation that an address asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.cases.reading.paging import NotOurs, by_id
from ombud.insight import keys, spans
from ombud.insight.compliance import Narrowing
from ombud.insight.scopes import TIMES
from ombud.interface.days import whole_day
from ombud.organisation.models import Department, Office, Person, PolicyVersion, words
from ombud.policy.model.pack import Pack
from ombud.policy.plain_text import storable
from ombud.policy.vocabulary import DEPARTMENT, OFFICE
from ombud.workbench import packs
from ombud.workbench.page import person
from ombud.workbench.register import FilterField, asked

SPAN, GRADE, VERSION = "span", "grade", "version"
WHOSE, ALL, MINE = "whose", "all", "mine"  # whose figures an address means, where it is not the usual
BY, NONE = "by-", "-"  # what an address says of one value of a dimension, and of none
SPANS = {
    spans.YEAR: gettext_lazy("Last twelve months"),
    "this-month": gettext_lazy("This month"),
    "last-month": gettext_lazy("Last month"),
    "this-quarter": gettext_lazy("This quarter"),
    "last-quarter": gettext_lazy("Last quarter"),
    "this-year": gettext_lazy("This year"),
    "last-year": gettext_lazy("Last year"),
}

#: What a number is called, in the order in which tables show them; insight.compliance.Counts says what each counts.
STATES = {
    "met": gettext_lazy("In time"),
    "late": gettext_lazy("Late"),
    "overdue": gettext_lazy("Overdue now"),
    "running": gettext_lazy("Running"),
    "paused": gettext_lazy("Paused"),
    "waived": gettext_lazy("Waived"),
    "gone": gettext_lazy("Withdrawn in time"),
}


#: How each number is counted; docs/reference/insight.md has the same in full.
DEFINITIONS = (
    (
        gettext_lazy("What is counted"),
        gettext_lazy(
            "Duties of ours that began in the span, by the clauses that they cite; not what people outside owe."
        ),
    ),
    (
        gettext_lazy("On time"),
        gettext_lazy("Done in time, of all whose time has told: done in time, late, or overdue now; no others."),
    ),
    (
        gettext_lazy("Late"),
        gettext_lazy(
            "Done after its time, or withdrawn after it without having been done: a withdrawal mends nothing."
        ),
    ),
    (
        gettext_lazy("Withdrawn in time"),
        gettext_lazy("The case went another way in time, so nothing was owed any more. Not in “Owed”."),
    ),
    (
        gettext_lazy("Certainty"),
        gettext_lazy("The range (Wilson) that holds the rate with 95 % certainty. Below 20 it is marked as from few."),
    ),
    (
        gettext_lazy("Before"),
        gettext_lazy("The rate beside the span of the same length before it, in points of a hundred."),
    ),
    (
        gettext_lazy("Time used"),
        gettext_lazy(
            "Of the time that each had, by the clock on the wall: what the middle one of those done took, and what nine"
            " of ten did not exceed."
        ),
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the address asks for."""

    pack: Pack
    name: str
    span: spans.Span
    only: Narrowing
    query: dict[str, str]

    @property
    def address(self) -> str:
        """The query string that asks for the same."""
        return self.with_()

    @property
    def by(self) -> dict[str, str]:
        """The further dimensions that the address narrows to, each with its value; empty: none."""
        named = {name.removeprefix(BY): value for name, value in self.query.items() if name.startswith(BY)}
        return {name: "" if value == NONE else value for name, value in named.items()}

    @property
    def further(self) -> list[tuple[str, str]]:
        """What the address says of further dimensions, for the form that changes the rest; times go with the span."""
        return [(BY + name, value or NONE) for name, value in self.by.items() if name not in TIMES]

    @property
    def whole_address(self) -> str:
        """The query string that asks for the same, with every further dimension."""
        return "&".join([self.address, *(urlencode({BY + each: id or NONE}) for each, id in self.by.items())])

    def with_(self, name: str = "", value: str = "") -> str:
        """Return the query string that asks for the same, narrowed to one value of a side."""
        kept = {each: self.query[each] for each in (SPAN, DEPARTMENT, OFFICE, GRADE, VERSION) if each in self.query}
        if name:
            kept[name] = value
        return urlencode([("policy", self.pack.id), *kept.items()])


def known_packs(request: HttpRequest) -> dict[str, Pack]:
    """Return the policies whose figures the reader may ask for."""
    return packs_known_to(person(request), timezone.now())


def packs_known_to(reader: Person, now: datetime) -> dict[str, Pack]:
    """Return the policies whose figures somebody may ask for."""
    return {pack.id: pack for _version, pack in packs.visible(reader, now=now)}


def asked_for(request: HttpRequest, known: dict[str, Pack], now: datetime) -> Asked:
    """Return what the address asks for. Raises NotOurs for a span, policy or part that there is not."""
    return asked_of(asked(request), known, now)


def asked_of(query: dict[str, str], known: dict[str, Pack], now: datetime) -> Asked:
    """Return what a query asks for. Raises NotOurs for a span, policy or part that there is not."""
    name, policy = query.get(SPAN, spans.YEAR), query.get("policy", next(iter(known)))
    if policy not in known:
        raise NotOurs(policy)
    try:
        span = spans.span_of(name, now=now, zone=timezone.get_current_timezone())
    except KeyError as error:
        raise NotOurs(name) from error
    if any(storable(each) != each for each in query.values()):
        raise NotOurs("what no database keeps")
    grade = query.get(GRADE)
    if grade is not None and grade not in grades(known[policy]):
        raise NotOurs(grade)
    return Asked(
        pack=known[policy],
        name=name,
        span=span,
        only=Narrowing(
            department=by_id(query.get(DEPARTMENT)),
            office=by_id(query.get(OFFICE)),
            grade=grade,
            version=by_id(query.get(VERSION)),
        ),
        query=query,
    )


def _spans(wanted: Asked) -> list[tuple[str, str]]:
    """Return the spans to choose from, with the one that the address names by its days."""
    known = [(name, str(title)) for name, title in SPANS.items()]
    if wanted.name in SPANS:
        return known
    return [*known, (wanted.name, f"{whole_day(wanted.span.begin.date())} \u2013 {whole_day(wanted.span.last_day)}")]


def grades(pack: Pack) -> dict[str, str]:
    """Return the grades of a policy by their names, in its order; none where its `figures` name no grade."""
    kind = pack.kinds.get(pack.figures.grade or "")
    return {each: str(keys.value_words(GRADE, each, pack)) for each in kind.choices} if kind else {}


def filters(wanted: Asked, known: dict[str, Pack]) -> list[FilterField]:
    """Return the lists that narrow what is counted."""
    departments = [(str(row.pk), str(row)) for row in Department.objects.filter(policy=wanted.pack.id).order_by("id")]
    offices = [(str(row.pk), str(row)) for row in Office.objects.filter(key__in=wanted.pack.offices).order_by("id")]
    rows = PolicyVersion.objects.filter(policy=wanted.pack.id, status=PolicyVersion.Status.PUBLISHED).order_by("-pk")
    versions = [(str(pk), version) for pk, version in rows.values_list("pk", "version")]
    fields = [
        ("policy", "", [(id, words(dict(pack.title))) for id, pack in known.items()], wanted.pack.id),
        (SPAN, "", _spans(wanted), wanted.name),
        (DEPARTMENT, _("Department"), departments, wanted.query.get(DEPARTMENT, "")),
        (OFFICE, _("Office"), offices, wanted.query.get(OFFICE, "")),
        (GRADE, _("Grade"), list(grades(wanted.pack).items()), wanted.only.grade or ""),
        (VERSION, _("Version"), versions if len(versions) > 1 else [], wanted.query.get(VERSION, "")),
    ]
    return [
        FilterField(name=name, label=label, value=value, choices=choices)
        for name, label, choices, value in fields
        if choices
    ]
