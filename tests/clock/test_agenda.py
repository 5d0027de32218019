"""The year of periodic duties: what was fulfilled, what is owed, what is to come, and how late it was."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from builders import publish_policy
from cast import Cast
from ombud.cases.commands import perform
from ombud.cases.models import Case
from ombud.clock import periodic
from ombud.clock.agenda import Entry, State, agenda
from ombud.clock.tick import tick
from ombud.organisation import editions, library

pytestmark = pytest.mark.django_db

# The last working day of January 2026 is Friday the 30th; work begins at 09:00 in Shanghai.
DUE = datetime(2026, 1, 30, 1, tzinfo=UTC)


def year(now: datetime, *, first: date = date(2026, 1, 1), last: date = date(2026, 12, 31)) -> list[Entry]:
    version = publish_policy()
    row = editions.current()
    assert row is not None
    return agenda([(version, library.pack(version.hash))], editions.read(row.edition), first, last, now=now)


def test_what_is_to_come_is_planned_and_what_nobody_opened_is_missed(cast: Cast):
    begun = year(datetime(2026, 3, 2, 1, tzinfo=UTC))
    assert [each.planned.period for each in begun] == [f"2026-{month:02}" for month in range(1, 13)]
    assert [each.state for each in begun] == [State.MISSED] * 2 + [State.PLANNED] * 10
    assert all(each.case is None for each in begun)


def test_what_was_before_the_policy_is_left_out(cast: Cast):
    assert year(DUE, first=date(2025, 11, 1), last=date(2025, 12, 31)) == []


def test_an_occurrence_is_owed_then_overdue_then_done_late(cast: Cast, django_assert_num_queries):
    first = year(datetime(2026, 1, 2, tzinfo=UTC))[0]
    assert (first.planned.at, first.state) == (DUE, State.PLANNED)
    assert periodic.open_due(now=DUE) == 1
    open_now = year(DUE)[0]
    assert open_now.state is State.OPEN
    assert open_now.case is not None

    # Five working days: the 30th is not counted; 2, 3, 4, 5, 6 February, so Friday the 6th at 18:00.
    late = datetime(2026, 2, 6, 10, 0, 1, tzinfo=UTC)
    assert year(datetime(2026, 2, 6, 10, tzinfo=UTC))[0].state is State.OPEN
    assert year(late)[0].state is State.OVERDUE
    tick(late)
    assert year(late)[0].state is State.OVERDUE
    fulfil(Case.objects.get(pk=open_now.case.pk), cast, late)
    assert year(late)[0].state is State.LATE
    version = publish_policy()
    known = [(version, library.pack(version.hash))]
    row = editions.current()
    assert row is not None
    edition = editions.read(row.edition)
    with django_assert_num_queries(1):
        agenda(known, edition, date(2026, 1, 1), date(2026, 12, 31), now=late)


def test_an_occurrence_fulfilled_in_time_is_done(cast: Cast):
    year(datetime(2026, 1, 2, tzinfo=UTC))
    periodic.open_due(now=DUE)
    fulfil(Case.objects.get(), cast, DUE)
    assert year(DUE)[0].state is State.DONE


def fulfil(case: Case, cast: Cast, at: datetime) -> None:
    """Submit, review and carry out the monthly analysis."""
    analysis = {"analysis": "Deliveries were late in the north.", "improvements": "A second carrier."}
    perform(case, "submit_analysis", actor=cast.actor("wei"), at=at, now=at, data=analysis)
    perform(case, "accept_analysis", actor=cast.actor("gao"), at=at, now=at)
    perform(case, "finish_improvement", actor=cast.actor("wei"), at=at, now=at, data={"improved": "A second carrier."})
