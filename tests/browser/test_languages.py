"""A complaint filed in German from London, and the pages in Arabic, from right to left."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.windows import Windows, assert_accessible, shoot
from cast import Cast
from ombud.cases.models import Case

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_complaint_is_filed_in_german_by_the_clock_of_london(windows: Windows, cast: Cast) -> None:
    page = windows.open(is_phone=True, language="de-DE", zone="Europe/London")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    shoot(page, "german-1-front")
    page.get_by_role("link", name="Beschwerde einreichen").first.click()
    page.get_by_role("button", name="Weiter").click()
    expect(page.get_by_role("alert")).to_contain_text("Bitte ausf\u00fcllen: Subject")
    shoot(page, "german-2-missing")
    page.get_by_label("Subject").fill("Der Kessel leckt")
    page.get_by_label("What happened").fill("Seit dem ersten Gebrauch.")
    page.get_by_role("button", name="Weiter").click()
    page.get_by_label("What you ask for").fill("Geld zur\u00fcck")
    page.get_by_role("button", name="Weiter").click()
    page.get_by_label("Name or company").fill("Otto Brandt")
    page.get_by_label("E-mail").fill("otto@example.com")
    page.get_by_role("button", name="Pr\u00fcfen und absenden").click()
    letters = page.get_by_label("Sprache unserer Schreiben")
    expect(letters).to_have_value("de")
    assert_accessible(page)
    shoot(page, "german-3-check")
    letters.select_option(label="English")
    page.get_by_role("button", name="Beschwerde absenden").click()
    expect(page.get_by_role("heading", name="Ihre Beschwerde ist eingegangen")).to_be_visible()
    shoot(page, "german-4-receipt")
    case = Case.objects.get()
    assert (case.language, case.time_zone) == ("en", "Europe/London")
    page.get_by_role("link", name="Verfolgen").click()
    shoot(page, "german-5-status")


@pytest.mark.parametrize("is_phone", [True, False])
def test_arabic_runs_from_right_to_left_and_nothing_sticks_out(windows: Windows, cast: Cast, is_phone: bool) -> None:
    case = windows.file(language="en")
    page = windows.open(is_phone=is_phone, language="ar-AE", zone="Asia/Dubai", case=case)
    size = "phone" if is_phone else "desk"
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    shoot(page, f"arabic-{size}-1-front")
    page.get_by_role("link", name="\u062a\u0642\u062f\u064a\u0645 \u0634\u0643\u0648\u0649").first.click()
    page.wait_for_url("**/1/")
    assert mirrored(page)
    shoot(page, f"arabic-{size}-2-step")
    page.goto(f"/track/{case.reference}/")
    shoot(page, f"arabic-{size}-3-status")
    assert_accessible(page)
    page.locator("details.menu > summary").click()
    expect(page.get_by_role("button", name="\u7e41\u9ad4\u4e2d\u6587")).to_be_visible()
    shoot(page, f"arabic-{size}-4-languages")
    page.get_by_role("button", name="\u65e5\u672c\u8a9e").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    shoot(page, f"japanese-{size}")


def mirrored(page: Page) -> bool:
    """Return whether what points along the line points to the left."""
    points = page.locator("svg.icon.points").first
    return bool(points.evaluate("each => getComputedStyle(each).transform.startsWith('matrix(-1')"))
