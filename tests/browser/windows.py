"""Windows of a real Chromium, of any width, language and theme, and what they must never show."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from builders import COMPLAINT
from carried import send_queued
from cast import COMPLAINANT, POLICY, Cast
from ombud.cases.access.case_access import grant_of
from ombud.cases.commands import perform
from ombud.cases.models import Case
from ombud.channels.intake import receive
from ombud.clock import beside
from ombud.clock.tick import tick
from ombud.organisation.models import Person
from ombud.portal.pages import COOKIE
from ombud.project.settings import IS_EMBEDDED
from ombud.signin.session_store import SessionStore

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=en-US",
)  # fmt: skip
RULES: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS = {**RULES, "runOnly": {"type": "rule", "values": ["color-contrast"]}}  # all that a theme changes
WORDS = {**RULES, "rules": {"color-contrast": {"enabled": False}}}  # colours are the same in every language
# Colours change in a transition; axe would measure one in between.
SETTLED = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.allSettled(document.getAnimations().map((each) => each.finished));
}"""
PATIENCE = 30_000  # milliseconds that a busy machine may take; what is there is seen at once
# What is refused, out of date or asked for without a session is answered so on purpose; Chromium notes each of them.
# While one types on, a newer request replaces the one under way, which htmx notes too (sendError is another matter).
EXPECTED = re.compile(
    r"Failed to load resource: the server responded with a status of (401|404|409|422)|htmx:(afterRequest|sendAbort), "
)


def find_chromium() -> str | None:
    """Return where the Chromium is, if there is one."""
    named = os.environ.get("OMBUD_CHROMIUM")
    names = (named, "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = (shutil.which(name) for name in names if name)
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
        zone: str = "Asia/Shanghai",
        is_dark: bool = False,
        has_script: bool = True,
        case: Case | None = None,
    ) -> Page:
        """Return a window of somebody's own browser: of staff who are signed in, or of a case's complainant."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport=PHONE if is_phone else DESK,  # type: ignore[arg-type]  # a TypedDict of these two
            is_mobile=is_phone,
            has_touch=is_phone,
            locale=language,
            timezone_id=zone,
            color_scheme="dark" if is_dark else "light",
            java_script_enabled=has_script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        if person is not None:
            self._cookie(context, django_settings.SESSION_COOKIE_NAME, session_of(person))
        if case is not None:
            grant = grant_of(case)
            self._cookie(context, COOKIE + grant.reference, grant.token)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def file(self, *, language: str = "en", **said: str) -> Case:
        """Return a complaint that has just been filed on the portal."""
        now = timezone.now()
        data = {**COMPLAINT, **said}
        return receive(POLICY, channel="web", language=language, data=data, actor=COMPLAINANT, at=now, now=now).case

    def _cookie(self, context: BrowserContext, name: str, value: str) -> None:
        context.add_cookies([{"name": name, "value": value, "url": self.address}])

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not EXPECTED.search(message.text):
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def forgive(self, pattern: str) -> None:
        """Forget the complaints that a test brought about itself; fail on any other."""
        assert [each for each in self.complaints if not re.search(pattern, each)] == []
        self.complaints.clear()

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
    """Do what the clock's process does, but for checking the policies."""
    while any([*tick(timezone.now(), without=("reports",)).values(), *beside.once(timezone.now()).values()]):
        send_queued(now=timezone.now())


def perform_now(case: Case, act: str, cast: Cast, who: str, data: Mapping[str, Any] | None = None) -> None:
    """Let somebody do something that this test does not look at."""
    now = timezone.now()
    perform(case, act, actor=cast.actor(who), at=now, now=now, data=data or {})


def open_duty(page: Page, case: Case, title: str) -> None:
    """Go from the list of duties to the act of one of them; its clause and countdown stand beside it."""
    page.goto("/desk/")
    named = page.locator("[data-row-link]", has_text=title)
    row = page.locator("[data-row]").filter(has_text=case.reference).filter(has=named)
    if not row.count():
        page.goto("/desk/?show=waiting")  # somebody else has to act first
    expect(row.locator(".countdown")).to_be_visible()
    expect(row.locator("[data-ref]").first).to_be_visible()
    row.locator("[data-row-link]").click()
    expect(page).to_have_url(re.compile(f"/desk/cases/{case.reference}/"))


def do_act(page: Page, case: Case, act: str, answers: Mapping[str, str] | None = None, name: str = "") -> None:
    """Open the case, choose one of its acts, fill its form and send it; with a name, keep a picture of the form."""
    page.goto(f"/desk/cases/{case.reference}/")
    link = page.locator(".acts").get_by_role("link", name=act, exact=True)
    if not link.is_visible():
        page.locator(".acts summary").click()
    link.click()
    expect(page.locator(".act-form h2")).to_have_text(act)
    fill(page, answers or {})
    if name:
        shoot(page, name)
    send(page, act)


def fill(page: Page, answers: Mapping[str, str]) -> None:
    """Fill the form that is open, each field by how its label begins: choose where there is a choice, else type."""
    for label, answer in answers.items():
        begins = re.compile(f"^{re.escape(label)}")
        group = page.get_by_role("group", name=begins)
        control = page.locator("form").get_by_label(begins)
        if group.count():
            group.get_by_text(answer, exact=True).click()
        elif control.evaluate("each => each.tagName") == "SELECT":
            control.select_option(label=answer)
        else:
            control.fill(answer)


def in_days(days: int) -> str:
    """Return the date so many days from today, as forms take it."""
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def choose(page: Page, question: str, answer: str) -> None:
    """Answer a question of a form: a group of buttons, or a list that opens."""
    group = page.get_by_role("group", name=question)
    if group.count():
        group.get_by_text(answer, exact=True).click()
    else:
        page.locator("form").get_by_label(question).select_option(label=answer)


def send(page: Page, act: str) -> None:
    """Send the act's form; the case page says that it was done."""
    page.locator(".act-form").get_by_role("button", name=act, exact=True).click()
    expect(page.locator(".message").filter(has_text=act).first).to_be_visible()


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the whole page where OMBUD_SHOTS names a folder."""
    if folder := os.environ.get("OMBUD_SHOTS"):
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def assert_accessible(page: Page, state: str = "") -> None:
    """Fail where axe finds a violation, or where the page is wider than its window.

    In Chinese at both widths and in the dark; English differs in its words alone, not in its colours, and is looked at
    on a phone. What a page looks like hangs on no database, so that with PostgreSQL nothing is looked at a second time.
    """
    page.wait_for_load_state()
    if not IS_EMBEDDED:
        return
    usual = page.viewport_size
    is_chinese = page.evaluate("document.documentElement.lang").startswith("zh")
    for width in (PHONE, DESK):
        page.set_viewport_size(width)  # type: ignore[arg-type]  # likewise
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width["width"], f"{page.url} scrolls sideways at {width['width']} pixels"
        themes = [("light", RULES)] if is_chinese else [("light", WORDS)] if width == PHONE else []
        if is_chinese and width == DESK:
            themes.append(("dark", COLOURS))
        for theme, options in themes:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of the two it knows
            page.evaluate(SETTLED)
            found = ask_axe(page, options)
            where = f"{page.url} {state}, {width['width']} pixels, {theme}"
            assert found.violations_count == 0, f"{where}:\n{found.generate_report()}"
            shoot(page, f"journey-{slug(page, state)}-{width['width']}-{theme}")
    page.emulate_media(color_scheme="light")
    assert usual is not None
    page.set_viewport_size(usual)


def ask_axe(page: Page, options: Mapping[str, Any]) -> AxeResults:
    """Return what axe finds; half a megabyte of script is sent and compiled once for each document, not each time."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    return AxeResults(page.evaluate("options => axe.run(options)", options))


def slug(page: Page, state: str) -> str:
    """Return a file name for the page that is open."""
    path = re.sub(r"[A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]", "case", page.url.split("/", 3)[3])
    language = page.evaluate("document.documentElement.lang")[:2]
    return re.sub(r"[^a-z0-9]+", "-", f"{language} {path or 'start'} {state}".lower()).strip("-")[:60]
