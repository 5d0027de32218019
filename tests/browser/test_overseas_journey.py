"""A customer in Germany loses more than 10,000 CNY: Berlin and headquarters, two approvals, an extension, a group."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from browser.windows import Windows, do_act, fill, in_days, let_time_pass, open_duty, perform_now, send, shoot
from builders import assert_refolds
from cast import COMPLAINANT
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case
from ombud.channels.intake import receive
from overseas import POLICY, Overseas, make_overseas

pytestmark = pytest.mark.django_db(transaction=True)

SAID = {
    "country": "DE", "customer_kind": "end_customer", "name": "Atelier Kern", "email": "kern@example.com",
    "subject": "The film was taken down", "object": "Autumn campaign",
    "narrative": "Its music has no licence.", "demand": "A licensed version", "loss": "400 EUR",
}  # fmt: skip
GRADES = {"category": "contract", "relation": "strong", "impact": "small", "routine": False, "regulator_risk": False}
PLAN = {"measures": "A licensed version and the lawyer's costs", "responsible": "Tao", "resources": "Berlin pays"}


@pytest.fixture
def cast(db: None) -> Overseas:
    return make_overseas()


def filed(**changed: str) -> Case:
    """Return a complaint that has just been filed on the portal."""
    now = timezone.now()
    data = {**SAID, "occurred_on": f"{in_days(-20)}T09:00+00:00", **changed}
    return receive(POLICY, channel="web", language="en", data=data, actor=COMPLAINANT, at=now, now=now).case


def agree(page: Page, case: Case, duty: str, name: str, answers: dict[str, str] | None = None) -> None:
    """Approve what waits in the list of duties; keep a picture of what is seen before."""
    open_duty(page, case, duty)
    fill(page, answers or {})
    shoot(page, name)
    page.locator(".act-form button[type=submit]").click()
    expect(page.locator(".message").first).to_be_visible()


def test_a_grave_complaint_from_germany_goes_through_berlin_headquarters_and_both_approvals(
    windows: Windows, cast: Overseas, tmp_path: Path
) -> None:
    phone = windows.open(is_phone=True, language="en-US")
    phone.goto(f"/to/{POLICY}/")
    shoot(phone, "overseas-01-start")
    phone.get_by_role("link", name="File a complaint").first.click()
    fill(phone, {"Country or region": "Germany", "Kind of customer": "End customer", "Name or company": "Atelier Kern"})
    fill(phone, {"E-mail": "kern@example.com"})
    shoot(phone, "overseas-02-who")
    phone.get_by_role("button", name="Continue").click()
    fill(phone, {"Subject": "The film was taken down", "Business or project": "Autumn campaign"})
    fill(phone, {"When it happened": f"{in_days(-3)}T09:00", "What happened": "Its music has no licence."})
    phone.get_by_role("button", name="Continue").click()
    fill(
        phone,
        {
            "Loss of this event": "15000",
            "Currency": "EUR",
            "What you ask for": "A licensed version and my lawyer's costs",
        },
    )
    shoot(phone, "overseas-03-loss")
    phone.get_by_role("button", name="Check and send").click()
    shoot(phone, "overseas-04-check")
    phone.get_by_role("button", name="Send the complaint").click()
    expect(phone.get_by_role("heading", name="Your complaint has arrived")).to_be_visible()
    shoot(phone, "overseas-05-receipt")
    case = Case.objects.get()
    assert (case.policy, case.office and case.office.key, case.grades["severity"]) == (POLICY, "europe", "major")

    anna = windows.open(cast.anna, language="en-US")
    anna.goto("/desk/")
    shoot(anna, "overseas-06-duties-berlin")
    open_duty(anna, case, "Respond within 1 working hour")
    fill(anna, {"Message": "We have noted: a licensed version and your lawyer's costs.", "Language of this": "English"})
    shoot(anna, "overseas-07-respond")
    send(anna, "Respond and confirm the demand")
    open_duty(anna, case, "Major: contain it")
    fill(anna, {"Facts and present situation": "The film is offline.", "First measures": "No copy is shown any more."})
    send(anna, "Contain it and report")
    graded_by = {
        "Category": "Contract and fees", "Effect on cooperation": "Long-term cooperation may end",
        "Extent of the effect": "International negative opinion or brand damage", "Quickly solved": "No",
        "May a regulator": "No",
    }  # fmt: skip
    do_act(anna, case, "Register", graded_by, "overseas-08-register")
    shoot(anna, "overseas-09-registered")
    do_act(anna, case, "First check", {"What the first check shows": "No licence on file.", "Across regions": "No"})
    zhao = windows.open(cast.zhao)
    open_duty(zhao, case, "2个工作日内初查分流")
    send(zhao, "分流")
    lau = windows.open(cast.lau)
    open_duty(lau, case, "法律意见")
    fill(lau, {"适用的当地法律": "德国著作权法"})
    send(lau, "法律意见")

    tao = windows.open(cast.tao)
    open_duty(tao, case, "成立小组并制定调查方案")
    for name in ("Tao", "Lau", "Anna"):
        tao.get_by_role("group", name=re.compile("专项小组成员")).get_by_text(name, exact=True).click()
    fill(tao, {"调查方案": "先查授权，再查合同。"})
    shoot(tao, "overseas-10-task-group")
    send(tao, "成立总公司专项小组并制定调查方案")
    open_duty(tao, case, "10个工作日内调查报告")
    fill(tao, {"核查结论": "属实", "调查报告": "授权只含试用版。", "根源": "发布前不查授权", "适用": "德国著作权法"})
    send(tao, "提交调查报告")
    plans = {"整改方案": "无授权不发布", "赔偿方案": "律师费及新片", "舆情预案": "统一回应"}
    do_act(tao, case, "拟定整改、赔偿与舆情方案", plans)
    open_duty(tao, case, "5个工作日内综合方案")
    fill(tao, {"处理措施": "两周内交付授权版本并承担律师费", "完成时限": in_days(21), "责任人": "陶然"})
    send(tao, "提交方案")
    shoot(tao, "overseas-11-proposed")
    gao = windows.open(cast.gao, is_phone=True)
    gao.goto("/desk/")
    shoot(gao, "overseas-12-duties-phone")
    agree(gao, case, "管理层审批方案", "overseas-13-management", {"是否属于重大事项": "是"})
    shoot(gao, "overseas-14-management-done")
    xiao = windows.open(cast.xiao, is_phone=True, language="en-US")
    agree(xiao, case, "Decision of the general manager's meeting", "overseas-15-meeting")
    shoot(xiao, "overseas-16-meeting-done")
    do_act(anna, case, "Communicate the solution", {"Language of this": "简体中文", "Message": "方案已定。"})
    expect(anna.locator(".message-warning")).to_contain_text("neither the agreed language nor one of the office")
    expect(anna.locator(".timeline")).to_contain_text("another language than agreed")
    shoot(anna, "overseas-17-another-language")
    let_time_pass()

    phone.get_by_role("link", name="Follow it").click()
    expect(phone.get_by_role("heading", name="Your turn: Answer our proposal")).to_be_visible()
    shoot(phone, "overseas-18-your-turn")
    phone.get_by_role("link", name="Accepted", exact=True).click()
    shoot(phone, "overseas-19-answer")
    phone.get_by_role("button", name="Answer our proposal", exact=True).click()
    expect(phone.locator(".message")).to_contain_text("Answer our proposal")

    do_act(
        tao,
        case,
        "申请延期",
        {"原因": "新片须重新配乐，客户同意。", "新的完成期限": in_days(120)},
        "overseas-20-extension",
    )
    agree(
        gao,
        case,
        "决定是否延期",
        "overseas-21-extension-phone",
        {"原因": "客户书面同意。", "新的完成期限": in_days(110)},
    )
    tao.goto(f"/desk/cases/{case.reference}/")
    shoot(tao, "overseas-22-extended")

    do_act(tao, case, "跟踪实施", {"实施跟踪情况": "配乐授权已购。"})
    bo = windows.open(cast.bo)
    do_act(bo, case, "监测舆情并回应", {"海外社媒": "三篇报道。", "对公众关切的回应": "已公开更正。"})
    open_duty(tao, case, "30个工作日内处置完成")
    shoot(tao, "overseas-23-owed-by-headquarters")
    do_act(anna, case, "Mark as completed", {"Result": "The licensed version is online."})
    told = {"Channel that the customer accepts": "E-mail", "Satisfaction": "Satisfied", "Language of this": "English"}
    do_act(anna, case, "Feed back the result", told, "overseas-24-feedback")
    let_time_pass()
    phone.goto(f"/track/{case.reference}/")
    shoot(phone, "overseas-25-fed-back")
    phone.get_by_role("link", name="Send us the signed confirmation").first.click()
    signed = tmp_path / "confirmation.txt"
    signed.write_text("Agreed. Kern", "utf-8")
    phone.locator("input[type=file]").set_input_files(signed)
    phone.get_by_role("button", name="Send us the signed confirmation", exact=True).click()
    expect(phone.locator(".message")).to_contain_text("Send us the signed confirmation")
    open_duty(anna, case, "evaluation within 7 working days")
    ratings = {"Rating of the process": "4", "Rating of the solution": "5", "Rating of the outcome": "5"}
    fill(anna, {**ratings, "Satisfaction": "Satisfied"})
    shoot(anna, "overseas-26-evaluation")
    send(anna, "Evaluate the satisfaction")
    do_act(tao, case, "复盘并提交专项报告", {"复盘与优化措施": "发布前查授权。", "专项报告": "全档已归集。"})
    open_duty(anna, case, "Review and archive")
    send(anna, "Archive")
    expect(anna.locator("main")).to_contain_text("Archived")
    shoot(anna, "overseas-27-archived")
    let_time_pass()
    phone.goto(f"/track/{case.reference}/")
    shoot(phone, "overseas-28-archived-phone")

    case.refresh_from_db()
    assert not case.is_open
    assert set(case.duties.values_list("status", flat=True)) <= {"met", "ended"}
    assert_refolds(case)
    assert verify_all()["problems"] == []


def test_three_complaints_are_told_one_wording_and_answered_each_by_itself(windows: Windows, cast: Overseas) -> None:
    lead, second, third = filed(), filed(name="Foto Brandt"), filed(name="Studio Lang")
    for case in (lead, second, third):
        for who, act, data in (
            ("anna", "acknowledge", {"message": "We have it.", "message_language": "en"}),
            ("anna", "register", GRADES), ("anna", "first_check", {"check_notes": "Same film.", "cross_region": False}),
            ("zhao", "route", {}),
        ):  # fmt: skip
            perform_now(case, act, cast, who, data)
    anna = windows.open(cast.anna, language="en-US")
    for case in (second, third):
        do_act(anna, case, "Join a group complaint", {"Lead case": lead.reference}, "overseas-31-join")
    shoot(anna, "overseas-32-member")
    let_time_pass()
    anna.goto(f"/desk/cases/{lead.reference}/")
    shoot(anna, "overseas-33-lead")
    for case in (second, third):
        expect(anna.locator("main").get_by_role("link", name=case.reference).first).to_be_visible()

    hans = windows.open(cast.hans, language="en-US")
    open_duty(hans, lead, "Start the group plan within 1 hour")
    fill(hans, {"One wording": "The music had no licence; each of you gets an answer.", "One contact": "Anna"})
    shoot(hans, "overseas-34-group-plan")
    send(hans, "Start the plan for a group complaint")
    bo = windows.open(cast.bo)
    open_duty(bo, lead, "群体投诉官方声明")
    fill(bo, {"官方声明": "配乐授权有误，我们逐一处理。"})
    send(bo, "发布官方声明")
    tao = windows.open(cast.tao)
    do_act(
        tao,
        lead,
        "按统一口径告知全体",
        {"告知内容": "The music had no licence.", "本条消息的语种": "English"},
        "overseas-35-wording",
    )
    let_time_pass()
    for case in (second, third):
        tao.goto(f"/desk/cases/{case.reference}/")
        expect(tao.locator(".timeline")).to_contain_text("The music had no licence.")
    shoot(tao, "overseas-36-told")

    open_duty(anna, second, "Verify the claim")
    fill(anna, {"Class of the claim": "Common issue", "What verifying": "The invoice agrees."})
    send(anna, "Verify the claim")
    for case in (second, third):
        for who, act, data in (
            ("hans", "form_group", {"task_group": [cast.anna.key, cast.tao.key]}),
            ("anna", "verify", {"claim_class": "common", "claim_notes": "-"}),
            ("anna", "investigate", {"finding": "substantiated", "finding_notes": "-", "root_cause": "-"}),
            ("anna", "propose", {**PLAN, "time_limit": in_days(21)}), ("hans", "plan.approve", {}),
            ("anna", "communicate", {"message_language": "en"}),
        ):  # fmt: skip
            perform_now(case, act, cast, who, data)
    let_time_pass()
    for case, answer in ((second, "Accepted"), (third, "Rejected")):
        phone = windows.open(is_phone=True, language="en-US", case=case)
        phone.goto(f"/track/{case.reference}/do/answer/")
        fill(phone, {"Answer": answer} | ({"In your own words": "Too little."} if answer == "Rejected" else {}))
        phone.get_by_role("button", name="Answer our proposal", exact=True).click()
        expect(phone.locator(".message")).to_contain_text("Answer our proposal")
    anna.goto(f"/desk/cases/{lead.reference}/")
    shoot(anna, "overseas-37-each-answer")
    anna.set_viewport_size({"width": 390, "height": 844})
    shoot(anna, "overseas-38-lead-phone")
    phases = {case.reference: Case.objects.get(pk=case.pk).phase for case in (lead, second, third)}
    assert phases == {
        lead.reference: "investigating",
        second.reference: "carrying_out",
        third.reference: "investigating",
    }
    assert Case.objects.get(pk=lead.pk).grades["severity"] == "major"
    assert_refolds(lead)
    assert verify_all()["problems"] == []


def test_a_rectification_is_sent_back_and_accepted_from_the_ledger(windows: Windows, cast: Overseas) -> None:
    case = filed()
    for who, act, data in (
        ("anna", "acknowledge", {"message": "We have it.", "message_language": "en"}), ("anna", "register", GRADES),
    ):  # fmt: skip
        perform_now(case, act, cast, who, data)
    hans = windows.open(cast.hans, language="en-US")
    ordered = {
        "Measure": "No film without a licence", "Owner of the measure": "Ben", "To be put right by": in_days(10),
        "Acceptance criteria": "Ten films with a licence",
    }  # fmt: skip
    do_act(hans, case, "Open a rectification", ordered, "overseas-41-order")
    let_time_pass()
    matter = Case.objects.get(parent=case)
    ben = windows.open(cast.ben, language="en-US")
    ben.goto("/desk/matters/")
    shoot(ben, "overseas-42-ledger")
    ben.locator("main").get_by_role("link", name="No film without a licence").click()
    for act, answers in (
        ("Record the progress", {"Progress": "Six films checked."}),
        ("Submit the result", {"Result": "All are licensed."}),
    ):  # fmt: skip
        do_act(ben, matter, act, answers)
    hans.goto("/desk/matters/")
    expect(hans.locator("main")).to_contain_text("To be accepted")
    hans.locator("main").get_by_role("link", name="No film without a licence").click()
    do_act(hans, matter, "Send it back", {"Reason": "Four are missing."}, "overseas-43-send-back")
    open_duty(ben, matter, "Put right what was sent back")
    fill(ben, {"Result": "All ten are licensed."})
    send(ben, "Submit the result")
    open_duty(hans, matter, "Accept the rectification")
    expect(hans.locator(".act-form .about")).to_contain_text("All ten are licensed.")
    shoot(hans, "overseas-44-accept")
    hans.locator(".act-form button[type=submit]").click()
    expect(hans.locator(".message").first).to_be_visible()
    expect(hans.locator("main")).to_contain_text("Accepted")
    let_time_pass()
    hans.goto("/desk/matters/?state=all")
    shoot(hans, "overseas-45-ledger-accepted")
    hans.goto(f"/desk/cases/{case.reference}/")
    expect(hans.locator(".timeline")).to_contain_text("The rectification is accepted")
    shoot(hans, "overseas-46-case")
    for each in (case, matter):
        assert_refolds(each)
    assert verify_all()["problems"] == []


def test_who_has_not_passed_the_exam_neither_registers_nor_is_assigned(windows: Windows, cast: Overseas) -> None:
    case = filed()
    perform_now(case, "acknowledge", cast, "anna", {"message": "We have it.", "message_language": "en"})
    ben = windows.open(cast.ben, language="en-US")
    ben.goto(f"/desk/cases/{case.reference}/?act=register")
    expect(ben.locator(".act-form")).to_contain_text("Exam for handling overseas complaints")
    shoot(ben, "overseas-51-no-exam")
    mo = windows.open(cast.mo, language="en-US")
    mo.goto(f"/desk/training/?policy={POLICY}")
    shoot(mo, "overseas-52-training")
