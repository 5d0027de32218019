"""Rows beside the events that a daily root covers: what stands in them must stand there for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import CharField, Exists, F, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Replace

from ombud.cases.models import Case, DailyRecord, DailyRoot, Event
from ombud.policy.event_names import REISSUE

BATCH = 500
AT_ONCE = 20_000  # rows of a kind that one root takes in, oldest first: the others wait for the next


@dataclass(frozen=True, slots=True)
class Kind:
    """Which rows of a model are covered, and what of them never changes."""

    model: str  # of a layer above, too: so by its name
    columns: tuple[str, ...]
    where: Q = Q()  # noqa: RUF009  # a Q is never changed
    is_of_case: bool = False  # new ones come with events of their `case` only


KINDS: Mapping[str, Kind] = {
    "policy": Kind(
        "organisation.PolicyVersion",
        ("policy", "version", "hash", "sources", "effective_on", "drafted_by", "approved_by", "published_at"),
        Q(published_at__isnull=False),
    ),
    "step": Kind("organisation.PolicyStep", ("version", "kind", "person", "at", "note", "data")),
    "edition": Kind(
        "organisation.CalendarEdition",
        ("edition", "hash", "baked", "source", "moves_dues", "entered_at", "entered_by", "undoes"),
    ),
    "proposal": Kind(
        "organisation.CalendarProposal",
        ("notice", "undoes", "source", "proposed_by", "proposed_at", "verdict", "reason", "decided_by", "decided_at"),
        Q(decided_at__isnull=False),
    ),
    "change": Kind("organisation.Change", ("kind", "key", "content", "by", "at")),
    "through": Kind("organisation.Change", ("through",), ~Q(through="")),  # earlier ones name no directory
    "access": Kind("privacy.Access", ("person", "reference", "what", "reason", "at")),
    "removal": Kind("cases.Removal", ("reference", "kind", "clauses", "removed_by", "removed_at")),
    "hold": Kind("cases.LegalHold", ("case", "until", "placed_by", "placed_at")),  # its reason loses names at erasure
    "clock": Kind(
        "cases.ClockRepair",
        ("reason", "asked_by", "asked_at", "decided_by", "decided_at", "is_approved", "cases"),
        Q(decided_at__isnull=False),
    ),
    # What somebody was told when everything was verified.
    "verified": Kind(
        "cases.Verification",
        ("way", "asked_by", "asked_at", "finished_at", "cases", "events", "roots", "ahead", "problems", "found"),
        Q(finished_at__isnull=False),
    ),
    "list": Kind(
        "cases.RemovalList",
        ("policy", "kind", "due_at", "made_by", "made_at", "released_by", "released_at"),
        Q(released_at__isnull=False),
    ),
    "case": Kind(
        "cases.Case",
        ("reference", "policy", "procedure", "channel", "language", "complainant", "source", "parent", "parent_seq"),
    ),
    # Under which policy and working days its events are folded from the first on; later ones say so themselves.
    "begin": Kind("cases.Case", ("reference", "first_version__hash", "first_edition__hash")),
    "code": Kind("cases.Case", ("reference", "secret"), ~Q(events__act=REISSUE)),  # an event tells of each later one
    "viewer": Kind("cases.Participation", ("case", "viewer"), is_of_case=True),
    "letter": Kind(
        "notices.Letter", ("case", "document", "language", "seq", "sealed", "is_to_complainant", "written_at", "dedupe")
    ),
    # One of a case: before, whoever sorts it decides whose it is. What a carrier or its reader does with it changes.
    "message": Kind(
        "correspondence.Message",
        (
            "is_out",
            "case",
            "keeper",
            "to",
            "language",
            "said_at",
            "had_at",
            "letter",
            "act",
            "seq",
            "by",
            "answers",
            "dedupe",
        ),
        Q(case__isnull=False) & ~Q(state="drafted"),  # its letter is there once it is sent
    ),
    # What came in was sealed for its case and is read only; of what goes out a provider's words are added, and of a
    # call that became a case's while it lasted a telephone system has more to tell.
    "incoming": Kind(
        "correspondence.Message",
        ("sealed",),
        Q(case__isnull=False, is_out=False) & ~Q(way="call", account__isnull=False),
    ),
    "words": Kind("correspondence.LetterVersion", ("message", "number", "sealed", "by", "at")),
    "verdict": Kind(
        "correspondence.LetterVersion",
        ("message", "number", "decided_by", "decided_at", "is_approved", "reason"),
        Q(decided_at__isnull=False),
    ),
    "notice": Kind("notices.Notice", ("person", "case", "kind", "act", "duty", "instance", "clauses", "at", "dedupe")),
}


def digest(kind: str, key: str, values: Iterable[Any]) -> str:
    """Return the hash over a row's columns, the same on every database."""
    return hashlib.sha256(_text(kind, key, values).encode()).hexdigest()


def _text(kind: str, key: str, values: Iterable[Any]) -> str:
    return json.dumps([kind, key, *values], default=str, sort_keys=True)


def texts(chosen: Mapping[str, Q]) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, key, text that its hash is over) of the rows that are chosen by kind."""
    for name, which in chosen.items():
        rows = _rows(KINDS[name]).filter(which).order_by("pk")
        for key, *values in rows.values_list("pk", *KINDS[name].columns):
            yield name, _written(key), _text(name, _written(key), values)


def of_case(case: Case) -> dict[str, Q]:
    """Return which rows beside the events are this case's own, by kind; not who looked at it, which is not for all."""
    owned = {name: Q(case=case.pk) for name, kind in KINDS.items() if "case" in kind.columns}
    return {"case": Q(pk=case.pk), "begin": Q(pk=case.pk), "removal": Q(reference=case.reference), **owned}


def _rows(kind: Kind) -> QuerySet[Model]:
    model: type[Model] = apps.get_model(kind.model)
    return model._default_manager.filter(kind.where)


def fresh(name: str) -> QuerySet[Model]:
    """Return the rows of a kind that no root has seen yet, oldest first."""
    # An id of letters and digits has hyphens on one database and none on the other.
    key = Replace(Cast(OuterRef("pk"), CharField()), Value("-"))
    seen = DailyRecord.objects.filter(kind=name, key=key)
    return _rows(KINDS[name]).filter(~Exists(seen)).order_by("pk")


def collect() -> list[tuple[str, str, str]]:
    """Return (kind, key, hash) of the rows that today's root takes in, before cases are said to be in it."""
    found = []
    for name, kind in KINDS.items():
        rows = _of_moved(name) if kind.is_of_case else fresh(name)[:AT_ONCE]
        for key, *values in rows.values_list("pk", *kind.columns).iterator(chunk_size=BATCH):
            found.append((name, _written(key), digest(name, _written(key), values)))
    return found


def _written(key: Any) -> str:
    """Return a row's id as records have it."""
    return str(key).replace("-", "")


def _of_moved(name: str) -> QuerySet[Model]:
    """Return the rows that no root has seen, of cases with new events: all of them, since what is left looks added.

    The first root that knows the kind takes in what is there, whatever case it is of: roots made before an upgrade
    saw those cases without.
    """
    rows = fresh(name)
    return rows.filter(case__seq__gt=F("case__rooted_seq")) if _is_known(name) else rows


def _is_known(name: str) -> bool:
    return DailyRecord.objects.filter(kind=name).exists()


def take_in(root: DailyRoot, found: Sequence[tuple[str, str, str]]) -> None:
    """Write down what the root covers."""
    for start in range(0, len(found), BATCH):
        part = found[start : start + BATCH]
        DailyRecord.objects.bulk_create(
            [DailyRecord(root=root, kind=kind, key=key, digest=hashed) for kind, key, hashed in part]
        )


def problems() -> Iterator[str]:
    """Say which rows are not as a root saw them, and who sees a case without an event that says why."""
    for name in KINDS:
        last = 0
        while batch := list(DailyRecord.objects.filter(kind=name, pk__gt=last).order_by("pk")[:BATCH]):
            last = batch[-1].pk
            yield from _changed(name, batch)
    if not _is_known("viewer"):
        return  # no root has said yet who sees what
    added = fresh("viewer").filter(case__rooted_seq__gt=0, case__seq=F("case__rooted_seq"))
    for reference, viewer in added.values_list("case__reference", "viewer"):
        yield f"{reference}: {viewer} may see it, and no event since the last daily root says why"


def _changed(name: str, batch: list[DailyRecord]) -> Iterator[str]:
    kind = KINDS[name]
    keys = [record.key for record in batch]
    rows = {_written(key): values for key, *values in _rows(kind).filter(pk__in=keys).values_list("pk", *kind.columns)}
    excused = _excused(name, keys)
    for record in batch:
        if record.key not in rows:
            if record.key not in excused:
                yield f"{name} {record.key}: is missing"
        elif digest(name, record.key, rows[record.key]) != record.digest:
            yield f"{name} {record.key}: is not what a daily root saw"


def _excused(name: str, keys: list[str]) -> set[str]:
    """Return the cases whose first code an event replaced."""
    if name != "code":
        return set()
    return {str(pk) for pk in Event.objects.filter(case__in=map(int, keys), act=REISSUE).values_list("case", flat=True)}
