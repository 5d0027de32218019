"""The address book of authorities and partners: who they are, where they are written to, and how they are found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from ombud.organisation import changes
from ombud.organisation.models import Office, Outsider, Person
from ombud.policy.model.pack import Pack
from ombud.policy.outsiders import CONTACT, addressed
from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import ADDRESS, EMAIL, NAME, PHONE
from ombud.texts import LANGUAGES

#: What of an entry a case takes over beside its name.
TAKEN: Final = (CONTACT, EMAIL, PHONE, ADDRESS)
LONGEST_NAME: Final = 200
_LONGEST: Final = {each.name: most for each in Outsider._meta.fields if (most := getattr(each, "max_length", None))}


class BookError(ValueError):
    """An entry cannot be kept; the code is the field at fault, or "twice" for a name that is there already."""


@transaction.atomic
def keep(row: Outsider | None, given: Mapping[str, Any], *, by: Person | None, now: datetime) -> Outsider:
    """Enter an authority or partner, or change one; who did, before and after, stands in the log of changes.

    `given` has role, names (in one language at least), country, office, contact, email, phone, address and prefix.
    Raises BookError.
    """
    row = row or Outsider()
    row.role = plain(given["role"])
    row.names = {tag: name for tag in LANGUAGES if (name := _one_line(given["names"].get(tag, "")))}
    row.country = plain(given.get("country", "")).upper()
    office: Office | None = given.get("office")
    row.office = office
    for name in (CONTACT, EMAIL, PHONE, "prefix"):
        setattr(row, name, plain(given.get(name, "")))
    row.address = plain(given.get(ADDRESS, ""), lines=True)
    _check(row)
    row.save()
    changes.note([row], by=by, now=now)
    return row


def _check(row: Outsider) -> None:
    if not row.role:
        raise BookError("role")
    if not row.names:
        raise BookError("names")
    if any(len(name) > LONGEST_NAME for name in row.names.values()):
        raise BookError("long")
    if row.country and not (len(row.country) == 2 and row.country.isascii() and row.country.isalpha()):
        raise BookError("country")
    if row.email:
        try:
            validate_email(row.email)
        except ValidationError as error:
            raise BookError(EMAIL) from error
    if wrong := [name for name, most in _LONGEST.items() if len(str(getattr(row, name) or "")) > most]:
        raise BookError(wrong[0])
    same = Outsider.objects.filter(role=row.role).exclude(pk=row.pk)
    if any(_names(each) & _names(row) for each in same):
        raise BookError("twice")


@transaction.atomic
def offer(row: Outsider, *, is_active: bool, by: Person, now: datetime) -> None:
    """Retire an entry, so that it is offered no more, or offer it again. Cases keep the address that they have."""
    row.is_active = is_active
    row.save(update_fields=["is_active"])
    changes.note([row], by=by, now=now)


def entries(query: str = "", *, role: str = "") -> list[Outsider]:
    """Return the entries in which every word of the query is found, those offered first, by role and name."""
    rows = Outsider.objects.select_related("office")
    found = [row for row in (rows.filter(role=role) if role else rows) if _fits(row, query)]
    return sorted(found, key=lambda row: (not row.is_active, row.role, str(row).casefold()))


def offered(roles: Collection[str]) -> dict[str, list[Outsider]]:
    """Return role -> its entries that are offered, by name; one query."""
    found: dict[str, list[Outsider]] = {role: [] for role in roles}
    for row in Outsider.objects.filter(role__in=roles, is_active=True) if roles else ():
        found[row.role].append(row)
    return {role: sorted(rows, key=lambda row: str(row).casefold()) for role, rows in found.items()}


def named(rows: Iterable[Outsider], name: object) -> Outsider | None:
    """Return the one of the rows that is called so in some language."""
    asked = _one_line(name).casefold() if isinstance(name, str) else ""
    return next((row for row in rows if asked and asked in _names(row)), None)


def completed(pack: Pack, data: Mapping[str, Any], allowed: Collection[str]) -> dict[str, Any]:
    """Return submitted data with what the book knows of an authority or partner that is named in it.

    What was typed counts; only what was left empty is taken from the book, as far as the act takes it.
    """
    asked = {role: fields for role, fields in addressed(pack).items() if data.get(fields[NAME])}
    result, books = dict(data), offered(asked)
    for role, fields in asked.items():
        row = named(books[role], data[fields[NAME]])
        taken = {part: fields[part] for part in TAKEN if row is not None and part in fields}
        for part, field in taken.items():
            if field in allowed and not data.get(field) and (value := getattr(row, part)):
                result[field] = value
    return result


def _one_line(name: str) -> str:
    return " ".join(plain(name).split())


def _names(row: Outsider) -> set[str]:
    return {name.casefold() for name in row.names.values() if name}


def _fits(row: Outsider, query: str) -> bool:
    said = " ".join([*_names(row), row.country, row.contact, row.email, row.phone, row.address, row.prefix]).casefold()
    return all(word in said for word in query.casefold().split())
