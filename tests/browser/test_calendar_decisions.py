"""Changing working days between two people: what waits is seen, and decided on, on a phone as on a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.windows import Windows, assert_accessible, shoot
from cast import Cast
from ombud.organisation.models import MANAGER, CalendarProposal, Membership, Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("language", "is_phone"), [("zh-CN", False), ("en-US", True)])
def test_one_proposes_and_another_decides(windows: Windows, cast: Cast, language: str, is_phone: bool) -> None:
    ning = Person.objects.create(username="ning", name="Ning")
    windows.file()
    name = f"calendar-{'phone' if is_phone else 'desk'}"
    mine = windows.open(cast.mo, language=language, is_phone=is_phone)
    mine.goto("/desk/calendar/")
    shoot(mine, f"{name}-alone")
    Membership.objects.create(person=ning, role=MANAGER)
    mine.goto("/desk/calendar/")
    mine.fill("form[data-guard] [name=year]", "2027")
    mine.fill("form[data-guard] [name=source]", "Notice 7")
    mine.fill("form[data-guard] [name=off]", "2027-01-01 2027-01-03 元旦\n2027-02-05 2027-02-11 春节")
    mine.fill("form[data-guard] [name=work]", "2027-02-20")
    mine.locator("form[data-guard] button.btn-primary").click()
    shoot(mine, f"{name}-proposing")
    mine.locator("#proposal button.btn-primary").click()
    row = CalendarProposal.objects.get()
    mine.goto(f"/desk/calendar/proposals/{row.pk}/?year=2027")
    assert_accessible(mine, "own proposal")
    shoot(mine, f"{name}-own")
    theirs = windows.open(ning, language=language, is_phone=is_phone, is_dark=True)
    theirs.goto("/desk/calendar/")
    shoot(theirs, f"{name}-waiting")
    theirs.locator(f"a[href*='/proposals/{row.pk}/']").click()
    expect(theirs.locator("#proposal [name=because]")).to_be_visible()
    assert_accessible(theirs, "deciding")
    shoot(theirs, f"{name}-deciding")
    theirs.locator("#proposal [value=apply]").click()
    expect(theirs.locator(".message-success")).to_be_visible()
    shoot(theirs, f"{name}-decided")
    assert CalendarProposal.objects.get().verdict == "entered"
