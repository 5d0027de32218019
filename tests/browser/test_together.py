"""Several people, several windows: who comes second is told and loses nothing; back and deep links work."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser.windows import Windows, choose, perform_now, send, shoot
from builders import GRADES, assert_refolds
from cast import Cast
from ombud.cases.models import Event
from ombud.organisation.models import Department, Membership

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def second_agent(cast: Cast) -> None:
    """Nobody answers a second telephone at the same time."""
    desk = Department.objects.get(policy="customer-complaints", key="service")
    Membership.objects.create(person=cast.nobody, policy="customer-complaints", role="agent", department=desk)


def test_the_second_of_two_agents_is_told_and_keeps_what_was_typed(
    windows: Windows, cast: Cast, second_agent: None
) -> None:
    case = windows.file()
    perform_now(case, "register", cast, "lin", GRADES)
    first = windows.open(cast.lin, language="en-US")
    second = windows.open(cast.nobody, language="en-US")
    for page in (first, second):
        page.goto(f"/desk/cases/{case.reference}/?act=inform")
    first.locator("form").get_by_label("Message").fill("We have begun.")
    second.locator("form").get_by_label("Message").fill("A long message that took ten minutes to write.")
    send(first, "Tell the progress")

    second.locator(".act-form button[type=submit]").click()
    told = second.locator(".act-form .note-warn")
    expect(told).to_contain_text("Somebody acted on this case while you were typing")
    expect(told).to_contain_text("We have begun.")
    typed = second.locator("form").get_by_label("Message")
    expect(typed).to_have_value("A long message that took ten minutes to write.")
    assert Event.objects.filter(case=case, act="inform").count() == 1
    shoot(second, "journey-together-told")
    send(second, "Tell the progress")
    assert Event.objects.filter(case=case, act="inform").count() == 2
    assert_refolds(case)


def test_even_where_the_case_has_moved_on_what_was_typed_is_still_there(
    windows: Windows, cast: Cast, second_agent: None
) -> None:
    case = windows.file()
    perform_now(case, "register", cast, "lin", {**GRADES, "missing": "order number"})
    first = windows.open(cast.lin, language="en-US")
    second = windows.open(cast.nobody, language="en-US")
    for page in (first, second):
        page.goto(f"/desk/cases/{case.reference}/?act=request_facts")
    first.locator("form").get_by_label("Message").fill("Which order is it?")
    second.locator("form").get_by_label("Message").fill("Please tell us the number of your order.")
    send(first, "Ask for missing facts")

    second.locator(".act-form button[type=submit]").click()
    expect(second.locator(".act-form")).to_contain_text("Somebody acted on this case while you were typing")
    expect(second.locator(".act-form .note-bad")).to_contain_text("Waiting for facts")
    shoot(second, "journey-together-moved-on")
    expect(second.locator("form").get_by_label("Message")).to_have_value("Please tell us the number of your order.")
    assert Event.objects.filter(case=case, act="request_facts").count() == 1


def test_a_customer_whose_answer_was_recorded_meanwhile_loses_no_words(windows: Windows, cast: Cast) -> None:
    case = windows.file()
    for who, act, data in (
        ("lin", "register", GRADES), ("lin", "route", {}), ("chen", "accept_work", {}),
        ("chen", "investigate", {"finding": "partly"}),
        ("chen", "propose", {"measures": "A new kettle", "time_limit": "2026-12-01", "responsible": "Wang"}),
        ("zhou", "plan.approve", {}), ("lin", "communicate", {}),
    ):  # fmt: skip
        perform_now(case, act, cast, who, data)
    phone = windows.open(is_phone=True, language="en-US", case=case)
    phone.goto(f"/track/{case.reference}/do/answer/")
    choose(phone, "Answer", "Rejected")
    phone.get_by_label("In your own words").fill("Ten lines of good reasons.")
    perform_now(case, "answer", cast, "lin", {"answer": "accepted"})
    phone.get_by_role("button", name="Answer our proposal").click()
    expect(phone.locator("main")).to_contain_text("no longer possible")
    expect(phone.locator("main")).to_contain_text("Ten lines of good reasons.")
    shoot(phone, "journey-together-answered-meanwhile")
    assert Event.objects.filter(case=case, act="answer").count() == 1


def test_filters_are_in_the_address_and_back_returns_to_them(windows: Windows, cast: Cast) -> None:
    leaking = windows.file(subject="The kettle leaks")
    windows.file(subject="The parcel is late", narrative="It should have come on Monday.", demand="A parcel")
    agent = windows.open(cast.lin, language="en-US")
    agent.goto("/desk/cases/")
    rows = agent.locator("tbody tr")
    expect(rows).to_have_count(2)
    agent.locator("#q").fill("leaks")
    expect(rows).to_have_count(1)
    expect(agent).to_have_url(re.compile("q=leaks"))
    shared = agent.url

    agent.get_by_role("link", name=leaking.reference).click()
    expect(agent.get_by_role("heading", name="The kettle leaks")).to_be_visible()
    agent.locator(".acts").get_by_role("link", name="Register").click()
    expect(agent).to_have_url(re.compile(r"\?act=register"))
    expect(agent.locator(".act-form")).to_be_visible()
    agent.go_back()
    expect(agent.locator(".act-form")).to_have_count(0)
    agent.go_back()
    expect(agent.locator("#q")).to_have_value("leaks")
    expect(rows).to_have_count(1)

    other = windows.open(cast.wei, language="en-US")
    other.goto(shared)
    expect(other.locator("tbody tr")).to_have_count(1)
    expect(other.locator("#q")).to_have_value("leaks")


def test_a_deep_link_leads_through_signing_in_to_its_page(windows: Windows, cast: Cast) -> None:
    case = windows.file()
    agent = windows.open(language="en-US")
    agent.goto(f"/desk/cases/{case.reference}/?act=register")
    agent.get_by_label("User name").fill("lin")
    agent.get_by_label("Password").fill("a sound password")
    agent.keyboard.press("Enter")
    expect(agent.locator(".act-form")).to_be_visible()
    expect(agent).to_have_url(re.compile(rf"/desk/cases/{case.reference}/\?act=register"))
