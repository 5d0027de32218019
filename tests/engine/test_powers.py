"""Powers over duties: extending, waiving and transferring, at once or once approved; what a stage brings."""

from __future__ import annotations

import pytest

from engine.telling import Case, at, branches, words
from ombud.engine import Actor, DutyView, available_acts, explain_duty
from ombud.policy.model.duties import Bearer

BERLIN = {"role": "front", "office": "berlin"}
WORKER = {"role": "worker", "person": "li"}


def at_work(*changes: tuple[str, str], **data: object) -> Case:
    """Return a case of no office with the sales: `look` due Friday 6 March 18:00, `fix` Tuesday 10 March 18:00."""
    told = branches(*changes).do("receive", "03-03 09:00", "customer", **data)
    return told.do("route", "03-03 10:00", "chief", place="sales")


def view(told: Case, duty: str) -> DutyView:
    return next(each for each in told.state.duties() if each.duty == duty)


# Extending


def test_an_extension_moves_the_due_time_to_the_close_of_its_date() -> None:
    told = at_work().do("prolong", "03-04 10:00", "chief", new_date="2026-03-10", reason="x")
    assert told.duty("look") == ("open", "03-10 18:00")
    assert view(told, "look").revision == 2
    assert told.duty("fix") == ("open", "03-10 18:00")  # its own


def test_an_extension_on_the_offices_calendar_ends_with_its_day_there() -> None:
    told = branches().do("receive", "03-03 09:00", BERLIN).do("route", "03-03 10:00", BERLIN, place="sales")
    told.do("prolong", "03-04 10:00", "chief", new_date="2026-03-10", reason="x")
    assert told.duty("look") == ("open", "03-11 00:00")  # 17:00 in Berlin


def test_an_extension_may_not_be_earlier_than_due() -> None:
    told = at_work()
    assert told.refused("prolong", "03-04 10:00", "chief", new_date="2026-03-05", reason="x") == ["extend"]
    told.do("prolong", "03-04 10:00", "chief", new_date="2026-03-06", reason="x")  # the very day is no harm
    assert told.duty("look") == ("open", "03-06 18:00")


def test_an_extension_comes_too_late_once_due_has_passed() -> None:
    told = at_work()
    assert told.refused("prolong", "03-06 18:00:01", "chief", new_date="2026-03-10", reason="x") == ["extend"]
    told.do("prolong", "03-06 18:00", "chief", new_date="2026-03-10", reason="x")
    assert told.duty("look") == ("open", "03-10 18:00")


def test_what_nobody_owes_cannot_be_extended() -> None:
    told = at_work().do("look", "03-03 11:00", WORKER)
    assert told.refused("prolong", "03-04 10:00", "chief", new_date="2026-03-10", reason="x") == ["extend"]


def test_of_several_duties_those_still_open_are_extended_to_an_instant() -> None:
    told = at_work().do("look", "03-03 11:00", WORKER)
    told.do("prolong_both", "03-04 10:00", "chief", later="2026-03-11T12:00+08:00", reason="x")
    assert told.duty("fix") == ("open", "03-11 12:00")
    assert told.duty("look")[0] == "met"


def test_the_new_date_and_the_reason_are_said_anew_each_time() -> None:
    told = at_work().do("prolong", "03-04 10:00", "chief", new_date="2026-03-10", reason="x")
    assert told.refused("prolong", "03-05 10:00", "chief") == ["needs", "needs"]


def test_an_extended_duty_warns_again_and_is_breached_at_its_new_time() -> None:
    told = at_work().do("prolong", "03-04 10:00", "chief", new_date="2026-03-10", reason="x").wait("03-12 00:00")
    assert told.rungs("look") == [("03-10 18:00", 0), ("03-11 18:00", 1)]
    assert words(view(told, "look").breached_at) == "03-10 18:00"


def test_an_extension_outlasts_regrading_but_not_a_longer_limit() -> None:
    told = at_work().do("prolong_both", "03-04 10:00", "chief", later="2026-03-10T20:00+08:00", reason="x")
    told.do("regrade", "03-04 11:00", "chief", loss="20000")  # the limit would now end on the 4th
    assert told.duty("fix") == ("open", "03-10 20:00")
    told = at_work(loss="20000")  # due on Wednesday 4 March
    told.do("prolong_both", "03-04 10:00", "chief", later="2026-03-07T12:00+08:00", reason="x")
    told.do("regrade", "03-04 11:00", "chief", loss="1")
    assert told.duty("fix") == ("open", "03-10 18:00")


def test_an_extended_duty_still_pauses_and_is_not_overdue_when_it_resumes() -> None:
    told = at_work().do("prolong", "03-04 10:00", "chief", new_date="2026-03-10", reason="x")
    told.do("ask", "03-05 10:00", WORKER).do("supply", "03-06 10:00", "customer")
    assert told.duty("look") == ("open", "03-10 18:00")  # one workday's pause ends on Monday the 9th, before that date
    told.do("ask", "03-09 10:00", WORKER)
    assert told.duty("look") == ("paused", None)
    told.do("supply", "03-16 10:00", "customer")  # 9 and one day, and then five more: Monday 16 March
    assert told.duty("look") == ("open", "03-16 18:00")


def test_what_fell_due_by_its_extension_in_a_pause_falls_due_when_the_pause_ends() -> None:
    told = at_work().do("prolong", "03-04 10:00", "chief", new_date="2026-03-20", reason="x")
    told.do("ask", "03-19 10:00", WORKER).do("supply", "03-24 10:00", "customer")
    # The three days themselves ended before the pause began, so nothing but the extension can end in it.
    assert told.duty("look") == ("open", "03-24 10:00")
    assert view(told, "look").breached_at is None


def test_an_observed_extension_after_due_keeps_the_breach() -> None:
    told = branches()
    told.mode = "observe"
    told.do("receive", "03-03 09:00", "customer").do("route", "03-03 10:00", "chief", place="sales")
    outcome = told.submit("prolong", "03-09 10:00", "chief", new_date="2026-03-12", reason="x")
    assert [each.code for each in outcome.deviations] == ["extend"]
    look = view(told, "look")
    assert (words(look.due_at), words(look.breached_at)) == ("03-12 18:00", "03-06 18:00")


def test_an_explanation_tells_of_the_extension() -> None:
    told = at_work().do("prolong", "03-04 10:00", "chief", new_date="2026-03-10", reason="x")
    lines = explain_duty(told.state, "look", 1)
    assert "Extended by “New date” to 2026-03-10 18:00." in [line["en"] for line in lines]
    assert any("延期至2026-03-10 18:00" in line["zh"] for line in lines)


def test_an_offer_is_not_blocked_by_the_date_of_an_earlier_extension() -> None:
    told = at_work().do("prolong", "03-04 10:00", "chief", new_date="2026-03-10", reason="x")
    told.do("prolong_both", "03-04 11:00", "chief", later="2026-03-12T12:00+08:00", reason="x")

    def blocked(now: str) -> dict[str, list[str]]:
        found = available_acts(told.state, Actor(person="chief", role="chief"), at(now))
        return {offer.act: [each.code for each in offer.blocked] for offer in found}

    assert blocked("03-05 10:00")["prolong"] == []
    assert blocked("03-12 12:01")["prolong"] == ["extend"]


CAP = ("affects: {extend: look, to: new_date}", "affects: {extend: look, to: new_date, at_most: 5 workdays}")


def test_extensions_together_reach_no_further_than_their_cap() -> None:
    told = at_work(CAP)  # `look` is due on Friday 6 March, five working days after which is Friday 13 March
    assert told.refused("prolong", "03-04 10:00", "chief", new_date="2026-03-14", reason="x") == ["extend"]
    told.do("prolong", "03-04 10:00", "chief", new_date="2026-03-11", reason="x")
    assert told.refused("prolong", "03-05 10:00", "chief", new_date="2026-03-16", reason="x") == ["extend"]
    told.do("prolong", "03-05 10:00", "chief", new_date="2026-03-13", reason="x")
    assert told.duty("look") == ("open", "03-13 18:00")
    outcome = told.submit("prolong", "03-06 10:00", "chief", new_date="2026-03-31", reason="x")
    assert outcome.refused[0].message == {
        "en": "“Look” may be extended by 5 working days in all, that is until 2026-03-13 18:00 at the latest. "
        "Choose an earlier date in “New date”.",
        "zh": "“Look”总共最多延长5个工作日，即不晚于2026-03-13 18:00，请在“New date”中选择更早的日期。",
    }
    assert outcome.refused[0].field == "new_date"


def test_a_cap_moves_with_the_pauses_of_the_duty() -> None:
    told = at_work(CAP).do("ask", "03-05 10:00", WORKER).do("supply", "03-09 10:00", "customer")
    assert told.duty("look") == ("open", "03-10 18:00")  # Friday and Monday did not count
    assert told.refused("prolong", "03-09 11:00", "chief", new_date="2026-03-18", reason="x") == ["extend"]
    told.do("prolong", "03-09 11:00", "chief", new_date="2026-03-17", reason="x")


def test_while_a_pause_runs_the_cap_is_counted_as_if_it_ended_now() -> None:
    told = at_work(CAP).do("ask", "03-05 10:00", WORKER)
    assert told.refused("prolong", "03-09 11:00", "chief", new_date="2026-03-18", reason="x") == ["extend"]
    told.do("prolong", "03-09 11:00", "chief", new_date="2026-03-17", reason="x")


def test_a_cap_in_hours_is_counted_as_the_duty_is() -> None:
    hours = ("do: look, within: 3 workdays", "do: look, within: 4 working hours")
    cap = ("affects: [{extend: look, to: later}", "affects: [{extend: look, to: later, at_most: 2 h}")
    told = at_work(hours, cap)  # routed at 10:00, due at 14:00
    late = {"later": "2026-03-03T17:00+08:00", "reason": "x"}
    assert told.refused("prolong_both", "03-03 11:00", "chief", **late) == ["extend", "extend"]  # `fix` is later still
    elapsed = at_work((hours[0], "do: look, within: 7 working hours"), cap)  # due at 17:00; two open hours end next day
    outcome = elapsed.submit("prolong_both", "03-03 11:00", "chief", later="2026-03-04T10:01+08:00", reason="x")
    assert "until 2026-03-04 10:00" in outcome.refused[0].message["en"]


def test_an_extension_is_judged_by_its_cap_when_it_is_approved_too() -> None:
    told = at_work(
        ("affects: {extend: fix, to: new_date}", "affects: {extend: fix, to: new_date, at_most: 5 workdays}")
    )
    told.do("request", "03-03 11:00", WORKER, new_date="2026-03-17", reason="x")  # due on the 10th: just five more
    told.do("regrade", "03-03 12:00", "chief", loss="20000")  # due on the 4th from now on
    assert told.refused("longer.approve", "03-03 13:00", "chief") == ["extend"]


def test_an_observed_extension_beyond_its_cap_is_a_deviation() -> None:
    told = at_work(CAP)
    told.mode = "observe"
    outcome = told.submit("prolong", "03-04 10:00", "chief", new_date="2026-04-14", reason="x")
    assert [each.code for each in outcome.deviations] == ["extend"]
    assert told.duty("look") == ("open", "04-14 18:00")


# Waiving and transferring


def test_a_waived_duty_is_owed_no_longer() -> None:
    told = at_work().do("spare", "03-04 10:00", "chief", reason="x").wait("03-20 00:00")
    assert told.duty("look") == ("waived", "03-06 18:00")
    assert told.rungs("look") == []
    assert view(told, "look").done_at is None


def test_waiving_what_is_overdue_keeps_the_breach() -> None:
    told = at_work().do("spare", "03-09 10:00", "chief", reason="x")
    assert (told.duty("look")[0], words(view(told, "look").breached_at)) == ("waived", "03-06 18:00")


def test_a_transferred_instance_is_anothers_from_then_on() -> None:
    told = at_work().do("hand_on", "03-04 10:00", "chief", helper="wang", reason="x")
    assert view(told, "look").bearer == Bearer(kind="person", name="wang")
    assert view(told, "fix").bearer == Bearer(kind="role", name="worker")
    told.do("assign", "03-04 11:00", "chief", helper="zhao")  # the field moves on, what was transferred does not
    assert view(told, "look").bearer.name == "wang"
    told.do("look", "03-04 12:00", WORKER).do("route", "03-04 13:00", "chief", place="sales")
    assert [each.bearer.name for each in told.state.duties() if each.duty == "look"] == ["wang", "handler"]


def test_a_transfer_to_a_department_counts_on_its_calendar_and_is_told() -> None:
    told = at_work().do("pass_on", "03-04 10:00", "chief", place="lab", reason="x")
    assert view(told, "fix").bearer == Bearer(kind="department", name="lab")
    assert told.duty("fix") == ("open", "03-09 20:00")  # 4, 5, 6, 7 and 9 March
    assert told.refold().duties() == told.state.duties()


# Behind an approval


def requested() -> Case:
    """Return a case whose `fix`, due on 10 March 18:00, shall be extended to the 12th."""
    return at_work().do("request", "03-04 10:00", WORKER, new_date="2026-03-12", reason="x")


def test_a_requested_extension_takes_effect_on_approval() -> None:
    told = requested()
    assert told.duty("fix") == ("open", "03-10 18:00")
    told.do("longer.approve", "03-05 10:00", "chief")
    assert told.duty("fix") == ("open", "03-12 18:00")


def test_a_rejected_extension_changes_nothing() -> None:
    told = requested().do("longer.reject", "03-05 10:00", "chief", reason="no")
    assert told.duty("fix") == ("open", "03-10 18:00")


def test_an_extension_cannot_be_approved_once_due_has_passed() -> None:
    told = requested()
    assert told.refused("longer.approve", "03-10 18:00:01", "chief") == ["extend"]
    told.do("longer.reject", "03-10 18:00:01", "chief", reason="too late")


def test_a_request_to_an_earlier_date_is_refused_before_anybody_is_asked() -> None:
    told = at_work()
    assert told.refused("request", "03-04 10:00", WORKER, new_date="2026-03-09", reason="x") == ["extend"]


def test_a_reason_given_elsewhere_does_not_void_a_request() -> None:
    told = requested().do("consult", "03-04 11:00", WORKER, measure="m")
    told.do("plan.approve", "03-04 12:00", "lead", grave=False, reason="fine")
    told.do("spare", "03-04 13:00", "chief", reason="another")
    run = told.state.runs["longer"]
    assert (run.status, run.number) == ("pending", 1)


# What a stage brings


def consulted() -> Case:
    return at_work().do("consult", "03-04 10:00", WORKER, measure="m")


def test_approving_needs_what_its_stage_asks_for() -> None:
    told = consulted()
    assert told.refused("plan.approve", "03-04 11:00", "lead") == ["needs"]
    assert told.refused("plan.approve", "03-04 11:00", "lead", grave="perhaps") == ["value"]
    assert told.refused("plan.approve", "03-04 11:00", "lead", grave=True, measure="other") == ["unknown-field"]
    told.do("plan.approve", "03-04 11:00", "lead", grave="true", reason="because")
    assert told.state.facts["grave"] is True


@pytest.mark.parametrize(("grave", "status"), [(True, "pending"), (False, "approved")])
def test_what_a_stage_brings_decides_whether_the_next_is_asked(grave: bool, status: str) -> None:
    told = consulted().do("plan.approve", "03-04 11:00", "lead", grave=grave)
    assert told.state.runs["plan"].status == status
    assert (len(told.duties("plan.2")) == 1) is grave
    if grave:
        told.do("plan.approve", "03-04 12:00", "owner")  # this stage brings nothing
        assert told.state.is_approved("plan")


def test_what_a_stage_brings_is_said_anew_in_every_run() -> None:
    told = consulted().do("plan.approve", "03-04 11:00", "lead", grave=True).do("plan.reject", "03-04 12:00", "owner")
    told.do("consult", "03-04 13:00", WORKER, measure="n")
    assert told.refused("plan.approve", "03-04 14:00", "lead") == ["needs"]


def test_rejecting_takes_a_reason_and_nothing_else() -> None:
    told = consulted()
    assert told.refused("plan.reject", "03-04 11:00", "lead", grave=True) == ["unknown-field"]
    told.do("plan.reject", "03-04 11:00", "lead", reason="no")
    assert told.state.facts["reason"] == "no"


def test_what_a_stage_may_bring_regrades() -> None:
    told = consulted().do("plan.approve", "03-04 11:00", "lead", grave=False, loss="20000")
    assert told.state.grades["level"] == "high"
    # One workday from Tuesday 10:00 ends on Wednesday the 4th at 18:00.
    assert told.duty("fix") == ("open", "03-04 18:00")


def test_an_offer_to_approve_names_what_its_stage_asks_for() -> None:
    told = consulted()
    found = {
        offer.act: offer for offer in available_acts(told.state, Actor(person="lead", role="lead"), at("03-04 11:00"))
    }
    assert (found["plan.approve"].needs, found["plan.approve"].may) == (("grave",), ("loss", "reason"))
    assert (found["plan.reject"].needs, found["plan.reject"].may) == ((), ("reason",))
    assert found["plan.approve"].blocked == ()
