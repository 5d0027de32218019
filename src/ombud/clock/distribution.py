"""Gives out what came in for a role, where a policy's role is set so: each case to one of those who hold the role.

Whoever is away, was taken out of the case, or may not take it under the policy is passed over. Where nobody is left the
case stays everybody's, and `Ungiven` says why; it is tried again after every event of the case, and now and then.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from ombud.cases.access.assignees import department_key
from ombud.cases.allotting import actors_of, allot, can_be_given, first_code
from ombud.cases.errors import Forbidden, KeptOut, Refused, Stale
from ombud.cases.fold import program_of
from ombud.cases.models import Case, Duty
from ombud.clock.fitting import Fit, fit_of
from ombud.clock.models import Turn, Ungiven
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
    given = 0
    for setting in Distribution.objects.order_by("pk"):
        for case in list(_waiting(setting, now)[:BATCH]):
            try:
                given += _give(case, setting, now)
            except Exception:  # one case that cannot be given must not hold up the others
                log.exception("case %s could not be given to anybody", case.pk)
    return given


def ungiven() -> QuerySet[Ungiven]:
    """Return what could be given to nobody and still waits, in roles that are given out."""
    setting = Distribution.objects.filter(policy=OuterRef("case__policy"), role=OuterRef("role"))
    return Ungiven.objects.filter(Exists(setting), case__handler=None, case__closed_at=None)


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
        in_order, fit = _in_order(case, setting, now, passed_over)
        for person in in_order:
            actor = actors_of(person, program_of(case).pack, Roster(case.policy), first=setting.role)[0]
            try:
                more = fit.said_of(person.pk)
                allot(case, actor, by=CLOCK_ACTOR, because=setting.way, held_by=None, now=now, more=more)
            except KeptOut:
                passed_over.append((person.pk, KEPT_OUT))
            except Refused as refused:
                passed_over.append((person.pk, first_code(refused.refusals)))
            except Stale:  # somebody has it meanwhile
                return 0
            except Forbidden:  # of an erased complainant's case nothing can be said any more
                break
            else:
                note_turn(case.policy, setting.role, person)
                Ungiven.objects.filter(case=case).delete()
                return 1
        known = {"role": setting.role, "seq": case.seq, "passed_over": passed_over, "tried_at": now}
        Ungiven.objects.update_or_create(case=case, defaults=known)
        return 0


def note_turn(policy: str, role: str, person: Person) -> None:
    """Let everybody else of the role come before this person."""
    turns = Turn.objects.filter(policy=policy, role=role)
    number = (turns.aggregate(last=Max("number"))["last"] or 0) + 1
    Turn.objects.update_or_create(policy=policy, role=role, person=person, defaults={"number": number})


def _in_order(
    case: Case, setting: Distribution, now: datetime, passed_over: list[tuple[int, str]]
) -> tuple[list[Person], Fit]:
    """Return who holds the role for the case, in the order in which they come; who is away is passed over."""
    pack = program_of(case).pack
    if not can_be_given(pack, case.procedure):
        return [], Fit(asked=(), had={})
    office = Office.objects.filter(pk=case.office_id or 0).values_list("key", flat=True).first()
    place = place_of(pack, setting.role, department_key(case.department_id), office)
    found = {each.pk: each for each in people(Roster(case.policy).holders(setting.role, *place)).values()}
    gone = away(found, case.policy, now=now)
    passed_over += [(pk, AWAY) for pk in sorted(gone)]
    there = [pk for pk in found if pk not in gone]
    is_by_skill = setting.way == Distribution.Way.BY_SKILL
    fit = fit_of(case, there) if is_by_skill else Fit(asked=(), had={})
    load = load_of(there) if is_by_skill or setting.way == Distribution.Way.BY_LOAD else {}
    return [found[pk] for pk in in_turn(there, case.policy, setting.role, fit, load)], fit


def in_turn(there: Collection[int], policy: str, role: str, fit: Fit, load: Mapping[int, int]) -> list[int]:
    """Return people in the order in which they come: who fits best, has the least, waited longest."""
    last = dict(Turn.objects.filter(policy=policy, role=role).values_list("person", "number"))
    return sorted(there, key=lambda pk: (-fit.number(pk), load.get(pk, 0), last.get(pk, 0), pk))


def load_of(there: Collection[int]) -> dict[int, int]:
    """Return how many open cases each of these people has, under whatever policy."""
    rows = Case.objects.filter(handler__in=there, closed_at=None).values("handler")
    return dict(rows.annotate(number=Count("pk")).values_list("handler", "number"))
