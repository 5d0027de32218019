"""Gives out what came in for a role, where a policy's role is set so: each case to one of those who hold the role.

Whoever is away, was taken out of the case, or may not take it under the policy is passed over. Where nobody is left the
case stays everybody's, and `Ungiven` says why; it is tried again after every event of the case, and now and then.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from ombud.cases.access.assignees import department_key
from ombud.cases.allotting import actors_of, allot, can_be_given, first_code
from ombud.cases.errors import Forbidden, KeptOut, Refused, Stale
from ombud.cases.fold import program_of
from ombud.cases.models import Case, Duty
from ombud.clock.fitting import Fit, fit_of
from ombud.clock.models import Turn as TurnRow
from ombud.clock.models import Ungiven
from ombud.clock.ruled import let_go, versions_with_rules
from ombud.engine.distribution import Turn, in_turn
from ombud.engine.model import CLOCK_ACTOR
from ombud.engine.roles import place_of
from ombud.organisation.distributions import Distribution
from ombud.organisation.models import Office, Person
from ombud.organisation.staff import Roster, people
from ombud.organisation.standing_in import away

log = logging.getLogger(__name__)

BATCH = 50
AGAIN = timedelta(minutes=5)
AWAY, KEPT_OUT = "away", "kept-out"  # why somebody was passed over, beside the codes of refusals


def distribute(*, now: datetime) -> int:
    """Give out what waits for somebody, and return how many cases that were."""
    given, versions = 0, versions_with_rules()
    for setting in Distribution.objects.order_by("pk"):
        for case in list(let_go(_waiting(setting, now), versions)[:BATCH]):
            try:
                given += _give(case, setting, now)
            except Exception:  # one case that cannot be given must not hold up the others
                log.exception("case %s could not be given to anybody", case.pk)
    return given


def ungiven() -> QuerySet[Ungiven]:
    """Return what could be given to nobody and still waits, in roles that are given out or by rule of the policy."""
    setting = Distribution.objects.filter(policy=OuterRef("case__policy"), role=OuterRef("role"))
    return Ungiven.objects.filter(Exists(setting) | ~Q(rule=""), case__handler=None, case__closed_at=None)


def tidy(*, now: datetime) -> int:
    """Forget of what was taken or is over why it could be given to nobody."""
    return Ungiven.objects.filter(~Q(case__handler=None) | ~Q(case__closed_at=None), tried_at__lt=now).delete()[0]


def _waiting(setting: Distribution, now: datetime) -> QuerySet[Case]:
    """Return the open cases that nobody handles and on which the role owes something, the oldest first."""
    others = Distribution.objects.filter(policy=setting.policy).exclude(pk=setting.pk).values("role")
    # Where several roles owe something it is for the one that the case went on to last.
    later = shared().filter(case=OuterRef("case"), role__in=others, opened_seq__gt=OuterRef("opened_seq"))
    owed = shared().filter(~Exists(later), case=OuterRef("pk"), role=setting.role)
    tried = Ungiven.objects.filter(
        case=OuterRef("pk"), role=setting.role, seq=OuterRef("seq"), tried_at__gt=now - AGAIN
    )
    rows = Case.objects.filter(Exists(owed), ~Exists(tried), policy=setting.policy, handler=None, closed_at=None)
    return rows.order_by("received_at", "pk")


def shared() -> QuerySet[Duty]:
    """Return what a role owes and nobody by name, without what has to wait for others first.

    Nor a stage of an approval: that is decided by whoever of the role comes to it, and makes nobody the handler.
    """
    owed = Duty.objects.filter(person=None, status=Duty.Status.OPEN, is_outsiders=False)
    return owed.exclude(waits=True).exclude(duty__contains=".")


def _give(case: Case, setting: Distribution, now: datetime) -> int:
    """Give a case to the first who can have it, and return whether anybody could."""
    with transaction.atomic():
        # Clocks wait for each other here: two of them never take the same person for the next.
        if not Distribution.objects.select_for_update().filter(pk=setting.pk, way=setting.way).exists():
            return 0
        passed_over: list[tuple[int, str]] = []
        there = present(case, setting.role, now, passed_over)
        is_by_skill, is_by_load = setting.way == Distribution.Way.BY_SKILL, setting.way == Distribution.Way.BY_LOAD
        fit = fit_of(case, there) if is_by_skill else Fit(asked=(), had={})
        order = in_turn(turns(there, case.policy, setting.role, fit, is_by_load=is_by_skill or is_by_load))
        more = {pk: fit.said_of(pk) for pk in order}
        people = [there[pk] for pk in order]
        try:
            taker = offer(
                case, setting.role, people, because=setting.way, more=more, passed_over=passed_over, now=now
            )  # fmt: skip
        except Stale:  # somebody has it meanwhile
            return 0
        if taker is not None:
            note_turn(case.policy, setting.role, taker)
            Ungiven.objects.filter(case=case).delete()
            return 1
        known = {"role": setting.role, "rule": "", "seq": case.seq, "passed_over": passed_over, "tried_at": now}
        Ungiven.objects.update_or_create(case=case, defaults=known)
        return 0


def offer(
    case: Case,
    role: str,
    people: Iterable[Person],
    *,
    because: str,
    more: Mapping[int, Mapping[str, Any]],
    passed_over: list[tuple[int, str]],
    now: datetime,
) -> Person | None:
    """Give a case to the first of these holders of a role who can have it; return them, or None.

    Who cannot is added to `passed_over`, with why. Raises Stale where somebody has it meanwhile.
    """
    pack, roster = program_of(case).pack, Roster(case.policy)
    for person in people:
        actor = actors_of(person, pack, roster, first=role)[0]
        try:
            allot(case, actor, by=CLOCK_ACTOR, because=because, held_by=None, now=now, more=more[person.pk])
        except KeptOut:
            passed_over.append((person.pk, KEPT_OUT))
        except Refused as refused:
            passed_over.append((person.pk, first_code(refused.refusals)))
        except Forbidden:  # of an erased complainant's case nothing can be said any more
            return None
        else:
            return person
    return None


def note_turn(policy: str, role: str, person: Person) -> None:
    """Let everybody else of the role come before this person."""
    rows = TurnRow.objects.filter(policy=policy, role=role)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    TurnRow.objects.update_or_create(policy=policy, role=role, person=person, defaults={"number": number})


def present(case: Case, role: str, now: datetime, passed_over: list[tuple[int, str]]) -> dict[int, Person]:
    """Return who holds a role for the case and is not away; who is, is added to `passed_over`."""
    pack = program_of(case).pack
    if not can_be_given(pack, case.procedure):
        return {}
    office = Office.objects.filter(pk=case.office_id or 0).values_list("key", flat=True).first()
    place = place_of(pack, role, department_key(case.department_id), office)
    found = {each.pk: each for each in people(Roster(case.policy).holders(role, *place)).values()}
    gone = away(found, case.policy, now=now)
    passed_over += [(pk, AWAY) for pk in sorted(gone)]
    return {pk: person for pk, person in sorted(found.items()) if pk not in gone}


def turns(
    there: Collection[int], policy: str, role: str, fit: Fit, *, on: Collection[int] = (), is_by_load: bool = True
) -> Iterator[tuple[Turn, int]]:
    """Yield when each person's turn is; `on` are those whose shift it is."""
    last = dict(TurnRow.objects.filter(policy=policy, role=role).values_list("person", "number"))
    load = load_of(there) if is_by_load else {}
    for pk in sorted(there):
        yield Turn(len(fit.asked) - fit.number(pk), pk not in on, load.get(pk, 0), last.get(pk, 0)), pk


def load_of(there: Collection[int]) -> dict[int, int]:
    """Return how many open cases each of these people has, under whatever policy."""
    rows = Case.objects.filter(handler__in=there, closed_at=None).values("handler")
    return dict(rows.annotate(number=Count("pk")).values_list("handler", "number"))
