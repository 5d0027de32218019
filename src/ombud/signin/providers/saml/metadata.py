"""Metadata: what a SAML provider says of itself, and what we say of us."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from cryptography import x509

from ombud.privacy import outgoing
from ombud.signin.claims import SignOnError
from ombud.signin.providers.saml.encryption import METHODS, OAEP
from ombud.signin.providers.saml.xml import MOST, NAMES, parse, words

REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
PATIENCE = 10.0  # seconds
CERTIFICATES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Idp:
    """A provider as its metadata describes it."""

    entity: str
    sso: str  # where people are led
    certificates: tuple[str, ...]  # PEM, each good: while one is changed for another there are two


def fetch(url: str) -> bytes:
    """Return the metadata that stands at an address, checked as every one that is called. Raises SignOnError."""
    try:
        answer = outgoing.call("GET", url, headers={"Accept": "application/xml"}, patience=PATIENCE, most=MOST)
    except outgoing.NotAllowed as error:
        raise SignOnError("address") from error
    except outgoing.NoAnswer as error:
        raise SignOnError("silent") from error
    if answer.status != 200:
        raise SignOnError("metadata")
    return answer.body


def read(document: bytes) -> Idp:
    """Return the one provider that metadata describes. Raises SignOnError."""
    root = parse(document)
    found = [
        each
        for each in root.iter(f"{{{NAMES['md']}}}EntityDescriptor")
        if each.find("md:IDPSSODescriptor", NAMES) is not None
    ]
    if len(found) != 1:
        raise SignOnError("metadata")
    entity, role = found[0].get("entityID") or "", found[0].find("md:IDPSSODescriptor", NAMES)
    services = [
        each.get("Location") or ""
        for each in role.findall("md:SingleSignOnService", NAMES)
        if each.get("Binding") == REDIRECT
    ]
    keys = [each for each in role.findall("md:KeyDescriptor", NAMES) if each.get("use") in (None, "signing")]
    texts = [words(each) for key in keys for each in key.iter(f"{{{NAMES['ds']}}}X509Certificate")]
    if not 0 < len(entity) <= 500 or not services or not texts:
        raise SignOnError("metadata")
    try:
        outgoing.judge(services[0])
    except outgoing.NotAllowed as error:
        raise SignOnError("address") from error
    certificates = tuple(dict.fromkeys(pem_of(each) for each in texts[:CERTIFICATES]))
    return Idp(entity=entity, sso=services[0], certificates=certificates)


def pem_of(text: str) -> str:
    """Return a certificate as PEM, given that or its base 64. Raises SignOnError."""
    inner = re.sub(r"-----[A-Z ]+-----|\s", "", text)
    try:
        der = base64.b64decode(inner, validate=True)
        x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise SignOnError("certificate") from error
    lines = base64.encodebytes(der).decode().strip()
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def ours(entity: str, back: str, certificate: str = "") -> str:
    """Return what we say of us: who we are, where answers are posted to, and the key to encrypt them to."""
    inner = re.sub(r"-----[A-Z ]+-----|\s", "", certificate)
    methods = "".join(f'<md:EncryptionMethod Algorithm="{each}"/>' for each in (*METHODS, OAEP))
    key = (
        f'<md:KeyDescriptor use="encryption"><ds:KeyInfo xmlns:ds="{NAMES["ds"]}"><ds:X509Data>'
        f"<ds:X509Certificate>{inner}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>{methods}</md:KeyDescriptor>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<md:EntityDescriptor xmlns:md="{NAMES["md"]}" entityID={quoteattr(entity)}>'
        '<md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true"'
        f' protocolSupportEnumeration="{NAMES["samlp"]}">'
        f"{key if inner else ''}"
        "<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>"
        "<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>"
        f'<md:AssertionConsumerService Binding="{POST}" Location={quoteattr(back)} index="0" isDefault="true"/>'
        "</md:SPSSODescriptor></md:EntityDescriptor>\n"
    )
