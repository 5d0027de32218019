"""Giving out tokens and intake keys, and taking them back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from ombud.api.models import ApiToken, IntakeKey
from ombud.organisation.models import Person
from ombud.privacy.keys import digest

READ, ACT, INTAKE = "read", "act", "intake"
SCOPES = (READ, ACT, INTAKE)
# Prefixes say what a string is, to people and to scanners that look for secrets in code.
TOKEN, KEY = "ombud_", "ombudpub_"


def issue_token(
    person: Person,
    *,
    name: str,
    scopes: Sequence[str] = SCOPES,
    policy: str = "",
    expires_at: datetime | None = None,
    now: datetime,
) -> tuple[ApiToken, str]:
    """Return the new row and the token, which nobody can read again; it is good for one policy, or for all."""
    assert set(scopes) <= set(SCOPES), "the caller has checked them"
    token = TOKEN + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        person=person,
        name=name,
        digest=fingerprint(token),
        scopes=list(scopes),
        policy=policy,
        created_at=now,
        expires_at=expires_at,
    )
    return row, token


def issue_key(
    *, name: str, policy: str, channel: str, per_address: int = 20, per_hour: int = 600, now: datetime
) -> IntakeKey:
    """Return a new public key that files under this policy, by this channel, so often an hour."""
    return IntakeKey.objects.create(
        key=KEY + secrets.token_urlsafe(18),
        name=name,
        policy=policy,
        channel=channel,
        per_address=per_address,
        per_hour=per_hour,
        created_at=now,
    )


def revoke(row: ApiToken | IntakeKey, *, now: datetime) -> None:
    """Make the token or key worthless from now on; the row stays, to tell who called once."""
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])


def fingerprint(token: str) -> str:
    """Return what is stored of a token."""
    return digest("api-token", token)
