"""The organisation chart: each policy's departments and offices, their roles, who leads whom, who holds what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.organisation import own_roles
from ombud.organisation.models import Membership, Office, Person, words
from ombud.organisation.standing_in import Away, away
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Role
from ombud.policy.vocabulary import DEPARTMENT, OFFICE
from ombud.workbench import packs
from ombud.workbench.page import OVERSEERS, desk, person, show


@dataclass(kw_only=True, slots=True)
class Node:
    """A role in one place, who holds it, and the roles there that it leads."""

    role: Role
    boss: Role | None  # of another place
    people: list[tuple[Person, Away | None]]
    below: list[Node] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A department or office of a policy."""

    title: str
    icon: str
    note: str
    tree: list[Node]


@require_GET
@desk
def chart(request: HttpRequest) -> HttpResponse:
    """Show who works where, under whom."""
    now, reader = timezone.now(), person(request)
    known = [pack for _version, pack in packs.visible(reader, now=now)]
    own = packs.own_roles(reader)
    if not known and not own:
        raise PermissionDenied
    asked = request.GET.get("policy", "")
    shown = [pack for pack in known if pack.id == asked] or known
    rows = Membership.objects.filter(person__is_active=True).select_related("person", "department", "office")
    held: dict[str, list[Membership]] = defaultdict(list)
    for row in rows.order_by("id"):
        held[row.policy].append(row)
    offices = {row.key: row for row in Office.objects.all()}
    gone = away({row.person_id for found in held.values() for row in found}, "", now=now)
    context = {
        "policies": [(pack, _units(pack, held[pack.id], offices, gone)) for pack in shown],
        "choices": [(pack.id, words(dict(pack.title))) for pack in known],
        "asked": asked,
        "own": _own(held[""]),
        "sees_people": bool(own & OVERSEERS),
    }
    return show(request, "workbench/organisation_chart.html", "organisation", context, now=now)


def _own(rows: Iterable[Membership]) -> list[tuple[str, list[Person]]]:
    found: dict[str, list[Person]] = defaultdict(list)
    for row in rows:
        found[row.role].append(row.person)
    return [(own_roles.title_of(role), found[role]) for role in own_roles.TITLES if role in found]


def _units(pack: Pack, rows: list[Membership], offices: dict[str, Office], gone: dict[int, Away]) -> list[Unit]:
    """Return the places of a policy: what is of the whole organisation, then departments, then offices."""
    roles = [role for role in pack.roles.values() if not role.is_external]
    places: dict[tuple[str, str], dict[str, list[Membership]]] = defaultdict(lambda: defaultdict(list))
    for role in roles:
        for place in _places(pack, role):
            places[place].setdefault(role.id, [])
    known = {role.id: role for role in roles}
    for row in rows:
        if row.role in known:
            for place in _of(row, pack, known[row.role]):
                places[place][row.role].append(row)
    order = [("", ""), *(("department", id) for id in pack.departments), *(("office", id) for id in pack.offices)]
    return [
        Unit(**_named(place, pack, offices), tree=_tree(pack, places[place], gone))
        for place in order
        if place in places
    ]


def _places(pack: Pack, role: Role) -> list[tuple[str, str]]:
    """Return where a role belongs, whoever holds it."""
    if role.department is not None:
        return [("department", role.department)]
    if role.of == OFFICE:
        return [("office", id) for id in pack.offices]
    return [] if role.of == DEPARTMENT else [("", "")]


def _of(row: Membership, pack: Pack, role: Role) -> list[tuple[str, str]]:
    """Return where somebody holds a role; of an office's role without an office it is every office."""
    if row.office is not None:
        return [("office", row.office.key)]
    department = row.department.key if row.department is not None else role.department
    if department is not None:
        return [("department", department)]
    return _places(pack, role) or [("", "")]


def _named(place: tuple[str, str], pack: Pack, offices: dict[str, Office]) -> dict[str, str]:
    kind, key = place
    if kind == DEPARTMENT and key in pack.departments:
        department = pack.departments[key]
        note = _("sees every case of the policy") if department.is_service else ""
        return {"title": words(dict(department.title)), "icon": "building-2", "note": note}
    if kind == OFFICE and key in pack.offices:
        tz = offices[key].tz if key in offices else ""
        return {"title": words(dict(pack.offices[key].title)), "icon": "map-pin", "note": tz}
    return {"title": key or _("Of no single department"), "icon": "users", "note": ""}


def _tree(pack: Pack, held: dict[str, list[Membership]], gone: dict[int, Away]) -> list[Node]:
    """Return the roles of one place, each under its boss where that is there, too."""
    nodes: dict[str, Node] = {}
    for key, rows in held.items():
        role = pack.roles[key]
        people = {row.person_id: (row.person, gone.get(row.person_id)) for row in rows}
        boss = pack.roles.get(role.boss or "") if role.boss not in held else None
        nodes[key] = Node(role=role, boss=boss, people=list(people.values()))
    roots: list[Node] = []
    for node in nodes.values():
        above = nodes.get(node.role.boss or "")
        (roots if above is None or above is node else above.below).append(node)
    return roots
