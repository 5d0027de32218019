"""The pages of systems that are told of cases: the secret that is shown once, the log, telling again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from builders import after, make_case
from cast import POLICY, Cast
from ombud.channels.models import Delivery
from ombud.channels.subscribers import delivering, kinds, noting
from ombud.correspondence import accounts
from ombud.correspondence.models import Account
from provider_server import ProviderServer

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


@pytest.fixture
def crm(settings: Any) -> Iterator[ProviderServer]:
    with ProviderServer({"/hook": (200, {})}) as server:
        settings.OMBUD_OUTGOING_ALLOWED = [server.url]
        yield server


def entered(crm: ProviderServer, **more: Any) -> dict[str, Any]:
    return {"title": "CRM", "url": f"{crm.url}/hook", "kinds": ["opened"], "is_active": "on", **more}


def test_a_system_is_entered_tried_and_told_and_its_log_tells_again(
    cast: Cast, sign_in: SignIn, crm: ProviderServer
) -> None:
    mo = sign_in("mo")
    page = mo.post(f"/desk/subscribers/new/{POLICY}/", entered(crm)).content.decode()
    row = Account.objects.get()
    (secret,) = re.findall(r'data-copy="([\w-]{40,})"', page)
    assert accounts.secrets_of(row)[kinds.SECRET] == secret
    here = f"/desk/subscribers/{row.key}/"
    assert secret not in mo.get(here).content.decode()
    assert "It was called and took it." in mo.post(f"{here}try/", follow=True).content.decode()
    make_case()
    noting.note(row, now=after(1))
    delivering.deliver(row, now=after(1))
    page = mo.get(here).content.decode()
    assert "A case is opened" in page
    assert "taken" in page
    one = Delivery.objects.get()
    answer = mo.post(f"{here}again/", {"delivery": str(one.pk)}, follow=True).content.decode()
    assert "1 is told again." in answer
    assert Delivery.objects.get().state == Delivery.State.QUEUED
    assert mo.post(f"{here}again/", {"delivery": "x"}).status_code == 404
    assert mo.post(f"{here}secret/").status_code == 200
    row.refresh_from_db()
    assert accounts.secrets_of(row)[kinds.SECRET] != secret
    assert "CRM" in mo.get("/desk/connections/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "http://crm.example.com/"}, "Only https is called"),
        ({"url": "crm"}, "no address that a program can call"),
        ({"kinds": []}, "required"),
    ],
)
def test_what_cannot_be_used_is_said(
    cast: Cast, sign_in: SignIn, crm: ProviderServer, wrong: dict[str, Any], words: str
) -> None:
    page = sign_in("mo").post(f"/desk/subscribers/new/{POLICY}/", entered(crm, **wrong))
    assert page.status_code == 422
    assert words in page.content.decode()


def test_only_managers_set_them_up(cast: Cast, sign_in: SignIn, crm: ProviderServer) -> None:
    sign_in("mo").post(f"/desk/subscribers/new/{POLICY}/", entered(crm))
    key = Account.objects.get().key
    lin = sign_in("lin")
    for address in (f"/desk/subscribers/new/{POLICY}/", f"/desk/subscribers/{key}/", "/desk/connections/"):
        assert lin.get(address).status_code == 403
    for act in ("try", "again", "secret"):
        assert lin.post(f"/desk/subscribers/{key}/{act}/").status_code == 403
    assert sign_in("mo").get("/desk/subscribers/nobody/").status_code == 404


def test_the_list_takes_as_many_queries_however_long_it_is(cast: Cast, sign_in: SignIn, crm: ProviderServer) -> None:
    mo, numbers = sign_in("mo"), []
    for number in range(1, 4):
        mo.post(f"/desk/subscribers/new/{POLICY}/", entered(crm, title=f"CRM {number}"))
        with CaptureQueriesContext(
            connection,
        ) as taken:
            assert mo.get("/desk/connections/").status_code == 200
        numbers.append(len(taken))
    assert len(set(numbers)) == 1
