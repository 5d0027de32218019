"""Late entries in the register: one status on every page, two readings of events side by side, proof that holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from builders import COMPLAINT, GRADES, START, after, assert_refolds, do, make_case
from cast import POLICY, Cast
from engine.test_late import WINDOW
from ombud.cases.access.case_access import READ, access_case
from ombud.cases.commands import pass_time, perform
from ombud.cases.keeping.verify import rebuild_all, verify_all
from ombud.cases.models import WAS_LATE, Case, Duty, Event
from ombud.cases.reading.queries import timeline
from ombud.channels.intake import receive
from ombud.clock.tick import tick
from ombud.organisation.publishing import publish
from ombud.policy import load_sources

pytestmark = pytest.mark.django_db


def registered_late(cast: Cast, *, done: float, entered: float) -> Case:
    """Return a case that was to be registered within the hour, the clock having looked before the entry."""
    case = make_case().case
    pass_time(case.pk, now=after(entered))
    perform(case, "register", actor=cast.actor("lin"), at=after(done), now=after(entered), data=GRADES)
    return Case.objects.get(pk=case.pk)


def test_what_was_done_in_time_has_no_breach_anywhere_once_it_is_entered(cast: Cast) -> None:
    case = registered_late(cast, done=50, entered=100)
    duty = Duty.objects.get(case=case, duty="register")
    assert (duty.status, duty.breached_at, duty.was_late) == ("met", None, False)
    assert not Duty.objects.filter(WAS_LATE, case=case).exists()
    assert Event.objects.filter(case=case, act="rung").exists()  # that it was told of stays on record
    assert_refolds(case)


def test_what_was_done_late_is_late_however_it_was_entered(cast: Cast) -> None:
    case = registered_late(cast, done=70, entered=100)
    duty = Duty.objects.get(case=case, duty="register")
    assert (duty.status, duty.breached_at, duty.was_late) == ("late", after(60), True)
    assert list(Duty.objects.filter(WAS_LATE, case=case)) == [duty]
    assert_refolds(case)


def test_a_history_taken_in_is_read_by_when_it_happened_and_goes_on_by_when_it_is_written(cast: Cast) -> None:
    now = after(90 * 24 * 60)
    case = receive(
        POLICY, channel="web", language="zh", data=COMPLAINT, at=START, now=now, source="old:1", is_telling=False
    ).case
    past = {"actor": cast.actor("lin"), "now": now, "mode": "observe", "is_telling": False}
    perform(case, "register", at=after(30), data=GRADES, **past)
    perform(case, "regrade", at=after(40), data={"urgency": "urgent", "reason": "x"}, **past)
    pass_time(case.pk, now=now, mode="observe", is_telling=False)
    assert set(Event.objects.filter(case=case).values_list("schema", flat=True)) == {1}
    do(case, "note", cast, "lin", minutes=90 * 24 * 60 + 1, data={"remark": "x"})
    assert Event.objects.filter(case=case).order_by("seq").last().schema == 4
    due = dict(Duty.objects.filter(case=case).values_list("duty", "due_at"))
    assert due["register"] == after(60)  # not the day of the import
    told = timeline(access_case(cast.people["lin"], case.reference, READ))
    assert [each.is_late for each in told] == [False] * len(told)
    assert_refolds(case)
    before = list(Duty.objects.filter(case=case).order_by("pk").values())
    rebuild_all()
    assert list(Duty.objects.filter(case=case).order_by("pk").values()) == before
    assert verify_all()["problems"] == []


def test_a_time_that_nobody_owes_is_nobodys_task_and_passes(cast: Cast) -> None:
    publish(load_sources({"pack.yaml": WINDOW}), now=datetime(2026, 1, 1, tzinfo=UTC))
    desk = replace(cast.actor("lin"), role="desk", department=None)
    case = receive("t", channel="phone", language="en", data={}, actor=desk, at=START, now=START).case
    window = Duty.objects.get(case=case, duty="talks")
    assert (window.is_outsiders, window.role, window.person, window.department) == (True, "", None, None)
    tick(after(60 * 24 * 60))
    assert Case.objects.get(pk=case.pk).phase == "lapsed"
    assert_refolds(case)
