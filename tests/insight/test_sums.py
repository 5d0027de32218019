"""What is summed up of the days is what a look at every row counts, whatever happened since they were summed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries
from tests.insight.test_measures import make_histories

from builders import after, do, make_case, shipped_pack
from cast import POLICY, Cast
from ombud.cases.access.assignees import viewer_person
from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.commands import pass_time
from ombud.cases.errors import Refused
from ombud.cases.models import Case, Confidant, Duty, Participation, Recusal
from ombud.insight import clause_counts, eyes, keeping, lasting, measures, rising, summing, sums
from ombud.insight.compliance import EVERYTHING, Narrowing
from ombud.insight.measures import DIMENSIONS, MEASURES, Scope
from ombud.insight.models import ChangedDay, DayLengths, DaySum, Measured, SummedDay, SummedMonth
from ombud.insight.registry import Rows
from ombud.insight.scopes import TIMES
from ombud.insight.spans import Span
from ombud.insight.summed_up import SummedUp, summed_up
from ombud.insight.topics import TOPICS
from ombud.organisation.models import Department

SHANGHAI = ZoneInfo("Asia/Shanghai")
MARCH = Span(begin=datetime(2026, 3, 1, tzinfo=SHANGHAI), end=datetime(2026, 4, 1, tzinfo=SHANGHAI))
FEBRUARY = Span(begin=datetime(2026, 2, 1, tzinfo=SHANGHAI), end=datetime(2026, 3, 1, tzinfo=SHANGHAI))
EARLY = Span(begin=MARCH.begin, end=MARCH.begin + timedelta(days=8))
LATE = Span(begin=EARLY.end, end=MARCH.end)
SHARE = 3

Told = list[tuple[Any, Any]]


def everything(now: datetime, reader: Permissions | None = None) -> Iterator[tuple[Any, Any]]:
    """Yield every figure that pages show of March, with what it is."""
    asked = [Scope(reader=reader, policy=POLICY, span=MARCH)]
    quality = Department.objects.get(policy=POLICY, key="quality").pk
    handler = reader.person.pk if reader else Case.objects.exclude(handler=None).order_by("pk")[0].handler_id
    asked += [
        Scope(reader=reader, policy=POLICY, span=MARCH, department=quality),
        Scope(reader=reader, policy=POLICY, span=MARCH, only={"channel": "web"}),
        Scope(reader=reader, policy=POLICY, span=MARCH, only={"channel": "web", "category": "delivery"}),
        Scope(reader=reader, policy=POLICY, span=MARCH, only={"handler": str(handler)}),
        Scope(reader=reader, policy=POLICY, span=Span(begin=MARCH.begin, end=MARCH.begin + timedelta(hours=70))),
    ]
    for scope in asked:
        yield scope.only, measures.compared(MEASURES, scope, FEBRUARY, now)
        yield "phases", lasting.phases(scope, now)
        yield "waits", lasting.waits(scope, now)
        yield "lateness", lasting.lateness(scope, now)
        yield "topics", rising.topics(shipped_pack(), scope.within(LATE), EARLY, now)
    for place, (id, measure) in enumerate(MEASURES.items()):
        for number, dimension in enumerate((*DIMENSIONS, "severity", "cause.top"), place):
            if (
                # On PostgreSQL, where the same code asks, each measure by some dimensions, and all by every one.
                (connection.vendor == "postgresql" and number % SHARE)
                or (dimension == "age" and measure.rows is not Rows.OPEN)
                or (dimension in TIMES and measure.rows is Rows.OVERDUE)
                or not measures.is_known(dimension, shipped_pack())
            ):
                continue
            yield (id, dimension), measures.by(id, dimension, asked[0], now)
    for only in (
        EVERYTHING,
        Narrowing(department=quality),
        Narrowing(grade="major"),
        Narrowing(department=quality, grade="major"),
    ):
        yield only, clause_counts.counted(reader, policy=POLICY, span=MARCH, only=only, now=now)


def put_march_together(now: datetime) -> None:
    """Sum up every day of March, and these together."""
    for number in range(31):
        summing.sum_up(shipped_pack(), MARCH.begin.date() + timedelta(days=number), now=now)
    summing.put_months_together(shipped_pack(), now=now)
    scope = Scope(reader=None, policy=POLICY, span=MARCH)
    assert summed_up(scope, MARCH, now, by_day=False) == SummedUp(months=frozenset({MARCH.begin.date()}))
    quality = Department.objects.get(policy=POLICY, key="quality").pk
    about = sums.of(replace(scope, department=quality), TOPICS, MARCH, now, by="category")
    assert about.sums
    assert about.rest == ()  # nothing is counted row by row for a head


def by_rows(now: datetime, reader: Permissions | None = None) -> Told:
    """Return everything as it is counted row by row."""
    kept = list(SummedDay.objects.all())
    SummedDay.objects.all().delete()
    counted = list(everything(now, reader))
    SummedDay.objects.bulk_create(kept)
    return counted


def assert_same(counted: Told, now: datetime, reader: Permissions | None = None) -> None:
    """Compare everything with what was counted otherwise of the same cases."""
    assert SummedDay.objects.exists()
    for (what, expected), (_same, found) in zip(counted, everything(now, reader), strict=True):
        assert found == expected, what


@pytest.mark.django_db
def test_figures_from_sums_are_those_from_rows(cast: Cast) -> None:
    now = make_histories(cast, 14)
    while keeping.keep(now=now):
        pass
    suggested = Measured.objects.order_by("pk")[:3]
    for each, days in zip(suggested, (0, 1, 5), strict=True):  # as another policy has them, one of them answered
        each.suggested_at = each.received_at + timedelta(days=days)
        each.suggestion_answered_at = each.suggested_at if days == 1 else None
        each.save()
    assert measures.figure("suggested", Scope(reader=None, policy=POLICY, span=MARCH), now).value == 3
    assert summing.catch_up(now=now) == (now.astimezone(SHANGHAI).date() - after(0).date()).days + 1
    assert (summing.catch_up(now=now), ChangedDay.objects.count()) == (0, 0)
    assert DayLengths.objects.filter(of=Rows.CLOSED.value).exists()
    counted = by_rows(now)
    assert_same(counted, now)
    put_march_together(now)
    assert_same(counted, now)
    # Whatever happens then is counted at the latest when it is measured, and what time does as it passes.
    chance, minutes = random.Random(3), (now - after(0)).total_seconds() / 60
    for pk in Case.objects.filter(closed_at=None).values_list("pk", flat=True)[:4]:
        minutes += chance.choice([5, 4000])
        pass_time(pk, now=after(minutes))
        try:
            do(Case.objects.get(pk=pk), "withdraw", cast, "complainant", minutes=minutes, data={})
        except Refused:
            continue
    make_case(minutes=minutes)
    later = after(minutes + 3000)
    for pk in Case.objects.values_list("pk", flat=True):
        pass_time(pk, now=later)
    while keeping.keep(now=later):
        pass
    assert ChangedDay.objects.exists()
    counted = by_rows(later)
    assert_same(counted, later)
    while summing.catch_up(now=later) or ChangedDay.objects.exists():
        pass
    assert not SummedMonth.objects.exists()  # one of its days is another one, and does not rest yet
    assert_same(counted, later)
    put_march_together(later)
    assert_same(counted, later)
    columns = ("of", "side", "day", "procedure", "sums")
    sums = DaySum.objects.exclude(of=Rows.SUGGESTED.value).order_by(*columns[:-1]).values_list(*columns)
    lived = SummedDay.objects.filter(day__gte=after(0).date(), day__lte=later.astimezone(SHANGHAI).date())
    known, days = list(sums), set(lived.values_list("policy", "day"))
    if connection.vendor == "postgresql":  # whichever way it finds the groups: their order is nobody's promise
        connection.cursor().execute("SET LOCAL enable_sort = off")
    keeping.rebuild(now=later)
    assert known == list(sums.all())
    assert days == set(SummedDay.objects.values_list("policy", "day"))


@pytest.mark.django_db
def test_who_is_kept_out_of_some_cases_is_told_the_sums_without_them(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = make_histories(cast, 14)
    while keeping.keep(now=now):
        pass
    summing.catch_up(now=now)
    whole = measures.figure("received", Scope(reader=permissions_of(cast.mo), policy=POLICY, span=MARCH), now).of
    cases = list(Case.objects.order_by("-closed_at", "pk"))
    for each in (cases[0], cases[-1], cases[5]):  # open and closed ones
        Recusal.objects.create(case=each, person=cast.mo, reason="r", at=now)
    Confidant.objects.create(case=cases[7], person=cast.chen)
    reader = permissions_of(cast.mo)
    assert measures.figure("received", Scope(reader=reader, policy=POLICY, span=MARCH), now).of == whole - 4
    counted = by_rows(now, reader)
    assert_same(counted, now, reader)
    put_march_together(now)
    assert_same(counted, now, reader)
    # Asked for each case, as who is kept out of many is, it comes to the same.
    monkeypatch.setattr(eyes, "MOST", 0)
    assert_same(counted, now, reader)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["chen"])
def test_who_sees_some_cases_is_told_the_sums_of_these(cast: Cast, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    person = getattr(cast, name)
    now = make_histories(cast, 18)
    mine = permissions_of(person).own_viewers
    others = list(Case.objects.exclude(participations__viewer__in=mine).order_by("pk"))
    in_person = viewer_person(person.pk)
    for each in others[:2]:  # had in person and by nothing else; one of them is kept from them since
        Participation.objects.create(case=each, viewer=in_person, received_at=each.received_at)
    while keeping.keep(now=now):
        pass
    summing.catch_up(now=now)
    ours = Case.objects.filter(participations__viewer__in=mine).distinct()
    some = [ours.order_by("closed_at", "pk")[0], ours.order_by("-closed_at", "pk")[0], others[1], others[3]]
    for each in some:
        Recusal.objects.create(case=each, person=person, reason="r", at=now)
    reader = permissions_of(person)
    scope = Scope(reader=reader, policy=POLICY, span=MARCH)
    march = Case.objects.filter(procedure="complaint", received_at__gte=MARCH.begin, received_at__lt=MARCH.end)
    seen = set(march.filter(participations__viewer__in=mine).values_list("pk", flat=True)) - {each.pk for each in some}
    assert measures.figure("received", scope, now).of == len(seen) > 0
    assert sums.of(scope, Rows.RECEIVED.value, MARCH, now).sums
    counted = by_rows(now, reader)
    assert_same(counted, now, reader)
    put_march_together(now)
    assert_same(counted, now, reader)
    # Asked for each case it comes to the same.
    monkeypatch.setattr(eyes, "MOST", -1)
    assert_same(counted, now, reader)


@pytest.mark.django_db
def test_many_days_that_changed_are_counted_in_few_stretches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    now = make_histories(cast, 14)
    while keeping.keep(now=now):
        pass
    summing.catch_up(now=now)
    monkeypatch.setattr("ombud.insight.summed_up._MOST", 2)
    ChangedDay.objects.create(policy=POLICY, day=MARCH.begin.date().replace(day=5))
    scope = Scope(reader=None, policy=POLICY, span=MARCH)
    part = sums.of(scope, Rows.RECEIVED.value, MARCH, now)
    assert len(part.rest) == 2  # the first, which nothing is known of, and from the fifth on with the sixth
    assert part.sums
    assert_same(by_rows(now), now)


@pytest.mark.django_db
def test_days_of_which_nothing_is_are_not_counted_one_by_one(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_case()
    make_case(minutes=10 * 1440)
    now = after(18 * 1440)
    while keeping.keep(now=now):
        pass
    with django_assert_max_num_queries(70):  # nineteen days, and each that is counted takes seventeen
        assert summing.catch_up(now=now) == 19
    assert (SummedDay.objects.count(), summing.catch_up(now=now)) == (19, 0)
    make_case(minutes=5 * 1440)  # on one of the empty days, and measured only now
    while keeping.keep(now=now):
        pass
    summing.catch_up(now=now)
    columns = ("of", "side", "day", "procedure", "sums")
    known = set(map(repr, DaySum.objects.values_list(*columns)))
    assert {row.day.day for row in DaySum.objects.filter(of=Rows.RECEIVED.value)} == {3, 8, 13}
    keeping.rebuild(now=now)
    assert known == set(map(repr, DaySum.objects.values_list(*columns)))


@pytest.mark.django_db
def test_of_the_time_before_a_policy_began_nothing_is_asked(cast: Cast) -> None:
    def rest_of(span: Span) -> tuple[Span, ...]:
        return sums.of(Scope(reader=None, policy=POLICY, span=span), Rows.DUTIES.value, span, after(0)).rest

    assert rest_of(MARCH) == ()  # nothing ever came in
    case = make_case().case
    first = after(0).astimezone(SHANGHAI).replace(hour=0, minute=0)
    assert first > MARCH.begin
    assert (rest_of(FEBRUARY), rest_of(MARCH)) == ((), (Span(begin=first, end=MARCH.end),))
    early = FEBRUARY.begin + timedelta(days=3, hours=9)  # as of a case that came in before it was entered
    assert Duty.objects.filter(case=case).update(opened_at=early)
    assert rest_of(FEBRUARY) == (Span(begin=early.replace(hour=0), end=FEBRUARY.end),)
    assert rest_of(MARCH) == (MARCH,)
