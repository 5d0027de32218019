"""What overview, Explore, reports and the early warning tell, recounted from raw events of random histories."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from builders import shipped_pack
from cast import POLICY, Cast
from histories import ByHand, make_histories, with_us
from ombud.cases.fold import folded, seconds
from ombud.cases.models import Case
from ombud.engine import DutyView
from ombud.insight import keeping, lasting, load, measures, rising, summing
from ombud.insight.alarms.counting import LATE, Series, counted
from ombud.insight.measures import Scope
from ombud.insight.reports import measuring
from ombud.insight.scopes import AGES
from ombud.insight.spans import Span, steps

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
MARCH = Span(begin=datetime(2026, 3, 1, tzinfo=SHANGHAI), end=datetime(2026, 4, 1, tzinfo=SHANGHAI))


@pytest.fixture(params=[5, 8])
def now(request: pytest.FixtureRequest, cast: Cast) -> datetime:
    found = make_histories(cast, 18, seed=request.param)
    while keeping.keep(now=found):
        pass
    while summing.catch_up(now=found):
        pass
    return found


def by_hand() -> list[ByHand]:
    nobody = dict.fromkeys(Case.objects.values_list("pk", flat=True), "")
    return [ByHand(case, nobody) for case in Case.objects.filter(procedure="complaint")]


def owed() -> list[tuple[Case, DutyView]]:
    cases = Case.objects.filter(procedure="complaint")
    return [(case, view) for case in cases for view in folded(case).duties() if not view.is_outsiders]


def scope(span: Span = MARCH) -> Scope:
    return Scope(reader=None, policy=POLICY, span=span)


def was_late(view: DutyView, now: datetime) -> bool:
    if view.status == "open":
        return view.due_at is not None and view.due_at < seconds(now)
    return view.status == "late" or (view.status in ("ended", "cancelled") and view.breached_at is not None)


def number_open(found: list[ByHand], end: datetime) -> int:
    return sum(each.received < end and (each.closed is None or each.closed >= end) for each in found)


def test_open_cases_are_those_of_each_instant(cast: Cast, now: datetime) -> None:
    found = by_hand()
    for unit in ("day", "week", "month"):
        told = measures.by("open", unit, scope(), now)
        ends = [min(step.end, now + timedelta(seconds=1)) for step in steps(MARCH, unit, now)]
        assert [figure.of for _key, figure in told] == [number_open(found, end) for end in ends], unit
    days = [MARCH.begin + timedelta(days=each) for each in range(31)]
    past = [day for day in days if day < now]
    assert len({number_open(found, day) for day in past}) > 2
    for day in past:
        span = Span(begin=MARCH.begin - timedelta(days=1), end=day)
        assert measures.figure("open", scope(span), now).value == number_open(found, day), day
        parts = measures.by("open", "channel", scope(span), now)
        assert sum(figure.of for _key, figure in parts) == number_open(found, day), day
    ages = {id: 0 for id in AGES}
    for each in found:
        old = (now - each.received).total_seconds() / 86400
        if each.closed is None:
            ages[next(id for id, (_, most) in AGES.items() if most is None or old < most)] += 1
    assert {key.id: figure.of for key, figure in measures.by("open", "age", scope(), now)} == ages


def test_two_sides_and_what_rose_are_a_plain_count(cast: Cast, now: datetime) -> None:
    found = by_hand()
    ids = ["product_quality", "delivery", ""]
    told = measures.crossed("received", "category", "channel", scope(), now, ids)
    expected = [Counter(each.case.channel for each in found if each.facts.get("category", "") == id) for id in ids]
    assert [{key.id: figure.of for key, figure in row.items()} for row in told] == expected
    satisfied = measures.crossed("satisfied", "category", "channel", scope(), now, ids)
    said = [
        (each.facts.get("category", ""), each.case.channel, each.facts["satisfaction"] in ("satisfied", "mostly"))
        for each in found
        if each.closed is not None and "satisfaction" in each.facts
    ]
    for id, row in zip(ids, satisfied, strict=True):
        for key, figure in row.items():
            mine = [is_so for category, channel, is_so in said if (category, channel) == (id, key.id)]
            assert (figure.of, float(figure.value or 0)) == (len(mine), pytest.approx(sum(mine) / len(mine)))
    first = sorted(each.received for each in found)
    halves = [Span(begin=one, end=end) for one, end in pairwise((first[0], first[6], now))]
    counts = [Counter(each.facts.get("category") for each in found if s.begin <= each.received < s.end) for s in halves]
    topics = rising.topics(shipped_pack(), scope(halves[1]), halves[0], now)
    rose = [each for each in topics if each.dimension == "category"]
    assert {each.key.id: (each.now, each.before) for each in rose} == {
        value: (many, counts[0][value]) for value, many in counts[1].items() if value and many > counts[0][value]
    }


def test_what_is_owed_late_and_lost_is_what_the_states_say(cast: Cast, now: datetime) -> None:
    views = owed()
    is_due = [(view, view.due_at) for _case, view in views if view.status == "open" and view.due_at is not None]
    ahead = load.ahead(scope(), now)
    assert ahead.overdue == sum(at < seconds(now) for _view, at in is_due)
    last = seconds(now + timedelta(days=load.DAYS))
    days = Counter(datetime.fromtimestamp(at, SHANGHAI).date() for _view, at in is_due if seconds(now) <= at < last)
    assert dict(ahead.days) == {day: days[day] for day, _number in ahead.days}
    by: Counter[str] = Counter()
    for _case, view in views:
        end = view.done_at or (seconds(now) if view.status == "open" else None)
        is_late = view.status in ("late", "open", "ended", "cancelled") and view.due_at is not None
        if is_late and end is not None and view.due_at is not None and end > view.due_at:
            by[view.duty] += end - view.due_at
    assert {each.duty: int(each.by.total_seconds()) for each in lasting.lateness(scope(), now) if each.by} == by
    assert by
    told_of = Counter(view.duty for _case, view in views)
    late_ones = Counter(view.duty for _case, view in views if was_late(view, now))
    found = lasting.lateness(scope(), now)
    assert {each.duty: (each.times, each.of) for each in found} == {
        duty: (times, told_of[duty]) for duty, times in late_ones.items()
    }
    late = {case.pk for case, view in views if view.breached_at is not None and view.status != "met"}
    gone = [view for _case, view in views if view.status in ("ended", "cancelled") and view.breached_at is None]
    told = {name: measuring.figure(name, scope(), now).value for name in ("breached", "owed", "met")}
    met = sum(view.status == "met" for _case, view in views)
    assert told == {"breached": len(late), "owed": len(views) - len(gone), "met": met}
    parts = dict(measuring.by("met", "channel", scope(), now))
    channels = Counter(case.channel for case, view in views if view.status == "met")
    assert {key: figure.value for key, figure in parts.items() if figure.value} == channels


def test_phases_and_waits_are_those_of_the_states(cast: Cast, now: datetime) -> None:
    stays: Counter[str] = Counter()
    lasted = 0
    for case in Case.objects.filter(procedure="complaint", closed_at__isnull=False):
        state = folded(case)
        if "withdraw" in state.log:
            continue
        begins = [seconds(case.received_at) if at is None else at for _phase, at in state.stays]
        ends = [*begins[1:], begins[-1]]
        for (phase, _at), begin, end in zip(state.stays, begins, ends, strict=True):
            stays[phase] += end - begin
        lasted += begins[-1] - begins[0]
    assert {each.phase: each.total for each in lasting.phases(scope(), now)} == {k: v for k, v in stays.items() if v}
    assert sum(each.total for each in lasting.waits(scope(), now)) == lasted > 0


def test_complaints_of_each_grade_lay_with_whom_the_events_say(cast: Cast, now: datetime) -> None:
    """Where none of us can go on it lies with the complainant who owes something, else with others outside."""
    expected: dict[str, Counter[str]] = {}
    for each in by_hand():
        if each.closed is None or each.is_withdrawn:
            continue
        told = expected.setdefault(str(folded(each.case).facts.get("severity", "")), Counter())
        told["cases"] += 1
        told["ours"] += with_us(each.case)
        told["total"] += each.lasted
    found = {each.key: each for each in lasting.waits(scope(), now)}
    assert {key: (each.cases, each.ours, each.total) for key, each in found.items()} == {
        key: (told["cases"], told["ours"], told["total"]) for key, told in expected.items()
    }
    assert sum(each.complainants for each in found.values()) > 0


def test_the_early_warning_counts_days_as_they_were(cast: Cast, now: datetime) -> None:
    found, told = by_hand(), counted(shipped_pack(), now=now)
    ago: Any = lambda at: (now - at) // timedelta(days=1)  # noqa: E731
    expected = {Series(): Counter(ago(each.received) for each in found)}
    for each in found:
        expected.setdefault(Series("channel", each.case.channel), Counter())[ago(each.received)] += 1
    for series, days in expected.items():
        assert {place: n for place, n in enumerate(reversed(told[series].days)) if n} == days
    missed = [view.breached_at for _case, view in owed() if view.breached_at is not None and view.status != "met"]
    late = Counter(ago(datetime.fromtimestamp(at, SHANGHAI)) for at in missed)
    assert {place: n for place, n in enumerate(reversed(told[Series(LATE)].days)) if n} == late
