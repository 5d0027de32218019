"""An upload on a line that breaks: it goes on where it was, by itself, and after the page was opened again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from browser.windows import Windows
from cast import POLICY
from ombud.cases import attachments
from ombud.cases.models import Attachment, PartialUpload
from samples import picture_file

pytestmark = pytest.mark.django_db(transaction=True)
PART = 2 * 1024 * 1024
NOTED = r"/files/parts/\S+: Failed to load resource: "


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A picture that is sent in three parts."""
    path = tmp_path / "leak.png"
    path.write_bytes(picture_file() + bytes(2 * PART))
    return path


def begun(windows: Windows) -> tuple[Page, list[int]]:
    """Return the first step of a complaint, and where each part began that has been sent from it."""
    page, sent = windows.open(is_phone=True, language="en-US"), list[int]()

    def note(request: Request) -> None:
        if request.method == "PATCH":
            sent.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    page.goto(f"/file/{POLICY}/")
    return page, sent


def broken(times: int) -> Callable[[Route], None]:
    """Return what lets the first part through and breaks the line at so many of those that follow."""
    left = [times]

    def handle(route: Route) -> None:
        is_later = route.request.method == "PATCH" and route.request.headers["upload-offset"] != "0"
        if is_later and left[0]:
            left[0] -= 1
            route.abort("connectionreset")
        else:
            route.continue_()

    return handle


def kept_whole(film: Path) -> bool:
    with attachments.content(Attachment.objects.get()) as file:
        return file.read() == film.read_bytes()


def test_a_line_that_breaks_costs_nothing_that_had_come(windows: Windows, film: Path) -> None:
    page, sent = begun(windows)
    page.route(re.compile("/files/parts/"), broken(2))
    page.set_input_files("input[name=evidence]", film)
    expect(page.locator("[name=evidence-stored]")).to_have_count(1)
    assert sent[:4] == [0, PART, PART, PART]
    assert sent.count(0) == 1
    assert kept_whole(film)
    windows.forgive(NOTED)


def test_a_page_that_is_opened_again_goes_on_with_the_same_file(windows: Windows, film: Path) -> None:
    page, sent = begun(windows)
    page.route(re.compile("/files/parts/"), broken(10**6))
    page.set_input_files("input[name=evidence]", film)
    page.wait_for_event("requestfailed", lambda request: request.method == "PATCH")
    assert PartialUpload.objects.get().offset == PART
    page.unroute_all()
    page.reload()
    sent.clear()
    page.set_input_files("input[name=evidence]", film)
    expect(page.locator("[name=evidence-stored]")).to_have_count(1)
    assert sent[0] == PART
    assert kept_whole(film)
    windows.forgive(NOTED)


def test_a_file_that_is_taken_away_on_its_way_is_thrown_away_at_the_server_too(windows: Windows, film: Path) -> None:
    page, _sent = begun(windows)
    page.route(re.compile("/files/parts/"), broken(10**6))
    page.set_input_files("input[name=evidence]", film)
    page.wait_for_event("requestfailed", lambda request: request.method == "PATCH")
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.locator("[data-remove-file]").click()
    assert not PartialUpload.objects.exists()
    expect(page.locator("main button.btn-primary").last).to_be_enabled()
    windows.forgive(NOTED)
