"""A company is founded in the browser from nothing, and works its first week by the test clock."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email import policy as mail_policy
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

import post_offices
from browser.windows import Windows, choose, do_act, let_time_pass, open_duty, send, shoot
from builders import assert_refolds
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case
from ombud.project.founding import links
from post_offices import PASSWORD as OFFICE_PASSWORD
from post_offices import USER, PostOffice

pytestmark = pytest.mark.django_db(transaction=True)

HERE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 16, 8, 0, tzinfo=HERE)
PASSWORD = "quite a long word 7"
# Notes while a form is on its way whether the page says so.
WORKING = """document.addEventListener("submit", () => {
  sessionStorage.working = !document.querySelector("[data-working]").hidden;
})"""
PEOPLE = """用户名,中文姓名,英文姓名,邮箱,角色,部门
lin,林晓,Lin Xiao,lin@example.com,客服专员,客服部
tang,唐宁,Tang Ning,tang@example.com,客服专员,客服部
wei,魏然,Wei Ran,wei@example.com,客服主管,客服部
chen,陈明,Chen Ming,chen@example.com,责任部门对接人,品控部
qiu,邱实,Qiu Shi,qiu@example.com,责任部门对接人,物流部
zhou,周正,Zhou Zheng,zhou@example.com,责任部门负责人,品控部
gao,高远,Gao Yuan,gao@example.com,管理层,管理层
mo,莫问,Mo Wen,mo@example.com,投诉经理,
ma,马里,Ma Li,ma@example.com,投诉经理,
ai,艾青,Ai Qing,ai@example.com,审计人员,
"""
DATA_PEOPLE = """bao,包容,Bao Rong,bao@example.com,个人信息保护专员,
dai,戴维,Dai Wei,dai@example.com,数据保护负责人,
"""


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The week's clock; it runs on between its jumps."""
    with time_machine.travel(MONDAY, tick=True) as travelling:
        yield travelling


class Week:
    """The company, the clock, and a window for everybody."""

    def __init__(self, windows: Windows, clock: time_machine.Traveller, office: PostOffice) -> None:
        self.windows, self._clock, self.office = windows, clock, office
        self._open: dict[str, Page] = {}

    def at(self, day: int, hour: int, minute: int = 0) -> None:
        """Let it be that hour of a day, Monday being 0, and let the clock do what fell due until then."""
        moment = (MONDAY + timedelta(days=day)).replace(hour=hour, minute=minute)
        assert moment > timezone.now()
        self._clock.move_to(moment.astimezone(UTC))
        let_time_pass()

    def invitation(self, name: str) -> str:
        """Return the link in the mail that somebody was sent."""
        let_time_pass()
        with self.office.box() as box:
            for number in box.search(None, "TO", f"{name}@example.com")[1][0].split():
                mail = message_from_bytes(box.fetch(number, "(RFC822)")[1][0][1], policy=mail_policy.default)
                if found := re.search(r"/desk/password/\S+", mail.get_content()):
                    assert "账号" in mail["Subject"]
                    return found[0]
        raise AssertionError(f"{name} was not invited")

    def enter(self, name: str) -> Page:
        """Return a new window, which is somebody's from now on."""
        page = self._open[name] = self.windows.open()
        return page

    def of(self, name: str) -> Page:
        """Return somebody's own window; they choose a password once, and sign in whenever their session has ended."""
        if name not in self._open:
            page = self.enter(name)
            page.goto(self.invitation(name))
            page.get_by_label("新密码", exact=True).fill(PASSWORD)
            page.get_by_label("新密码确认").fill(PASSWORD)
            page.locator("form .btn-primary").click()
        page = self._open[name]
        page.goto("/desk/")
        if page.get_by_role("heading", name="登录").is_visible():
            page.get_by_label("用户名").fill(name)
            page.get_by_label("密码").fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", name="我的待办")).to_be_visible()
        return page

    def complain(self, subject: str, name: str, phone: str) -> tuple[Case, Page]:
        """File a complaint on the portal, on a phone."""
        page = self.windows.open(is_phone=True)
        page.goto("/")
        page.get_by_role("link", name="购买了我们的产品或服务的个人和企业").click()
        page.get_by_role("link", name="提交投诉").first.click()
        page.get_by_label("投诉主题").fill(subject)
        page.get_by_label("事情经过").fill("第一次烧水就漏，店员不给退。")
        page.get_by_label("发生地点").fill("南京路门店")
        page.get_by_role("button", name="下一步").click()
        page.get_by_label("您的诉求").fill("退款")
        page.get_by_role("button", name="下一步").click()
        page.get_by_label("姓名或企业名称").fill(name)
        page.get_by_label("联系电话").fill(phone)
        page.get_by_role("button", name="核对并提交").click()
        page.get_by_role("button", name="提交投诉").click()
        expect(page.get_by_role("heading", name="您的投诉已收到")).to_be_visible()
        reference = page.locator(".receipt-number code").first.inner_text()
        return Case.objects.get(reference=reference), page


@pytest.fixture
def week(chromium: Browser, live_server: object, media: Path, clock: time_machine.Traveller) -> Iterator[Week]:
    """An installation that is empty, on Monday at eight."""
    windows = Windows(chromium, str(live_server))
    with post_offices.in_memory() as office:
        yield Week(windows, clock, office)
    windows.close()
    assert windows.complaints == []


def found(week: Week) -> Page:
    """Found the company: seven steps, each in the browser."""
    page = week.enter("yu")
    page.goto(links.path())
    for label, typed in (
        ("用户名", "yu"), ("中文姓名", "俞敏"), ("英文姓名", "Yu Min"), ("电子邮箱", "yu@example.com"),
        ("密码", PASSWORD), ("再次输入密码", PASSWORD),
    ):  # fmt: skip
        page.get_by_label(re.compile(f"^{label}")).fill(typed)
    page.get_by_role("button", name="开始").click()
    expect(page.get_by_role("heading", name="初始设置")).to_be_visible()
    shoot(page, "week-1-set-up")

    page.get_by_role("link", name="公司", exact=True).click()
    page.get_by_label("中文").first.fill("山海电器")
    page.get_by_role("button", name="保存").first.click()
    shoot(page, "week-2-company")
    for policy in ("客户投诉管理制度", "个人信息权利请求办理制度"):
        page.goto("/desk/set-up/")
        page.get_by_role("link", name="制度", exact=True).last.click()
        page.locator("label", has_text=policy).click()
        page.evaluate(WORKING)
        page.get_by_role("button", name="检查并发布").click(no_wait_after=True)
        expect(page.locator(".message")).to_contain_text("已检查并发布", timeout=120_000)
        assert page.evaluate("sessionStorage.working") == "true", "nobody says that it takes long"
    add(page, "客户投诉管理制度", PEOPLE)
    add(page, "个人信息权利请求办理制度", DATA_PEOPLE)
    shoot(page, "week-3-people")
    return page


def add(page: Page, policy: str, people: str) -> None:
    """Add the people of a list."""
    page.goto("/desk/set-up/people/")
    page.get_by_label("制度").select_option(label=policy)
    page.get_by_role("textbox", name=re.compile("^名单")).fill(people)
    page.get_by_role("button", name="添加", exact=True).click()
    prove(page)
    sees(page, "已添加")


def let_mail_in(page: Page, office: PostOffice) -> None:
    """Enter the company's mailbox, for complaints, letters and what staff is told."""
    page.goto("/desk/set-up/")
    page.get_by_role("link", name="渠道", exact=True).click()
    page.locator("summary", has_text="添加").click()
    page.get_by_role("link", name="邮箱", exact=True).click()
    typed = {
        "title": "山海客服", "address": USER, "password": OFFICE_PASSWORD,
        "imap_host": "127.0.0.1", "imap_port": str(office.imap_port),
        "smtp_host": "127.0.0.1", "smtp_port": str(office.smtp_port),
    }  # fmt: skip
    for name, value in typed.items():
        page.locator(f"main [name={name}]").fill(value)
    page.get_by_label(re.compile("^来信登记到")).select_option(label="客户投诉管理制度 · 投诉邮箱")
    for label in ("IMAP 连接方式", "SMTP 连接方式"):
        page.get_by_label(label).select_option(label="不加密：仅限本机")
    for label in ("收取邮件", "新邮件自动登记为投诉", "由此邮箱发送信函", "发给工作人员的邮件从此邮箱发出", "启用"):
        page.get_by_label(label).check()
    page.get_by_role("button", name="保存").click()
    shoot(page, "week-4-account")


def try_it(page: Page) -> None:
    """Let a test complaint through; then every step is done."""
    page.goto("/desk/set-up/")
    page.get_by_role("link", name="测试投诉", exact=True).click()
    page.get_by_role("button", name="试办：客户投诉管理制度").click()
    expect(page.locator("main")).to_contain_text("已走通，各项义务均有人承担。")
    shoot(page, "week-5-tried")
    page.goto("/desk/set-up/")
    expect(page.locator("main")).to_contain_text("共 7 步，已完成 7 步")
    shoot(page, "week-6-founded")


def accept(week: Week, case: Case, name: str) -> None:
    """Register and dispatch a complaint."""
    page = week.of(name)
    open_duty(page, case, "1小时内登记")
    for question, answer in (
        ("投诉类型", "产品质量"), ("具体问题", "产品质量·功能"), ("紧急程度", "一般"), ("是否已扩散", "否"),
        ("常规方式可否解决", "是"), ("法律或监管动向", "无"), ("是否影响客户经营", "否"),
    ):  # fmt: skip
        choose(page, question, answer)
    send(page, "登记受理")
    open_duty(page, case, "1小时内派单")
    send(page, "派单")


def examine(page: Page, case: Case) -> None:
    """Check a complaint and propose what is to be done."""
    open_duty(page, case, "初步核查")
    choose(page, "核查结论", "属实")
    page.locator("form").get_by_label("核查情况").fill("已核对订单与批次。")
    send(page, "提交核查结论")
    do_act(page, case, "提交方案", {"处理措施": "换新并致歉", "完成时限": "2026-03-17", "责任人": "邱实"})


def prove(page: Page) -> None:
    """Say once more who one is, where that is asked."""
    if page.get_by_role("heading", name="确认是您本人").is_visible():
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="继续").click()


def sees(page: Page, words: str) -> None:
    """Fail unless the page says this after what was just done."""
    expect(page.locator(".message").filter(has_text=words).first).to_be_visible()


def monday(week: Week) -> tuple[Case, Page]:
    """Everybody chooses a password; Chen goes away, and Qiu acts in his place."""
    for name in ("tang", "wei", "gao", "ai", "dai", "bao", "ma", "mo"):
        week.of(name)
    week.at(0, 9)
    chen = week.of("chen")
    chen.goto("/desk/absences/")
    chen.get_by_label("起始日").fill("2026-03-16")
    chen.get_by_label("截止日").fill("2026-03-18")
    chen.get_by_label(re.compile("^全部代办人")).select_option(label="邱实")
    chen.get_by_role("button", name="录入").click()
    sees(chen, "代办")
    case, phone = week.complain("电水壶漏水", "王小明", "13800138000")
    accept(week, case, "lin")
    week.at(0, 9, 30)
    qiu = week.of("qiu")
    expect(qiu.locator("main")).to_contain_text("代陈明办理（外出中）")
    open_duty(qiu, case, "2小时内确认接收")
    send(qiu, "确认接收")
    examine(qiu, case)
    expect(qiu.locator(".timeline")).to_contain_text("代陈明办理（当时外出）")
    shoot(qiu, "week-7-deputy")
    week.at(0, 11)
    zhou = week.of("zhou")
    zhou.goto(f"/desk/cases/{case.reference}/")
    zhou.get_by_role("link", name=re.compile("批准|同意")).first.click()
    zhou.locator(".act-form button[type=submit]").click()
    sees(zhou, "方案审批")
    lin = week.of("lin")
    open_duty(lin, case, "与客户沟通方案")
    lin.locator("form").get_by_label("告知内容").fill("已电话说明方案，请您答复。")
    send(lin, "沟通方案")
    week.at(0, 15)
    return case, phone


def tuesday(week: Week, case: Case, phone: Page) -> None:
    """The customer accepts, and the first case is closed."""
    phone.get_by_role("link", name="查看进度").click()
    phone.get_by_role("link", name="接受", exact=True).click()
    phone.get_by_role("button", name="答复处理方案").click()
    sees(phone, "答复处理方案")
    week.at(1, 10)
    qiu = week.of("qiu")
    open_duty(qiu, case, "执行方案")
    qiu.locator("form").get_by_label("执行结果").fill("新壶已寄出并签收。")
    send(qiu, "标注处理完成")
    week.at(1, 14)
    lin = week.of("lin")
    open_duty(lin, case, "48小时内回访")
    choose(lin, "回访方式", "电话")
    choose(lin, "满意度", "满意")
    send(lin, "回访")
    expect(lin.locator("main")).to_contain_text("已办结")
    assert_refolds(case)
    assert set(case.duties.exclude(duty="tell_otherwise").values_list("status", flat=True)) == {"met"}


def tuesday_evening(week: Week) -> None:
    """A late shift is planned, its people change for the night, and what comes in then goes to who is on."""
    mo = week.of("mo")
    mo.goto("/desk/rota/new/?policy=customer-complaints")
    mo.get_by_label("排班表名称").fill("晚间值守")
    mo.get_by_role("button", name="建立排班表").click()
    mo.get_by_label("班次名称").fill("晚班")
    mo.locator("main [name=starts]").fill("18:00")
    mo.locator("main [name=ends]").fill("01:00")
    for box in mo.get_by_role("group", name="星期几开始").get_by_role("checkbox").all():
        box.check()
    mo.locator("main form", has=mo.locator("[name=starts]")).get_by_role("button", name="添加", exact=True).click()
    plan = mo.get_by_role("link", name="晚间值守").get_attribute("href") or ""
    mo.locator("main [name=first_day]").fill("2026-03-16")
    for day in range(7):
        mo.locator(f"main [name=w0_{day}_0]").select_option(label="林晓")
    mo.get_by_role("button", name="保存").click()
    mo.goto("/desk/rota/")
    tonight = mo.locator("main a[href*='/2026-03-17/']").first
    mo.goto(f"{tonight.get_attribute('href').removesuffix('change/')}change/")
    mo.locator("main [name=p0]").select_option(label="唐宁")
    mo.get_by_role("button", name="保存").click()
    mo.goto(plan)
    expect(mo.locator("main aside")).to_contain_text("唐宁")  # who changed what, with what was there before
    shoot(mo, "week-8-rota")
    week.at(1, 20)
    case, _phone = week.complain("深夜漏水", "钱二", "13700137000")
    let_time_pass()
    tang = week.of("tang")
    expect(tang.locator("main")).to_contain_text(case.reference)
    tang.goto(f"/desk/cases/{case.reference}/")
    expect(tang.locator("main")).to_contain_text("正在值班（晚班")
    accept(week, case, "tang")


def wednesday(week: Week, case: Case) -> Case:
    """The case is held for a lawsuit; its complainant wants to be erased."""
    week.at(2, 9)
    mo = week.of("mo")
    mo.goto(f"/desk/cases/{case.reference}/privacy/")
    mo.get_by_role("textbox", name=re.compile("^原因")).first.fill("诉讼 2026-民-17")
    mo.get_by_role("button", name="保全案件").click()
    sees(mo, "已保全")

    phone = week.windows.open(is_phone=True)
    phone.goto("/")
    phone.get_by_role("link", name="查阅、更正、删除").click()
    phone.get_by_role("link", name="提交请求").first.click()
    phone.get_by_text("删除我的信息").click()
    phone.get_by_label("请求主题").fill("请删除我的信息")
    phone.get_by_role("button", name="下一步").click()
    phone.get_by_label(re.compile("^姓名")).fill("王小明")
    phone.get_by_role("button", name="下一步").click()
    phone.get_by_label("联系电话").fill("138 0013 8000")
    phone.get_by_role("button", name="核对并提交").click()
    phone.get_by_role("button", name="提交请求").click()
    expect(phone.get_by_role("heading", name="您的请求已收到")).to_be_visible()
    request = Case.objects.get(policy="data-protection")

    bao = week.of("bao")
    do_act(bao, request, "登记", {"适用法律": "个人信息保护法"})
    do_act(bao, request, "确认身份", {"核实方式": "回拨登记号码确认"})
    do_act(bao, request, "登记持有的数据", {"找到的案件数": "1", "持有的数据": "一件投诉及其往来"})
    bao.goto(f"/desk/cases/{request.reference}/person/")
    bao.locator("main li").filter(has_text=case.reference).get_by_role("checkbox").check()
    bao.get_by_role("button", name="申请删除勾选的案件").click()
    sees(bao, "已申请 1 个案件")
    shoot(bao, "week-8-person")
    return request


def erase(page: Page, case: Case) -> None:
    """Decide that the complainant of a case be erased."""
    page.goto("/desk/erasures/")
    page.get_by_label("如要删除，请输入案件编号").fill(case.reference)
    page.get_by_role("button", name="永久删除").click()
    prove(page)


def thursday(week: Week, case: Case, request: Case) -> None:
    """What is held is not erased; once the hold is lifted, it is."""
    week.at(3, 9)
    ma, dai, bao = week.of("ma"), week.of("dai"), week.of("bao")
    erase(ma, case)
    sees(ma, "法律保全中")
    ma.goto(f"/desk/cases/{case.reference}/privacy/")
    ma.get_by_label("解除原因").fill("诉讼已撤回")
    ma.get_by_role("button", name="解除保全").click()
    sees(ma, "已解除")
    erase(ma, case)
    sees(ma, "已删除，涉及1个案件")
    shoot(ma, "week-9-erased")
    lin = week.of("lin")
    lin.goto(f"/desk/cases/{case.reference}/")
    expect(lin.locator("main")).not_to_contain_text("王小明")
    lin.goto("/desk/cases/?q=13800138000")
    expect(lin.locator("main")).not_to_contain_text(case.reference)
    do_act(dai, request, "同意", {"决定": "全部同意"})
    do_act(bao, request, "通知接收方", {"已通知的接收方": "无"})
    do_act(bao, request, "执行并答复", {"已采取的措施": "一件投诉的信息已删除，备份三十日后到期。"})
    request.refresh_from_db()
    assert request.phase == "answered"


def friday(week: Week) -> Case:
    """Chen leaves the company in the middle of a case, and Pan goes on with it."""
    week.at(4, 9)
    case, _phone = week.complain("快递箱破损", "赵一", "13900139000")
    accept(week, case, "tang")
    chen, founder = week.of("chen"), week.of("yu")
    open_duty(chen, case, "2小时内确认接收")
    send(chen, "确认接收")
    add(founder, "客户投诉管理制度", "pan,潘安,Pan An,pan@example.com,责任部门对接人,品控部")
    founder.goto("/desk/people/")
    founder.get_by_role("link", name="陈明").first.click()
    leaver = founder.url
    founder.get_by_role("link", name="移交").click()
    founder.get_by_label("移交给").select_option(label="潘安")
    founder.get_by_role("button", name="查看移交方案").click()
    expect(founder.locator("main")).to_contain_text("潘安")
    founder.get_by_label("原因").fill("离职")
    founder.get_by_role("button", name="移交 1 件案件").click()
    sees(founder, "已移交 1 件案件")
    founder.goto(leaver)
    founder.get_by_role("button", name="已离开：停止登录").click()
    sees(founder, "不能再登录")
    chen.goto(f"/desk/cases/{case.reference}/")
    expect(chen.get_by_role("heading", name="登录")).to_be_visible()
    pan = week.of("pan")
    examine(pan, case)
    shoot(pan, "week-10-handed-over")
    return case


def weekend(week: Week, case: Case, folder: Path) -> None:
    """The auditor looks at the week, and checks a case file without us."""
    week.at(5, 10)
    tang, ai = week.of("tang"), week.of("ai")
    tang.goto(f"/desk/cases/{case.reference}/")
    tang.get_by_role("button", name="生成卷宗").click()
    let_time_pass()
    with tang.expect_download() as loading:
        tang.get_by_role("link", name="ZIP").click()
    dossier = folder / "case.zip"
    loading.value.save_as(dossier)
    ai.goto("/desk/proof/")
    ai.get_by_role("button", name="重新全面核验").click()
    let_time_pass()
    ai.goto("/desk/proof/")
    expect(ai.locator("main")).to_contain_text("下载了卷宗")
    key = ai.get_by_text(re.compile("^[0-9a-f]{64}$")).first.inner_text()
    shoot(ai, "week-11-proof")
    with zipfile.ZipFile(dossier) as opened:
        (folder / "verify.py").write_bytes(opened.read("verify.py"))
    said = subprocess.run(
        [sys.executable, folder / "verify.py", "--key", key, dossier], capture_output=True, text=True, check=False
    )
    assert (said.returncode, case.reference in said.stdout) == (0, True), said.stdout + said.stderr
    ai.goto("/desk/compliance/")
    expect(ai.locator("main")).to_contain_text("2.1.2")
    shoot(ai, "week-12-compliance")
    week.at(6, 18)


def test_a_company_is_founded_and_works_its_first_week(week: Week, tmp_path: Path) -> None:
    founder = found(week)
    let_mail_in(founder, week.office)
    try_it(founder)
    first, phone = monday(week)
    tuesday(week, first, phone)
    tuesday_evening(week)
    request = wednesday(week, first)
    thursday(week, first, request)
    second = friday(week)
    weekend(week, second, tmp_path)
    for case in Case.objects.all():
        assert_refolds(case)
    assert verify_all()["problems"] == []
