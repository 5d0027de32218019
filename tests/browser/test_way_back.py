"""The link of a letter in a real browser: its form counts as ours though no address is told to anybody."""

import re

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from browser.windows import Windows, shoot
from carried import carry

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_phone_opens_the_complaint_by_the_link_of_a_letter(windows: Windows) -> None:
    case = windows.file()
    carry(now=timezone.now())
    found = re.search(r"/track/\S+/open/\?way=[0-9a-f-]+", str(mail.outbox[-1].body))
    assert found is not None
    phone = windows.open(is_phone=True, language="en-US")
    phone.goto(found[0])
    shoot(phone, "way-back")
    phone.get_by_role("button", name="Open my complaint").click()
    expect(phone).to_have_url(re.compile(rf"/track/{case.reference}/$"))
