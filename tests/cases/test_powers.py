"""Extensions, waivers and transfers as the register keeps them: due times, revisions, bearers, and who is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from builders import assert_refolds
from ombud.cases.access.case_access import access_case
from ombud.cases.errors import Refused
from ombud.cases.models import Case, Duty
from ombud.cases.reading.queries import my_duties
from ombud.clock.tick import tick
from ombud.notices.models import Notice
from regional import Regional, after, do, file

pytestmark = pytest.mark.django_db


def accepted(regional: Regional) -> Case:
    """Return a complaint whose reply Anna owes by Monday 9 March, 18:00 in Berlin: 5 working days from 2 March."""
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    return case


def reply(case: Case) -> Duty:
    return Duty.objects.select_related("person").get(case=case, duty="reply")


def test_an_extension_moves_the_due_time_once_it_is_approved(regional: Regional) -> None:
    case = accepted(regional)
    before = reply(case)
    assert before.due_at == datetime(2026, 3, 9, 17, 0, tzinfo=UTC)
    do(case, "ask_for_time", "anna", regional, now=after(hours=2), reason="Evidence from Lyon", new_date="2026-03-20")
    assert reply(case).due_at == before.due_at
    assert [row.duty.duty for row in my_duties(regional.gao, now=after(hours=3)).rows] == ["more_time.1"]
    do(case, "more_time.approve", "gao", regional, now=after(hours=4))
    extended = reply(case)
    assert (extended.due_at, extended.revision) == (datetime(2026, 3, 20, 17, 0, tzinfo=UTC), before.revision + 1)
    case.refresh_from_db()
    assert case.next_due_at == extended.due_at
    assert_refolds(case)


def test_bearer_and_approver_are_told(regional: Regional) -> None:
    case = accepted(regional)
    do(case, "ask_for_time", "anna", regional, now=after(hours=2), reason="Evidence", new_date="2026-03-20")
    tick(after(hours=2, minutes=1))
    do(case, "more_time.approve", "gao", regional, now=after(hours=4))
    tick(after(hours=4, minutes=1))
    moved = Notice.objects.get(case=case, kind="due-moved")
    assert (moved.person, moved.duty) == (regional.anna, "reply")
    assert Notice.objects.filter(case=case, person=regional.gao).exists()


def test_warnings_come_again_before_the_new_due_time(regional: Regional) -> None:
    case = accepted(regional)
    do(case, "ask_for_time", "anna", regional, now=after(hours=2), reason="Evidence", new_date="2026-03-20")
    do(case, "more_time.approve", "gao", regional, now=after(hours=4))
    tick(datetime(2026, 3, 10, 0, 0, tzinfo=UTC))
    assert not Notice.objects.filter(case=case, duty="reply", kind__in=["warning", "breach"]).exists()
    tick(datetime(2026, 3, 21, 0, 0, tzinfo=UTC))
    kinds = Notice.objects.filter(case=case, duty="reply").values_list("kind", flat=True)
    assert {"warning", "breach"} <= set(kinds)
    assert_refolds(case)


def test_an_extension_that_shortens_is_refused(regional: Regional) -> None:
    case = accepted(regional)
    with pytest.raises(Refused) as refused:
        do(case, "ask_for_time", "anna", regional, now=after(hours=2), reason="None", new_date="2026-03-06")
    assert [each.code for each in refused.value.refusals] == ["extend"]


@pytest.mark.parametrize(("day", "code"), [("2150-01-01", "horizon"), ("9999-12-31", "value")])
def test_a_date_that_no_calendar_reaches_is_refused(regional: Regional, day: str, code: str) -> None:
    case = accepted(regional)
    with pytest.raises(Refused) as refused:
        do(case, "ask_for_time", "anna", regional, now=after(hours=2), reason="Patience", new_date=day)
    assert [each.code for each in refused.value.refusals] == [code]
    assert_refolds(case)


def test_a_waived_duty_is_owed_no_more(regional: Regional) -> None:
    case = accepted(regional)
    do(case, "excuse", "hans", regional, now=after(hours=2), reason="Settled in court")
    assert (reply(case).status, my_duties(regional.anna, now=after(hours=3)).rows) == ("waived", ())
    assert_refolds(case)


def test_a_transferred_duty_is_the_new_bearers(regional: Regional) -> None:
    case = accepted(regional)
    do(case, "hand_over_reply", "hans", regional, now=after(hours=2), reason="Leave", new_bearer=regional.deng.key)
    tick(after(hours=2, minutes=1))
    assert reply(case).person == regional.deng
    assert [row.duty for row in my_duties(regional.deng, now=after(hours=3)).rows] == [reply(case)]
    assert my_duties(regional.anna, now=after(hours=3)).rows == ()
    assert access_case(regional.deng, case.reference).case == case
    assert_refolds(case)
