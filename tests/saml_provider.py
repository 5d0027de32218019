"""A SAML provider that signs really, and whose every word can be bent."""

from __future__ import annotations

import base64
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import XMLSigner
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod

ISSUER, SSO = "https://idp.example.com/metadata", "https://idp.example.com/sso?tenant=1"
SAML, SAMLP = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
HOST = "http://testserver/desk/sign-in/with/house"
Change = Callable[[Any], None]


@lru_cache(maxsize=4)
def key_pair(name: str) -> tuple[bytes, str]:
    """Return a private key and a certificate that it signed itself, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder().subject_name(called).issuer_name(called).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, made.public_bytes(serialization.Encoding.PEM).decode()


def metadata(*names: str, entity: str = ISSUER, sso: str = SSO) -> bytes:
    """Return what the provider says of itself, with a certificate for each name."""
    keys = "".join(
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        + "".join(key_pair(name)[1].splitlines()[1:-1])
        + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for name in names
    )
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}"'
        f' xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
        f'<md:IDPSSODescriptor protocolSupportEnumeration="{SAMLP}">{keys}'
        f'<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    ).encode()


@dataclass
class SamlProvider:
    """What the provider will say of whoever has just set out to it."""

    now: datetime
    subject: str = "u-17"
    format: str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    email: str = "lin@example.com"
    request: str = ""
    said: dict[str, Any] = field(default_factory=dict)  # what is not as it should be
    key: str = "one"
    signs: str = "assertion"  # or response, both, nothing
    encrypts: str = ""  # to this certificate of ours, between signing the assertion and the response
    method: str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"  # what ADFS and Entra ID use
    transport: str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"

    def set_out(self, address: str) -> Any:
        """Return the request with which somebody came."""
        query = parse_qs(urlsplit(address).query)
        found = etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15))
        self.request = found.get("ID")
        assert query["RelayState"] == [self.request]
        return found

    def response(self) -> Any:
        """Return what is answered, not signed yet."""
        at, until = (self._at(self.said.get(name, default)) for name, default in (("since", -1), ("until", 5)))
        spoken = {"audience": f"{HOST}/metadata/", "recipient": f"{HOST}/assertion/", "issuer": ISSUER, "id": "_a1",
                  "answers": self.request, "authenticated": -1, **self.said}  # fmt: skip
        audience = (
            f"<saml:AudienceRestriction><saml:Audience>{spoken['audience']}</saml:Audience></saml:AudienceRestriction>"
        )
        answers = f' InResponseTo="{spoken["answers"]}"' if spoken["answers"] else ""
        status = spoken.get("status", "urn:oasis:names:tc:SAML:2.0:status:Success")
        return etree.fromstring(
            f'<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="_r1" Version="2.0" IssueInstant="{at}"'
            f' Destination="{HOST}/assertion/"><saml:Issuer>{ISSUER}</saml:Issuer>'
            f'<samlp:Status><samlp:StatusCode Value="{status}"/></samlp:Status>'
            f'<saml:Assertion ID="{spoken["id"]}" Version="2.0" IssueInstant="{at}">'
            f"<saml:Issuer>{spoken['issuer']}</saml:Issuer>"
            f'<saml:Subject><saml:NameID Format="{self.format}">{self.subject}</saml:NameID>'
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml:SubjectConfirmationData NotOnOrAfter="{until}" Recipient="{spoken["recipient"]}"{answers}/>'
            f'</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{at}" NotOnOrAfter="{until}">'
            f"{audience if spoken['audience'] else ''}</saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{self._at(spoken["authenticated"])}"/>'
            '<saml:AttributeStatement><saml:Attribute Name="mail">'
            f"<saml:AttributeValue>{self.email}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
            "</saml:Assertion></samlp:Response>"
        )

    def _at(self, minutes: float) -> str:
        return (self.now + timedelta(minutes=minutes)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def posted(self, *, before: Change | None = None, after: Change | None = None) -> str:
        """Return what the browser posts; `before` and `after` bend it before and after it is signed."""
        root = self.response()
        if before:
            before(root)
        if self.signs in ("assertion", "both"):
            inner = root.find(f"{{{SAML}}}Assertion")
            root.replace(inner, self.signed(inner))
        if self.encrypts:
            inner = root.find(f"{{{SAML}}}Assertion")
            root.replace(inner, self.encrypted(inner))
        if self.signs in ("response", "both"):
            root = self.signed(root)
        if after:
            after(root)
        return encoded(etree.tostring(root))

    def encrypted(self, element: Any) -> Any:
        """Return an assertion encrypted to our certificate."""
        key, plain = secrets.token_bytes(32 if "256" in self.method else 16), etree.tostring(element, with_tail=False)
        if self.method.endswith("-gcm"):
            nonce = secrets.token_bytes(12)
            value = nonce + AESGCM(key).encrypt(nonce, plain, None)
        else:
            start, fill = secrets.token_bytes(16), 16 - len(plain) % 16
            writer = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
            value = start + writer.update(plain + bytes(fill - 1) + bytes([fill])) + writer.finalize()
        ours = x509.load_pem_x509_certificate(self.encrypts.encode()).public_key()
        assert isinstance(ours, rsa.RSAPublicKey)
        is_oaep = "oaep" in self.transport
        way: Any = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None) if is_oaep else padding.PKCS1v15()
        spoken = [base64.b64encode(each).decode() for each in (ours.encrypt(key, way), value)]
        return etree.fromstring(
            f'<saml:EncryptedAssertion xmlns:saml="{SAML}" xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"'
            ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
            '<xenc:EncryptedData Id="_e1" Type="http://www.w3.org/2001/04/xmlenc#Element">'
            f'<xenc:EncryptionMethod Algorithm="{self.method}"/><ds:KeyInfo><xenc:EncryptedKey>'
            f'<xenc:EncryptionMethod Algorithm="{self.transport}"/><xenc:CipherData>'
            f"<xenc:CipherValue>{spoken[0]}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
            f"<xenc:CipherData><xenc:CipherValue>{spoken[1]}</xenc:CipherValue></xenc:CipherData>"
            "</xenc:EncryptedData></saml:EncryptedAssertion>"
        )

    def signed(self, element: Any, method: SignatureMethod = SignatureMethod.RSA_SHA256) -> Any:
        private, certificate = key_pair(self.key)
        signer = XMLSigner(
            signature_algorithm=method, digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )  # fmt: skip
        whole = etree.fromstring(etree.tostring(element, with_tail=False))
        return signer.sign(whole, key=private, cert=certificate, reference_uri=element.get("ID"), id_attribute="ID")


def encoded(document: bytes) -> str:
    return base64.b64encode(document).decode()
