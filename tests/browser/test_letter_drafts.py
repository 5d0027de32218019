"""A drafted letter in a real browser: whatever its words are, the page keeps to the screen."""

from __future__ import annotations

import pytest
import time_machine
from django.utils import timezone

from browser.windows import Windows, assert_accessible, shoot
from drafted import MONDAY, drafted_letter
from ombud.correspondence import letter_drafts
from overseas import Overseas, make_overseas

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "https://example.com/" + "a-way-that-breaks-nowhere/" * 4


@pytest.fixture
def cast(db: None) -> Overseas:
    with time_machine.travel(MONDAY):
        return make_overseas()


def test_a_long_address_in_a_letter_widens_no_page(windows: Windows, cast: Overseas) -> None:
    with time_machine.travel(MONDAY):
        message = drafted_letter(cast)
    assert message.case is not None
    words = f"See {ADDRESS} for what we owe you."
    letter_drafts.edit(message, "Our answer", words, seen=1, by=cast.people["anna"], now=timezone.now())
    page = windows.open(cast.people["anna"], is_phone=True)
    page.goto(f"/desk/cases/{message.case.reference}/drafts/{message.pk}/")
    shoot(page, "letter-draft")
    assert_accessible(page)
    letter, versions = (page.locator(each).bounding_box() for each in ("form.record", "section.record"))
    assert letter is not None
    assert versions is not None
    assert letter["width"] == versions["width"]
