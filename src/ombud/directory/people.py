"""Commands on people as directories tell of them: taken in, changed, ended. Each is written down under its name.

A directory decides who is there and what they are called. It does not decide how those are reached and sign in who
were given a role of the organisation itself by hand: else whoever has its secret could become one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from ombud.directory import granting, leavers
from ombud.directory.models import Directory, Entry
from ombud.organisation import hiring, password_links
from ombud.organisation.hiring import HiringError, Through
from ombud.organisation.models import Person
from ombud.policy.plain_text import plain
from ombud.signin import sessions

CODES = ("username", "email", "name", "taken", "elsewhere", "known", "last")  # why something cannot be done


class PeopleError(ValueError):
    """It cannot be done to this person; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a directory says of somebody. Of names only those in languages that it has."""

    external_id: str
    username: str
    email: str
    names: Mapping[str, str]
    language: str = ""
    is_active: bool = True
    keeps_username: bool = False  # of an account that there is: what is said is for new ones
    told: Mapping[str, Any] = field(default_factory=dict)  # kept as it is said


@transaction.atomic
def take_in(directory: Directory, said: Said, *, now: datetime) -> Entry:
    """Return the entry of somebody whom the directory did not tell of before. Raises PeopleError.

    Somebody who has an account here is found by their e-mail address, then by their user name.
    """
    lock(directory)
    _need_sense(said)
    if said.external_id and directory.entries.filter(external_id=said.external_id).exists():
        raise PeopleError("known")
    person = found(said)
    if person is not None and Entry.objects.filter(person=person).exists():
        raise PeopleError("known" if directory.entries.filter(person=person).exists() else "elsewhere")
    is_new = person is None
    if person is None:
        person = Person(username=said.username)
    _keep(directory, person, said, now)
    entry = Entry.objects.create(
        directory=directory,
        person=person,
        external_id=said.external_id,
        told=dict(said.told),
        is_active=said.is_active,
        made_at=now,
        changed_at=now,
    )
    if not said.is_active and person.is_active:
        _leave(directory, person, now)
    elif is_new and directory.invites and person.email:
        password_links.ask(person, by=None, now=now)
    return entry


@transaction.atomic
def change(entry: Entry, said: Said, *, now: datetime) -> Entry:
    """Let somebody be as the directory says now. Raises PeopleError."""
    directory, person = entry.directory, entry.person
    lock(directory)
    _need_sense(said)
    others = directory.entries.exclude(pk=entry.pk)
    if said.external_id and others.filter(external_id=said.external_id).exists():
        raise PeopleError("known")
    _keep(directory, person, said, now)
    if entry.is_active and not said.is_active and person.is_active:
        _leave(directory, person, now)
    elif said.is_active and not entry.is_active and not person.is_active:
        hiring.come_back(person, by=Through(name=directory.name), now=now)
    entry.external_id, entry.told, entry.is_active = said.external_id, dict(said.told), said.is_active
    entry.changed_at = now
    entry.save()
    granting.settle([person], directory.name, now=now)
    return entry


@transaction.atomic
def end(entry: Entry, *, now: datetime) -> None:
    """Let a directory tell of somebody no more: they may not sign in. Raises PeopleError("last")."""
    lock(entry.directory)
    if entry.person.is_active:
        _leave(entry.directory, entry.person, now)
    entry.delete()


def lock(directory: Directory) -> None:
    """Let what one directory tells be taken in one after the other, within the transaction that is open."""
    Directory.objects.select_for_update().get(pk=directory.pk)


def found(said: Said) -> Person | None:
    """Return the account here that is meant: one address that several share means nobody."""
    if said.email:
        known = list(Person.objects.filter(email__iexact=said.email)[:2])
        if len(known) == 1:
            return known[0]
    return Person.objects.filter(username__iexact=said.username).first()


def is_fixed(person: Person) -> bool:
    """Return whether how somebody is reached and signs in is decided here, and by no directory."""
    return person.pk is not None and person.memberships.filter(policy="", granted__isnull=True).exists()


def kept_of(person: Person, said: Said) -> dict[str, Any]:
    """Return who somebody will be, as `hiring.keep` takes it."""
    fixed = is_fixed(person)
    return {
        "username": person.username if fixed or (person.pk and said.keeps_username) else said.username,
        "email": person.email if fixed else said.email,
        "names": {**person.names, **{tag: name for tag, name in said.names.items() if plain(name)}},
        "language": said.language or person.language,
    }


def _keep(directory: Directory, person: Person, said: Said, now: datetime) -> None:
    given = kept_of(person, said)
    if Person.objects.filter(username__iexact=given["username"]).exclude(pk=person.pk).exists():
        raise PeopleError("taken")
    try:
        hiring.keep(person, given, by=Through(name=directory.name), now=now)
    except HiringError as error:
        raise PeopleError(error.code) from error


def _leave(directory: Directory, person: Person, now: datetime) -> None:
    try:
        hiring.leave(person, by=Through(name=directory.name), now=now)
    except HiringError as error:
        raise PeopleError(error.code) from error
    sessions.end_others(person, None)
    leavers.tell(person, now=now)


def _need_sense(said: Said) -> None:
    """Raise PeopleError where something is no user name, no address or no name."""
    try:
        UnicodeUsernameValidator()(said.username)
    except ValidationError as error:
        raise PeopleError("username") from error
    if not 0 < len(said.username) <= 150:
        raise PeopleError("username")
    if said.email:
        try:
            validate_email(said.email)
        except ValidationError as error:
            raise PeopleError("email") from error
    if len(said.email) > 254:
        raise PeopleError("email")
    if any(len(name) > 120 for name in said.names.values()):
        raise PeopleError("name")
