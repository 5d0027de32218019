"""Calls that nobody should make: each is answered in the RFC's words, none by a fault of ours."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cast import Cast
from directed import NOW, PATCH, Scim, make_directory
from ombud.directory import keeping
from ombud.directory.scim import callers
from ombud.organisation import hiring
from ombud.organisation.hiring import Place
from ombud.organisation.models import ADMINISTRATOR

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

VALUES = [
    None, True, 0, -1, 1.5, 10**30, "", "x", "\0", "\ud800", "x" * 5000, [], [None], ["x"], [[]], [{}], {},
    {"value": None},
    {"value": {}}, [{"value": 5}], [{"value": "00000000-0000-0000-0000-000000000000"}], {"a": {"b": {}}},
    [{"value": "a@example.com", "primary": True}, {"value": "b@example.com", "primary": "True"}],
]  # fmt: skip
PATHS = [
    None, "", "x", "active", "userName", "name", "name.familyName", "emails", "emails.value", 'emails[type eq "work"]',
    'emails[type eq "work"].value', "emails[", "emails[type]", 'emails[type eq "x', "members", 'members[value eq "1"]',
    "a.b.c",
    "urn:ietf:params:scim:schemas:core:2.0:User:active", "urn:", "id", "meta", "schemas", "\0", 5, [], {}, "x" * 5000,
    "name[x eq 1].y", "emails[primary eq true].value", "externalId", "displayName",
]  # fmt: skip
FILTERS = [
    "x", "userName", "userName eq", 'userName eq "', "userName eq x", 'userName xx "a"',
    'userName eq "a" or userName eq "b"',
    "not (active eq true)", '(userName eq "a")', "userName eq 5", "userName eq null", 'emails[type eq "work"]',
    'title eq "x"', 'id eq "x"', 'meta.lastModified gt "2011"', 'userName eq "\\ud800"', 'userName eq "\\u0000"',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "a"', 'userName eq "a" and', "a" * 2000, "userName pr",
    "active eq true", 'active eq "x"', 'externalId co "%"', 'members eq "x"', 'displayName sw "a"', '"', "[",
    "and and and",
    'userName eq "a" and active eq "b" and id eq "c"', "\u4f55 eq 1", 'password eq "x"',
]  # fmt: skip


@pytest.fixture
def scim(cast: Cast) -> Scim:
    hiring.give(cast.nobody, Place(policy="", role=ADMINISTRATOR), by=cast.mo, now=NOW)
    return Scim(make_directory(cast.nobody), cast.nobody)


def fits(answer: object) -> None:
    status, content = answer.status_code, answer.content  # type: ignore[attr-defined]
    assert status < 500, content
    assert answer["Content-Type"].startswith("application/scim+json")  # type: ignore[index]
    if status >= 400:
        said = json.loads(content)
        assert said["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        assert said["status"] == str(status)
        assert said["detail"]


def test_no_patch_is_a_fault(scim: Scim) -> None:
    user = scim.user()
    group = scim.said("POST", "Groups", {"displayName": "Quality"}, status=201)
    for op, (number, path) in itertools.product(("add", "Replace", "remove", "move", None), enumerate(PATHS)):
        for value in VALUES[number % 5 :: 5]:
            body = {"schemas": PATCH, "Operations": [{"op": op, "path": path, "value": value}]}
            fits(scim("PATCH", f"Users/{user['id']}", body))
            fits(scim("PATCH", f"Groups/{group['id']}", body))
    for body in ({}, {"Operations": 5}, {"Operations": []}, {"Operations": [5]}, {"Operations": [{}] * 2000}):
        fits(scim("PATCH", f"Users/{user['id']}", body))


@pytest.mark.parametrize("what", ["Users", "Groups"])
def test_no_resource_is_a_fault(scim: Scim, what: str) -> None:
    names = (
        "userName",
        "displayName",
        "externalId",
        "emails",
        "name",
        "active",
        "members",
        "preferredLanguage",
        "title",
    )
    for name, value in itertools.product(names, VALUES):
        fits(scim("POST", what, {"userName": "a@example.com", "displayName": "A", name: value}))
        fits(scim("POST", what, {name: value}))
    for raw in (
        b"",
        b"{",
        b"[]",
        b"5",
        b"null",
        b"\xff",
        b'{"a": NaN}',
        b"[" * 100_000,
        b'{"a":' * 5000,
        b'"' + b"x" * 2**20,
    ):
        fits(scim("POST", what, raw))


@pytest.mark.parametrize("what", ["Users", "Groups"])
def test_no_question_is_a_fault(scim: Scim, what: str) -> None:
    scim.user()
    for text in FILTERS:
        answer = scim("GET", what, query={"filter": text})
        fits(answer)
        assert answer.status_code in (200, 400)
        if answer.status_code == 400:
            assert answer.json()["scimType"] == "invalidFilter"
    for name, value in itertools.product(
        ("startIndex", "count"), ("0", "-1", "x", "9" * 40, "1.5", "", "\0", "\u0661")
    ):
        fits(scim("GET", what, query={name: value}))
    for query in ({"attributes": "userName,x,"}, {"excludedAttributes": "members,id"}, {"attributes": "\0"}):
        fits(scim("GET", what, query=query))


def test_no_address_or_method_is_a_fault(scim: Scim) -> None:
    for path in ("", "Nothing", "Users/x", "Users/x/y", "Bulk", "Me", "Schemas/x", "ResourceTypes/x", "Users/", "%00"):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            fits(scim(method, path, {}))
    nobody = "Users/00000000-0000-0000-0000-000000000000"
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert scim(method, nobody, {"userName": "x", "Operations": [{"op": "add", "value": {}}]}).status_code == 404
    assert scim("PATCH", "Users", {}).status_code == 405
    assert scim("PUT", "ServiceProviderConfig", {})["Allow"] == "GET"


def test_what_it_says_of_itself(scim: Scim) -> None:
    assert scim.said("GET", "ServiceProviderConfig")["patch"] == {"supported": True}
    assert [each["id"] for each in scim.said("GET", "ResourceTypes")["Resources"]] == ["User", "Group"]
    names = [each["id"] for each in scim.said("GET", "Schemas")["Resources"]]
    assert scim.said("GET", f"Schemas/{names[0]}")["name"] == "User"
    assert scim.said("GET", "ResourceTypes/Group")["endpoint"] == "/Groups"


def test_lists_come_page_by_page(scim: Scim) -> None:
    for number in range(5):
        scim.user(f"p{number}@example.com")
    page = scim.said("GET", "Users", query={"startIndex": "4", "count": "10"})
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (5, 4, 2)
    assert [each["userName"] for each in page["Resources"]] == ["p3@example.com", "p4@example.com"]
    assert scim.said("GET", "Users", query={"count": "0"})["totalResults"] == 5
    asked = {"attributes": "userName", "filter": 'userName sw "P" and emails co "3@"'}
    (one,) = scim.said("GET", "Users", query=asked)["Resources"]
    assert set(one) == {"id", "schemas", "meta", "userName"}


def test_only_a_token_that_is_good_is_let_in_and_by_it_nothing_else(scim: Scim, cast: Cast) -> None:
    def call(token: str) -> int:
        return Client().get("/scim/v2/Users", headers={"authorization": token}).status_code

    assert call(f"Bearer {scim.token}") == 200
    assert call(f"bearer {scim.token}") == 200
    for wrong in ("", "Bearer", "Bearer x", "Bearer ombudscim_x", f"Basic {scim.token}", "Bearer ombudscim_\u00e9"):
        assert call(wrong) == 401
    answer = Client().get("/scim/v2/Users")
    assert answer["WWW-Authenticate"] == "Bearer"
    assert Client().get("/api/v1/cases", headers={"authorization": f"Bearer {scim.token}"}).status_code == 401
    keeping.keep(scim.directory, {"is_on": False}, by=cast.nobody, now=NOW)
    assert call(f"Bearer {scim.token}") == 401
    keeping.keep(scim.directory, {"is_on": True}, by=cast.nobody, now=NOW)
    _row, short = keeping.issue(
        scim.directory, name="x", expires_at=timezone.now() - timedelta(days=1), by=cast.nobody, now=NOW
    )
    assert call(f"Bearer {short}") == 401
    keeping.revoke(scim.row, by=cast.nobody, now=NOW)
    assert call(f"Bearer {scim.token}") == 401


def test_one_directory_sees_nothing_of_another(scim: Scim, cast: Cast) -> None:
    user = scim.user()
    other = Scim(make_directory(cast.nobody, name="Entra"), cast.nobody)
    assert other.said("GET", "Users")["totalResults"] == 0
    assert other("GET", f"Users/{user['id']}").status_code == 404
    assert other("DELETE", f"Users/{user['id']}").status_code == 404
    taken = other("POST", "Users", {"userName": "he@example.com"})
    assert (taken.status_code, taken.json()["scimType"]) == (409, "uniqueness")
    group = {"displayName": "Quality", "members": [{"value": user["id"]}]}
    assert other("POST", "Groups", group).status_code == 400


def test_who_calls_too_often_waits(scim: Scim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MOST_CALLS", 2)
    assert [scim("GET", "Users").status_code for _ in range(3)] == [200, 200, 429]
    answer = scim("GET", "Users")
    assert 1 <= int(answer["Retry-After"]) <= 61
    fits(answer)
    monkeypatch.setattr(callers, "MOST_WRONG", 2)
    assert [Client().get("/scim/v2/Users").status_code for _ in range(3)] == [401, 401, 429]


def test_a_page_asks_the_database_as_often_whatever_its_length(scim: Scim) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as counted:
            scim.said("GET", path)
        return len(counted)

    ids = [{"value": scim.user(f"p{number}@example.com")["id"]} for number in range(3)]
    scim.said("POST", "Groups", {"displayName": "A", "members": ids[:1]}, status=201)
    scim.said("GET", "Users")
    before = queries("Users"), queries("Groups")
    for number in range(3):
        scim.user(f"q{number}@example.com")
        scim.said("POST", "Groups", {"displayName": f"B{number}", "members": ids}, status=201)
    assert (queries("Users"), queries("Groups")) == before
