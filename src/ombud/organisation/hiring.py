"""Commands on people: who comes, changes, leaves, and who gets which role; all of it written down for ever.

Nobody decides on themselves, and an administrator is always left: the organisation must not lock itself out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from ombud.organisation import changes
from ombud.organisation.models import ADMINISTRATOR, Change, Department, Membership, Office, Person
from ombud.organisation.password_mail import PasswordLink
from ombud.policy.plain_text import plain
from ombud.texts import Text

ACCOUNT = "account"  # what changes of people are written down as
COMPETENCE = "competence"
SECOND_FACTOR = "second_factor"  # and what is done to their second factor
SHOWN = ("username", "names", "email", "language", "is_active")


class HiringError(ValueError):
    """It cannot be done to this person; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A role under a policy, or of the organisation itself where the policy is empty."""

    policy: str
    role: str
    department: Department | None = None
    office: Office | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Through:
    """A directory that tells who is there: it changes people by itself, under its name."""

    name: str


Author = Person | Through


@transaction.atomic
def keep(row: Person, given: Mapping[str, Any], *, by: Author, now: datetime) -> Person:
    """Keep who somebody is, a new one where the row is not stored yet. Raises HiringError("taken")."""
    before = _content(row) if row.pk else None
    row.username, row.email = plain(given["username"]), plain(given["email"])
    row.names = {tag: said for tag, name in given["names"].items() if (said := plain(name))}
    row.language = given["language"]
    if row.pk is None:
        row.set_unusable_password()
        row.is_staff = False
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise HiringError("taken") from error
    if before != _content(row):
        _note(row, by, now)
    return row


@transaction.atomic
def found(
    username: str, email: str, *, names: Text | None = None, language: str = "", password: str = "", now: datetime
) -> Person:
    """Return the first administrator, made where there are no people. Raises HiringError("there", "username").

    Without a password they choose one through a link.
    """
    if connection.vendor == "postgresql":  # else two at the same moment would each find nobody
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE organisation_person IN SHARE ROW EXCLUSIVE MODE")
    if Person.objects.exists():
        raise HiringError("there")
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise HiringError("username") from error
    row = Person(username=username, email=email, names=dict(names or {}), language=language)
    row.set_password(password or None)
    row.save()
    _note(row, None, now)
    changes.note([Membership.objects.create(person=row, role=ADMINISTRATOR)], by=None, now=now)
    return row


@transaction.atomic
def arrive(username: str, name: str, email: str, *, now: datetime) -> Person:
    """Return a new account for whom a provider of single sign-on knows; without any role. Raises HiringError."""
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise HiringError("username") from error
    row = Person(username=username, name=name, email=email)
    row.set_unusable_password()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise HiringError("taken") from error
    _note(row, None, now)
    return row


@transaction.atomic
def give(row: Person, place: Place, *, by: Author, now: datetime) -> bool:
    """Give somebody a role and return whether that is news. Raises HiringError("oneself")."""
    _of_another(row, by)
    values = {"policy": place.policy, "role": place.role, "department": place.department, "office": place.office}
    if Membership.objects.filter(person=row, **values).exists():
        return False
    _note_role(Membership.objects.create(person=row, **values), by, now)
    return True


@transaction.atomic
def take(held: Membership, *, by: Author, now: datetime) -> None:
    """Take a role away; what was owed in it falls to others. Raises HiringError("oneself", "last")."""
    _of_another(held.person, by)
    if not held.policy and held.role == ADMINISTRATOR and held.person.is_active:
        _leave_an_administrator(held.person)
    _note_role(held, by, now, is_gone=True)
    held.delete()


@transaction.atomic
def leave(row: Person, *, by: Author, now: datetime) -> None:
    """Let nobody sign in as this person any more. Raises HiringError("oneself", "last").

    Their password goes with it, on which every session of theirs hangs: none of them comes back with the person.
    """
    _of_another(row, by)
    if Membership.objects.filter(person=row, policy="", role=ADMINISTRATOR).exists():
        _leave_an_administrator(row)
    row.is_active = False
    row.set_unusable_password()
    row.save(update_fields=["is_active", "password"])
    PasswordLink.objects.filter(person=row, sent_at=None).delete()
    _note(row, by, now)


@transaction.atomic
def come_back(row: Person, *, by: Author, now: datetime) -> None:
    """Let somebody sign in again, in the roles left to them, with a new password. Raises HiringError("oneself")."""
    _of_another(row, by)
    row.is_active = True
    row.save(update_fields=["is_active"])
    _note(row, by, now)


def history(row: Person) -> list[Change]:
    """Return what was changed about somebody and their roles, newest first."""
    about = Change.objects.filter(kind__in=(ACCOUNT, SECOND_FACTOR), key=row.key) | Change.objects.filter(
        kind__in=("role", COMPETENCE), key__startswith=f"{row.pk} "
    )
    return list(about.select_related("by").order_by("-id")[:50])


def _of_another(row: Person, by: Author) -> None:
    if isinstance(by, Person) and row.pk == by.pk:
        raise HiringError("oneself")


def _leave_an_administrator(row: Person) -> None:
    """Raise HiringError("last") where nobody else could let anybody in."""
    held = Membership.objects.select_for_update().filter(policy="", role=ADMINISTRATOR, person__is_active=True)
    if not held.exclude(person=row).exists():
        raise HiringError("last")


def _content(row: Person) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SHOWN}


def _note(row: Person, by: Author | None, now: datetime) -> None:
    Change.objects.create(kind=ACCOUNT, key=row.key, content=_content(row), at=now, **_author(by))


def _note_role(held: Membership, by: Author, now: datetime, *, is_gone: bool = False) -> None:
    changes.note([held], now=now, is_gone=is_gone, **_author(by))


def _author(by: Author | None) -> dict[str, Any]:
    """Return whom a change names: a person, or the directory that did it by itself."""
    return {"by": None, "through": by.name[:120]} if isinstance(by, Through) else {"by": by, "through": ""}
