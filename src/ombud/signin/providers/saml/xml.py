"""Reading XML that a stranger may have made: no entities, no DTD, nothing fetched; signatures cover what is read.

Only what a signature covers is ever returned (`signed`): the caller reads nothing else. What could let two readers see
different documents is refused beforehand: ids that occur twice, assertions in places where none belongs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from ombud.signin.claims import SignOnError

NAMES = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
RESPONSE, ASSERTION = f"{{{NAMES['samlp']}}}Response", f"{{{NAMES['saml']}}}Assertion"
ENCRYPTED = f"{{{NAMES['saml']}}}EncryptedAssertion"
MOST = 256 * 1024  # bytes of a document
DEEPEST = 40
_METHODS = frozenset(
    method
    for method in SignatureMethod
    if method.name.startswith(("RSA_SHA", "SHA", "ECDSA_SHA")) and "SHA1" not in method.name
)
_CONFIG = SignatureConfiguration(
    require_x509=True,
    location="./",  # a child of what it covers, never elsewhere
    expect_references=1,
    signature_methods=_METHODS,
    digest_algorithms=frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}),
)
Element = Any  # lxml's, which has no types


def parse(document: bytes) -> Element:
    """Return the root of a document. Raises SignOnError where it is none, or is made to mislead or to exhaust."""
    if len(document) > MOST or b"\0" in document:
        raise SignOnError("document")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=False, remove_pis=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SignOnError("document") from error
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None or info.doctype:
        raise SignOnError("document")
    if any(depth > DEEPEST for depth in _depths(root)) or any(True for _each in root.iter(etree.Entity)):
        raise SignOnError("document")
    return root


def _depths(root: Element) -> Iterable[int]:
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        yield depth


def signed(response: Element, certificates: Iterable[str]) -> Element:
    """Return the one assertion of a response, as the signature of it or of the whole response covers it.

    Raises SignOnError: nothing signed, signed by another key, twice, or with anything else about it.
    """
    if response.tag != RESPONSE:
        raise SignOnError("document")
    ids = [each.get("ID") for each in response.iter() if isinstance(each.tag, str) and each.get("ID")]
    strange = [each for each in response.iter() if isinstance(each.tag, str) and (each.get("Id") or each.get("id"))]
    outside = [
        each
        for each in strange
        if not any(up.tag == f"{{{NAMES['ds']}}}Signature" for up in (each, *each.iterancestors()))
    ]
    assertions = list(response.iter(ASSERTION))
    if len(set(ids)) != len(ids) or outside or len(assertions) != 1 or assertions[0].getparent() is not response:
        raise SignOnError("wrapped")
    if next(response.iter(ENCRYPTED), None) is not None:
        raise SignOnError("encrypted")
    own = [*response.findall("ds:Signature", NAMES), *assertions[0].findall("ds:Signature", NAMES)]
    if not own:
        raise SignOnError("unsigned")
    if len(own) != sum(1 for _each in response.iter(f"{{{NAMES['ds']}}}Signature")) or len(own) > 2:
        raise SignOnError("wrapped")
    found: Element = None
    for holder in (response, assertions[0]):
        if len(holder.findall("ds:Signature", NAMES)) > 1:
            raise SignOnError("wrapped")
        if holder.find("ds:Signature", NAMES) is not None:
            found = _verified(holder, tuple(certificates))
    assertion = found if found is not None and found.tag == ASSERTION else found.find("saml:Assertion", NAMES)
    if assertion is None or assertion.get("ID") != assertions[0].get("ID"):
        raise SignOnError("wrapped")
    return assertion


def covered(response: Element, certificates: Iterable[str]) -> tuple[Element, bool]:
    """Return the one EncryptedAssertion of a response, and whether a signature of the whole response covers it.

    Raises SignOnError: signed by another key, or with anything else about it.
    """
    if response.tag != RESPONSE:
        raise SignOnError("document")
    found = list(response.iter(ENCRYPTED))
    signatures = response.findall("ds:Signature", NAMES)
    outside = [
        each
        for each in response.iter()
        if isinstance(each.tag, str)
        and (each.get("Id") or each.get("id"))
        and not any(up.tag in (f"{{{NAMES['ds']}}}Signature", ENCRYPTED) for up in (each, *each.iterancestors()))
    ]
    ids = [each.get("ID") for each in response.iter() if isinstance(each.tag, str) and each.get("ID")]
    if (
        len(found) != 1
        or found[0].getparent() is not response
        or next(response.iter(ASSERTION), None) is not None
        or outside
        or len(set(ids)) != len(ids)
        or len(signatures) > 1
        or len(signatures) != sum(1 for _each in response.iter(f"{{{NAMES['ds']}}}Signature"))
    ):
        raise SignOnError("wrapped")
    if not signatures:
        return found[0], False
    inside = _verified(response, tuple(certificates)).findall("saml:EncryptedAssertion", NAMES)
    if len(inside) != 1:
        raise SignOnError("wrapped")
    return inside[0], True


def signed_alone(assertion: Element, certificates: Iterable[str], *, must: bool) -> Element:
    """Return an assertion by itself as its own signature covers it; without one as it is, unless one `must` be there.

    Raises SignOnError.
    """
    own = assertion.findall("ds:Signature", NAMES)
    ids = [each.get("ID") for each in assertion.iter() if isinstance(each.tag, str) and each.get("ID")]
    if len(own) != sum(1 for _each in assertion.iter(f"{{{NAMES['ds']}}}Signature")) or len(own) > 1:
        raise SignOnError("wrapped")
    inner = [each for tag in (ASSERTION, ENCRYPTED) for each in assertion.iter(tag) if each is not assertion]
    if len(set(ids)) != len(ids) or inner:
        raise SignOnError("wrapped")
    if not own and must:
        raise SignOnError("unsigned")
    return _verified(assertion, tuple(certificates)) if own else assertion


def _verified(holder: Element, certificates: tuple[str, ...]) -> Element:
    """Return an element as its signature covers it. Raises SignOnError."""
    reference = holder.find("ds:Signature/ds:SignedInfo/ds:Reference", NAMES)
    if not holder.get("ID") or reference is None or reference.get("URI") != f"#{holder.get('ID')}":
        raise SignOnError("wrapped")
    whole = etree.tostring(holder, with_tail=False)
    for certificate in certificates:
        try:
            result = XMLVerifier().verify(whole, x509_cert=certificate, id_attribute="ID", expect_config=_CONFIG)
        except (SignXMLException, ValueError, TypeError, KeyError, etree.LxmlError):
            continue  # of another key, or of none
        covered = result.signed_xml  # type: ignore[union-attr]  # one reference is expected, so it is no list
        if covered is not None and covered.tag == holder.tag and covered.get("ID") == holder.get("ID"):
            return covered
    raise SignOnError("signature")


def words(element: Element | None) -> str:
    """Return the text of an element, all of it: a comment in its midst cuts nothing off."""
    return "" if element is None else "".join(element.itertext()).strip()
