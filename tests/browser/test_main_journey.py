"""The main job in a real browser: the customer on a phone, the staff at their desks, from the form to the archive."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.windows import Windows, choose, let_time_pass, open_duty, send, shoot
from builders import assert_refolds
from cast import Cast
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Attachment, Case

pytestmark = pytest.mark.django_db(transaction=True)


def picture(folder: Path) -> Path:
    """Return a real picture, 64 by 48 pixels of orange."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head, rows = struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0), (b"\0" + b"\xe8\x80\x20" * 64) * 48
    path = folder / "漏水的壶.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    return path


def test_a_customer_on_a_phone_is_helped_by_the_staff_until_the_case_is_archived(
    windows: Windows, cast: Cast, tmp_path: Path
) -> None:
    phone = windows.open(is_phone=True)
    phone.goto("/")
    phone.get_by_role("link", name="提交投诉").first.click()

    phone.get_by_label("投诉主题").fill("电水壶漏水")
    phone.get_by_label("事情经过").fill("第一次烧水就漏，店员不给退。")
    phone.get_by_label("发生时间").fill("2026-11-20T15:00")
    phone.get_by_label("发生地点").fill("南京路门店")
    phone.locator("input[type=file]").set_input_files(picture(tmp_path))
    expect(phone.locator("[data-files] .good")).to_be_visible()
    shoot(phone, "journey-zh-1-what-happened")
    phone.get_by_role("button", name="下一步").click()

    phone.get_by_label("产品型号或服务场景").fill("云沸 K17")
    phone.get_by_label("您的诉求").fill("退款")
    shoot(phone, "journey-zh-2-demand")
    phone.get_by_role("button", name="下一步").click()

    phone.get_by_label("姓名或企业名称").fill("王小明")
    phone.get_by_label("联系电话").fill("13800138000")
    shoot(phone, "journey-zh-3-contact")
    phone.get_by_role("button", name="核对并提交").click()

    expect(phone.get_by_text("漏水的壶.png")).to_be_visible()
    shoot(phone, "journey-zh-4-check")
    phone.get_by_role("button", name="提交投诉").click()

    case = Case.objects.get()
    expect(phone.get_by_role("heading", name="您的投诉已收到")).to_be_visible()
    expect(phone.get_by_text(case.reference, exact=True).first).to_be_visible()
    expect(phone.locator(".next-item").filter(has_text="登记受理您的投诉").locator(".countdown")).to_be_visible()
    expect(phone.locator(".promises")).to_contain_text("回访您是否满意")
    assert Attachment.objects.get().case == case
    shoot(phone, "journey-zh-5-receipt")

    agent = windows.open()
    agent.goto("/desk/")
    agent.get_by_label("用户名").fill("lin")
    agent.get_by_label("密码").fill("a sound password")
    agent.get_by_role("button", name="登录").click()
    expect(agent.get_by_role("heading", name="我的待办")).to_be_visible()
    shoot(agent, "journey-zh-6-agent-duties")
    open_duty(agent, case, "1小时内登记")
    shoot(agent, "journey-zh-7-register-form")
    for question, answer in (
        ("投诉类型", "产品质量"), ("具体问题", "产品质量·功能"), ("紧急程度", "一般"), ("是否已扩散", "否"),
        ("常规方式可否解决", "是"), ("法律或监管动向", "无"), ("是否影响客户经营", "否"),
    ):  # fmt: skip
        choose(agent, question, answer)
    send(agent, "登记受理")
    shoot(agent, "journey-zh-8-registered")
    open_duty(agent, case, "1小时内派单")
    send(agent, "派单")
    let_time_pass()

    contact = windows.open(cast.chen)
    contact.goto("/desk/notices/")
    expect(contact.locator("main")).to_contain_text("派单")
    open_duty(contact, case, "2小时内确认接收")
    send(contact, "确认接收")
    contact.goto(f"/desk/cases/{case.reference}/?act=propose")
    expect(contact.locator(".act-form")).to_contain_text("尚未提交核查结论")
    expect(contact.locator(".act-form [data-ref='2.1.3']").first).to_be_visible()
    shoot(contact, "journey-zh-9-not-possible-yet")
    open_duty(contact, case, "初步核查")
    choose(contact, "核查结论", "属实")
    contact.locator("form").get_by_label("核查情况").fill("已核对订单与批次。")
    send(contact, "提交核查结论")
    contact.get_by_role("link", name="提交方案").click()
    contact.locator("form").get_by_label("处理措施").fill("换新并致歉")
    contact.locator("form").get_by_label("完成时限").fill("2026-12-01")
    contact.locator("form").get_by_label("责任人").fill("王敏")
    send(contact, "提交方案")

    head = windows.open(cast.zhou)
    head.goto(f"/desk/cases/{case.reference}/")
    shoot(head, "journey-zh-10-head")
    head.get_by_role("link", name=re.compile("方案审批.*(同意|通过)|批准|同意")).first.click()
    head.locator(".act-form button[type=submit]").click()
    expect(head.locator(".message").first).to_be_visible()

    open_duty(agent, case, "与客户沟通方案")
    agent.locator("form").get_by_label("告知内容").fill("已电话说明方案，请您答复。")
    send(agent, "沟通方案")
    let_time_pass()

    phone.get_by_role("link", name="查看进度").click()
    expect(phone.get_by_role("heading", name=re.compile("等待您处理"))).to_be_visible()
    expect(phone.locator(".ask .countdown")).to_be_visible()
    shoot(phone, "journey-zh-11-your-turn")
    phone.get_by_role("link", name="接受", exact=True).click()
    expect(phone.locator("main")).to_contain_text("换新并致歉")
    expect(phone.get_by_label("意见说明")).to_be_hidden()  # only another answer wants words
    shoot(phone, "journey-zh-12-answer")
    phone.get_by_role("button", name="答复处理方案").click()
    expect(phone.locator(".message")).to_contain_text("答复处理方案")

    open_duty(contact, case, "执行方案")
    contact.locator("form").get_by_label("执行结果").fill("新壶已寄出并签收。")
    send(contact, "标注处理完成")
    open_duty(agent, case, "48小时内回访")
    choose(agent, "回访方式", "电话")
    choose(agent, "满意度", "满意")
    send(agent, "回访")
    expect(agent.locator("main")).to_contain_text("已办结")
    shoot(agent, "journey-zh-13-closed-desk")
    let_time_pass()

    phone.goto(f"/track/{case.reference}/")
    expect(phone.locator("main")).to_contain_text("已办结")
    phone.locator(".answers-scale").get_by_role("link", name="5").click()
    phone.get_by_role("button", name="评价").click()
    expect(phone.locator(".message")).to_contain_text("评价")
    shoot(phone, "journey-zh-14-archived-phone")

    case.refresh_from_db()
    assert case.phase == "closed"
    told = case.duties.filter(duty="tell_otherwise")  # she gave no e-mail address, and reads her letters on the page
    assert set(case.duties.exclude(pk__in=told).values_list("status", flat=True)) == {"met"}
    assert_refolds(case)
    assert verify_all()["problems"] == []
