"""Failures speak: no page lands in a panel, lists say since when they are old, typing outlives reload and session."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from browser.windows import Windows, shoot
from cast import Cast
from ombud.cases.models import Case, Event
from ombud.signin.session_store import SessionStore

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "He rang again and wants the kettle back by Friday."
#: What Chromium and htmx say of each request that fails; nothing else may be said.
NOTED = "|".join(
    (
        r"/(acts/note/|desk/|mark\.svg\?\S+): Failed to load resource: ",
        r": htmx:sendError, ",
        r": Response Status Error Code \d+ from /desk/",
    )
)

KEPT = "Object.keys(sessionStorage).filter((name) => name.startsWith('typed ')).length"


def until_kept(page: Page) -> None:
    """Wait until the browser has kept what was typed; the content policy forbids a condition of Playwright's."""
    while not page.evaluate(KEPT):
        page.wait_for_timeout(20)


@pytest.fixture
def case(windows: Windows) -> Case:
    return windows.file()


def note(windows: Windows, cast: Cast, case: Case, **more: Any) -> Page:
    page = windows.open(cast.lin, language="en-US", **more)
    page.goto(f"/desk/cases/{case.reference}/?act=note")
    page.locator(".act-form [name=remark]").fill(WORDS)
    return page


def answer(status: int) -> Any:
    return lambda route: route.fulfill(status=status, content_type="text/html", body="<!doctype html><h1>A page</h1>")


def drop(route: Route) -> None:
    route.abort("connectionfailed")


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (drop, "No answer came."),
        (answer(500), "The server could not answer."),
        (answer(403), "You may not do this"),
        (answer(200), "The server could not answer."),
        (answer(409), "The server could not answer."),
    ],
    ids=["offline", "500", "403", "a whole page", "a whole page that refuses"],
)
def test_an_act_that_fails_says_so_keeps_the_words_and_can_be_tried_again(
    windows: Windows, cast: Cast, case: Case, happens: Any, said: str
) -> None:
    page = note(windows, cast, case)
    page.route("**/acts/note/", happens)
    page.locator(".act-form button[type=submit]").click()
    message = page.locator(".message-error")
    expect(message).to_contain_text(said)
    expect(message).to_contain_text("What you typed is still here.")
    expect(page.locator(".act-form [name=remark]")).to_have_value(WORDS)
    expect(page.locator("h1", has_text="A page")).to_have_count(0)
    shoot(page, f"failures-act-{said[:3].lower()}")
    page.unroute("**/acts/note/")
    message.get_by_role("button", name="Try again").click()
    expect(page.locator(".message-success")).to_be_visible()
    assert Event.objects.filter(case=case, act="note").count() == 1
    windows.forgive(NOTED)


def test_a_list_that_cannot_be_renewed_keeps_what_it_shows_and_says_since_when(
    windows: Windows, cast: Cast, case: Case
) -> None:
    page = windows.open(cast.lin, language="zh-CN")
    page.goto("/desk/")
    renew = "htmx.trigger('#duties', 'renew')"
    page.context.set_offline(True)
    page.evaluate(renew)
    expect(page.locator("[data-stale]")).to_be_visible()
    expect(page.locator("#duties")).to_contain_text(case.reference)
    shoot(page, "failures-stale-zh")
    page.context.set_offline(False)
    page.evaluate(renew)
    expect(page.locator("[data-stale]")).to_be_hidden()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.evaluate(renew)
    expect(page.locator("[data-stale] a")).to_be_visible()
    expect(page.locator("#duties")).to_contain_text(case.reference)
    assert "/sign-in/" in str(page.locator("[data-stale] a").get_attribute("href"))
    windows.forgive(NOTED)


def test_what_was_typed_outlives_a_reload_until_it_is_sent_and_is_nobody_elses(
    windows: Windows, cast: Cast, case: Case
) -> None:
    page = note(windows, cast, case)
    until_kept(page)
    page.evaluate("ombud.typed = false")
    page.reload()
    expect(page.locator(".act-form [name=remark]")).to_have_value(WORDS)
    expect(page.locator(".message")).to_contain_text("is in the form again")
    shoot(page, "failures-typed-again")
    page.locator(".act-form button[type=submit]").click()
    expect(page.locator(".message-success")).to_be_visible()
    page.goto(f"/desk/cases/{case.reference}/?act=note")
    expect(page.locator(".act-form [name=remark]")).to_have_value("")
    page.locator(".act-form [name=remark]").fill(WORDS)
    until_kept(page)
    page.evaluate("ombud.typed = false")
    page.locator(".who").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/$"))
    assert page.evaluate(KEPT) == 0


def test_a_session_warns_before_it_ends_and_is_prolonged(windows: Windows, cast: Cast, case: Case) -> None:
    page = note(windows, cast, case)
    (cookie,) = (each for each in page.context.cookies() if each["name"] == settings.SESSION_COOKIE_NAME)
    session = SessionStore(str(cookie["value"]))
    session["until"] = int(timezone.now().timestamp()) + 90
    session.save()
    page.evaluate("ombud.typed = false")
    page.reload()
    message = page.locator(".message-warning")
    expect(message).to_contain_text("Your session ends")
    shoot(page, "failures-session-near")
    stay = message.get_by_role("button", name="Stay signed in")
    page.route("**/session/", drop)
    stay.click()
    expect(message).to_contain_text("Your session ends")
    page.unroute("**/session/", drop)
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/session/")):
        stay.click()
    expect(message).to_have_count(0)
    expect(page.locator(".message-error")).to_have_count(0)
    assert SessionStore(str(cookie["value"]))["until"] > timezone.now().timestamp() + 3600
    windows.forgive(r"/desk/session/: Failed to load resource: ")


def test_words_outlive_a_failed_act_and_the_reload_after_it(windows: Windows, cast: Cast, case: Case) -> None:
    page = note(windows, cast, case)
    page.route("**/acts/note/", drop)
    page.locator(".act-form button[type=submit]").click()
    expect(page.locator(".message-error")).to_be_visible()
    page.evaluate("ombud.typed = false")
    page.reload()
    expect(page.locator(".act-form [name=remark]")).to_have_value(WORDS)
    windows.forgive(NOTED)
