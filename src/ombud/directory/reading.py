"""Reads address books beside the clock's ticks: what would change is shown, and carried out once somebody says so.

Once somebody looked at a first one, the clock goes on by itself, unless more would leave than may unasked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from ombud.directory import carrying_out, keeping, people, planning, telling
from ombud.directory.books import registry
from ombud.directory.books.model import Book, BookError
from ombud.directory.models import Directory, Group, Reading
from ombud.organisation.models import Person

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
STALE = timedelta(days=1)  # after which what waits for a look says nothing any more
KEPT = 30  # readings of a directory
FAULT = "fault"  # beside the codes of BookError: ours, not the provider's
_State = Reading.State


def run(*, now: datetime) -> int:
    """Do what waits, and return how much that was."""
    _ask_due(now)
    telling.tell(now=now)
    waiting = Reading.objects.filter(_free(now), state__in=(_State.ASKED, _State.APPROVED))
    for pk in list(waiting.order_by("id").values_list("pk", flat=True)):
        if Reading.objects.filter(_free(now), pk=pk).update(lease_until=now + LEASE):
            _do(Reading.objects.select_related("directory").get(pk=pk), now)
            return 1
    return 0


@transaction.atomic
def ask(directory: Directory, *, by: Person | None, now: datetime) -> Reading | None:
    """Have an address book read; what was read before and not decided is dropped. None where one is on its way."""
    people.lock(directory)
    waiting = directory.readings.filter(state__in=Reading.OPEN)
    if waiting.filter(state__in=(_State.ASKED, _State.APPROVED)).exists():
        return None
    waiting.update(state=_State.DROPPED, ended_at=now, groups={})
    return Reading.objects.create(directory=directory, asked_by=by, asked_at=now)


@transaction.atomic
def decide(reading: Reading, *, is_wanted: bool, by: Person, now: datetime) -> bool:
    """Have what was shown carried out, or drop it; return whether it still waited for that."""
    waits = Reading.objects.filter(pk=reading.pk, state__in=(_State.PLANNED, _State.HELD))
    if is_wanted:
        done = waits.update(state=_State.APPROVED, decided_by=by, lease_until=None)
    else:
        done = waits.update(state=_State.DROPPED, decided_by=by, ended_at=now, groups={})
    if done:
        counts = {name: reading.counts.get(name, 0) for name in planning.DOINGS}
        keeping.note(reading.directory, {"reading": reading.pk, "is_wanted": is_wanted, **counts}, by=by, now=now)
    return bool(done)


def is_beyond(directory: Directory, leaving: int) -> bool:
    """Return whether more would leave than may unasked."""
    there = directory.entries.filter(is_active=True).count()
    return leaving * 100 > directory.most_leaving * there


def _ask_due(now: datetime) -> None:
    due = Directory.objects.filter(is_on=True, every__gt=0, next_at__lte=now).exclude(kind=Directory.Kind.SCIM)
    for directory in due:
        claimed = Directory.objects.filter(pk=directory.pk, next_at=directory.next_at)
        if not claimed.update(next_at=now + timedelta(hours=directory.every)):
            continue
        waits = Q(state=_State.HELD) | Q(state=_State.PLANNED, asked_at__gt=now - STALE)
        if not directory.readings.filter(waits).exists():
            ask(directory, by=None, now=now)


def _do(reading: Reading, now: datetime) -> None:
    try:
        if reading.state == _State.ASKED:
            _plan(reading, registry.read(reading.directory), now)
        else:
            _carry_out(reading, now)
    except BookError as error:
        _fail(reading, error.code, error.about, now)
    except Exception:
        log.exception("reading %s of a directory", reading.pk)
        _fail(reading, FAULT, "", now)


@transaction.atomic
def _plan(reading: Reading, book: Book, now: datetime) -> None:
    directory = reading.directory
    people.lock(directory)
    _keep_groups(directory, book, now)
    inside = planning.inside_of(book)
    lines = planning.lines_of(directory, book, inside)
    counts = planning.counts_of(lines)
    state = _next(reading, counts)
    wanted = {line["id"] for line in lines}
    Reading.objects.filter(pk=reading.pk, state=_State.ASKED).update(
        state=state,
        lines=lines,
        groups={key: units for key, units in inside.items() if key in wanted},
        counts=counts | {"people": len(book.people), "units": sorted(book.units)},
        ended_at=now if state == _State.DONE else None,
        lease_until=None,
    )
    Directory.objects.filter(pk=directory.pk).update(seen_at=now, failures=0)


def _next(reading: Reading, counts: dict[str, int]) -> str:
    """Return what becomes of a reading once it is known what would change."""
    directory = reading.directory
    if not any(counts.values()):
        return _State.DONE
    if reading.asked_by_id is not None:
        return _State.PLANNED
    if is_beyond(directory, counts[planning.LEAVE]):
        return _State.HELD
    is_known = directory.readings.filter(state=_State.DONE, decided_by__isnull=False).exists()
    return _State.APPROVED if is_known else _State.PLANNED


def _keep_groups(directory: Directory, book: Book, now: datetime) -> None:
    """Let there be a group for each department; one that is gone goes when the reading is carried out."""
    known = {group.external_id: group for group in directory.groups.all()}
    for unit in book.units.values():
        name, parent = (unit.name or directory.name)[:255], unit.parent
        group = known.get(unit.id)
        if group is None:
            group = Group(directory=directory, external_id=unit.id, name=name, parent=parent, made_at=now)
        elif (group.name, group.parent) == (name, parent):
            continue
        group.name, group.parent, group.changed_at = name, parent, now
        group.save()


def _carry_out(reading: Reading, now: datetime) -> None:
    problems = carrying_out.carry_out(reading, now=now, meanwhile=_renewing(reading))
    Reading.objects.filter(pk=reading.pk, state=_State.APPROVED).update(
        state=_State.DONE, problems=problems, ended_at=now, groups={}, lease_until=None
    )
    old = reading.directory.readings.exclude(state__in=Reading.OPEN).order_by("-id").values_list("pk", flat=True)[KEPT:]
    Reading.objects.filter(pk__in=list(old)).delete()


def _renewing(reading: Reading) -> Callable[[], None]:
    """Return what keeps the lease while much is carried out."""
    renewed = [timezone.now()]

    def renew() -> None:
        if timezone.now() - renewed[0] > LEASE / 5:
            renewed[0] = timezone.now()
            Reading.objects.filter(pk=reading.pk).update(lease_until=renewed[0] + LEASE)

    return renew


def _fail(reading: Reading, code: str, about: str, now: datetime) -> None:
    log.warning("directory %s could not be read: %s", reading.directory_id, code)
    Directory.objects.filter(pk=reading.directory_id).update(failures=F("failures") + 1)
    reading.directory.refresh_from_db(fields=["failures"])
    is_told = reading.directory.failures != telling.OFTEN  # administrators are told of one in a row
    Reading.objects.filter(pk=reading.pk).update(
        state=_State.FAILED, code=code, about=about, ended_at=now, groups={}, lease_until=None,
        told_at=now if is_told else None,
    )  # fmt: skip


def _free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now)
