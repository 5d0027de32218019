"""From what happens on a case to a message at a provider: what it says, when it goes, and what comes of it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

import ombud
from builders import GRADES, after, do, make_case, make_history
from cast import Cast
from notices.alerts.ways import make_way
from ombud.cases import confidential
from ombud.cases.access.case_access import access_case
from ombud.cases.models import Recusal
from ombud.clock.sweep import sweep
from ombud.notices import reading
from ombud.notices.alerts import addresses, delivery, robots, sending
from ombud.notices.alerts.models import Alert, Way
from ombud.notices.carrying import carry
from ombud.notices.models import Notice
from ombud.notices.reminding import remind
from ombud.organisation.models import Department, Membership
from stand_in import StandIn

pytestmark = pytest.mark.django_db
State = Alert.State
NIGHT = {"quiet_from": time(0), "quiet_until": time(23, 59)}  # of whoever wants to hear nothing that can wait


@pytest.fixture
def server(settings: Any) -> Iterator[StandIn]:
    with StandIn() as stand_in:
        settings.OMBUD_OUTGOING_ALLOWED = [stand_in.url]
        yield stand_in


def told(minutes: float) -> None:
    """Carry and send what waits by then, as the clock does."""
    carry(now=after(minutes))
    sending.send(now=after(minutes))


def texts(server: StandIn) -> list[str]:
    return [call.content["text"]["content"] for call in server.calls]


def states() -> list[str]:
    return list(Alert.objects.order_by("id").values_list("state", flat=True))


def test_an_act_is_told_in_the_readers_language_with_what_they_owe_and_nothing_personal(
    cast: Cast, server: StandIn
) -> None:
    make_way(cast.chen, address=server.url, language="en")
    make_way(cast.zhou, address=server.url, language="zh-hans")
    case = make_history(cast, "route")
    told(41)
    english, chinese = sorted(texts(server), key=lambda text: "\u8bc9" in text or "\u6d3e" in text)
    assert english.splitlines() == [
        f"Dispatch \u00b7 {case.reference}",
        f"{case.reference} \u00b7 Dispatch",
        "clause 2.1.1",
        "You owe: Confirm receipt within 2 hours, due 2026-03-03 11:30 (UTC+8)",
        f"http://127.0.0.1:8000/desk/cases/{case.reference}/",
    ]
    assert "\u6d3e" in chinese
    for personal in ("\u738b\u5c0f\u660e", "138", "wang@", "\u7535\u6c34\u58f6", "kettle"):
        assert personal not in (english + chinese).lower()
    assert states() == [State.SENT, State.SENT]
    assert Way.objects.first().answer == '200 {"errcode": 0, "errmsg": "ok"}'


def test_an_alert_goes_out_once_however_often_it_is_carried(cast: Cast, server: StandIn) -> None:
    make_way(cast.chen, address=server.url)
    make_history(cast, "route")
    told(41)
    Notice.objects.filter(person=None).delete()
    told(42)
    assert len(server.calls) == 1


def test_only_chosen_topics_are_told(cast: Cast, server: StandIn) -> None:
    make_way(cast.zhou, address=server.url, topics=["breaches"])
    make_history(cast, "route")
    told(41)
    assert server.calls == []
    sweep(now=after(41 + 240))
    told(41 + 240)
    assert "\u00b7 Overdue: First check" in texts(server)[0]


def test_mail_goes_to_the_address_of_the_way_with_a_subject_of_one_line(cast: Cast) -> None:
    make_way(cast.chen, Way.Kind.MAIL, "chen.private@example.org")
    case = make_history(cast, "route")
    told(41)
    (sent,) = [each for each in mail.outbox if each.to == ["chen.private@example.org"]]
    assert sent.subject == f"Dispatch \u00b7 {case.reference}"
    assert f"/desk/cases/{case.reference}/" in sent.body
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_what_waits_together_goes_in_one_message_the_urgent_first(cast: Cast, server: StandIn) -> None:
    way = make_way(cast.wei, address=server.url, rhythm=Way.Rhythm.DAILY, at=time(18))
    for _ in range(2):
        case = make_case().case
        do(case, "register", cast, "lin", minutes=30, data=GRADES)
        do(case, "route", cast, "lin", minutes=40)
    told(41)
    assert server.calls == []
    told(9 * 60 + 1)  # 18:01
    (text,) = texts(server)
    assert text.startswith("2 notices\n")
    assert states() == [State.SENT, State.SENT]
    assert Way.objects.get(pk=way.pk).lease_until is None


def test_quiet_hours_hold_back_what_can_wait_and_not_what_is_overdue(cast: Cast, server: StandIn) -> None:
    make_way(cast.wei, address=server.url, **NIGHT)
    make_history(cast, "route")
    told(41)
    assert server.calls == []  # an act that can wait
    make_case(minutes=41)
    sweep(now=after(41 + 61))
    told(41 + 61)
    assert [text.splitlines()[0][:8] for text in texts(server)] == ["Overdue:"]


def test_what_management_must_know_within_the_hour_breaks_through_the_night(cast: Cast, server: StandIn) -> None:
    """Clause 2.2: the report of a major complaint to management."""
    make_way(cast.gao, address=server.url, topics=["acts"], **NIGHT)
    case = make_case().case
    do(case, "register", cast, "lin", minutes=30, data={**GRADES, "spread": True})
    told(31)
    assert server.calls == []
    do(case, "report_up", cast, "lin", minutes=50)
    told(51)
    assert len(server.calls) == 1
    assert "2.2" in texts(server)[0]


def test_a_warning_of_a_duty_of_an_hour_breaks_through_and_one_of_days_does_not(cast: Cast, server: StandIn) -> None:
    make_way(cast.lin, address=server.url, topics=["warnings"], **NIGHT)
    make_case()
    sweep(now=after(50))
    told(50)
    assert len(server.calls) == 1  # to be registered within the hour
    notice = Notice.objects.filter(person=cast.lin, kind=Notice.Kind.WARNING).get()
    assert Alert.objects.get(notice=notice).is_urgent


def test_a_warning_of_what_was_done_meanwhile_and_what_was_read_are_not_sent(cast: Cast, server: StandIn) -> None:
    way = make_way(cast.lin, address=server.url)
    case = make_case().case
    sweep(now=after(50))
    carry(now=after(50))
    do(case, "register", cast, "lin", minutes=52, data=GRADES)
    sending.send(now=after(53))
    assert (states(), server.calls) == ([State.DROPPED], [])
    Alert.objects.all().delete()
    Way.objects.filter(pk=way.pk).update(person=cast.chen)
    do(case, "route", cast, "lin", minutes=54)
    carry(now=after(54))
    reading.mark_read(cast.chen, now=after(55))
    sending.send(now=after(55))
    assert (states(), server.calls) == ([State.DROPPED], [])


def test_whoever_was_taken_out_of_the_case_is_told_nothing_more(cast: Cast, server: StandIn) -> None:
    make_way(cast.chen, address=server.url)
    case = make_history(cast, "route")
    carry(now=after(41))
    Recusal.objects.create(case=case, person=cast.chen, reason="\u4eb2\u5c5e", at=after(41))
    sending.send(now=after(42))
    assert (states(), server.calls) == ([State.DROPPED], [])


def test_a_group_is_told_once_of_what_its_people_are_told_each(cast: Cast, server: StandIn) -> None:
    quality = Department.objects.get(policy="customer-complaints", key="quality")
    make_way(None, address=server.url, policy="customer-complaints", department=quality)
    make_way(None, address=server.url, policy="customer-complaints", role="management")
    make_way(None, address=server.url, policy="another-policy")
    Membership.objects.create(person=cast.nobody, policy="customer-complaints", role="contact", department=quality)
    make_history(cast, "route")
    told(41)
    assert Notice.objects.filter(act="route", person__in=[cast.chen, cast.nobody]).count() == 2
    assert len(server.calls) == 1


def test_a_group_is_not_told_of_what_became_confidential_meanwhile(cast: Cast, server: StandIn) -> None:
    quality = Department.objects.get(policy="customer-complaints", key="quality")
    make_way(None, address=server.url, policy="customer-complaints", department=quality)
    case = make_history(cast, "route")
    carry(now=after(41))
    confidential.confide(access_case(cast.gao, case.reference), [cast.chen], reason="举报经理", now=after(42))
    told(43)
    assert Notice.objects.filter(act="route", person=cast.chen).count() == 1
    assert server.calls == []


def test_a_reminder_names_no_colleague_outside(cast: Cast, server: StandIn) -> None:
    make_way(cast.chen, address=server.url)
    case = make_history(cast, "route")
    told(41)
    remind(access_case(cast.lin, case.reference), "accept_work", by=cast.lin, now=after(60))
    told(60)
    assert "A colleague reminds you" in texts(server)[1]
    assert "Lin" not in texts(server)[1]


def test_a_refusal_is_tried_again_later_and_given_up_in_the_end_without_the_address(
    cast: Cast, server: StandIn
) -> None:
    address = f"{server.url}/send?key=0123456789abcdef"
    server.answers = [(200, f'{{"errcode": 93000, "errmsg": "invalid {address}"}}', {})]
    way = make_way(cast.chen, address=address)
    make_history(cast, "route")
    told(41)
    told(41.1)
    assert len(server.calls) == 1  # the way rests
    for hour in range(1, sending.ATTEMPTS + 2):
        sending.send(now=after(41) + timedelta(hours=2 * hour))
    (alert,) = Alert.objects.all()
    assert (alert.state, alert.attempts) == (State.FAILED, sending.ATTEMPTS)
    assert len(server.calls) == sending.ATTEMPTS
    assert "errcode" in alert.answer
    way.refresh_from_db()
    assert "0123456789abcdef" not in alert.answer + way.answer
    assert way.failures == sending.ATTEMPTS


def test_what_works_again_is_told_and_the_way_is_as_new(cast: Cast, server: StandIn) -> None:
    server.answers = [(500, "", {}), (200, '{"errcode": 0}', {})]
    way = make_way(cast.chen, address=server.url)
    make_history(cast, "route")
    told(41)
    told(43)
    way.refresh_from_db()
    assert (states(), way.failures, way.rests_until) == ([State.SENT], 0, None)


def test_a_provider_that_hangs_holds_up_only_its_own_way(
    cast: Cast, server: StandIn, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots, "PATIENCE", 1.5)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        settings.OMBUD_OUTGOING_ALLOWED = [server.url, url := f"http://127.0.0.1:{hanging.getsockname()[1]}"]
        slow, quick = make_way(cast.chen, address=url), make_way(cast.zhou, address=server.url)
        make_history(cast, "route")
        told(41)
        assert len(server.calls) == 1
        slow.refresh_from_db()
        assert slow.lease_until is not None
        sending.send(now=after(41.2))  # it is not asked twice meanwhile
        assert Alert.objects.get(way=quick).state == State.SENT
        sending._flights[slow.pk].is_over.wait(5)
        sending.send(now=after(41.3))
    slow.refresh_from_db()
    assert (slow.failures, slow.lease_until) == (1, None)
    assert slow.answer.startswith("no answer")
    assert Alert.objects.get(way=slow).state == State.QUEUED


def test_a_way_that_another_process_sends_by_is_left_to_it(cast: Cast, server: StandIn) -> None:
    way = make_way(cast.chen, address=server.url)
    make_history(cast, "route")
    Way.objects.filter(pk=way.pk).update(lease_until=after(45))
    told(41)
    assert server.calls == []
    told(46)  # it died
    assert len(server.calls) == 1


def test_without_a_mail_server_the_reason_stands_with_the_alert(cast: Cast, settings: Any) -> None:
    settings.OMBUD_SENDS_MAIL = False
    make_way(cast.chen, Way.Kind.MAIL, "chen@example.com")
    make_history(cast, "route")
    told(41)
    assert Alert.objects.get().answer == "no mail server is set up"
    assert mail.outbox == []


def test_an_address_is_sealed_and_shown_as_a_hint(cast: Cast, server: StandIn) -> None:
    way = make_way(cast.chen, Way.Kind.DINGTALK, f"{server.url}/robot/send?access_token=abcdef", "SECRET")
    assert "abcdef" not in str(way.sealed)
    assert addresses.of(way) == (f"{server.url}/robot/send?access_token=abcdef", "SECRET")
    assert addresses.hint(way) == "127.0.0.1 \u2026cdef"
    with pytest.raises(addresses.WrongAddress, match="scheme"):
        make_way(cast.chen, address="http://10.0.0.1/")
    with pytest.raises(addresses.WrongAddress, match="mail"):
        make_way(cast.chen, Way.Kind.MAIL, "a@example.com, b@example.com")


def test_what_went_wrong_is_said_in_words() -> None:
    assert delivery.words_of(OSError("no route")) == "OSError: no route"


def test_notices_are_written_in_one_place_so_that_none_is_told_on_the_desk_alone() -> None:
    package = Path(ombud.__file__).parent
    written = [path.name for path in package.rglob("*.py") if "Notice.objects.bulk_create" in path.read_text("utf-8")]
    written += [path.name for path in package.rglob("*.py") if "Notice.objects.create" in path.read_text("utf-8")]
    assert written == []
