"""What time does: rungs once each at their exact instants, periodic duties, announcements, the daily root."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from builders import START, after, assert_refolds, make_case, make_history
from cast import Cast
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, DailyRoot, Duty, Event, WakeUp
from ombud.checks import apart
from ombud.clock import pulse
from ombud.clock.loop import run_forever
from ombud.clock.models import Occurrence
from ombud.clock.sweep import sweep
from ombud.clock.tick import PARTS, tick, tidy
from ombud.notices.models import Notice
from ombud.organisation import editions, reports
from ombud.worktime import announce

pytestmark = pytest.mark.django_db


def rungs(case: Case) -> list[tuple[str, datetime]]:
    return [(row.data["duty"], row.occurred_at) for row in Event.objects.filter(case=case, act="rung").order_by("seq")]


def test_warnings_and_breaches_pass_at_their_exact_instants_however_late_the_sweep(cast: Cast) -> None:
    case = make_case().case
    tick(after(500))
    passed = rungs(case)
    assert ("register", after(60)) in passed
    assert passed == sorted(passed, key=lambda each: each[1])
    row = Duty.objects.get(case=case, duty="register")
    assert (row.status, row.breached_at) == ("open", after(60))
    assert_refolds(case)


def test_nothing_passes_at_the_due_time_itself_but_a_second_later(cast: Cast) -> None:
    case = make_case().case
    tick(after(60))
    assert ("register", after(60)) not in rungs(case)
    tick(after(60) + timedelta(seconds=1))
    assert ("register", after(60)) in rungs(case)


@pytest.mark.slow
def test_a_clock_that_waits_for_the_checks_of_a_policy_is_no_clock_that_hangs(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "LOOK", 0.05)
    monkeypatch.setattr(reports, "_KNOWN", {})
    monkeypatch.setattr(pulse._Loop, "moved", -pulse.HANGING)
    assert PARTS["reports"](now=START) == 1
    assert pulse.is_moving()


def test_ticking_again_and_again_tells_nobody_twice(cast: Cast) -> None:
    case = make_case().case
    for _ in range(3):
        tick(after(70))
    assert len(rungs(case)) == len(set(rungs(case)))
    told = Notice.objects.filter(case=case, kind="breach", person=cast.wei)
    assert told.count() == 1
    assert told.get().clauses == ["1.1.6"]


def test_a_breach_escalates_to_the_boss_who_then_sees_the_case(cast: Cast) -> None:
    from ombud.cases.access.case_access import access_case

    case = make_history(cast, "route")
    tick(after(60 * 24 * 2))
    assert Notice.objects.filter(case=case, kind="breach", person=cast.zhou).exists()
    assert access_case(cast.zhou, case.reference).case == case
    assert_refolds(case)


def test_a_complainant_who_stays_silent_is_taken_to_accept(cast: Cast) -> None:
    case = make_history(cast, "communicate")
    for days in range(1, 17):
        tick(after(180) + timedelta(days=days, seconds=1))
    acts = list(Event.objects.filter(case=case).exclude(act="rung").values_list("act", flat=True))
    assert any(act.startswith("deem") for act in acts)
    case.refresh_from_db()
    assert case.phase == "carrying_out"
    assert_refolds(case)


def test_a_case_that_cannot_be_woken_does_not_hold_up_the_others(cast: Cast) -> None:
    broken, whole = make_case().case, make_case(minutes=1).case
    Case.objects.filter(pk=broken.pk).update(procedure="no-such-procedure")
    sweep(now=after(70))
    assert ("register", after(61)) in rungs(whole)
    assert WakeUp.objects.get(case=broken).failures == 1


def test_the_monthly_analysis_opens_as_a_case_on_the_last_workday(cast: Cast) -> None:
    before = datetime(2026, 3, 31, 0, 59, tzinfo=UTC)
    tick(before)
    assert not Occurrence.objects.filter(period="2026-03").exists()
    opening = datetime(2026, 3, 31, 1, 0, tzinfo=UTC)  # Tuesday 09:00 in Shanghai
    tick(opening)
    row = Occurrence.objects.select_related("case").get(period="2026-03")
    assert row.due_at == opening
    assert (row.case.procedure, row.case.phase) == ("monthly_analysis", "analysing")
    assert Duty.objects.get(case=row.case, duty="analyse").status == "open"
    tick(opening + timedelta(minutes=5))
    assert Occurrence.objects.filter(period="2026-03").count() == 1
    assert_refolds(row.case)


def test_an_announcement_moves_open_due_times_by_an_event_and_tells_the_bearers(cast: Cast) -> None:
    from builders import COMPLAINT, GRADES
    from cast import COMPLAINANT, POLICY
    from ombud.cases.commands import perform
    from ombud.channels.intake import receive

    # A major complaint on Wednesday 30 December 2026: its working days run into 2027, which is not announced yet.
    at = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)
    case = receive(POLICY, channel="web", language="zh", data=COMPLAINT, actor=COMPLAINANT, at=at, now=at).case
    perform(case, "register", actor=cast.actor("lin"), at=at, now=at, data={**GRADES, "routine": False})
    before = {row.duty: row for row in Duty.objects.filter(case=case, status="open")}
    assert any(row.is_provisional for row in before.values())
    notice = announce(
        2027,
        "invented for this test",
        [("new_year", date(2027, 1, 1), date(2027, 1, 8))],
        [],
    )
    editions.announce(notice, now=at + timedelta(hours=1))
    tick(at + timedelta(hours=1))
    case.refresh_from_db()
    assert Event.objects.filter(case=case, act="recalendar").count() == 1
    moved = [row for row in Duty.objects.filter(case=case, status="open") if row.due_at != before[row.duty].due_at]
    assert moved
    assert all(row.due_at > before[row.duty].due_at for row in moved if row.due_at and before[row.duty].due_at)
    tick(at + timedelta(hours=1))
    assert Notice.objects.filter(case=case, kind="due-moved").exists()
    assert Event.objects.filter(case=case, act="recalendar").count() == 1
    assert_refolds(case)


def test_a_new_year_moves_the_horizon_and_counts_open_cases_anew(cast: Cast) -> None:
    case = make_case().case
    tick(datetime(2027, 1, 1, 1, 0, tzinfo=UTC))
    assert Event.objects.filter(case=case, act="recalendar").count() == 1
    current = editions.current()
    assert current is not None
    assert editions.read(current.edition).year == 2027
    assert_refolds(case)


def test_a_daily_root_covers_the_heads_that_moved_and_chains_to_the_one_before(cast: Cast) -> None:
    case = make_case().case
    tick(after(1))
    tick(after(2))
    first = DailyRoot.objects.get()
    make_case(minutes=60 * 24)
    tick(after(60 * 24 + 1))
    second = DailyRoot.objects.get(number=2)
    assert second.previous == first.root
    report = verify_all()
    assert report["problems"] == []
    assert report["roots"] == 2
    assert case.reference in {head.reference for head in first.heads.all()}


def test_the_loop_stops_when_it_is_told_to(cast: Cast) -> None:
    stop = threading.Event()
    stop.set()
    run_forever(stop)
    assert set(tidy(START).values()) == {0}


def test_a_case_that_failed_is_not_tried_again_at_once_but_in_a_while_longer_each_time(cast: Cast) -> None:
    broken = make_case().case
    Case.objects.filter(pk=broken.pk).update(procedure="no-such-procedure")
    row = WakeUp.objects.get(case=broken)

    def failures_after(seconds: int) -> int:
        sweep(now=datetime.fromtimestamp(row.at + seconds, UTC))
        return WakeUp.objects.get(pk=row.pk).failures

    assert [failures_after(seconds) for seconds in (1, 2, 59)] == [1, 1, 1]
    assert [failures_after(seconds) for seconds in (60, 61, 119)] == [2, 2, 2]
    assert failures_after(120) == 3
