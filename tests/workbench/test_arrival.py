"""When it happened: a call typed in later counts from when it came, and every page says both times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from builders import START, after, assert_refolds, make_case
from cast import POLICY, Cast
from ombud.cases.access.case_access import grant_of
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, Duty
from ombud.clock.tick import tick
from ombud.organisation.models import Person

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
CALL = {
    "policy": POLICY,
    "channel": "hotline",
    "language": "zh",
    "subject": "漏水",
    "name": "李",
    "phone": "13800138000",
}
WHY = "The line to the shop was down; noted on paper by Mrs Zhang."


def recorded(client: Client, **more: str) -> Case:
    answer = client.post("/desk/record/", {**CALL, **more})
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.get()


def test_a_call_typed_in_later_counts_from_when_it_came(cast: Cast, sign_in: SignIn, clock: object) -> None:
    case = recorded(sign_in("lin"), occurred="2026-03-03T12:00")  # it is 12:30
    assert case.received_at == after(180)
    event = case.events.get(seq=1)
    assert (event.occurred_at, event.recorded_at) == (after(180), after(210))
    assert Duty.objects.get(duty="register").due_at == after(240)
    assert_refolds(case)


def test_a_call_typed_in_too_late_has_its_registration_late_at_once_and_the_boss_told(
    cast: Cast, sign_in: SignIn, later: Callable[[float], None]
) -> None:
    recorded(sign_in("lin"), occurred="2026-03-03T09:10")
    later(1)
    tick(after(211))
    duty = Duty.objects.get(duty="register")
    assert (duty.due_at, duty.breached_at, duty.status) == (after(210), after(210), "open")
    page = sign_in("wei").get("/desk/notices/").content.decode()
    assert "Register within 1 hour" in page
    assert verify_all()["problems"] == []


def test_a_call_as_it_comes_is_recorded_as_ever(cast: Cast, sign_in: SignIn, clock: object) -> None:
    case = recorded(sign_in("lin"), occurred="", late_reason="typed by mistake")
    assert case.received_at == after(210)
    assert "late_reason" not in case.events.get(seq=1).data
    assert "entered" not in sign_in("lin").get(f"/desk/cases/{case.reference}/").content.decode()


@pytest.mark.parametrize(
    "typed",
    ["2026-03-03T12:31", "2099-01-01T00:00", "yesterday", "2026-03-03T09:10+08:00", "9" * 400, "0001-01-01T00:00"],
)
def test_a_time_that_cannot_be_is_said_at_its_field_and_costs_no_word(
    cast: Cast, sign_in: SignIn, clock: object, typed: str
) -> None:
    answer = sign_in("lin").post("/desk/record/", {**CALL, "occurred": typed, "late_reason": WHY})
    assert answer.status_code in (409, 422)
    page = answer.content.decode()
    assert 'value="李"' in page
    assert "Mrs Zhang" in page
    assert 'disclosure when" open' in page
    assert not Case.objects.exists()


def test_the_hour_that_summer_time_leaves_out_is_no_time_and_one_passed_twice_is_the_first(
    cast: Cast, sign_in: SignIn, clock: object
) -> None:
    Person.objects.filter(pk=cast.people["lin"].pk).update(tz="Europe/Berlin")
    lin = sign_in("lin")
    answer = lin.post("/desk/record/", {**CALL, "occurred": "2025-03-30T02:30", "late_reason": WHY})
    assert "A past time is needed here." in answer.content.decode()
    case = recorded(lin, occurred="2025-10-26T02:30", late_reason=WHY)
    assert case.received_at == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


def test_beyond_a_day_and_a_night_a_reason_is_asked_sealed_and_shown(
    cast: Cast, sign_in: SignIn, clock: object
) -> None:
    lin = sign_in("lin")
    long_ago = {"occurred": "2026-03-02T12:29"}
    answer = lin.post("/desk/record/", {**CALL, **long_ago})
    assert answer.status_code == 409
    assert "more than 24 hours after it happened. Say why so late." in answer.content.decode()
    case = recorded(lin, **long_ago, late_reason=WHY)
    assert "Zhang" not in str(case.events.get(seq=1).data)
    page = lin.get(f"/desk/cases/{case.reference}/").content.decode()
    assert "Why it was entered late" in page
    assert "Mrs Zhang" in page
    assert "entered late" in page
    assert_refolds(case)


def test_pages_say_both_times_and_who_entered_it(cast: Cast, sign_in: SignIn, clock: object) -> None:
    case = recorded(sign_in("lin"), occurred="2026-03-03T10:00")
    page = sign_in("lin").get(f"/desk/cases/{case.reference}/").content.decode()
    head = page.partition('class="case-head"')[2].partition("</header>")[0]
    assert "10:00" in head
    assert "entered" in head
    assert "12:30" in head
    assert "by Lin" in head


def test_the_complainant_sees_when_it_arrived_and_not_why_it_was_typed_in_late(
    cast: Cast, sign_in: SignIn, clock: object, client: Client
) -> None:
    case = recorded(sign_in("lin"), occurred="2026-03-02T09:00", late_reason=WHY)
    client.cookies[f"ombud_case_{case.reference}"] = grant_of(case).token
    page = client.get(f"/track/{case.reference}/", headers={"accept-language": "en"}).content.decode()
    assert "Mrs Zhang" not in page
    assert "Why it was entered late" not in page


def test_a_reader_who_sees_masked_reads_the_reason_without_whom_it_names(
    cast: Cast, sign_in: SignIn, clock: object
) -> None:
    case = recorded(sign_in("lin"), occurred="2026-03-02T09:00", late_reason="Call 13800138000 back, the line was down")
    page = sign_in("ai").get(f"/desk/cases/{case.reference}/").content.decode()
    assert "the line was down" in page
    assert "13800138000" not in page


def test_an_act_entered_long_after_asks_why_by_the_same_fields(cast: Cast, sign_in: SignIn, clock: object) -> None:
    case = make_case(minutes=-3 * 24 * 60).case
    lin, address = sign_in("lin"), f"/desk/cases/{case.reference}/acts/note/"
    sent = {"remark": "called back", "seen": case.seq, "occurred": "2026-03-01T09:00"}
    answer = lin.post(address, sent)
    assert answer.status_code == 422
    assert "Say why so late." in answer.content.decode()
    assert lin.post(address, {**sent, "late_reason": WHY}).status_code == 302
    event = case.events.filter(act="note").get()
    assert event.occurred_at < START
    assert "late_reason" in event.data
    page = lin.get(f"/desk/cases/{case.reference}/").content.decode()
    assert "Mrs Zhang" in page
