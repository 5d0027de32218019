"""Duties: what opens, discharges, ends, renews and pauses them, and when they are due."""

from __future__ import annotations

from engine.telling import Case, at, words
from ombud.engine.ladder import next_wake

START = "03-03 09:00"


def case(**data: object) -> Case:
    return Case().do("receive", START, **data)


def routed(**data: object) -> Case:
    return case(**data).do("route", "03-03 09:30")


def test_an_act_at_exactly_due_is_met_and_a_second_later_late() -> None:
    assert case().do("greet", "03-03 11:00").duty("greet") == ("met", "03-03 11:00")
    late = case().do("greet", "03-03 11:00:01")
    assert late.duty("greet") == ("late", "03-03 11:00")
    assert late.state.duties()[0].breached_at == at("03-03 11:00")


def test_a_breach_closes_nothing() -> None:
    waiting = case().wait("03-20 09:00")
    assert waiting.duty("greet") == ("open", "03-03 11:00")
    assert waiting.state.duties()[0].is_overdue(at("03-20 09:00"))


def test_a_discharge_recorded_late_but_done_in_time_is_met_and_takes_its_breach_back() -> None:
    told = case().do("greet", "03-03 10:59", recorded="03-03 12:00")
    assert told.duty("greet") == ("met", "03-03 11:00")
    assert told.rungs("greet") == [("03-03 10:30", 0), ("03-03 11:00", 1)]
    assert told.state.duties()[0].breached_at is None


def test_an_act_before_the_opening_discharges_nothing() -> None:
    told = case().do("tidy", "03-03 09:10").do("route", "03-03 09:30").do("look", "03-03 09:50", "dept")
    assert told.duty("file") == ("open", "03-03 10:00")
    told.do("tidy", "03-03 09:40", recorded="03-03 09:55")
    assert told.duty("file") == ("open", "03-03 10:00")


def test_early_counts_what_was_done_before_the_trigger() -> None:
    told = routed().do("pay", "03-03 09:40").do("propose", "03-03 10:00", "dept", plan_text="x")
    assert told.duty("payout") == ("met", "03-03 11:00")
    payout = next(view for view in told.state.duties() if view.duty == "payout")
    assert payout.done_at == at("03-03 09:40")


def test_one_early_act_answers_one_instance_only() -> None:
    told = routed().do("pay", "03-03 09:40").do("propose", "03-03 10:00", "dept", plan_text="x")
    told.do("plan.reject", "03-03 10:30", "head").do("propose", "03-03 10:40", "dept", plan_text="y")
    assert told.duties("payout") == [("met", "03-03 11:00"), ("open", "03-03 11:40")]


def test_stack_opens_one_instance_for_each_trigger_and_one_act_discharges_all() -> None:
    told = routed().do("propose", "03-03 10:00", "dept", plan_text="x").do("plan.reject", "03-03 10:30", "head")
    told.do("propose", "03-03 10:40", "dept", plan_text="y")
    assert told.duties("payout") == [("open", "03-03 11:00"), ("open", "03-03 11:40")]
    told.do("pay", "03-03 11:30")
    assert told.duties("payout") == [("late", "03-03 11:00"), ("met", "03-03 11:40")]


def test_restart_counts_anew_and_keep_does_not() -> None:
    told = routed().do("route", "03-04 10:00")
    assert told.duty("look") == ("open", "03-09 18:00")
    assert told.duty("news") == ("open", "03-05 18:00")


def test_after_a_restart_only_what_happens_after_it_discharges() -> None:
    told = routed().do("route", "03-04 10:00").do("look", "03-04 09:00", "dept", recorded="03-04 10:30")
    assert told.duty("look") == ("open", "03-09 18:00")


def test_an_anchor_act_counts_from_its_latest_occurrence_and_if_past_now_is_due_at_once() -> None:
    told = routed().do("look", "03-03 09:45", "dept")
    assert told.duty("file") == ("open", "03-03 10:00")
    later = routed().do("look", "03-03 12:00", "dept")
    assert later.duty("file") == ("open", "03-03 12:00")


def test_an_anchor_date_is_the_uncounted_day() -> None:
    told = case(happened_on="2026-02-28")
    assert told.duty("tape") == ("open", "03-10 18:00")


def test_if_past_skip_opens_nothing() -> None:
    assert case(happened_on="2026-01-05").duties("tape") == []


def test_a_changed_anchor_date_moves_the_due_time_but_makes_nobody_late() -> None:
    told = case(happened_on="2026-03-02").do("regrade", "03-03 10:00", happened_on="2026-02-27")
    assert told.duty("tape") == ("open", "03-09 18:00")
    told.do("regrade", "03-03 11:00", happened_on="2026-02-01")
    assert told.duty("tape") == (
        "open",
        "03-09 18:00",
    )  # over long ago: the whole limit from then, but not after it was


def test_a_date_that_others_set_ends_at_that_days_close() -> None:
    told = routed(agreed_on="2026-03-06").do("propose", "03-03 10:00", "dept", plan_text="x")
    told.do("plan.approve", "03-03 11:00", "head")
    assert told.duty("agreed") == ("open", "03-06 18:00")
    told.do("regrade", "03-03 12:00", agreed_on="2026-03-07")
    assert words(at("03-08 00:00")) == told.duty("agreed")[1]  # a Saturday has no close but midnight


def test_without_that_date_the_else_limit_holds() -> None:
    told = routed().do("propose", "03-03 10:00", "dept", plan_text="x").do("plan.approve", "03-03 11:00", "head")
    assert told.duty("agreed") == ("open", "03-06 18:00")


# Recurrence


def test_a_recurring_duty_is_counted_from_the_last_time_it_was_done() -> None:
    told = routed().do("report", "03-04 10:00")
    assert told.duties("news") == [("met", "03-05 18:00"), ("open", "03-06 18:00")]
    told.do("report", "03-03 15:00", recorded="03-04 11:00")
    assert told.duties("news") == [("met", "03-05 18:00"), ("open", "03-06 18:00")]


def test_a_recurring_duty_ends_with_its_until() -> None:
    told = routed().do("report", "03-04 10:00").do("close", "03-05 10:00")
    assert [status for status, _ in told.duties("news")] == ["met", "ended"]


def test_a_schedule_opens_by_its_own_events_met_or_not_and_one_act_discharges_all_open() -> None:
    told = routed(kind="body").wait("03-05 10:00")
    assert told.duties("rounds") == [("open", "03-04 09:30"), ("open", "03-05 09:30"), ("open", "03-06 09:30")]
    opened = [event for event in told.events if event.act == "open"]
    assert [(words(e.occurred), e.data["instance"], e.data["occurrence"]) for e in opened] == [
        ("03-04 09:30", 2, 2),
        ("03-05 09:30", 3, 3),
    ]
    told.do("tidy", "03-05 10:00")
    assert [status for status, _ in told.duties("rounds")] == ["late", "late", "met"]
    told.wait("03-06 09:31")
    assert told.duties("rounds")[-1] == ("open", "03-07 09:30")


def test_a_pause_shifts_all_later_occurrences() -> None:
    told = routed(kind="body").do("ask", "03-03 12:00").do("supply", "03-03 18:00", "customer").wait("03-05 16:00")
    assert told.duties("rounds") == [("open", "03-04 15:30"), ("open", "03-05 15:30"), ("open", "03-06 15:30")]


def test_a_schedule_stops_with_its_until() -> None:
    told = routed(kind="body").do("close", "03-03 10:00").wait("03-09 10:00")
    assert told.duties("rounds") == [("ended", "03-04 09:30")]
    assert next_wake(told.state) is None


# Pauses


def test_a_pause_stops_the_clock_and_resuming_moves_due_by_the_working_days_between() -> None:
    told = routed().do("ask", "03-04 10:00")
    assert told.duty("look") == ("paused", None)
    told.do("supply", "03-09 10:00", "customer")
    assert told.duty("look") == ("open", "03-11 18:00")  # 4 March to 9 March: three working days more


def test_a_pause_and_resume_on_one_day_changes_nothing() -> None:
    told = routed().do("ask", "03-04 10:00").do("supply", "03-04 17:00", "customer")
    assert told.duty("look") == ("open", "03-06 18:00")
    assert told.state.duties()[1].revision == 1


def test_a_discharge_in_a_pause_is_met() -> None:
    told = routed().do("ask", "03-04 10:00").do("look", "03-20 10:00", "dept")
    assert told.duty("look")[0] == "met"


def test_a_pause_begun_after_due_leaves_the_duty_overdue() -> None:
    told = routed().do("ask", "03-09 10:00").wait("03-10 10:00")
    assert told.duty("look") == ("open", "03-06 18:00")
    told.do("supply", "03-12 10:00", "customer")
    assert told.duty("look") == ("open", "03-06 18:00")


def test_a_duty_opened_in_a_pause_waits_for_its_end() -> None:
    told = Case().do("receive", START).do("ask", "03-03 09:30").do("regrade", "03-03 10:00", fast=True)
    assert told.duty("hurry") == ("open", "03-03 11:00")  # it does not pause in `waiting`
    assert told.state.phase == "waiting"
    assert told.do("supply", "03-03 12:00", "customer").state.phase == "open"


def test_back_goes_to_the_phase_left_even_after_staying() -> None:
    told = routed().do("ask", "03-03 10:00").do("ask", "03-03 10:30").do("supply", "03-03 11:00", "customer")
    assert told.state.phase == "work"


def test_an_end_phase_cancels_what_is_open_and_until_ends_it() -> None:
    told = routed().do("close", "03-03 10:00")
    assert told.duty("greet")[0] == "cancelled"
    assert told.duty("solve")[0] == "ended"
    assert next_wake(told.state) is None


# Regrading


def test_a_where_that_becomes_true_opens_counted_from_that_event() -> None:
    assert case().do("regrade", "03-03 10:00", fast=True).duty("hurry") == ("open", "03-03 11:00")


def test_a_where_that_becomes_false_ends_and_true_again_reopens_with_the_old_count() -> None:
    told = case(fast=True).do("regrade", "03-03 09:10", fast=False)
    assert told.duty("hurry") == ("ended", "03-03 10:00")
    told.do("regrade", "03-03 09:20", fast=True)
    assert told.duty("hurry") == ("open", "03-03 10:00")


def test_what_was_met_since_the_trigger_is_not_opened_again() -> None:
    told = case(fast=True).do("route", "03-03 09:05").do("look", "03-03 09:10", "dept")
    told.do("regrade", "03-03 09:20", fast=False).do("regrade", "03-03 09:30", fast=True)
    assert told.duties("hurry") == [("met", "03-03 10:00")]


def test_what_nobody_owed_when_it_fell_due_is_given_back_with_its_whole_limit() -> None:
    told = case(fast=True).do("regrade", "03-03 09:10", fast=False).do("regrade", "03-03 12:00", fast=True)
    assert told.duty("hurry") == ("open", "03-03 13:00")
    told.wait("03-03 13:01")
    assert told.rungs("hurry") == [("03-03 13:00", 0)]
    assert told.state.duties()[-1].breached_at == at("03-03 13:00")


def test_what_was_overdue_when_regrading_ended_it_is_given_back_overdue_and_not_told_again() -> None:
    told = case(fast=True).do("regrade", "03-03 10:10", fast=False).do("regrade", "03-03 12:00", fast=True)
    assert told.duty("hurry") == ("open", "03-03 10:00")
    told.wait("03-03 18:00")
    assert told.rungs("hurry") == [("03-03 10:00", 0)]


def test_a_shorter_graded_limit_that_is_over_already_is_counted_from_the_regrade() -> None:
    told = routed().do("regrade", "03-06 10:00", loss="5000")
    assert told.duty("solve") == ("open", "03-09 18:00")  # max(4 March 18:00, min(10 March 18:00, 9 March 18:00))


def test_a_longer_graded_limit_does_not_erase_a_breach() -> None:
    told = routed(loss="5000").do("regrade", "03-06 10:00", loss="10")
    assert told.duty("solve") == ("open", "03-10 18:00")
    solve = next(view for view in told.state.duties() if view.duty == "solve")
    assert solve.breached_at == at("03-04 18:00")
    assert solve.revision == 2


def test_a_rejected_answer_opens_the_solution_anew() -> None:
    told = routed().do("propose", "03-03 10:00", "dept", plan_text="x").do("plan.approve", "03-03 11:00", "head")
    told.do("answer", "03-05 12:00", "customer", answer="rejected")
    assert told.duties("solve") == [("met", "03-10 18:00"), ("open", "03-12 18:00")]


# Ladders


def test_rungs_pass_once_at_their_exact_instants_and_tell_upward() -> None:
    told = case().wait("03-03 10:30")
    assert told.rungs("greet") == []  # strictly after its instant
    told.wait("03-03 10:30:01").wait("03-03 10:30:01").wait("03-09 09:00")
    assert told.rungs("greet") == [("03-03 10:30", 0), ("03-03 11:00", 1), ("03-04 18:00", 2)]
    assert [(each.to.name, each.why) for each in told.notifications] == [
        ("desk", "warning"),
        ("chief", "breach"),
        ("owner", "breach"),
    ]


def test_a_warning_in_working_days_passes_at_the_close_of_the_working_day_before() -> None:
    assert routed().wait("03-07 09:00").rungs("look") == [("03-05 18:00", 0), ("03-06 18:00", 1)]


def test_a_moved_due_time_arms_its_rungs_anew() -> None:
    told = routed().wait("03-05 19:00").do("ask", "03-06 10:00").do("supply", "03-10 10:00", "customer")
    assert told.duty("look") == ("open", "03-10 18:00")
    told.wait("03-11 09:00")
    # The warning of 9 March, before the resuming, is silent at the new revision.
    assert told.rungs("look") == [("03-05 18:00", 0), ("03-10 18:00", 1)]


def test_rungs_sleep_through_a_pause() -> None:
    told = routed().do("ask", "03-04 10:00").wait("03-20 10:00")
    assert told.rungs("look") == []


def test_an_outsiders_ladder_repeats_and_ends_in_its_act() -> None:
    told = routed().do("propose", "03-03 10:00", "dept", plan_text="x").do("plan.approve", "03-03 11:00", "head")
    assert told.duty("answer") == ("open", "03-18 18:00")
    told.wait("03-19 09:00")
    assert told.rungs("answer") == [("03-10 18:00", 0), ("03-16 18:00", 1), ("03-17 18:00", 0), ("03-18 18:00", 2)]
    assert told.acts()[-1] == "deem"
    assert told.state.ended
    assert told.duty("answer") == ("ended", "03-18 18:00")


def test_a_rung_whose_act_is_refused_is_logged_and_the_boss_is_told() -> None:
    told = routed().do("propose", "03-03 10:00", "dept", plan_text="x").do("plan.approve", "03-03 11:00", "head")
    told.do("amend", "03-04 10:00", "dept", plan_text="y").do("plan.reject", "03-04 11:00", "head")
    told.wait("03-19 09:00")
    refused = [event.data for event in told.events if event.data.get("refused")]
    assert [each["refused"] for each in refused] == [[{"code": "phase", "clauses": ["3"]}]]
    assert ("rung-refused", "head") in [(each.why, each.to.name) for each in told.notifications]


def test_reparation_opens_at_the_moment_of_the_breach() -> None:
    told = routed().do("propose", "03-03 10:00", "dept", plan_text="x").wait("03-03 11:00:01")
    apology = next(view for view in told.state.duties() if view.duty == "apology")
    assert (apology.opened_at, words(apology.due_at)) == (at("03-03 11:00"), "03-03 11:30")


def test_the_boss_upward_is_told_where_nobody_is_there() -> None:
    class Nobody:
        def holders(self, role: str, department: str | None, office: str | None) -> frozenset[str]:
            return frozenset({"owner"} if role == "owner" else ())

    from ombud.engine import advance

    told = case()
    outcome = advance(told.state, at("03-03 12:00"), staff=Nobody())
    assert [each.to.name for each in outcome.notifications] == ["owner", "owner"]
