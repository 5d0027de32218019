"""What a case adds to the sums of each of its days, as digests: days whose digest is another are summed up anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any

from django.db.models import Q

from ombud.cases.bulk_sql import values_of_cases
from ombud.cases.models import Duty
from ombud.insight.daily import OF_CASES, OF_DUTIES
from ombud.insight.measuring import zone
from ombud.insight.models import Measured
from ombud.insight.registry import MEASURES, OF_A_DAY, Rows

#: What sums of duties are made of, beside the sides that they take from their case.
_OF_DUTY = (
    "case_id", "is_outsiders", "opened_at",
    "duty", "clauses", "department_id", "status", "due_at", "done_at", "breached_at",
)  # fmt: skip
_OF_STAYS = ("is_withdrawn", "stays", "ours", "complainants", "others")
_SIZE = 8  # bytes: of so many bits two are never the same by chance


def contributions(rows: Iterable[Measured]) -> Iterator[tuple[Measured, dict[str, str]]]:
    """Yield each row with what its case adds to each of its days, by ISO day: a digest of all that is summed of it."""
    found = list(rows)
    owed = defaultdict[int, list[tuple[Any, ...]]](list)
    for case, is_outsiders, *duty in values_of_cases(Duty, _OF_DUTY, [each.case_id for each in found]):
        if not is_outsiders:
            owed[case].append(tuple(duty))
    for row in found:
        told = defaultdict[str, list[Any]](list)
        for rows_of in OF_A_DAY:
            if (at := getattr(row, rows_of.value)) is not None:
                told[iso_day(at)].append((rows_of.value, _summed(rows_of)(row)))
        sides = _summed(Rows.DUTIES)(row)
        for opened_at, *duty in owed[row.case_id]:
            told[_day(opened_at)].append((sides, duty))
        yield row, {day: _digest(each) for day, each in sorted(told.items())}


def iso_day(at: datetime) -> str:
    """Return the day in whose sums an instant is."""
    return at.astimezone(zone()).date().isoformat()


@lru_cache(maxsize=4096)
def _day(at: datetime) -> str:
    """Return the day of an instant as the driver gives it: of SQLite's without a zone, in UTC."""
    return iso_day(at if at.tzinfo else at.replace(tzinfo=UTC))


def _digest(told: Any) -> str:
    return blake2b(repr(told).encode(), digest_size=_SIZE).hexdigest()


@cache
def _summed(rows: Rows) -> Callable[[Measured], Any]:
    """Return what reads everything of a measured case that sums of such rows are made of."""
    if rows is Rows.DUTIES:
        return _reading({"procedure", "circle", *OF_DUTIES})
    names = {"procedure", "circle", "choices", *OF_CASES, *(_OF_STAYS if rows is Rows.CLOSED else ())}
    for each in MEASURES.values():
        if each.rows is rows:
            names |= {each.column, each.of, *_named(each.where), *_named(each.hit)} - {""}
    return _reading(names)


def _reading(names: set[str]) -> Callable[[Measured], Any]:
    columns = {each.name: each.attname for each in Measured._meta.concrete_fields}
    return attrgetter(*(columns[each] for each in sorted(names)))


def _named(condition: Q) -> Iterator[str]:
    """Yield the columns that a condition asks for."""
    for each in condition.children:
        if isinstance(each, Q):
            yield from _named(each)
        elif isinstance(each, tuple):
            yield each[0].partition("__")[0]


def differing(before: Mapping[str, str], since: Mapping[str, str]) -> set[str]:
    """Return the days to which something else is added than before."""
    return {day for day in {*before, *since} if before.get(day) != since.get(day)}
