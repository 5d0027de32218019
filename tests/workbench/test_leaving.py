"""A mail program turns a way off with one click; looking at the address, or guessing one, turns nothing off."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from cast import Cast
from notices.alerts.ways import make_way
from ombud.notices.alerts.leaving import headers
from ombud.notices.alerts.models import Way
from ombud.organisation.models import Change

pytestmark = pytest.mark.django_db
CLICK = {"List-Unsubscribe": "One-Click"}


def path_of(way: Way) -> str:
    return urlsplit(headers(way)["List-Unsubscribe"].strip("<>")).path


def test_one_click_turns_the_way_off_and_is_noted(cast: Cast) -> None:
    way, other = (make_way(cast.lin, Way.Kind.MAIL, address) for address in ("lin@example.com", "lin@example.org"))
    client = Client(enforce_csrf_checks=True)
    assert client.post(path_of(way), CLICK).status_code == 204
    assert client.post(path_of(way), CLICK).status_code == 204  # once more is harmless
    way.refresh_from_db()
    other.refresh_from_db()
    assert (way.is_on, other.is_on) == (False, True)
    change = Change.objects.get(kind="way", key=str(way.pk))
    assert (change.by, change.content["is_on"]) == (cast.lin, False)


def test_who_only_looks_or_guesses_changes_nothing(cast: Cast) -> None:
    way = make_way(cast.lin, Way.Kind.MAIL)
    path, client = path_of(way), Client()
    assert client.get(path)["Location"] == "/desk/notices/ways/"
    assert client.post(path[:-3] + "xx/", CLICK).status_code == 404
    assert client.get(path.replace(str(way.pk), "00000000-0000-0000-0000-000000000001")).status_code == 404
    way.refresh_from_db()
    assert way.is_on


def test_the_click_is_offered_under_https_and_never_for_a_group(cast: Cast, settings: Any) -> None:
    way = make_way(cast.lin, Way.Kind.MAIL)
    assert "List-Unsubscribe-Post" not in headers(way)
    settings.OMBUD_BASE_URL = "https://desk.example.com"
    assert headers(way)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers(make_way(None, Way.Kind.MAIL, policy="customer-complaints", role="agent")) == {}
