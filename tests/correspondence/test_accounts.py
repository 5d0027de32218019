"""Accounts: which one speaks for a case, and where complainants are told to write."""

from __future__ import annotations

import pytest
from django.test import Client

from cast import Cast
from ombud.correspondence import accounts
from ombud.correspondence.models import Account

pytestmark = pytest.mark.django_db


def box(key: str, **more: object) -> Account:
    return Account.objects.create(key=key, kind="mail", address=f"{key}@example.com", **more)


def test_the_nearest_account_speaks_and_last_the_installations(cast: Cast, settings: object) -> None:
    assert accounts.sending("customer-complaints").key == accounts.INSTALLATIONS
    everybodys = box("all")
    assert accounts.sending("customer-complaints") == everybodys
    own = box("own", policy="customer-complaints")
    through = box("through", policy="customer-complaints", channel="email")
    assert accounts.sending("customer-complaints", channel="email") == through
    assert accounts.sending("customer-complaints", channel="web") in (own, through)
    assert accounts.sending("other") == everybodys
    Account.objects.exclude(key=accounts.INSTALLATIONS).update(sends=False)
    assert accounts.sending("customer-complaints").key == accounts.INSTALLATIONS


def test_complainants_are_told_where_to_write(cast: Cast, client: Client) -> None:
    assert "mailto:" not in client.get("/").content.decode()
    account = box("complaints", policy="customer-complaints", channel="email")
    assert "mailto:complaints@example.com" in client.get("/").content.decode()
    account.is_active = False
    account.save()
    assert "mailto:" not in client.get("/").content.decode()
