"""Finds whom surveys ask: cases to which one of their events happened, and all cases of a period."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from ombud.cases.models import Case, Event
from ombud.clock.models import Occurrence
from ombud.clock.occurrences import period_about
from ombud.insight.surveys.inviting import Wanted, asked_before, invite
from ombud.insight.surveys.models import Followed, Invitation, Round
from ombud.organisation import library, publishing
from ombud.organisation.models import PolicyVersion
from ombud.policy.event_names import VERDICTS, EventName, event_name
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.surveys import Survey
from ombud.privacy import contacts
from ombud.privacy.models import BlindIndex

log = logging.getLogger(__name__)

BATCH = 100  # cases that one look asks: each is unsealed
READ = 2000  # events that one look reads
# An event may become visible after one with a higher number: for so long what lies below is looked at again.
SETTLED = timedelta(minutes=2)
_PERSON = (contacts.PHONE, contacts.EMAIL)


def run(*, now: datetime) -> int:
    """Ask whoever is to be asked by now and return how many cases were looked at; call again while some were."""
    packs = ((version, library.pack(version.hash)) for version in publishing.policies_in_force(now=now))
    mine = [(version, pack) for version, pack in packs if pack.surveys]
    if not mine:
        return 0
    newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return sum(_after_events(*each, newest, now=now) for each in mine) + _of_periods(mine, now=now)


def _after_events(version: PolicyVersion, pack: Pack, newest: int, *, now: datetime) -> int:
    """Ask in the cases to which something happened since the last look; the first look begins with what comes."""
    heads = _heads(pack)
    if not heads:
        return 0
    followed, is_new = Followed.objects.get_or_create(
        policy=pack.id, defaults={"settled": newest, "event": newest, "event_at": now}
    )
    if is_new or newest == followed.settled:
        return 0
    longest = max(pack.surveys[id].open_days for ids in heads.values() for id in ids)
    rows = Event.objects.filter(
        pk__gt=followed.settled,
        act__in=heads,
        # What was entered long afterwards asks nobody: an import brings whole years.
        occurred__gt=int((now - timedelta(days=longest)).timestamp()),
        case__policy=pack.id,
        case__procedure=MAIN,
    )
    found = list(rows.order_by("pk").values_list("pk", "act", "case_id", "recorded")[:READ])
    wanted = dict.fromkeys((case, id) for _pk, act, case, _at in found for id in heads[act])
    known = asked_before({case for case, _id in wanted}, pack.surveys)
    asked = 0
    for case, id in wanted:
        if (case, id) not in known:
            asked += _invited(case, Wanted(survey=pack.surveys[id], version=version), now=now)
        if asked == BATCH:
            return asked
    _settle(followed, found, newest, now)
    return 0


def _heads(pack: Pack) -> Mapping[str, list[str]]:
    """Return which surveys each event of the log may ask for: an outcome is looked for at its act."""
    found: dict[str, list[str]] = {}
    for survey in pack.surveys.values():
        for name in survey.after:
            head = EventName.of(name).head
            events = [event_name(head, each) for each in VERDICTS] if head in pack.main.chains else [head]
            for event in events:
                found.setdefault(event, []).append(survey.id)
    return found


def _settle(followed: Followed, found: list[tuple[int, str, int, int]], newest: int, now: datetime) -> None:
    """Note how far all events were looked at, as soon as none below can still become visible."""
    before = int((now - SETTLED).timestamp())
    if len(found) == READ:
        followed.settled = max((pk for pk, _act, _case, at in found if at < before), default=followed.settled)
        followed.save(update_fields=["settled"])
    elif now - followed.event_at >= SETTLED:
        followed.settled, followed.event, followed.event_at = followed.event, newest, now
        followed.save()


def _of_periods(mine: Iterable[tuple[PolicyVersion, Pack]], *, now: datetime) -> int:
    """Go on with the rounds that periodic duties began."""
    done = 0
    for version, pack in mine:
        for survey in pack.surveys.values():
            if survey.periodic is not None:
                done += sum(_round(row, survey, version, pack, now=now) for row in _rounds(survey, pack, now=now))
    return done


def _rounds(survey: Survey, pack: Pack, *, now: datetime) -> Iterator[Round]:
    """Yield the rounds of a survey that are not done, those of occurrences that opened meanwhile begun."""
    opened = Occurrence.objects.filter(
        policy=pack.id, periodic=survey.periodic, due_at__lte=now, due_at__gt=now - timedelta(days=survey.open_days)
    ).select_related("office", "department")
    rounds = {row.occurrence_id: row for row in Round.objects.filter(occurrence__in=opened, survey=survey.id)}
    for each in opened.order_by("due_at", "pk"):
        row = rounds.get(each.pk)
        if row is None:
            row, _is_new = Round.objects.get_or_create(
                occurrence=each, survey=survey.id, defaults={"since": _since(each, pack)}
            )
        if row.done_at is None:
            row.occurrence = each
            yield row


def _since(occurrence: Occurrence, pack: Pack) -> datetime:
    """Return when the last occurrence of the same place opened; before the first one, when its period began."""
    before = Occurrence.objects.filter(
        policy=occurrence.policy,
        periodic=occurrence.periodic,
        office=occurrence.office,
        department=occurrence.department,
        due_at__lt=occurrence.due_at,
    )
    latest: datetime | None = before.order_by("-due_at").values_list("due_at", flat=True).first()
    if latest is not None:
        return latest
    zone = timezone.get_default_timezone()
    day = occurrence.due_at.astimezone(zone).date()
    _name, first, _last = period_about(pack.periodic[occurrence.periodic], day)
    return datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)


def _round(row: Round, survey: Survey, version: PolicyVersion, pack: Pack, *, now: datetime) -> int:
    """Ask the next cases of a round, the newest first, and return how many were looked at."""
    occurrence = row.occurrence
    cases = Case.objects.filter(
        policy=pack.id, procedure=MAIN, closed_at__gt=row.since, closed_at__lte=occurrence.due_at
    )
    if occurrence.office_id is not None:
        cases = cases.filter(office=occurrence.office_id)
    if occurrence.department_id is not None:
        cases = cases.filter(department=occurrence.department_id)
    if row.last is not None:
        cases = cases.filter(pk__lt=row.last)
    batch = list(cases.order_by("-pk").values_list("pk", flat=True)[:BATCH])
    known = {case for case, _survey in asked_before(batch, [survey.id])}
    wanted = Wanted(survey=survey, version=version, occurrence=occurrence)
    for pk in batch:
        # One by one, since the one before may be of the same person.
        if pk not in known and not _is_same_person_asked(pk, occurrence, survey):
            _invited(pk, wanted, now=now)
    if batch:
        Round.objects.filter(pk=row.pk).update(last=batch[-1])
    if len(batch) < BATCH:
        Round.objects.filter(pk=row.pk).update(done_at=now)
    return len(batch) if len(batch) == BATCH else 0


def _is_same_person_asked(case: int, occurrence: Occurrence, survey: Survey) -> bool:
    """Return whether the complainant of a case was asked about another one in this round."""
    mine = BlindIndex.objects.filter(complainant__case=case, kind__in=_PERSON).values("digest")
    asked = Invitation.objects.filter(occurrence=occurrence, survey=survey.id)
    return asked.filter(case__complainant__blind_indexes__digest__in=mine).exists()


def _invited(pk: int, wanted: Wanted, *, now: datetime) -> bool:
    """Ask in a case and return whether that is settled now."""
    try:
        with transaction.atomic():
            case = Case.objects.select_related("complainant", "office").get(pk=pk)
            return invite(case, wanted, now=now) is not None
    except IntegrityError:
        log.debug("another clock has asked in case %s", pk)
    except Exception:  # one that cannot be asked must not keep the others from being asked
        log.exception("case %s cannot be asked in survey %s", pk, wanted.survey.id)
    return False
