"""The year of periodic duties: what was fulfilled, what is owed, what is to come, and how late it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cast import Cast
from ombud.cases.commands import perform
from ombud.cases.models import Case
from ombud.clock import periodic
from ombud.clock.tick import tick
from ombud.clock.yearly import CalendarEntry, year

pytestmark = pytest.mark.django_db

# The last working day of January 2026 is Friday the 30th; work begins at 09:00 in Shanghai.
DUE = datetime(2026, 1, 30, 1, tzinfo=UTC)


def entries(cast: Cast, now: datetime, number: int = 2026) -> tuple[CalendarEntry, ...]:
    return year(cast.wei, number, now=now)


def test_what_is_to_come_is_planned_and_what_nobody_opened_is_missed(cast: Cast):
    begun = entries(cast, datetime(2026, 3, 2, 1, tzinfo=UTC))
    assert [each.period for each in begun] == [f"2026-{month:02}" for month in range(1, 13)]
    assert [each.status for each in begun] == ["missed"] * 2 + ["planned"] * 10
    assert all(each.case is None for each in begun)


def test_what_was_before_the_policy_is_left_out(cast: Cast):
    assert entries(cast, DUE, 2025) == ()


def test_an_occurrence_is_owed_then_overdue_then_done_late(cast: Cast, django_assert_num_queries):
    first = entries(cast, datetime(2026, 1, 2, tzinfo=UTC))[0]
    assert (first.at, first.status) == (DUE, "planned")
    assert periodic.open_due(now=DUE) == 1
    open_now = entries(cast, DUE)[0]
    assert open_now.status == "open"
    assert open_now.case is not None

    # Five working days: the 30th is not counted; 2, 3, 4, 5, 6 February, so Friday the 6th at 18:00.
    late = datetime(2026, 2, 6, 10, 0, 1, tzinfo=UTC)
    assert entries(cast, datetime(2026, 2, 6, 10, tzinfo=UTC))[0].status == "open"
    assert entries(cast, late)[0].status == "overdue"
    tick(late)
    assert entries(cast, late)[0].status == "overdue"
    fulfil(Case.objects.get(pk=open_now.case.pk), cast, late)
    assert entries(cast, late)[0].status == "late"
    with django_assert_num_queries(8):
        entries(cast, late)


def test_an_occurrence_fulfilled_in_time_is_done(cast: Cast):
    periodic.open_due(now=DUE)
    fulfil(Case.objects.get(), cast, DUE)
    assert entries(cast, DUE)[0].status == "done"


def test_an_occurrence_fulfilled_in_time_and_entered_after_it_was_told_overdue_is_done(cast: Cast):
    periodic.open_due(now=DUE)
    entered = datetime(2026, 2, 6, 11, tzinfo=UTC)  # an hour after the end
    tick(entered)
    assert entries(cast, entered)[0].status == "overdue"
    fulfil(Case.objects.get(), cast, datetime(2026, 2, 6, 9, tzinfo=UTC), now=entered)
    assert entries(cast, entered)[0].status == "done"


def fulfil(case: Case, cast: Cast, at: datetime, now: datetime | None = None) -> None:
    """Submit, review and carry out the monthly analysis; all of it is entered at `now`."""
    now = now or at
    analysis = {"analysis": "Deliveries were late in the north.", "improvements": "A second carrier."}
    perform(case, "submit_analysis", actor=cast.actor("wei"), at=at, now=now, data=analysis)
    perform(case, "accept_analysis", actor=cast.actor("gao"), at=at, now=now)
    perform(case, "finish_improvement", actor=cast.actor("wei"), at=at, now=now, data={"improved": "A second carrier."})
