"""Sums up the days of every policy, so that figures over years read some rows a day instead of every case and duty.

What is summed is what `counting`, `compliance` and `lasting` count row by row, by the same conditions. A day is summed
anew whenever one of its cases or duties is another, or the next duty of it is overdue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from ombud.cases.bulk_sql import insert
from ombud.insight import compliance, keys, monthly
from ombud.insight.beginnings import firsts
from ombud.insight.daily import Days, sides_of, sum_cases, sum_duties, sum_stays
from ombud.insight.measuring import zone
from ombud.insight.models import (
    ChangedDay,
    DayLengths,
    DaySum,
    Kept,
    Measured,
    MonthLengths,
    MonthSum,
    SummedDay,
    SummedMonth,
)
from ombud.insight.registry import OF_A_DAY, Rows
from ombud.insight.spans import Span
from ombud.insight.summed_up import stamp
from ombud.insight.sums import packed
from ombud.insight.topics import sum_topics
from ombud.organisation.models import PolicyVersion
from ombud.policy.model.pack import Pack

AT_ONCE = 20  # days that one look sums up
_DAY = timedelta(days=1)


def catch_up(*, now: datetime) -> int:
    """Sum up some days that are not, the newest first, and return how many of them never were."""
    done = 0
    for policy in PolicyVersion.objects.order_by("policy").values_list("policy", flat=True).distinct():
        pack = keys.pack_of(policy)
        days = list(islice(_unsummed(pack, now), AT_ONCE))
        _sum_all(pack, _but_the_empty(pack, days, now), now)
        done += len(days)
        _sum_all(pack, _outdated(policy, now), now)  # counts nothing: where days keep changing a look is enough
        monthly.put_together(pack, now=now, alone=_alone)
    return done


def rebuild(*, now: datetime) -> None:
    """Forget all sums and make them anew."""
    with transaction.atomic():
        _alone()
        for model in (SummedDay, DaySum, DayLengths, ChangedDay, SummedMonth, MonthSum, MonthLengths):
            model._default_manager.all().delete()
    packs = [keys.pack_of(each) for each in PolicyVersion.objects.values_list("policy", flat=True).distinct()]
    for pack in packs:
        held, days = _held(pack), list(_unsummed(pack, now))
        _sum_all(pack, [each for each in days if each in held], now)
        _take_down(pack, [each for each in days if each not in held], now)
        put_months_together(pack, now=now)


def put_months_together(pack: Pack, *, now: datetime) -> None:
    """Put all months together whose days are summed up, however lately."""
    while monthly.put_together(pack, now=now, alone=_alone, rests=timedelta(0)):
        pass


def _held(pack: Pack) -> set[date]:
    """Return the days that any case or duty is of, as far as cases are measured; another one is noted when it is."""
    rows = Measured.objects.filter(policy=pack.id).values_list("days", flat=True)
    return {date.fromisoformat(each) for days in rows.iterator() for each in days}


def note(days: Iterable[tuple[str, str]]) -> None:
    """Note that days, told by policy, are to be summed up anew."""
    ChangedDay.objects.bulk_create(
        [ChangedDay(policy=policy, day=date.fromisoformat(day)) for policy, day in sorted(set(days))]
    )


def _unsummed(pack: Pack, now: datetime) -> Iterator[date]:
    """Yield the days since the first case that were never summed so, the newest first."""
    first, day = _first_day(pack), now.astimezone(zone()).date()
    if first is None:
        return
    known = SummedDay.objects.filter(policy=pack.id, made=stamp(pack), day__gte=first, day__lte=day)
    if known.count() == (day - first).days + 1:
        return
    days = set(known.values_list("day", flat=True))
    while day >= first:
        if day not in days:
            yield day
        day -= _DAY


def _first_day(pack: Pack) -> date | None:
    """Return the day of the first case."""
    return min((at.astimezone(zone()).date() for at in firsts(pack.id).values()), default=None)


def _outdated(policy: str, now: datetime) -> list[date]:
    changed = ChangedDay.objects.filter(policy=policy).order_by("-day").values_list("day", flat=True).distinct()
    overdue = SummedDay.objects.filter(policy=policy, until__lt=now).order_by("-day").values_list("day", flat=True)
    return sorted({*changed[:AT_ONCE], *overdue[:AT_ONCE]}, reverse=True)[:AT_ONCE]


def _but_the_empty(pack: Pack, days: Sequence[date], now: datetime) -> list[date]:
    """Take down the days of which nothing is, and return the others: what was quiet for months is not counted by day.

    Only days that were never summed: of the others there may be sums to take away. What comes in meanwhile is noted.
    """
    if not days:
        return []
    begin, end = _begin(min(days)), _begin(max(days) + _DAY)
    held: set[date] = set()
    for column, rows in _of_days(pack, begin, end):
        held |= set(rows.order_by().values_list(TruncDate(column, tzinfo=zone()), flat=True).distinct())
    known = SummedDay.objects.filter(policy=pack.id, day__in=days).values_list("day", flat=True)
    empty = set(days) - held - set(known)
    _take_down(pack, empty, now)
    return [each for each in days if each not in empty]


def _take_down(pack: Pack, empty: Iterable[date], now: datetime) -> None:
    """Take down that nothing is of these days, unless another clock was there first."""
    rows = [SummedDay(policy=pack.id, day=each, made=stamp(pack), at=now) for each in empty]
    SummedDay.objects.bulk_create(rows, ignore_conflicts=True)


def _of_days(pack: Pack, begin: datetime, end: datetime) -> Iterator[tuple[str, QuerySet[Any]]]:
    """Yield all rows of a stretch of time, with the column by which each kind of them belongs to a day."""
    of_policy = Measured.objects.filter(policy=pack.id, procedure__in=firsts(pack.id))
    for rows in OF_A_DAY:  # the index has the procedure before the time
        yield rows.value, of_policy.filter(**{f"{rows.value}__gte": begin, f"{rows.value}__lt": end})
    yield Rows.DUTIES.value, compliance.owed(None, policy=pack.id, span=Span(begin=begin, end=end))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, zone())


def _sum_all(pack: Pack, days: Iterable[date], now: datetime) -> None:
    for day in days:
        sum_up(pack, day, now=now)


def sum_up(pack: Pack, day: date, *, now: datetime) -> None:
    """Sum up one day of a policy as it stands. Only the writing is locked: nobody who acts waits for the counting.

    What changes meanwhile is noted, and the note stays. Where somebody else summed the day meanwhile theirs stays, too:
    they may have seen more.
    """
    noted = list(ChangedDay.objects.filter(policy=pack.id, day=day).values_list("pk", flat=True))
    before = _standing(pack, day)
    made, until = Days(), None
    for column, some in _of_days(pack, _begin(day), _begin(day + _DAY)):
        if column == Rows.DUTIES.value:
            until = sum_duties(made, {day: some}, now)
            continue
        found = sum_cases(made, Rows(column), some, sides_of(pack), now)
        if column == Rows.CLOSED.value:
            sum_stays(made, found)
        if column == Rows.RECEIVED.value:
            sum_topics(made, some, pack)
    with transaction.atomic():
        _alone()
        if _standing(pack, day) != before:
            return
        _save(made, pack.id, day)
        monthly.forget(pack.id, day)
        SummedDay.objects.bulk_create(
            [SummedDay(policy=pack.id, day=day, made=stamp(pack), at=now, until=until)],
            update_conflicts=True, unique_fields=["policy", "day"], update_fields=["made", "at", "until"],
        )  # fmt: skip
        ChangedDay.objects.filter(pk__in=noted).delete()


def _standing(pack: Pack, day: date) -> tuple[Any, ...] | None:
    """Return by what and as of when a day was summed last."""
    return SummedDay.objects.filter(policy=pack.id, day=day).values_list("pk", "made", "at").first()


def _alone() -> None:
    """Wait for whoever else writes sums: two sums of one day would count it twice."""
    list(Kept.objects.select_for_update())


def _save(made: Days, policy: str, day: date) -> None:
    """Put these sums in the place of those that there are."""
    for model in (DaySum, DayLengths):
        model._default_manager.filter(policy=policy, day=day).delete()
    common: dict[str, Any] = {"policy": policy, "day": day}
    insert(
        [
            DaySum(**common, of=of, procedure=procedure, side=side, sums=sums)
            for (of, _day, procedure, side), sums in made.sums.items()
        ]
    )
    insert(
        [
            DayLengths(
                **common, of=of, procedure=procedure, side=side,
                runs=[[column, key, len(lengths)] for column, key, lengths in runs],
                lengths=packed(lengths for _column, _key, lengths in runs),
            )
            for (of, _day, procedure, side), runs in made.lengths.items()
        ]
    )  # fmt: skip
