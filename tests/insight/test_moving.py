"""Who changes departments is told at once what they see now, whatever of the sums is made anew at that moment."""

from __future__ import annotations

import pytest
from tests.insight.test_changed_days import act_once, minutes_of
from tests.insight.test_measures import make_histories
from tests.insight.test_sums import MARCH, assert_same, by_rows, put_march_together

from builders import shipped_pack
from cast import POLICY, Cast
from ombud.cases.access.permissions import permissions_of
from ombud.cases.models import Case
from ombud.insight import keeping, measures, summing
from ombud.insight.measures import Scope
from ombud.insight.models import ChangedDay, SummedMonth
from ombud.organisation.models import Department, Membership


@pytest.mark.django_db
@pytest.mark.slow
def test_who_changes_departments_is_told_the_sums_of_what_they_see_now(cast: Cast) -> None:
    now = make_histories(cast, 14)
    while keeping.keep(now=now):
        pass
    put_march_together(now)

    def received() -> int:
        return measures.figure("received", Scope(reader=permissions_of(cast.chen), policy=POLICY, span=MARCH), now).of

    seen, in_quality = received(), Membership.objects.filter(person=cast.chen, policy=POLICY)
    logistics = Department.objects.get(policy=POLICY, key="logistics")
    in_quality.update(department=logistics)
    moved = permissions_of(cast.chen)
    mine = Case.objects.filter(procedure="complaint", participations__viewer__in=moved.own_viewers).distinct()
    assert 0 < received() == mine.count() != seen
    assert SummedMonth.objects.exists()
    assert_same(by_rows(now, moved), now, moved)

    # Somebody acts meanwhile: the month still stands, a day of it does not, and then the month stands no more.
    assert any(act_once(each, cast, minutes_of(now)) for each in Case.objects.filter(closed_at=None).order_by("pk"))
    while keeping.keep(now=now):
        pass
    assert ChangedDay.objects.exists()
    assert SummedMonth.objects.exists()
    counted = by_rows(now, moved)
    assert_same(counted, now, moved)
    for day in set(ChangedDay.objects.values_list("day", flat=True)):
        summing.sum_up(shipped_pack(), day, now=now)
    assert not SummedMonth.objects.exists()
    assert_same(counted, now, moved)
    put_march_together(now)
    assert_same(counted, now, moved)
