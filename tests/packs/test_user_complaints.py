"""What the scenarios of user-complaints cannot say: what comes round by the calendar, the ledger, forms and letters."""

from __future__ import annotations

import pytest

from ombud.engine.scenario.run import Story
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack, Scenario
from ombud.worktime import Mode, Unit
from shipped_packs import pack_of


def policy() -> Pack:
    return pack_of("user-complaints")


def acts() -> list[Act]:
    return [act for procedure in policy().procedures.values() for act in procedure.acts.values()]


def scenario(name: str) -> Scenario:
    return next(each for each in policy().scenarios if each.name == name)


def test_the_social_media_are_looked_at_twice_every_working_day() -> None:
    looks = [each for each in policy().periodic.values() if each.procedure == "social_watch"]
    assert [(each.every, each.on) for each in looks] == [("workday", "10:00"), ("workday", "16:00")]
    assert {each.calendar for each in looks} == {"office"}
    assert {each.bearer for each in looks} == {"agent"}


@pytest.mark.parametrize(
    ("id", "every", "clauses"),
    [("quarterly_review", "quarter", ("7.1.1", "7.1.2")), ("survey", "half-year", ("7.2.1",))],
)
def test_review_and_survey_come_round_by_the_calendar(id: str, every: str, clauses: tuple[str, ...]) -> None:
    found = policy().periodic[id]
    assert (found.every, found.on, found.cite) == (every, "last workday", clauses)


def test_only_e_mail_counts_its_hours_day_and_night() -> None:
    for duty in policy().main.duties.values():
        if duty.limit.unit in (Unit.MINUTE, Unit.HOUR):
            assert (duty.limit.mode is Mode.CLOCK) == (duty.id == "answer_email"), duty.id


def test_the_follow_up_goes_into_the_performance_record_of_whoever_solved_it() -> None:
    recording = {act.id: act.records for act in acts() if act.records}
    assert set(recording) == {"follow_up"}
    entry = recording["follow_up"]
    assert (entry.ledger, entry.person, entry.points) == ("performance", "solved_by", "performance_points")


@pytest.mark.parametrize(
    ("name", "is_opened"),
    [
        ("quarterly review and analysis, every step at the last second", False),
        ("the review is sent back; then it finds that the policy needs a revision", True),
    ],
)
def test_a_revision_begins_where_the_review_finds_it_needed(name: str, is_opened: bool) -> None:
    opening = policy().procedures["quarterly_review"].acts["accept_review"].opens
    assert opening is not None
    assert opening.procedure == "revision"
    assert opening.where is not None
    assert opening.where.holds(Story(policy(), scenario(name).story).state) is is_opened


def test_running_cases_stay_on_the_version_that_they_began_under() -> None:
    assert policy().on_upgrade == "pin"


def test_the_user_reads_the_reason_why_there_is_no_further_handling() -> None:
    assert all("{{ end_reason }}" in letter for letter in policy().documents["ending"].templates.values())


def test_the_first_analysis_is_not_shown_to_the_user() -> None:
    assert not any(policy().main.acts[id].is_public for id in ("analyse", "reroute", "regrade"))


def test_every_duty_warns_before_it_is_due_and_tells_somebody_above() -> None:
    for procedure in policy().procedures.values():
        for duty in procedure.duties.values():
            assert duty.breach[0].is_before, f"{duty.id} warns before"
            told_at_breach = {who for rung in duty.breach if not rung.is_before for who in rung.tell}
            assert told_at_breach & {"boss", "supervisor"}, f"{duty.id} tells somebody above"


def test_the_portal_form_has_three_short_steps_of_fields_that_filing_takes() -> None:
    receive = policy().main.acts["receive"]
    web = policy().channels["web"]
    assert web.is_portal
    assert len(web.form) == 3
    assert all(len({*step.fields} - {"mandate"}) <= 5 for step in web.form)
    assert {name for step in web.form for name in step.fields} <= {*receive.needs, *receive.may}


def test_what_must_be_recorded_is_asked_for_when_it_is_registered() -> None:
    register = policy().main.acts["register"]
    asked = {*register.needs, *register.may}
    assert {"name", "narrative", "occurred_on", "phone", "email", "account"} <= asked
    assert "subject" in policy().main.acts["receive"].needs


@pytest.mark.parametrize("table", ["first_department", "performance_points"])
def test_no_act_takes_what_a_table_decides(table: str) -> None:
    assert not any(table in {*act.needs, *act.may} for act in acts())
