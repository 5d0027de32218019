"""What programs ask every site for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

pytestmark = pytest.mark.django_db


def test_search_engines_are_kept_from_what_is_somebodys_own() -> None:
    told = Client().get("/robots.txt")
    assert told["Content-Type"].startswith("text/plain")
    lines = told.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /desk/", "Disallow: /track/", "Disallow: /api/"} <= set(lines)
    assert "Disallow: /" not in lines


def test_security_txt_says_whom_to_tell_and_is_valid_for_less_than_a_year(settings: Any) -> None:
    assert Client().get("/.well-known/security.txt").status_code == 404
    settings.OMBUD_SECURITY_CONTACT = ["mailto:security@example.com", "https://example.com/holes"]
    told = Client().get("/.well-known/security.txt").content.decode().splitlines()
    fields = [line.split(": ", 1) for line in told]
    assert [value for name, value in fields if name == "Contact"] == settings.OMBUD_SECURITY_CONTACT
    [until] = [datetime.fromisoformat(value) for name, value in fields if name == "Expires"]
    assert timedelta(days=100) < until - timezone.now() < timedelta(days=365)
    assert ["Canonical", f"{settings.OMBUD_BASE_URL}/.well-known/security.txt"] in fields


def test_the_icon_of_before_leads_to_the_one_of_now() -> None:
    answer = Client().get("/favicon.ico", follow=True)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/svg+xml"
