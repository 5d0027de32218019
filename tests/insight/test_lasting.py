"""Where the time goes, what rises and what falls due: counted by hand from the rows of cases and duties."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from builders import after, make_case, make_history, shipped_pack
from cast import POLICY, Cast
from ombud.cases.models import Duty
from ombud.insight import keeping, lasting, load, rising
from ombud.insight.measures import Scope
from ombud.insight.models import Measured
from ombud.insight.spans import Span
from ombud.insight.staffing_ahead import hours_ahead
from ombud.organisation import staffing
from ombud.organisation.rotas import Rota, Shift

pytestmark = pytest.mark.django_db
MARCH = Span(begin=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 4, 1, tzinfo=UTC))
FEBRUARY = Span(begin=datetime(2026, 2, 1, tzinfo=UTC), end=datetime(2026, 3, 1, tzinfo=UTC))
SCOPE = Scope(reader=None, policy=POLICY, span=MARCH)


def test_phases_and_waits_make_up_the_whole_time(cast: Cast) -> None:
    cases = [make_history(cast, "follow_up"), make_history(cast, "follow_up")]
    make_history(cast, "register")
    keeping.rebuild()
    stays, waits = lasting.phases(SCOPE, after(999)), lasting.waits(SCOPE, after(999))
    lasted = sum((case.closed_at - case.received_at).total_seconds() for case in cases if case.closed_at)
    assert sum(each.total for each in stays) == sum(each.total for each in waits) == lasted
    answering = next(each for each in stays if each.phase == "answering")
    assert (answering.cases, answering.total, answering.middle, answering.ours) == (2, 7200, 3600, 0)
    assert [(each.cases, each.complainants, each.others) for each in waits] == [(2, 7200, 0)]


def test_lateness_is_the_time_by_which_what_was_late_was_late(cast: Cast) -> None:
    make_history(cast, "follow_up")
    make_case(minutes=0)
    keeping.rebuild()
    now = after(600)
    expected: Counter[str] = Counter()
    times: Counter[str] = Counter()
    for duty in Duty.objects.filter(is_outsiders=False, due_at__isnull=False):
        is_overdue = duty.status == "open" and duty.due_at is not None and duty.due_at < now
        if is_overdue or duty.status == "late":
            assert duty.due_at is not None
            expected[duty.duty] += int(((duty.done_at or now) - duty.due_at).total_seconds())
            times[duty.duty] += 1
    found = lasting.lateness(SCOPE, now)
    assert {each.duty: int(each.by.total_seconds()) for each in found} == expected
    assert {each.duty: each.times for each in found} == times
    assert times["register"] == 1


def test_what_falls_due_is_told_by_day(cast: Cast) -> None:
    make_case(minutes=0)
    make_case(minutes=30)
    duties = Duty.objects.filter(status="open", is_outsiders=False)
    now = max(duty.due_at for duty in duties if duty.due_at) - timedelta(minutes=29)
    found = load.ahead(SCOPE, now)
    due = [duty.due_at for duty in duties if duty.due_at]
    assert found.overdue == sum(each < now for each in due) > 0
    assert sum(number for _day, number in found.days) == sum(now <= each for each in due) > 0
    assert len(found.days) == load.DAYS
    assert load.ahead(SCOPE, now, holders=["nobody's"]) == load.Load(
        overdue=0, days=tuple((day, 0) for day, _number in found.days)
    )


def test_what_falls_due_is_told_of_one_grade_only_where_one_is_asked_for(cast: Cast) -> None:
    major, _other = make_history(cast, "register"), make_case(minutes=30)
    keeping.rebuild()
    Measured.objects.filter(case=major).update(grade="major")
    found, whole = (load.ahead(each, after(1)) for each in (SCOPE.narrowed("grade", "major"), SCOPE))
    due = Duty.objects.filter(case=major, status="open", is_outsiders=False, due_at__gte=after(1))
    assert sum(number for _day, number in found.days) == due.count() > 0
    assert sum(number for _day, number in whole.days) > due.count()


def test_hours_ahead_are_those_of_people_who_can_come_each_once(cast: Cast) -> None:
    monday, zone = date(2026, 3, 2), ZoneInfo("Asia/Shanghai")
    days = [monday + timedelta(days=each) for each in range(3)]
    before = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert hours_ahead(POLICY, None, days, now=before, zone=zone) == []
    for name, starts, ends in (("Day", 9, 17), ("Late", 16, 2)):  # one hour is of both
        rota = staffing.keep(Rota(name=name, policy=POLICY, channels=[], a_week=monday), by=cast.mo, now=before)
        of_rota = Shift(rota=rota, name=name, starts=time(starts), ends=time(ends), weekdays=[0, 1], first_day=monday)
        shift = staffing.add_shift(of_rota, by=cast.mo, now=before)
        staffing.set_pattern(shift, monday, [[[cast.lin.pk]] * 7], by=cast.mo, now=before)
    assert hours_ahead(POLICY, None, days, now=before, zone=zone) == [15, 17, 2]
    noon = datetime(2026, 3, 2, 12, tzinfo=zone)
    assert hours_ahead(POLICY, None, days, now=noon, zone=zone)[0] == 12
    assert hours_ahead("student-complaints", None, days, now=noon, zone=zone) == []


def test_a_rise_is_unusual_only_beyond_chance(cast: Cast) -> None:
    for minutes in range(6):
        make_history(cast, "register", minutes=minutes / 60)
    keeping.rebuild()
    assert rising.topics(shipped_pack(), SCOPE, FEBRUARY, after(999)) == ()  # before there was nothing at all
    make_case(minutes=-20_000)
    keeping.rebuild()
    (first, *_) = rising.topics(shipped_pack(), SCOPE, FEBRUARY, after(999))
    assert (first.dimension, first.key.id, first.now, first.before) == ("category", "product_quality", 6, 0)
    assert first.is_unusual
    assert not rising.Topic(dimension="", title="", key=first.key, now=12, before=8).is_unusual
    assert rising.topics(shipped_pack(), SCOPE, MARCH, after(999)) == ()  # nothing rose against itself
