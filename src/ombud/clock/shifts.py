"""What time does to rotas and absences: gaps are told ahead, shifts handed over, deputies told; each once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from ombud.cases.access.permissions import permissions_of, scoped
from ombud.cases.models import Case
from ombud.clock.models import RotaGap, ShiftOver
from ombud.notices import staffing
from ombud.notices.alerts.asking import tell
from ombud.notices.models import Notice
from ombud.organisation import library, publishing
from ombud.organisation.absences import Absence
from ombud.organisation.models import Person
from ombud.organisation.rota_heads import heads_of
from ombud.organisation.shift_plan import BACK, DAY, Slot, about, active, followers

AHEAD = timedelta(days=3)  # from a Friday a gap of Monday morning is told
WORTH = timedelta(days=2)  # how long after it was over a deputy is still told
FRESH = timedelta(hours=2)  # how long after its end a shift is still handed over


def tell_gaps(*, now: datetime) -> int:
    """Tell whoever answers for a rota of shifts that lack people; return of how many."""
    rotas = list(active())
    if not rotas:
        return 0
    slots = about(rotas, now, back=DAY, ahead=AHEAD + DAY)
    gaps = {
        (each.shift.pk, each.day): each
        for each in slots
        if each.missing and each.ends_at > now and each.starts_at <= now + AHEAD
    }
    known = set(RotaGap.objects.values_list("shift", "day"))
    if known - gaps.keys():  # filled since, or over: one that opens again is told again
        for shift, day in known - gaps.keys():
            RotaGap.objects.filter(shift=shift, day=day).delete()
    fresh: dict[int, list[Slot]] = defaultdict(list)
    for key in sorted(gaps.keys() - known, key=lambda each: gaps[each].starts_at):
        fresh[gaps[key].rota.pk].append(gaps[key])
    if not fresh:
        return 0
    packs = {version.policy: library.pack(version.hash) for version in publishing.policies_in_force(now=now)}
    for found in fresh.values():
        rota = found[0].rota
        with transaction.atomic():
            rows = [RotaGap(shift=each.shift, day=each.day, told_at=now) for each in found]
            RotaGap.objects.bulk_create(rows, ignore_conflicts=True)
            if rota.policy in packs:
                tell([staffing.of_gaps(found, each, now=now) for each in heads_of(rota, packs[rota.policy])], now=now)
    return sum(map(len, fresh.values()))


def hand_over(*, now: datetime) -> int:
    """Tell whoever is on next what a shift that is over leaves open; return how many shifts that were."""
    rotas = list(active())
    if not rotas:
        return 0
    slots = about(rotas, now, back=BACK, ahead=BACK)
    over = [each for each in slots if each.there and now - FRESH < each.ends_at <= now]
    known = set(ShiftOver.objects.filter(day__gte=(now - FRESH - 3 * DAY).date()).values_list("shift", "day"))
    done = 0
    for slot in over:
        if (slot.shift.pk, slot.day) in known:
            continue
        with transaction.atomic():
            _row, is_new = ShiftOver.objects.get_or_create(shift=slot.shift, day=slot.day, defaults={"at": now})
            if is_new:
                tell(staffing.fresh(_handed_over(slot, slots, now)), now=now)
                done += 1
    return done


def _handed_over(slot: Slot, slots: Sequence[Slot], now: datetime) -> Iterator[Notice]:
    leaving = {each.pk for each in slot.there}
    for each in {person.pk: person for follower in followers(slot, slots) for person in follower.there}.values():
        left = left_open(slot, each).count()
        if each.pk not in leaving and left:
            yield staffing.of_shift(slot, each, left, now=now)


def left_open(slot: Slot, reader: Person) -> QuerySet[Case]:
    """Return what a shift leaves open, as far as somebody may see it: what is nobody's or of those who were on it."""
    rows = scoped(permissions_of(reader), is_leading=False).filter(
        Q(handler=None) | Q(handler__in=[each.pk for each in slot.people]),
        policy=slot.rota.policy,
        closed_at=None,
        received_at__gte=slot.ends_at - BACK,
        received_at__lt=slot.ends_at,
    )
    rows = rows.exclude(channel="")
    if slot.rota.office_id is not None:
        rows = rows.filter(office=slot.rota.office_id)
    if slot.rota.channels:
        rows = rows.filter(channel__in=slot.rota.channels)
    return rows.order_by("received_at", "pk")


def tell_deputies(*, now: datetime) -> int:
    """Tell deputies for whom they are to stand in, when it begins, and when it is over or was taken back."""
    rows = Absence.objects.filter(ends_at__gt=now - WORTH).select_related("person").prefetch_related("deputies__person")
    wanted = [
        (row, person, became)
        for row in rows
        if (became := _became(row, now))
        for person in {each.person_id: each.person for each in row.deputies.all()}.values()
        if person.is_active
    ]
    keys = {staffing.key_of_absence(row, person, what) for row, person, _became in wanted for what in staffing.BECOMES}
    known = set(Notice.objects.filter(dedupe__in=keys).values_list("dedupe", flat=True)) if keys else set()
    found = []
    for row, person, became in wanted:
        told = {what for what in staffing.BECOMES if staffing.key_of_absence(row, person, what) in known}
        # Of the end of what nobody told them of they need not hear.
        if became not in told and (told or became in (staffing.TO_COME, staffing.BEGUN)):
            found.append(staffing.of_absence(row, person, became, now=now))
    with transaction.atomic():
        tell(found, now=now)
    return len(found)


def _became(row: Absence, now: datetime) -> str:
    """Return what became of an absence by now."""
    if row.ended_by_id is not None and row.ends_at <= row.starts_at:
        return staffing.TAKEN_BACK
    if row.starts_at > now:
        return staffing.TO_COME
    if row.is_running(now):
        return staffing.BEGUN
    return staffing.ENDED if row.ended_by_id is not None else staffing.OVER
