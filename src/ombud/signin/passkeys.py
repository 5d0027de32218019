"""Passkeys (WebAuthn): added by who is signed in, taken as second factor, or alone where the device asked its owner."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from django.db import transaction
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticatorData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ombud.organisation.models import Person
from ombud.policy.plain_text import plain
from ombud.privacy.keys import digest
from ombud.signin import factors, happenings
from ombud.signin.models import Happening, Passkey

MOST = 20  # of one person


class PasskeyError(ValueError):
    """What the browser sent proves nothing."""


def can(host: str) -> bool:
    """Return whether browsers keep passkeys for this host: they do for names, never for numbers."""
    name = _site(host)
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return True
    return False


def begin_adding(person: Person, *, origin: str, host: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the browser is asked for, and what must be kept until it answers."""
    user = PublicKeyCredentialUserEntity(id=_handle(person), name=person.get_username(), display_name=str(person))
    options, state = _server(origin, host).register_begin(
        user,
        credentials=_descriptors(person, host),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return _written(options), _written(state)


@transaction.atomic
def add(
    person: Person, name: str, answer: Mapping[str, Any], state: Mapping[str, Any],
    *, origin: str, host: str, now: datetime,
) -> list[str]:  # fmt: skip
    """Keep a passkey and return recovery codes where somebody has none yet. Raises PasskeyError."""
    if Passkey.objects.filter(person=person).count() >= MOST:
        raise PasskeyError
    data = _tried(lambda: _server(origin, host).register_complete(state, answer))
    credential = data.credential_data
    assert credential is not None, "looked at by the library"
    _row, is_new = Passkey.objects.get_or_create(
        digest=_digest(credential.credential_id),
        defaults={
            "person": person, "name": plain(name)[:80] or "-", "site": _site(host),
            "credential_id": credential.credential_id, "credential": bytes(credential), "count": data.counter,
            "added_at": now,
        },
    )  # fmt: skip
    if not is_new:
        raise PasskeyError
    happenings.note(person, Happening.Kind.PASSKEY_ADDED, now=now, about=_row.name, by=person)
    return [] if factors.RECOVERY in factors.ways(person) else factors.renew_recovery_codes(person, now=now)


def begin_asking(person: Person | None, *, origin: str, host: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the browser is asked for, and what must be kept; of anybody where no person is named.

    Alone a passkey stands for a password and a second factor, so the device must have asked for finger, face or PIN.
    """
    options, state = _server(origin, host).authenticate_begin(
        credentials=_descriptors(person, host) if person is not None else None,
        user_verification=(
            UserVerificationRequirement.REQUIRED if person is None else UserVerificationRequirement.PREFERRED
        ),
    )
    return _written(options), _written(state)


@transaction.atomic
def prove(
    person: Person | None, answer: Mapping[str, Any], state: Mapping[str, Any],
    *, origin: str, host: str, now: datetime,
) -> Person:  # fmt: skip
    """Return whose passkey it is. Raises PasskeyError; also where its counter says that it was copied."""
    row = _row(answer, host)
    if row is None or (person is not None and row.person_id != person.pk):
        raise PasskeyError
    known = AttestedCredentialData(bytes(row.credential))
    _tried(lambda: _server(origin, host).authenticate_complete(state, [known], answer))
    count = _tried(lambda: AuthenticatorData(_raw(answer["response"]["authenticatorData"]))).counter
    rows = Passkey.objects.filter(pk=row.pk)
    if count or row.count:  # those that do not count always say nought
        rows = rows.filter(count__lt=count)
    if not rows.update(count=count, used_at=now):
        raise PasskeyError
    return row.person


def _row(answer: Mapping[str, Any], host: str) -> Passkey | None:
    named = _tried(lambda: _raw(answer["rawId"]))
    found = Passkey.objects.select_related("person").filter(digest=_digest(named), site=_site(host))
    return found.filter(person__is_active=True).first()


def _server(origin: str, host: str) -> Fido2Server:
    site = PublicKeyCredentialRpEntity(name="Ombud", id=_site(host))
    return Fido2Server(site, verify_origin=lambda given: given == origin)


def _site(host: str) -> str:
    """Return the name of a host without its port."""
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and ":" in host else host


def _descriptors(person: Person, host: str) -> list[PublicKeyCredentialDescriptor]:
    rows = Passkey.objects.filter(person=person, site=_site(host)).order_by("id")
    kind = PublicKeyCredentialType.PUBLIC_KEY
    return [PublicKeyCredentialDescriptor(type=kind, id=bytes(row.credential_id)) for row in rows]


def _handle(person: Person) -> bytes:
    """Return by what an authenticator knows whose key it is: it tells nothing of the person."""
    return bytes.fromhex(digest("passkey handle", str(person.pk)))[:32]


def _digest(credential: bytes) -> str:
    return hashlib.sha256(credential).hexdigest()


def _raw(text: str) -> bytes:
    from fido2.utils import websafe_decode

    return websafe_decode(text)


def _written(value: Any) -> dict[str, Any]:
    """Return it as JSON has it, so that a session may hold it and a page may read it."""
    found: dict[str, Any] = json.loads(json.dumps(dict(value), default=lambda each: dict(each)))
    return found


def _tried(do: Any) -> Any:
    """Do what a browser's answer may break. Raises PasskeyError."""
    try:
        return do()
    except Exception as error:  # it reads what a stranger sent: CBOR, JSON, keys, signatures
        raise PasskeyError from error
