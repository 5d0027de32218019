"""Who there is: departments, offices, roles, channels, and who may see personal data."""

from __future__ import annotations

from ombud.policy.form import Form, capital, ids
from ombud.policy.model import Access, Channel, Department, Office, Role, Step, Text
from ombud.policy.scope import CLOCK, STAFF, SYSTEM, Scope
from ombud.policy.source import Items, Node

ROLE_KEYS = ("title", "boss", "of", "in", "external", "cite")
CHANNEL_KEYS = ("title", "kind", "hours", "portal", "form", "cite")
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


def read_departments(node: Node | None, scope: Scope) -> dict[str, Department]:
    found = {}
    for id, value in ids(node, scope.problems, '"departments"') if node else ():
        form = Form(value, scope.problems, f'department "{id}"', ("title", "calendar", "service", "cite"))
        found[id] = Department(
            id=id,
            title=form.title(id),
            calendar=form.name("calendar", "calendar", scope.calendars),
            is_service=form.flag("service"),
            cite=scope.cite(form),
            at=form.place,
        )
    return found


def read_offices(node: Node | None, scope: Scope) -> dict[str, Office]:
    found = {}
    for id, value in ids(node, scope.problems, '"offices"') if node else ():
        form = Form(value, scope.problems, f'office "{id}"', ("title", "calendar", "languages", "place", "cite"))
        found[id] = Office(
            id=id,
            title=form.title(id),
            calendar=form.name("calendar", "calendar", scope.calendars),
            languages=tuple(scalar.text for scalar in form.scalars("languages")),
            place=form.word("place") or None,
            cite=scope.cite(form),
            at=form.place,
        )
    return found


def read_roles(node: Node | None, scope: Scope) -> dict[str, Role]:
    found = {}
    for id, value in ids(node, scope.problems, '"roles"') if node else ():
        form = Form(value, scope.problems, f'role "{id}"', ROLE_KEYS)
        if id in (CLOCK, SYSTEM, STAFF, "boss", "bearer", "handler", "actor"):
            scope.problems.add(form.place, f'"{id}" has a meaning of its own and cannot be a role. Choose another id.')
        pinned = form.name("in", "department", scope.departments)
        boss = form.name("boss", "role", scope.roles)
        is_external = form.flag("external")
        if is_external and boss:
            scope.problems.add(
                form.at("boss"), f"{capital(form.what)} is external, so it has no boss. Remove one of the two."
            )
        of = form.one_of("of", ("organisation", "department", "office", "handler"), "organisation")
        found[id] = Role(
            id=id,
            title=form.title(id),
            boss=boss,
            of="department" if pinned and "of" not in form else of,
            department=pinned,
            is_external=is_external,
            cite=scope.cite(form),
            at=form.place,
        )
    return found


def read_channels(node: Node | None, scope: Scope) -> dict[str, Channel]:
    found = {}
    for id, value in ids(node, scope.problems, '"channels"') if node else ():
        form = Form(value, scope.problems, f'channel "{id}"', CHANNEL_KEYS)
        found[id] = Channel(
            id=id,
            title=form.title(id),
            kind=form.one_of("kind", CHANNEL_KINDS, "other"),
            hours=form.name("hours", "calendar", scope.calendars),
            is_portal=form.flag("portal"),
            form=_steps(form, scope),
            cite=scope.cite(form),
            at=form.place,
        )
    return found


def _steps(form: Form, scope: Scope) -> tuple[Step, ...]:
    node = form.get("form")
    if node is None:
        return ()
    if not isinstance(node, Items):
        scope.problems.add(node.place, f'"form" of {form.what} must be a list of steps {{title: ..., fields: [...]}}.')
        return ()
    steps = []
    for number, item in enumerate(node.items, 1):
        step = Form(item, scope.problems, f"step {number} of {form.what}", ("title", "fields"))
        step.require("fields")
        title: Text = step.text("title") if step.require("title") else {}
        steps.append(Step(title=title, fields=step.names("fields", "field", scope.fields)))
    return tuple(steps)


def read_access(node: Node | None, scope: Scope) -> Access:
    if node is None:
        return Access(unmasked=(), cite=())
    form = Form(node, scope.problems, '"access"', ("unmasked", "cite"))
    return Access(unmasked=form.names("unmasked", "role", scope.roles), cite=scope.cite(form), at=form.place)
