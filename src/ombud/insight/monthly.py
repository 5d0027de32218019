"""Puts the sums of days together to sums of whole months, so that figures over years read dozens of rows.

Only what rests is put together: a month one of whose days was summed anew lately is read day by day, and what is put
together of it is no longer told (`forget`).
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce
from typing import Any

from django.db import transaction

from ombud.cases.bulk_sql import insert
from ombud.insight.compliance import STATES
from ombud.insight.daily import CLAUSES, has_months
from ombud.insight.models import ChangedDay, DayLengths, DaySum, MonthLengths, MonthSum, SummedDay, SummedMonth
from ombud.insight.summed_up import stamp
from ombud.insight.sums import packed, runs
from ombud.policy.model.pack import Pack

AT_ONCE = 2  # months that one look puts together
_OVERDUE = STATES.index("overdue")
RESTS = timedelta(minutes=15)  # since the last of its days was summed


def put_together(
    pack: Pack, *, now: datetime, alone: Callable[[], object], rests: timedelta = RESTS, most: int = AT_ONCE
) -> int:
    """Put together the months whose days rest, the newest first, and return how many; `alone` waits for others."""
    known = set(SummedMonth.objects.filter(policy=pack.id).values_list("month", flat=True))
    of_days = SummedDay.objects.filter(policy=pack.id, made=stamp(pack), at__lte=now - rests)
    numbers = Counter(day.replace(day=1) for day in of_days.values_list("day", flat=True))
    changed = {day.replace(day=1) for day in ChangedDay.objects.filter(policy=pack.id).values_list("day", flat=True)}
    whole = (each for each, number in numbers.items() if number == monthrange(each.year, each.month)[1])
    months = sorted({*whole}.difference(known, changed), reverse=True)[:most]
    return sum(_put(pack.id, month, alone) for month in months)


def forget(policy: str, day: date) -> None:
    """Tell what is put together of the month of a day no longer; belongs where the day is summed anew.

    The sums stay: who found the month a moment ago reads what was right then.
    """
    SummedMonth.objects.filter(policy=policy, month=day.replace(day=1)).delete()


def _put(policy: str, month: date, alone: Callable[[], object]) -> bool:
    within: dict[str, Any] = {"day__gte": month, "day__lt": month + timedelta(days=_length(month)), "policy": policy}
    before = _standing(within)
    sums, lengths = _sums(within), _lengths(within)
    common: dict[str, Any] = {"policy": policy, "day": month}
    with transaction.atomic():
        alone()
        if _standing(within) != before:
            return False  # a day is another one meanwhile
        for model in (MonthSum, MonthLengths):
            model._default_manager.filter(**common).delete()
        insert(
            [
                MonthSum(**common, of=of, side=side, procedure=procedure, sums=found)
                for (of, side, procedure), found in sums.items()
            ]
        )
        insert(
            [
                MonthLengths(
                    **common, of=of, side=side, procedure=procedure, lengths=packed(found.values()),
                    runs=[[column, key, len(each)] for (column, key), each in found.items()],
                )
                for (of, side, procedure), found in lengths.items()
            ]
        )  # fmt: skip
        SummedMonth.objects.bulk_create([SummedMonth(policy=policy, month=month)], ignore_conflicts=True)
    return True


def _length(month: date) -> int:
    return monthrange(month.year, month.month)[1]


def _standing(within: dict[str, Any]) -> list[Any]:
    """Return as of when each day of a month was summed."""
    return list(SummedDay.objects.filter(**within).order_by("day").values_list("day", "made", "at"))


def _sums(within: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, Any]]:
    told = defaultdict[tuple[str, str, str], defaultdict[str, list[Any]]](lambda: defaultdict(list))
    rows = DaySum.objects.filter(**within).order_by("day").values_list("of", "side", "procedure", "sums")
    for of, side, procedure, found in rows.iterator():
        for key, mine in found.items():
            told[of, side, procedure][key].append(mine)
    return {
        place: {key: clauses(each) if place[0] == CLAUSES else reduce(both, each) for key, each in keyed.items()}
        for place, keyed in told.items()
    }


def _lengths(within: dict[str, Any]) -> dict[tuple[str, str, str], dict[tuple[str, str], list[int]]]:
    found = defaultdict[tuple[str, str, str], defaultdict[tuple[str, str], list[int]]](lambda: defaultdict(list))
    rows = DayLengths.objects.filter(**within).order_by("day")
    for of, side, procedure, *row in rows.values_list("of", "side", "procedure", "day", "runs", "lengths").iterator():
        for _day, column, key, run in runs([tuple(row)]) if has_months(side) else ():
            found[of, side, procedure][column, key].extend(run)
    return {of: dict(each) for of, each in found.items()}


def both(one: Any, other: Any) -> Any:
    """Return the sum of two sums of the same kind: numbers, money as text, lists of them, or these by name."""
    if isinstance(one, dict):
        return {**one, **{name: both(one[name], each) if name in one else each for name, each in other.items()}}
    if isinstance(one, list):
        return [both(*each) for each in zip(one, other, strict=True)]
    if isinstance(one, str) or isinstance(other, str):
        return str(Decimal(one) + Decimal(other))
    return one + other


def clauses(days: Iterable[list[list[Any]]]) -> list[list[Any]]:
    """Return the sum of what became of duties on some days: what runs on is carried to the latest of their instants."""
    told: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for duty, of, *numbers, at in (each for day in days for each in day):
        mine = told.get((duty, tuple(of)))
        told[duty, tuple(of)] = [*numbers, at] if mine is None else _later([*numbers, at], mine)
    return [[duty, list(of), *numbers] for (duty, of), numbers in sorted(told.items())]


def _later(one: list[int], other: list[int]) -> list[int]:
    latest = max(one[-1], other[-1])
    numbers = [a + b for a, b in zip(_carried(one, latest), _carried(other, latest), strict=True)]
    return [*numbers[:-1], latest]


def _carried(numbers: list[int], to: int) -> list[int]:
    """Return the numbers of one sum as of a later instant: what is overdue has lost the time between more."""
    *states, lost, losing, at = numbers
    return [*states, lost, losing + states[_OVERDUE] * (to - at), to]
