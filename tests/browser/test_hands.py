"""Hands on the keys all day: acts by digit, Escape, Ctrl+K, and focus that stays where it was."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser.windows import Windows, shoot
from cast import Cast
from ombud.cases.models import Event

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "He rang again."


def test_an_act_is_opened_closed_and_found_again_by_keys_alone(windows: Windows, cast: Cast) -> None:
    case = windows.file()
    page = windows.open(cast.lin, language="en-US")
    page.goto(f"/desk/cases/{case.reference}/")
    page.keyboard.press("1")
    expect(page.locator(".act-form h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".act-form")).to_have_count(0)
    expect(page.locator(".acts a").first).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette input")).to_be_focused()
    page.keyboard.type("note")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Add a note")
    page.keyboard.press("Enter")
    expect(page.locator(".act-form h2")).to_have_text("Add a note")
    page.locator(".act-form [name=remark]").fill(WORDS)
    page.keyboard.press("Escape")
    expect(page.locator(".act-form")).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.type("note")
    page.keyboard.press("Enter")
    expect(page.locator(".act-form [name=remark]")).to_have_value(WORDS)
    page.locator(".act-form button[type=submit]").click()
    expect(page.locator(".message-success")).to_be_visible()
    assert Event.objects.filter(case=case, act="note").count() == 1


def test_the_palette_finds_a_case_and_a_page(windows: Windows, cast: Cast) -> None:
    case = windows.file(subject="The kettle leaks")
    page = windows.open(cast.lin, language="zh-CN")
    page.goto("/desk/")
    page.keyboard.press("Control+k")
    page.keyboard.type("kettle")
    expect(page.locator("#palette [role=option]").first).to_contain_text("The kettle leaks")
    shoot(page, "hands-palette-zh")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/desk/cases/{case.reference}/"))
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    page.keyboard.type("看板")
    expect(page.locator("#palette [role=option]").first).to_contain_text("看板")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/desk/board/"))


def test_a_list_that_renews_itself_leaves_the_focus_where_it_was(windows: Windows, cast: Cast) -> None:
    case = windows.file()
    page = windows.open(cast.lin, language="en-US")
    page.goto("/desk/")
    link = page.locator("#duties .reference").first
    link.focus()
    other = windows.file()
    page.evaluate("htmx.trigger('#duties', 'renew')")
    expect(page.locator("#duties")).to_contain_text(other.reference)
    expect(page.locator(f"#duties .reference[href*='{case.reference}']")).to_be_focused()
