"""Who there is and what is published: versions with their sources for ever, editions, rosters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from builders import START, publish_policy, shipped_pack
from cast import POLICY, Cast
from ombud.checks import Report, apart, packed, with_staff
from ombud.organisation import editions, library, publishing, reports
from ombud.organisation.models import CalendarEdition, Department, Membership, PolicyVersion
from ombud.organisation.publishing import VersionTaken
from ombud.organisation.staff import Roster
from ombud.policy import load, load_sources
from ombud.worktime import Edition, announce
from shipped_packs import report_of

pytestmark = pytest.mark.django_db


def test_a_published_version_is_loaded_again_from_what_is_stored() -> None:
    version = publish_policy()
    library.pack.cache_clear()
    again = library.pack(version.hash)
    assert again is not shipped_pack()
    assert again.hash == shipped_pack().hash
    assert {row.key for row in Department.objects.filter(is_service=True)} == {"service"}


def test_publishing_the_same_text_again_changes_nothing() -> None:
    assert publish_policy() == publish_policy()
    assert (PolicyVersion.objects.count(), CalendarEdition.objects.count()) == (1, 1)


def changed(old: str, new: str) -> dict[str, str]:
    sources = dict(shipped_pack().sources)
    file = next(name for name, text in sources.items() if old in text and "customer-complaints" in text)
    return {**sources, file: sources[file].replace(old, new, 1)}


def test_a_department_that_a_new_version_calls_otherwise_keeps_its_row() -> None:
    publish_policy()
    before = {row.key: row.pk for row in Department.objects.filter(policy=POLICY)}
    pack = shipped_pack()
    renamed = replace(pack.departments["quality"], title={"en": "Care", "zh-Hans": "关怀"})
    publishing.sync_departments(replace(pack, departments={**pack.departments, "quality": renamed}))
    after = Department.objects.filter(policy=POLICY)
    assert {row.key: row.pk for row in after} == before
    assert after.get(key="quality").name == {"en": "Care", "zh-Hans": "关怀"}


def test_another_text_under_the_same_number_is_refused() -> None:
    publish_policy()
    other = load_sources(changed("en: New}", "en: Newly arrived}"))
    with pytest.raises(VersionTaken):
        publishing.publish(other, now=START)


def test_a_version_is_in_force_from_its_day_on_and_the_latest_wins() -> None:
    publish_policy()
    sources = changed("version: 1.0.0", "version: 1.1.0")
    file = next(name for name, text in sources.items() if "version: 1.1.0" in text)
    sources[file] = sources[file].replace("effective: 2026-01-01", "effective: 2026-06-01", 1)
    publishing.publish(load_sources(sources), now=START)
    assert publishing.in_force(POLICY, now=datetime(2025, 12, 31, tzinfo=UTC)) is None
    before = publishing.in_force(POLICY, now=datetime(2026, 5, 31, 15, 0, tzinfo=UTC))
    after = publishing.in_force(POLICY, now=datetime(2026, 5, 31, 16, 0, tzinfo=UTC))  # midnight in Shanghai
    assert before is not None
    assert after is not None
    assert (before.version, after.version) == ("1.0.0", "1.1.0")
    assert [row.version for row in publishing.policies_in_force(now=START)] == ["1.0.0"]


def test_an_announcement_makes_a_new_edition_and_the_old_one_stays() -> None:
    publish_policy()
    old = editions.current()
    assert old is not None
    notice = announce(2027, "invented", [("new_year", date(2027, 1, 1), date(2027, 1, 3))], [])
    new = editions.announce(notice, now=START)
    assert editions.current() == new
    assert new != old
    assert editions.read(old.edition).announced_years()[-1] == 2026
    assert editions.read(new.edition).announced_years()[-1] == 2027
    assert editions.announce(notice, now=START) == new


def test_a_year_turns_once() -> None:
    publish_policy()
    assert editions.turn_year(now=START) is None
    assert editions.turn_year(now=datetime(2027, 1, 2, tzinfo=UTC)) is not None
    assert editions.turn_year(now=datetime(2027, 1, 3, tzinfo=UTC)) is None


def test_prayer_times_are_stored_with_the_edition_and_kept_when_the_year_turns() -> None:
    pack = load(Path(__file__).parents[1] / "policy" / "packs" / "linked")
    prayers = pack.calendars["gulf"].prayers
    assert prayers is not None
    row = editions.cover(pack, now=START)
    editions.read.cache_clear()
    stored = editions.read(row.edition)
    assert [place for place, _ in stored.frozen_prayers] == [prayers.place]
    assert editions.cover(pack, now=START) == row
    turned = editions.turn_year(now=datetime(stored.year + 1, 1, 2, tzinfo=UTC))
    assert turned is not None
    known, later = stored.prayers(prayers), editions.read(turned.edition).prayers(prayers)
    assert {year: later[year] for year in known} == known
    assert set(later) - set(known) == {stored.last_year + 1}


def test_an_edition_that_was_changed_in_the_database_is_not_used() -> None:
    from ombud.worktime import EditionError

    publish_policy()
    row = CalendarEdition.objects.get()
    CalendarEdition.objects.update(baked=row.baked.replace("2026-10-01", "2026-10-09", 1))
    editions.read.cache_clear()
    with pytest.raises(EditionError):
        editions.read(row.edition)
    editions.read.cache_clear()


def test_a_roster_knows_who_holds_a_role_where(cast: Cast) -> None:
    roster = Roster(POLICY)
    assert roster.holders("contact", "quality", None) == {cast.chen.key}
    assert roster.holders("contact", "logistics", None) == {cast.deng.key}
    assert roster.holders("contact", "legal", None) == frozenset()
    assert roster.holders("management", None, None) == {cast.gao.key}


def test_an_empty_role_falls_to_its_boss_upward(cast: Cast) -> None:
    pack = shipped_pack()
    assert Roster(POLICY).effective(pack, "contact", "quality", None)[2] == {cast.chen.key}
    assert Roster(POLICY).effective(pack, "contact", "legal", None) == ("management", None, {cast.gao.key})
    cast.chen.is_active = False
    cast.chen.save()
    assert Roster(POLICY).effective(pack, "contact", "quality", None)[0] == "head"


def test_a_membership_is_held_once(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(person=cast.gao, policy=POLICY, role="management")


def test_the_readers_zone_does_not_decide_which_version_is_in_force(cast: Cast) -> None:
    late = datetime(2025, 12, 31, 15, 59, tzinfo=UTC)  # a minute before 2026 in Shanghai, where the policy begins
    with timezone.override(ZoneInfo("Pacific/Kiritimati")):  # where 2026 has begun
        assert publishing.in_force(POLICY, now=late) is None
    with timezone.override(ZoneInfo("America/New_York")):  # where 2026 is hours away
        assert publishing.in_force(POLICY, now=late + timedelta(minutes=1)) is not None


@pytest.mark.slow
def test_the_clock_checks_a_version_once_and_the_report_is_kept(cast: Cast) -> None:
    version = PolicyVersion.objects.get()
    assert reports.report_of(version, now=START) is None
    assert reports.make_missing(now=START) == 1
    assert reports.make_missing(now=START) == 0
    report = reports.report_of(version, now=START)
    assert report is not None
    # The cast has no head of customer service, so management stands in for the first stage and cannot give the second.
    without_people = report_of(POLICY).findings
    assert [each.code for each in report.findings if each not in without_people] == ["four-eyes-unsatisfiable"]
    assert report == with_staff(report_of(POLICY), shipped_pack(), Roster(POLICY), int(START.timestamp()))


def test_checks_that_were_ended_are_told_and_made_again_after_a_while(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = PolicyVersion.objects.get()
    monkeypatch.setattr(reports, "_KNOWN", {})
    with monkeypatch.context() as scarce:
        scarce.setattr(apart, "BYTES", 2**20)
        assert reports.make_missing(now=START) == 1
    report = reports.report_of(version, now=START)
    assert report is not None
    assert [each.code for each in report.findings] == ["endless-check"]
    assert reports.make_missing(now=START + timedelta(minutes=59)) == 0
    later = START + timedelta(hours=1)
    monkeypatch.setitem(reports._KNOWN, version.hash, packed(Report(policy=POLICY, version="1.0.0", findings=())))
    assert reports.make_missing(now=later) == 1
    report = reports.report_of(version, now=later)
    assert report is not None
    assert "endless-check" not in [each.code for each in report.findings]
    assert reports.make_missing(now=later + timedelta(days=1)) == 0


def test_a_version_whose_checks_fail_does_not_hold_up_the_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first = PolicyVersion.objects.get()
    other = PolicyVersion.objects.create(
        policy="x", version="1", hash="0" * 64, sources={}, effective_on=date(2026, 1, 1), status="published"
    )
    monkeypatch.setattr(reports, "_KNOWN", {other.hash: packed(Report(policy="x", version="1", findings=()))})

    def fail(*args: object, **kwargs: object) -> None:
        raise apart.Failed

    monkeypatch.setattr(apart, "check_whole", fail)
    assert reports.make_missing(now=START) == 2
    assert reports.report_of(first, now=START) is None
    assert reports.report_of(other, now=START) is not None
    assert reports.make_missing(now=START + timedelta(minutes=1)) == 0
    assert reports.make_missing(now=START + timedelta(hours=1)) == 1


WRONG = announce(2026, "typed for the wrong year", [("new_year", date(2026, 1, 1), date(2026, 1, 3))], [])


def test_an_announcement_is_taken_back_by_another_edition_and_what_held_before_holds_again() -> None:
    publish_policy()
    first = editions.current()
    assert first is not None
    wrong = editions.announce(WRONG, now=START)
    assert editions.can_undo(wrong)
    undone = editions.enter(editions.propose_undo(wrong), now=START)
    assert editions.current() == undone
    assert undone.undoes == wrong
    assert undone.moves_dues
    assert editions.read(undone.edition).days("CN") == editions.read(first.edition).days("CN")
    assert not editions.can_undo(wrong)
    assert not editions.can_undo(first)
    assert CalendarEdition.objects.count() == 3


def test_taking_an_announcement_back_keeps_what_came_after_it() -> None:
    publish_policy()
    notice = announce(2027, "invented", [("new_year", date(2027, 1, 1), date(2027, 1, 3))], [])
    wrong = editions.announce(WRONG, now=START)
    editions.announce(notice, now=START)
    undone = editions.read(editions.enter(editions.propose_undo(wrong), now=START).edition)
    assert undone.announcement("CN", 2027) == notice
    assert undone.announcement("CN", 2026) == Edition.shipped().announcement("CN", 2026)


def test_an_announcement_that_was_replaced_cannot_be_taken_back_under_the_later_one() -> None:
    publish_policy()
    wrong = editions.announce(WRONG, now=START)
    editions.announce(replace(WRONG, source="its correction"), now=START)
    with pytest.raises(LookupError):
        editions.propose_undo(wrong)


def test_what_is_entered_again_after_it_was_replaced_holds_again() -> None:
    publish_policy()
    right = Edition.shipped().announcement("CN", 2026)
    assert right is not None
    editions.announce(WRONG, now=START)
    again = editions.announce(right, now=START)
    assert editions.current() == again
    assert editions.read(again.edition).announcement("CN", 2026) == right


def test_nothing_is_entered_that_nobody_has_seen() -> None:
    publish_policy()
    proposal = editions.propose(WRONG)
    editions.announce(replace(WRONG, source="somebody else's"), now=START)
    with pytest.raises(LookupError):
        editions.enter(proposal, now=START)
