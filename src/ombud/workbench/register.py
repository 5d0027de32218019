"""The register: every complaint that the reader may see, searched, filtered, paged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ombud.cases import analyser
from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.keeping import holds
from ombud.cases.reading import queries
from ombud.cases.reading.queries import CaseLine
from ombud.organisation.models import Department, Person, words
from ombud.policy.model.pack import Pack
from ombud.texts import Text
from ombud.workbench import columns, packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import CURSOR, PAGING, hrefs
from ombud.workbench.saved_view_menu import menu as saved_menu

NOT_FILTERS = ("q", "sort", *PAGING)
NAMES = 3  # of one channel or phase, where policies call it differently


@dataclass(frozen=True, kw_only=True, slots=True)
class FilterField:
    """One list that narrows the register."""

    name: str
    label: str
    value: str
    choices: list[tuple[str, str]]


@desk
def register(request: HttpRequest) -> HttpResponse:
    """Show one page of the register; to htmx only its rows."""
    now, reader = timezone.now(), person(request)
    query = asked(request)
    problem, looked_for = "", analyser.terms(query.get("q", ""))
    permissions = permissions_of(reader)
    try:
        filters = filters_of(query, reader)
        page = queries.register(
            reader,
            now=now,
            filters=filters,
            text=query.get("q", ""),
            sort=query.get("sort", "newest"),
            cursor=query.get("cursor"),
            permissions=permissions,
        )
    except ValueError as error:
        words = _("“{filter}” in the address cannot be read. Choose the filter again, or show all.")
        problem = words.format(filter=error)
        page = queries.Page(rows=(), after=None)
    lines = [with_pills(line, looked_for) for line in page.rows]
    _mark_held(lines, now)
    if looked_for:
        _add_excerpts(lines, looked_for, permissions)
    context: dict[str, Any] = {
        "lines": lines,
        "q": query.get("q", ""),
        "query": query,
        "problem": problem,
        # What fits one page needs no counting; of longer lists the number is asked for when they are shown.
        "total": len(page.rows) if page.after is None and CURSOR not in query and not problem else None,
        "total_href": f"{reverse('desk_register_total')}?{urlencode(_unpaged(query))}",
        **hrefs(request, page),
    }
    known = [pack for _version, pack in packs.visible(reader, now=now)]
    layout = columns.layout_of(request)
    context |= {"layout": layout, "column_choices": columns.choices(layout)}
    context["saved"] = saved_menu(permissions, "register", now)
    is_part = request.headers.get("HX-Target") == "results"
    # Lists that narrow are made from the policies that apply: another policy, other phases and people.
    is_swap = is_part and _policy_before(request) != query.get("policy", "")
    if is_swap or not is_part:
        context |= {"filter_fields": filter_fields(query, reader, known), "is_swap": is_swap}
    if is_part:
        return show(request, "workbench/_register.html", "register", context, now=now)
    return show(request, "workbench/register.html", "register", context, now=now)


@desk
def total(request: HttpRequest) -> HttpResponse:
    """Tell how many complaints the register lists in all."""
    query, reader = asked(request), person(request)
    filters = filters_of(query, reader)
    number, is_more = queries.register_count(reader, now=timezone.now(), filters=filters, text=query.get("q", ""))
    context = {"total": number, "is_more": is_more}
    return render(request, "workbench/_register_total.html", context)


def filters_of(query: dict[str, str], reader: Person) -> queries.Filters:
    """Return what a query narrows the register by. Raises NotOurs for what it cannot be narrowed by."""
    return queries.filters_from({k: v for k, v in query.items() if k not in NOT_FILTERS}, reader)


def _policy_before(request: HttpRequest) -> str:
    """Return the policy that the list was narrowed to before htmx asked for another."""
    said = parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query)
    return said.get("policy", [""])[0]


def _unpaged(query: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if name not in PAGING}


def asked(request: HttpRequest) -> dict[str, str]:
    """Return what the address asks for; empty fields of the form say nothing."""
    return {key: value.strip() for key, value in request.GET.items() if isinstance(value, str) and value.strip()}


def with_pills(line: CaseLine, looked_for: Sequence[analyser.Group] = ()) -> dict[str, Any]:
    """Return a line with the grades that stand out, and its words in pieces that a search found or not."""
    pack = packs.pack_of(line.case)
    subject = packs.name_of(line.case, pack, line.subject)
    return {
        "case": line.case,
        "href": reverse("desk_case", args=[line.case.reference]),
        "phase": line.phase,
        "policy": pack.title,
        "subject": subject,
        "found_subject": analyser.marked(subject, looked_for),
        "found_complainant": analyser.marked(line.complainant, looked_for),
        "next_duty": line.next_duty,
        "next_clauses": line.next_clauses,
        "is_overdue": line.is_overdue,
        "pills": packs.pills(pack, line.case.grades),
    }


def _mark_held(lines: list[dict[str, Any]], now: datetime) -> None:
    """Say of the lines whether a legal hold keeps their case whole."""
    held = set(holds.in_force(now=now).filter(case__in=[line["case"] for line in lines]).values_list("case", flat=True))
    for line in lines:
        line["is_held"] = line["case"].pk in held


def _add_excerpts(lines: list[dict[str, Any]], looked_for: Sequence[analyser.Group], permissions: Permissions) -> None:
    """Add to the lines whose subject and name hold nothing of what was looked for a few words of where it stands."""
    hidden = [line for line in lines if not any(hit for _, hit in (*line["found_subject"], *line["found_complainant"]))]
    found = queries.excerpts([line["case"] for line in hidden], looked_for, permissions)
    for line in hidden:
        line["excerpt"] = found.get(line["case"].pk)


def filter_fields(
    query: dict[str, str], reader: Person, known: Iterable[Pack], *, with_phase: bool = True
) -> list[FilterField]:
    """Return the lists that narrow the register, made from the packs that apply."""
    known = list(known)
    chosen = [pack for pack in known if query.get("policy") in (None, pack.id)]
    phases = _titles((p.id, p.title) for pack in chosen for p in pack.main.phases.values() if not p.is_start)
    channels = _titles((c.id, c.title) for pack in chosen for c in pack.channels.values())
    departments = [
        (str(row.pk), str(row)) for row in Department.objects.filter(policy__in=[p.id for p in chosen]).order_by("id")
    ]
    fields = [
        ("policy", _("Policy"), [(pack.id, words(dict(pack.title))) for pack in known] if len(known) > 1 else []),
        ("open", _("Open and closed"), [("1", _("Open")), ("0", _("Closed"))] if with_phase else []),
        ("phase", _("Phase"), list(phases.items()) if with_phase else []),
        *_grades(chosen),
        ("department", _("Department"), departments),
        ("handler", _("Handler"), [("me", _("Me")), *_handlers(reader, chosen)]),
        ("channel", _("Channel"), list(channels.items())),
        ("sort", _("Newest first"), [("due", _("Due first")), ("oldest", _("Oldest first"))] if with_phase else []),
    ]
    return [
        FilterField(name=name, label=label, value=query.get(name, ""), choices=choices)
        for name, label, choices in fields
        if choices
    ]


def _titles(named: Iterable[tuple[str, Text]]) -> dict[str, str]:
    """Return what each id is called; where policies call one differently, by all their names, or the first few."""
    found: dict[str, dict[str, None]] = {}
    for id, title in named:
        found.setdefault(id, {})[words(dict(title))] = None
    return {
        id: " / ".join([*several][:NAMES]) + (" …" if len(several) > NAMES else "") for id, several in found.items()
    }


def _handlers(reader: Person, chosen: Iterable[Pack]) -> list[tuple[str, str]]:
    """Return the people who work under these policies, besides the reader."""
    policies = [pack.id for pack in chosen]
    people = Person.objects.filter(memberships__policy__in=policies).exclude(pk=reader.pk).distinct()
    return sorted(((str(each.pk), str(each)) for each in people), key=lambda pair: pair[1])


def _grades(chosen: Iterable[Pack]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    tables = {table.id: table for pack in chosen for table in packs.shown_tables(pack)}
    return [
        (f"grade.{table.id}", words(dict(table.title)), [(key, words(dict(title))) for key, title in table.of.items()])
        for table in tables.values()
    ]
