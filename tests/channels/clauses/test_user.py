"""The clauses 5.1.2 and 5.1.2d of user-complaints: from the mailbox to the answer that arrives outside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import publish_policy
from cast import Cast, Staff, make_cast
from channels.clauses.walking import Begin
from ombud.cases.models import Case
from ombud.correspondence.models import Message
from post_offices import mail_of

pytestmark = pytest.mark.django_db
POLICY = "user-complaints"
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
        object="导出功能", occurred_on="2026-03-03", demand="修复",
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
        object="导出功能", occurred_on="2026-03-03", demand="修复",
    )  # fmt: skip
    *_, came = walk.outside("li@example.org")
    walk.come_in(mail_of("附上日志。", id="<2@example.org>", Subject=f"Re: {came.subject}"))
    assert Case.objects.count() == 1
    assert "附上日志。" in walk.page("tang", case)
