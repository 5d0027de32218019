"""What somebody may do and see, and why: each permission with the role that gives it and the clause behind that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.organisation.models import ADMINISTRATOR, AUDITOR, MANAGER, POLICY_OWNER, Membership, words
from ombud.organisation.own_roles import title_of
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN, Procedure
from ombud.policy.vocabulary import HANDLER, STAFF
from ombud.texts import Text, same

#: What the organisation's own roles let somebody do; the program gives these, no policy.
OWN: Mapping[str, tuple[str | Promise, ...]] = {
    MANAGER: (
        gettext_lazy("See every case of every policy"),
        gettext_lazy("Decide on erasures, legal holds and who is kept out of a case"),
        gettext_lazy("Hand cases over, choose how they are given out, plan every rota"),
        gettext_lazy("Enter exchange rates and decide on calendars"),
    ),
    AUDITOR: (
        gettext_lazy("Read every case, personal data masked; looking behind the mask wants a reason and is logged"),
        gettext_lazy("Read proof, distribution, people and the log of looks"),
    ),
    ADMINISTRATOR: (
        gettext_lazy("Add people, give and take roles, set up accounts and connections; sees no case by this role"),
        gettext_lazy("Hand cases over, choose how they are given out, plan every rota"),
    ),
    POLICY_OWNER: (gettext_lazy("Draft, check and publish policies, after the approval of somebody else"),),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Permission:
    """One thing that somebody may do, and the clauses that say so."""

    title: Text
    cite: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Granted:
    """What one role gives."""

    held: Membership
    role: Text
    pack: Pack | None  # none: of the organisation itself
    sees: str
    cite: tuple[str, ...] = ()  # of the role
    groups: list[tuple[str, list[Permission]]] = field(default_factory=list)


def granted(held: Iterable[Membership], known: Mapping[str, Pack]) -> list[Granted]:
    """Return what each of these roles gives."""
    return [_of_pack(row, known[row.policy]) if row.policy in known else _own(row) for row in held]


def _own(row: Membership) -> Granted:
    may = [] if row.policy else [Permission(title=same(str(each))) for each in OWN.get(row.role, ())]
    sees = _("This policy is not in force.") if row.policy else ""
    groups = [(_("By the organisation, no policy"), may)] if may else []
    return Granted(held=row, role=same(title_of(row.role)), pack=None, sees=sees, groups=groups)


def _of_pack(row: Membership, pack: Pack) -> Granted:
    role = pack.roles.get(row.role)
    if role is None:
        return Granted(held=row, role=same(row.role), pack=pack, sees=_("The policy has no such role any more."))
    groups = [
        (str(label), found)
        for procedure in pack.procedures.values()
        for label, found in _groups(pack, procedure, row.role)
        if found and not role.is_external
    ]
    return Granted(held=row, role=role.title, pack=pack, cite=role.cite, sees=_sees(row, pack), groups=groups)


def _groups(pack: Pack, procedure: Procedure, role: str) -> Iterable[tuple[str, list[Permission]]]:
    """Yield what the role may do in one procedure: acts, those of whoever has the case, and approvals."""
    name = "" if procedure.id == MAIN else words(dict(procedure.title))
    acts = procedure.acts.values()
    yield name or _("May do"), [Permission(title=act.title, cite=act.cite) for act in acts if _by(act.by, role)]
    own = [act for act in acts if HANDLER in act.by and not _by(act.by, role)]
    if procedure.id == MAIN:
        yield _("May do where the case is theirs"), [Permission(title=act.title, cite=act.cite) for act in own]
    chains = [chain for chain in procedure.chains.values() if any(stage.role == role for stage in chain.stages)]
    label = _("Approves: {procedure}").format(procedure=name) if name else _("Approves")
    yield label, [Permission(title=chain.title, cite=chain.cite) for chain in chains]


def _by(by: Iterable[str], role: str) -> bool:
    return bool({role, STAFF} & set(by))


def _sees(row: Membership, pack: Pack) -> str:
    """Return which cases the role shows."""
    role = pack.roles[row.role]
    if role.is_external:
        return _("Stands for somebody outside: sees nothing here.")
    place = (row.department.key if row.department is not None else None) or role.department
    if (place in pack.departments and pack.departments[place or ""].is_service) or role.boss is None:
        return _("Sees every case of the policy")
    if row.office is not None:
        return _("Sees the cases of the office {office} in which the role has a part").format(office=row.office)
    if place in pack.departments:
        named = words(dict(pack.departments[place or ""].title))
        return _("Sees the cases that {department} has or had").format(department=named)
    return _("Sees the cases in which the role has a part")
