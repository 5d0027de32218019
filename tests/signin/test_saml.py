"""SAML 2.0 with a stand-in provider that signs: the known attacks, each tried."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from lxml import etree

from builders import START
from ombud.organisation.models import ADMINISTRATOR, Change, Membership, Person
from ombud.signin import factors, single_sign_on
from ombud.signin.models import Arrival, Happening, Identity, Provider
from ombud.signin.providers.saml.metadata import read
from provider_server import ProviderServer
from saml_provider import HOST, ISSUER, SAML, SAMLP, SSO, SamlProvider, encoded, key_pair, metadata

pytestmark = pytest.mark.django_db
WITH = "/desk/sign-in/with/house"


@pytest.fixture
def lin(db: None) -> Person:
    return Person.objects.create(username="lin", name="Lin", email="lin@example.com", password="!")


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def idp(lin: Person, moment: time_machine.Traveller) -> SamlProvider:
    given = {
        "name": "House ID", "kind": "saml", "issuer": ISSUER, "client_id": "", "secret": "", "is_on": True,
        "is_enough": False, "makes_accounts": False, "takes_addresses": True,
        "details": {"sso": SSO, "certificates": list(read(metadata("one")).certificates), "metadata": ""},
    }  # fmt: skip
    single_sign_on.keep(Provider(key="house"), given, by=lin, now=timezone.now())
    return SamlProvider(now=timezone.now())


def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def leave(client: Client, idp: SamlProvider, next: str = "") -> Any:
    answer = client.get(f"{WITH}/?next={next}")
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{SSO}&SAMLRequest=")
    return idp.set_out(answer["Location"])


def post(client: Client, posted: str) -> Any:
    """Bring the answer from the provider's page, as a browser does: without the session's cookie."""
    return browser().post(f"{WITH}/assertion/", {"SAMLResponse": posted, "RelayState": "anything"})


def come_back(client: Client, posted: str) -> Any:
    answer = post(client, posted)
    return client.get(answer["Location"]) if answer["Location"].startswith(f"{WITH}/back/") else answer


def go(idp: SamlProvider, **bent: Any) -> tuple[Client, Any]:
    client = browser()
    leave(client, idp)
    return client, come_back(client, idp.posted(**bent))


def is_in(client: Client) -> bool:
    return client.get("/desk/sessions/").status_code == 200


def test_somebody_sets_out_signs_in_there_and_is_let_in_here(idp: SamlProvider, lin: Person) -> None:
    client = browser()
    asked = leave(client, idp, "/desk/cases/")
    assert asked.get("AssertionConsumerServiceURL") == f"{HOST}/assertion/"
    assert asked.get("Destination") == SSO
    assert asked.findtext(f"{{{SAML}}}Issuer") == f"{HOST}/metadata/"
    assert asked.get("ForceAuthn") is None
    assert come_back(client, idp.posted())["Location"] == "/desk/cases/"
    assert is_in(client)
    assert Identity.objects.get().subject == "u-17"
    assert Happening.objects.get().kind == Happening.Kind.IDENTITY
    assert "lin@example.com" not in str(list(Arrival.objects.values_list("said", flat=True)))


@pytest.mark.parametrize("signs", ["assertion", "response", "both"])
def test_the_assertion_or_the_whole_response_may_be_signed(idp: SamlProvider, signs: str) -> None:
    idp.signs = signs
    assert is_in(go(idp)[0])


@pytest.mark.parametrize(
    "bent",
    [
        {"audience": "https://another.example/"}, {"audience": ""}, {"recipient": "https://another.example/acs"},
        {"issuer": "https://another.example"}, {"until": -2}, {"since": 3}, {"until": 60 * 25}, {"answers": ""},
        {"answers": "_another"}, {"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"},
    ],
    ids=str,
)  # fmt: skip
def test_an_assertion_that_is_not_for_us_now_and_for_what_was_asked_lets_nobody_in(
    idp: SamlProvider, bent: dict[str, Any]
) -> None:
    idp.said = bent
    client, answer = go(idp)
    assert (answer["Location"], is_in(client)) == ("/desk/sign-in/", False)


def test_a_minute_is_granted_to_clocks_that_differ(idp: SamlProvider) -> None:
    idp.said = {"until": -0.5}
    assert is_in(go(idp)[0])
    idp.said = {"since": 0.5, "id": "_a2"}
    assert is_in(go(idp)[0])


def test_another_key_no_signature_and_a_changed_word_are_refused(idp: SamlProvider) -> None:
    idp.key = "stranger"
    assert not is_in(go(idp)[0])
    idp.key, idp.signs = "one", "nothing"
    assert not is_in(go(idp)[0])
    idp.signs = "assertion"

    def change(root: Any) -> None:
        root.find(f".//{{{SAML}}}NameID").text = "boss"

    assert not is_in(go(idp, after=change)[0])

    def strip(root: Any) -> None:
        signature = root.find(".//{http://www.w3.org/2000/09/xmldsig#}SignatureValue")
        signature.text = ""

    assert not is_in(go(idp, after=strip)[0])


def _evil(root: Any, id: str) -> Any:
    """Return an assertion that says what the attacker wants, without a signature."""
    made = copy.deepcopy(root.find(f"{{{SAML}}}Assertion"))
    made.set("ID", id)
    for signature in made.findall("{http://www.w3.org/2000/09/xmldsig#}Signature"):
        made.remove(signature)
    made.find(f".//{{{SAML}}}NameID").text = "boss"
    return made


def _xsw(kind: int) -> Any:
    """Return one of the ways in which a signature is wrapped around another assertion than is read."""

    def wrap(root: Any) -> None:
        real = root.find(f"{{{SAML}}}Assertion")
        signature = real.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
        if kind == 1:  # the evil one beside and before the real one
            root.insert(0, _evil(root, "_evil"))
        elif kind == 2:  # beside and after it
            root.append(_evil(root, "_evil"))
        elif kind == 3:  # the real one inside the evil one
            evil = _evil(root, "_evil")
            root.replace(real, evil)
            evil.append(real)
        elif kind == 4:  # inside the signature of the evil one
            evil = _evil(root, "_evil")
            root.replace(real, evil)
            moved = copy.deepcopy(signature)
            kept = etree.SubElement(moved, "{http://www.w3.org/2000/09/xmldsig#}Object")
            kept.append(real)
            evil.insert(1, moved)
        elif kind == 5:  # the same id twice
            root.insert(0, _evil(root, real.get("ID")))
        elif kind == 6:  # the real one in an extension, the evil one where it is looked for
            evil = _evil(root, "_evil")
            root.replace(real, evil)
            place = etree.SubElement(root, f"{{{SAMLP}}}Extensions")
            place.append(real)
        elif kind == 7:  # the signature goes along with the evil one, still naming the real one
            evil = _evil(root, "_evil")
            evil.insert(1, copy.deepcopy(signature))
            root.replace(real, evil)
        elif kind == 8:  # another spelling of the attribute that is an id
            evil = _evil(root, "_evil")
            evil.set("Id", real.get("ID"))
            evil.insert(1, copy.deepcopy(signature))
            root.replace(real, evil)

    return wrap


@pytest.mark.parametrize("kind", range(1, 9))
def test_no_way_of_wrapping_a_signature_lets_somebody_else_in(idp: SamlProvider, kind: int) -> None:
    client, _answer = go(idp, after=_xsw(kind))
    assert not is_in(client)
    assert not Identity.objects.exists()


def test_a_response_around_the_real_one_is_refused(idp: SamlProvider) -> None:
    idp.signs = "response"
    client = browser()
    leave(client, idp)
    real = idp.signed(idp.response())
    around = idp.response()
    around.set("ID", "_evil")
    around.find(f".//{{{SAML}}}NameID").text = "boss"
    etree.SubElement(around, f"{{{SAMLP}}}Extensions").append(real)
    assert come_back(client, encoded(etree.tostring(around)))["Location"] == "/desk/sign-in/"


def test_a_comment_cuts_no_name_short(idp: SamlProvider, lin: Person) -> None:
    """A name of which a signed part is read up to a comment would be somebody else's."""
    Identity.objects.create(provider=Provider.objects.get(), subject="boss", person=lin)
    idp.subject, idp.email = "boss<!-- -->.stranger", "stranger@example.com"
    client, answer = go(idp)
    assert not is_in(client)
    assert "boss.stranger" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
        b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><r>&b;</r>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd"><r/>',
        b"<r>" * 60 + b"</r>" * 60,
        b"<r>" + b"x" * 300_000 + b"</r>",
        b"not xml", b"", b"<r\0/>", b"<r/>",
    ],
    ids=range(9),
)  # fmt: skip
def test_what_is_made_to_fetch_to_exhaust_or_to_mislead_is_not_read(idp: SamlProvider, document: bytes) -> None:
    assert post(browser(), encoded(document))["Location"] == "/desk/sign-in/"
    assert post(browser(), document.decode("latin-1"))["Location"] == "/desk/sign-in/"
    client = browser()
    leave(client, idp)
    with_dtd = b'<!DOCTYPE x [<!ENTITY y "z">]>' + etree.tostring(idp.signed(idp.response()))
    assert not come_back(client, encoded(with_dtd))["Location"].startswith(WITH)


def test_weak_algorithms_are_not_taken(idp: SamlProvider) -> None:
    from signxml.algorithms import SignatureMethod

    def weaken(root: Any) -> None:
        for name in ("SignatureMethod",):
            method = root.find(f".//{{http://www.w3.org/2000/09/xmldsig#}}{name}")
            method.set("Algorithm", SignatureMethod.HMAC_SHA256.value)

    assert not is_in(go(idp, after=weaken)[0])


def test_an_assertion_is_good_once_in_the_browser_that_set_out(idp: SamlProvider) -> None:
    client = browser()
    leave(client, idp)
    posted = idp.posted()
    answer = post(client, posted)
    assert post(client, posted)["Location"] == "/desk/sign-in/", "the same assertion again"
    stranger = browser()
    assert stranger.get(answer["Location"])["Location"] == "/desk/sign-in/", "another browser did not set out"
    assert client.get(answer["Location"])["Location"] != "/desk/sign-in/"
    assert is_in(client)
    again = browser()
    leave(again, idp)
    assert again.get(answer["Location"])["Location"] == "/desk/sign-in/"


def test_a_victims_browser_does_not_take_in_the_attackers_sign_in(idp: SamlProvider) -> None:
    attacker, victim = browser(), browser()
    leave(attacker, idp)
    posted = idp.posted()
    leave(victim, idp)
    assert come_back(victim, posted)["Location"] == "/desk/sign-in/"
    assert not is_in(victim)


def test_what_was_not_fetched_in_time_is_over(idp: SamlProvider, moment: time_machine.Traveller) -> None:
    client = browser()
    leave(client, idp)
    answer = post(client, idp.posted())
    moment.shift(timedelta(minutes=3))
    assert client.get(answer["Location"])["Location"] == "/desk/sign-in/"


def test_while_a_certificate_is_changed_for_another_both_are_good(idp: SamlProvider) -> None:
    row = Provider.objects.get()
    row.details["certificates"] = list(read(metadata("one", "two")).certificates)
    row.save()
    for each in ("one", "two"):
        idp.key, idp.said = each, {"id": f"_{each}"}
        assert is_in(go(idp)[0])
    row.details["certificates"] = [key_pair("two")[1]]
    row.save()
    idp.key, idp.said = "one", {"id": "_old"}
    assert not is_in(go(idp)[0])


def test_people_are_found_by_an_address_only_where_that_is_ticked_and_never_by_a_passing_name(
    idp: SamlProvider, lin: Person
) -> None:
    Provider.objects.update(takes_addresses=False)
    assert not is_in(go(idp)[0])
    Provider.objects.update(takes_addresses=True)
    idp.format, idp.said = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient", {"id": "_a2"}
    assert not is_in(go(idp)[0])
    idp.format, idp.said = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", {"id": "_a3"}
    idp.email, idp.subject = "", "lin@example.com"
    assert is_in(go(idp)[0])


def test_who_proves_again_is_asked_to_do_so_there(idp: SamlProvider, moment: time_machine.Traveller) -> None:
    client, _answer = go(idp)
    moment.shift(timedelta(minutes=20))
    idp.now = timezone.now()
    assert leave(client, idp, "/desk/tokens/").get("ForceAuthn") == "true"
    idp.said = {"id": "_old", "authenticated": -20}
    assert come_back(client, idp.posted())["Location"] == "/desk/sign-in/again/"
    leave(client, idp, "/desk/tokens/")
    idp.said = {"id": "_new"}
    assert come_back(client, idp.posted())["Location"] == "/desk/tokens/"


def test_our_second_factor_is_asked_for_all_the_same(idp: SamlProvider, lin: Person) -> None:
    factors.CodeGenerator.objects.create(person=lin, secret=factors.seal(lin, "A" * 32), added_at=timezone.now())
    assert go(idp)[1]["Location"] == "/desk/sign-in/second/"


def test_an_administrator_brings_metadata_as_a_file_or_by_an_address(lin: Person, settings: Any) -> None:
    Membership.objects.create(person=lin, role=ADMINISTRATOR)
    client = browser()
    client.force_login(lin)
    new, given = "/desk/sign-in-rules/providers/?kind=saml", {"name": "House ID", "key": "house", "is_on": "on"}
    assert "Enter the address of its metadata" in client.post(new, given).content.decode()
    for wrong in (b"<x/>", b"no", metadata(), b'<!DOCTYPE r [<!ENTITY x "y">]>' + metadata("one"),
                  metadata("one", sso="http://169.254.169.254/sso")):  # fmt: skip
        answer = client.post(new, {**given, "document": SimpleUploadedFile("m.xml", wrong)})
        assert answer.status_code == 422
    assert client.post(new, {**given, "document": SimpleUploadedFile("m.xml", metadata("one"))}).status_code == 302
    row = Provider.objects.get()
    assert (row.issuer, row.details["sso"], len(row.details["certificates"])) == (ISSUER, SSO, 1)
    page = client.get(f"/desk/sign-in-rules/providers/{row.pk}/").content.decode()
    assert f"{WITH}/assertion/" in page
    assert f"{WITH}/metadata/" in page
    assert client.post(new, {**given, "key": "b", "metadata": "http://10.0.0.1/m"}).status_code == 422
    with ProviderServer({"/m": (200, metadata("one", "two"))}) as server:
        settings.OMBUD_OUTGOING_ALLOWED = [server.url]
        one = f"/desk/sign-in-rules/providers/{row.pk}/"
        assert client.post(one, {"name": "House ID", "is_on": "on", "metadata": f"{server.url}/m"}).status_code == 302
    row.refresh_from_db()
    assert len(row.details["certificates"]) == 2
    assert client.post(one, {"name": "Renamed", "is_on": "on", "metadata": ""}).status_code == 302
    row.refresh_from_db()
    assert (row.name, len(row.details["certificates"])) == ("Renamed", 2), "what is known stays"
    assert Change.objects.filter(kind="provider").count() == 3
    ours = etree.fromstring(browser().get(f"{WITH}/metadata/").content)
    assert ours.get("entityID") == f"{HOST}/metadata/"
    assert f"{HOST}/assertion/" in etree.tostring(ours).decode()


def test_only_a_saml_provider_in_use_takes_assertions(idp: SamlProvider) -> None:
    for change in ({"is_on": False}, {"is_on": True, "kind": "openid"}):
        Provider.objects.update(**change)
        assert post(browser(), "x").status_code == 404
        assert browser().get(f"{WITH}/metadata/").status_code == 404
