"""A complaint about boarding: graded three ways at once, judged by two parties, and points that somebody objects to."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from browser.windows import Windows, do_act, fill, in_days, let_time_pass, open_duty, send, shoot
from builders import assert_refolds, publish_policy
from cast import Cast, Staff, make_cast
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, LedgerEntry

pytestmark = pytest.mark.django_db(transaction=True)

POLICY = "training-service"
#: Fang answers for the complaint group that Ye leads, Chang runs the boarding house under Ni, Gao is the management.
STAFF: Staff = {
    "fang": ("specialist", "complaint_group"),
    "ye": ("team_leader", "complaint_group"),
    "chang": ("unit", "boarding"),
    "ni": ("unit_head", "boarding"),
    "gao": ("management", "management"),
}


@pytest.fixture
def cast(db: None) -> Cast:
    publish_policy(POLICY)
    return make_cast(POLICY, STAFF)


def assert_graded(page: Page, *grades: str) -> None:
    """Fail where the case page does not show all of these grades."""
    for grade in grades:
        expect(page.locator("main").get_by_text(grade, exact=True).first).to_be_visible()


def test_a_theft_in_the_boarding_house_is_judged_made_good_and_charged_to_who_was_responsible(
    windows: Windows, cast: Cast
) -> None:
    phone = windows.open(is_phone=True)
    phone.goto(f"/to/{POLICY}/")
    shoot(phone, "training-01-start")
    phone.get_by_role("link", name="提交投诉").first.click()
    fill(phone, {"投诉主题": "宿舍丢了电脑", "事情经过": "回宿舍发现门没有锁，电脑不见了。", "发生地点": "3号楼402"})
    phone.get_by_role("button", name="下一步").click()
    fill(phone, {"涉及的课程或服务": "3号楼住宿", "损失金额": "600", "诉求": "赔偿电脑"})
    shoot(phone, "training-02-demand")
    phone.get_by_role("button", name="下一步").click()
    fill(phone, {"姓名": "费扬", "联系电话": "13900030005"})
    phone.get_by_role("button", name="核对并提交").click()
    phone.get_by_role("button", name="提交投诉").click()
    expect(phone.get_by_role("heading", name="您的投诉已收到")).to_be_visible()
    shoot(phone, "training-03-receipt")
    case = Case.objects.get()

    specialist = windows.open(cast.fang)
    open_duty(specialist, case, "登记受理")
    graded_by = {
        "投诉原因": "住宿", "发生场所": "住宿部", "须当场解决的事项": "突发事件", "事态影响是否严重": "否",
        "投诉人是否媒体或政府要员": "一般人员", "是否声称或有意曝光媒体": "否",
        "投诉强度与影响": "程度激烈、有不良影响",
    }  # fmt: skip
    fill(specialist, graded_by)
    shoot(specialist, "training-04-register")
    send(specialist, "登记受理")
    assert_graded(specialist, "现场投诉", "严重（二星）", "待判定")
    shoot(specialist, "training-05-graded")
    open_duty(specialist, case, "书面报告并通知")
    fill(specialist, {"书面报告": "3号楼402报失电脑一台，监控停用七天。"})
    send(specialist, "提交书面报告并通知被投诉机构")
    open_duty(specialist, case, "判定性质")
    fill(specialist, {"投诉组判定": "有效投诉", "判定理由": "监控停用未报修。"})
    send(specialist, "判定性质")

    unit = windows.open(cast.chang)
    open_duty(unit, case, "调查处理")
    fill(unit, {"被投诉机构核实意见": "不属我方原因", "调查情况与理由": "学员外出未锁门。"})
    send(unit, "提交调查结果")
    assert_graded(unit, "意见不一", "待管理层裁定")
    unit.goto(f"/desk/cases/{case.reference}/?act=propose")
    expect(unit.locator(".act-form")).to_contain_text("性质尚未确定为有效投诉")
    shoot(unit, "training-06-no-measures-yet")
    let_time_pass()

    manager = windows.open(cast.gao)
    open_duty(manager, case, "裁定性质")
    shoot(manager, "training-07-ruling")
    fill(manager, {"管理层裁定": "有效投诉", "裁定理由": "监控停用七天未报修，管理有过错。"})
    send(manager, "裁定性质")
    measures = {
        "措施类别": "赔付", "处理措施": "赔偿六百元，监控当日修复", "完成时限": in_days(30),
        "责任人": "常松", "是否含超出权限的承诺": "是", "赔付金额": "600",
    }  # fmt: skip
    do_act(unit, case, "拟定措施", measures, "training-08-measures")
    head = windows.open(cast.ni)
    open_duty(head, case, "上级同意超出权限的承诺")
    shoot(head, "training-09-consent")
    head.locator(".act-form button[type=submit]").click()
    expect(head.locator(".message").first).to_be_visible()

    open_duty(specialist, case, "答复投诉人")
    fill(specialist, {"告知内容": "已电话说明赔偿方案。"})
    send(specialist, "答复投诉人")
    let_time_pass()
    phone.get_by_role("link", name="查看进度").click()
    expect(phone.get_by_role("heading", name=re.compile("等待您处理"))).to_be_visible()
    shoot(phone, "training-10-your-turn")
    phone.get_by_role("link", name="接受", exact=True).click()
    expect(phone.locator("main")).to_contain_text("赔偿六百元")
    expect(phone.locator("main")).not_to_contain_text("学员外出未锁门")
    phone.get_by_role("button", name="对答复表示意见", exact=True).click()
    expect(phone.locator(".message")).to_contain_text("对答复表示意见")
    open_duty(unit, case, "执行措施")
    fill(unit, {"执行结果": "赔偿已到账，监控已修复。"})
    send(unit, "完成执行")
    open_duty(specialist, case, "回访")
    fill(specialist, {"满意度": "满意"})
    send(specialist, "回访")
    expect(specialist.locator("main")).to_contain_text("已办结归档")
    expect(specialist.get_by_role("heading", name="由本案引出")).to_be_visible()
    shoot(specialist, "training-11-closed")
    phone.goto(f"/track/{case.reference}/")
    expect(phone.locator("main")).to_contain_text("已办结")
    shoot(phone, "training-12-closed-phone")

    matter = Case.objects.get(parent=case)
    open_duty(specialist, matter, "提出负激励")
    shoot(specialist, "training-13-points")
    fill(specialist, {"追责责任人": "Chang", "负激励理由": "监控停用七天未报修。"})
    send(specialist, "提出负激励")
    open_duty(manager, matter, "负激励的确认")
    manager.locator(".act-form button[type=submit]").click()
    expect(manager.locator(".message").first).to_be_visible()
    let_time_pass()
    unit.goto("/desk/notices/")
    shoot(unit, "training-14-notices")
    open_duty(unit, matter, "接受或提出异议")
    unit.goto(f"/desk/cases/{matter.reference}/")
    shoot(unit, "training-15-accept-or-object")
    do_act(unit, matter, "本人提出异议", {"本人异议": "报修单已提交，未派工。"})
    assert not LedgerEntry.objects.exists()
    open_duty(manager, matter, "复核异议")
    expect(manager.locator("main")).to_contain_text("报修单已提交")
    fill(manager, {"异议复核结果": "维持", "复核理由": "报修后未跟进。"})
    send(manager, "复核异议")
    expect(manager.locator("main")).to_contain_text("已入账")
    shoot(manager, "training-16-entered")
    for window in (unit, manager):
        window.goto("/desk/performance/")
        expect(window.locator("main")).to_contain_text("3分")
    shoot(manager, "training-17-ledger")

    entry = LedgerEntry.objects.get()
    assert (entry.ledger, entry.person, entry.points) == ("incentives", cast.chang, 3)
    for each in (case, matter):
        each.refresh_from_db()
        assert not each.is_open
        assert not each.duties.filter(status__in=("open", "late")).exists()
        assert_refolds(each)
    assert verify_all()["problems"] == []
