"""What a duty instance, its ladder, regrading, recurrence and pauses mean, on the edges."""

from __future__ import annotations

from engine.telling import Case, at, pack_of, routed, words, workshop
from ombud.engine import Program, explain_duty, migrate, recalendar

SOLVE = "within: {by: level, high: 1 workday, else: 5 workdays}"
REPEAT = "breach: [{every: 5 workdays, tell: customer}, {at: -2 workdays, tell: customer}, {at: 0, act: deem}]"


def agreed(*changes: tuple[str, str]) -> Case:
    told = routed(*changes).do("propose", "03-03 10:00", "dept", plan_text="x")
    return told.do("plan.approve", "03-03 11:00", "head")


# Limits


def test_three_standard_days_are_so_many_open_hours() -> None:
    told = workshop(("do: greet, within: 2 h", "do: greet, within: 3 standard days"))
    told.do("receive", "03-03 09:00")
    # 24 open hours of nine a day, 09:00 to 18:00: two whole days and six hours of the third.
    assert told.duty("greet") == ("open", "03-05 15:00")
    assert any("3 standard days" in line["en"] for line in explain_duty(told.state, "greet", 1))


def test_standard_days_keep_what_was_left_over_a_pause() -> None:
    told = routed(("do: look, within: 3 workdays", "do: look, within: 1 standard day"))
    told.do("ask", "03-03 15:00").do("supply", "03-04 10:00", "customer")
    assert told.duty("look") == ("open", "03-04 12:30")  # 5.5 of 8 hours were used, 2.5 are left


def test_a_date_at_the_end_of_the_last_announced_year_is_certain() -> None:
    always = ('week: {mon-fri: ["09:00-18:00"]}', 'week: {mon-sun: ["00:00-24:00"]}')
    told = workshop(always).do("receive", "03-03 09:00", agreed_on="2026-12-31").do("route", "03-03 09:30")
    told.do("propose", "03-03 10:00", "dept", plan_text="x").do("plan.approve", "03-03 11:00", "head")
    due = next(view for view in told.state.duties() if view.duty == "agreed")
    assert due.due_at == at("12-31 00:00") + 86400
    assert not due.is_provisional


def test_a_date_of_a_year_not_announced_yet_is_provisional() -> None:
    told = workshop().do("receive", "03-03 09:00", agreed_on="2027-01-04").do("route", "03-03 09:30")
    told.do("propose", "03-03 10:00", "dept", plan_text="x").do("plan.approve", "03-03 11:00", "head")
    assert next(view for view in told.state.duties() if view.duty == "agreed").is_provisional


# Instances


def test_early_counts_even_an_act_that_is_typed_in_after_the_opening() -> None:
    told = routed().do("propose", "03-03 10:00", "dept", plan_text="x")
    told.do("pay", "03-03 09:50", recorded="03-03 10:30")
    assert told.duty("payout") == ("met", "03-03 11:00")


def test_what_was_done_early_but_after_its_limit_from_a_backdated_trigger_is_late() -> None:
    told = routed().do("pay", "03-03 12:00").do("propose", "03-03 10:00", "dept", recorded="03-03 12:30", plan_text="x")
    payout = next(view for view in told.state.duties() if view.duty == "payout")
    assert (payout.status, words(payout.breached_at)) == ("late", "03-03 11:00")


def test_keep_opens_a_new_instance_once_none_is_open() -> None:
    told = routed().do("report", "03-03 10:00").do("look", "03-03 10:10", "dept").do("tidy", "03-03 10:20")
    told.do("look", "03-03 11:00", "dept")
    assert [status for status, _ in told.duties("file")] == ["late", "open"]


def test_a_restart_of_a_breached_duty_keeps_the_breach() -> None:
    told = routed().do("route", "03-09 10:00")
    look = next(view for view in told.state.duties() if view.duty == "look")
    assert (look.status, words(look.due_at), words(look.breached_at)) == ("open", "03-12 18:00", "03-06 18:00")


def test_a_restart_that_is_past_due_at_once_tells_only_the_gravest_rung() -> None:
    told = routed(
        ("do: look, within: 3 workdays", "do: look, anchor: receive, within: 1 h"),
        (
            "breach: [{at: -1 workday, tell: dept}, {at: 0, tell: boss}]}",
            "breach: [{at: 0, tell: boss}, {at: 1 h, tell: owner}]}",
        ),
    )
    told.do("look", "03-03 09:40", "dept").do("route", "03-03 12:00").do("route", "03-03 12:30").wait("03-03 13:00")
    assert [(moment, rung) for moment, rung in told.rungs("look")] == [("03-03 12:00", 1)]


def test_a_duty_opened_past_due_is_overdue_and_tells_only_the_gravest_passed_rung() -> None:
    ladder = "[{at: -10 min, tell: desk}, {at: 0, tell: boss}, {at: 30 min, tell: chief}, {at: 4 h, tell: owner}]"
    told = routed(('if_past: now, cite: "1", breach: [{at: 0, tell: boss}]', f'cite: "1", breach: {ladder}'))
    told.do("look", "03-03 12:00", "dept")
    assert told.duty("file") == ("open", "03-03 10:00")
    told.wait("03-03 18:00")
    assert told.rungs("file") == [("03-03 12:00", 2), ("03-03 14:00", 3)]
    file = next(view for view in told.state.duties() if view.duty == "file")
    assert words(file.breached_at) == "03-03 10:00"


# Ladders


def test_an_extended_duty_warns_again() -> None:
    told = routed().wait("03-05 19:00").do("route", "03-05 20:00").wait("03-11 09:00")
    assert told.duty("look") == ("open", "03-10 18:00")
    assert told.rungs("look") == [("03-05 18:00", 0), ("03-09 18:00", 0), ("03-10 18:00", 1)]
    assert told.state.duties()[1].revision == 2


def test_a_rung_that_a_pause_overslept_with_due_unmoved_passes_when_the_clock_runs_again() -> None:
    told = routed(("{at: -1 workday, tell: dept}", "{at: -4 h, tell: dept}"))
    told.do("ask", "03-06 13:00").do("supply", "03-06 15:00", "customer").wait("03-06 17:00")
    assert told.duty("look") == ("open", "03-06 18:00")
    assert told.rungs("look") == [("03-06 15:00", 0)]


def test_repetitions_that_a_pause_overslept_are_not_made_up_for() -> None:
    told = agreed(
        ("do: answer, within: 15 natural days", "do: answer, pause: [waiting], within: 15 natural days"),
        (REPEAT, "breach: [{every: 1 h, tell: customer}, {at: 0, act: deem}]"),
        ("from: [open, work, waiting], to: waiting", "from: [open, work, waiting, agreed], to: waiting"),
    )
    told.do("ask", "03-03 12:30").do("supply", "03-03 17:30", "customer").wait("03-03 18:30")
    assert told.rungs("answer") == [("03-03 12:00", 0), ("03-03 18:00", 0)]


def test_a_rung_before_due_breaks_nothing_and_one_after_it_names_the_due_time() -> None:
    told = workshop(("{at: 0, tell: boss}, {at: 1 workday, tell: owner}", "{at: 1 h, tell: owner}"))
    told.do("receive", "03-03 09:00").wait("03-03 10:31")
    assert told.state.duties()[0].breached_at is None
    told.wait("03-03 12:01")
    assert told.state.duties()[0].breached_at == at("03-03 11:00")


# Regrading


def test_a_recurring_duty_that_regrading_ended_comes_back_after_an_occurrence_was_met() -> None:
    told = routed(("do: report, every: 2 workdays", 'do: report, where: "fast == true", every: 2 workdays'), fast=True)
    told.do("report", "03-04 10:00").do("regrade", "03-04 11:00", fast=False)
    assert told.duties("news") == [("met", "03-05 18:00"), ("ended", "03-06 18:00")]
    told.do("regrade", "03-04 12:00", fast=True)
    assert told.duties("news") == [("met", "03-05 18:00"), ("open", "03-06 18:00")]


def test_every_stacked_instance_that_regrading_ended_is_reopened() -> None:
    told = routed(
        ("payout: {bearer: desk, after: propose,", 'payout: {bearer: desk, after: propose, where: "fast != false",'),
        fast=True,
    )
    told.do("propose", "03-03 10:00", "dept", plan_text="x").do("plan.reject", "03-03 10:10", "head")
    told.do("propose", "03-03 10:20", "dept", plan_text="y").do("regrade", "03-03 10:30", fast=False)
    assert told.duties("payout") == [("ended", "03-03 11:00"), ("ended", "03-03 11:20")]
    told.do("regrade", "03-03 10:40", fast=True)
    # The latest trigger counts: what the one before it opened was ended after it, so both are owed again.
    assert told.duties("payout") == [("open", "03-03 11:00"), ("open", "03-03 11:20")]


def test_a_new_trigger_while_the_condition_is_false_has_it_counted_from_the_regrade() -> None:
    told = routed(
        ("hurry: {bearer: desk, after: receive,", "hurry: {bearer: desk, after: [receive, route],"), fast=True
    )
    told.do("regrade", "03-03 09:40", fast=False).do("route", "03-03 09:45").do("regrade", "03-03 09:50", fast=True)
    assert told.duties("hurry") == [("ended", "03-03 10:00"), ("open", "03-03 10:50")]


def test_an_anchor_says_where_a_regraded_duty_is_counted_from() -> None:
    told = routed(("do: look, within: 1 h", "do: look, anchor: trigger, within: 1 h"))
    told.do("regrade", "03-03 09:40", fast=True)
    assert told.duty("hurry") == ("open", "03-03 10:00")


def test_what_was_met_is_not_owed_again_even_under_another_calendar_edition() -> None:
    told = routed(fast=True).do("look", "03-03 09:40", "dept")
    other = Program(pack_of(), "complaint", told.program.calendars, "another edition")
    recalendar(told.state, other, at=at("03-03 09:50"))
    told.do("regrade", "03-03 10:00", fast=False).do("regrade", "03-03 10:10", fast=True)
    assert told.duties("hurry") == [("met", "03-03 10:00")]


def test_a_longer_limit_takes_effect_at_once_and_what_was_breached_before_is_late_when_done() -> None:
    told = routed(loss="5000").do("regrade", "03-06 10:00", loss="10")
    told.do("propose", "03-06 11:00", "dept", plan_text="x").do("plan.approve", "03-06 12:00", "head")
    solve = next(view for view in told.state.duties() if view.duty == "solve")
    assert (solve.status, words(solve.due_at), words(solve.breached_at)) == ("late", "03-10 18:00", "03-04 18:00")


def test_regrading_an_overdue_duty_neither_moves_it_before_its_old_due_time_nor_to_the_regrade() -> None:
    told = routed().do("regrade", "03-12 10:00", loss="5000")
    assert told.duty("solve") == ("open", "03-10 18:00")  # max(4 March 18:00, min(10 March 18:00, 12 March 10:00))


# Recurrence


def test_a_recurring_duty_is_counted_from_the_greatest_time_that_it_was_done() -> None:
    told = workshop(("do: report, every: 2 workdays", "do: report, every: 3 h")).do("receive", "03-03 09:00")
    told.do("report", "03-03 10:00").do("route", "03-03 09:30", recorded="03-03 10:10")
    told.do("report", "03-03 09:40", recorded="03-03 10:20")
    assert told.duties("news") == [("met", "03-03 12:30"), ("open", "03-03 13:00")]


def test_a_breached_occurrence_stays_owed_and_the_next_is_counted_from_when_it_was_done() -> None:
    told = routed().do("report", "03-09 10:00")
    assert told.duties("news") == [("late", "03-05 18:00"), ("open", "03-11 18:00")]


def test_occurrences_of_a_schedule_end_and_come_back_with_their_condition() -> None:
    told = routed(kind="body").do("tidy", "03-03 12:00").wait("03-04 10:00").do("regrade", "03-04 11:00", kind="engine")
    assert [status for status, _ in told.duties("rounds")] == ["met", "ended"]
    told.do("regrade", "03-04 12:00", kind="body")
    assert told.duties("rounds") == [("met", "03-04 09:30"), ("open", "03-05 09:30")]


# Pauses


def test_a_pause_that_begins_at_exactly_due_counts() -> None:
    told = workshop(("do: greet, within: 2 h", "do: greet, pause: [waiting], within: 2 h")).do("receive", "03-03 09:00")
    told.do("ask", "03-03 11:00").wait("03-03 15:00")
    assert told.duty("greet") == ("paused", None)
    assert told.rungs("greet") == [("03-03 10:30", 0)]
    told.do("supply", "03-03 16:00", "customer")
    assert told.duty("greet") == ("open", "03-03 16:00")


def test_a_pause_before_the_opening_counts_where_the_anchor_lies_before_it() -> None:
    told = routed(
        ("do: [tidy], anchor: receive, within: 1 h", "do: [tidy], anchor: receive, pause: [waiting], within: 4 h")
    )
    told.do("ask", "03-03 10:00").do("supply", "03-03 12:00", "customer").do("look", "03-03 12:10", "dept")
    assert told.duty("file") == ("open", "03-03 15:00")  # 09:00 + 4 h + 2 h in `waiting`


def test_each_pause_moves_due_on_in_order() -> None:
    told = routed().do("ask", "03-04 10:00").do("supply", "03-05 10:00", "customer")
    assert told.duty("look") == ("open", "03-09 18:00")
    told.do("ask", "03-09 10:00").do(
        "supply", "03-11 10:00", "customer"
    )  # begun after the first due time, not this one
    assert told.duty("look") == ("open", "03-11 18:00")


def test_clock_hours_keep_their_remaining_length_over_a_pause() -> None:
    told = workshop(("do: greet, within: 2 h", "do: greet, pause: [waiting], within: 2 h")).do("receive", "03-03 09:00")
    told.do("ask", "03-03 10:00").do("supply", "03-09 10:00", "customer")
    assert told.duty("greet") == ("open", "03-09 11:00")


def test_natural_days_move_by_the_days_of_the_pause_and_then_roll() -> None:
    told = agreed(
        ("do: answer, within: 15 natural days", "do: answer, pause: [waiting], within: 15 natural days"),
        ("from: [open, work, waiting], to: waiting", "from: [open, work, waiting, agreed], to: waiting"),
    )
    assert told.duty("answer") == ("open", "03-18 18:00")
    told.do("ask", "03-04 10:00").do("supply", "03-07 10:00", "customer")
    assert told.duty("answer") == ("open", "03-23 18:00")  # 18 + 3 = Saturday 21 March, rolled to Monday


# Anchors, outsiders, explanations


def test_an_anchor_act_that_happened_twice_counts_with_its_latest_occurrence() -> None:
    told = routed(("do: [tidy], anchor: receive, within: 1 h", "do: [tidy], anchor: greet, within: 3 h"))
    told.do("greet", "03-03 10:00").do("greet", "03-03 09:45", recorded="03-03 10:05").do("look", "03-03 10:10", "dept")
    assert told.duty("file") == ("open", "03-03 13:00")


def test_what_an_outsider_owes_is_marked_so() -> None:
    told = agreed()
    assert {view.duty for view in told.state.duties() if view.is_outsiders} == {"answer"}


def english(told: Case, duty: str) -> str:
    return " ".join(line["en"] for line in explain_duty(told.state, duty, 1))


def test_a_due_time_that_was_kept_from_lying_in_the_past_says_so() -> None:
    told = routed().do("regrade", "03-06 10:00", loss="5000")
    assert "makes nobody late after the fact, so it is 2026-03-09 18:00" in english(told, "solve")


def test_a_paused_duty_says_since_when() -> None:
    assert "stood still since 2026-03-04 10:00" in english(routed().do("ask", "03-04 10:00"), "look")


def test_an_anchored_duty_names_its_anchor() -> None:
    assert "Counted from “Receive”." in english(routed().do("look", "03-03 09:40", "dept"), "file")
    assert "Counted from “Happened on”." in english(routed(happened_on="2026-02-28"), "tape")


def test_a_date_that_others_set_is_named_with_its_field() -> None:
    told = routed(agreed_on="2026-03-06").do("propose", "03-03 10:00", "dept", plan_text="x")
    assert "“Agreed on”: 2026-03-06" in english(told.do("plan.approve", "03-03 11:00", "head"), "agreed")


# Reserved events and the two modes


def test_nothing_is_opened_again_in_an_ended_case_by_a_new_version() -> None:
    told = routed(fast=True).do("close", "03-03 09:40")
    newer = workshop(
        ("version: 1.0.0", "version: 2.0.0"), ('where: "fast == true", do: look', 'where: "fast != false", do: look')
    )
    migrate(told.state, newer.program, at=at("03-03 10:00"))
    assert told.duties("hurry") == [("cancelled", "03-03 10:00")]


def test_a_rungs_act_that_needs_what_is_missing_is_refused_and_logged_once() -> None:
    told = agreed(("deem: {by: clock, from: [agreed],", "deem: {by: clock, from: [agreed], needs: [helper],"))
    told.wait("04-01 09:00")
    refused = [event.data["refused"] for event in told.events if "refused" in event.data]
    assert refused == [[{"code": "needs", "clauses": ["3"]}]]
    assert told.duty("answer") == ("open", "03-18 18:00")
    assert not told.state.ended


def test_an_observed_end_may_be_left_again_and_what_happens_then_is_owed() -> None:
    told = Case(mode="observe").do("receive", "03-03 09:00").do("close", "03-03 09:30")
    outcome = told.submit("route", "03-03 10:00", "desk")
    assert [each.code for each in outcome.deviations] == ["ended"]
    assert told.duty("look") == ("open", "03-06 18:00")


def test_what_was_done_early_is_not_owed_again_when_its_condition_comes_back() -> None:
    early = ("payout: {bearer: desk, after: propose,", 'payout: {bearer: desk, after: propose, where: "fast != false",')
    told = routed(early, fast=True).do("pay", "03-03 09:40").do("propose", "03-03 10:00", "dept", plan_text="x")
    told.do("regrade", "03-03 10:10", fast=False).do("regrade", "03-03 10:20", fast=True)
    assert told.duties("payout") == [("met", "03-03 11:00")]


def test_a_schedule_goes_on_silently_while_its_condition_is_false() -> None:
    told = routed(kind="body").do("regrade", "03-03 12:00", kind="engine").wait("03-05 10:00")
    assert told.duties("rounds") == [("ended", "03-04 09:30")]
    told.do("regrade", "03-05 11:00", kind="body")
    assert told.duties("rounds")[1:] == [("open", "03-06 09:30")]  # the third occurrence, due when it always was


def test_a_breach_that_no_rung_has_noted_outlives_a_restart_and_a_regrade() -> None:
    quiet = ("breach: [{at: -1 workday, tell: dept}, {at: 0, tell: boss}]}", "breach: [{at: -1 workday, tell: dept}]}")
    told = routed(quiet).do("route", "03-09 10:00")
    assert words(told.state.duties()[1].breached_at) == "03-06 18:00"
    hung = routed(
        quiet, ("do: look, within: 3 workdays", "do: look, within: {by: level, high: 1 h, else: 2 h}"), loss="5000"
    )
    hung.do("regrade", "03-03 11:00", loss="10")
    assert (hung.duty("look"), words(hung.state.duties()[1].breached_at)) == (("open", "03-03 11:30"), "03-03 10:30")


def test_what_until_has_ended_since_the_trigger_is_not_opened_by_regrading() -> None:
    told = routed(("do: look, within: 1 h", "do: look, until: pay, within: 1 h")).do("pay", "03-03 09:40")
    assert told.do("regrade", "03-03 09:50", fast=True).duties("hurry") == []


# Cut-off

CUT_OFF = ("counting: {workday: next_day_close,", 'counting: {cutoff: "17:00", workday: next_day_close,')


def test_what_comes_after_the_cut_off_is_the_next_working_days() -> None:
    in_time = workshop(CUT_OFF).do("receive", "03-03 16:30").do("route", "03-03 17:00")
    assert (in_time.duty("greet"), in_time.duty("look")) == (("open", "03-03 18:30"), ("open", "03-06 18:00"))
    later = workshop(CUT_OFF).do("receive", "03-03 17:01").do("route", "03-06 18:30")
    assert (later.duty("greet"), later.duty("look")) == (("open", "03-04 11:00"), ("open", "03-12 18:00"))
    assert later.refold().snapshot() == later.state.snapshot()
    assert (
        "Friday 6 March 2026 18:30 is not between the opening of a working day and 17:00, so it counts as "
        "Monday 9 March 2026 09:00, when work opens next"
    ) in [line["en"] for line in explain_duty(later.state, "look", 1)]


def test_a_cut_off_moves_what_is_left_over_a_pause_too() -> None:
    told = workshop(CUT_OFF).do("receive", "03-03 17:01").do("route", "03-03 17:30")
    told.do("ask", "03-03 17:40").do("supply", "03-05 10:00", "customer")
    # Counted from Wednesday; the pause that began before counts from then on: Thursday is lost.
    assert told.duty("look") == ("open", "03-10 18:00")


def test_a_limit_may_have_its_own_cut_off_or_none() -> None:
    own = ("do: greet, within: 2 h", "do: greet, within: {length: 2 h, cutoff: close}")
    assert workshop(CUT_OFF, own).do("receive", "03-03 17:30").duty("greet") == ("open", "03-03 19:30")
    assert workshop(CUT_OFF, own).do("receive", "03-03 18:01").duty("greet") == ("open", "03-04 11:00")
    none = ("do: greet, within: 2 h", "do: greet, within: {length: 2 h, cutoff: none}")
    assert workshop(CUT_OFF, none).do("receive", "03-03 22:00").duty("greet") == ("open", "03-04 00:00")


def test_a_date_has_no_time_of_day_that_a_cut_off_could_tell() -> None:
    told = workshop(CUT_OFF).do("receive", "03-03 09:00", happened_on="2026-03-02", agreed_on="2026-03-20")
    assert told.duty("tape") == ("open", "03-12 18:00")
    told.do("route", "03-03 09:30").do("propose", "03-03 10:00", "dept", plan_text="x")
    assert told.do("plan.approve", "03-03 11:00", "head").duty("agreed") == ("open", "03-20 18:00")


def test_a_schedule_keeps_its_cut_off_all_along() -> None:
    told = workshop(CUT_OFF, ("do: tidy, every: 24 h", "do: tidy, every: 1 workday"))
    told.do("receive", "03-03 09:00", kind="body").do("route", "03-03 17:30").wait("03-06 19:00")
    assert [due for _, due in told.duties("rounds")] == ["03-05 18:00", "03-06 18:00", "03-09 18:00"]


# Natural weeks, months and years


def test_natural_weeks_months_and_years_end_with_their_last_day() -> None:
    def due(limit: str) -> str | None:
        told = workshop(("do: greet, within: 2 h", f"do: greet, within: {limit}")).do("receive", "03-03 09:00")
        return told.duty("greet")[1]

    assert due("{length: 2 weeks, counting: natural}") == "03-17 18:00"
    assert due("2 natural weeks") == "03-17 18:00"
    assert due("2 weeks") == "03-17 09:00"  # the corresponding day at the same time of day
    assert due("2 natural months") == "05-06 18:00"  # Sunday 3 May is in the Labour Day holiday, to the 5th
    assert due("{length: 2 natural months, roll: no}") == "05-04 00:00"
    assert due("{length: 6 months, counting: natural}") == "09-03 18:00"
    told = workshop(("do: greet, within: 2 h", "do: greet, within: 6 natural months")).do("receive", "03-03 09:00")
    lines = explain_duty(told.state, "greet", 1)
    assert any("6 months; the day of the event is not counted" in line["en"] for line in lines)
    assert any("6个月，当日不计" in line["zh"] for line in lines)


def test_the_end_of_the_day_six_months_on_is_24_00_where_the_calendar_never_closes() -> None:
    always = ("calendars:\n", "calendars:\n  always: {tz: Asia/Shanghai, week: 24x7}\n")
    limit = "do: greet, within: {length: 6 natural months, calendar: always}"
    told = workshop(always, ("do: greet, within: 2 h", limit)).do("receive", "03-03 09:00")
    assert told.duty("greet") == ("open", "09-04 00:00")  # 24:00 of 3 September


# Rungs on another calendar


def test_a_rung_counts_on_the_calendar_that_it_names() -> None:
    always = ("calendars:\n", "calendars:\n  always: {tz: Asia/Shanghai, week: 24x7}\n")
    limit = ("do: greet, within: 2 h", "do: greet, within: {length: 10 natural days, calendar: always}")
    rungs = "breach: [{at: -30 min, tell: bearer}, {at: 0, tell: boss}, {at: 1 workday, tell: owner}]"
    told = workshop(
        always,
        limit,
        (rungs, "breach: [{at: -5 workdays, calendar: office, tell: bearer}, {at: -5 workdays, tell: boss}]"),
    )
    told.do("receive", "03-03 09:00").wait("03-14 00:00")
    # Due at 24:00 of Friday 13 March: five working days before are Friday 6 March, five days of 24 h Sunday the 8th.
    assert told.duty("greet") == ("open", "03-14 00:00")
    assert told.rungs("greet") == [("03-06 18:00", 0), ("03-09 00:00", 1)]
    told = workshop(
        always,
        limit,
        (
            rungs,
            "breach: [{every: 2 workdays, calendar: office, tell: bearer}, "
            "{at: 2 working hours, calendar: office, tell: boss}]",
        ),
    )
    told.do("receive", "03-03 09:00").wait("03-17 00:00")
    assert told.rungs("greet") == [
        ("03-05 18:00", 0), ("03-09 18:00", 0), ("03-11 18:00", 0), ("03-13 18:00", 0), ("03-16 11:00", 1)
    ]  # fmt: skip


# How a duty closes, and acts that happen by themselves


def test_what_the_closing_act_ends_is_ended_what_it_does_met_and_the_rest_cancelled() -> None:
    told = routed(("do: greet, within: 2 h", "do: close, within: 2 h")).do("close", "03-09 10:00")
    assert told.duty("greet")[0] == "late"  # in `do`, past due
    assert told.duty("news")[0] == "ended"  # in `until`
    assert told.duty("look")[0] == "cancelled"  # in neither, overdue or not
    assert next(view for view in told.state.duties() if view.duty == "look").breached_at == at("03-06 18:00")


def test_an_automatic_act_whose_condition_stays_true_happens_again_unless_it_asks_for_itself() -> None:
    finish = (
        'finish: {auto: true, from: agreed, to: closed, when: "answer == \'accepted\' and done(answer)", cite: "3"}'
    )
    again = finish + '\n  echo: {auto: true, from: open, when: "done(receive)", cite: "3"}'
    told = workshop((finish, again)).do("receive", "03-03 09:00").do("greet", "03-03 09:10").do("report", "03-03 09:20")
    assert told.acts() == ["receive", "echo", "greet", "echo", "report", "echo"]
    once = again.replace("done(receive)", "done(receive) and not done(echo)")
    told = workshop((finish, once)).do("receive", "03-03 09:00").do("greet", "03-03 09:10").do("report", "03-03 09:20")
    assert told.acts() == ["receive", "echo", "greet", "report"]
