"""Who holds which role: the engine's Staff over memberships, and whom an empty role falls to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from ombud.engine.model import Actor
from ombud.engine.roles import escalate, place_of
from ombud.organisation.models import AUDITOR, MANAGER, Membership, Person, TrainingRecord
from ombud.organisation.round_trips import Question, ask
from ombud.policy.model.pack import Pack


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """One membership, as plain values."""

    person: str  # Person.key
    role: str
    department: str | None  # key
    department_id: int | None
    office: str | None
    office_id: int | None
    is_active: bool  # may sign in: whoever may not holds nothing, and what they owed falls to others

    def actor(self, pack: Pack) -> Actor:
        """Return the person as they act in this role of the policy: of a role's own department, where it has one."""
        place = self.department or pack.roles[self.role].department
        return Actor(person=self.person, role=self.role, department=place, office=self.office)


# Every complaint, act and page asks: one plain statement instead of three tables' worth of instances.
_HELD = (
    "SELECT m.policy, m.person_id, m.role, d.key, m.department_id, o.key, m.office_id, p.is_active"
    " FROM organisation_membership m"
    " JOIN organisation_person p ON p.id = m.person_id LEFT JOIN organisation_department d ON d.id = m.department_id"
    " LEFT JOIN organisation_office o ON o.id = m.office_id WHERE {where} ORDER BY m.id"
)
_OF_POLICY, _OF_PERSON = _HELD.format(where="m.policy = %s"), _HELD.format(where="m.person_id = %s")
# Their own, and what those hold whose deputy they are now: each under the key of the person who holds it. The roles of
# the organisation itself are nobody's to lend.
_LENT = (
    "SELECT m.policy, m.person_id, m.role, d.key, m.department_id, o.key, m.office_id, p.is_active, {whole}, m.id"
    " FROM {begin} JOIN organisation_person p ON p.id = m.person_id"
    " LEFT JOIN organisation_department d ON d.id = m.department_id"
    " LEFT JOIN organisation_office o ON o.id = m.office_id WHERE {where}"
)
_OF_PERSON_AND_LENT = (
    " UNION ALL ".join(
        [
            _LENT.format(whole="1", begin="organisation_membership m", where="m.person_id = %s"),
            _LENT.format(
                whole="CASE WHEN x.role = '' THEN 1 ELSE 0 END",
                begin=(
                    "organisation_deputy x JOIN organisation_absence a ON a.id = x.absence_id"
                    " JOIN organisation_membership m ON m.person_id = a.person_id AND m.policy <> ''"
                    " AND (x.role = '' OR (x.policy = m.policy AND x.role = m.role))"
                ),
                where="x.person_id = %s AND a.starts_at <= %s AND a.ends_at > %s AND p.is_active",
            ),
        ]
    )
    + " ORDER BY 10"
)


def _asking(sql: str, param: str | int) -> Question[list[tuple[str, Holding]]]:
    """Return the question for (policy, membership) of each row that the statement finds."""
    return Question(sql=sql, params=[param], read=_holdings)


def _holdings(rows: list[tuple[Any, ...]]) -> list[tuple[str, Holding]]:
    return [
        (
            policy,
            Holding(
                person=f"p{person}",
                role=role,
                department=department,
                department_id=department_id,
                office=office,
                office_id=office_id,
                is_active=bool(is_active),
            ),
        )
        for policy, person, role, department, department_id, office, office_id, is_active, *_rest in rows
    ]


class Roster:
    """The engine's Staff for one policy; read from the database once, when first asked."""

    def __init__(self, policy: str) -> None:
        self.policy = policy

    @cached_property
    def _all(self) -> tuple[Holding, ...]:
        return tuple(holding for _policy, holding in ask(_asking(_OF_POLICY, self.policy)))

    @property
    def holdings(self) -> tuple[Holding, ...]:
        return tuple(holding for holding in self._all if holding.is_active)

    @property
    def gone(self) -> tuple[Holding, ...]:
        """Return the memberships of people who may no longer sign in."""
        return tuple(holding for holding in self._all if not holding.is_active)

    @cached_property
    def _by_role(self) -> dict[str, list[Holding]]:
        found: dict[str, list[Holding]] = defaultdict(list)
        for holding in self.holdings:
            found[holding.role].append(holding)
        return found

    def holders(self, role: str, department: str | None, office: str | None) -> frozenset[str]:
        """Return the people who hold a role; a membership without department or office counts for all of them."""
        return frozenset(
            holding.person
            for holding in self._by_role.get(role, ())
            if _fits(holding.department, department) and _fits(holding.office, office)
        )

    def outsiders(self, role: str, office: str | None) -> frozenset[str]:
        """Return who stands for a role outside the organisation; who is of another office is not meant."""
        held = self._by_role.get(role, ())
        return frozenset(holding.person for holding in held if holding.office in (None, office))

    @cached_property
    def _passed(self) -> dict[tuple[str, str], list[TrainingRecord]]:
        found: dict[tuple[str, str], list[TrainingRecord]] = defaultdict(list)
        for row in TrainingRecord.objects.filter(policy=self.policy):
            found[f"p{row.person_id}", row.exam].append(row)
        return found

    def is_qualified(self, person: str, exam: str, at: int) -> bool:
        """Return whether somebody had passed an exam by then, and it still held."""
        instant = datetime.fromtimestamp(at, UTC)
        day = timezone.localdate(instant, timezone.get_default_timezone())
        return any(
            row.passed_on <= day
            and (row.valid_until is None or day <= row.valid_until)
            and (row.revoked_at is None or instant < row.revoked_at)
            for row in self._passed.get((person, exam), ())
        )

    def effective(
        self, pack: Pack, role: str, department: str | None, office: str | None
    ) -> tuple[str, str | None, frozenset[str]]:
        """Return (role, department, people) that a duty of this role falls to: an empty role's boss, upward.

        Where nobody is found up to the top the people are empty.
        """
        found = escalate(pack, role, lambda here: self.holders(here, *place_of(pack, here, department, office)))
        place = place_of(pack, found or role, department, office)
        people = self.holders(found, *place) if found else frozenset[str]()
        return found or role, place.department, people


def _fits(held: str | None, wanted: str | None) -> bool:
    return held is None or wanted is None or held == wanted


Holdings = dict[str, tuple[Holding, ...]]  # by policy; the organisation's own roles under the empty policy


def holdings_of(person: Person) -> Holdings:
    """Return the person's memberships."""
    return ask(asking_holdings(person))


def asking_holdings(person: Person) -> Question[Holdings]:
    """Return the question for `holdings_of`."""

    def read(rows: list[tuple[Any, ...]]) -> Holdings:
        found: dict[str, list[Holding]] = defaultdict(list)
        for policy, holding in _holdings(rows):
            found[policy].append(holding)
        return {policy: tuple(each) for policy, each in found.items()}

    return Question(sql=_OF_PERSON, params=[person.pk], read=read)


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What a person holds, and what others hold in whose place they stand now."""

    own: Holdings
    lent: Mapping[str, Holdings]  # by the key of the absent person
    whole: frozenset[str]  # for which of them the person stands in all their roles


def held_by(person: Person, *, now: datetime) -> Held:
    """Return the person's memberships and those that they stand in for, in one question."""

    def read(rows: list[tuple[Any, ...]]) -> Held:
        found: dict[str, dict[str, list[Holding]]] = defaultdict(lambda: defaultdict(list))
        for policy, holding in _holdings(rows):
            found[holding.person][policy].append(holding)
        held = {key: {policy: tuple(each) for policy, each in mine.items()} for key, mine in found.items()}
        return Held(own=held.pop(person.key, {}), lent=held, whole=frozenset(f"p{row[1]}" for row in rows if row[8]))

    at = connection.ops.adapt_datetimefield_value(now)
    return ask(Question(sql=_OF_PERSON_AND_LENT, params=[person.pk, person.pk, at, at], read=read))


def is_manager(holdings: Iterable[Holding]) -> bool:
    return any(holding.role == MANAGER for holding in holdings)


def is_auditor(holdings: Iterable[Holding]) -> bool:
    return any(holding.role == AUDITOR for holding in holdings)


def managers() -> QuerySet[Person]:
    """Return the complaint managers who may sign in, each once."""
    held = Membership.objects.filter(policy="", role=MANAGER)
    return Person.objects.filter(pk__in=held.values("person"), is_active=True)


def people(keys: Iterable[str]) -> dict[str, Person]:
    """Return the people behind the keys; keys of the machine and of complainants have none."""
    ids = {int(key[1:]) for key in keys if key[:1] == "p" and key[1:].isdecimal()}
    return {person.key: person for person in Person.objects.filter(pk__in=ids)} if ids else {}


def person_id(key: str | None) -> int | None:
    """Return the Person.pk that a key names, or None."""
    return int(key[1:]) if key and key[:1] == "p" and key[1:].isdecimal() else None
