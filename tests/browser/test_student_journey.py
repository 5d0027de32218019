"""A student's complaint: changed until both agree, then a second one in which nobody of the first round has a part."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser.windows import Windows, do_act, fill, let_time_pass, open_duty, perform_now, send, shoot
from builders import assert_refolds, publish_policy
from cast import Cast, Staff, make_cast
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case

pytestmark = pytest.mark.django_db(transaction=True)

POLICY = "student-complaints"
#: Fang answers for student service, Hao and Song teach under Zeng, Ji reviews for compliance.
STAFF: Staff = {
    "fang": ("agent", "student_service"),
    "hao": ("officer", "teaching"),
    "song": ("officer", "teaching"),
    "zeng": ("head", "teaching"),
    "ji": ("reviewer", "compliance"),
    "gao": ("management", "management"),
}


@pytest.fixture
def cast(db: None) -> Cast:
    publish_policy(POLICY)
    return make_cast(POLICY, STAFF)


def test_a_student_asks_for_a_change_then_complains_a_second_time_and_others_handle_it(
    windows: Windows, cast: Cast
) -> None:
    phone = windows.open(is_phone=True)
    phone.goto(f"/to/{POLICY}/")
    shoot(phone, "student-01-start")
    phone.get_by_role("link", name="提交投诉").first.click()
    fill(phone, {"课程名称": "教师资格证面试班", "培训形式": "线下课程", "具体问题": "教学质量·授课水平差"})
    fill(phone, {"投诉主题": "讲师念课件", "投诉事项": "四次课都照着课件念，问题答不上来。"})
    shoot(phone, "student-02-what")
    phone.get_by_role("button", name="下一步").click()
    fill(phone, {"期望解决方式": "换讲师重新上课", "涉及金额": "900"})
    shoot(phone, "student-03-demand")
    phone.get_by_role("button", name="下一步").click()
    fill(phone, {"姓名": "柏杨", "联系电话": "13900020014"})
    phone.get_by_role("button", name="核对并提交").click()
    shoot(phone, "student-04-check")
    phone.get_by_role("button", name="提交投诉").click()
    expect(phone.get_by_role("heading", name="您的投诉已收到")).to_be_visible()
    expect(phone.locator(".next-item").filter(has_text="登记您的投诉").locator(".countdown")).to_be_visible()
    shoot(phone, "student-05-receipt")
    case = Case.objects.get()
    assert case.policy == POLICY

    agent = windows.open(cast.fang)
    open_duty(agent, case, "1小时内录入登记")
    fill(agent, {"媒体或监管介入": "无", "是否涉及人身安全": "否"})
    shoot(agent, "student-06-register")
    send(agent, "录入登记")
    expect(agent.locator("main")).to_contain_text("一般投诉")
    do_act(agent, case, "发送接收确认函", {"发送方式": "短信"})
    open_duty(agent, case, "2小时内派单")
    send(agent, "按分类派单")
    let_time_pass()

    officer = windows.open(cast.hao)
    open_duty(officer, case, "1小时内确认接收")
    send(officer, "确认接收工单")
    open_duty(officer, case, "完成调查")
    found = {
        "听取学员的记录": "与投诉一致。", "询问相关人员的记录": "讲师承认照课件宣读。",
        "课程记录核查情况": "四次课共六小时。", "核查结论": "属实",
    }  # fmt: skip
    fill(officer, found)
    officer.locator(".act-form button[type=submit]").click()
    expect(officer.locator(".act-form .field:has(.field-error)")).to_contain_text("线下培训须调取监控")
    shoot(officer, "student-07-refused-without-cctv")
    fill(officer, {"监控核查情况": "调看四次课，确以宣读为主。"})
    send(officer, "完成调查")
    plan = {"处理措施": "发放录播课一套", "执行时限": "未约定日期（议定后5个工作日）", "责任人": "郝明远"}
    do_act(officer, case, "提交方案", plan)
    open_duty(officer, case, "24小时内与学员沟通")
    fill(officer, {"告知内容": "方案已电话说明。"})
    send(officer, "与学员沟通方案")
    let_time_pass()

    phone.get_by_role("link", name="查看进度").click()
    expect(phone.get_by_role("heading", name=re.compile("等待您处理"))).to_be_visible()
    shoot(phone, "student-08-your-turn")
    phone.get_by_role("link", name="要求修改", exact=True).click()
    expect(phone.locator("main")).to_contain_text("发放录播课一套")
    fill(phone, {"意见说明": "录播课不算面试辅导。"})
    phone.get_by_role("button", name="答复处理方案", exact=True).click()
    expect(phone.locator(".message")).to_contain_text("答复处理方案")

    open_duty(officer, case, "1个工作日内调整方案")
    expect(officer.locator("main")).to_contain_text("录播课不算面试辅导。")
    fill(officer, {**plan, "处理措施": "录播课一套，另加一次答疑"})
    send(officer, "提交方案")
    for who, act, data in (
        ("hao", "communicate", {}), ("complainant", "answer", {"answer": "accepted"}),
        ("hao", "carry_out", {"result": "已开通"}), ("hao", "report_result", {}), ("fang", "tell_result", {}),
    ):  # fmt: skip
        perform_now(case, act, cast, who, data)
    phone.goto(f"/track/{case.reference}/")
    phone.get_by_role("link", name="确认已解决", exact=True).click()
    phone.get_by_role("button", name="确认问题是否解决", exact=True).click()
    expect(phone.locator(".message")).to_contain_text("确认问题是否解决")
    open_duty(agent, case, "3个工作日内回访")
    fill(agent, {"满意度": "基本满意", "回访情况": "答疑只有十分钟。"})
    send(agent, "满意度回访")
    expect(agent.locator("main")).to_contain_text("已结案（可二次投诉）")

    phone.goto(f"/track/{case.reference}/")
    shoot(phone, "student-09-closed")
    phone.get_by_role("link", name="提出二次投诉").first.click()
    shoot(phone, "student-10-second-complaint-form")
    fill(phone, {"二次投诉的理由": "答疑只有十分钟，我要的是面试辅导。"})
    phone.get_by_role("button", name="提出二次投诉", exact=True).click()
    expect(phone.locator("main")).to_contain_text("二次投诉复核")
    let_time_pass()
    shoot(phone, "student-11-under-review")

    answer = officer.goto(f"/desk/cases/{case.reference}/")
    assert answer is not None
    assert answer.status == 404, "the first round's handler has no part in the review"
    shoot(officer, "student-12-recused")
    reviewer = windows.open(cast.ji)
    open_duty(reviewer, case, "5个工作日内复核并答复")
    shoot(reviewer, "student-13-review")
    fill(reviewer, {"复核结论": "重新处理", "复核意见": "原方案未回应核心诉求。"})
    send(reviewer, "复核并答复")
    officer.goto("/desk/")
    expect(officer.get_by_text(case.reference)).to_have_count(0)

    other = windows.open(cast.song)
    open_duty(other, case, "1个工作日内制定方案")
    fill(
        other,
        {
            "处理措施": "换讲师，另加四次小班辅导",
            "执行时限": "约定日期",
            "约定完成日期": "2027-01-15",
            "责任人": "宋雨",
        },
    )
    send(other, "提交方案")
    for who, act, data in (
        ("song", "communicate", {}), ("complainant", "answer", {"answer": "accepted"}),
        ("song", "carry_out", {"result": "四次辅导已完成"}), ("song", "report_result", {}), ("fang", "tell_result", {}),
        ("complainant", "confirm", {"confirmation": "confirmed"}), ("fang", "follow_up", {"satisfaction": "satisfied"}),
    ):  # fmt: skip
        perform_now(case, act, cast, who, data)
    let_time_pass()
    phone.goto(f"/track/{case.reference}/")
    expect(phone.locator("main")).to_contain_text("已归档")
    shoot(phone, "student-14-archived")
    agent.goto(f"/desk/cases/{case.reference}/")
    shoot(agent, "student-15-archived-desk")

    case.refresh_from_db()
    assert case.phase == "archived"
    assert not case.duties.filter(status__in=("open", "late")).exists()
    assert_refolds(case)
    assert verify_all()["problems"] == []
