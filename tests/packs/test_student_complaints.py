"""What the scenarios of student-complaints cannot say: its ways in, letters, forms, ladders and who sees what."""

from __future__ import annotations

import pytest

from ombud.engine import replay_story
from ombud.policy.model.pack import Pack
from shipped_packs import pack_of, report_of


def policy() -> Pack:
    return pack_of("student-complaints")


def test_every_duty_of_ours_warns_before_it_is_due_and_tells_somebody_above_at_the_breach() -> None:
    for procedure in policy().procedures.values():
        for duty in procedure.duties.values():
            if duty.bearer.name == "complainant":
                assert duty.breach[-1].act, f"{duty.id} is an outsider's: its ladder ends in an act"
                continue
            assert duty.breach[0].is_before, f"{duty.id} warns before"
            told_at_breach = {who for rung in duty.breach if not rung.is_before for who in rung.tell}
            assert "boss" in told_at_breach, f"{duty.id} tells somebody above"


@pytest.mark.parametrize("channel", ["app", "wechat"])
def test_the_portal_form_has_three_short_steps_of_fields_that_filing_takes(channel: str) -> None:
    receive = policy().main.acts["receive"]
    found = policy().channels[channel]
    assert found.is_portal
    assert len(found.form) == 3
    assert all(len({*step.fields} - {"mandate"}) <= 5 for step in found.form)
    assert {name for step in found.form for name in step.fields} <= {*receive.needs, *receive.may}


@pytest.mark.parametrize("channel", ["app", "wechat"])
def test_what_registration_needs_of_the_student_is_asked_for_in_the_form(channel: str) -> None:
    asked = {name for step in policy().channels[channel].form for name in step.fields}
    judged = {"attention", "safety"}  # by student service, at registration
    assert set(policy().main.acts["register"].needs) - judged <= asked


def test_every_way_in_says_how_to_use_it_and_how_fast_it_is_answered() -> None:
    for channel in policy().channels.values():
        assert "4.5" in channel.cite
        assert "（" in channel.title["zh"]
        assert "(" in channel.title["en"]


def test_the_hotline_is_staffed_from_nine_to_nine_on_every_day_and_voicemail_takes_what_comes_between() -> None:
    service = policy().calendars["service"]
    assert policy().channels["hotline"].hours == "service"
    assert set(service.week) == {((9 * 60, 21 * 60),)}
    assert policy().channels["voicemail"].hours == "always"


@pytest.mark.parametrize("letter", ["acknowledgement", "proposal", "second_complaint_route", "closing"])
def test_the_contact_for_a_second_complaint_stands_in_the_letter(letter: str) -> None:
    for template in policy().documents[letter].templates.values():
        assert "{{ second_contact }}" in template
        assert "{{ reach(email) }}" in template  # as the organisation says, no address of ours


def test_the_acknowledgement_holds_number_process_and_time_limits() -> None:
    for template in policy().documents["acknowledgement"].templates.values():
        assert "{{ reference }}" in template
        assert "{{ due(route) }}" in template


def test_both_first_answers_write_down_the_same_contact() -> None:
    acts = policy().main.acts
    told = [setting.value for act in ("acknowledge", "communicate") for setting in acts[act].sets]
    assert len(told) == 2
    assert told[0] == told[1]


def test_the_suggestion_box_is_opened_at_five_on_every_day() -> None:
    box = policy().periodic["suggestion_box"]
    assert (box.every, box.on, box.calendar) == ("day", "17:00", "service")


@pytest.mark.parametrize(("periodic", "every"), [("monthly_summary", "month"), ("quarterly_improvement", "quarter")])
def test_summary_and_improvements_begin_on_the_first_working_day(periodic: str, every: str) -> None:
    found = policy().periodic[periodic]
    assert (found.every, found.on, found.calendar) == (every, "first workday", "office")


def test_every_measure_becomes_a_rectification_that_reports_back() -> None:
    opens = policy().procedures["quarterly_improvement"].acts["add_measure"].opens
    assert opens is not None
    assert (opens.procedure, opens.then) == ("rectification", "measure_accepted")
    begin = policy().procedures["rectification"].acts["begin_rectification"]
    assert set(opens.copies) == {*begin.needs, "cause"}  # a quarter may have none that measures answer
    assert "cause" in begin.may


@pytest.mark.slow
def test_what_another_case_or_the_calendar_begins_is_not_reported_as_unreachable() -> None:
    assert [each for each in report_of("student-complaints").findings if each.code in ("unreachable", "dead-end")] == []


@pytest.mark.parametrize("kept", ["case", "evidence"])
def test_files_and_evidence_are_kept_for_three_years(kept: str) -> None:
    keep = policy().retention[kept].keep
    assert (keep.length, keep.unit) == (3, "year")


@pytest.mark.parametrize("role", ["management", "receiver"])
def test_who_does_not_handle_the_case_sees_personal_data_masked(role: str) -> None:
    assert role not in policy().access.unmasked


@pytest.mark.parametrize("field", ["name", "phone", "narrative", "demand", "evidence", "staff_involved"])
def test_data_of_students_and_of_staff_is_personal(field: str) -> None:
    assert policy().fields[field].is_personal


@pytest.mark.parametrize("table", ["arrival", "category", "responsible_department", "severity"])
def test_no_act_takes_what_a_table_decides(table: str) -> None:
    for procedure in policy().procedures.values():
        for act in procedure.acts.values():
            assert table not in {*act.needs, *act.may}


def test_every_aspect_belongs_to_one_category() -> None:
    decide = policy().tables["category"].decide
    assert all(decide({"aspect": aspect}) for aspect in policy().fields["aspect"].of)


def test_staff_do_not_withdraw_a_complaint_for_its_student() -> None:
    log = [
        {
            "at": "2026-03-03T09:00+08:00",
            "act": "receive",
            "by": "complainant",
            "data": {"channel": "app", "subject": "s"},
        },
        {"at": "2026-03-03T12:00+08:00", "act": "withdraw", "by": "officer", "data": {}},
    ]
    told = replay_story(pack_of("student-complaints"), {"log": log})
    assert [(each["act"], each["reasons"][0]["code"]) for each in told["refused"]] == [("withdraw", "role")]
    assert told["phase"] == "received"
