"""Windows of a real Chromium, of any width, language and theme, and what they must never show."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from ombud.clock.tick import tick
from ombud.organisation.models import Person

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=en-US",
)  # fmt: skip
# An act that is refused or out of date answers so on purpose, and Chromium notes every such answer.
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (409|422)")


def find_chromium() -> str | None:
    """Return where the Chromium is, if there is one."""
    named = os.environ.get("OMBUD_CHROMIUM")
    found = (shutil.which(name) for name in (named, "chromium", "chromium-browser", "google-chrome") if name)
    return next(filter(None, found), None)


class Windows:
    """Opens browser windows and keeps what they complain about."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def open(
        self,
        person: Person | None = None,
        *,
        is_phone: bool = False,
        language: str = "zh-CN",
        is_dark: bool = False,
        has_script: bool = True,
    ) -> Page:
        """Return a window of somebody's own browser, signed in where a person is given."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport=PHONE if is_phone else DESK,  # type: ignore[arg-type]  # a TypedDict of these two
            is_mobile=is_phone,
            has_touch=is_phone,
            locale=language,
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if is_dark else "light",
            java_script_enabled=has_script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(8000)
        self.contexts.append(context)
        if person is not None:
            context.add_cookies(
                [{"name": django_settings.SESSION_COOKIE_NAME, "value": session_of(person), "url": self.address}]
            )
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not EXPECTED.search(message.text):
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()


def session_of(person: Person) -> str:
    """Return the key of a session in which the person is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = django_settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    assert session.session_key is not None
    return session.session_key


def let_time_pass() -> None:
    """Do what the clock's process does."""
    while any(tick(timezone.now()).values()):
        pass


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the whole page where OMBUD_SHOTS names a folder."""
    if folder := os.environ.get("OMBUD_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def assert_accessible(page: Page) -> None:
    """Fail where axe finds a violation in either theme at either width, or where the page is wider than its window."""
    usual = page.viewport_size
    for width in (PHONE, DESK):
        page.set_viewport_size(width)  # type: ignore[arg-type]  # likewise
        assert page.evaluate("document.documentElement.scrollWidth") <= width["width"], f"{page.url} scrolls sideways"
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of the two it knows
            found = Axe().run(page)
            assert found.violations_count == 0, (
                f"{page.url}, {width['width']} pixels, {theme}:\n{found.generate_report()}"
            )
            shoot(page, f"journey-{slug(page)}-{width['width']}-{theme}")
    page.emulate_media(color_scheme="light")
    assert usual is not None
    page.set_viewport_size(usual)


def slug(page: Page) -> str:
    """Return a file name for the page that is open."""
    path = re.sub(r"[A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]", "case", page.url.split("/", 3)[3])
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")[:60] or "start"
