"""Complaints that wait for their turn, as staff see them: their policy's take one in at once, or put it aside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cast import Cast
from ombud.channels.models import HeldComplaint
from ombud.clock.tick import tick
from portal.test_filing import STEPS
from portal.test_held import file, filed

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


@pytest.fixture
def limited(settings: Any) -> None:
    settings.OMBUD_COMPLAINTS_PER_ADDRESS = 1


def test_staff_of_its_policy_see_it_and_take_it_in_at_once(cast: Cast, limited, sign_in: SignIn) -> None:
    file()
    browser, _here, led = file()
    row = HeldComplaint.objects.get()
    desk = sign_in("wei")
    assert "1 complaint has arrived and waits" in desk.get("/desk/inbox/").content.decode()
    assert STEPS[0]["subject"] in desk.get("/desk/inbox/held/").content.decode()
    assert "Taken in as" in desk.post(f"/desk/inbox/held/{row.pk}/", {"do": "take"}, follow=True).content.decode()
    assert filed().count() == 2
    assert "receipt" in browser.get(led)["Location"]
    assert "waits no longer" in desk.post(f"/desk/inbox/held/{row.pk}/", {"do": "take"}, follow=True).content.decode()


def test_it_is_put_aside_for_a_reason_only_and_its_words_go(cast: Cast, limited, sign_in: SignIn) -> None:
    file()
    browser, _here, led = file()
    row = HeldComplaint.objects.get()
    desk, there = sign_in("wei"), f"/desk/inbox/held/{row.pk}/"
    assert "Say why" in desk.post(there, {"do": "aside", "reason": " "}, follow=True).content.decode()
    desk.post(there, {"do": "aside", "reason": "广告"})
    row.refresh_from_db()
    assert (row.state, row.reason, row.sealed, row.by) == ("aside", "广告", {}, cast.wei)
    assert "not taken in as a complaint" in browser.get(led).content.decode()
    tick(timezone.now())
    assert filed().count() == 1


@pytest.mark.parametrize("who", ["chen", "ai", "nobody"])
def test_others_see_nothing_of_it(cast: Cast, limited, sign_in: SignIn, who: str) -> None:
    file()
    file()
    row = HeldComplaint.objects.get()
    client = sign_in(who)
    assert client.get("/desk/inbox/held/").status_code in (403, 404)
    assert client.post(f"/desk/inbox/held/{row.pk}/", {"do": "take"}).status_code == 404
    assert filed().count() == 1
