"""The same job in English, where things do not go smoothly: refusals, a rejection, a code typed by hand."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser.windows import Windows, choose, let_time_pass, perform_now, send, shoot
from builders import GRADES, assert_refolds
from cast import Cast
from ombud.cases.models import Case

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rejected_proposal_is_negotiated_anew_and_a_hasty_text_message_refused(windows: Windows, cast: Cast) -> None:
    phone = windows.open(is_phone=True, language="en-US")
    phone.goto("/")
    phone.get_by_role("link", name="File a complaint").first.click()
    phone.get_by_role("button", name="Continue").click()
    expect(phone.get_by_role("alert")).to_contain_text("Subject")
    phone.get_by_label("Subject").fill("The kettle leaks")
    phone.get_by_label("What happened").fill("It leaked when it was first used.")
    phone.get_by_role("button", name="Continue").click()
    phone.get_by_label("What you ask for").fill("A refund")
    phone.get_by_role("button", name="Back").click()
    expect(phone.get_by_label("Subject")).to_have_value("The kettle leaks")
    phone.get_by_role("button", name="Continue").click()
    expect(phone.get_by_label("What you ask for")).to_have_value("A refund")
    phone.get_by_role("button", name="Continue").click()
    phone.get_by_label("Name or company").fill("Olivia Grant")
    phone.get_by_role("button", name="Check and send").click()
    phone.get_by_role("button", name="Send the complaint").click()
    expect(phone.get_by_role("heading", name="Your complaint has arrived")).to_be_visible()
    reference, secret = phone.locator(".receipt-number code").all_inner_texts()
    shoot(phone, "journey-en-1-receipt")

    case = Case.objects.get(reference=reference)
    assert case.language == "en"
    for who, act, data in (
        ("lin", "register", GRADES), ("lin", "route", {}), ("chen", "accept_work", {}),
        ("chen", "investigate", {"finding": "substantiated"}),
        ("chen", "propose", {"measures": "A new kettle", "time_limit": "2026-12-01", "responsible": "Wang Min"}),
    ):  # fmt: skip
        perform_now(case, act, cast, who, data)

    head = windows.open(cast.zhou, language="en-US")
    head.goto(f"/desk/cases/{reference}/")
    head.get_by_role("link", name=re.compile("approve", re.IGNORECASE)).click()
    shoot(head, "journey-en-2-approval")
    head.locator(".act-form button[type=submit]").click()
    expect(head.locator(".message").first).to_contain_text("Done")
    perform_now(case, "communicate", cast, "lin", {"message": "We called you about it."})
    let_time_pass()

    elsewhere = windows.open(is_phone=True, language="en-US")
    elsewhere.goto("/track/")
    elsewhere.get_by_label("Reference").fill(reference.lower().replace("-", " "))
    elsewhere.get_by_label("Tracking code").fill("0000-0000-00000")
    elsewhere.get_by_role("button", name="Show where it stands").click()
    expect(elsewhere.get_by_role("alert")).to_contain_text("Check both")
    elsewhere.get_by_label("Tracking code").fill(secret.lower())
    elsewhere.get_by_role("button", name="Show where it stands").click()
    expect(elsewhere.get_by_role("heading", name=re.compile("Your turn"))).to_be_visible()
    shoot(elsewhere, "journey-en-3-your-turn")
    elsewhere.get_by_role("link", name="Rejected", exact=True).click()
    elsewhere.get_by_label("In your own words").fill("I want my money back.")
    elsewhere.get_by_role("button", name="Answer our proposal").click()
    expect(elsewhere.locator("main")).to_contain_text("I want my money back.")
    shoot(elsewhere, "journey-en-4-rejected")

    contact = windows.open(cast.chen, language="en-US")
    contact.goto(f"/desk/cases/{reference}/?act=propose")
    expect(contact.locator("main")).to_contain_text("I want my money back.")
    contact.locator("form").get_by_label("Measures").fill("The full price back")
    contact.locator("form").get_by_label("To be done by").fill("2026-12-02")
    contact.locator("form").get_by_label("Person responsible").fill("Wang Min")
    send(contact, "Propose a solution")
    perform_now(case, "plan.approve", cast, "zhou")
    perform_now(case, "communicate", cast, "lin")
    perform_now(case, "answer", cast, "complainant", {"answer": "accepted"})
    perform_now(case, "carry_out", cast, "chen", {"result": "Paid back"})

    agent = windows.open(cast.lin, language="en-US")
    agent.goto(f"/desk/cases/{reference}/?act=follow_up")
    choose(agent, "Means of the follow-up", "SMS")
    choose(agent, "Satisfaction", "Satisfied")
    agent.locator("form").get_by_label("Actual experience").fill("She is content with the refund.")
    agent.locator(".act-form button[type=submit]").click()
    refusal = agent.locator(".act-form .note-bad")
    expect(refusal).to_contain_text("Follow up by phone first")
    expect(refusal.locator("[data-ref='2.1.7']")).to_be_visible()
    expect(agent.locator("form").get_by_label("Actual experience")).to_have_value("She is content with the refund.")
    shoot(agent, "journey-en-5-refused")
    choose(agent, "Means of the follow-up", "Phone")
    send(agent, "Follow up")
    case.refresh_from_db()
    assert case.phase == "closed"
    assert_refolds(case)


def test_why_a_duty_is_due_when_it_is_due_is_explained(windows: Windows, cast: Cast) -> None:
    case = windows.file()
    agent = windows.open(cast.lin, language="en-US")
    agent.goto(f"/desk/cases/{case.reference}/")
    agent.get_by_text("Why is it due then?").click()
    expect(agent.locator(".case-duties .why")).to_contain_text("1.1.6")
    shoot(agent, "journey-en-6-why")
