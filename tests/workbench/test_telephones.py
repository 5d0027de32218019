"""The page of telephone systems: what is entered, the secret that is shown once, and who is not let in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from cast import POLICY, Cast
from ombud.channels.telephone import signing
from ombud.correspondence import accounts
from ombud.correspondence.models import Account

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
ENTERED = {
    "title": "Hotline", "address": "400 800 1234", "channel": f"{POLICY}/hotline", "voicemail": "", "language": "zh",
    "by_itself": "on", "is_active": "on",
}  # fmt: skip


def secret_in(page: str) -> str:
    return next(iter(re.findall(r'data-copy="([\w-]{40,})"', page)), "")


def test_the_secret_is_shown_once_and_another_one_ends_it(cast: Cast, sign_in: SignIn) -> None:
    mo = sign_in("mo")
    made = secret_in(mo.post("/desk/telephones/new/", ENTERED).content.decode())
    row = Account.objects.get()
    assert (row.kind, row.policy, row.channel, row.sends) == ("telephone", POLICY, "hotline", False)
    assert accounts.secrets_of(row)[signing.SECRET] == made
    assert made not in str(row.secrets)
    page = mo.get(f"/desk/accounts/{row.key}/", follow=True).content.decode()
    assert f"/calls/{row.key}/" in page
    assert made not in page
    assert "with a new secret" in page
    another = secret_in(mo.post(f"/desk/telephones/{row.key}/secret/").content.decode())
    row.refresh_from_db()
    assert accounts.secrets_of(row)[signing.SECRET] == another != made
    assert mo.post(f"/desk/telephones/{row.key}/", {**ENTERED, "title": "400"}).status_code == 302
    row.refresh_from_db()
    assert (row.title, accounts.secrets_of(row)[signing.SECRET]) == ("400", another)


def test_voicemails_are_under_the_policy_of_the_calls(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in("mo").post("/desk/telephones/new/", {**ENTERED, "voicemail": "else/where"})
    assert page.status_code == 422
    assert not Account.objects.exists()


def test_who_only_handles_complaints_sets_up_no_telephones(cast: Cast, sign_in: SignIn) -> None:
    Account.objects.create(key="line", kind=accounts.TELEPHONE, address="1")
    lin = sign_in("lin")
    for address in ("/desk/telephones/new/", "/desk/telephones/line/"):
        assert lin.get(address).status_code == 403
    assert lin.post("/desk/telephones/line/secret/").status_code == 403


def test_the_front_page_names_the_number(cast: Cast, client: Client) -> None:
    row = {"policy": POLICY, "channel": "hotline", "address": "400 800 1234"}
    Account.objects.create(key="line", kind=accounts.TELEPHONE, **row)
    assert '<a href="tel:4008001234">400 800 1234</a>' in client.get("/").content.decode()
