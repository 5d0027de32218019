"""Whom an overview speaks to: a head of their own unit first, and of their own work whoever leads nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from ombud.cases.access import assignees
from ombud.cases.access.permissions import Permissions
from ombud.insight.load import AHEAD, OVERDUE, Load
from ombud.insight.scopes import Scope
from ombud.organisation.models import Department, Office
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import DEPARTMENT, OFFICE
from ombud.workbench.counted_duties import due_href
from ombud.workbench.figures import ALL, BY, WHOSE, Asked
from ombud.workbench.overview_tiles import Tile, tiles

HANDLED = ("open", "overdue", "closed", "on_time", "closing_days", "satisfied")


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnWork:
    """What one person owes under the policy, and how the complaints that they handle go."""

    overdue: int
    today: int
    ahead: int  # within the coming days, today's too
    handled: list[Tile]  # empty: they handle none
    overdue_href: str
    today_href: str
    ahead_href: str


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """One choice of whose figures are shown."""

    label: str
    address: str
    is_here: bool


def leads_nobody(reader: Permissions, pack: Pack) -> bool:
    """Return whether the person works under the policy, and nobody answers to them."""
    mine = reader.policies.get(pack.id)
    if mine is None or not mine.actors or reader.sees_all:
        return False
    return not any(_is_boss(pack, each.role) for each in mine.actors)


def unit_of(reader: Permissions, pack: Pack) -> dict[str, str]:
    """Return what narrows an address to the department or office that the person leads.

    Empty for who leads none, and for who answers for the whole policy.
    """
    mine = reader.policies.get(pack.id)
    if mine is None or mine.is_full or reader.sees_all:
        return {}
    for each in mine.actors:
        if not _is_boss(pack, each.role):
            continue
        office = assignees.office_id(each.office) if pack.roles[each.role].of == OFFICE else None
        department = None if office else assignees.department_id(pack.id, each.department)
        if office or department:
            return {OFFICE: str(office)} if office else {DEPARTMENT: str(department)}
    return {}


def is_usual(query: Mapping[str, str]) -> bool:
    """Return whether the address leaves open whose figures are meant."""
    return not any(name in (DEPARTMENT, OFFICE, WHOSE) or name.startswith(BY) for name in query)


def views(wanted: Asked, unit: Mapping[str, str]) -> list[View]:
    """Return the choices of whose figures are shown, for who leads a unit; each keeps policy and span."""
    if not unit:
        return []
    (name, pk), rest = (
        next(iter(unit.items())),
        {k: v for k, v in wanted.query.items() if k not in (DEPARTMENT, OFFICE)},
    )
    model = Office if name == OFFICE else Department
    whole = Asked(pack=wanted.pack, name=wanted.name, span=wanted.span, only=wanted.only, query=rest)
    is_here = wanted.query.get(name) == pk
    return [
        View(label=str(model._default_manager.get(pk=pk)), address=whole.with_(name, pk), is_here=is_here),
        View(label=_("All that I may see"), address=f"{whole.address}&{WHOSE}={ALL}", is_here=not is_here),
    ]


def own_work(wanted: Asked, scope: Scope, ahead: Load, now: datetime) -> OwnWork:
    """Return what the reader owes and handles under the policy."""
    assert scope.reader is not None, "people look at pages"
    handled = tiles(HANDLED, wanted, scope, now, handler=str(scope.reader.person.pk))
    return OwnWork(
        overdue=ahead.overdue,
        overdue_href=due_href(wanted, OVERDUE, is_own=True),
        today=ahead.days[0][1],
        today_href=due_href(wanted, ahead.days[0][0].isoformat(), is_own=True),
        ahead=sum(number for _day, number in ahead.days),
        ahead_href=due_href(wanted, AHEAD, is_own=True),
        handled=handled if any(each.figure.of or each.figure.value for each in handled) else [],
    )


def _is_boss(pack: Pack, role: str) -> bool:
    return any(each.boss == role for each in pack.roles.values())
