"""The way of a version from draft to published: checked before it is approved, by somebody who wrote nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from builders import START, publish_policy, shipped_pack
from cast import POLICY, Cast
from ombud.checks import apart
from ombud.organisation import drafting, library, publishing
from ombud.organisation.drafting import Changed, DraftingError
from ombud.organisation.models import MANAGER, POLICY_OWNER, Membership, Person, PolicyStep, PolicyVersion
from ombud.policy import PackError, load_sources
from ombud.policy.starter import answered, starter_files

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 3)
NOW = START


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@cache
def starter() -> dict[str, str]:
    """Return the files of a small policy, which are checked in a moment."""
    return starter_files(answered("shop", lambda _question, default, take: take(default), today=TODAY), "en")


def with_text(old: str, new: str) -> dict[str, str]:
    files = dict(starter())
    assert old in files["pack.yaml"]
    return {**files, "pack.yaml": files["pack.yaml"].replace(old, new, 1)}


@pytest.fixture
def owner() -> Person:
    return hire("pan", POLICY_OWNER)


@pytest.fixture
def manager() -> Person:
    return hire("mo2", MANAGER)


def hire(name: str, *roles: str) -> Person:
    person = Person.objects.create(username=name, name=name.title())
    Membership.objects.bulk_create([Membership(person=person, role=role) for role in roles])
    return person


@pytest.fixture
def draft(owner: Person) -> PolicyVersion:
    return drafting.begin(starter(), by=owner, now=NOW)


@pytest.fixture
def checked(draft: PolicyVersion, owner: Person) -> PolicyVersion:
    assert drafting.submit(draft.pk, by=owner, now=NOW).errors == 0
    draft.refresh_from_db()
    return draft


def again(version: PolicyVersion) -> PolicyVersion:
    return PolicyVersion.objects.get(pk=version.pk)


def test_a_version_goes_from_draft_to_published_through_two_people(
    draft: PolicyVersion, owner: Person, manager: Person
) -> None:
    drafting.submit(draft.pk, by=owner, now=NOW)
    drafting.approve(draft.pk, by=manager, now=NOW)
    drafting.publish(draft.pk, effective=TODAY, by=owner, now=NOW)
    version = publishing.in_force("shop", now=NOW)
    assert version is not None
    assert version.pk == draft.pk
    assert library.pack(version.hash).version == "1.0.0"
    steps = drafting.steps_of(version)
    assert [(step.kind, step.person) for step in steps] == [
        ("drafted", owner),
        ("checked", owner),
        ("approved", manager),
        ("published", owner),
    ]
    assert steps[2].data["hash"] == steps[3].data["hash"] == version.hash


def test_a_published_version_changes_no_more(checked: PolicyVersion, owner: Person, manager: Person) -> None:
    drafting.approve(checked.pk, by=manager, now=NOW)
    drafting.publish(checked.pk, effective=TODAY, by=manager, now=NOW)
    with pytest.raises(DraftingError, match="Only a draft can be edited"):
        drafting.edit(checked.pk, with_text("within: 2 h", "within: 3 h"), seen=1, by=owner, now=NOW)
    with pytest.raises(DraftingError, match="taken back"):
        drafting.reopen(checked.pk, because="", by=owner, now=NOW)
    with pytest.raises(DraftingError, match="never published"):
        drafting.withdraw(checked.pk, because="", by=owner, now=NOW)


def test_whoever_wrote_a_version_does_not_approve_it(draft: PolicyVersion, owner: Person) -> None:
    both = hire("both", POLICY_OWNER, MANAGER)
    drafting.edit(draft.pk, with_text("within: 2 h", "within: 3 h"), seen=1, by=both, now=NOW)
    drafting.submit(draft.pk, by=owner, now=NOW)
    with pytest.raises(DraftingError, match="Two pairs of eyes"):
        drafting.approve(draft.pk, by=both, now=NOW)
    assert again(draft).status == "checked"


def test_each_step_is_for_its_own_people(checked: PolicyVersion, owner: Person, manager: Person) -> None:
    stranger = hire("stranger")
    with pytest.raises(DraftingError, match="Only a manager approves"):
        drafting.approve(checked.pk, by=owner, now=NOW)
    for person in (manager, stranger):
        with pytest.raises(DraftingError, match="Only the policy owner"):
            drafting.begin(with_text("version: 1.0.0", "version: 2.0.0"), by=person, now=NOW)
        with pytest.raises(DraftingError, match="Only the policy owner"):
            drafting.withdraw(checked.pk, because="", by=person, now=NOW)
    with pytest.raises(DraftingError, match="Only the policy owner or a manager"):
        drafting.reopen(checked.pk, because="", by=stranger, now=NOW)


def test_nothing_is_published_that_was_not_approved(draft: PolicyVersion, owner: Person) -> None:
    with pytest.raises(DraftingError, match="Only an approved version"):
        drafting.publish(draft.pk, effective=TODAY, by=owner, now=NOW)
    drafting.submit(draft.pk, by=owner, now=NOW)
    with pytest.raises(DraftingError, match="Only an approved version"):
        drafting.publish(draft.pk, effective=TODAY, by=owner, now=NOW)


def test_what_is_taken_back_must_be_checked_and_approved_anew(
    checked: PolicyVersion, owner: Person, manager: Person
) -> None:
    drafting.approve(checked.pk, by=manager, now=NOW)
    drafting.reopen(checked.pk, because="The limit is wrong", by=manager, now=NOW)
    version = again(checked)
    assert (version.status, version.approved_by, "base/pack.yaml" in version.sources) == ("draft", None, False)
    assert drafting.steps_of(version)[-1].note == "The limit is wrong"
    drafting.edit(checked.pk, with_text("within: 2 h", "within: 3 h"), seen=version.revision, by=owner, now=NOW)
    drafting.submit(checked.pk, by=owner, now=NOW)
    assert again(checked).hash != checked.hash


def test_errors_keep_a_draft_a_draft_and_the_report_is_kept(draft: PolicyVersion, owner: Person) -> None:
    more = with_text("\nclauses:\n", '\nclauses:\n  "9.9": {kind: duty, zh: 还有一条, en: One more}\n')
    drafting.edit(draft.pk, more, seen=1, by=owner, now=NOW)
    report = drafting.submit(draft.pk, by=owner, now=NOW)
    assert next(each.code for each in report.findings) == "uncovered-clause"
    version = again(draft)
    assert version.status == "draft"
    assert version.report.content["findings"][0]["code"] == "uncovered-clause"
    assert drafting.steps_of(version)[-1].data == {"errors": 1, "warnings": 0, "notes": 1}


def test_a_draft_that_cannot_be_read_is_kept_but_not_handed_in(draft: PolicyVersion, owner: Person) -> None:
    files = with_text("extends: base", "extends: nothing")
    drafting.edit(draft.pk, files, seen=1, by=owner, now=NOW)
    assert again(draft).sources["pack.yaml"] == files["pack.yaml"]
    with pytest.raises(PackError, match="nothing"):
        drafting.submit(draft.pk, by=owner, now=NOW)
    assert again(draft).status == "draft"


def test_warnings_are_answered_or_acknowledged_with_a_reason(
    draft: PolicyVersion, owner: Person, manager: Person
) -> None:
    silent = with_text("breach: [{at: 0, tell: boss}, {at: 1 workday, tell: management}]\n    title: {zh: 告知方案",
                       "breach: [{at: 0, tell: bearer}]\n    title: {zh: 告知方案")  # fmt: skip
    drafting.edit(draft.pk, silent, seen=1, by=owner, now=NOW)
    assert drafting.submit(draft.pk, by=owner, now=NOW).warnings == 1
    with pytest.raises(DraftingError, match="Warnings stand unanswered"):
        drafting.approve(draft.pk, by=manager, now=NOW)
    with pytest.raises(DraftingError, match="Say why"):
        drafting.acknowledge(draft.pk, because=" ", by=owner, now=NOW)
    drafting.acknowledge(draft.pk, because="We look at the list every evening", by=owner, now=NOW)
    assert drafting.pending_warnings(again(draft)) == 0
    drafting.approve(draft.pk, by=manager, now=NOW)
    assert again(draft).status == "approved"


def test_an_acknowledgement_holds_for_the_text_that_it_saw(draft: PolicyVersion, owner: Person) -> None:
    silent = with_text("breach: [{at: 0, tell: boss}, {at: 1 workday, tell: management}]\n    title: {zh: 告知方案",
                       "breach: [{at: 0, tell: bearer}]\n    title: {zh: 告知方案")  # fmt: skip
    drafting.edit(draft.pk, silent, seen=1, by=owner, now=NOW)
    drafting.submit(draft.pk, by=owner, now=NOW)
    drafting.acknowledge(draft.pk, because="We look at the list", by=owner, now=NOW)
    drafting.reopen(draft.pk, because="", by=owner, now=NOW)
    other = {**silent, "pack.yaml": silent["pack.yaml"].replace("within: 2 h", "within: 3 h", 1)}
    drafting.edit(draft.pk, other, seen=again(draft).revision, by=owner, now=NOW)
    drafting.submit(draft.pk, by=owner, now=NOW)
    assert drafting.pending_warnings(again(draft)) == 1


def test_two_people_who_edit_at_once_do_not_overwrite_each_other(draft: PolicyVersion, owner: Person) -> None:
    other = hire("other", POLICY_OWNER)
    drafting.edit(draft.pk, with_text("within: 2 h", "within: 3 h"), seen=1, by=owner, now=NOW)
    with pytest.raises(Changed):
        drafting.edit(draft.pk, with_text("within: 2 h", "within: 4 h"), seen=1, by=other, now=NOW)
    assert "within: 3 h" in again(draft).sources["pack.yaml"]


def test_a_draft_is_read_before_the_transaction_that_stores_it(
    draft: PolicyVersion, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes to read, nobody else's writing waits for it."""
    around, inside = len(connection.savepoint_ids), []
    read = apart.read_head

    def reading(*sources: Any, **how: Any) -> Any:
        inside.append(len(connection.savepoint_ids) - around)
        return read(*sources, **how)

    monkeypatch.setattr(apart, "read_head", reading)
    drafting.edit(draft.pk, with_text("within: 2 h", "within: 3 h"), seen=1, by=owner, now=NOW)
    assert inside == [0]


def test_saving_the_same_text_is_no_step(draft: PolicyVersion, owner: Person) -> None:
    drafting.edit(draft.pk, starter(), seen=1, by=owner, now=NOW)
    assert (again(draft).revision, len(drafting.steps_of(draft))) == (1, 1)


def test_number_and_title_of_a_draft_follow_its_text(draft: PolicyVersion, owner: Person) -> None:
    drafting.edit(draft.pk, with_text("version: 1.0.0", "version: 1.1.0"), seen=1, by=owner, now=NOW)
    assert again(draft).version == "1.1.0"
    with pytest.raises(DraftingError, match="stays with its policy shop"):
        drafting.edit(draft.pk, with_text("id: shop", "id: store"), seen=2, by=owner, now=NOW)


def test_a_number_is_used_once_until_its_draft_is_withdrawn(draft: PolicyVersion, owner: Person) -> None:
    with pytest.raises(DraftingError, match=r"version 1\.0\.0 already"):
        drafting.begin(starter(), by=owner, now=NOW)
    drafting.withdraw(draft.pk, because="Another way was chosen", by=owner, now=NOW)
    assert drafting.begin(starter(), by=owner, now=NOW).pk != draft.pk
    assert [step.kind for step in drafting.steps_of(draft)] == ["drafted", "withdrawn"]


def test_a_version_is_in_force_from_today_at_the_earliest(
    checked: PolicyVersion, owner: Person, manager: Person
) -> None:
    drafting.approve(checked.pk, by=manager, now=NOW)
    with pytest.raises(DraftingError, match="The day has passed"):
        drafting.publish(checked.pk, effective=TODAY - timedelta(days=1), by=owner, now=NOW)
    drafting.publish(checked.pk, effective=TODAY + timedelta(days=30), by=owner, now=NOW)
    assert publishing.in_force("shop", now=NOW) is None
    assert publishing.in_force("shop", now=NOW + timedelta(days=31)) is not None


@pytest.mark.parametrize("name", ["../pack.yaml", "letters/a.md", "run.py", "scenarios/a b.yaml", "letters/x.zh.md\n"])
def test_a_draft_holds_only_the_files_of_a_pack(draft: PolicyVersion, owner: Person, name: str) -> None:
    with pytest.raises(DraftingError, match="is no file of a policy"):
        drafting.edit(draft.pk, {**starter(), name: "x"}, seen=1, by=owner, now=NOW)


def test_setting_up_does_not_go_around_a_draft_that_waits_for_approval(checked: PolicyVersion) -> None:
    with pytest.raises(publishing.DraftInTheWay):
        publishing.publish(load_sources(starter()), now=NOW)
    with pytest.raises(publishing.DraftInTheWay):
        publishing.publish(load_sources(with_text("within: 2 h", "within: 3 h")), now=NOW)
    assert again(checked).status == "checked"


def test_setting_up_leaves_a_step_that_says_so() -> None:
    step = drafting.steps_of(publish_policy())[0]
    assert (step.kind, step.person, step.data["at_setup"]) == ("published", None, True)


def test_a_draft_is_neither_in_force_nor_checked_by_the_clock(cast: Cast, draft: PolicyVersion) -> None:
    from ombud.organisation import reports

    later = datetime(2027, 1, 1, tzinfo=UTC)
    assert [version.policy for version in publishing.policies_in_force(now=later)] == [POLICY]
    assert reports.make_missing(now=NOW) == 1
    assert reports.report_of(draft, now=NOW) is None


def test_steps_are_kept_by_the_model_and_by_the_database(draft: PolicyVersion) -> None:
    step = PolicyStep.objects.get()
    step.note = "something else"
    with pytest.raises(TypeError):
        step.save()
    with pytest.raises(TypeError):
        step.delete()
    for statement in (
        "UPDATE organisation_policystep SET note = 'something else'",
        "DELETE FROM organisation_policystep",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_draft_may_begin_from_a_published_version(owner: Person) -> None:
    publish_policy()
    sources = dict(shipped_pack().sources)
    sources["pack.yaml"] = sources["pack.yaml"].replace("version: 1.0.0", "version: 1.1.0", 1)
    draft = drafting.begin(sources, by=owner, now=NOW, origin=f"{POLICY} 1.0.0")
    assert "base/pack.yaml" not in draft.sources
    assert drafting.steps_of(draft)[0].data == {"origin": "customer-complaints 1.0.0"}
