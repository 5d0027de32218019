"""A test complaint: one of the policy's own stories, lived through from receipt to acknowledgement, and taken back.

It goes through the same entrance and the same commands as a complaint of the portal, by the people who hold the roles
now. All of it happens in a transaction that is rolled back: nobody is written to, and no figure ever counts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ombud.cases.commands import perform
from ombud.cases.errors import CaseError, Refused
from ombud.cases.models import Case, Duty, Event, Outbox
from ombud.cases.outbox import LETTER
from ombud.channels import intake
from ombud.engine.model import Actor
from ombud.organisation import staff
from ombud.organisation.models import Change, Membership, Person, words
from ombud.organisation.staff import Roster
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import ACKNOWLEDGE, CHANNEL, COMPLAINANT, OWN_FACTS, RECEIVE, REGISTER, SYSTEM

KIND = "founding"  # what a test is written down as


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One act of the test: by whom, or why it could not be."""

    act: str
    by: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """One duty that the complaint opened, and who would owe it now."""

    title: str
    due_at: datetime | None
    role: str
    people: tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class Tried:
    """What came of a test."""

    story: str
    lines: list[Line] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)
    letters: int = 0

    @property
    def is_well(self) -> bool:
        """Return whether every act was done, and whatever is owed is somebody's."""
        return all(not line.problems for line in self.lines) and all(each.people for each in self.owed)


def was_made() -> bool:
    """Return whether a test went well once."""
    return Change.objects.filter(kind=KIND, content__is_well=True).exists()


def run(pack: Pack, *, by: Person, now: datetime) -> Tried | None:
    """Return what came of a test under a policy in force, written down; None where no story of it begins in the portal.

    Nothing else of it is left.
    """
    chosen = _story(pack)
    if chosen is None:
        return None
    title, log = chosen
    trial = Tried(story=title)
    with transaction.atomic():
        _live(trial, pack, log, now)
        transaction.set_rollback(True)
    content = {"version": pack.version, "is_well": trial.is_well}
    Change.objects.create(kind=KIND, key=f"test {pack.id}", content=content, by=by, at=now)
    return trial


def _story(pack: Pack) -> tuple[str, list[Mapping[str, Any]]] | None:
    """Return the policy's shortest way from the portal to an acknowledgement, else to the register."""
    found = []
    for scenario in pack.scenarios:
        log = list(scenario.story["log"])
        first, acts = log[0], [step["act"] for step in log]
        channel = pack.channels.get(first.get("data", {}).get(CHANNEL, ""))
        if first["act"] != RECEIVE or first["by"] != COMPLAINANT or channel is None or not channel.is_portal:
            continue
        if scenario.story.get("expect", {}).get("refused"):
            continue  # it shows what is not possible
        last = next((act for act in (ACKNOWLEDGE, REGISTER) if act in acts), RECEIVE)
        cut = acts.index(last) + 1
        found.append(((last != ACKNOWLEDGE, last != REGISTER, cut), words(dict(scenario.title)), log[:cut]))
    return min(found, key=lambda each: each[0])[1:] if found else None


def _live(trial: Tried, pack: Pack, log: list[Mapping[str, Any]], now: datetime) -> None:
    """Perform the acts of the story until one is refused, and note what is owed then."""
    said = dict(log[0].get("data", {}))
    channel, given = said[CHANNEL], {name: value for name, value in said.items() if name not in OWN_FACTS}
    language = next(iter(pack.title))
    try:
        received = intake.receive(pack.id, channel=channel, language=language, data=given, at=now, now=now)
    except CaseError as error:
        trial.lines.append(_line(pack, RECEIVE, "", error))
        return
    case = received.case
    trial.lines += [_line(pack, RECEIVE, _("a complainant")), *_by_themselves(pack, received.events)]
    for step in log[1:]:
        actor = _holder(pack, str(step["by"]), case)
        if actor is None:
            role = pack.roles.get(str(step["by"]))
            name = words(dict(role.title)) if role else str(step["by"])
            trial.lines.append(
                Line(act=_act(pack, step["act"]), problems=(_("Nobody holds the role {role}.").format(role=name),))
            )
            break
        try:
            done = perform(case, step["act"], actor=actor, at=now, now=now, data=dict(step.get("data", {})))
        except CaseError as error:
            trial.lines.append(_line(pack, step["act"], _name(actor), error))
            break
        case = done.case
        trial.lines += [_line(pack, step["act"], _name(actor)), *_by_themselves(pack, done.events)]
    trial.owed = list(_owed(pack, case))
    trial.letters = Outbox.objects.filter(case=case, kind=LETTER).count()


def _by_themselves(pack: Pack, events: Iterable[Event]) -> list[Line]:
    """Return the acts that the policy performed without anybody, such as an acceptance that is pushed."""
    return [_line(pack, each.act, _("by itself")) for each in events if each.actor == SYSTEM]


def _holder(pack: Pack, role: str, case: Case) -> Actor | None:
    """Return who holds a role now, of the case's own department and office before others."""
    held = Membership.objects.filter(policy=pack.id, role=role, person__is_active=True)
    found = [
        (row.department_id not in (None, case.department_id), row.office_id not in (None, case.office_id), row.pk, row)
        for row in held.select_related("person", "department", "office")
    ]
    if not found:
        return None
    row = min(found, key=lambda each: each[:3])[3]
    return Actor(
        person=row.person.key, role=role,
        department=row.department.key if row.department else None, office=row.office.key if row.office else None,
    )  # fmt: skip


def _name(actor: Actor) -> str:
    return str(staff.people([actor.person]).get(actor.person, ""))


def _line(pack: Pack, act: str, by: str, error: CaseError | None = None) -> Line:
    problems: tuple[str, ...] = ()
    if isinstance(error, Refused):
        problems = tuple(words(dict(each.message)) or each.code for each in error.refusals)
    elif error is not None:
        problems = (str(error),)
    return Line(act=_act(pack, act), by=by, problems=problems)


def _act(pack: Pack, act: str) -> str:
    return words(dict(pack.main.acts[act].title))


def _owed(pack: Pack, case: Case) -> Iterator[Owed]:
    """Yield the open duties, each with the people to whom it falls: those of the role, else its boss's."""
    roster = Roster(pack.id)
    rows = Duty.objects.filter(case=case, status=Duty.Status.OPEN).select_related("department", "office", "person")
    for row in rows.order_by("due_at", "id"):
        if row.is_outsiders or row.role not in pack.roles:
            continue
        place = (row.department.key if row.department else None, row.office.key if row.office else None)
        _role, _department, keys = roster.effective(pack, row.role, *place)
        names = {str(row.person)} if row.person else {str(each) for each in staff.people(keys).values()}
        title = words(dict(pack.main.duties[row.duty].title)) if row.duty in pack.main.duties else row.duty
        role = words(dict(pack.roles[row.role].title))
        yield Owed(title=title, due_at=row.due_at, role=role, people=tuple(sorted(names)))
