"""What axe says of every main page, in both languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser.windows import Windows, assert_accessible, let_time_pass, perform_now
from builders import GRADES
from cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

PROPOSED = (
    ("lin", "register", GRADES), ("lin", "route", {}), ("chen", "accept_work", {}),
    ("chen", "investigate", {"finding": "partly", "finding_notes": "The seal is torn."}),
    ("chen", "propose", {"measures": "A new kettle", "time_limit": "2026-12-01", "responsible": "Wang"}),
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_axe_finds_nothing_on_the_portal(windows: Windows, cast: Cast, language: str) -> None:
    case = windows.file(language=language[:2])
    for who, act, data in (*PROPOSED, ("zhou", "plan.approve", {}), ("lin", "communicate", {"message": "We called."})):
        perform_now(case, act, cast, who, data)
    let_time_pass()
    page = windows.open(language=language, case=case)
    here = f"/track/{case.reference}/"
    for path in ("/", "/track/", here, f"{here}receipt/", f"{here}do/answer/", f"{here}do/attach/", "/no-such-page"):
        page.goto(path)
        assert_accessible(page)
    page.goto("/file/customer-complaints/")
    assert_accessible(page)
    page.locator(".step-next").click()
    expect(page.locator(".field-error").first).to_be_visible()
    assert_accessible(page, "errors")
    page.get_by_role("textbox").first.fill("The kettle leaks")
    page.locator(".step-next").click()
    assert_accessible(page)
    page.goto(re.sub(r"[0-9]+/$", "check/", page.url))
    assert_accessible(page)
    page.goto("/file/customer-complaints/")  # somebody else, at the same computer
    expect(page.locator("h1")).to_have_text(re.compile("Go on, or begin anew|继续填写"))
    assert_accessible(page)


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_axe_finds_nothing_on_the_workbench(windows: Windows, cast: Cast, language: str) -> None:
    case, fresh = windows.file(language=language[:2]), windows.file(language=language[:2], subject="Another one")
    for who, act, data in PROPOSED:
        perform_now(case, act, cast, who, data)
    let_time_pass()
    page = windows.open(cast.lin, language=language)
    here = f"/desk/cases/{case.reference}/"
    for path in (
        "/desk/", "/desk/cases/", "/desk/board/", "/desk/notices/", "/desk/record/", here, f"{here}?act=note",
        f"/desk/cases/{fresh.reference}/?act=register", "/desk/policies/", f"{here}write/", "/desk/replies/new/",
        "/desk/slips/",
    ):  # fmt: skip
        page.goto(path)
        assert_accessible(page)
    page.goto("/desk/policies/")
    page.locator("main a").first.click()
    expect(page).to_have_url(re.compile(r"/desk/policies/customer-complaints/"))
    assert_accessible(page)
    page.goto("/desk/")
    page.locator("summary.who").click()
    assert_accessible(page, "menu")

    overseer = windows.open(cast.mo, language=language)
    of_clause = "/desk/compliance/1.1.6/?policy=customer-complaints"
    for path in (
        "/desk/people/", "/desk/proof/", "/desk/calendar/", here, "/desk/accounts/", "/desk/accounts/new/?kind=sms",
        "/desk/facts/", "/desk/facts/?policy=customer-complaints", "/desk/compliance/", of_clause,
        "/desk/overview/", "/desk/overview/time/", "/desk/overview/explore/", "/desk/warnings/", "/desk/opinion/",
        "/desk/overview/causes/", "/desk/overview/cases/?measure=received", "/desk/overview/duties/", "/desk/surveys/",
        "/desk/performance/record/",
        "/desk/keeping/", "/desk/connections/", "/desk/tokens/", "/desk/sessions/", "/desk/sessions/codes/",
        "/desk/sign-in/again/", "/desk/sign-in-rules/", "/desk/sign-in-rules/providers/",
        "/desk/sign-in-rules/providers/?kind=saml", "/desk/sign-in-rules/providers/?kind=dingtalk", "/desk/ceilings/",
    ):  # fmt: skip
        overseer.goto(path)
        assert_accessible(overseer, "overseer")
    signing_in = windows.open(language=language)
    signing_in.goto("/desk/sign-in/")
    assert_accessible(signing_in)


_UNCAPTIONED = """(wrap, words) => {
  wrap.querySelector("caption").remove();
  wrap.closest("section, .card, main").querySelector("h1, h2, h3").textContent = words;
}"""


def test_a_table_wider_than_its_place_is_scrolled_by_keys(windows: Windows, cast: Cast) -> None:
    page = windows.open(cast.mo, language="en-US")
    page.goto("/desk/performance/record/")
    table = page.locator(".table-wrap")
    assert not table.evaluate("each => !!each.querySelector('a')")
    for width, place, called, is_reached in (
        (1300, "12rem", "Performance record", True),
        (1290, "", "Performance record", False),
        (1280, "12rem", "As its heading says", True),  # without a caption
    ):
        if called != "Performance record":
            table.evaluate(_UNCAPTIONED, called)
        table.evaluate("(each, width) => { each.style.maxWidth = width }", place)
        page.set_viewport_size({"width": width, "height": 800})
        found = table.and_(page.get_by_role("region", name=called))
        expect(found).to_have_count(int(is_reached))
