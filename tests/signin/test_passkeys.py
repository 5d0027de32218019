"""Passkeys, with an authenticator made of a key: for this site, this question, this person, and counted upwards."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from ombud.organisation.models import Person
from ombud.signin import factors, passkeys
from ombud.signin.models import CodeGenerator, Happening, Passkey, RecoveryCode

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
HOST = "desk.example.com"
ENTER, ADD, AGAIN = "/desk/sign-in/passkey/", "/desk/sessions/passkeys/", "/desk/sign-in/again/passkey/"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """What a device does when it is asked; every answer can be bent."""

    def __init__(self, number: int = 1) -> None:
        self.key, self.id, self.count = ec.generate_private_key(ec.SECP256R1()), bytes([number]) * 32, 0
        self.origin, self.site, self.flags = f"http://{HOST}", HOST, PRESENT | VERIFIED

    def create(self, options: dict[str, Any]) -> str:
        public = ES256.from_cryptography_key(self.key.public_key())
        data = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        found = AuthenticatorData.create(self._site(), self.flags | ATTESTED, self._next(), bytes(data))
        said = {"attestationObject": AttestationObject.create("none", found, {})}
        return self._answer(self._client("webauthn.create", options), said)

    def get(self, options: dict[str, Any]) -> str:
        client = self._client("webauthn.get", options)
        data = AuthenticatorData.create(self._site(), self.flags, self._next())
        signed = self.key.sign(bytes(data) + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(client, {"authenticatorData": data, "signature": signed})

    def _site(self) -> bytes:
        return hashlib.sha256(self.site.encode()).digest()

    def _next(self) -> int:
        self.count += 1
        return self.count

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        challenge = options["publicKey"]["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, client: bytes, said: dict[str, bytes]) -> str:
        response = {name: websafe_encode(bytes(value)) for name, value in {"clientDataJSON": client, **said}.items()}
        named = websafe_encode(self.id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})


@pytest.fixture
def lin(settings: Any) -> Person:
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, HOST]
    return make("lin")


def make(name: str) -> Person:
    person = Person(username=name, name=name.title(), email=f"{name}@example.com")
    person.set_password(PASSWORD)
    person.save()
    return person


def browser(**kept: Any) -> Client:
    return Client(headers={"accept-language": "en", "host": HOST}, **kept)


def password(client: Client, name: str = "lin") -> Any:
    return client.post("/desk/sign-in/", {"username": name, "password": PASSWORD})


def is_in(client: Client) -> bool:
    return client.get("/desk/sessions/").status_code == 200


def added(name: str = "lin", number: int = 1) -> Authenticator:
    """Return a device on which somebody has a passkey."""
    client, device = browser(), Authenticator(number)
    password(client, name)
    answer = client.post(ADD, {"answer": device.create(client.get(ADD).json()), "name": "my phone"})
    assert answer.status_code == 200, answer.headers
    return device


def test_a_passkey_is_added_told_and_comes_with_recovery_codes(lin: Person) -> None:
    added()
    row = Passkey.objects.get()
    assert (row.person, row.name, row.site) == (lin, "my phone", HOST)
    assert RecoveryCode.objects.count() == factors.RECOVERY_CODES
    kinds = set(Happening.objects.values_list("kind", flat=True))
    assert kinds == {Happening.Kind.PASSKEY_ADDED, Happening.Kind.RECOVERY_NEW}


def test_it_takes_the_place_of_the_password_where_the_device_asked_its_owner(lin: Person) -> None:
    device = added()
    client = browser()
    options = client.get(ENTER).json()
    assert options["publicKey"]["userVerification"] == "required"
    assert not options["publicKey"].get("allowCredentials")  # nobody is named, so nobody is told who there is
    answer = client.post(ENTER, {"answer": device.get(options), "next": "/desk/cases/"})
    assert (answer["Location"], is_in(client)) == ("/desk/cases/", True)
    assert Passkey.objects.get().used_at is not None
    unasked = browser()
    device.flags = PRESENT
    unasked.post(ENTER, {"answer": device.get(unasked.get(ENTER).json())})
    assert not is_in(unasked)


def test_after_the_password_it_is_the_second_factor_of_this_person_alone(lin: Person) -> None:
    device = added()
    make("wei")
    foreign = added("wei", 2)
    client = browser()
    assert password(client)["Location"] == "/desk/sign-in/second/"
    assert 'data-passkey="get"' in client.get("/desk/sign-in/second/").content.decode()
    options = client.get(ENTER).json()
    assert [each["id"] for each in options["publicKey"]["allowCredentials"]] == [websafe_encode(device.id)]
    assert client.post(ENTER, {"answer": foreign.get(options)})["Location"] == "/desk/sign-in/second/"
    device.flags = PRESENT  # the password was asked for already
    client.post(ENTER, {"answer": device.get(client.get(ENTER).json())})
    assert is_in(client)


@pytest.mark.parametrize(
    "bent", ["origin", "site", "absent", "another key", "another question", "twice", "copied", "left", "none", "noise"]
)
def test_what_is_not_right_lets_nobody_in(lin: Person, bent: str) -> None:
    device, client = added(), browser()
    options = client.get(ENTER).json()
    match bent:
        case "origin":
            device.origin = "https://desk.example.org"
        case "site":
            device.site = "example.com"
        case "absent":
            device.flags = VERIFIED
        case "another key":
            device.key = ec.generate_private_key(ec.SECP256R1())
        case "another question":
            options = browser().get(ENTER).json()
        case "copied":
            Passkey.objects.update(count=50)
        case "left":
            Person.objects.update(is_active=False)
    answer = device.get(options)
    if bent == "none":
        answer = ""
    if bent == "noise":
        answer = json.dumps({"rawId": "AA", "response": {"clientDataJSON": 7, "authenticatorData": None}})
    if bent == "twice":
        client.post(ENTER, {"answer": answer})
        client = browser()
    assert client.post(ENTER, {"answer": answer})["Location"] == "/desk/sign-in/"
    assert not is_in(client)


def test_nobody_adds_what_answers_another_question_or_is_somebodys_already(lin: Person) -> None:
    device = added()
    make("wei")
    client = browser()
    password(client, "wei")
    for answer in (device.create(client.get(ADD).json()), Authenticator(3).create(browser_of("lin").get(ADD).json())):
        client.get(ADD)
        client.post(ADD, {"answer": answer})
        assert Passkey.objects.get().person == lin


def browser_of(name: str) -> Client:
    client = browser()
    client.force_login(Person.objects.get(username=name))
    return client


def test_it_proves_again_who_one_is_and_is_taken_away(lin: Person) -> None:
    device, client = added(), browser_of("lin")
    client.get("/desk/sessions/")
    session = client.session
    session["proved"] = 0
    session.save()
    assert client.get(ADD).status_code == 302
    client.post(AGAIN, {"answer": Authenticator(2).get(client.get(AGAIN).json())})
    assert client.session["proved"] == 0
    answer = client.post(AGAIN, {"answer": device.get(client.get(AGAIN).json()), "next": "/desk/sessions/"})
    assert answer["Location"] == "/desk/sessions/"
    assert client.session["proved"] > 0
    client.post("/desk/sessions/take-away/", {"passkey": Passkey.objects.get().pk})
    assert (Passkey.objects.exists(), RecoveryCode.objects.exists()) == (False, False)


def test_one_may_have_both_and_lose_one(lin: Person) -> None:
    added()
    CodeGenerator.objects.create(person=lin, secret=factors.seal(lin, "A" * 32), added_at="2026-01-01T00:00Z")
    assert factors.ways(lin) == {factors.CODE, factors.PASSKEY, factors.RECOVERY}
    browser_of("lin").post("/desk/sessions/take-away/", {"passkey": Passkey.objects.get().pk})
    assert factors.ways(lin) == {factors.CODE, factors.RECOVERY}


@pytest.mark.parametrize(
    ("host", "can"),
    [("localhost:8000", True), (HOST, True), ("127.0.0.1:8000", False), ("10.0.0.7", False), ("[::1]:8000", False)],
)
def test_passkeys_are_offered_under_names_only(host: str, can: bool) -> None:
    assert passkeys.can(host) is can
