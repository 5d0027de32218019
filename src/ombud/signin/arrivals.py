"""Answers of SAML providers between the post that brings them and the browser that comes for them; each good once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from ombud.privacy.sealing import HouseVault
from ombud.signin.claims import Claims, Said, SignOnError
from ombud.signin.models import Arrival, Provider

PATIENCE = timedelta(minutes=2)  # from the post to the browser
_KEEP = 1000  # of what is over, thrown away at a time


def keep(provider: Provider, said: Said, *, now: datetime) -> str:
    """Keep what an assertion said, and return by what it is taken. Raises SignOnError for one that came before."""
    handle = secrets.token_urlsafe(24)
    over = Arrival.objects.filter(until__lt=now - PATIENCE).values_list("pk", flat=True)[:_KEEP]
    Arrival.objects.filter(pk__in=list(over)).delete()
    at = said.authenticated_at
    content = {
        **asdict(said.claims), "answers": said.answers, "at": at.timestamp() if at else None,
        "by": (now + PATIENCE).timestamp(),
    }  # fmt: skip
    one = hashlib.sha256(f"{provider.pk} {said.id}".encode()).hexdigest()
    try:
        with transaction.atomic():
            Arrival.objects.create(
                provider=provider, assertion=one, handle=_digest(handle),
                said=_vault(one).seal(0, "said", content), until=max(said.until, now + PATIENCE),
            )  # fmt: skip
    except IntegrityError as error:
        raise SignOnError("replay") from error
    return handle


def take(handle: str, *, now: datetime) -> Said:
    """Return what came, once. Raises SignOnError."""
    row = Arrival.objects.filter(handle=_digest(handle), said__isnull=False).first()
    if row is None or not Arrival.objects.filter(pk=row.pk, said__isnull=False).update(said=None):
        raise SignOnError("arrival")
    assert row.said is not None, "asked for above"
    found = _vault(row.assertion).open(0, "said", row.said)
    if found["by"] < now.timestamp():
        raise SignOnError("arrival")
    at = None if found["at"] is None else datetime.fromtimestamp(found["at"], now.tzinfo)
    claims = Claims(**{name: found[name] for name in ("subject", "email", "name", "username")})
    return Said(id="", answers=found["answers"], until=row.until, authenticated_at=at, claims=claims)


def _digest(handle: str) -> str:
    return hashlib.sha256(handle.encode()).hexdigest()  # nobody guesses what it is of


def _vault(key: str) -> HouseVault:
    return HouseVault("single sign-on", key)
