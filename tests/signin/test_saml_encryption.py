"""Encrypted assertions, as ADFS and Entra ID send them: taken in, and nothing told by how a changed one fails."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone
from lxml import etree

from ombud.organisation.models import Person
from ombud.signin import single_sign_on
from ombud.signin.models import Provider
from ombud.signin.providers.saml.metadata import read
from saml_provider import SAML, SamlProvider, key_pair, metadata
from signin.test_saml import WITH, browser, go, idp, is_in, lin, moment

__all__ = ["idp", "lin", "moment"]
pytestmark = pytest.mark.django_db
XENC = "http://www.w3.org/2001/04/xmlenc#"


@pytest.fixture
def hidden(idp: SamlProvider) -> SamlProvider:
    """The provider, which encrypts to what our metadata says."""
    told = etree.fromstring(browser().get(f"{WITH}/metadata/").content)
    role = told.find("{urn:oasis:names:tc:SAML:2.0:metadata}SPSSODescriptor")
    (key,) = role.findall("{urn:oasis:names:tc:SAML:2.0:metadata}KeyDescriptor")
    assert key.get("use") == "encryption"
    inner = key.findtext(".//{http://www.w3.org/2000/09/xmldsig#}X509Certificate")
    idp.encrypts = f"-----BEGIN CERTIFICATE-----\n{inner}\n-----END CERTIFICATE-----\n"
    return idp


@pytest.mark.parametrize("method", ["xmlenc#aes256-cbc", "xmlenc#aes128-cbc", "aes256-gcm", "aes128-gcm"])
@pytest.mark.parametrize("signs", ["assertion", "response", "both"])
def test_what_is_encrypted_to_us_is_taken_in(hidden: SamlProvider, signs: str, method: str) -> None:
    years = "2001/04/" if "cbc" in method else "2009/xmlenc11#"
    hidden.method, hidden.signs = f"http://www.w3.org/{years}{method}", signs
    assert "lin@example.com" not in base64.b64decode(hidden.posted()).decode()
    assert is_in(go(hidden)[0])


def refused(hidden: SamlProvider, **bent: Any) -> str:
    client, answer = go(hidden, **bent)
    assert not is_in(client)
    return " ".join(str(each) for each in get_messages(answer.wsgi_request)) or answer["Location"]


def test_what_nobody_signed_or_a_stranger_signed_lets_nobody_in(hidden: SamlProvider) -> None:
    hidden.signs = "nothing"
    unsigned = refused(hidden)
    hidden.signs, hidden.key = "assertion", "stranger"
    assert refused(hidden) == unsigned, "everything behind the encryption fails alike"
    hidden.signs = "response"
    assert not is_in(go(hidden)[0])


def test_a_changed_block_a_broken_padding_and_another_key_fail_alike(hidden: SamlProvider) -> None:
    def change(place: int) -> Any:
        def bend(root: Any) -> None:
            value = root.findall(f".//{{{XENC}}}CipherValue")[-1]
            content = bytearray(base64.b64decode(value.text))
            content[place] ^= 1
            value.text = base64.b64encode(bytes(content)).decode()

        return bend

    said = {refused(hidden, after=change(place)) for place in (20, -17, -1, -40)}
    hidden.encrypts = key_pair("another")[1]
    said.add(refused(hidden))
    assert len(said) == 1
    hidden.signs = "both"
    assert not is_in(go(hidden, after=change(20))[0]), "the signature around it is verified before it is opened"


def test_a_key_under_the_old_padding_of_rsa_is_refused(hidden: SamlProvider) -> None:
    hidden.transport = f"{XENC}rsa-1_5"
    assert refused(hidden)


@pytest.mark.parametrize("where", ["beside", "inside", "twice"])
def test_an_assertion_in_clear_beside_or_in_an_encrypted_one_lets_nobody_in(hidden: SamlProvider, where: str) -> None:
    def wrap(root: Any) -> None:
        clear, encrypted = hidden.response().find(f"{{{SAML}}}Assertion"), root.find(f"{{{SAML}}}EncryptedAssertion")
        if where == "twice":
            root.append(etree.fromstring(etree.tostring(encrypted)))
        else:
            (root if where == "beside" else encrypted).append(clear)

    assert refused(hidden, after=wrap)


def test_the_key_stays_when_the_provider_is_saved_again(hidden: SamlProvider, lin: Person) -> None:
    row = Provider.objects.get()
    before = row.details["encryption"]
    given = {name: getattr(row, name) for name in single_sign_on.SHOWN}
    given["details"] = {"sso": row.details["sso"], "certificates": list(read(metadata("one", "two")).certificates)}
    single_sign_on.keep(row, given, by=lin, now=timezone.now())
    assert Provider.objects.get().details["encryption"] == before
    assert is_in(go(hidden)[0])
