"""The order of one step, and what becomes possible by itself after it."""

from __future__ import annotations

from engine.telling import at, routed, words, workshop
from ombud.engine.ladder import next_wake

# 0: time first


def test_rungs_of_one_instant_pass_in_the_order_of_the_file() -> None:
    told = workshop(("do: greet, within: 2 h", "do: greet, within: 1 h")).do("receive", "03-03 09:00", fast=True)
    told.wait("03-03 10:00:01")
    passed = [(event.data["duty"], event.data["rung"]) for event in told.events if event.act == "rung"]
    assert passed == [("greet", 0), ("greet", 1), ("hurry", 0)]


def test_a_scheduled_opening_comes_after_the_rungs_of_its_instant() -> None:
    told = routed(kind="body").wait("03-04 09:30:01")
    assert [(event.act, event.data["duty"]) for event in told.events if words(event.occurred) == "03-04 09:30"] == [
        ("rung", "rounds"),
        ("open", "rounds"),
    ]


def test_a_rungs_act_comes_before_the_act_that_is_recorded_after_it() -> None:
    told = routed().do("propose", "03-03 10:00", "dept", plan_text="x").do("plan.approve", "03-03 11:00", "head")
    told.wait("03-18 18:00")  # nothing has happened at exactly due
    assert told.refused("answer", "03-18 18:01", "customer", answer="accepted") == ["ended"]


def test_an_act_recorded_at_exactly_the_instant_of_a_rung_comes_before_it() -> None:
    told = routed().do("propose", "03-03 10:00", "dept", plan_text="x").do("plan.approve", "03-03 11:00", "head")
    told.do("answer", "03-18 18:00", "customer", answer="rejected").wait("03-18 18:01")
    assert "deem" not in told.acts()


# 2: guards see the state before the act


def test_a_condition_does_not_see_its_own_act() -> None:
    told = routed(('report: {by: desk, cite: "1"}', 'report: {by: desk, when: "not done(report)", cite: "1"}'))
    told.do("report", "03-03 10:00")
    assert told.refused("report", "03-03 10:01") == ["guard"]


def test_overdue_in_a_condition_compares_with_when_the_act_happened() -> None:
    told = routed(('tidy: {by: desk, cite: "1"}', 'tidy: {by: desk, when: "not overdue(greet)", cite: "1"}'))
    assert told.refused("tidy", "03-03 11:00:01") == ["guard"]
    told.do("tidy", "03-03 11:00", recorded="03-03 12:00")


# 3 to 5: discharge, end, open


def test_an_act_that_both_discharges_and_ends_discharges() -> None:
    told = routed(('until: close, cite: "2", retrigger', 'until: [close, plan.approved], cite: "2", retrigger'))
    told.do("propose", "03-03 10:00", "dept", plan_text="x").do("plan.approve", "03-03 11:00", "head")
    assert told.duty("solve")[0] == "met"


def test_a_recurring_duty_whose_act_also_ends_it_does_not_come_again() -> None:
    told = routed(("until: [close, plan.approved], cite", "until: [close, plan.approved, report], cite"))
    told.do("report", "03-03 10:00")
    assert told.duties("news") == [("met", "03-05 18:00")]


def test_an_act_that_both_ends_and_opens_leaves_a_new_instance() -> None:
    told = routed(("do: look, within: 3 workdays, pause", "do: look, within: 3 workdays, until: route, pause"))
    told.do("route", "03-04 10:00")
    assert told.duties("look") == [("ended", "03-06 18:00"), ("open", "03-09 18:00")]


def test_an_act_that_both_discharges_and_opens_leaves_one_done_and_one_open() -> None:
    told = routed(("after: route, do: look, within", "after: [route, look], do: look, within"))
    told.do("look", "03-04 10:00", "dept")
    assert told.duties("look") == [("met", "03-06 18:00"), ("open", "03-09 18:00")]


def test_the_outcome_of_an_approval_discharges_and_opens_together_with_the_verdict() -> None:
    told = routed().do("propose", "03-03 10:00", "dept", plan_text="x").do("plan.approve", "03-03 11:00", "head")
    assert told.duty("solve")[0] == "met"
    assert told.duty("agreed")[0] == "open"
    assert [event.act for event in told.events[-1:]] == ["plan.approve"]


# 6 and 7: regrading sees the new facts, then the phase is left


def test_one_act_that_regrades_and_resumes_counts_the_new_limit_with_the_pause() -> None:
    told = routed().do("ask", "03-04 10:00").do("supply", "03-06 10:00", "customer", loss="5000")
    # One working day from 3 March is the 4th; the pause of two working days makes it the 6th.
    assert told.duty("solve") == ("open", "03-06 18:00")


def test_a_limit_shortened_in_a_pause_is_counted_from_when_the_pause_ends() -> None:
    told = routed(
        ("within: {by: level, high: 1 workday, else: 5 workdays}", "within: {by: level, high: 1 h, else: 8 h}")
    )
    told.do("ask", "03-03 12:00").do("regrade", "03-03 14:00", loss="5000")
    assert told.duty("solve") == ("paused", None)
    told.do("supply", "03-03 16:00", "customer")
    assert told.duty("solve") == ("open", "03-03 17:00")  # the hour was over when it became one


def test_the_graded_limit_of_an_approvals_stage_is_counted_again() -> None:
    told = routed(("within: 4 h}", "within: {by: level, high: 1 h, else: 4 h}}"))
    told.do("propose", "03-03 10:00", "dept", plan_text="x")
    assert told.duty("plan.1") == ("open", "03-03 14:00")
    told.do("regrade", "03-03 10:15", loss="5000")
    assert told.duty("plan.1") == ("open", "03-03 11:00")
    told.do("regrade", "03-03 10:20", loss="10").do("regrade", "03-03 12:30", loss="5000")
    assert told.duty("plan.1") == ("open", "03-03 13:30")


# 8: end phases


def test_what_the_closing_act_itself_opens_is_cancelled() -> None:
    told = routed(
        ("file: {bearer: actor(receive), after: look,", "file: {bearer: actor(receive), after: [look, close],")
    )
    told.do("close", "03-03 10:00")
    assert told.duty("file")[0] == "cancelled"
    assert next_wake(told.state) is None


def test_nothing_is_owed_in_an_end_phase_even_if_something_happens_there() -> None:
    told = routed(
        ('sorry: {by: desk, cite: "1"}', 'sorry: {by: desk, from: [work, closed], cite: "1"}'),
    )
    told.do("close", "03-03 10:00").do("sorry", "03-03 11:00")
    assert told.duty("apology")[0] == "cancelled"


def test_what_is_cancelled_or_ended_past_due_keeps_its_breach() -> None:
    told = routed(("{at: -30 min, tell: bearer}, {at: 0, tell: boss}, {at: 1 workday", "{at: 1 workday"))
    told.do("close", "03-03 12:00")
    greet = told.state.duties()[0]
    assert (greet.status, words(greet.breached_at)) == ("cancelled", "03-03 11:00")


# 9: automatic acts

CHAINED = (
    'sorry: {by: desk, cite: "1"}',
    """sorry: {by: desk, cite: "1"}
  second: {auto: true, from: work, when: "done(first)", cite: "1"}
  first: {auto: true, from: work, when: "done(sorry)", cite: "1"}""",
)


def test_after_each_automatic_act_the_list_is_tried_from_the_top_and_each_happens_once() -> None:
    told = routed(CHAINED)
    outcome = told.submit("sorry", "03-03 10:00", "desk")
    assert [event.act for event in outcome.events] == ["sorry", "first", "second"]
    assert {(event.actor, event.occurred) for event in outcome.events[1:]} == {("system", at("03-03 10:00"))}
    again = told.submit("tidy", "03-03 10:10", "desk")
    assert [event.act for event in again.events] == ["tidy", "second", "first"]


def test_an_automatic_act_whose_needs_are_missing_does_not_happen() -> None:
    told = routed(
        (
            'sorry: {by: desk, cite: "1"}',
            'sorry: {by: desk, cite: "1"}\n  price: {auto: true, from: work, needs: [loss], cite: "1"}',
        )
    )
    assert told.acts() == ["receive", "route"]
    told.do("regrade", "03-03 10:00", loss="10")
    assert told.acts()[-1] == "price"


def test_a_rung_that_only_tells_may_make_an_automatic_act_possible() -> None:
    told = routed(
        (
            'sorry: {by: desk, cite: "1"}',
            'sorry: {by: desk, cite: "1"}\n'
            '  alarm: {auto: true, from: work, when: "overdue(greet) and not done(alarm)", cite: "1"}',
        )
    )
    told.wait("03-09 09:00")
    # At 11:00 itself the duty is not overdue yet; the next rung finds it so.
    assert [words(event.occurred) for event in told.events if event.act == "alarm"] == ["03-04 18:00"]


def test_what_a_backdated_act_makes_possible_happens_when_the_case_had_come_there() -> None:
    told = routed(
        (
            'sorry: {by: desk, cite: "1"}',
            'sorry: {by: desk, cite: "1"}\n'
            '  forward: {auto: true, from: proposed, to: agreed, when: "done(tidy)", cite: "1"}',
        )
    )
    told.do("propose", "03-03 10:00", "dept", plan_text="x")
    outcome = told.submit("tidy", "03-03 09:45", "desk", recorded="03-03 10:30")
    assert [(event.act, words(event.occurred)) for event in outcome.events] == [
        ("tidy", "03-03 09:45"),
        ("forward", "03-03 10:00"),
    ]
    assert told.state.phase == "agreed"


# The case's department and handler


def test_whoever_takes_a_case_into_another_department_is_its_handler() -> None:
    told = routed(("sets: {handler: actor}", "may: [kind], sets: {handler: actor, department: shop}"))
    told.do("take", "03-03 10:00", {"role": "dept", "person": "sun"}, kind="body")
    assert (told.state.department, told.state.handler) == ("parts", "sun")
