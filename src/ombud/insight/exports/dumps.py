"""What `ombud export` writes: cases, duties, events and figures, a row each, under names that stay the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from ombud.cases import eventlog
from ombud.cases.access.permissions import Permissions, scoped
from ombud.cases.models import Case, Duty, Event
from ombud.cases.reading.titles import summary
from ombud.insight.exports.table import Row, Table
from ombud.insight.models import Measured
from ombud.organisation.models import Department, Office, Person, PolicyVersion
from ombud.privacy.keys import key_of
from ombud.privacy.masking import BLANK
from ombud.privacy.sealing import Tampered, Vault, is_sealed

CHUNK = 2000  # rows that are fetched at once
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode  # made once: json.dumps makes one for each value


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is to be written. Without a reader it is every case, and nothing personal."""

    reader: Permissions | None = None
    is_clear: bool = False  # with personal data, where the reader sees it unmasked
    policy: str = ""
    begin: datetime | None = None
    end: datetime | None = None  # before it

    def shows(self, policy: str) -> bool:
        """Return whether personal data of the policy's cases is written."""
        return self.is_clear and self.reader is not None and not self.reader.is_masked(policy)

    def narrow(self, rows: QuerySet[Any], at: str, case: str) -> QuerySet[Any]:
        """Return the rows that are wanted: by when they were, and by the case that they are of."""
        of_policy = f"{case}__policy" if case else "policy"
        wanted = Q(**{of_policy: self.policy}) if self.policy else Q()
        if self.begin is not None:
            wanted &= Q(**{f"{at}__gte": self.begin})
        if self.end is not None:
            wanted &= Q(**{f"{at}__lt": self.end})
        if self.reader is not None:
            wanted &= Q(**{f"{case or 'pk'}__in": scoped(self.reader, is_leading=False)})
        return rows.filter(wanted).order_by("pk")


def cases(wanted: Wanted) -> Table:
    """Return a row for each case; what it is about, and whose it is, only where personal data is asked for."""
    names = (
        "case", "policy", "version", "procedure", "channel", "language", "phase", "grades", "department", "office",
        "handler", "received_at", "closed_at", "next_due_at", "next_duty", "events", "subject", "complainant",
    )  # fmt: skip
    found = wanted.narrow(Case.objects.all(), "received_at", "")
    return Table(name="cases", headings=names, rows=_clear_cases(found, wanted) if wanted.is_clear else _cases(found))


_OF_CASE = (
    "pk", "reference", "policy", "policy_version", "procedure", "channel", "language", "phase", "grades",
    "department", "office", "handler", "received_at", "closed_at", "next_due_at", "next_duty", "seq",
)  # fmt: skip


def _cases(found: QuerySet[Case]) -> Iterator[Row]:
    versions, departments, offices, people = _versions(), _departments(), _offices(), _people()
    for pk, reference, policy, version, procedure, channel, language, phase, grades, *rest in _plain(found, _OF_CASE):
        department, office, handler, received, closed, due, duty, events = rest
        cells = (
            reference, policy, versions[version], procedure, channel, language, phase, _written(grades),
            departments.get(department), offices.get(office), people.get(handler), received, closed, due, duty, events,
            None, None,
        )  # fmt: skip
        yield Row(cells=cells, case=pk)


def _clear_cases(found: QuerySet[Case], wanted: Wanted) -> Iterator[Row]:
    versions, departments, offices, people = _versions(), _departments(), _offices(), _people()
    for case in found.select_related("complainant").iterator(chunk_size=CHUNK):
        subject, complainant = summary(case, is_masked=not wanted.shows(case.policy))
        cells = (
            case.reference, case.policy, versions[case.policy_version_id], case.procedure, case.channel, case.language,
            case.phase, _written(case.grades), departments.get(case.department_id), offices.get(case.office_id),
            people.get(case.handler_id), case.received_at, case.closed_at, case.next_due_at, case.next_duty, case.seq,
            subject, complainant,
        )  # fmt: skip
        yield Row(cells=cells, case=case.pk)


def duties(wanted: Wanted) -> Table:
    """Return a row for each duty as the engine judged it."""
    names = (
        "case", "policy", "procedure", "duty", "instance", "clauses", "role", "department", "office", "person",
        "status", "opened_at", "due_at", "done_at", "breached_at", "provisional", "outsiders",
    )  # fmt: skip
    asked = (
        "case", "case__reference", "policy", "case__procedure", "duty", "instance", "status", "opened_at", "due_at",
        "done_at", "breached_at", "is_provisional", "is_outsiders", "clauses", "role", "department", "office", "person",
    )  # fmt: skip

    found = wanted.narrow(Duty.objects.all(), "opened_at", "case")

    def rows() -> Iterator[Row]:
        departments, offices, people = _departments(), _offices(), _people()
        for pk, *begin, clauses, role, department, office, person in _plain(found, asked):
            rest = begin[5:]
            cells = (
                *begin[:5], " ".join(clauses), role, departments.get(department), offices.get(office),
                people.get(person), *rest,
            )  # fmt: skip
            yield Row(cells=cells, case=pk)

    return Table(name="duties", headings=names, rows=rows())


def events(wanted: Wanted) -> Table:
    """Return a row for each event; personal values as stars, or in clear where personal data is asked for."""
    names = (
        "case",
        "seq",
        "act",
        "occurred_at",
        "recorded_at",
        "actor",
        "role",
        "department",
        "office",
        "data",
        "hash",
    )

    def rows() -> Iterator[Row]:
        if not wanted.is_clear:
            for pk, case, seq, act, occurred, recorded, actor, role, department, office, data, hash in _plain(
                _by_recording(wanted, Event.objects.all()), _OF_EVENT
            ):
                cells = (case, seq, act, _at(occurred), _at(recorded), actor, role, department, office)
                yield Row(cells=(*cells, _written(_hidden(data)), hash), case=pk)
            return
        for row in _by_recording(wanted, Event.objects.select_related("case__complainant")).iterator(chunk_size=CHUNK):
            first = (row.case.reference, row.seq, row.act, _at(row.occurred), _at(row.recorded), row.actor, row.role)
            data = _opened(row) if wanted.shows(row.case.policy) else _hidden(row.data)
            yield Row(cells=(*first, row.department, row.office, _written(data), row.hash), case=row.case_id)

    return Table(name="events", headings=names, rows=rows())


_OF_EVENT = (
    "case", "case__reference", "seq", "act", "occurred", "recorded", "actor", "role", "department", "office", "data",
    "hash",
)  # fmt: skip


def _by_recording(wanted: Wanted, rows: QuerySet[Event]) -> QuerySet[Event]:
    """Return the events that are wanted, by when they were recorded, which events keep as seconds."""
    found = Wanted(reader=wanted.reader, policy=wanted.policy).narrow(rows, "", "case")
    if wanted.begin is not None:
        found = found.filter(recorded__gte=int(wanted.begin.timestamp()))
    return found if wanted.end is None else found.filter(recorded__lt=int(wanted.end.timestamp()))


def _hidden(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: BLANK if is_sealed(value) else value for name, value in data.items()}


def _opened(row: Event) -> dict[str, Any]:
    try:
        data = eventlog.decode(row, Vault(key_of(row.case.complainant), row.case.reference)).data
    except Tampered:
        return _hidden(row.data)  # `ombud verify` reports it
    return _hidden(data)  # what was erased stays shut


_JSON, _EMPTY = ("choices", "stays"), ("{}", "[]")


def figures(wanted: Wanted) -> Table:
    """Return a row for each case as figures count it."""
    fields = [
        each.attname
        for each in Measured._meta.concrete_fields
        if each.attname not in ("case_id", "version", "handler_id", "circle_id", "next_due_at", "days")
    ]
    names = tuple(name.removesuffix("_id") for name in fields)
    # What is JSON stays the text that it is kept as: nothing is gained by reading it and writing it again.
    asked = ("case", "case__reference", "version", *(f"{each}_text" if each in _JSON else each for each in fields))

    def rows() -> Iterator[Row]:
        versions, departments, offices = _versions(), _departments(), _offices()
        known = {"department_id": departments, "office_id": offices}
        named = [(place, known[name]) for place, name in enumerate(fields) if name in known]
        written = [place for place, name in enumerate(fields) if name in _JSON]
        texts = {f"{each}_text": Cast(each, TextField()) for each in _JSON}
        found = wanted.narrow(Measured.objects.annotate(**texts), "received_at", "case")
        for pk, reference, version, *cells in _plain(found, asked):
            for place, names in named:
                cells[place] = names.get(cells[place])
            for place in written:
                cells[place] = "" if cells[place] in _EMPTY else cells[place]
            yield Row(cells=(reference, versions.get(version), *cells), case=pk)

    return Table(name="figures", headings=("case", "version", *names), rows=rows())


DUMPS: Mapping[str, Callable[[Wanted], Table]] = {
    "cases": cases,
    "duties": duties,
    "events": events,
    "figures": figures,
}


def _plain(found: QuerySet[Any], names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return found.values_list(*names).iterator(chunk_size=CHUNK)


def _written(value: Any) -> str:
    return _encode(value) if value else ""


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _versions() -> dict[int, str]:
    return dict(PolicyVersion.objects.values_list("pk", "version"))


def _departments() -> dict[int | None, str]:
    return dict(Department.objects.values_list("pk", "key"))


def _offices() -> dict[int | None, str]:
    return dict(Office.objects.values_list("pk", "key"))


def _people() -> dict[int | None, str]:
    return dict(Person.objects.values_list("pk", "username"))
