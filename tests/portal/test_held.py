"""Complaints beyond an intake limit: they have arrived, wait for their turn, and their limits count from then."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from ombud.cases.models import Attachment, Case
from ombud.channels import holding, intake_limits
from ombud.channels.models import HeldComplaint
from ombud.clock import beside
from portal.test_filing import STEPS, fill, send
from samples import PNG

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


def browser_at(address: str = "203.0.113.1") -> Client:
    return Client(REMOTE_ADDR=address, headers=ENGLISH)


def filed() -> QuerySet[Case]:
    """Return the complaints, without what the clock opens by itself."""
    return Case.objects.filter(channel="web")


def file(address: str = "203.0.113.1") -> tuple[Client, str, str]:
    """Send a complaint from there; return the browser, its draft's address and where it was led."""
    browser = browser_at(address)
    here = fill(browser, *STEPS)
    answer = send(browser, here)
    return browser, here, answer.get("Location", str(answer.status_code))


@pytest.fixture
def one_an_hour(settings) -> None:
    settings.OMBUD_COMPLAINTS_PER_ADDRESS = 1


def test_it_waits_for_its_turn_is_told_so_and_counts_from_its_arrival(policy, one_an_hour, at_start):
    file()
    browser, here, led = file()
    assert led == f"{here}held/"
    page = browser.get(led).content.decode()
    assert "Your complaint has arrived" in page
    assert "You need not send it again" in page
    for again in (f"{here}1/", f"{here}check/"):
        assert browser.get(again)["Location"] == led
    assert browser.post(f"{here}send/")["Location"] == led
    arrived = timezone.now()
    beside.once(timezone.now())
    assert filed().count() == 1
    at_start.shift(timedelta(minutes=61))
    beside.once(timezone.now())
    assert filed().count() == 2
    case = filed().order_by("-pk")[0]
    assert case.received_at == arrived
    answer = browser.get(led)
    assert answer["Location"] == f"/track/{case.reference}/receipt/"
    receipt = browser.get(answer["Location"]).content.decode()
    assert case.reference in receipt
    assert f"/track/{case.reference}/" in receipt
    assert not HeldComplaint.objects.get().sealed
    assert browser.get(f"{here}check/").status_code == 200  # says that it was sent


def test_others_file_on_and_a_flood_from_one_address_holds_nobody_else_up(policy, settings, at_start):
    settings.OMBUD_COMPLAINTS_PER_ADDRESS, settings.OMBUD_COMPLAINTS_PER_HOUR = 1, 3
    for _ in range(4):
        file("2001:db8:0:1::1")
    assert "receipt" in file("2001:db8:0:2::1")[2]
    file("203.0.113.9")
    assert "held" in file("203.0.113.10")[2]  # of all together
    at_start.shift(timedelta(minutes=61))
    beside.once(timezone.now())
    left = set(HeldComplaint.objects.filter(state="waits").values_list("place", flat=True))
    assert left == {intake_limits.place_of("2001:db8:0:1::1")}
    assert HeldComplaint.objects.filter(state="waits").count() == 2


def test_files_go_along_and_the_row_shows_nothing(policy, media, one_an_hour, at_start):
    file()
    browser = browser_at()
    here = fill(browser, {**STEPS[0], "evidence": SimpleUploadedFile("a.png", PNG)}, *STEPS[1:])
    send(browser, here)
    row = HeldComplaint.objects.get()
    assert STEPS[0]["subject"] not in str(row.sealed)
    assert "203.0.113.1" not in row.place
    at_start.shift(timedelta(minutes=61))
    beside.once(timezone.now())
    assert Attachment.objects.get().case == filed().order_by("-pk")[0]


def test_nobody_waits_longer_than_half_a_day(policy, one_an_hour, at_start):
    file()
    file()
    place = intake_limits.place_of("203.0.113.1")
    at_start.shift(timedelta(hours=12, minutes=1))
    for _ in range(5):
        intake_limits.throttle.attempt(f"filed:{place}", limit=1, window=intake_limits.HOUR, now=timezone.now())
    beside.once(timezone.now())
    assert filed().count() == 2


def test_where_too_many_wait_it_stays_in_its_draft(policy, one_an_hour, monkeypatch):
    monkeypatch.setattr(holding, "EACH", 1)
    file()
    file()
    browser, here, led = file()
    assert led == "429"
    assert STEPS[0]["narrative"] in browser.get(f"{here}check/").content.decode()
    assert HeldComplaint.objects.count() == 1


def test_what_the_policy_refuses_comes_back_to_whoever_wrote_it(policy, one_an_hour, at_start, monkeypatch):
    file()
    browser, here, led = file()
    row = HeldComplaint.objects.get()
    HeldComplaint.objects.update(state="refused", reason="The policy says no.")
    assert browser.get(led)["Location"] == f"{here}check/"
    assert not HeldComplaint.objects.filter(pk=row.pk).exists()
    assert STEPS[0]["narrative"] in browser.get(f"{here}check/").content.decode()


def test_two_clocks_take_one_in_once(policy, one_an_hour, at_start: time_machine.Traveller):
    file()
    file()
    row = HeldComplaint.objects.get()
    at_start.shift(timedelta(minutes=61))
    assert holding.take_in(now=timezone.now()) == 1
    assert holding.take_in(now=timezone.now()) == 0
    row.refresh_from_db()
    assert (row.state, filed().count()) == ("taken", 2)
