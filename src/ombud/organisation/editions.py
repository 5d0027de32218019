"""Calendar editions in the database: the current one, and how a new one comes to be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from django.db import transaction

from ombud.organisation.models import CalendarEdition, Person
from ombud.organisation.round_trips import Question, ask
from ombud.policy.model.pack import Pack
from ombud.worktime import Announcement, CalendarSpec, Edition

RENEWED = "holidays"  # the package that days are read from


@lru_cache(maxsize=32)
def read(edition: str) -> Edition:
    """Return a stored edition. Raises CalendarEdition.DoesNotExist, EditionError for one that was tampered with."""
    return Edition.from_json(CalendarEdition.objects.values_list("baked", flat=True).get(edition=edition))


def current() -> CalendarEdition | None:
    """Return the edition that new cases are counted on; None before the first policy is published."""
    return ask(asking_current())


def asking_current() -> Question[CalendarEdition | None]:
    """Return the question for `current`: every complaint asks it."""
    return Question(
        sql="SELECT id, hash FROM organisation_calendaredition ORDER BY id DESC LIMIT 1",
        read=lambda rows: stored(*rows[0]) if rows else None,
    )


@lru_cache(maxsize=32)
def stored(edition_id: int, edition_hash: str) -> CalendarEdition:
    """Return the row of an edition without what is baked; it is shared, so nobody changes it.

    The hash is part of the key: where making an edition was rolled back, the next one gets the same number.
    """
    return CalendarEdition.objects.defer("baked").get(pk=edition_id)


def latest_moving() -> CalendarEdition | None:
    """Return the newest edition that moved due times."""
    return CalendarEdition.objects.defer("baked").filter(moves_dues=True).order_by("-id").first()


def store(
    edition: Edition,
    *,
    source: str,
    moves_dues: bool,
    now: datetime,
    by: Person | None = None,
    undoes: CalendarEdition | None = None,
) -> CalendarEdition:
    """Return the row of an edition, which is the current one from now on."""
    newest = current()
    if newest is not None and newest.hash == edition.hash:
        return newest
    if newest is not None and CalendarEdition.objects.filter(hash=edition.hash).exists():
        # What held once holds again: a new edition with the same days, or the old row would never be the newest.
        edition = replace(edition, follows=newest.edition)
    row, _ = CalendarEdition.objects.get_or_create(
        hash=edition.hash,
        defaults={
            "edition": edition.id,
            "baked": edition.to_json(),
            "source": source,
            "moves_dues": moves_dues,
            "entered_at": now,
            "entered_by": by,
            "undoes": undoes,
        },
    )
    return row


def cover(pack: Pack, *, now: datetime) -> CalendarEdition:
    """Return the current edition with all that the pack's calendars need frozen into it."""
    with transaction.atomic():
        row = current()
        edition = read(row.edition) if row else _shipped(now.year)
        covered = _covering(edition, tuple(pack.calendars.values()))
        if row is not None and covered.hash == edition.hash:
            return row
        return store(covered, source=f"{pack.id} {pack.version}", moves_dues=False, now=now)


# Reading holidays and zones, and the hash over all of it, take longer than the rest of publishing.


@lru_cache(maxsize=2)
def _shipped(year: int) -> Edition:
    return Edition.shipped(year)


@lru_cache(maxsize=16)
def _covering(edition: Edition, specs: tuple[CalendarSpec, ...]) -> Edition:
    return edition.covering(specs)


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """An edition that could become the current one, with the one that it would follow."""

    before: Edition
    edition: Edition
    source: str
    undoes: CalendarEdition | None = None

    @property
    def token(self) -> str:
        """Return what stands for exactly this step: whoever confirms it confirms what was shown."""
        return f"{self.before.hash[:16]}{self.edition.hash[:16]}"


def propose(announcement: Announcement) -> Proposal:
    """Return what entering a year's announcement would do. Raises LookupError before the first policy is published."""
    before = _newest()
    return Proposal(before=before, edition=before.with_announcement(announcement), source=announcement.source)


def propose_undo(row: CalendarEdition) -> Proposal:
    """Return what taking back an announcement would do: its year is as it was before, all else stays.

    Raises LookupError where the edition brought no announcement, or none that still holds.
    """
    before, earlier = _newest(), _before(row)
    edition = before
    for country, year in _brought(row, earlier):
        if before.announcement(country, year) == read(row.edition).announcement(country, year):
            former = earlier.announcement(country, year) if earlier else None
            gone = edition.without_announcement(country, year)
            edition = gone if former is None else gone.with_announcement(former)
    if edition == before:
        raise LookupError(f"edition {row.edition} brought nothing that still holds")
    return Proposal(before=before, edition=edition, source=row.source, undoes=row)


def propose_renewal() -> Proposal | None:
    """Return what reading holidays and moved days from the installed packages anew would change; None: nothing."""
    before = _newest()
    renewed = before.with_year(before.year)
    return None if renewed == before else Proposal(before=before, edition=renewed, source=RENEWED)


def can_undo(row: CalendarEdition) -> bool:
    """Return whether an edition brought an announcement that still holds and was not there before."""
    if not row.moves_dues:
        return False
    try:
        propose_undo(row)
    except LookupError:
        return False
    return True


def enter(proposal: Proposal, *, now: datetime, by: Person | None = None) -> CalendarEdition:
    """Make a proposed edition the current one; the clock then counts open cases anew.

    Raises LookupError where another edition came in between: what was looked at is not what would happen.
    """
    with transaction.atomic():
        if _newest() != proposal.before:
            raise LookupError("another edition came in between")
        return store(proposal.edition, source=proposal.source, moves_dues=True, now=now, by=by, undoes=proposal.undoes)


def announce(announcement: Announcement, *, now: datetime, by: Person | None = None) -> CalendarEdition:
    """Enter a year's announcement. Raises LookupError before the first policy is published: nothing counts yet."""
    return enter(propose(announcement), now=now, by=by)


def _newest() -> Edition:
    row = current()
    if row is None:
        raise LookupError("no policy is published yet")
    return read(row.edition)


def _before(row: CalendarEdition) -> Edition | None:
    earlier = CalendarEdition.objects.filter(pk__lt=row.pk).order_by("-pk").values_list("edition", flat=True).first()
    return read(earlier) if earlier else None


def _brought(row: CalendarEdition, earlier: Edition | None) -> list[tuple[str, int]]:
    """Return the countries and years whose announcements came, or changed, with an edition."""
    if earlier is None:
        return []  # the first edition brought what is shipped
    known = set(earlier.announcements)
    return [(each.country, each.year) for each in read(row.edition).announcements if each not in known]


def turn_year(*, now: datetime) -> CalendarEdition | None:
    """Move the horizon when a year has begun; return the new edition, or None where there is nothing to do."""
    with transaction.atomic():
        row = current()
        if row is None or (edition := read(row.edition)).year >= now.year:
            return None
        return store(edition.with_year(now.year), source=f"{now.year}", moves_dues=True, now=now)
