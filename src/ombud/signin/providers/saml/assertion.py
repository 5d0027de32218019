"""What an assertion says, believed only where it is for us, for now, for this way back, and answers what was asked."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from ombud.signin.claims import Claims, Said, SignOnError
from ombud.signin.providers.saml.encryption import OPAQUE, opened
from ombud.signin.providers.saml.xml import ENCRYPTED, MOST, NAMES, covered, parse, signed, signed_alone, words

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
LEEWAY, LONGEST = timedelta(seconds=60), timedelta(hours=24)
EMAILS = (
    "urn:oid:0.9.2342.19200300.100.1.3", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "mail", "email", "emailaddress", "user.email",
)  # fmt: skip
NAMED = (
    "urn:oid:2.16.840.1.113730.3.1.241",
    "http://schemas.microsoft.com/identity/claims/displayname",
    "displayname",
    "name",
)
Element = Any


def read(
    posted: str,
    *,
    issuer: str,
    certificates: Collection[str],
    audience: str,
    recipient: str,
    now: datetime,
    key: str = "",
) -> Said:
    """Return what was posted to us; `key` opens what was encrypted to us. Raises SignOnError."""
    if len(posted) > MOST * 4 // 3:
        raise SignOnError("document")
    try:
        document = base64.b64decode("".join(posted.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignOnError("document") from error
    response = parse(document)
    assertion = _opened(response, certificates, key) if _is_encrypted(response) else signed(response, certificates)
    status = response.find("samlp:Status/samlp:StatusCode", NAMES)
    if status is None or status.get("Value") != SUCCESS:
        raise SignOnError("refused")
    if response.get("Destination") not in (None, "", recipient):
        raise SignOnError("recipient")
    if words(assertion.find("saml:Issuer", NAMES)) != issuer or assertion.get("Version") != "2.0":
        raise SignOnError("issuer")
    until = _conditions(assertion, audience, now)
    answers, confirmed = _confirmed(assertion, recipient, now)
    if response.get("InResponseTo") not in (None, answers):
        raise SignOnError("request")
    return Said(
        id=assertion.get("ID"), answers=answers, until=min(until, confirmed) + LEEWAY,
        authenticated_at=_authenticated(assertion), claims=_claims(assertion),
    )  # fmt: skip


def _is_encrypted(response: Element) -> bool:
    return next(response.iter(ENCRYPTED), None) is not None


def _opened(response: Element, certificates: Collection[str], key: str) -> Element:
    """Return the assertion that was encrypted to us, as a signature around or in it covers it. Raises SignOnError."""
    if not key:
        raise SignOnError("encrypted")
    encrypted, is_covered = covered(response, certificates)
    inside = opened(encrypted, key)
    try:
        return signed_alone(inside, certificates, must=not is_covered)
    except SignOnError as error:
        raise SignOnError(OPAQUE) from error


def _conditions(assertion: Element, audience: str, now: datetime) -> datetime:
    """Return until when an assertion holds. Raises SignOnError where it does not hold now, or not for us."""
    found = assertion.findall("saml:Conditions", NAMES)
    if len(found) != 1:
        raise SignOnError("conditions")
    until = _time(found[0].get("NotOnOrAfter")) or now + LONGEST
    since = _time(found[0].get("NotBefore"))
    if until + LEEWAY <= now or (since is not None and since - LEEWAY > now):
        raise SignOnError("time")
    restrictions = found[0].findall("saml:AudienceRestriction", NAMES)
    meant = [{words(each) for each in one.findall("saml:Audience", NAMES)} for one in restrictions]
    if not meant or any(audience not in each for each in meant):
        raise SignOnError("audience")
    return until


def _confirmed(assertion: Element, recipient: str, now: datetime) -> tuple[str, datetime]:
    """Return the request that is answered, and until when it may be. Raises SignOnError."""
    for each in assertion.findall("saml:Subject/saml:SubjectConfirmation", NAMES):
        data = each.find("saml:SubjectConfirmationData", NAMES)
        if each.get("Method") != BEARER or data is None or data.get("NotBefore"):
            continue
        until, answers = _time(data.get("NotOnOrAfter")), data.get("InResponseTo") or ""
        if data.get("Recipient") != recipient:
            raise SignOnError("recipient")
        if until is None or until + LEEWAY <= now or until > now + LONGEST:
            raise SignOnError("time")
        if not answers:
            raise SignOnError("request")  # nobody asked: somebody else's sign-in, pushed onto a browser
        return answers, until
    raise SignOnError("confirmation")


def _authenticated(assertion: Element) -> datetime | None:
    found = assertion.find("saml:AuthnStatement", NAMES)
    if found is None:
        raise SignOnError("statement")
    return _time(found.get("AuthnInstant"))


def _claims(assertion: Element) -> Claims:
    name = assertion.find("saml:Subject/saml:NameID", NAMES)
    subject = words(name)
    if name is None or not 0 < len(subject) <= 255:
        raise SignOnError("subject")
    if name.get("Format") == TRANSIENT:
        raise SignOnError("transient")
    said = dict(_attributes(assertion))
    email = next((said[each] for each in EMAILS if each in said), "")
    if not email and name.get("Format") == ADDRESS:
        email = subject
    shown = next((said[each] for each in NAMED if each in said), "")
    return Claims(subject=subject, email=email[:150], name=shown[:150], username="")


def _attributes(assertion: Element) -> Iterator[tuple[str, str]]:
    for each in assertion.findall("saml:AttributeStatement/saml:Attribute", NAMES):
        values = [words(value) for value in each.findall("saml:AttributeValue", NAMES)]
        if len(values) == 1 and values[0]:  # of several nobody could say which is meant
            known = (each.get("Name") or "", each.get("FriendlyName") or "")
            yield from ((name if ":" in name else name.lower(), values[0]) for name in known if name)


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise SignOnError("time") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
