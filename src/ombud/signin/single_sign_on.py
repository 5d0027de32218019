"""Single sign-on: the providers that there are, and who is who at them.

Somebody is found by their subject; the first time by an address that the provider has verified and that one account
here has. An account is made only where the provider is set up so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ombud.organisation import hiring
from ombud.organisation.hiring import HiringError
from ombud.organisation.models import Change, Person
from ombud.policy.plain_text import plain
from ombud.privacy.sealing import HouseVault
from ombud.signin import happenings
from ombud.signin.models import Happening, Identity, Provider
from ombud.signin.openid import Claims, Client

KIND = "provider"  # what changes of providers are written down as
SHOWN = ("name", "issuer", "client_id", "is_on", "makes_accounts", "is_enough")


def in_use() -> list[Provider]:
    """Return the providers that the sign-in page offers."""
    return list(Provider.objects.filter(is_on=True).order_by("name"))


def of(person: Person) -> list[Provider]:
    """Return the providers at which somebody is known."""
    return list(Provider.objects.filter(is_on=True, identities__person=person).distinct().order_by("name"))


def client_of(provider: Provider) -> Client:
    """Return who we are at a provider. Raises Tampered."""
    secret = str(vault_of(provider).open(0, "secret", provider.secret)) if provider.secret else ""
    return Client(issuer=provider.issuer, client_id=provider.client_id, secret=secret)


@transaction.atomic
def keep(row: Provider, given: Mapping[str, Any], *, by: Person, now: datetime) -> None:
    """Keep a provider; a secret that is not given stays. Another issuer knows nobody yet."""
    is_another = row.pk is not None and row.issuer != given["issuer"]
    for name in SHOWN:
        setattr(row, name, given[name])
    if given["secret"]:
        row.secret = vault_of(row).seal(0, "secret", given["secret"])
    row.save()
    if is_another:
        row.identities.all().delete()
    content = {name: getattr(row, name) for name in SHOWN}
    Change.objects.create(kind=KIND, key=row.key, content=content, by=by, at=now)


@transaction.atomic
def person_of(provider: Provider, claims: Claims, *, now: datetime) -> Person | None:
    """Return whom a provider speaks of, connected with them from now on; None where nobody here is meant."""
    known = Identity.objects.select_related("person").filter(provider=provider, subject=claims.subject).first()
    if known is not None:
        return known.person
    person = _by_address(claims) or (_made(claims, now) if provider.makes_accounts else None)
    if person is not None:
        Identity.objects.create(provider=provider, subject=claims.subject, person=person)
        happenings.note(person, Happening.Kind.IDENTITY, now=now, about=provider.name, by=person)
    return person


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
