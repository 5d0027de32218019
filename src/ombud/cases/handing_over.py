"""Handing over the open cases of somebody who leaves or has too much: a plan first, then what was seen is done."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from ombud.cases.access.assignees import department_key
from ombud.cases.access.kept_out import Door, admitting, doors_of
from ombud.cases.allotting import HANDED_OVER, actors_of, allot, can_be_given, first_code
from ombud.cases.bulk_sql import rows_of_cases
from ombud.cases.errors import CaseError, Forbidden, KeptOut, Refused, Stale
from ombud.cases.fold import folded_rows, program_of, seconds
from ombud.cases.models import Case, Duty, Event
from ombud.cases.projections import OWED
from ombud.engine import State, available_act
from ombud.engine.model import Actor
from ombud.engine.roles import place_of
from ombud.organisation.models import Office, Person
from ombud.organisation.staff import Roster, people
from ombud.organisation.standing_in import away
from ombud.policy.vocabulary import TAKE

MOST = 200  # cases handed over in one step
#: Why a case goes to nobody, beside the codes of refusals.
AWAY, KEPT_OUT, NO_COLLEAGUE, NOT_TAKEN, CHANGED = "away", "kept-out", "no-colleague", "not-taken", "changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOver:
    """One case and who is to get it, or got it; with nobody why."""

    case: Case
    to: Person | None
    why: str = ""


def open_cases(of: Person, reader: Person) -> QuerySet[Case]:
    """Return the open cases in somebody's hands, without those that keep the reader out, the oldest first."""
    return Case.objects.filter(admitting(reader, case="pk"), handler=of, closed_at=None).order_by("received_at", "pk")


def plan(of: Person, to: Person | None, *, reader: Person, now: datetime) -> list[HandedOver]:
    """Return to whom each of the oldest open cases would go: to that person, or shared out among colleagues by load."""
    cases = list(open_cases(of, reader)[:MOST])
    planning = _Planning(of, to, cases, now)
    return [planning.of_case(case) for case in cases]


def hand_over(
    wanted: Mapping[int, int], of: Person, *, by: Actor, reader: Person, reason: str, now: datetime
) -> list[HandedOver]:
    """Give each of these cases (Case.pk) to its person (Person.pk), one transaction each; return what came of it."""
    found = []
    known = Person.objects.filter(is_active=True).in_bulk(set(wanted.values()))
    for case in open_cases(of, reader).filter(pk__in=wanted)[:MOST]:
        to = known.get(wanted[case.pk])
        why = CHANGED if to is None else _give(case, to, of, by=by, reason=reason, now=now)
        found.append(HandedOver(case=case, to=None if why else to, why=why))
    return found


def _give(case: Case, to: Person, of: Person, *, by: Actor, reason: str, now: datetime) -> str:
    """Give a case to somebody in the first of their roles in which they may take it; return why not, if not."""
    why = NO_COLLEAGUE
    for actor in actors_of(to, program_of(case).pack, Roster(case.policy)):
        try:
            allot(case, actor, by=by, because=HANDED_OVER, held_by=of.pk, now=now, reason=reason)
        except Refused as refused:
            why = first_code(refused.refusals)
        except CaseError as error:
            return _WHY[type(error)]
        else:
            return ""
    return why


_WHY: Mapping[type[CaseError], str] = {KeptOut: KEPT_OUT, Stale: CHANGED, Forbidden: NOT_TAKEN}


class _Planning:
    """What a plan asks about all its cases at once."""

    def __init__(self, of: Person, to: Person | None, cases: list[Case], now: datetime) -> None:
        self.of, self.to, self.now = of, to, now
        keys = [case.pk for case in cases]
        self._rosters = {case.policy: Roster(case.policy) for case in cases}
        self._doors: Mapping[int, Door] = doors_of(keys)
        self._events: dict[int, list[Event]] = defaultdict(list)
        for row in rows_of_cases(Event, keys, order="seq") if keys else ():
            self._events[row.case_id].append(row)
        self._roles: dict[int, set[str]] = defaultdict(set)
        owed = Duty.objects.filter(case__in=keys, person=of, status__in=OWED).exclude(role="")
        for pk, role in owed.values_list("case", "role"):
            self._roles[pk].add(role)
        self._offices = dict(Office.objects.values_list("pk", "key"))
        held = {holding.person for roster in self._rosters.values() for holding in roster.holdings}
        self._people = {each.pk: each for each in people(held).values()}
        rows = Case.objects.filter(handler__in=self._people, closed_at=None).values_list("handler", flat=True)
        self._load = Counter(pk for pk in rows if pk is not None)
        self._away = {policy: away(self._people, policy, now=now) for policy in self._rosters}

    def of_case(self, case: Case) -> HandedOver:
        """Return who would get a case."""
        if not can_be_given(program_of(case).pack, case.procedure):
            return HandedOver(case=case, to=None, why=NOT_TAKEN)
        why, state = NO_COLLEAGUE, folded_rows(case, self._events[case.pk], None)
        for person in [self.to] if self.to else self._colleagues(case):
            why = self._problem(case, state, person)
            if not why:
                self._load[person.pk] += 1
                return HandedOver(case=case, to=person)
        return HandedOver(case=case, to=None, why=why)

    def _colleagues(self, case: Case) -> Iterable[Person]:
        """Return who holds for the case what its handler holds, whoever has the fewest open cases first."""
        pack, roster = program_of(case).pack, self._rosters[case.policy]
        mine = {each.role for each in (*roster.holdings, *roster.gone) if each.person == self.of.key}
        roles = (self._roles[case.pk] & mine) or mine
        department, office = department_key(case.department_id), self._offices.get(case.office_id or 0)
        keys = {
            key for role in roles for key in roster.holders(role, *place_of(pack, role, department, office))
        }  # fmt: skip
        found = [each for each in self._people.values() if each.key in keys and each.pk != self.of.pk]
        return sorted(found, key=lambda person: (self._load[person.pk], person.pk))

    def _problem(self, case: Case, state: State, person: Person) -> str:
        """Return why somebody cannot have a case; nothing where they can."""
        if person.pk in self._away[case.policy]:
            return AWAY
        if not self._doors[case.pk].admits(person.pk):
            return KEPT_OUT
        roster, why = self._rosters[case.policy], NO_COLLEAGUE
        for actor in actors_of(person, program_of(case).pack, roster):
            offer = available_act(state, TAKE, actor, seconds(self.now), roster)
            if not offer.blocked:
                return ""
            why = first_code(offer.blocked)
        return why
