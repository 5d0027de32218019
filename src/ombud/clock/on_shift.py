"""What comes in during a shift goes to whoever is on it; where the policy lets none of them take it they are told.

The nearest rota asks first: one of the office and channel before one of everything. Where nobody is on shift the roles
of the policy have it, as without a rota. Given out is what came in since somebody was on last, and what those could not
take: what a gap left over finds the next shift, and a new rota does not pour out what had waited before it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from ombud.cases.access.kept_out import doors_of
from ombud.cases.access.permissions import may_see, permissions_of
from ombud.cases.allotting import ON_SHIFT, SHIFT, actors_of, allot, can_be_given
from ombud.cases.errors import Forbidden, KeptOut, Refused, Stale
from ombud.cases.fold import program_of
from ombud.cases.models import Case
from ombud.clock.distribution import AGAIN, note_turn, shared, turns
from ombud.clock.fitting import fit_of
from ombud.clock.models import ShiftTry
from ombud.clock.ruled import let_go, versions_with_rules
from ombud.engine.distribution import in_turn
from ombud.engine.model import CLOCK_ACTOR
from ombud.notices.alerts.asking import tell
from ombud.notices.models import Notice
from ombud.notices.staffing import fresh
from ombud.organisation.models import Person
from ombud.organisation.rotas import Rota
from ombud.organisation.shift_plan import BACK, Slot, about, active, running
from ombud.organisation.staff import Roster
from ombud.organisation.standing_in import away

log = logging.getLogger(__name__)

BATCH = 50


def give_out(*, now: datetime) -> int:
    """Give what came in to whoever is on shift, and return how many cases found somebody."""
    rotas = sorted(active(), key=_nearness)
    if not rotas:
        return 0
    slots, versions, given = about(rotas, now, back=BACK), versions_with_rules(), 0
    for rota in rotas:
        mine = [each for each in slots if each.rota.pk == rota.pk]
        there = [each for each in running(mine, now) if each.there]
        if not there:
            continue
        for case in list(let_go(_waiting(rota, since(mine, now), there, now), versions)[:BATCH]):
            try:
                given += _give(case, rota, there, now)
            except Exception:  # one case that cannot be given must not hold up the others
                log.exception("case %s could not be given to anybody on shift", case.pk)
    return given


def _nearness(rota: Rota) -> tuple[bool, bool, int]:
    return rota.office_id is None, not rota.channels, rota.pk


def since(slots: Iterable[Slot], now: datetime) -> datetime:
    """Return from when on what came in is for those on shift now: since the end of the shift before, if any."""
    staffed = [each for each in slots if each.there and each.starts_at <= now]
    began = min((each.starts_at for each in staffed if each.is_running(now)), default=now)
    return max((each.ends_at for each in staffed if each.ends_at <= began), default=began)


def _waiting(rota: Rota, since: datetime, there: Sequence[Slot], now: datetime) -> QuerySet[Case]:
    """Return the cases of a rota that came in and nobody handles, and on which a role owes something."""
    owed = shared().exclude(role="").filter(case=OuterRef("pk"))
    tried = ShiftTry.objects.filter(
        case=OuterRef("pk"),
        tried_at__gt=now - AGAIN,
        seq=OuterRef("seq"),
        shift__in=[each.shift.pk for each in there],
        day__in=[each.day for each in there],
    )
    left = Q(received_at__gte=since) | Exists(ShiftTry.objects.filter(case=OuterRef("pk")))  # by a shift before
    rows = Case.objects.filter(left, Exists(owed), ~Exists(tried), policy=rota.policy, handler=None, closed_at=None)
    rows = rows.exclude(channel="")  # what the clock opened came in from nobody
    if rota.office_id is not None:
        rows = rows.filter(office=rota.office_id)
    if rota.channels:
        rows = rows.filter(channel__in=rota.channels)
    return rows.order_by("received_at", "pk")


def _give(case: Case, rota: Rota, there: Sequence[Slot], now: datetime) -> int:
    """Give a case to the first on shift who can have it; tell those on shift where none can. Return whether given."""
    slot_of = {person.pk: slot for slot in there for person in slot.there}
    people = {person.pk: person for slot in there for person in slot.there}
    gone = away(people, case.policy, now=now)
    present = [pk for pk in people if pk not in gone]
    with transaction.atomic():
        # Clocks wait for each other here: two of them never take the same person for the next.
        Rota.objects.select_for_update().get(pk=rota.pk)
        turn = f"rota {rota.pk}"
        pack, roster = program_of(case).pack, Roster(case.policy)
        fit = fit_of(case, present)
        order = in_turn(turns(present, case.policy, turn, fit))
        for pk in order if can_be_given(pack, case.procedure) else ():
            for actor in actors_of(people[pk], pack, roster):
                more = {SHIFT: f"{slot_of[pk].shift.name} \u00b7 {rota.name}", **fit.said_of(pk)}
                try:
                    allot(case, actor, by=CLOCK_ACTOR, because=ON_SHIFT, held_by=None, now=now, more=more)
                except (KeptOut, Refused):
                    continue
                except (Stale, Forbidden):  # somebody has it meanwhile, or nothing can be said of it any more
                    return 0
                note_turn(case.policy, turn, people[pk])
                return 1
        _tell(case, [people[pk] for pk in order], there, now)
        return 0


def _tell(case: Case, people: Iterable[Person], there: Sequence[Slot], now: datetime) -> None:
    """Tell those on shift who may see a case that none of them takes on, once, and note that it was tried."""
    door, first = doors_of([case.pk])[case.pk], there[0]
    reached = [each for each in people if door.admits(each.pk) and may_see(case, permissions_of(each))]
    notices = [
        Notice(
            person=each,
            case=case,
            kind=Notice.Kind.ON_SHIFT,
            at=now,
            dedupe=f"on-shift/{case.pk}/{first.shift.pk}/{first.day}/{each.pk}",
        )
        for each in reached
    ]
    tell(fresh(notices), now=now)
    known = {"shift": first.shift, "day": first.day, "seq": case.seq, "tried_at": now}
    ShiftTry.objects.update_or_create(case=case, defaults=known)


def tidy(*, now: datetime) -> int:
    """Forget of what was taken or is over that nobody on shift could have it."""
    return ShiftTry.objects.filter(~Q(case__handler=None) | ~Q(case__closed_at=None), tried_at__lt=now).delete()[0]
