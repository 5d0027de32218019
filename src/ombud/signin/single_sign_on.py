"""Single sign-on: the providers that there are, and who is who at them.

Somebody is found by their subject, which an administrator may have entered; the first time also by an address that the
provider has verified and that one account here has. An account is made only where the provider is set up so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from ombud.organisation import hiring
from ombud.organisation.hiring import HiringError
from ombud.organisation.models import Change, Person
from ombud.policy.plain_text import plain
from ombud.privacy.sealing import HouseVault
from ombud.signin import happenings
from ombud.signin.claims import Claims
from ombud.signin.models import Happening, Identity, Provider
from ombud.signin.providers.saml.encryption import make_key
from ombud.signin.registry import WAYS
from ombud.signin.ways import Trip

KIND, IDENTITY = "provider", "identity"  # what changes of providers are written down as
SHOWN = (
    "name", "kind", "issuer", "client_id", "details", "is_on", "makes_accounts", "takes_addresses", "is_enough",
)  # fmt: skip


def in_use() -> list[Provider]:
    """Return the providers that the sign-in page offers."""
    return list(Provider.objects.filter(is_on=True).order_by("name"))


def of(person: Person) -> list[Provider]:
    """Return the providers at which somebody is known and can prove anew who they are."""
    kinds = [kind for kind, way in WAYS.items() if way.can_ask_again]
    found = Provider.objects.filter(is_on=True, kind__in=kinds, identities__person=person)
    return list(found.distinct().order_by("name"))


def trip_of(provider: Provider, *, back: str, entity: str, is_asked_again: bool, now: datetime) -> Trip:
    """Return a way to a provider and back. Raises Tampered."""
    return Trip(
        issuer=provider.issuer, client_id=provider.client_id, secret=secret_of(provider), details=provider.details,
        back=back, entity=entity, is_asked_again=is_asked_again, now=now,
    )  # fmt: skip


def secret_of(provider: Provider) -> str:
    """Return the secret of a provider; of SAML the key that opens what is encrypted to us. Raises Tampered."""
    return str(vault_of(provider).open(0, "secret", provider.secret)) if provider.secret else ""


@transaction.atomic
def keep(row: Provider, given: Mapping[str, Any], *, by: Person, now: datetime) -> None:
    """Keep a provider; a secret that is not given stays. Another issuer knows nobody yet."""
    is_another = row.pk is not None and row.issuer != given["issuer"]
    kept = dict(row.details)
    for name in SHOWN:
        setattr(row, name, given[name])
    if row.kind == Provider.Kind.SAML:
        _encrypt(row, kept, now)
    elif given.get("secret"):
        row.secret = vault_of(row).seal(0, "secret", given["secret"])
    row.save()
    if is_another:
        row.identities.all().delete()
    content = {name: getattr(row, name) for name in SHOWN}
    Change.objects.create(kind=KIND, key=row.key, content=content, by=by, at=now)


def _encrypt(row: Provider, kept: Mapping[str, Any], now: datetime) -> None:
    """Give a SAML provider the key to encrypt to; it stays, however often the provider's own metadata is brought."""
    if row.secret and kept.get("encryption"):
        row.details = {**row.details, "encryption": kept["encryption"]}
        return
    private, certificate = make_key(f"Ombud {row.key}", now=now)
    row.secret = vault_of(row).seal(0, "secret", private)
    row.details = {**row.details, "encryption": certificate}


@transaction.atomic
def person_of(provider: Provider, claims: Claims, *, now: datetime) -> Person | None:
    """Return whom a provider speaks of, connected with them from now on; None where nobody here is meant."""
    known = Identity.objects.select_related("person").filter(provider=provider, subject=claims.subject).first()
    if known is not None:
        return known.person
    is_openid = provider.kind == Provider.Kind.OPENID  # which says by itself whether it has verified an address
    usable = claims if is_openid or provider.takes_addresses else replace(claims, email="")
    person = _by_address(usable) or (_made(usable, now) if provider.makes_accounts else None)
    if person is not None:
        Identity.objects.create(provider=provider, subject=claims.subject, person=person)
        happenings.note(person, Happening.Kind.IDENTITY, now=now, about=provider.name, by=person)
    return person


@transaction.atomic
def connect(provider: Provider, subject: str, person: Person, *, by: Person, now: datetime) -> bool:
    """Let somebody be found by what the provider calls them; return whether nobody had that mark before."""
    subject = plain(subject)[:255]
    if not subject or Identity.objects.filter(provider=provider, subject=subject).exists():
        return False
    Identity.objects.create(provider=provider, subject=subject, person=person)
    _note(provider, subject, {"person": person.key}, by, now)
    happenings.note(person, Happening.Kind.IDENTITY, now=now, about=provider.name, by=by)
    return True


@transaction.atomic
def disconnect(identity: Identity, *, by: Person, now: datetime) -> None:
    """Let somebody be found no more by that mark."""
    _note(identity.provider, identity.subject, None, by, now)
    identity.delete()


def _note(provider: Provider, subject: str, content: Any, by: Person, now: datetime) -> None:
    Change.objects.create(kind=IDENTITY, key=f"{provider.key} {subject}", content=content, by=by, at=now)


def _by_address(claims: Claims) -> Person | None:
    if not claims.email:
        return None
    found = list(Person.objects.filter(email__iexact=claims.email, is_active=True)[:2])
    return found[0] if len(found) == 1 else None  # an address that several share tells nobody


def _made(claims: Claims, now: datetime) -> Person | None:
    """Return a new account without any role; None where its name or address is somebody's already."""
    if not claims.email or Person.objects.filter(email__iexact=claims.email).exists():
        return None
    name = plain(claims.name)[:120]
    try:
        return hiring.arrive(claims.username or claims.email, name, claims.email, now=now)
    except HiringError:
        return None


def vault_of(row: Provider) -> HouseVault:
    """Return what seals the secret of a provider."""
    return HouseVault("single sign-on", row.key)
