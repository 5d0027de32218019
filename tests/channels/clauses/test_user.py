"""The clauses 5.1.2 and 5.1.4 of user-complaints: from the mailbox and the official account to the answer outside."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from builders import publish_policy
from carried import carry
from cast import Cast, Staff, make_cast
from channels.clauses.walking import Begin
from ombud.cases.models import Case
from ombud.channels import hearing, hook_address, signing
from ombud.correspondence.accounts import keep_secrets
from ombud.correspondence.models import Account, Message
from post_offices import mail_of
from provider_server import ProviderServer

pytestmark = pytest.mark.django_db
POLICY, SECRET = "user-complaints", "a secret of sixteen"
STAFF: Staff = {"an": ("agent", "service"), "tang": ("responsible", "technical"), "he": ("head", "technical")}


def people() -> Cast:
    publish_policy(POLICY)
    return make_cast(POLICY, STAFF)


def test_5_1_2_a_mail_is_a_complaint_that_the_department_answers_by_mail_within_a_day(begin: Begin) -> None:
    walk = begin(people, POLICY)
    arrived = walk.at("2026-03-03T23:30+08:00")
    walk.come_in(mail_of("每次导出都崩溃。", Subject="导出崩溃"))
    case = Case.objects.get()
    assert (case.channel, case.received_at) == ("email", arrived)
    assert walk.duty(case, "answer_email").due_at == arrived + timedelta(hours=24)
    walk.at("2026-03-04T09:10+08:00")
    walk.act(
        "an", case, "register", name="李娜", email="li@example.org", narrative="每次导出都崩溃。", category="technical",
        object="导出功能", occurred_on="2026-03-03T08:00+08:00", demand="修复",
    )  # fmt: skip
    walk.act("tang", case, "reply", message="我们已复现该问题，明天发布修复。")
    *_, came = walk.outside("li@example.org")
    assert "我们已复现该问题" in came.text
    assert walk.duty(case, "answer_email").status == "met"
    assert Message.objects.get(case=case, act="reply").state == Message.State.HANDED_OVER
    assert "我们已复现该问题" in walk.page("tang", case)


def test_5_1_2_what_the_user_answers_is_part_of_the_same_case(begin: Begin) -> None:
    walk = begin(people, POLICY)
    walk.at("2026-03-03T10:00+08:00")
    walk.come_in(mail_of("每次导出都崩溃。", Subject="导出崩溃"))
    case = Case.objects.get()
    walk.act(
        "an", case, "register", name="李娜", email="li@example.org", narrative="每次导出都崩溃。", category="technical",
        object="导出功能", occurred_on="2026-03-03T08:00+08:00", demand="修复",
    )  # fmt: skip
    *_, came = walk.outside("li@example.org")
    walk.come_in(mail_of("附上日志。", id="<2@example.org>", Subject=f"Re: {came.subject}"))
    assert Case.objects.count() == 1
    assert "附上日志。" in walk.page("tang", case)


def test_5_1_4_what_is_said_at_the_official_account_is_answered_there_within_four_working_hours(
    begin: Begin, settings: Any
) -> None:
    walk = begin(people, POLICY)
    with ProviderServer({"/in": (200, {"id": "there-1"})}) as platform:
        settings.OMBUD_OUTGOING_ALLOWED = [platform.url]
        account = Account(
            key="weibo", kind="webhook", title="Weibo", policy=POLICY, channel="social", files=False,
            options={"url": f"{platform.url}/in"},
        )  # fmt: skip
        keep_secrets(account, {"secret": SECRET})
        account.save()
        said = walk.at("2026-03-03T16:00+08:00")
        body = json.dumps(
            {"type": "message", "id": "w-1", "from": {"id": "u-7", "name": "李娜"}, "text": "崩溃"}
        ).encode()
        headers = signing.signed(SECRET, body, now=said)
        hook = urlsplit(hook_address.of(account)).path
        assert Client().post(hook, body, content_type="application/json", headers=headers).status_code == 200
        hearing.sort_arrived(account, now=said)
        walk.at("2026-03-03T16:20+08:00")
        heard = Message.objects.get(account=account)
        form = {"policy": POLICY, "channel": "social", "subject": "导出崩溃", "narrative": "崩溃", "name": "李娜"}
        assert walk.browser("an").post(f"/desk/inbox/{heard.pk}/complaint/", form).status_code == 302
        case = Case.objects.get()
        assert case.received_at == said
        due = datetime.fromisoformat("2026-03-04T11:00+08:00")  # nobody works from 18:00 to 09:00
        assert walk.duty(case, "answer_social").due_at == due
        now = walk.at("2026-03-04T09:30+08:00")
        walk.act("an", case, "acknowledge", message="我们已看到，正在核实。")
        carry(now=now)
        assert "我们已看到" in platform.calls[-1].json["text"]
    assert walk.duty(case, "answer_social").status == "met"
    assert Message.objects.get(case=case, act="acknowledge").state == Message.State.HANDED_OVER
    assert "Weibo" in walk.page("an", case)
