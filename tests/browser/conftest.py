"""One Chromium for all browser tests, and windows on the live server for each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from browser.windows import FLAGS, PATIENCE, Windows, find_chromium
from cast import Cast


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; where there is none, the tests say so and are skipped, or fail where it is required."""
    path = find_chromium()
    if path is None:
        reason = "there is no Chromium on the PATH or at OMBUD_CHROMIUM (Debian: apt-get install chromium)"
        if os.environ.get("OMBUD_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    # Playwright's loop runs in this thread, and Django takes every query in it for one inside a coroutine.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def windows(chromium: Browser, live_server: object, cast: Cast, media: Path) -> Iterator[Windows]:
    """Windows on the live server; none may have logged an error or a violation of the content policy."""
    for person in cast.people.values():
        person.set_password("a sound password")
        person.save()
    opened = Windows(chromium, str(live_server))
    yield opened
    opened.close()
    assert opened.complaints == []
