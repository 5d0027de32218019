"""Two users write in English: one complaint ends with the first analysis and its reason, the other one is solved."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.windows import Windows, do_act, fill, in_days, let_time_pass, open_duty, send, shoot
from builders import assert_refolds, publish_policy
from cast import Cast, Staff, make_cast
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, LedgerEntry

pytestmark = pytest.mark.django_db(transaction=True)

POLICY = "user-complaints"
#: Anna is the service agent, Gu her supervisor, Su repairs under Jia, Xu makes the products, Gao is the management.
STAFF: Staff = {
    "anna": ("agent", "service"),
    "gu": ("supervisor", "service"),
    "su": ("responsible", "technical"),
    "jia": ("head", "technical"),
    "xu": ("responsible", "product"),
    "gao": ("management", None),
}


@pytest.fixture
def cast(db: None) -> Cast:
    publish_policy(POLICY)
    return make_cast(POLICY, STAFF)


def file(phone: Page, what: dict[str, str], about: dict[str, str], name: str = "") -> Case:
    """File a complaint on the policy's own page, step by step."""
    phone.goto(f"/to/{POLICY}/")
    phone.get_by_role("link", name="File a complaint").first.click()
    fill(phone, what)
    phone.get_by_role("button", name="Continue").click()
    fill(phone, about)
    if name:
        shoot(phone, f"{name}-form")
    phone.get_by_role("button", name="Continue").click()
    fill(phone, {"Your name": "Ben Carter", "E-mail": "ben.carter@example.com"})
    phone.get_by_role("button", name="Check and send").click()
    phone.get_by_role("button", name="Send the complaint").click()
    expect(phone.get_by_role("heading", name="Your complaint has arrived")).to_be_visible()
    if name:
        shoot(phone, f"{name}-receipt")
    return Case.objects.latest("pk")


def test_a_first_analysis_ends_one_complaint_with_a_reason_and_another_is_solved(windows: Windows, cast: Cast) -> None:
    phone = windows.open(is_phone=True, language="en-US")
    suggestion = file(
        phone,
        {
            "Subject": "A pink one, please",
            "What happened": "There is no pink one.",
            "When it happened": f"{in_days(-3)}T09:00",
        },
        {"Category": "Quality and function", "What is asked for": "Make it in pink"},
    )
    agent = windows.open(cast.anna, language="en-US")
    open_duty(agent, suggestion, "Register")
    send(agent, "Register and assign")
    let_time_pass()
    product = windows.open(cast.xu, language="en-US")
    open_duty(product, suggestion, "First analysis")
    found = {"Nature": "Suggestion", "Severity": "General", "Whether to go on": "No further handling"}
    fill(product, {**found, "First analysis": "About looks alone."})
    product.locator(".act-form button[type=submit]").click()
    expect(product.locator(".act-form .field:has(.field-error)")).to_contain_text("Give the reason")
    shoot(product, "user-01-no-reason")
    reason = "Your idea went to the designers; pink is not planned."
    fill(product, {"Why there is no further handling": reason})
    send(product, "First analysis")
    open_duty(agent, suggestion, "Tell the user of the end")
    shoot(agent, "user-02-tell-the-end")
    send(agent, "Tell the user that there is no further handling")
    let_time_pass()
    phone.goto(f"/track/{suggestion.reference}/")
    expect(phone.locator("main")).to_contain_text("Closed and filed")
    expect(phone.locator("main")).to_contain_text(reason)
    shoot(phone, "user-03-ended-phone")

    case = file(
        phone,
        {"Subject": "The watch is empty by noon", "What happened": "Since the last update it lasts half a day."},
        {"Category": "Technical fault", "Product or service": "Watch W2", "What is asked for": "A repair"},
        "user-04",
    )
    agent.goto(f"/desk/cases/{case.reference}/?act=register")
    agent.locator(".act-form button[type=submit]").click()
    expect(agent.locator(".act-form .field-error").first).to_be_visible()
    shoot(agent, "user-05-date-missing")
    fill(agent, {"When it happened": f"{in_days(-4)}T09:00"})
    send(agent, "Register and assign")
    let_time_pass()
    repairs = windows.open(cast.su, language="en-US")
    repairs.goto("/desk/notices/")
    expect(repairs.locator("main")).to_contain_text("Register and assign")
    open_duty(repairs, case, "First analysis")
    found = {"Nature": "Fault or defect", "Severity": "Severe", "Whether to go on": "Go on"}
    fill(repairs, {**found, "First analysis": "The update keeps the radio on."})
    send(repairs, "First analysis")
    shoot(repairs, "user-06-analysed")
    open_duty(repairs, case, "Plan, told to the user")
    plan = {"Measures": "Roll the update back", "To be done by": in_days(30), "Person responsible": "Su"}
    fill(repairs, plan)
    send(repairs, "Make a plan and tell the user")
    do_act(repairs, case, "Tell the progress", {"Message": "The old version is being tested."})
    phone.goto(f"/track/{case.reference}/")
    expect(phone.locator("main")).to_contain_text("Roll the update back")
    expect(phone.locator("main")).to_contain_text("The old version is being tested.")
    shoot(phone, "user-07-progress-phone")
    open_duty(repairs, case, "Solve it by the date of the plan")
    fill(repairs, {"How it was solved": "The old version is back, two days of battery."})
    send(repairs, "Mark as solved")
    open_duty(agent, case, "Follow up")
    fill(agent, {"Satisfaction": "Satisfied", "What the follow-up found": "It lasts two days again."})
    shoot(agent, "user-08-follow-up")
    send(agent, "Follow up")
    expect(agent.locator("main")).to_contain_text("Archived")
    shoot(agent, "user-09-archived-desk")
    let_time_pass()
    phone.goto(f"/track/{case.reference}/")
    expect(phone.locator("main")).to_contain_text("Closed and filed")
    shoot(phone, "user-10-archived-phone")
    repairs.goto("/desk/performance/")
    expect(repairs.locator("main")).to_contain_text("2 points")
    shoot(repairs, "user-11-performance")

    entry = LedgerEntry.objects.get()
    assert (entry.ledger, entry.person, entry.points, entry.case) == ("performance", cast.su, 2, case)
    for each in (suggestion, case):
        each.refresh_from_db()
        assert each.phase == "archived"
        assert set(each.duties.values_list("status", flat=True)) <= {"met", "ended", "cancelled"}
        assert_refolds(each)
    assert verify_all()["problems"] == []
