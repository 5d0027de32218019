"""Taking a person out of a case: from then on it does not exist for them, until two others let them in again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ombud.cases.access.kept_out import doors_of
from ombud.cases.access.subordinates import subordinates_of
from ombud.cases.errors import CaseError, ReasonMissing
from ombud.cases.fold import folded
from ombud.cases.models import Case, Recusal
from ombud.cases.reading.titles import names_in
from ombud.organisation.models import Person
from ombud.organisation.staff import Roster, people
from ombud.policy.plain_text import plain
from ombud.privacy.keys import key_of
from ombud.privacy.masking import strike_known
from ombud.privacy.sealing import Vault


class StillHandler(CaseError):
    """The person handles this case: hand it to somebody else first."""


class NobodyWouldBeLeft(CaseError):
    """Everybody who could go on with the case answers to the person complained about."""


def recuse_accused(case: Case, person: Person, *, reason: str, now: datetime) -> tuple[Person, ...]:
    """Keep the person complained about, and whoever answers to them, away from the case; return all of these.

    Raises ReasonMissing, StillHandler where one of them handles it, NobodyWouldBeLeft; then nobody was taken out.
    """
    out = (person, *subordinates_of(case, person))
    door, gone = doors_of([case.pk])[case.pk], {each.pk for each in out}
    holders = people({each.person for each in Roster(case.policy).holdings}).values()
    if not any(door.admits(each.pk) and each.pk not in gone for each in holders):
        raise NobodyWouldBeLeft
    with transaction.atomic():
        for each in out:
            recuse(case, each, reason=reason, now=now)
    return out


def recuse(case: Case, person: Person, *, reason: str, now: datetime) -> Recusal:
    """Keep the person away from the case; doing so again changes nothing. Raises ReasonMissing, StillHandler.

    The reason stands in clear and outlives an erasure: what names the complainant is struck from it.
    """
    reason = strike_known(plain(reason, lines=True), names_in(case, Vault(key_of(case.complainant), case.reference)))
    if not reason:
        raise ReasonMissing
    if case.handler_id == person.pk:
        raise StillHandler
    row, _ = Recusal.objects.get_or_create(
        case=case, person=person, lifted_at=None, defaults={"reason": reason, "at": now}
    )
    return row


class CannotLift(CaseError):
    """An act of the policy took the person out, or whoever asked would decide alone: it stays as it is."""


def may_lift(case: Case, row: Recusal) -> bool:
    """Return whether the recusal may be lifted at all: what an act of the policy says, no person takes back."""
    return row.lifted_at is None and row.person.key not in folded(case).recused


def ask_to_lift(row: Recusal, *, reason: str, by: Person, now: datetime) -> None:
    """Ask that somebody be let in again; another one decides. Raises ReasonMissing, CannotLift."""
    vault = Vault(key_of(row.case.complainant), row.case.reference)
    reason = strike_known(plain(reason, lines=True), names_in(row.case, vault))
    if not reason:
        raise ReasonMissing
    if not may_lift(row.case, row):
        raise CannotLift
    asked = {"lift_reason": reason, "lift_asked_by": by, "lift_asked_at": now}
    Recusal.objects.filter(pk=row.pk, lifted_at=None).update(**asked)


def lift(row: Recusal, *, by: Person, now: datetime) -> None:
    """Let somebody in again for the reason that another person gave. Raises CannotLift."""
    asked = Recusal.objects.filter(pk=row.pk, lifted_at=None, lift_asked_by__isnull=False).exclude(lift_asked_by=by)
    if not may_lift(row.case, row) or not asked.update(lifted_by=by, lifted_at=now):
        raise CannotLift
