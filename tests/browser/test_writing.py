"""What people type is never lost unseen: sessions that end, amounts and dates that cannot be read, two tabs."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from browser.windows import Windows, shoot
from cast import Cast
from ombud.cases.models import Case, Event

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "He rang again and wants the kettle back by Friday."


@pytest.mark.parametrize("has_script", [True, False])
def test_a_session_that_ended_while_writing_costs_no_word(windows: Windows, cast: Cast, has_script: bool) -> None:
    case = windows.file()
    page = windows.open(cast.lin, language="en-US", has_script=has_script)
    page.goto(f"/desk/cases/{case.reference}/?act=note")
    page.locator(".act-form [name=remark]").fill(WORDS)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator(".act-form button[type=submit]").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    expect(page.locator(".note-warn")).to_contain_text("what you wrote is there again")
    page.get_by_label("User name").fill("lin")
    page.get_by_label("Password").fill("a sound password")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"\?act=note$"))
    shoot(page, f"journey-writing-signed-in-again-{'script' if has_script else 'plain'}")
    if has_script:
        expect(page.locator(".act-form [name=remark]")).to_have_value(WORDS)
        expect(page.locator(".unsent")).to_contain_text("What you wrote is in the form again.")
    else:
        expect(page.locator("[data-unsent-words]")).to_contain_text(WORDS)
        page.locator(".act-form [name=remark]").fill(WORDS)
    page.locator(".act-form button[type=submit]").click()
    expect(page.locator(".message-success, .message").first).to_be_visible()
    assert Event.objects.filter(case=case, act="note").count() == 1


COUNTED = """
  window.pressable = [];
  const write = history.replaceState.bind(history);
  history.replaceState = (...given) => {
    pressable.push(document.querySelectorAll("a, button, input").length);
    write(...given);
  };
"""


def begin(page: Page) -> None:
    page.goto("/file/customer-complaints/")
    page.locator("[name=subject]").fill("The kettle leaks")
    page.locator("[name=narrative]").fill("It leaked at once.")


def test_an_amount_that_is_none_is_said_and_not_dropped(windows: Windows) -> None:
    page = windows.open(language="en-US", is_phone=True)
    begin(page)
    page.locator(".step-next").click()
    for typed in ("6000-8000", "12 or 34", "1.2.3"):
        page.locator("[name=loss]").first.fill(typed)
        page.locator(".step-next").click()
        expect(page.locator(".field-money .field-error")).to_contain_text("must be an amount of money")
        expect(page.locator("[name=loss]").first).to_have_value(typed)
    shoot(page, "journey-writing-amount")
    page.locator("[name=loss]").first.fill("¥6,000")
    page.locator(".step-next").click()
    expect(page).to_have_url(re.compile("/3/$"))
    page.locator(".step-next").click()
    expect(page.locator("main")).to_contain_text("6,000.00")


def test_back_leads_past_a_refusal_to_the_step_with_what_was_accepted(windows: Windows) -> None:
    page = windows.open(language="en-US", is_phone=True)
    begin(page)
    page.locator(".step-next").click()
    page.locator("[name=loss]").first.fill("6000-8000")
    page.locator(".step-next").click()
    expect(page.locator(".error-list a")).to_have_count(1)
    expect(page.locator(".error-list li")).to_have_text(re.compile("^[^:]+$"))  # the field is named once, not twice
    page.locator("[name=loss]").first.fill("6000")
    page.locator(".step-next").click()
    expect(page).to_have_url(re.compile("/3/$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/2/$"))
    expect(page.locator("[name=loss]").first).to_have_value(re.compile("^6,?000"))


def test_half_a_date_is_said_at_its_field(windows: Windows) -> None:
    page = windows.open(language="en-US")
    begin(page)
    page.locator("[name=occurred_on]").focus()
    page.keyboard.type("02")  # the month alone
    page.locator(".step-next").click()
    expect(page.locator(".field-instant .field-error")).to_have_text(
        "This could not be read. Complete it, or clear it."
    )
    shoot(page, "journey-writing-half-a-date")
    page.locator("[name=occurred_on]").fill("2199-01-01T09:00")
    page.locator(".step-next").click()
    expect(page.locator(".field-instant .field-error")).to_contain_text("lies in the future")
    page.locator("[name=occurred_on]").fill("2026-02-18T09:00")
    page.locator(".step-next").click()
    expect(page).to_have_url(re.compile("/2/$"))


@pytest.mark.parametrize(("language", "is_phone"), [("zh-CN", True), ("en-US", False)])
def test_whoever_comes_next_is_asked_and_two_tabs_file_two_complaints(
    windows: Windows, language: str, is_phone: bool
) -> None:
    page = windows.open(language=language, is_phone=is_phone)
    begin(page)
    page.locator(".step-next").click()
    expect(page).to_have_url(re.compile("/2/$"))
    shoot(page, f"journey-writing-step-{language}")
    tab = page.context.new_page()
    tab.goto("/file/customer-complaints/")
    expect(tab.locator("main")).not_to_contain_text("kettle")
    shoot(tab, f"journey-writing-begun-{language}")
    tab.locator(".btn-primary.btn-block").click()
    tab.locator("[name=subject]").fill("Another matter")
    for each in (tab, page):
        for _ in range(3):
            if each.locator(".step-next").count():
                each.locator(".step-next").click()
        each.locator(".send button").click()
        expect(each).to_have_url(re.compile("/receipt/$"))
    assert Case.objects.count() == 2


def test_the_history_is_written_before_there_is_anything_to_press(windows: Windows) -> None:
    """Chromium calls off a navigation that has begun when the page it leaves writes its history."""
    page = windows.open(language="en-US")
    page.add_init_script(COUNTED)
    page.goto("/file/customer-complaints/")
    assert page.evaluate("pressable") == []
    page.locator(".step-next").click()
    expect(page.locator(".field-error").first).to_be_visible()
    assert page.evaluate("pressable") == [0]
