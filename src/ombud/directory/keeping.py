"""Keeping directories: who they are, their secrets and tokens, what their groups stand for; all of it written down."""

from __future__ import annotations

import secrets
from collections.abc import Mapping as Values
from datetime import datetime
from typing import Any

from django.db import transaction

from ombud.directory import granting
from ombud.directory.models import Directory, Group, Mapping, ScimToken
from ombud.organisation.hiring import HiringError, Place
from ombud.organisation.models import Change, Person
from ombud.privacy.keys import digest
from ombud.privacy.sealing import HouseVault

KIND = "directory"  # what changes of directories are written down as
SHOWN = (
    "name",
    "kind",
    "client_id",
    "url",
    "is_on",
    "every",
    "most_leaving",
    "only_mapped",
    "trusts_own_mail",
    "invites",
)
TOKEN = "ombudscim_"  # says what a string is, to people and to scanners that look for secrets in code


@transaction.atomic
def keep(row: Directory, given: Values[str, Any], secret: str = "", *, by: Person, now: datetime) -> Directory:
    """Keep a directory; a secret that is not given stays."""
    for name, value in given.items():
        setattr(row, name, value)
    if secret:
        row.secret = vault_of(row).seal(0, "secret", secret)
    if row.is_book and row.is_on and row.every:
        row.next_at = row.next_at or now
    else:
        row.next_at = None
    row.save()
    note(row, {name: getattr(row, name) for name in SHOWN} | ({"secret": True} if secret else {}), by=by, now=now)
    return row


def secret_of(row: Directory) -> str:
    """Return the secret of our program at an address book. Raises Tampered."""
    return str(vault_of(row).open(0, "secret", row.secret)) if row.secret else ""


@transaction.atomic
def issue(
    row: Directory, *, name: str, expires_at: datetime | None, by: Person, now: datetime
) -> tuple[ScimToken, str]:
    """Return the new row and the token, which nobody can read again."""
    token = TOKEN + secrets.token_urlsafe(32)
    made = ScimToken.objects.create(
        directory=row, name=name, digest=fingerprint(token), made_by=by, made_at=now, expires_at=expires_at
    )
    note(row, {"token": made.pk, "name": name, "expires_at": str(expires_at or "")}, by=by, now=now)
    return made, token


@transaction.atomic
def revoke(token: ScimToken, *, by: Person, now: datetime) -> None:
    """Make a token worthless from now on; the row stays, to tell that there was one."""
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        note(token.directory, {"revoked": token.pk, "name": token.name}, by=by, now=now)


def fingerprint(token: str) -> str:
    """Return what is stored of a token."""
    return digest("scim-token", token)


@transaction.atomic
def map_to(group: Group, place: Place, *, by: Person, now: datetime) -> bool:
    """Let a group stand for a role, and return whether that is news.

    Raises HiringError("oneself") where that would give whoever decides it a role.
    """
    if group.members.filter(entry__person=by).exists():
        raise HiringError("oneself")
    values = {"policy": place.policy, "role": place.role, "department": place.department, "office": place.office}
    if group.mappings.filter(**values).exists():
        return False
    made = Mapping.objects.create(group=group, **values)
    note(group.directory, {"group": group.name, "stands_for": _told(made)}, by=by, now=now)
    granting.settle_group(group, now=now)
    return True


@transaction.atomic
def unmap(mapping: Mapping, *, by: Person, now: datetime) -> None:
    """Let a group no longer stand for a role: whoever holds it for that alone loses it. Raises HiringError."""
    group = mapping.group
    if group.members.filter(entry__person=by).exists():
        raise HiringError("oneself")
    note(group.directory, {"group": group.name, "stands_no_more_for": _told(mapping)}, by=by, now=now)
    mapping.delete()
    granting.settle_group(group, now=now)


def history(row: Directory) -> list[Change]:
    """Return who changed a directory, newest first."""
    return list(Change.objects.filter(kind=KIND, key=str(row.key)).select_related("by").order_by("-id")[:30])


def note(row: Directory, content: Values[str, Any], *, by: Person | None, now: datetime) -> None:
    """Write down what somebody, or the directory itself, did about a directory."""
    through = "" if by else row.name
    Change.objects.create(kind=KIND, key=str(row.key), content=dict(content), by=by, through=through, at=now)


def _told(mapping: Mapping) -> dict[str, Any]:
    return {
        "policy": mapping.policy,
        "role": mapping.role,
        "department": mapping.department.key if mapping.department else "",
        "office": mapping.office.key if mapping.office else "",
    }


def vault_of(row: Directory) -> HouseVault:
    """Return what seals the secret of our program at an address book."""
    return HouseVault("directories", f"directory {row.key}")
