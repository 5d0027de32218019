"""Who there is: departments, offices, roles, channels, and who may see personal data."""

from __future__ import annotations

import re

from ombud.policy.mapping_reader import LANGUAGE, MappingReader, capital, ids
from ombud.policy.model.people import Channel, Department, Exam, FormStep, Office, Role
from ombud.policy.model.records import Access, Ledger
from ombud.policy.model.values import FieldType
from ombud.policy.quiet import read_quiet
from ombud.policy.source import Items, Node
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.vocabulary import ACTOR, BEARER, BOSS, CLOCK, DEPARTMENT, HANDLER, NOBODY, OFFICE, STAFF, SYSTEM
from ombud.texts import Text

TITLED_KEYS = ("title", "cite")
DEPARTMENT_KEYS = ("title", "calendar", "service", "cite")
OFFICE_KEYS = ("title", "calendar", "languages", "countries", "place", "cite")
STEP_KEYS = ("title", "fields", "one_of")
ROLE_KEYS = ("title", "boss", "of", "in", "external", "quiet", "cite")
CHANNEL_KEYS = ("title", "told_as", "reach", "kind", "hours", "portal", "anonymous", "form", "cite")
CHANNEL_KINDS = (
    "phone",
    "web",
    "app",
    "store",
    "counter",
    "social",
    "messaging",
    "email",
    "letter",
    "box",
    "partner",
    "regulator",
    "other",
)
ACCESS_KEYS = ("unmasked", "members", "persons", "identified", "confidential", "cite")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")


def read_departments(node: Node | None, scope: SymbolTable) -> dict[str, Department]:
    found = {}
    for id, value in ids(node, scope.problems, '"departments"') if node else ():
        form = MappingReader(value, scope.problems, f'department "{id}"', DEPARTMENT_KEYS)
        found[id] = Department(
            id=id,
            title=form.title(id),
            calendar=form.name("calendar", "calendar", scope.calendars),
            is_service=form.flag("service"),
            cite=scope.cite(form),
            at=form.place,
        )
    return found


def read_offices(node: Node | None, scope: SymbolTable) -> dict[str, Office]:
    found = {}
    for id, value in ids(node, scope.problems, '"offices"') if node else ():
        form = MappingReader(value, scope.problems, f'office "{id}"', OFFICE_KEYS)
        found[id] = Office(
            id=id,
            title=form.title(id),
            calendar=form.name("calendar", "calendar", scope.calendars),
            languages=_codes(form, "languages", LANGUAGE, "a language tag such as zh or pt-BR"),
            countries=_codes(form, "countries", _COUNTRY, "a country code of two capital letters such as DE"),
            place=form.word("place") or None,
            cite=scope.cite(form),
            at=form.place,
        )
    return found


def _codes(form: MappingReader, key: str, pattern: re.Pattern[str], wanted: str) -> tuple[str, ...]:
    for scalar in form.scalars(key):
        if not pattern.match(scalar.text):
            form.problems.add(scalar.place, f'"{scalar.text}" in "{key}" of {form.what} is not {wanted}.')
    return tuple(dict.fromkeys(scalar.text for scalar in form.scalars(key)))


def read_exams(node: Node | None, scope: SymbolTable) -> dict[str, Exam]:
    return {
        id: Exam(id=id, title=form.title(id), cite=scope.cite(form), at=form.place)
        for id, form in _titled(node, scope, "exam")
    }


def read_ledgers(node: Node | None, scope: SymbolTable) -> dict[str, Ledger]:
    return {
        id: Ledger(id=id, title=form.title(id), cite=scope.cite(form), at=form.place)
        for id, form in _titled(node, scope, "ledger")
    }


def _titled(node: Node | None, scope: SymbolTable, what: str) -> list[tuple[str, MappingReader]]:
    entries = ids(node, scope.problems, f'"{what}s"') if node else ()
    return [(id, MappingReader(value, scope.problems, f'{what} "{id}"', TITLED_KEYS)) for id, value in entries]


def read_roles(node: Node | None, scope: SymbolTable) -> dict[str, Role]:
    found = {}
    for id, value in ids(node, scope.problems, '"roles"') if node else ():
        form = MappingReader(value, scope.problems, f'role "{id}"', ROLE_KEYS)
        if id in (CLOCK, SYSTEM, STAFF, BOSS, BEARER, HANDLER, ACTOR, NOBODY):
            scope.problems.add(form.place, f'"{id}" has a meaning of its own and cannot be a role. Choose another id.')
        pinned = form.name("in", "department", scope.departments)
        boss = form.name("boss", "role", scope.roles)
        is_external = form.flag("external")
        if is_external and boss:
            scope.problems.add(
                form.at("boss"), f"{capital(form.what)} is external, so it has no boss. Remove one of the two."
            )
        of = form.one_of("of", ("organisation", DEPARTMENT, OFFICE, HANDLER), "organisation")
        found[id] = Role(
            id=id,
            title=form.title(id),
            boss=boss,
            of=DEPARTMENT if pinned and "of" not in form else of,
            department=pinned,
            is_external=is_external,
            quiet=read_quiet(form),
            cite=scope.cite(form),
            at=form.place,
        )
    return found


def read_channels(node: Node | None, scope: SymbolTable) -> dict[str, Channel]:
    found = {}
    for id, value in ids(node, scope.problems, '"channels"') if node else ():
        form = MappingReader(value, scope.problems, f'channel "{id}"', CHANNEL_KEYS)
        found[id] = Channel(
            id=id,
            title=form.title(id),
            told_as=form.text("told_as"),
            reach=form.word("reach"),
            kind=form.one_of("kind", CHANNEL_KINDS, "other"),
            hours=form.name("hours", "calendar", scope.calendars),
            is_portal=form.flag("portal"),
            is_anonymous=form.flag("anonymous"),
            form=_steps(form, scope),
            cite=scope.cite(form),
            at=form.place,
        )
    return found


def _steps(form: MappingReader, scope: SymbolTable) -> tuple[FormStep, ...]:
    node = form.get("form")
    if node is None:
        return ()
    if not isinstance(node, Items):
        scope.problems.add(node.place, f'"form" of {form.what} must be a list of steps {{title: ..., fields: [...]}}.')
        return ()
    steps = []
    for number, item in enumerate(node.items, 1):
        step = MappingReader(item, scope.problems, f"step {number} of {form.what}", STEP_KEYS)
        step.require("fields")
        title: Text = step.text("title") if step.require("title") else {}
        fields = step.names("fields", "field", scope.fields)
        one_of = step.names("one_of", "field of the step", fields)
        if len(one_of) == 1:
            step.problems.add(
                step.at("one_of"),
                f'"one_of" of {step.what} names one field only. Name those of which any one will do.',
            )
        steps.append(FormStep(title=title, fields=fields, one_of=one_of))
    return tuple(steps)


def read_access(node: Node | None, scope: SymbolTable) -> Access:
    if node is None:
        return Access(unmasked=(), cite=())
    form = MappingReader(node, scope.problems, '"access"', ACCESS_KEYS)
    holders = {
        name
        for name in scope.fields
        if {scope.kinds[name].type, scope.kinds[name].item} & {FieldType.PERSON, FieldType.DEPARTMENT}
    }
    return Access(
        unmasked=form.names("unmasked", "role", scope.roles),
        members=form.names("members", "field of persons or departments", holders),
        persons=form.names("persons", "role", scope.roles),
        identified=form.name("identified", "field", scope.fields) or "",
        confidential=form.names("confidential", "role", scope.roles),
        cite=scope.cite(form),
        at=form.place,
    )
