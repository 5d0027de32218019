"""DingTalk, Feishu and WeCom with stand-ins that answer in their documented forms."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from ombud.organisation.models import ADMINISTRATOR, Change, Membership, Person
from ombud.signin import single_sign_on
from ombud.signin.models import Happening, Identity, Provider
from provider_server import Called, ProviderServer

pytestmark = pytest.mark.django_db
KINDS = ("dingtalk", "feishu", "wecom")
SECRET = "app s3cret"


def query_of(call: Called) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(call.target).query))


class StandIn:
    """The three of them at one address; what they say can be bent."""

    def __init__(self, server: ProviderServer) -> None:
        self.server, self.organisation, self.subject = server, "corp-1", "mark-17"
        self.email, self.is_member, self.code, self.asked = "lin@example.com", True, "c0de", dict[str, str]()
        server.routes |= {
            "/v1.0/oauth2/userAccessToken": self._dingtalk_token,
            "/v1.0/contact/users/me": self._dingtalk_person,
            "/open-apis/authen/v2/oauth/token": self._feishu_token,
            "/open-apis/authen/v1/user_info": self._feishu_person,
            "/cgi-bin/gettoken": self._wecom_token,
            "/cgi-bin/auth/getuserinfo": self._wecom_person,
        }

    def _dingtalk_token(self, call: Called) -> tuple[int, Any]:
        wanted = {"clientId": "app-1", "clientSecret": SECRET, "code": self.code, "grantType": "authorization_code"}
        if json.loads(call.body) != wanted:
            return 400, {"code": "invalidAuthCode"}
        return 200, {"accessToken": "t0ken", "expireIn": 7200, "corpId": self.organisation}

    def _dingtalk_person(self, call: Called) -> tuple[int, Any]:
        if call.headers["x-acs-dingtalk-access-token"] != "t0ken":
            return 403, {"code": "Forbidden"}
        return 200, {"nick": "Lin", "unionId": self.subject, "openId": "o1", "email": self.email}

    def _feishu_token(self, call: Called) -> tuple[int, Any]:
        given = json.loads(call.body)
        proof = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if (given["client_secret"], given["code"], proof) != (SECRET, self.code, self.asked["code_challenge"]):
            return 200, {"code": 20003, "error": "invalid_grant"}
        return 200, {"code": 0, "access_token": "t0ken", "expires_in": 7200, "token_type": "Bearer"}

    def _feishu_person(self, call: Called) -> tuple[int, Any]:
        if call.headers["authorization"] != "Bearer t0ken":
            return 200, {"code": 20005, "msg": "invalid"}
        data = {"name": "Lin", "union_id": self.subject, "open_id": "o1", "tenant_key": self.organisation,
                "email": "boss@example.com", "enterprise_email": self.email}  # fmt: skip
        return 200, {"code": 0, "msg": "success", "data": data}

    def _wecom_token(self, call: Called) -> tuple[int, Any]:
        is_right = query_of(call) == {"corpid": "corp-1", "corpsecret": SECRET}
        return 200, {"errcode": 0, "access_token": "t0ken"} if is_right else {"errcode": 40001}

    def _wecom_person(self, call: Called) -> tuple[int, Any]:
        if query_of(call) != {"access_token": "t0ken", "code": self.code}:
            return 200, {"errcode": 40029, "errmsg": "invalid code"}
        return 200, {"errcode": 0, "userid": self.subject} if self.is_member else {"errcode": 0, "openid": "o-stranger"}


@pytest.fixture
def lin(db: None) -> Person:
    return Person.objects.create(username="lin", name="Lin", email="lin@example.com", password="!")


@pytest.fixture
def world(settings: Any, lin: Person) -> Iterator[StandIn]:
    with ProviderServer({}) as server:
        settings.OMBUD_OUTGOING_ALLOWED = [server.url]
        for kind in KINDS:
            given = {
                "name": kind.title(), "kind": kind, "issuer": "corp-1", "client_id": "app-1", "secret": SECRET,
                "is_on": True, "is_enough": False, "makes_accounts": False, "takes_addresses": False,
                "details": {"login": server.url, "api": server.url},
            }  # fmt: skip
            single_sign_on.keep(Provider(key=kind), given, by=lin, now=timezone.now())
        yield StandIn(server)


def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def leave(client: Client, world: StandIn, kind: str) -> dict[str, str]:
    answer = client.get(f"/desk/sign-in/with/{kind}/")
    assert answer.status_code == 302
    parts = urlsplit(answer["Location"])
    world.asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    world.asked["path"] = parts.path
    return world.asked


def come_back(client: Client, world: StandIn, kind: str, code: str = "c0de", **bent: str) -> Any:
    name = "authCode" if kind == "dingtalk" else "code"
    given = {name: code, "state": world.asked["state"], **bent}
    return client.get(f"/desk/sign-in/with/{kind}/back/", given)


def go(world: StandIn, kind: str, **bent: str) -> tuple[Client, Any]:
    client = browser()
    leave(client, world, kind)
    return client, come_back(client, world, kind, **bent)


def is_in(client: Client) -> bool:
    return client.get("/desk/sessions/").status_code == 200


def connected(lin: Person, world: StandIn) -> None:
    for row in Provider.objects.all():
        assert single_sign_on.connect(row, world.subject, lin, by=lin, now=timezone.now())


def test_each_is_asked_in_its_own_form(world: StandIn) -> None:
    asked = leave(browser(), world, "dingtalk")
    assert (asked["path"], asked["client_id"], asked["exclusiveCorpId"]) == ("/oauth2/auth", "app-1", "corp-1")
    assert asked["scope"] == "openid corpid"
    asked = leave(browser(), world, "feishu")
    assert (asked["path"], asked["client_id"]) == ("/open-apis/authen/v1/authorize", "app-1")
    assert asked["code_challenge_method"] == "S256"
    asked = leave(browser(), world, "wecom")
    assert (asked["path"], asked["appid"], asked["agentid"]) == ("/wwlogin/sso/login", "corp-1", "app-1")
    assert asked["login_type"] == "CorpApp"
    assert asked["redirect_uri"] == "http://testserver/desk/sign-in/with/wecom/back/"


@pytest.mark.parametrize("kind", KINDS)
def test_only_whom_an_administrator_connected_is_let_in(world: StandIn, lin: Person, kind: str) -> None:
    client, answer = go(world, kind)
    assert not is_in(client), "the address alone lets nobody in"
    assert "mark-17" in client.get(answer["Location"]).content.decode(), "what an administrator needs to know"
    connected(lin, world)
    assert is_in(go(world, kind)[0])
    Person.objects.filter(pk=lin.pk).update(is_active=False)
    assert not is_in(go(world, kind)[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_and_a_state_that_are_not_right_let_nobody_in(world: StandIn, lin: Person, kind: str) -> None:
    connected(lin, world)
    assert not is_in(go(world, kind, code="another")[0])
    assert not is_in(go(world, kind, state="another")[0])
    assert not is_in(go(world, kind, code="")[0])
    client = browser()
    leave(client, world, kind)
    assert come_back(browser(), world, kind)["Location"] == "/desk/sign-in/", "another browser"
    come_back(client, world, kind, state="x")
    assert come_back(client, world, kind)["Location"] == "/desk/sign-in/", "used up"
    if kind == "wecom":
        world.is_member = False
    else:
        world.organisation = "another corporation"
    assert not is_in(go(world, kind)[0])


@pytest.mark.parametrize("kind", KINDS)
def test_what_answers_nonsense_or_nothing_lets_nobody_in(world: StandIn, lin: Person, kind: str) -> None:
    connected(lin, world)
    for wrong in ((200, b"<html>"), (200, []), (500, {}), (200, {})):
        world.server.routes = {path: wrong for path in world.server.routes}
        assert not is_in(go(world, kind)[0])


def test_feishu_finds_by_the_organisations_own_address_only_where_that_is_ticked(world: StandIn, lin: Person) -> None:
    Person.objects.create(username="boss", name="Boss", email="boss@example.com")
    assert not is_in(go(world, "feishu")[0])
    Provider.objects.update(takes_addresses=True)
    assert not is_in(go(world, "dingtalk")[0]), "DingTalk's address is what somebody entered themselves"
    assert is_in(go(world, "feishu")[0])
    assert Identity.objects.get().person == lin


def test_whoever_is_signed_in_is_not_asked_anew_there(world: StandIn, lin: Person) -> None:
    connected(lin, world)
    client, _answer = go(world, "wecom")
    assert client.get("/desk/sign-in/with/wecom/")["Location"] == "/desk/sign-in/again/"
    assert single_sign_on.of(lin) == []


def test_administrators_connect_people_and_take_that_back(world: StandIn, lin: Person) -> None:
    Membership.objects.create(person=lin, role=ADMINISTRATOR)
    row, client = Provider.objects.get(key="wecom"), browser()
    client.force_login(lin)
    page = f"/desk/sign-in-rules/providers/{row.pk}/"
    other = Person.objects.create(username="wei", name="Wei")
    client.post(f"{page}people/", {"person": other.pk, "subject": " wei.w "})
    assert [(each.subject, each.person) for each in row.identities.all()] == [("wei.w", other)]
    assert "wei.w" in client.get(page).content.decode()
    client.post(f"{page}people/", {"person": lin.pk, "subject": "wei.w"})
    assert row.identities.count() == 1, "one mark is one person's"
    assert Happening.objects.get().person == other
    client.post(f"{page}people/", {"gone": row.identities.get().pk})
    assert not row.identities.exists()
    assert [change.content for change in Change.objects.filter(kind="identity")] == [{"person": other.key}, None]
    Membership.objects.update(role="auditor")
    assert client.post(f"{page}people/", {"person": lin.pk, "subject": "x"}).status_code == 403
    assert client.get(page).status_code == 200


def test_an_administrator_enters_each_kind(lin: Person) -> None:
    Membership.objects.create(person=lin, role=ADMINISTRATOR)
    client = browser()
    client.force_login(lin)
    given = {"name": "Ours", "issuer": "corp-9", "client_id": "app", "secret": SECRET, "is_on": "on"}
    for kind in KINDS:
        new = f"/desk/sign-in-rules/providers/?kind={kind}"
        shown = client.get(new).content.decode()
        assert "https://" in shown, "where it is usually called"
        wrong = client.post(new, {**given, "key": kind, "login": "http://10.0.0.1", "api": "https://api.example.com"})
        assert "This address is not called" in wrong.content.decode()
        right = {**given, "key": kind, "login": "https://login.example.com/", "api": "https://api.example.com"}
        assert client.post(new, right).status_code == 302
        row = Provider.objects.get(key=kind)
        assert (row.kind, row.details["login"]) == (kind, "https://login.example.com")
        assert SECRET not in str(row.secret)
        assert not row.makes_accounts
    assert client.get("/desk/sign-in-rules/providers/?kind=other").status_code == 404
