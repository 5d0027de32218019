"""Clause by clause: every number equals a count made by hand of the engine's own states of random histories."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from builders import GRADES, USUAL, after, do, make_case
from cast import POLICY, Cast
from ombud.cases.access.permissions import permissions_of
from ombud.cases.commands import pass_time
from ombud.cases.errors import Refused
from ombud.cases.fold import folded, seconds
from ombud.cases.models import Case, Recusal
from ombud.insight import compliance, keeping, spans
from ombud.insight.compliance import Counts, Narrowing
from ombud.insight.rates import Rate
from ombud.insight.spans import Span, span_of
from ombud.organisation.models import Department

MARCH = Span(begin=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 4, 1, tzinfo=UTC))
SHANGHAI = ZoneInfo("Asia/Shanghai")


def make_histories(cast: Cast, number: int) -> datetime:
    """Make cases that go some of the usual way, early and late; return the instant at which they stand."""
    chance, latest = random.Random(11), 0.0
    for index in range(number):
        case, minutes = make_case(minutes=index).case, float(index)
        for act, who, _, data in USUAL[: chance.randrange(len(USUAL) + 1)]:
            minutes += chance.choice([5, 40, 300, 2000])
            with_urgency = {**data, "urgency": chance.choice(["urgent", "normal", "minor"])} if data == GRADES else data
            try:
                pass_time(case.pk, now=after(minutes))
                do(case, act, cast, who, minutes=minutes, data=with_urgency)
            except Refused:
                break
        if chance.random() < 0.3:
            minutes += chance.choice([5, 3000])
            pass_time(case.pk, now=after(minutes))
            do(case, "withdraw", cast, "complainant", minutes=minutes, data={})
        latest = max(latest, minutes)
    make_case(minutes=latest)  # whose time is not over yet
    now = after(latest + 1)
    for pk in Case.objects.values_list("pk", flat=True):
        pass_time(pk, now=now)
    return now


def counted_by_hand(now: datetime) -> dict[str, Counter[str]]:
    """Return for each clause how the duties of all cases stand, by the engine alone."""
    found: dict[str, Counter[str]] = {}
    for case in Case.objects.all():
        for view in folded(case).duties():
            if view.is_outsiders:
                continue
            if view.status == "open":
                what = "overdue" if view.due_at is not None and seconds(now) > view.due_at else "running"
            elif view.status in ("ended", "cancelled"):
                what = "gone" if view.breached_at is None else "late"
            else:
                what = view.status
            for clause in view.clauses:
                found.setdefault(clause, Counter())[what] += 1
    return found


@pytest.mark.django_db
def test_every_number_of_every_clause_is_what_the_states_say(cast: Cast) -> None:
    now = make_histories(cast, 16)
    duties = compliance.owed(permissions_of(cast.mo), policy=POLICY, span=MARCH)
    shown = compliance.by_clause(compliance.lines(duties, now))
    by_hand = counted_by_hand(now)
    assert {clause: as_counter(counts) for clause, counts in shown.items()} == by_hand
    said = sum(by_hand.values(), Counter())
    assert min(said[each] for each in ("met", "late", "overdue", "running", "gone")) > 0
    totals = compliance.totals(duties, now)
    assert totals.total == duties.count()
    by_month = compliance.by_month(duties, MARCH, now)
    assert sum(by_month.values(), Counts()) == totals
    assert sum(compliance.by_side(duties, "department", now).values(), Counts()) == totals
    for state in ("met", "late", "overdue", "running", "gone"):
        page = compliance.listed(duties, state, now, None)
        assert len(page.rows) == min(50, getattr(totals, state))


def used_by_hand() -> dict[str, list[float]]:
    """Return under each clause which share of its time each of those done with a limit took, in order."""
    found: dict[str, list[float]] = {}
    for case in Case.objects.all():
        for view in folded(case).duties():
            if not view.is_outsiders and view.done_at and view.due_at and view.due_at > view.opened_at:
                for clause in view.clauses:
                    share = (view.done_at - view.opened_at) / (view.due_at - view.opened_at)
                    found.setdefault(clause, []).append(share)
    return {clause: sorted(each) for clause, each in found.items()}


@pytest.mark.django_db
def test_the_time_used_under_every_clause_is_what_the_states_say(cast: Cast) -> None:
    now = make_histories(cast, 16)
    duties = compliance.owed(permissions_of(cast.mo), policy=POLICY, span=MARCH)
    by_hand = used_by_hand()
    told = compliance.share_used_by_clause(duties)
    expected = {
        clause: tuple(each[next(at for at in range(len(each)) if at + 1 >= part * len(each))] for part in (0.5, 0.9))
        for clause, each in by_hand.items()
    }
    assert told.keys() == expected.keys()
    assert {clause: pytest.approx(each) for clause, each in expected.items()} == told
    assert len({each for each in expected.values()}) > 4
    most = max(by_hand, key=lambda clause: len(by_hand[clause]))
    assert compliance.share_used(compliance.under(duties, most, now)) == pytest.approx(expected[most])


def as_counter(counts: Counts) -> Counter[str]:
    return Counter({name: n for name in Counts.__slots__ if (n := getattr(counts, name))})


@pytest.mark.django_db
def test_nobody_counts_what_they_may_not_see(cast: Cast) -> None:
    case = make_case().case
    do(case, "register", cast, "lin", minutes=30, data=GRADES)
    do(case, "route", cast, "lin", minutes=40)
    now = after(60)
    keeping.keep(now=now)  # who sees some cases is asked by circles, which are measured

    def total(who: str) -> int:
        return compliance.totals(
            compliance.owed(permissions_of(cast.people[who]), policy=POLICY, span=MARCH), now
        ).total

    assert total("mo") == total("chen") > 0
    assert total("deng") == 0
    Recusal.objects.create(case=case, person=cast.mo, reason="a relative", at=now)
    assert total("mo") == 0


@pytest.mark.django_db
def test_a_department_counts_what_it_bore(cast: Cast) -> None:
    case = make_case().case
    do(case, "register", cast, "lin", minutes=30, data=GRADES)
    do(case, "route", cast, "lin", minutes=40)
    quality = Department.objects.get(policy=POLICY, key="quality")
    duties = compliance.owed(permissions_of(cast.mo), policy=POLICY, span=MARCH, only=Narrowing(department=quality.pk))
    lines = compliance.lines(duties, after(60))
    assert {line.duty for line in lines}
    assert all(row.department_id == quality.pk for row in duties)


def test_a_rate_says_how_sure_it_is() -> None:
    # Wilson's interval for 9 of 10, worked out by hand: (0.9 + 0.19207) / 1.38415 -+ 0.19471.
    low, high = Rate(number=9, of=10).interval or (0, 0)
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)
    assert Rate(number=0, of=0).share is None
    assert Rate(number=0, of=0).interval is None
    assert Rate(number=19, of=19).is_from_few
    assert not Rate(number=20, of=20).is_from_few
    assert (Rate(number=20, of=20).interval or (0, 0))[1] == 1.0


@pytest.mark.parametrize(
    ("name", "begin", "end"),
    [
        ("this-month", "2026-03-01", "2026-04-01"),
        ("last-month", "2026-02-01", "2026-03-01"),
        ("this-quarter", "2026-01-01", "2026-04-01"),
        ("last-quarter", "2025-10-01", "2026-01-01"),
        ("this-year", "2026-01-01", "2027-01-01"),
        ("last-year", "2025-01-01", "2026-01-01"),
        ("last-12-months", "2025-04-01", "2026-04-01"),
    ],
)
def test_spans_are_whole_months_of_the_reader(name: str, begin: str, end: str) -> None:
    # The last second of March in Shanghai; in London it is the afternoon.
    span = span_of(name, now=datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC), zone=SHANGHAI)
    assert (span.begin.isoformat()[:10], span.end.isoformat()[:10]) == (begin, end)
    assert span.begin.utcoffset() == span.end.utcoffset()
    earlier = spans.before(span)
    assert earlier.end == span.begin
    assert len(spans.months(earlier)) == len(spans.months(span))


def test_a_second_later_it_is_another_month() -> None:
    span = span_of("this-month", now=datetime(2026, 3, 31, 16, 0, 0, tzinfo=UTC), zone=SHANGHAI)
    assert span.begin == datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    assert str(span.last_day) == "2026-04-30"
