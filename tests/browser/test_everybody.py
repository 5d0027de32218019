"""For everybody: without script, and by keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser.windows import Windows, send
from cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_script_a_complaint_is_filed_followed_and_handled(windows: Windows, cast: Cast) -> None:
    page = windows.open(is_phone=True, has_script=False)
    page.goto("/")
    page.get_by_role("link", name="提交投诉").first.click()
    page.get_by_label("投诉主题").fill("电水壶漏水")
    page.locator("input[type=file]").set_input_files(
        {"name": "收据.txt", "mimeType": "text/plain", "buffer": "一百八十九元".encode()}
    )
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="核对并提交").click()
    expect(page.get_by_text("收据.txt")).to_be_visible()
    page.get_by_role("button", name="提交投诉").click()
    reference, secret = page.locator(".receipt-number code").all_inner_texts()
    page.goto(f"/track/{reference}/{secret}/")
    expect(page).to_have_url(re.compile(f"/track/{reference}/$"))
    expect(page.locator("main")).to_contain_text("登记受理您的投诉")
    page.get_by_role("link", name="补充证据").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "说明.txt", "mimeType": "text/plain", "buffer": "又漏了".encode()}
    )
    page.get_by_role("button", name="补充证据", exact=True).click()
    expect(page.locator("main")).to_contain_text("说明.txt")

    agent = windows.open(cast.lin, has_script=False, language="en-US")
    agent.goto("/desk/")
    agent.locator("[data-row]").filter(has_text=reference).locator("[data-row-link]").click()
    agent.locator(".act-form button[type=submit]").click()
    expect(agent.locator(".field-error").first).to_be_visible()
    agent.goto(f"/desk/cases/{reference}/?act=note")
    agent.locator("form").get_by_label("Note").fill("Called back.")
    send(agent, "Add a note")
    expect(agent.locator(".timeline")).to_contain_text("Called back.")


def test_the_keyboard_alone_is_enough(windows: Windows, cast: Cast) -> None:
    first, second = windows.file(subject="One"), windows.file(subject="Two")
    page = windows.open(cast.lin, language="en-US")
    page.goto("/desk/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile("/desk/cases/$"))
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type("Two")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("#q").blur()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/desk/cases/{second.reference}/"))
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"/desk/cases/{first.reference}/?act=note")
    page.locator("form").get_by_label("Note").focus()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".act-form button[type=submit]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".timeline")).to_contain_text("By keyboard")
