"""What arrived before it was typed in: who was spoken to when, since when anybody can be late, and why it came late."""

from __future__ import annotations

from engine.telling import Case, at, workshop
from ombud.engine import fold
from ombud.engine.late_entries import late_reason_refusal


def test_a_machine_speaks_to_nobody_outside_before_it_was_written_down() -> None:
    told = workshop(
        ("acts:\n", 'acts:\n  write_back: {auto: true, when: not done(write_back), contacts: customer, cite: "1"}\n')
    )
    told.submit("receive", "03-03 09:00", "desk", recorded="03-03 11:00", loss="200", kind="body")
    (written,) = [event for event in told.events if event.act == "write_back"]
    assert (written.occurred, written.recorded) == (at("03-03 11:00"), at("03-03 11:00"))


def test_a_reason_belongs_to_the_event_and_is_no_fact() -> None:
    told = Case()
    told.do(
        "receive", "03-03 09:00", recorded="03-03 11:00", loss="200", kind="body", late_reason="  The line was down. "
    )
    assert told.events[0].data["late_reason"] == "The line was down."
    assert "late_reason" not in told.state.facts
    assert told.refold().snapshot() == told.state.snapshot()
    assert fold(told.program, told.events).facts == told.state.facts


def test_what_happens_as_it_is_entered_takes_no_reason() -> None:
    told = Case()
    assert told.refused("receive", "03-03 09:00", loss="200", kind="body", late_reason="why") == ["unknown-field"]
    told.do("receive", "03-03 09:00", loss="200", kind="body")
    late = {"recorded": "03-03 10:00", "late_reason": "x" * 20_001}
    assert told.refused("greet", "03-03 09:30", **late) == ["value"]


def test_a_reason_is_asked_from_where_the_policy_has_late_entries_reported() -> None:
    program, day = Case().program, 24 * 3600
    now = at("03-05 11:00")
    assert late_reason_refusal(program, now - day, now, {}) is None
    asked = late_reason_refusal(program, now - day - 1, now, {"late_reason": " "})
    assert asked is not None
    assert (asked.code, asked.field) == ("late-reason", "late_reason")
    assert "24 hours" in asked.message["en"]
    assert late_reason_refusal(program, now - day - 1, now, {"late_reason": "ill"}) is None


def anchored() -> Case:
    """Return a case in which the answer, owed once it is routed, is due two hours after the receipt."""
    duty = '  promise: {bearer: desk, after: route, anchor: receive, do: answer_promise, within: 2 h, cite: "1"}\n'
    act = '  answer_promise: {by: desk, cite: "1"}\n'
    return workshop(("acts:\n", "acts:\n" + act), ("duties:\n", "duties:\n" + duty))


def test_nothing_is_due_before_it_was_written_down_what_it_counts_from() -> None:
    told = anchored().do("receive", "03-03 09:00", recorded="03-03 14:00", loss="200", kind="body")
    told.do("greet", "03-03 14:01").do("route", "03-03 14:05").wait("03-03 15:00")
    assert told.duty("promise") == ("open", "03-03 14:00")
    told.do("answer_promise", "03-03 15:00")
    (promise,) = [each for each in told.state.duties() if each.duty == "promise"]
    assert (promise.status, promise.breached_at) == ("late", at("03-03 14:00"))
    assert told.refold().snapshot() == told.state.snapshot()


def test_what_was_typed_in_at_once_is_due_when_it_was_due() -> None:
    told = anchored().do("receive", "03-03 09:00", loss="200", kind="body")
    told.do("greet", "03-03 14:01").do("route", "03-03 14:05").wait("03-03 15:00")
    assert told.duty("promise") == ("open", "03-03 11:00")
