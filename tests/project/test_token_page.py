"""The page of API tokens, and what a token is good for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from builders import publish_policy
from cast import POLICY, Cast, make_cast
from ombud.api import keys
from ombud.api.models import ApiToken
from ombud.organisation.models import Person

pytestmark = pytest.mark.django_db
PAGE = "/desk/tokens/"


@pytest.fixture
def cast(db: None, media: Path) -> Cast:
    publish_policy(POLICY)
    return make_cast()


def browser(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def made_in(page: str) -> str:
    return next(iter(re.findall(r'data-copy="(ombud_[\w-]+)"', page)), "")


def test_a_token_is_shown_once_is_for_its_maker_and_does_only_what_it_may(cast: Cast) -> None:
    lin = browser(cast.people["lin"])
    asked = {"name": "report", "scopes": ["read"], "policy": POLICY, "days": "30"}
    token = made_in(lin.post(PAGE, asked).content.decode())
    row = ApiToken.objects.get()
    assert (row.person, row.scopes, row.policy) == (cast.people["lin"], ["read"], POLICY)
    assert token not in lin.get(PAGE).content.decode()
    bearer = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/cases", headers=bearer).status_code == 200
    assert (
        Client().post("/api/v1/complaints", b"{}", content_type="application/json", headers=bearer).status_code == 403
    )
    assert lin.post(f"{PAGE}{row.pk}/revoke/").status_code == 302
    assert Client().get("/api/v1/cases", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"policy": "other"}, {"days": "9"}]
)
def test_what_is_wrong_makes_no_token(cast: Cast, wrong: dict[str, object]) -> None:
    asked = {"name": "report", "scopes": ["read"], "policy": "", "days": "30", **wrong}
    assert browser(cast.people["lin"]).post(PAGE, asked).status_code == 422
    assert not ApiToken.objects.exists()


def test_others_tokens_are_seen_by_who_oversees_and_taken_back_by_who_keeps(cast: Cast) -> None:

    row, _token = keys.issue_token(cast.people["wei"], name="wei's shop", now=timezone.now())
    seen = {name: "shop" in browser(cast.people[name]).get(PAGE).content.decode() for name in ("lin", "ai", "mo")}
    assert seen == {"lin": False, "ai": True, "mo": True}
    codes = {
        name: browser(cast.people[name]).post(f"{PAGE}{row.pk}/revoke/").status_code for name in ("lin", "ai", "mo")
    }
    assert codes == {"lin": 403, "ai": 403, "mo": 302}
    row.refresh_from_db()
    assert row.revoked_at is not None
