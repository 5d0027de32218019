"""The clauses 4.2e, 4.4, 4.5, 5.3 and 8.1 of student-complaints, each from outside, or in pages, to the end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from builders import publish_policy
from cast import COMPLAINANT, Cast, Staff, make_cast
from channels.clauses.walking import Begin, Walk, asleep
from ombud.cases.commands import perform
from ombud.cases.models import Case
from ombud.channels.intake import receive
from ombud.correspondence.accounts import keep_secrets
from ombud.correspondence.models import Account, Message
from ombud.organisation import company
from post_offices import USER, mail_of
from provider_server import ProviderServer

pytestmark = pytest.mark.django_db
POLICY = "student-complaints"
STAFF: Staff = {
    "fang": ("agent", "student_service"),
    "zeng": ("head", "teaching"),
    "shi": ("officer", "teaching"),
    "cai": ("compliance_head", "compliance"),
    "wen": ("reviewer", "compliance"),
    "gao": ("management", "management"),
}
SAID = {
    "subject": "讲师念课件", "course": "教师资格证面试班", "training_mode": "offline", "aspect": "lecturing",
    "narrative": "四次课都照着课件念。", "demand": "换讲师", "name": "柏杨", "phone": "139 0002 0014",
}  # fmt: skip
REGISTERED = {name: said for name, said in SAID.items() if name != "subject"} | {"attention": "none", "safety": False}


def people() -> Cast:
    publish_policy(POLICY)
    return make_cast(POLICY, STAFF)


def registered(walk: Walk, moment: str, **facts: object) -> Case:
    """Return a complaint of the app, registered at a moment."""
    now = walk.at(moment)
    case = receive(POLICY, channel="app", language="zh", data=SAID, actor=COMPLAINANT, at=now, now=now).case
    perform(case, "register", actor=walk.cast.actor("fang"), at=now, now=now, data={**REGISTERED, **facts})
    return case


def test_4_2e_a_mail_is_confirmed_by_mail_within_a_day_of_its_arrival(begin: Begin) -> None:
    walk = begin(people, POLICY)
    arrived = walk.at("2026-03-03T22:00+08:00")
    walk.come_in(mail_of("老师照着课件念。", Subject="退费"))
    case = Case.objects.get()
    assert (case.received_at, walk.duty(case, "confirm_email").due_at) == (arrived, arrived + timedelta(hours=24))
    before = len(walk.outside("li@example.org"))
    walk.at("2026-03-04T09:30+08:00")
    walk.act("fang", case, "confirm_email")
    *_, came = walk.outside("li@example.org")
    assert len(walk.outside("li@example.org")) == before + 1
    assert case.reference in came.text
    assert walk.duty(case, "confirm_email").status == "met"
    assert Message.objects.get(case=case, act="confirm_email").state == Message.State.HANDED_OVER


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("We confirm your e-mail", "within 24 hours", "Daily 09:00\u201321:00")),
        ("zh", ("邮件确认收到", "24小时内", "每天 09:00\u201321:00")),
    ],
)
def test_4_5_the_front_page_tells_each_way_in_how_it_is_used_and_how_fast_it_is_answered(
    begin: Begin, language: str, words: tuple[str, ...]
) -> None:
    walk = begin(people, POLICY)
    now = walk.at("2026-03-03T10:00+08:00")
    company.keep(
        POLICY, {"hotline": ("400-820-0000", "tel:4008200000"), "wechat": ("公众号：云程课堂", "https://example.com/wechat")},
        by=walk.cast.mo, now=now,
    )  # fmt: skip
    page = Client(headers={"accept-language": language}).get("/", follow=True).content.decode()
    for said in (*words, USER, "400-820-0000", "公众号：云程课堂", "https://example.com/wechat"):
        assert said in page


#: The way to the first outcome: who does what when, on 3 to 5 March.
FIRST_OUTCOME: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("2026-03-03T11:30+08:00", "fang", "route", {}),
    ("2026-03-03T12:00+08:00", "shi", "accept_work", {}),
    (
        "2026-03-04T15:00+08:00", "shi", "investigate",
        {
            "student_account": "学员陈述", "staff_account": "讲师说明", "course_records": "已查",
            "finding": "unsubstantiated",
        },
    ),
    (
        "2026-03-05T10:00+08:00", "shi", "propose",
        {"measures": "说明课程安排", "timing": "no_date", "responsible": "李强"},
    ),
    ("2026-03-05T16:00+08:00", "shi", "communicate", {}),
)  # fmt: skip


def test_4_4_the_way_to_a_second_complaint_is_told_with_the_first_answer_and_leads_to_compliance(begin: Begin) -> None:
    walk = begin(people, POLICY)
    student = "bai@example.org"
    company.keep(POLICY, {"email": (USER, "")}, by=walk.cast.mo, now=walk.at("2026-03-03T09:00+08:00"))
    case = registered(walk, "2026-03-03T10:00+08:00", email=student, training_mode="online")
    walk.at("2026-03-03T11:00+08:00")
    walk.act("fang", case, "acknowledge", told_by="email")
    acknowledged = walk.outside(student)[-1]
    for said in ("二次投诉", "合规审核部", USER):
        assert said in acknowledged.text
    for moment, who, act, data in FIRST_OUTCOME:
        now = walk.at(moment)
        case.refresh_from_db()
        perform(case, act, actor=walk.cast.actor(who), at=now, now=now, data=data)
    first = walk.outside(student)[-1]
    assert "说明课程安排" in first.text
    assert "提出二次投诉，由合规审核部复核" in first.text
    (link,) = set(re.findall(r"/track/\S+", first.text))
    browser = Client(headers={"accept-language": "zh"})
    browser.post(link.partition("?")[0], {"way": link.partition("=")[2]})
    walk.at("2026-03-05T20:00+08:00")
    there = f"/track/{case.reference}/do/appeal/"
    page = browser.get(there)
    answer = browser.post(there, {"seen": page.context["seen"], "appeal_grounds": "录像与说明不符"}, follow=True)
    assert answer.redirect_chain == [(f"/track/{case.reference}/", 302)], answer.content.decode()
    assert "已提出二次投诉" in answer.content.decode()
    assert "录像与说明不符" in walk.page("wen", case)
    assert walk.browser("shi").get(f"/desk/cases/{case.reference}/").status_code == 404
    assert walk.duty(case, "review").due_at == walk.at("2026-03-12T18:00+08:00")
    walk.at("2026-03-10T10:00+08:00")
    walk.act("wen", case, "review", review_result="upheld", review_reasons="课程与合同一致")
    # It goes out beside the notice that the case is closed, in whichever order the server takes them.
    assert any("课程与合同一致" in mail.text for mail in walk.outside(student)[-2:])
    assert walk.duty(case, "review").status == "met"


def test_5_3_the_acknowledgement_reaches_the_number_on_file_as_an_sms_that_opens_it(begin: Begin, settings) -> None:
    walk = begin(people, POLICY)
    with ProviderServer({"/send": (200, {"code": 0})}) as gateway:
        settings.OMBUD_OUTGOING_ALLOWED = [gateway.url]
        account = Account(
            key="sms", kind="sms", title="Our SMS", policy=POLICY, files=False,
            options={"url": f"{gateway.url}/send", "body": '{"to": "{number}", "text": "{text}"}', "success": "code=0"},
        )  # fmt: skip
        keep_secrets(account, {})
        account.save()
        case = registered(walk, "2026-03-03T10:00+08:00")
        due = walk.duty(case, "acknowledge").due_at
        assert due == walk.at("2026-03-03T12:00+08:00")
        walk.at("2026-03-03T11:00+08:00")
        walk.act("fang", case, "acknowledge", told_by="sms")
        walk.outside("nobody@example.org")
        call = gateway.calls[-1]
    assert call.json["to"] == "+8613900020014"
    (link,) = re.findall(r"/track/\S+", call.json["text"])
    phone = Client(headers={"accept-language": "zh"})
    phone.post(link.partition("?")[0], {"way": link.partition("=")[2]})
    page = phone.get(f"/track/{case.reference}/").content.decode()
    for said in ("接收确认函", case.reference, "3个工作日内完成调查", "派单至责任部门"):
        assert said in page
    assert walk.duty(case, "acknowledge").status == "met"


def test_8_1_compliance_and_management_are_reached_at_night_within_the_hour(begin: Begin) -> None:
    walk = begin(people, POLICY)
    cai, gao = asleep(walk.cast.cai), asleep(walk.cast.gao)
    case = registered(walk, "2026-03-03T23:00+08:00", safety=True)
    assert walk.duty(case, "report_up").due_at == walk.at("2026-03-04T00:00+08:00")
    assert walk.outside(cai) == []
    walk.at("2026-03-03T23:20+08:00")
    walk.act("fang", case, "report_up")
    for address in (cai, gao):
        (came,) = walk.outside(address)
        assert case.reference in came.text
        assert "8.1" in came.text


def test_8_1_where_nobody_reports_it_they_are_told_of_that_at_night_too(begin: Begin) -> None:
    walk = begin(people, POLICY)
    gao = asleep(walk.cast.gao)
    case = registered(walk, "2026-03-03T23:00+08:00", safety=True)
    walk.at("2026-03-04T01:01+08:00")
    assert any(case.reference in each.text for each in walk.outside(gao))
