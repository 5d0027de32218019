"""The clauses 1.1.2, 1.1.5, 1.1.6, 1.3.2, 2.1.7 and 2.2 of customer-complaints, each to the end."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from builders import GRADES, USUAL, publish_policy
from cast import POLICY, Cast, make_cast
from channels.clauses.walking import Begin, Walk, asleep
from ombud.cases.commands import perform
from ombud.cases.models import Case
from ombud.channels.mail.model import MailKind
from ombud.correspondence.models import Account, Message
from post_offices import mail_of
from provider_server import ProviderServer
from samples import PNG

pytestmark = pytest.mark.django_db
TYPED = {name: {True: "yes", False: "no"}.get(value, value) for name, value in GRADES.items()}


def people() -> Cast:
    publish_policy()
    return make_cast()


def filed(walk: Walk) -> Case:
    """Return a complaint of Li Na's, filed on the web form with a picture."""
    client = Client()
    here = client.post("/file/customer-complaints/")["Location"].removesuffix("1/")
    picture = SimpleUploadedFile("leak.png", PNG, "image/png")
    client.post(f"{here}1/", {"subject": "电水壶漏水", "narrative": "一烧就漏", "evidence": picture})
    client.post(f"{here}2/", {"object": "K-1", "demand": "退款"})
    client.post(f"{here}3/", {"name": "李娜", "phone": "138 0013 8000", "email": "li@example.org"})
    digest = client.get(f"{here}check/").context["draft"].digest
    assert client.post(f"{here}send/", {"digest": digest}).status_code == 302
    return Case.objects.get()


def test_1_1_2_the_web_form_takes_pictures_gives_a_number_and_pushes_the_acceptance(begin: Begin) -> None:
    walk = begin(people, POLICY)
    walk.at("2026-03-03T10:00+08:00")
    case = filed(walk)
    assert case.attachments.count() == 1
    (came,) = walk.outside("li@example.org")
    assert "收到您的投诉" in came.subject
    assert case.reference in came.text
    assert Message.objects.get(case=case).state == Message.State.HANDED_OVER


def test_1_1_5_a_mail_gets_its_receipt_by_itself_with_the_number(begin: Begin) -> None:
    walk = begin(people, POLICY)
    walk.at("2026-03-03T02:00+08:00")
    walk.come_in(mail_of())
    case = Case.objects.get()
    came = [each for each in walk.outside("li@example.org") if each.kind == MailKind.AUTOMATIC]
    assert len(came) == 1
    assert case.reference in came[0].text


def test_1_1_6_the_hour_runs_from_the_arrival_by_mail_and_by_what_is_typed_in_later(begin: Begin) -> None:
    walk = begin(people, POLICY)
    arrived = walk.at("2026-03-03T09:00+08:00")
    walk.come_in(mail_of())
    typed = walk.at("2026-03-03T09:40+08:00")
    page = walk.browser("lin").post(
        "/desk/record/",
        {
            "policy": POLICY, "channel": "hotline", "subject": "Noise", "narrative": "It hums.", "name": "Bo",
            "phone": "139 0013 9000", "occurred": "2026-03-03T09:10",
        },
        follow=True,
    )  # fmt: skip
    assert page.status_code == 200
    mailed, called = Case.objects.get(channel="email"), Case.objects.get(channel="hotline")
    assert called.received_at == typed - timedelta(minutes=30)
    assert walk.duty(mailed, "register").due_at == arrived + timedelta(hours=1)
    assert walk.duty(called, "register").due_at == called.received_at + timedelta(hours=1)
    walk.at("2026-03-03T09:55+08:00")
    walk.act("lin", called, "register", **TYPED)
    assert walk.duty(called, "register").status == "met"
    walk.at("2026-03-03T10:30+08:00")
    walk.act("lin", mailed, "register", **TYPED)
    assert walk.duty(mailed, "register").status == "late"
    called.refresh_from_db()
    assert {"severity", "first_department"} <= {*called.grades}


def checked_at_the_carrier(walk: Walk, carrier: ProviderServer) -> str:
    """Enter the carrier's records as a source for the third-party check, and return its address."""
    entered = {
        "title": "承运商记录", "url": f"{carrier.url}/parcels/{{object}}", "acts": ["verify_third_party"],
        "fills": "third_party_check = {state}，{at}，签收人{by}", "is_active": "on",
    }  # fmt: skip
    assert walk.browser("mo").post(f"/desk/look-ups/new/{POLICY}/", entered).status_code == 302
    return f"/desk/look-up/{Account.objects.get(kind='lookup').key}/"


def test_1_3_2_the_carriers_records_are_looked_up_and_their_answer_is_evidence(begin: Begin, settings) -> None:
    walk = begin(people, POLICY)
    now = walk.at("2026-03-03T10:00+08:00")
    parcel = {"state": "已签收", "at": "2026-02-20 15:04", "by": "门卫"}
    with ProviderServer({"/parcels/SF-77": (200, parcel)}) as carrier:
        settings.OMBUD_OUTGOING_ALLOWED = [carrier.url]
        here = checked_at_the_carrier(walk, carrier)
        case = filed(walk)
        data = {**GRADES, "category": "delivery", "aspect": "late", "loss": "6000 CNY", "object": "SF-77"}
        perform(case, "register", actor=walk.cast.actor("lin"), at=now, now=now, data=data)
        assert walk.duty(case, "verify_third_party").due_at == datetime.fromisoformat("2026-03-10T18:00+08:00")
        case.refresh_from_db()
        brought = walk.browser("lin").post(f"{here}?case={case.reference}&act=verify_third_party", {"seen": case.seq})
        said = "已签收，2026-02-20 15:04，签收人门卫"
        assert said in brought.content.decode()
        tokens = re.findall(r'name="evidence-stored" value="([^"]+)"', brought.content.decode())
        walk.at("2026-03-03T15:00+08:00")
        walk.act("lin", case, "verify_third_party", third_party_check=said, **{"evidence-stored": tokens})
    assert walk.duty(case, "verify_third_party").status == "met"
    assert said in walk.page("lin", case)
    assert case.attachments.count() == 1 + len(tokens)


def test_1_3_2_the_stores_cctv_is_asked_for_in_time_and_its_film_is_kept(begin: Begin) -> None:
    walk = begin(people, POLICY)
    lin = asleep(walk.cast.lin)
    case = filed(walk)
    now = walk.at("2026-03-03T10:00+08:00")
    happened = now - timedelta(days=18)
    data = {**GRADES, "category": "service_process", "aspect": "attitude", "occurred_on": happened.isoformat()}
    perform(case, "register", actor=walk.cast.actor("lin"), at=now, now=now, data=data)
    assert walk.duty(case, "save_cctv").due_at == datetime.fromisoformat("2026-03-16T00:00+08:00")
    before = len(walk.outside(lin))
    walk.at("2026-03-06T00:01+08:00")  # ten days are left
    *_, came = walk.outside(lin)
    assert len(walk.outside(lin)) > before
    assert case.reference in came.text
    film = SimpleUploadedFile("counter.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 300, "video/mp4")
    walk.act("lin", case, "verify_third_party", third_party_check="店员语气不当属实", evidence=film)
    assert walk.duty(case, "save_cctv").status == "met"
    kept = case.attachments.get(media_type="video/mp4")
    played = walk.browser("lin").get(f"/desk/cases/{case.reference}/files/{kept.pk}/play/")
    assert (played.status_code, played["Content-Type"], len(played.getvalue())) == (200, "video/mp4", kept.size)


def test_2_1_7_the_follow_up_is_by_phone_first_then_by_a_mail_that_arrives(begin: Begin) -> None:
    walk = begin(people, POLICY)
    walk.at("2026-03-03T10:00+08:00")
    case = filed(walk)
    start = walk.at("2026-03-03T10:00+08:00")
    for act, who, minutes, data in USUAL:
        if act == "follow_up":
            break
        case.refresh_from_db()
        now = start + timedelta(minutes=minutes)
        walk.clock.move_to(now)
        perform(case, act, actor=walk.cast.actor(who), at=now, now=now, data=data)
    walk.at("2026-03-03T16:00+08:00")
    case.refresh_from_db()
    lin, said = walk.browser("lin"), {"follow_up_by": "email", "satisfaction": "satisfied"}
    refused = lin.post(f"/desk/cases/{case.reference}/acts/follow_up/", {"seen": case.seq, **said})
    assert refused.status_code == 409
    assert "by phone first" in refused.content.decode()
    walk.act("lin", case, "call_unanswered")
    case.refresh_from_db()
    written = lin.post(
        f"/desk/cases/{case.reference}/write/",
        {"m-subject": "您的电水壶", "m-text": "已换新，用得还好吗？", "m-language": "zh"},
    )
    assert written.status_code == 302
    walk.at("2026-03-03T16:01+08:00")
    assert any("用得还好吗" in each.text for each in walk.outside("li@example.org"))
    walk.act("lin", case, "follow_up", **said)
    assert walk.duty(case, "follow_up").status == "met"


def test_2_2_management_is_reached_within_the_hour_at_night_and_the_customer_hears_daily(begin: Begin) -> None:
    walk = begin(people, POLICY)
    gao = asleep(walk.cast.gao)
    walk.at("2026-03-03T22:00+08:00")
    case = filed(walk)
    walk.at("2026-03-03T22:10+08:00")
    walk.act("lin", case, "register", **{**TYPED, "spread": "yes"})
    assert walk.duty(case, "report_up").due_at == walk.at("2026-03-03T23:10+08:00")
    walk.at("2026-03-03T22:30+08:00")
    walk.act("lin", case, "report_up")
    (came,) = walk.outside(gao)
    assert case.reference in came.text
    assert "2.2" in came.text
    walk.at("2026-03-04T15:00+08:00")
    case.refresh_from_db()
    said = {"m-subject": "进展", "m-text": "专项小组今天核查了同批次产品。", "m-language": "zh"}
    told = walk.browser("lin").post(f"/desk/cases/{case.reference}/write/", {**said, "act": "inform", "seen": case.seq})
    assert told.status_code == 302
    walk.at("2026-03-04T15:01+08:00")
    assert any("核查了同批次产品" in each.text for each in walk.outside("li@example.org"))
    assert walk.duty(case, "progress").due_at > walk.at("2026-03-04T15:00+08:00")
