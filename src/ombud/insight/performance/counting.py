"""What the performance record counts: each person's cases, duties, rounds, satisfaction and points of a period.

A case that is kept from the person is not in their figures, and none that is kept from the reader in anybody's: else
the difference from the cases that they know would tell of it. Points stand as the ledgers show them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Sum

from ombud.cases.access.kept_out import kept_from, kept_from_each
from ombud.cases.models import Case, LedgerEntry
from ombud.insight import compliance, measures
from ombud.insight.measures import Figure
from ombud.insight.rates import Rate
from ombud.insight.scopes import Scope
from ombud.organisation.models import Membership, Person
from ombud.policy.model.pack import Pack

FEW = 10  # cases: a figure from fewer is said to be one
ON_TIME = "on_time"
#: What is shown of the cases that a person handled, by the measure that counts it, in this order.
OF_CASES = ("closed", "first_contact", "rounds", "satisfied", "closing_days")


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One person's figures of a period; by measure, and their points by ledger."""

    person: Person
    figures: Mapping[str, Figure]
    points: Mapping[str, int]

    def is_from_few(self, measure: str) -> bool:
        """Return whether a figure comes from so few cases that it says little of the person."""
        return measure != "closed" and self.figures[measure].of < FEW


def records(
    pack: Pack, people: Collection[Person], scope: Scope, now: datetime, *, reader: Person | None = None
) -> tuple[Record, ...]:
    """Return the figures of these people, of every case that they handled whoever may see it; queries do not grow.

    Without a reader nothing is left out but what is kept from the people themselves.
    """
    hidden = kept_from_each([each.pk for each in people])
    handled = Case.objects.filter(pk__in={pk for each in hidden.values() for pk in each}).values_list("pk", "handler")
    without = frozenset(pk for pk, handler in handled if handler is not None and pk in hidden.get(handler, ()))
    if reader is not None:
        without |= frozenset(kept_from(reader))
    counted = scope.without(without)
    whole = {name: _by_person(name, counted, now) for name in measured(pack)}
    duties, points = _duties(pack, scope, now, without, hidden), _points(pack, scope)
    return tuple(
        Record(
            person=person,
            figures={
                **{
                    name: found.get(person.pk, _NONE if name == "closed" else _NOTHING) for name, found in whole.items()
                },
                ON_TIME: duties.get(person.pk, _NOTHING),
            },
            points={ledger: points.get((person.pk, ledger), 0) for ledger in pack.ledgers},
        )
        for person in people
    )


_NOTHING, _NONE = Figure(value=None, of=0), Figure(value=Decimal(0), of=0)


def measured(pack: Pack) -> tuple[str, ...]:
    """Return what can be counted of cases under this policy."""
    known = measures.MEASURES
    return tuple(id for id in OF_CASES if all(getattr(pack.figures, name) for name in known[id].named))


def columns(pack: Pack) -> tuple[str, ...]:
    """Return what is shown of a person, in this order."""
    return (*measured(pack), ON_TIME)


def _by_person(measure: str, scope: Scope, now: datetime) -> dict[int, Figure]:
    return {int(key.id): figure for key, figure in measures.by(measure, "handler", scope, now) if key.id}


def _duties(
    pack: Pack, scope: Scope, now: datetime, without: frozenset[int], hidden: Mapping[int, frozenset[int]]
) -> dict[int, Figure]:
    """Return for each person how many of their duties were done in time, of those whose time has told.

    A duty is that of the person who owes it by name; one of a role is the handler's, where the handler holds the role.
    """
    ends = compliance.conditions(now)
    owed = compliance.owed(None, policy=pack.id, span=scope.span)
    rows = owed.filter(compliance.standing(compliance.TOLD, now)).exclude(case__in=without).order_by()
    for each, cases in hidden.items():
        rows = rows.exclude(person=each, case__in=cases)
    counts = rows.values("person", "case__handler", "role").annotate(
        n=Count("pk"), hits=Count("pk", filter=ends["met"])
    )
    held = set(Membership.objects.filter(policy=pack.id).values_list("person", "role"))
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in counts:
        person = row["person"] or row["case__handler"]
        if person is None or (row["person"] is None and (person, row["role"]) not in held):
            continue
        found[person][0] += row["hits"]
        found[person][1] += row["n"]
    return {person: _share(hits, of) for person, (hits, of) in found.items()}


def _share(hits: int, of: int) -> Figure:
    rate = Rate(number=hits, of=of)
    low, high = rate.interval or (None, None)
    return Figure(value=None if rate.share is None else Decimal(hits) / of, of=of, low=low, high=high)


def _points(pack: Pack, scope: Scope) -> dict[tuple[int, str], int]:
    rows = LedgerEntry.objects.filter(policy=pack.id, at__gte=scope.span.begin, at__lt=scope.span.end)
    sums = rows.order_by().values("person", "ledger").annotate(total=Sum("points"))
    return {(row["person"], row["ledger"]): row["total"] or 0 for row in sums}
