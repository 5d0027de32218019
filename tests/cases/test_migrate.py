"""Going on under another version: by hand with a reason, or all open cases once a version that says so is in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from builders import assert_refolds
from ombud.cases.access.case_access import access_case
from ombud.cases.commands import migrate
from ombud.cases.errors import CannotMigrate, Forbidden
from ombud.cases.keeping.verify import rebuild_all, verify_all
from ombud.cases.models import Case, Duty, Event, LedgerEntry, Outbox
from ombud.cases.reading import queries
from ombud.clock import tasks, upgrades
from ombud.clock.tick import tick
from ombud.notices.models import Notice
from ombud.organisation.models import POLICY_OWNER, Membership, PolicyStep, PolicyVersion
from regional import Regional, after, do, file, publish_next

pytestmark = pytest.mark.django_db

MARCH_3 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # midnight in Shanghai


MOVING = ("reference: RG", "reference: RG, on_upgrade: migrate")
LONGER = ("do: [accept, send_on], within: 2 workdays", "do: [accept, send_on], within: 4 workdays")
NO_ANSWERING = ("answering", "awaiting")


def due(case: Case, duty: str = "accept") -> datetime | None:
    return Duty.objects.get(case=case, duty=duty).due_at


def test_a_manager_moves_a_case_and_its_open_duties_follow(regional: Regional) -> None:
    case = file()
    version = publish_next(LONGER)
    before = due(case)
    moved = migrate(case, version, by=regional.mo, now=after(hours=2), reason="The new limit suits it").case
    assert moved.policy_version == version
    # Wednesday 4 March 18:00 in Berlin, then Friday 6 March 18:00.
    assert (before, due(case)) == (after(days=2, hours=9), after(days=4, hours=9))
    event = Event.objects.get(case=case, act="migrate")
    assert (event.actor, event.data["version"], event.data["reason"]) == (
        regional.mo.key,
        "1.1.0",
        "The new limit suits it",
    )
    assert_refolds(case)
    rebuild_all()
    assert verify_all()["problems"] == []


def test_what_cannot_be_moved_says_why_and_stays_whole(regional: Regional) -> None:
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    do(case, "reply", "anna", regional, now=after(hours=2), wording="We are sorry")
    version = publish_next(NO_ANSWERING)
    for give, word in (({"reason": " "}, "why"), ({}, "answering")):
        with pytest.raises(CannotMigrate, match=word):
            migrate(case, version, **{"by": regional.mo, "now": after(hours=3), "reason": "x", **give})  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        migrate(case, version, by=regional.anna, now=after(hours=3), reason="x")
    assert not Event.objects.filter(act="migrate").exists()
    assert_refolds(case)


def test_a_case_that_is_over_or_there_already_is_not_moved(regional: Regional) -> None:
    case, over = file(), file()
    version = publish_next(LONGER)
    do(over, "withdraw", "complainant", regional, now=after(hours=1))
    migrate(case, version, by=regional.mo, now=after(hours=2), reason="x")
    for each, word in ((over, "ended"), (case, "already")):
        with pytest.raises(CannotMigrate, match=word):
            migrate(each, version, by=regional.mo, now=after(hours=3), reason="x")


def test_cases_stay_with_their_version_unless_the_new_one_says_otherwise(regional: Regional) -> None:
    case = file()
    publish_next(LONGER)
    tick(MARCH_3 + timedelta(hours=1))
    case.refresh_from_db()
    assert case.policy_version.version == "1.0.0"
    assert file(now=MARCH_3 + timedelta(hours=1)).policy_version.version == "1.1.0"


def test_when_a_version_that_says_migrate_comes_into_force_every_open_case_goes_over(regional: Regional) -> None:
    case, over = file(), file()
    do(over, "withdraw", "complainant", regional, now=after(hours=2))
    version = publish_next(MOVING, LONGER)
    tick(MARCH_3 - timedelta(seconds=1))
    case.refresh_from_db()
    assert case.policy_version.version == "1.0.0"
    for _ in range(2):
        tick(MARCH_3)
    case.refresh_from_db()
    over.refresh_from_db()
    assert (case.policy_version.version, over.policy_version.version) == ("1.1.0", "1.0.0")
    assert Event.objects.filter(act="migrate", case__in=[case, over]).count() == 1
    step = PolicyStep.objects.get(version=version, kind="migrated")
    assert step.data == {"cases": Event.objects.filter(act="migrate").count()}  # the periodic matters too
    told = Notice.objects.filter(case=case, kind="due-moved").values_list("person__username", flat=True)
    assert set(told) == {"anna", "ben"}
    assert verify_all()["problems"] == []


def test_a_case_without_a_place_in_the_new_version_stays_and_its_handler_is_told(regional: Regional) -> None:
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    do(case, "reply", "anna", regional, now=after(hours=2), wording="We are sorry")
    version = publish_next(MOVING, NO_ANSWERING)
    for hours in (0, 1):
        tick(MARCH_3 + timedelta(hours=hours))
    assert upgrades.open_elsewhere(version) == [case]
    assert not Outbox.objects.filter(kind="migrate", done_at=None).exists()
    told = Notice.objects.get(case=case, kind="rung-refused")
    assert (told.person, told.act) == (regional.anna, "migrate")
    assert tasks.run(now=MARCH_3 + timedelta(hours=2)) == 0
    assert_refolds(case)


def test_what_was_personal_stays_masked_under_a_version_that_does_not_know_the_field(regional: Regional) -> None:
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    do(case, "reply", "anna", regional, now=after(hours=2), wording="Call 138 0013 8000")
    migrate(case, publish_next(("wording", "phrase")), by=regional.mo, now=after(hours=3), reason="A better word")
    (wording,) = [
        each
        for entry in queries.timeline(access_case(regional.ai, case.reference))
        for each in entry.facts
        if each.field == "wording"
    ]
    assert (wording.is_masked, "8000" in wording.value) == (True, False)


def test_what_only_a_version_in_between_wrote_down_is_rebuilt(regional: Regional) -> None:
    silent = publish_next(('    records: {ledger: performance, person: at_fault, points: points, if: "proven"}\n', ""))
    case = file(now=MARCH_3 + timedelta(hours=10))
    assert case.policy_version == silent
    do(case, "accept", "anna", regional, now=MARCH_3 + timedelta(hours=11))
    telling = PolicyVersion.objects.get(policy=silent.policy, version="1.0.0")
    migrate(case, telling, by=regional.mo, now=MARCH_3 + timedelta(hours=12), reason="Points are kept after all")
    anna, now = regional.anna.key, MARCH_3 + timedelta(hours=13)
    do(case, "blame", "hans", regional, now=now, at_fault=anna, points=3, proven=True)
    migrate(case, silent, by=regional.mo, now=MARCH_3 + timedelta(hours=14), reason="They are not")
    assert verify_all()["problems"] == []
    rebuild_all()
    assert [row.points for row in LedgerEntry.objects.all()] == [3]


def test_the_log_says_in_which_role_a_case_was_moved(regional: Regional) -> None:
    case, owner = file(), regional.people["nobody"]
    Membership.objects.create(person=owner, role=POLICY_OWNER)
    migrate(case, publish_next(LONGER), by=owner, now=after(hours=2), reason="The new limit suits it")
    event = Event.objects.get(case=case, act="migrate")
    assert (event.actor, event.role) == (owner.key, POLICY_OWNER)
    entry = queries.timeline(access_case(regional.mo, case.reference))[-1]
    assert (entry.actor, entry.role["en"]) == ("Nobody", "Policy owner")
    assert [(each.field, each.value) for each in entry.facts] == [("reason", "The new limit suits it")]
    assert_refolds(case)
