"""Somebody calls who complained before: the agent sees it while the number is typed, on the case and by search."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.windows import Windows, assert_accessible, shoot
from cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_caller_is_known_as_soon_as_the_number_is_typed(windows: Windows, cast: Cast) -> None:
    before = windows.file(subject="The kettle leaks", phone="+86 138 0013 8000")
    desk = windows.open(cast.lin, language="en-US")
    desk.goto("/desk/record/")
    desk.locator("#id_subject").fill("It leaks again")
    desk.locator("#id_phone").fill("138-0013-8000")
    desk.locator("#id_email").focus()
    known = desk.locator("#known")
    expect(known).to_contain_text("Has complained before")
    expect(known.get_by_role("link", name="The kettle leaks")).to_have_attribute(
        "href", f"/desk/cases/{before.reference}/"
    )
    expect(known).to_contain_text("same telephone number")
    assert "138" not in desk.url
    assert_accessible(desk)
    shoot(desk, "known-caller-1-record")
    desk.get_by_role("button", name="Record", exact=True).click()
    expect(desk.get_by_role("heading", name="The complaint is recorded")).to_be_visible()
    expect(desk.locator("main")).to_contain_text(before.reference)

    desk.goto("/desk/cases/?q=13800138000")
    expect(desk.locator("tbody tr")).to_have_count(2)
    desk.goto("/desk/cases/?q=leaking")
    expect(desk.locator("mark").first).to_have_text("leaks")
    shoot(desk, "known-caller-2-search")
    desk.get_by_role("link", name=before.reference).click()
    expect(desk.get_by_role("region", name="Other complaints of this person")).to_contain_text("It leaks again")
    shoot(desk, "known-caller-3-case")
