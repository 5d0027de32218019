"""The write path: one transaction, all of it or nothing, and whatever is stored is what the events say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from builders import COMPLAINT, GRADES, START, USUAL, after, assert_refolds, do, make_case, make_history
from cast import POLICY, Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.commands import pass_time, perform
from ombud.cases.errors import Refused, Stale
from ombud.cases.models import AppendOnly, Case, Duty, Event, Outbox, WakeUp
from ombud.cases.reading import queries
from ombud.channels.intake import receive

pytestmark = pytest.mark.django_db


def test_a_complaint_filed_becomes_a_case_with_a_reference_a_secret_and_running_duties(cast: Cast) -> None:
    received = make_case()
    case = received.case
    assert case.reference.startswith("KS-")
    assert len(received.secret.replace("-", "")) == 13
    assert received.secret not in case.secret
    assert case.phase == "received"
    assert [event.act for event in received.events] == ["receive", "push_acceptance"]
    assert case.next_due_at == after(60)
    assert case.next_duty == "register"
    assert_refolds(case)


def test_a_complaint_goes_the_usual_way_from_filing_to_the_archive(cast: Cast) -> None:
    case = make_case().case
    for act, who, minutes, data in USUAL:
        do(case, act, cast, who, minutes=minutes, data=data)
        assert_refolds(case)
    case.refresh_from_db()
    assert case.phase == "closed"
    assert case.closed_at == after(360)
    assert case.next_due_at is None
    assert not WakeUp.objects.filter(case=case).exists()
    assert not Duty.objects.filter(case=case, status__in=["open", "paused"]).exists()


def test_a_refused_act_names_every_failed_condition_and_writes_nothing(cast: Cast) -> None:
    case = make_case().case
    before = _everything(case)
    with pytest.raises(Refused) as caught:
        do(case, "register", cast, "chen", minutes=10, data={"urgency": "normal", "colour": "red"})
    codes = {refusal.code for refusal in caught.value.refusals}
    assert {"role", "needs", "unknown-field"} <= codes
    assert all(refusal.clauses for refusal in caught.value.refusals)
    assert caught.value.data["urgency"] == "normal"
    assert _everything(case) == before


def test_a_rung_due_before_a_refused_act_is_left_to_the_clock(cast: Cast) -> None:
    case = make_case().case
    with pytest.raises(Refused):
        do(case, "register", cast, "chen", minutes=200)
    assert Event.objects.filter(case=case).count() == 2


def test_whoever_looked_before_somebody_acted_is_told_what_changed_and_loses_no_typing(cast: Cast) -> None:
    case = make_case().case
    seen = case.seq
    do(case, "register", cast, "lin", minutes=10, data=GRADES, seen=seen)
    with pytest.raises(Stale) as caught:
        do(case, "note", cast, "wei", minutes=11, data={"remark": "看一下"}, seen=seen)
    assert [event.act for event in caught.value.changed] == ["register"]
    assert caught.value.seq == seen + 1
    assert caught.value.data == {"remark": "看一下"}
    assert_refolds(case)


def test_a_rung_that_merely_tells_makes_nobody_stale(cast: Cast) -> None:
    case = make_case().case
    seen = case.seq
    passed = pass_time(case.pk, now=after(61))
    assert passed is not None
    assert {event.act for event in passed.events} == {"rung"}
    do(case, "register", cast, "lin", minutes=62, data=GRADES, seen=seen)
    assert_refolds(case)


def test_the_moment_of_a_breach_is_the_due_time_whenever_it_is_noticed(cast: Cast) -> None:
    case = make_case().case
    do(case, "register", cast, "lin", minutes=60 * 24 * 3, data=GRADES)
    row = Duty.objects.get(case=case, duty="register")
    assert row.status == "late"
    assert row.breached_at == row.due_at == after(60)
    assert_refolds(case)


def test_letting_time_pass_twice_performs_each_rung_once(cast: Cast) -> None:
    case = make_case().case
    first = pass_time(case.pk, now=after(61))
    told = Outbox.objects.count()
    assert first is not None
    assert pass_time(case.pk, now=after(61)) is None
    assert Outbox.objects.count() == told
    assert_refolds(case)


def test_an_act_typed_in_later_keeps_when_it_happened_and_when_it_was_recorded(cast: Cast) -> None:
    case = make_case().case
    perform(case, "register", actor=cast.actor("lin"), at=after(20), now=after(90), data=GRADES)
    row = Event.objects.get(case=case, act="register")
    assert (row.occurred_at, row.recorded_at) == (after(20), after(90))
    assert Duty.objects.get(case=case, duty="register").status == "met"
    assert_refolds(case)


def test_routing_moves_open_duties_to_the_department_and_leaves_closed_ones_where_they_were(cast: Cast) -> None:
    case = make_history(cast, "route")
    rows = {row.duty: row for row in Duty.objects.filter(case=case).select_related("department")}
    assert rows["register"].department.key == "service"
    assert rows["accept_work"].department.key == "quality"
    assert_refolds(case)


def test_events_are_never_changed_or_deleted(cast: Cast) -> None:
    row = Event.objects.filter(case=make_case().case).first()
    assert row is not None
    with pytest.raises(AppendOnly):
        row.save()
    with pytest.raises(AppendOnly):
        row.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.filter(pk=row.pk).update(act="nothing")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_event WHERE id = %s", [row.pk])


def test_an_imported_act_that_the_policy_would_refuse_is_recorded_with_its_deviations(cast: Cast) -> None:
    case = make_case().case
    performed = do(
        case, "carry_out", cast, "chen", minutes=10, data={"result": "换新"}, mode="observe", is_telling=False
    )
    assert {refusal.code for refusal in performed.deviations} >= {"phase"}
    assert_refolds(case)


def test_text_that_no_database_holds_is_cleaned_not_refused(cast: Cast) -> None:
    case = make_case(subject="漏\x00水\ud800").case
    assert_refolds(case)


def test_a_text_is_kept_as_it_is_read_whoever_sends_it(cast: Cast) -> None:
    case = make_case(
        subject=" 退款\u202e001\u200b ",
        narrative=" one\r\ntwo\t\u2066x ",
        name="\u3000e\u0301va ",
        place="\u200b \u3164",
    ).case
    facts = {fact.field: fact.value for fact in queries.facts(access_case(cast.lin, case.reference))}
    assert (facts["subject"], facts["narrative"], facts["name"]) == ("退款001", "one\ntwo\tx", "\u00e9va")
    assert "place" not in facts
    assert_refolds(case)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("subject", "\u200b\u2060", "Please fill in"),
        ("subject", "x" * 501, "at most 500"),
        ("narrative", "x" * 20_001, "at most 20000"),
        ("loss", "100000 XBT", "“XBT” in “Amount involved” is no currency"),
        ("loss", {"amount": "5", "currency": "XXX"}, "is no currency"),
        ("loss", "1e400", "must be an amount"),
        ("loss", "9" * 16, "too large"),
        ("occurred_on", "0026-03-02T09:00+08:00", "from 1970 to 2199"),
        ("occurred_on", "2026-03-04T09:00+08:00", "lies in the future"),
        ("occurred_on", "2027-03-03T09:00+08:00", "lies in the future"),
    ],
)
def test_what_a_field_does_not_take_is_said_in_words_whatever_the_way_in(
    cast: Cast, field: str, value: Any, words: str
) -> None:
    with pytest.raises(Refused) as refused:
        make_case(**{field: value})
    (refusal,) = refused.value.refusals
    assert refusal.field == field
    assert words in refusal.message["en"]
    assert refusal.message["zh"] != refusal.message["en"]
    assert not Case.objects.exists()


@pytest.mark.parametrize("year", [1, 26, 1899, 1969, 2200, 9999])
def test_nothing_happens_in_a_year_that_no_calendar_reaches(cast: Cast, year: int) -> None:
    case, at = make_case().case, datetime(year, 3, 3, tzinfo=UTC)
    with pytest.raises(Refused) as refused:
        perform(case, "note", actor=cast.actor("lin"), at=at, now=after(5), data={"remark": "typed wrongly"})
    assert [each.code for each in refused.value.refusals] == ["horizon"]
    with pytest.raises(Refused):
        receive(POLICY, channel="web", language="zh", data=COMPLAINT, at=at, now=after(5))


@pytest.mark.parametrize("amount", ["100000 RMB", {"amount": "100000", "currency": "CNH"}, "¥100,000", "100000元"])
def test_yuan_by_another_name_decide_as_yuan_do(cast: Cast, amount: Any) -> None:
    case = make_case(loss=amount).case
    case = do(case, "register", cast, "lin", minutes=5, data=GRADES).case
    assert case.grades["severity"] == "major"


def _everything(case: Case) -> tuple[object, ...]:
    return (
        Case.objects.filter(pk=case.pk).values().get(),
        list(Event.objects.filter(case=case).values()),
        list(Duty.objects.filter(case=case).order_by("pk").values()),
        list(WakeUp.objects.values()),
        list(Outbox.objects.values()),
    )


assert START.utcoffset() is not None


def test_nobody_can_have_seen_what_is_yet_to_happen(cast: Cast) -> None:
    case = make_case().case
    with pytest.raises(Stale) as caught:
        do(case, "register", cast, "lin", minutes=10, data=GRADES, seen=case.seq + 1)
    assert (caught.value.seq, list(caught.value.changed)) == (case.seq, [])
    assert not Event.objects.filter(case=case, act="register").exists()


def test_the_head_of_another_department_cannot_approve(cast: Cast) -> None:
    case = make_history(cast, "propose")
    head = replace(cast.actor("deng"), role="head")
    assert head.department == "logistics"
    for verdict in ("plan.approve", "plan.reject"):
        with pytest.raises(Refused) as caught:
            perform(case, verdict, actor=head, at=after(150), now=after(150), data={})
        assert [each.code for each in caught.value.refusals] == ["department"]
    do(case, "plan.approve", cast, "zhou", minutes=151)
