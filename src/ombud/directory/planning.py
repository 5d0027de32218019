"""What an address book would change here, line by line, before anything is changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ombud.directory import granting
from ombud.directory.books.model import Book, Listed
from ombud.directory.granting import Held
from ombud.directory.models import Directory, Entry, Granted, GroupMember
from ombud.directory.people import Said, found, is_fixed
from ombud.organisation.models import Membership, Person

NEW, LINK, CHANGE, LEAVE, BACK = "new", "link", "change", "leave", "back"
DOINGS = (NEW, LINK, BACK, CHANGE, LEAVE)
NAME, EMAIL, GROUPS = "name", "email", "groups"  # what changes of somebody
Line = dict[str, Any]
_CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


def lines_of(directory: Directory, book: Book, inside: Mapping[str, list[str]]) -> list[Line]:
    """Return a line for everybody who is to come, to change or to leave; `inside` says in which groups people are."""
    return _Planning(directory, book, inside).lines()


def inside_of(book: Book) -> dict[str, list[str]]:
    """Return the ids of the departments that each person is in, those above them too."""
    return {
        person.id: sorted({above for unit in person.units for above in book.above(unit)})
        for person in book.people.values()
    }


def counts_of(lines: list[Line]) -> dict[str, int]:
    """Return how many lines there are of each kind."""
    counted = Counter(line["do"] for line in lines)
    return {doing: counted[doing] for doing in DOINGS}


def said_of(line: Line, entry: Entry | None) -> Said:
    """Return what a line says of somebody; whoever has an account keeps their user name."""
    person = entry.person if entry is not None else None
    if line["do"] == LEAVE and entry is not None:
        return Said(
            external_id=entry.external_id, username=entry.person.username, email=entry.person.email, names={},
            is_active=False, keeps_username=True, told=entry.told,
        )  # fmt: skip
    return Said(
        external_id=line["id"],
        username=person.username if person else line["username"],
        email=line["email"] or (person.email if person else ""),  # a book that shows no addresses takes none away
        names=line["names"],
        keeps_username=True,
        told=entry.told if entry else {},
    )


class _Planning:
    """What a plan asks about all people at once."""

    def __init__(self, directory: Directory, book: Book, inside: Mapping[str, list[str]]) -> None:
        self._directory, self._book, self._inside = directory, book, inside
        self._entries = {row.external_id: row for row in directory.entries.select_related("person")}
        self._roles = granting.stands_for(list(directory.groups.all()))
        self._groups: dict[Any, set[str]] = {}
        for entry, group in GroupMember.objects.filter(entry__directory=directory).values_list(
            "entry", "group__external_id"
        ):
            self._groups.setdefault(entry, set()).add(group)
        people = [row.person_id for row in self._entries.values()]
        self._granted: dict[int, set[Held]] = {}
        rows = Granted.objects.filter(membership__person__in=people)
        names = [f"membership__{name}" for name in ("policy", "role", "department", "office")]
        for pk, *place in rows.values_list("membership__person", *names):
            self._granted.setdefault(pk, set()).add(Held(*place))
        by_hand = Membership.objects.filter(person__in=people, policy="", granted__isnull=True)
        self._fixed = set(by_hand.values_list("person", flat=True))

    def lines(self) -> list[Line]:
        found = [line for listed in self._book.people.values() if (line := self._line(listed)) is not None]
        there = {listed.id for listed in self._book.people.values() if listed.is_active}
        found += [self._leaving(row) for key, row in self._entries.items() if row.is_active and key not in there]
        return sorted(found, key=lambda line: (DOINGS.index(line["do"]), line["name"], line["id"]))

    def _line(self, listed: Listed) -> Line | None:
        entry = self._entries.get(listed.id)
        if not listed.is_active:
            return None
        if entry is None:
            return self._coming(listed)
        fields = self._changed(entry, listed)
        wanted, held = self._wanted(listed), self._granted.get(entry.person_id, set())
        doing = CHANGE if entry.is_active else BACK
        if doing == CHANGE and not fields and wanted == held:
            return None
        return self._written(doing, listed, fields=fields, gets=wanted - held, loses=held - wanted, pk=entry.person_id)

    def _coming(self, listed: Listed) -> Line | None:
        if self._directory.only_mapped and not any(unit in self._roles for unit in self._inside[listed.id]):
            return None
        line = self._written(NEW, listed, gets=self._wanted(listed))
        person = found(said_of(line, None))
        if person is not None:
            line |= {"do": LINK, "pk": person.pk, "known": str(person), "fixed": is_fixed(person)}
        elif not line["email"] and (own := _address(listed.own_email)):
            line["email"] = "" if Person.objects.filter(email__iexact=own).exists() else own
        return line

    def _changed(self, entry: Entry, listed: Listed) -> list[str]:
        person, found = entry.person, []
        if any(person.names.get(tag) != name for tag, name in _names(listed).items()):
            found.append(NAME)
        email = self._email(listed)
        if email and email != person.email and person.pk not in self._fixed:
            found.append(EMAIL)
        if self._groups.get(entry.pk, set()) != set(self._inside[listed.id]):
            found.append(GROUPS)
        return found

    def _wanted(self, listed: Listed) -> set[Held]:
        return {place for unit in self._inside[listed.id] for place in self._roles.get(unit, ())}

    def _email(self, listed: Listed) -> str:
        """Return the address by which somebody is known, and which theirs here becomes.

        One that people enter there themselves is none, or they could enter somebody else's and become them.
        """
        own = _address(listed.own_email) if self._directory.trusts_own_mail else ""
        return _address(listed.email) or own

    def _leaving(self, entry: Entry) -> Line:
        person: Person = entry.person
        return {"do": LEAVE, "id": entry.external_id, "name": str(person), "email": person.email, "pk": person.pk}

    def _written(
        self,
        doing: str,
        listed: Listed,
        *,
        fields: list[str] | None = None,
        gets: set[Held] | None = None,
        loses: set[Held] | None = None,
        pk: int | None = None,
    ) -> Line:
        email = self._email(listed)
        return {
            "do": doing,
            "id": listed.id,
            "name": listed.name or listed.english or listed.id,
            "names": _names(listed),
            "email": email,
            "username": email if email and _is_username(email) else listed.id,
            "fields": fields or [],
            "gets": sorted(map(list, gets or ()), key=str),
            "loses": sorted(map(list, loses or ()), key=str),
            "pk": pk,
        }


def _names(listed: Listed) -> dict[str, str]:
    """Return the names by language, as far as the book has them."""
    own = {"zh" if _CHINESE.search(listed.name) else "en": listed.name[:120]} if listed.name else {}
    return own | ({"en": listed.english[:120]} if listed.english and "zh" in own else {})


def _address(text: str) -> str:
    """Return an address where it is one: what else people write there is nobody's."""
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text


def _is_username(text: str) -> bool:
    try:
        UnicodeUsernameValidator()(text)
    except ValidationError:
        return False
    return len(text) <= 150
