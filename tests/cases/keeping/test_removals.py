"""Removal lists: who lets go what is due, and that nothing of the person is left, in any table or file."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import START, after, do, make_case, make_history
from carried import carry
from cast import Cast
from ombud.cases import attachments
from ombud.cases.commands import perform
from ombud.cases.errors import Forbidden
from ombud.cases.keeping import holds, removals
from ombud.cases.keeping.daily_roots import make_root
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, ListedCase, Removal, RemovalList
from ombud.clock.tick import PARTS, TIDYING
from ombud.engine.model import COMPLAINANT_ACTOR
from ombud.organisation.models import MANAGER, Membership
from privacy.test_privacy import everything_stored
from regional import POLICY as REGIONS
from regional import Regional, file, publish_next
from regional import after as later_by

pytestmark = pytest.mark.django_db

POLICY = "customer-complaints"
OVER = datetime(2029, 3, 4, 2, 0, tzinfo=UTC)  # more than 3 years after all that happens here
WORD = "Quetzalcoatl"  # planted: nothing else is called so


def withdrawn(**data: Any) -> Case:
    case = make_case(**data).case
    perform(case, "withdraw", actor=COMPLAINANT_ACTOR, at=after(30), now=after(30), data={})
    return Case.objects.get(pk=case.pk)


def outcomes(row: RemovalList) -> dict[str, str]:
    return dict(row.listed.values_list("reference", "outcome"))


def regional_ended() -> Case:
    case = file(name="Erika Muster", now=later_by(days=2))
    perform(case, "withdraw", actor=COMPLAINANT_ACTOR, at=later_by(days=3), now=later_by(days=3), data={})
    return Case.objects.get(pk=case.pk)


def test_the_clock_removes_what_a_manager_released_and_nothing_else(cast: Cast) -> None:
    due, held, still_open = withdrawn(), withdrawn(), make_case().case
    holds.hold(held, reason="A lawsuit", by=cast.mo, now=OVER)
    assert PARTS["removed"](now=OVER) == 0
    row = removals.make(POLICY, "case", by=cast.mo, now=OVER)
    assert outcomes(row) == {due.reference: "waits"}
    with pytest.raises(removals.ListedBefore):
        removals.make(POLICY, "case", by=cast.mo, now=OVER)
    assert PARTS["removed"](now=OVER) == 1
    assert PARTS["removed"](now=OVER) == 0
    (row,) = removals.latest()
    assert (row.number, row.removed, row.finished_at, row.released_by) == (1, 1, OVER, cast.mo)  # type: ignore[attr-defined]
    removal = Removal.objects.get(kind="case")
    assert (removal.reference, removal.clauses, removal.removed_by) == (due.reference, ["1.2.5"], cast.mo)
    for kept in (held, still_open):
        assert Case.objects.select_related("complainant").get(pk=kept.pk).complainant.erased_at is None  # type: ignore[union-attr]
    with pytest.raises(removals.NothingDue):
        removals.make(POLICY, "case", by=cast.mo, now=OVER)
    assert verify_all()["problems"] == []


def test_what_is_held_or_due_no_more_when_its_turn_comes_stays_and_the_list_says_so(cast: Cast) -> None:
    cases = [withdrawn() for _ in range(removals.BATCH + 1)]
    row = removals.make(POLICY, "case", by=cast.mo, now=OVER)
    holds.hold(cases[0], reason="A lawsuit", by=cast.mo, now=OVER)
    assert removals.run(now=OVER) == removals.BATCH
    row.refresh_from_db()
    assert row.finished_at is None
    assert removals.run(now=OVER) == 1
    row.refresh_from_db()
    assert row.finished_at == OVER
    assert outcomes(row)[cases[0].reference] == "held"
    assert sorted(outcomes(row).values()) == ["held", *["removed"] * removals.BATCH]


def test_one_case_that_fails_does_not_hold_up_the_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = withdrawn(), withdrawn()
    row = removals.make(POLICY, "case", by=cast.mo, now=OVER)
    Case.objects.filter(pk=bad.pk).update(reference="GONE")
    assert removals.run(now=OVER) == 2
    assert outcomes(row) == {bad.reference: "failed", good.reference: "removed"}


def test_only_managers_make_release_and_drop_lists(cast: Cast) -> None:
    withdrawn()
    for somebody in (cast.wei, cast.ai):
        with pytest.raises(Forbidden):
            removals.make(POLICY, "case", by=somebody, now=OVER)
    row = removals.make(POLICY, "case", by=cast.mo, now=OVER)
    for settle in (removals.release, removals.drop):
        with pytest.raises(Forbidden):
            settle(row, by=cast.ai, now=OVER)


def test_where_the_policy_asks_for_two_managers_another_one_releases(regional: Regional) -> None:
    publish_next(("case: {keep: 5 years", "case: {release: two_managers, keep: 5 years"))
    case, now = regional_ended(), datetime(2031, 4, 1, tzinfo=UTC)
    row = removals.make(REGIONS, "case", by=regional.mo, now=now)
    assert removals.run(now=now) == 0
    with pytest.raises(removals.OwnList):
        removals.release(row, by=regional.mo, now=now)
    removals.drop(row, by=regional.mo, now=now)
    with pytest.raises(removals.SettledBefore):
        removals.drop(row, by=regional.mo, now=now)
    row = removals.make(REGIONS, "case", by=regional.mo, now=now)
    Membership.objects.create(person=regional.nobody, role=MANAGER)
    removals.release(row, by=regional.nobody, now=now)
    assert removals.run(now=now) == 1
    assert outcomes(row) == {case.reference: "removed"}


def test_where_the_policy_lets_the_clock_it_removes_by_itself(regional: Regional) -> None:
    assert TIDYING["removal lists"](now=datetime(2031, 4, 1, tzinfo=UTC)) == 0
    publish_next(("case: {keep: 5 years", "case: {release: clock, keep: 5 years"))
    case, now = regional_ended(), datetime(2031, 4, 1, tzinfo=UTC)
    assert TIDYING["removal lists"](now=now - timedelta(days=60)) == 0
    assert TIDYING["removal lists"](now=now) == 1
    assert TIDYING["removal lists"](now=now) == 0
    assert PARTS["removed"](now=now) == 1
    (row,) = removals.latest()
    assert (row.made_by, row.released_by, outcomes(row)) == (None, None, {case.reference: "removed"})
    assert Removal.objects.get(kind="case").removed_by is None


def test_a_released_list_stands_under_the_daily_root(cast: Cast) -> None:
    case = withdrawn()
    holds.hold(withdrawn(), reason="A lawsuit", by=cast.mo, now=OVER)
    row = removals.make(POLICY, "case", by=cast.mo, now=OVER)
    removals.run(now=OVER)
    make_root(now=OVER)
    assert verify_all()["problems"] == []
    RemovalList.objects.filter(pk=row.pk).update(released_by=cast.ai)
    assert any(problem.startswith("list ") for problem in verify_all()["problems"])
    assert ListedCase.objects.get().reference == case.reference


def test_nothing_of_the_person_is_left_in_any_table_or_file(
    cast: Cast, media: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    upload = attachments.store(
        io.BytesIO(WORD.encode()), name=f"{WORD}.txt", uploaded_by=COMPLAINANT_ACTOR.person, now=START
    )
    case = make_history(
        cast,
        "investigate",
        name=WORD,
        email=f"{WORD}@example.com",
        subject=f"{WORD} leaks",
        narrative=f"{WORD} asked twice",
        evidence=[str(upload.pk)],
    )
    do(case, "note", cast, "lin", minutes=95, data={"remark": f"{WORD} called"})
    carry(now=after(96))
    perform(case, "withdraw", actor=COMPLAINANT_ACTOR, at=after(97), now=after(97), data={})
    carry(now=after(98))
    make_root(now=after(99))
    placed = holds.hold(case, reason=f"{WORD} sues", by=cast.lin, now=after(100))
    holds.lift(placed, reason=f"{WORD} does not sue", by=cast.mo, now=after(101))
    assert [path for path in media.rglob("*") if path.is_file()]
    with django_capture_on_commit_callbacks(execute=True):
        removals.make(POLICY, "case", by=cast.mo, now=OVER)
        removals.run(now=OVER)
    for part in TIDYING.values():
        part(now=OVER)
    stored = everything_stored().lower()
    assert WORD.lower() not in stored
    assert not [path for path in media.rglob("*") if path.is_file()]
    assert case.complainant is not None
    key = Case.objects.select_related("complainant").get(pk=case.pk).complainant
    assert key is not None
    assert key.wrapped_key is None
    assert verify_all()["problems"] == []
