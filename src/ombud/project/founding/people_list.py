"""People from a list: pasted from a spreadsheet or a CSV file; all of them are added, or nobody is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from ombud.organisation import hiring, own_roles, password_links
from ombud.organisation.hiring import Place
from ombud.organisation.models import Department, Office, Person
from ombud.policy.model.pack import Pack
from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import COMPLAINANT
from ombud.texts import Text

COLUMNS = ("username", "name_zh", "name_en", "email", "role", "department", "office")
MOST = 500  # lines of one list
_LONGEST = {"username": 150, "name_zh": 120, "name_en": 120, "email": 254}


class ListError(ValueError):
    """A list cannot be taken in; `problems` are told line by line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One person of the list, with what they are to hold."""

    given: Mapping[str, object]
    places: list[Place]


def read(text: str, pack: Pack) -> list[Entry]:
    """Return the people of a list, each once however many lines they have. Raises ListError."""
    problems: list[str] = []
    found: dict[str, Entry] = {}
    lines = list(_lines(text))
    if len(lines) > MOST:
        raise ListError([_("A list has at most {n} lines.").format(n=MOST)])
    reader = _Reader(pack)
    taken = set(Person.objects.filter(username__in={line["username"] for _n, line in lines}).values_list("username"))
    for number, line in lines:
        try:
            if (line["username"],) in taken:
                raise ValueError(_("Somebody has this user name already."))
            entry, place = reader.entry(line), reader.place(line)
            known = found.setdefault(line["username"], entry)
            if place is not None and place not in known.places:
                known.places.append(place)
        except ValueError as error:
            problems.append(_("Line {n}: {problem}").format(n=number, problem=error))
    if not lines:
        problems.append(_("There is nobody in the list."))
    if problems:
        raise ListError(problems)
    return list(found.values())


@transaction.atomic
def add(entries: list[Entry], *, by: Person, now: datetime) -> int:
    """Add the people with their roles, invite whoever has an address, and return how many there are."""
    for entry in entries:
        row = hiring.keep(Person(), entry.given, by=by, now=now)
        for place in entry.places:
            hiring.give(row, place, by=by, now=now)
        if row.email:
            password_links.ask(row, by=by, now=now)
    return len(entries)


def _lines(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (number, cells by column) of the lines that say something; a head of column names is left out."""
    first = text.lstrip("\ufeff\r\n ").partition("\n")[0]
    separator = "\t" if "\t" in first else ";" if first.count(";") > first.count(",") else ","
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=separator)
    try:
        for number, row in enumerate(rows, 1):
            cells = [plain(cell) for cell in row]
            if any(cells) and not (number == 1 and cells[0].lower() in ("username", _("User name").lower())):
                yield number, dict(zip(COLUMNS, [*cells, *[""] * len(COLUMNS)], strict=False))
    except csv.Error as error:
        raise ListError([_("This is no list: its quotation marks do not close.")]) from error


class _Reader:
    """Knows a policy's roles and departments by their keys and by what they are called."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        roles = {key: role.title for key, role in pack.roles.items() if key != COMPLAINANT and not role.is_external}
        self.roles = _by_any_name(roles)
        self.own = {each.lower(): key for key, title in own_roles.titles().items() for each in (key, str(title))}
        self.departments = _by_any_name({key: each.title for key, each in pack.departments.items()})
        rows = Department.objects.filter(policy=pack.id)
        self.department_rows = {row.key: row for row in rows}
        self.offices = {each.lower(): row for row in Office.objects.all() for each in (row.key, *row.name.values())}

    def entry(self, line: Mapping[str, str]) -> Entry:
        """Return who a line speaks of. Raises ValueError in the reader's words."""
        if long := [name for name, most in _LONGEST.items() if len(line[name]) > most]:
            raise ValueError(_("“{text}...” is too long.").format(text=line[long[0]][:20]))
        try:
            UnicodeUsernameValidator()(line["username"])
        except ValidationError as error:
            raise ValueError(_("“{text}” is no user name.").format(text=line["username"])) from error
        if line["email"]:
            try:
                validate_email(line["email"])
            except ValidationError as error:
                raise ValueError(_("“{text}” is no e-mail address.").format(text=line["email"])) from error
        if not line["name_zh"] and not line["name_en"]:
            raise ValueError(_("Give the name in one language at least."))
        names = {"zh": line["name_zh"], "en": line["name_en"]}
        given = {"username": line["username"], "names": names, "email": line["email"], "language": ""}
        return Entry(given=given, places=[])

    def place(self, line: Mapping[str, str]) -> Place | None:
        """Return the role that a line gives, None where it gives none. Raises ValueError in the reader's words."""
        role, department, office = (line[name].lower() for name in ("role", "department", "office"))
        if not role:
            return None
        if role not in self.roles and role in self.own:
            return Place(policy="", role=self.own[role])
        for word, known in ((role, self.roles), (department, self.departments), (office, self.offices)):
            if word and word not in known:
                raise ValueError(_("The policy knows no “{text}”.").format(text=word))
        key = self.departments[department] if department else None
        return Place(
            policy=self.pack.id, role=self.roles[role],
            department=self.department_rows.get(key) if key else None,
            office=self.offices[office] if office else None,
        )  # fmt: skip


def _by_any_name(titles: Mapping[str, Text]) -> dict[str, str]:
    return {name.lower(): key for key, title in titles.items() for name in (*title.values(), key)}
