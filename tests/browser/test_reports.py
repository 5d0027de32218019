"""A report's page keeps what is typed by itself: its papers hold the last word, and leaving it warns of nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from browser.windows import Windows, shoot
from cast import Cast
from ombud.cases.models import Case
from ombud.clock import periodic
from ombud.insight import keeping
from ombud.insight.reports import drafting

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Kettles leak at the seam."
KEPT = "Object.keys(sessionStorage).filter((name) => name.startsWith('typed ')).length"


@pytest.fixture
def page(windows: Windows, cast: Cast, media: Path) -> Page:
    now = timezone.now()
    periodic.open_due(now=now)
    keeping.keep(now=now)
    drafting.begin_owed(now=now)
    matter = Case.objects.filter(procedure="monthly_analysis", reports__isnull=False).latest("received_at")
    page = windows.open(cast.wei, language="en-US")
    page.goto(f"/desk/cases/{matter.reference}/reports/submit_analysis/")
    return page


def test_the_paper_holds_what_was_typed_a_moment_ago(page: Page) -> None:
    page.locator("[name=analysis]").fill(WORDS)
    with page.expect_download() as started:
        page.get_by_role("link", name="PDF").click()
    read = PdfReader(io.BytesIO(Path(started.value.path()).read_bytes()))
    assert WORDS in "".join(each.extract_text() for each in read.pages)
    shoot(page, "report-written")


def test_what_the_server_keeps_is_not_kept_in_the_tab_too(page: Page) -> None:
    page.locator("[name=analysis]").fill(WORDS)
    page.locator("[name=improvements]").focus()
    expect(page.locator("#report-kept")).to_contain_text("Kept")
    assert page.evaluate(KEPT) == 0
    assert page.evaluate("window.ombud.typed") is False
    page.reload()
    expect(page.locator("[name=analysis]")).to_have_value(WORDS)
    expect(page.get_by_text("put back")).to_have_count(0)
