"""The packs that pages lean on: which apply, who may receive under them, which grades are worth a pill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from django.utils.translation import gettext as _

from ombud.cases.models import Case
from ombud.engine.model import Actor
from ombud.organisation import publishing, staff
from ombud.organisation.library import hash_of
from ombud.organisation.library import pack as load
from ombud.organisation.models import MANAGER, Membership, Person, PolicyVersion, words
from ombud.policy.model.limits import Limit
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.tables import Table
from ombud.policy.vocabulary import RECEIVE, STAFF
from ombud.texts import Text


def pack_of(case: Case) -> Pack:
    """Return the pack that a case runs under."""
    return load(hash_of(case.policy_version_id))


def name_of(case: Case, pack: Pack, subject: str) -> str:
    """Return what pages call a case: its subject, or that it was erased; a matter by its procedure first.

    A matter that has no subject is told by its office or department from those of others.
    """
    if not subject and case.complainant is not None and case.complainant.erased_at is not None:
        subject = _("Erased")
    if case.procedure == MAIN:
        return subject
    title = words(dict(pack.procedures[case.procedure].title))
    told = subject or str(case.office or case.department or "")
    return f"{title} \u00b7 {told}" if told else title


def in_force(*, now: datetime) -> list[tuple[PolicyVersion, Pack]]:
    """Return every policy in force with its pack."""
    return [(version, load(version.hash)) for version in publishing.policies_in_force(now=now)]


def visible(reader: Person, *, now: datetime) -> list[tuple[PolicyVersion, Pack]]:
    """Return the policies in force that the reader works under; who oversees the organisation works under all."""
    held = staff.held_by(reader, now=now)
    roles = held.own.keys() | {policy for lent in held.lent.values() for policy in lent}
    return [each for each in in_force(now=now) if "" in roles or each[0].policy in roles]


def own_roles(reader: Person) -> set[str]:
    """Return the roles of the organisation itself that the person holds."""
    return set(Membership.objects.filter(person=reader, policy="").values_list("role", flat=True))


def can_receive(holdings: Mapping[str, tuple[staff.Holding, ...]], pack: Pack) -> list[staff.Holding]:
    """Return the memberships by which a person may receive a complaint under the pack."""
    allowed = pack.main.acts[RECEIVE].by
    return [each for each in holdings.get(pack.id, ()) if each.role in allowed or STAFF in allowed]


def receivers(reader: Person, held: staff.Held, pack: Pack) -> list[Actor]:
    """Return as whom a person may receive a complaint under the pack: in their own roles, then in those lent."""
    mine: list[tuple[str | None, staff.Holding]] = [(None, each) for each in can_receive(held.own, pack)]
    lent = [(key, each) for key, theirs in held.lent.items() for each in can_receive(theirs, pack)]
    return [
        Actor(person=reader.key, role=each.role, department=each.department, office=each.office, behalf=behalf)
        for behalf, each in (*mine, *lent)
    ]


def receivable(reader: Person, *, now: datetime) -> list[tuple[PolicyVersion, Pack]]:
    """Return the policies in force under which the person may receive a complaint."""
    held = staff.held_by(reader, now=now)
    return [each for each in in_force(now=now) if receivers(reader, held, each[1])]


def serves(holdings: Mapping[str, tuple[staff.Holding, ...]], pack: Pack) -> bool:
    """Return whether a person works in the service department of the policy."""
    serving = {id for id, department in pack.departments.items() if department.is_service}
    held = [(each, pack.roles[each.role]) for each in holdings.get(pack.id, ()) if each.role in pack.roles]
    return any((each.department or role.department) in serving for each, role in held if not role.is_external)


def matter_kinds(known: Iterable[Pack]) -> dict[str, str]:
    """Return the procedures that some act opens, with their titles; periodic ones have a calendar of their own."""
    return {
        id: words(dict(pack.procedures[id].title))
        for pack in known
        for id in pack.procedures
        if id != MAIN and id not in {each.procedure for each in pack.periodic.values()}
    }


def is_manager(reader: Person) -> bool:
    """Return whether the person manages the complaints of the whole organisation."""
    return MANAGER in own_roles(reader)


def shown_tables(pack: Pack) -> tuple[Table, ...]:
    """Return the tables whose outputs people watch for: those that limits hang on, and those that these read."""
    return _shown_tables(pack.hash)


@lru_cache(maxsize=64)
def _shown_tables(pack_hash: str) -> tuple[Table, ...]:
    pack = load(pack_hash)
    by = {name for duty in pack.main.duties.values() for name in _by(duty.limit)}
    read = {name for table in pack.tables.values() if table.id in by for name in table.inputs}
    return tuple(table for table in pack.tables.values() if table.id in by | read)


def _by(limit: Limit | None) -> set[str]:
    if limit is None:
        return set()
    inner = {name for each in limit.cases.values() for name in _by(each)}
    return {limit.by} | inner if limit.by else inner


def pills(pack: Pack, grades: Mapping[str, str]) -> list[tuple[str, Text]]:
    """Return tone and title of the grades that stand out; the mildest output of a table does not."""
    found: dict[str, tuple[str, Text]] = {}
    for table in shown_tables(pack):
        value, outputs = str(grades.get(table.id, "")), list(table.of)
        rank = outputs.index(value) if value in table.of else 0
        if rank and value not in found:
            is_gravest = rank == len(outputs) - 1 and table.hit == "max"
            found[value] = ("bad" if is_gravest else "warn", table.of[value])
    return list(found.values())
