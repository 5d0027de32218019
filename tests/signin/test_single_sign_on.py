"""Single sign-on with a stand-in provider: who comes back is believed only where everything is right."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.utils import timezone
from jwt.algorithms import RSAAlgorithm

from ombud.organisation.models import ADMINISTRATOR, Change, Membership, Person
from ombud.signin import factors, single_sign_on
from ombud.signin.models import Happening, Identity, Provider
from provider_server import Called, ProviderServer

pytestmark = pytest.mark.django_db
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SECRET, CLIENT = "s3cret & more", "ombud-desk"


class StandIn:
    """A provider at which Lin has just signed in; what it says can be bent."""

    def __init__(self, server: ProviderServer) -> None:
        self.server = server
        self.claims: dict[str, Any] = {"sub": "u-17", "email": "Lin@example.com", "email_verified": True, "name": "Lin"}
        self.signed_with, self.algorithm, self.kid = KEY, "RS256", "k1"
        self.asked: dict[str, str] = {}
        public = json.loads(RSAAlgorithm.to_jwk(KEY.public_key()))
        server.routes |= {
            "/.well-known/openid-configuration": (200, {
                "issuer": server.url, "authorization_endpoint": f"{server.url}/authorize?tenant=1",
                "token_endpoint": f"{server.url}/token", "jwks_uri": f"{server.url}/keys",
            }),
            "/keys": (200, {"keys": [{**public, "kid": "k1", "use": "sig"}]}),
            "/token": self._token,
        }  # fmt: skip

    def _token(self, call: Called) -> tuple[int, Any]:
        given = dict(parse_qsl(call.body.decode()))
        proof = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        basic = base64.b64decode(call.headers["authorization"].removeprefix("Basic ")).decode()
        if proof != self.asked["code_challenge"] or given["code"] != "c0de" or basic != f"{CLIENT}:s3cret%20%26%20more":
            return 400, {"error": "invalid_grant"}
        at = int(timezone.now().timestamp())
        said = {
            "iss": self.server.url, "aud": CLIENT, "iat": at, "exp": at + 300, "auth_time": at,
            "nonce": self.asked["nonce"], **self.claims,
        }  # fmt: skip
        said = {name: value for name, value in said.items() if value is not None}
        return 200, {"id_token": jwt.encode(said, self.signed_with, self.algorithm, headers={"kid": self.kid})}


@pytest.fixture
def provider(settings: Any, lin: Person) -> Iterator[StandIn]:
    with ProviderServer({}) as server:
        settings.OMBUD_OUTGOING_ALLOWED = [server.url]
        row = Provider(key="house")
        given = {"name": "House ID", "issuer": server.url, "client_id": CLIENT, "secret": SECRET, "is_on": True}
        given |= {
            "is_enough": False,
            "makes_accounts": False,
            "kind": "openid",
            "details": {},
            "takes_addresses": False,
        }
        single_sign_on.keep(row, given, by=lin, now=timezone.now())
        assert SECRET not in str(row.secret)
        yield StandIn(server)


@pytest.fixture
def lin(db: None) -> Person:
    return Person.objects.create(username="lin", name="Lin", email="lin@example.com", password="!")


def secret_of(key: str) -> str:
    row = Provider.objects.get(key=key)
    return single_sign_on.trip_of(row, back="", entity="", is_asked_again=False, now=timezone.now()).secret


def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def leave(client: Client, provider: StandIn, next: str = "") -> dict[str, str]:
    """Go to the provider, and return what it is asked."""
    answer = client.get(f"/desk/sign-in/with/house/?next={next}")
    assert answer.status_code == 302, answer
    assert answer["Location"].startswith(f"{provider.server.url}/authorize?tenant=1&")
    provider.asked = {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}
    return provider.asked


def come_back(client: Client, provider: StandIn, **bent: str) -> Any:
    return client.get("/desk/sign-in/with/house/back/", {"code": "c0de", "state": provider.asked["state"], **bent})


def go(provider: StandIn, next: str = "") -> tuple[Client, Any]:
    client = browser()
    leave(client, provider, next)
    return client, come_back(client, provider)


def is_in(client: Client) -> bool:
    return client.get("/desk/sessions/").status_code == 200


def test_somebody_is_found_by_a_verified_address_first_and_by_their_subject_from_then_on(
    provider: StandIn, lin: Person
) -> None:
    client, answer = go(provider, next="/desk/cases/")
    assert (answer["Location"], is_in(client)) == ("/desk/cases/", True)
    asked = provider.asked
    assert (asked["response_type"], asked["code_challenge_method"], asked["client_id"]) == ("code", "S256", CLIENT)
    assert asked["redirect_uri"] == "http://testserver/desk/sign-in/with/house/back/"
    assert Identity.objects.get().person == lin
    assert Happening.objects.get().kind == Happening.Kind.IDENTITY
    provider.claims = {"sub": "u-17", "email": "lin.new@example.com"}
    assert is_in(go(provider)[0])
    assert "House ID" in browser().get("/desk/sign-in/").content.decode()


@pytest.mark.parametrize(
    "bent",
    [
        {"email_verified": False}, {"email_verified": None}, {"email": "stranger@example.com"}, {"email": None},
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"iss": "https://elsewhere.example"},
        {"exp": 1_000_000_000}, {"exp": None}, {"aud": [CLIENT, "another"]}, {"azp": "another"}, {"sub": ""},
        {"sub": None},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_right_lets_nobody_in(provider: StandIn, bent: dict[str, Any]) -> None:
    provider.claims |= bent
    client, answer = go(provider)
    assert (answer["Location"], is_in(client)) == ("/desk/sign-in/", False)
    assert not Identity.objects.exists()


def test_only_the_providers_own_signature_counts(provider: StandIn) -> None:
    provider.signed_with = OTHER
    assert not is_in(go(provider)[0])
    provider.signed_with, provider.algorithm = "a shared secret of more than thirty-two bytes", "HS256"  # type: ignore[assignment]
    assert not is_in(go(provider)[0])
    provider.signed_with, provider.algorithm = None, "none"  # type: ignore[assignment]
    assert not is_in(go(provider)[0])
    provider.signed_with, provider.algorithm, provider.kid = KEY, "RS256", "unknown"
    assert not is_in(go(provider)[0])


def test_state_belongs_to_one_browser_and_one_way_back(provider: StandIn) -> None:
    client = browser()
    leave(client, provider)
    assert come_back(client, provider, state="another")["Location"] == "/desk/sign-in/"
    assert come_back(client, provider)["Location"] == "/desk/sign-in/"  # the first try used it up
    leave(client, provider)
    assert come_back(browser(), provider)["Location"] == "/desk/sign-in/"
    assert come_back(client, provider, code="")["Location"] == "/desk/sign-in/"
    assert not is_in(client)


def test_an_account_is_made_only_where_the_provider_is_set_up_so(provider: StandIn) -> None:
    provider.claims = {"sub": "u-9", "email": "new@example.com", "email_verified": True, "preferred_username": "new"}
    assert not is_in(go(provider)[0])
    Provider.objects.update(makes_accounts=True)
    assert is_in(go(provider)[0])
    made = Person.objects.get(username="new")
    assert (made.has_usable_password(), made.memberships.exists()) == (False, False)
    assert Change.objects.filter(key=made.key).exists()
    provider.claims = {"sub": "u-10", "email": "", "email_verified": True, "preferred_username": "lin"}
    assert not is_in(go(provider)[0])


def test_who_left_or_is_one_of_two_with_an_address_is_not_let_in(provider: StandIn, lin: Person) -> None:
    Person.objects.create(username="lin2", email="LIN@example.com")
    assert not is_in(go(provider)[0])
    Identity.objects.create(provider=Provider.objects.get(), subject="u-17", person=lin)
    Person.objects.filter(pk=lin.pk).update(is_active=False)
    assert not is_in(go(provider)[0])


def test_our_second_factor_is_asked_for_unless_the_provider_asks_for_one(provider: StandIn, lin: Person) -> None:
    factors.CodeGenerator.objects.create(person=lin, secret=factors.seal(lin, "A" * 32), added_at=timezone.now())
    assert go(provider)[1]["Location"] == "/desk/sign-in/second/"
    Provider.objects.update(is_enough=True)
    assert is_in(go(provider)[0])


def test_who_has_no_password_proves_again_there_who_they_are(provider: StandIn) -> None:
    client, _answer = go(provider)
    session = client.session
    session["proved"] = 0
    session.save()
    shown = client.get("/desk/sign-in/again/?next=/desk/tokens/").content.decode()
    assert "House ID" in shown
    assert "id_password" not in shown
    asked = leave(client, provider, "/desk/tokens/")
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    provider.claims["auth_time"] = int(timezone.now().timestamp()) - 3600
    assert come_back(client, provider)["Location"] == "/desk/sign-in/again/"
    leave(client, provider, "/desk/tokens/")
    provider.claims |= {"auth_time": None, "sub": "somebody else"}
    assert come_back(client, provider)["Location"] == "/desk/sign-in/again/"
    assert client.session["proved"] == 0
    leave(client, provider, "/desk/tokens/")
    provider.claims |= {"auth_time": int(timezone.now().timestamp()), "sub": "u-17"}
    assert come_back(client, provider)["Location"] == "/desk/tokens/"
    assert client.session["proved"] > 0


def test_an_administrator_enters_a_provider_which_is_asked_first(provider: StandIn, lin: Person) -> None:
    Membership.objects.create(person=lin, role=ADMINISTRATOR)
    client = browser()
    client.force_login(lin)
    given = {"name": "Second", "key": "second", "issuer": provider.server.url, "client_id": "x", "is_on": "on"}
    new = "/desk/sign-in-rules/providers/"
    wrong = client.post(new, {**given, "issuer": f"{provider.server.url}/"})
    assert "calls itself otherwise" in wrong.content.decode()
    for issuer in ("http://10.0.0.1", "http://169.254.169.254/latest", "https://localhost", "nonsense"):
        answer = client.post(new, {**given, "issuer": issuer})
        assert answer.status_code == 422
        assert "This address is not called" in answer.content.decode()
    assert client.post(new, given).status_code == 302
    row = Provider.objects.get(key="second")
    page = client.get(f"{new}{row.pk}/").content.decode()
    assert "/desk/sign-in/with/second/back/" in page
    client.post(f"{new}{Provider.objects.get(key='house').pk}/", {**given, "name": "House"})
    assert secret_of("house") == SECRET  # none given: it stays
    assert SECRET not in str(list(Change.objects.values_list("content", flat=True)))
    Membership.objects.update(role="auditor")
    assert client.get("/desk/sign-in-rules/").status_code == 200
    assert client.post("/desk/sign-in-rules/", {}).status_code == 403
    assert client.get(f"{new}{row.pk}/").status_code == 200
    assert client.post(f"{new}{row.pk}/", given).status_code == 403
    Membership.objects.all().delete()
    assert client.get("/desk/sign-in-rules/").status_code == 403


def test_no_provider_is_known_by_a_name_that_is_off_or_wrong(provider: StandIn) -> None:
    Provider.objects.update(is_on=False)
    for page in ("house/", "house/back/", "other/"):
        assert browser().get(f"/desk/sign-in/with/{page}").status_code == 404
