"""Writing a message with the script running: what the server put into the form stays in it."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from browser.windows import Windows, shoot
from cast import POLICY, Cast
from ombud.correspondence.models import ReplyTemplate

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_template_is_inserted_by_keys_below_what_was_typed(windows: Windows, cast: Cast) -> None:
    ReplyTemplate.objects.create(
        title="We look into it", policy=POLICY, texts={"en": {"text": "We look into {{ reference }}."}},
        owner=cast.lin, changed_by=cast.lin, changed_at=timezone.now(),
    )  # fmt: skip
    case = windows.file()
    page = windows.open(cast.lin, language="en-US")
    page.goto(f"/desk/cases/{case.reference}/write/")
    page.locator("[name=m-text]").fill("Dear Mr Wang")
    page.locator("h1").click()
    page.keyboard.press("t")
    page.keyboard.type("We")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=m-text]")).to_have_value(f"Dear Mr Wang\n\nWe look into {case.reference}.")
    shoot(page, "composer-template")

    held: list[Route] = []

    def hold(route: Route) -> None:  # the server takes its time; meanwhile they write on
        held.append(route)

    page.route("**/write/", hold)
    page.locator("#id_reply").select_option(label="We look into it")
    with page.expect_request("**/write/"):
        page.get_by_role("button", name="Insert").click()
    page.locator("[name=m-subject]").fill("Your kettle")
    with page.expect_response("**/write/"):
        held[0].continue_()
    again = f"We look into {case.reference}."
    expect(page.locator("[name=m-text]")).to_have_value(f"Dear Mr Wang\n\n{again}\n\n{again}")
    expect(page.locator("[name=m-subject]")).to_have_value("Your kettle")
