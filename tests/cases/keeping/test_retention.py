"""Keeping and removing: what is due, what a hold keeps, and that proofs outlive what is removed."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from ombud.cases import attachments
from ombud.cases.commands import perform
from ombud.cases.errors import Forbidden
from ombud.cases.keeping import holds, retention
from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.holds import OnHold
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Attachment, Case, Removal
from ombud.policy.model.limits import Limit
from ombud.policy.model.source import Place
from ombud.worktime import Unit
from regional import COMPLAINANT, POLICY, START, Regional, after, do, facts, file, publish_next

pytestmark = pytest.mark.django_db

FIVE_YEARS = datetime(2031, 3, 2, 10, 0, tzinfo=UTC)  # after the withdrawal on 2 March 2026 at 10:00


def ended() -> Case:
    case = file(name="Erika Muster")
    perform(case, "withdraw", actor=COMPLAINANT, at=after(hours=2), now=after(hours=2), data={})
    return Case.objects.get(pk=case.pk)


def due(regional: Regional, now: datetime, kind: str = "case", **more: Any) -> Any:
    return retention.due(regional.dora, policy=POLICY, kind=kind, at=now, now=now, **more)


def listed(regional: Regional, now: datetime, **more: Any) -> list[Case]:
    return [row.line.case for row in due(regional, now, **more).rows]


def test_a_case_is_due_for_removal_once_it_was_kept_as_long_as_the_policy_says(regional: Regional) -> None:
    case, still_open = ended(), file()
    assert listed(regional, FIVE_YEARS) == []
    later = FIVE_YEARS + timedelta(seconds=1)
    assert listed(regional, later) == [case]
    (row,) = due(regional, later).rows
    assert (row.clauses, row.hold, row.ended_at) == (("1",), None, after(hours=2))
    assert still_open.is_open


@pytest.mark.parametrize("unit", [Unit.DAY, Unit.YEAR])
def test_what_is_kept_longer_than_any_calendar_reaches_back_is_kept_for_good(unit: Unit) -> None:
    for length in (300, 9_999, 999_999_999):
        keep = Limit(length=length * (366 if unit is Unit.DAY else 1), unit=unit, at=Place("pack.yaml", 1, 1))
        assert retention.before(keep, START) == datetime(1900, 1, 1, tzinfo=UTC)


def test_keeping_may_be_counted_from_the_receipt_but_never_of_a_case_that_is_open(regional: Regional) -> None:
    publish_next(("case: {keep: 5 years", "case: {from: receipt, keep: 5 years"))
    received = START + timedelta(days=2)
    case, still_open = file(name="Erika Muster", now=received), file(now=received)
    at = received + timedelta(days=40)
    perform(case, "withdraw", actor=COMPLAINANT, at=at, now=at, data={})
    five_years = received.replace(year=2031)
    assert listed(regional, five_years) == []
    with pytest.raises(retention.NotDue):
        retention.remove(case, "case", by=regional.mo, now=five_years)
    later = five_years + timedelta(seconds=1)
    assert listed(regional, later) == [case]
    with pytest.raises(retention.NotDue):
        retention.remove(still_open, "case", by=regional.mo, now=later)
    retention.remove(case, "case", by=regional.mo, now=later)
    assert listed(regional, later) == []


def test_removing_destroys_what_is_personal_and_keeps_the_proof(regional: Regional) -> None:
    case = ended()
    later = FIVE_YEARS + timedelta(days=1)
    retention.remove(case, "case", by=regional.mo, now=later)
    assert facts(case)["name"] != "Erika Muster"
    assert listed(regional, later) == []
    row = Removal.objects.get(kind="case")
    assert (row.reference, row.kind, row.clauses, row.removed_by) == (case.reference, "case", ["1"], regional.mo)
    assert verify_all()["problems"] == []


def test_what_is_not_due_stays(regional: Regional) -> None:
    case = ended()
    with pytest.raises(retention.NotDue):
        retention.remove(case, "case", by=regional.mo, now=FIVE_YEARS)
    with pytest.raises(retention.NotDue):  # the policy says nothing of evidence
        retention.remove(case, "evidence", by=regional.mo, now=FIVE_YEARS + timedelta(days=1))


def test_a_legal_hold_keeps_a_case_until_another_manager_lifts_it(regional: Regional) -> None:
    case = ended()
    later = FIVE_YEARS + timedelta(days=1)
    placed = holds.hold(case, reason="A lawsuit of Erika Muster", by=regional.dora, now=later)
    assert placed.reason == "A lawsuit of ***"
    (row,) = due(regional, later).rows
    assert row.hold == placed
    assert case.complainant is not None
    for attempt in (
        lambda: retention.remove(case, "case", by=regional.mo, now=later),
        lambda: erase(case.complainant, now=later),
    ):
        with pytest.raises(OnHold):
            attempt()
    assert retention.removable(POLICY, "case", now=later, limit=9) == []
    assert facts(case)["name"] == "Erika Muster"
    for by, reason, error in (
        (regional.dora, "It is over", Forbidden),
        (regional.mo, " ", holds.HoldError),
    ):
        with pytest.raises(error):
            holds.lift(placed, reason=reason, by=by, now=later)
    holds.lift(placed, reason="It is over", by=regional.mo, now=later)
    with pytest.raises(holds.LiftedBefore):
        holds.lift(placed, reason="It is over", by=regional.mo, now=later)
    retention.remove(case, "case", by=regional.mo, now=later)


def test_who_may_hold_says_why_and_nobody_lifts_their_own(regional: Regional) -> None:
    case, now = ended(), FIVE_YEARS
    with pytest.raises(holds.HoldError):
        holds.hold(case, reason=" ", by=regional.mo, now=now)
    with pytest.raises(Forbidden):
        holds.hold(case, reason="Mine", by=regional.anna, now=now)
    with pytest.raises(holds.PastHold):
        holds.hold(case, reason="A lawsuit", until=now.date() - timedelta(days=1), by=regional.mo, now=now)
    own = holds.hold(case, reason="A lawsuit", by=regional.mo, now=now)
    with pytest.raises(holds.OwnHold):
        holds.lift(own, reason="It is over", by=regional.mo, now=now)


def test_a_hold_is_over_after_its_last_day(regional: Regional) -> None:
    case = ended()
    later = FIVE_YEARS + timedelta(days=1)
    holds.hold(case, reason="A lawsuit", until=later.date(), by=regional.mo, now=later)
    assert retention.removable(POLICY, "case", now=later, limit=9) == []
    assert retention.removable(POLICY, "case", now=later + timedelta(days=1), limit=9) == [case.reference]


def test_a_hold_ends_by_the_clock_of_the_installation_wherever_who_asks_is(regional: Regional) -> None:
    case = ended()
    holds.hold(case, reason="诉讼", until=date(2026, 3, 3), by=regional.mo, now=after(hours=3))
    late, over = (datetime(2026, 3, 3, hour, 30, tzinfo=UTC) for hour in (15, 16))  # half an hour around midnight
    for zone in ("America/Los_Angeles", "Pacific/Auckland"):
        with timezone.override(zone):
            assert holds.in_force(now=late).exists(), zone
            assert not holds.in_force(now=over).exists(), zone


def test_a_hold_keeps_a_matter_that_nobody_complained_in_too(regional: Regional) -> None:
    case, later = ended(), FIVE_YEARS + timedelta(days=1)
    Case.objects.filter(pk=case.pk).update(complainant=None)
    holds.hold(case, reason="诉讼", by=regional.mo, now=later)
    assert retention.counts(POLICY, "case", [later], now=later) == ([1], 1)
    assert retention.removable(POLICY, "case", now=later, limit=9) == []
    with pytest.raises(OnHold):
        retention.remove(case, "case", by=regional.mo, now=later)
    assert not Removal.objects.exists()


def test_what_is_held_for_another_case_of_the_person_counts_as_held(regional: Regional) -> None:
    case, other, later = ended(), ended(), FIVE_YEARS + timedelta(days=1)
    Case.objects.filter(pk=other.pk).update(complainant=case.complainant)
    holds.hold(other, reason="诉讼", by=regional.mo, now=later)
    assert retention.removable(POLICY, "case", now=later, limit=9) == []
    assert retention.counts(POLICY, "case", [later], now=later) == ([2], 2)


def test_a_matter_that_the_case_opened_keeps_its_data_while_it_runs(regional: Regional) -> None:
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    do(case, "order_rectification", "hans", regional, now=after(hours=2), measure="Call before delivery")
    do(case, "close", "anna", regional, now=after(hours=3))
    with pytest.raises(retention.NotDue):
        retention.remove(case, "case", by=regional.mo, now=FIVE_YEARS + timedelta(days=1))


def test_the_list_is_paged_and_asks_a_fixed_number_of_queries(
    regional: Regional, django_assert_num_queries: Any
) -> None:
    cases = [ended() for _ in range(3)]
    later = FIVE_YEARS + timedelta(days=1)
    first = due(regional, later, limit=2)
    rest = due(regional, later, limit=2, cursor=first.after)
    assert [row.line.case for row in (*first.rows, *rest.rows)] == cases
    assert rest.after is None
    with django_assert_num_queries(6):
        due(regional, later)
    assert listed(regional, later, kind="evidence") == []


def test_evidence_alone_goes_by_its_own_time(media: Path, cast: Any, django_capture_on_commit_callbacks: Any) -> None:
    from builders import make_case

    upload = attachments.store(io.BytesIO(b"receipt"), name="r.txt", uploaded_by=COMPLAINANT.person, now=START)
    case = make_case(evidence=[str(upload.pk)]).case
    at = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    perform(case, "withdraw", actor=COMPLAINANT, at=at, now=at, data={})
    later = datetime(2029, 3, 3, 2, 0, 1, tzinfo=UTC)  # 3 years
    (row,) = retention.due(cast.wei, policy="customer-complaints", kind="evidence", at=later, now=later).rows
    assert row.line.case == case
    with django_capture_on_commit_callbacks(execute=True):
        retention.remove(case, "evidence", by=cast.mo, now=later)
    assert retention.due(cast.wei, policy="customer-complaints", kind="evidence", at=later, now=later).rows == ()
    gone = Attachment.objects.get(pk=upload.pk)
    assert (gone.content, gone.sha256) == (None, upload.sha256)
    assert verify_all()["problems"] == []
