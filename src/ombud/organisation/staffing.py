"""Commands on rotas: shifts, patterns, single days, swaps, a week copied; each is written down and can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from ombud.organisation import changes
from ombud.organisation.models import Change, Person
from ombud.organisation.rotas import Rota, Shift, ShiftDay, ShiftPattern
from ombud.organisation.shift_plan import WEEK, Plan, Slot, absent_between, monday_of, span, zone_of
from ombud.policy.plain_text import plain

MOST = 20  # people on one shift
SHOWN = 40  # changes of a rota


class RotaError(ValueError):
    """It cannot be planned so; `code` says why, `who` of whom."""

    def __init__(self, code: str, who: Person | None = None) -> None:
        super().__init__(code)
        self.code, self.who = code, who


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One change of a rota with what was there before."""

    change: Change
    before: Mapping[str, Any] | None
    can_undo: bool  # nothing came after it


@transaction.atomic
def keep(row: Rota, *, by: Person, now: datetime) -> Rota:
    """Keep a rota, a new one where it is not stored yet."""
    before = changes.content(Rota.objects.get(pk=row.pk)) if row.pk else None
    row.name = plain(row.name)
    row.a_week = monday_of(row.a_week)
    row.save()
    if before != changes.content(row):
        changes.note([row], by=by, now=now)
    return row


@transaction.atomic
def add_shift(row: Shift, *, by: Person, now: datetime) -> Shift:
    """Add a shift to its rota. Raises RotaError("days")."""
    row.name = plain(row.name)
    row.weekdays = sorted({int(each) for each in row.weekdays if 0 <= int(each) <= 6})
    if not row.weekdays:
        raise RotaError("days")
    row.save()
    changes.note([row], by=by, now=now)
    return row


@transaction.atomic
def end_shift(row: Shift, last_day: date, *, by: Person, now: datetime) -> None:
    """Let a shift be there up to a day. Raises RotaError("backwards")."""
    fresh = Shift.objects.select_for_update().get(pk=row.pk)
    if last_day < fresh.first_day:
        raise RotaError("backwards")
    if fresh.last_day != last_day:
        fresh.last_day = last_day
        fresh.save(update_fields=["last_day"])
        changes.note([fresh], by=by, now=now)


@transaction.atomic
def set_pattern(
    shift: Shift, first_day: date, weeks: Sequence[Sequence[Sequence[int]]], *, by: Person, now: datetime
) -> bool:
    """Let a shift be these people's week by week from the Monday of a day on; return whether that is news.

    `weeks` is one week, or an A and a B week, of seven days. Raises RotaError("inactive").
    """
    _locked(shift)
    plan = [[_people(day) for day in week] for week in weeks]
    _check_active({pk for week in plan for people in week for pk in people})
    row = ShiftPattern.objects.filter(shift=shift, first_day=monday_of(first_day)).first()
    if row is not None and row.weeks == plan:
        return False
    row = row or ShiftPattern(shift=shift, first_day=monday_of(first_day))
    row.weeks = plan
    row.save()
    changes.note([row], by=by, now=now)
    return True


@transaction.atomic
def set_day(shift: Shift, day: date, people: Sequence[int] | None, *, by: Person, now: datetime) -> bool:
    """Let a shift of one day be these people's, or as the pattern has it (None); return whether that is news.

    Raises RotaError: "day" where it does not run then, "inactive", "away".
    """
    _locked(shift)
    if not shift.runs_on(day):
        raise RotaError("day")
    row = ShiftDay.objects.filter(shift=shift, day=day).first()
    if people is None:
        if row is not None:
            changes.note([row], by=by, now=now, is_gone=True)
            row.delete()
        return row is not None
    wanted = _people(people)
    if row is not None and row.people == wanted:
        return False
    _check_active(wanted)
    fresh = set(wanted) - set(row.people if row is not None else ())
    _check_there(shift, day, fresh)
    row = row or ShiftDay(shift=shift, day=day)
    row.people = wanted
    row.save()
    changes.note([row], by=by, now=now)
    return True


@transaction.atomic
def swap(one: Slot, person: int, other: Slot, with_: int, *, by: Person, now: datetime) -> None:
    """Let two people exchange their shifts. Raises RotaError: "not-theirs", "both", "away", "inactive"."""
    mine, theirs = [each.pk for each in one.people], [each.pk for each in other.people]
    if person not in mine or with_ not in theirs or person == with_:
        raise RotaError("not-theirs")
    if person in theirs or with_ in mine:
        raise RotaError("both")
    set_day(one.shift, one.day, [with_ if pk == person else pk for pk in mine], by=by, now=now)
    set_day(other.shift, other.day, [person if pk == with_ else pk for pk in theirs], by=by, now=now)


@transaction.atomic
def copy_week(rota: Rota, monday: date, *, by: Person, now: datetime) -> tuple[int, list[Slot]]:
    """Plan a week as the one before was; return how many shifts changed, and those of which somebody will be away."""
    before = {
        (slot.shift.pk, slot.day): slot for slot in Plan([rota], monday - WEEK, monday - timedelta(days=1)).slots()
    }
    number, lacking = 0, []
    for slot in Plan([rota], monday, monday + timedelta(days=6)).slots():
        last = before.get((slot.shift.pk, slot.day - WEEK))
        if last is None or [each.pk for each in last.people] == [each.pk for each in slot.people]:
            continue
        wanted = [each.pk for each in last.people if each.is_active]
        away = absent_between(wanted, slot.starts_at, slot.ends_at)
        if away:
            lacking.append(slot)
        number += set_day(slot.shift, slot.day, [pk for pk in wanted if pk not in away], by=by, now=now)
    return number, lacking


def history(rota: Rota) -> list[Told]:
    """Return what was changed of a rota, newest first, each with what was there before."""
    keys = list(rota.shifts.values_list("pk", flat=True))
    asked = Q(kind="rota", key=str(rota.pk)) | Q(kind="shift", key__in=[str(pk) for pk in keys])
    for pk in keys:
        asked |= Q(kind__in=("shift_pattern", "shift_day"), key__startswith=f"{pk} ")
    last: dict[tuple[str, str], Mapping[str, Any] | None] = {}
    found: list[tuple[Change, Mapping[str, Any] | None]] = []
    for change in Change.objects.filter(asked).select_related("by").order_by("id"):
        found.append((change, last.get((change.kind, change.key))))
        last[change.kind, change.key] = change.content
    newest = {(change.kind, change.key): change.pk for change, _before in found}
    return [
        Told(change=change, before=before, can_undo=_can_undo(change, before, newest[change.kind, change.key]))
        for change, before in reversed(found[-SHOWN:])
    ]


def _can_undo(change: Change, before: Mapping[str, Any] | None, newest: int) -> bool:
    if change.pk != newest or change.content == before:
        return False
    return before is not None or change.kind in ("shift_pattern", "shift_day")


@transaction.atomic
def undo(rota: Rota, change: int, *, by: Person, now: datetime) -> None:
    """Let what a change changed be as it was before; that is a change, too. Raises RotaError("later", "away")."""
    Rota.objects.select_for_update().get(pk=rota.pk)
    told = next((each for each in history(rota) if each.change.pk == change), None)
    if told is None or not told.can_undo:
        raise RotaError("later")
    before, (first, _space, day) = told.before, told.change.key.partition(" ")
    match told.change.kind:
        case "shift_day":
            shift = Shift.objects.get(pk=first)
            set_day(shift, date.fromisoformat(day), before["people"] if before else None, by=by, now=now)
        case "shift_pattern":
            row = ShiftPattern.objects.get(shift=int(first), first_day=date.fromisoformat(day))
            _restore(row, before, by=by, now=now)
        case "shift":
            _restore(Shift.objects.get(pk=first), before, by=by, now=now)
        case _:
            _restore(Rota.objects.get(pk=first), before, by=by, now=now)


def _restore(row: models.Model, before: Mapping[str, Any] | None, *, by: Person, now: datetime) -> None:
    if before is None:
        changes.note([row], by=by, now=now, is_gone=True)
        row.delete()
        return
    for name, value in before.items():
        field = row._meta.get_field(name)
        assert isinstance(field, models.Field), "what a change says of a row is its own columns"
        setattr(row, name, field.to_python(value))
    row.save()
    changes.note([row], by=by, now=now)


def _locked(shift: Shift) -> None:
    """Let two who plan one rota wait for each other."""
    Rota.objects.select_for_update().get(pk=shift.rota_id)


def _people(keys: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(int(pk) for pk in keys))[:MOST]


def _check_active(keys: set[int] | Sequence[int]) -> None:
    known = Person.objects.in_bulk(list(keys))
    for pk in keys:
        if pk not in known or not known[pk].is_active:
            raise RotaError("inactive", known.get(pk))


def _check_there(shift: Shift, day: date, people: set[int]) -> None:
    starts_at, ends_at = span(day, shift.starts, shift.ends, zone_of(shift.rota.office))
    away = absent_between(people, starts_at, ends_at)
    if away:
        raise RotaError("away", Person.objects.get(pk=min(away)))
