"""Some seconds to call back what was pressed by mistake; whoever leaves the page sends what waits."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.windows import Windows, shoot
from cast import Cast
from ombud.cases.models import Case, Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def long_enough(settings) -> None:
    settings.OMBUD_UNDO_SECONDS = 60


def noting(windows: Windows, cast: Cast, case: Case) -> Page:
    page = windows.open(cast.lin, language="en-US")
    page.goto(f"/desk/cases/{case.reference}/?act=note")
    page.locator(".act-form [name=remark]").fill("He rang again.")
    page.locator(".act-form button[type=submit]").click()
    expect(page.locator(".message")).to_contain_text("follows in")
    return page


def notes(case: Case) -> int:
    return Event.objects.filter(case=case, act="note").count()


def test_what_waits_is_called_back_with_every_word_or_sent_at_once(windows: Windows, cast: Cast) -> None:
    case = windows.file()
    page = noting(windows, cast, case)
    shoot(page, "undo-waits")
    page.locator(".message").get_by_role("button", name="Undo").click()
    expect(page.locator(".act-form [name=remark]")).to_have_value("He rang again.")
    assert notes(case) == 0

    page.locator(".act-form button[type=submit]").click()
    page.locator(".message").get_by_role("button", name="At once").click()
    expect(page.locator(".message")).to_contain_text("Done: ")
    assert notes(case) == 1


def test_whoever_leaves_the_page_sends_what_waits(windows: Windows, cast: Cast) -> None:
    case = windows.file()
    page = noting(windows, cast, case)
    page.goto("/desk/cases/")
    page.goto(f"/desk/cases/{case.reference}/")
    expect(page.locator(".timeline")).to_contain_text("He rang again.")
    assert notes(case) == 1
