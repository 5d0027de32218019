"""Pages on paper: the reference on each, whole dates with year and zone, clauses, nothing that moves or is pressed."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from browser.windows import Windows, let_time_pass, perform_now
from builders import COMPLAINT, GRADES
from cast import COMPLAINANT, POLICY, Cast
from ombud.channels.intake import receive

pytestmark = pytest.mark.django_db(transaction=True)

#: What a reader of the paper sees of each time: the text itself, or what stands in its place.
TIMES = """() => [...document.querySelectorAll("time")].filter((each) => each.offsetParent !== null).map((each) => {
  const after = getComputedStyle(each, "::after").content;
  return after === "none" ? each.textContent.trim() : after.slice(1, -1);
})"""
HEAD = """() => [...document.querySelectorAll(".paper-head [data-paper]")].map(
  (each) => getComputedStyle(each, "::after").content).join(" ")"""
#: How boldly the first time of each group of duties is printed.
WEIGHTS = """() => [...document.querySelectorAll(".duty-group")].map(
  (each) => getComputedStyle(each.querySelector("time[data-paper]"), "::after").fontWeight)"""
YEAR = {"zh-CN": "年", "en-US": " 20"}


def on_paper(page: Page, name: str) -> None:
    """Turn the page into what is printed; keep the sheet where pictures are kept."""
    page.emulate_media(media="print")
    if folder := os.environ.get("OMBUD_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.pdf(path=str(Path(folder) / f"{name}.pdf"), format="A4", print_background=True)


def assert_is_paper(page: Page, reference: str, language: str) -> None:
    assert page.locator(".paper-head").is_visible()
    head = page.evaluate(HEAD)
    assert reference in head
    assert "UTC+08:00, Asia/Shanghai" in head
    times = page.evaluate(TIMES)
    assert times
    assert [each for each in times if YEAR[language] not in each] == []
    assert page.locator("button:visible:not(.clause)").count() == 0
    assert page.locator(".countdown-words:visible").count() == 0


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_a_case_and_its_receipt_on_paper(windows: Windows, cast: Cast, language: str) -> None:
    case = windows.file(language=language[:2])
    perform_now(case, "register", cast, "lin", GRADES)
    perform_now(case, "route", cast, "lin")
    let_time_pass()
    page = windows.open(cast.lin, language=language)
    page.goto(f"/desk/cases/{case.reference}/")
    on_paper(page, f"case-{language}")
    assert_is_paper(page, case.reference, language)
    assert page.locator(".clause:visible").count() > 0
    page = windows.open(case=case, language=language)
    for name in ("status", "receipt"):
        page.goto(f"/track/{case.reference}/" + ("receipt/" if name == "receipt" else ""))
        on_paper(page, f"{name}-{language}")
        assert_is_paper(page, case.reference, language)


def test_a_list_on_paper_says_when_what_is_due_by_which_clause_and_nothing_is_cut_off(
    windows: Windows, cast: Cast
) -> None:
    case = windows.file(language="en")
    page = windows.open(cast.lin, language="en-US")
    page.set_viewport_size({"width": 673, "height": 1000})  # what a sheet of A4 has between its margins
    for address in ("/desk/", "/desk/cases/", "/desk/board/?policy=customer-complaints"):
        page.goto(address)
        on_paper(page, "list" + "".join(letter if letter.isalpha() else "-" for letter in address))
        assert page.locator("body").inner_text().count(case.reference) == 1
        assert [each for each in page.evaluate(TIMES) if YEAR["en-US"] not in each] == []
        assert page.locator("h1:visible").count() == 1
        assert page.locator("input[type=checkbox]:visible").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 673
        clause = page.locator(".clause:visible, .paper-only:visible", has_text="1.1.6")
        assert clause.count() == 1, address
        page.emulate_media(media="screen")


def test_what_was_overdue_is_told_from_the_rest_on_the_paper_of_duties(windows: Windows, cast: Cast) -> None:
    """Its heading and countdown say so on the screen; both are left out on paper."""
    early = timezone.now() - timedelta(days=30)
    receive(POLICY, channel="web", language="en", data=COMPLAINT, actor=COMPLAINANT, at=early, now=early)
    windows.file(language="en")
    page = windows.open(cast.lin, language="en-US")
    page.goto("/desk/")
    on_paper(page, "overdue")
    overdue, *others = map(int, page.evaluate(WEIGHTS))
    assert others
    assert overdue > max(others)
