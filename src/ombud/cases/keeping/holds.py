"""Legal holds: cases that must be kept whole, why and for how long, and who lets them go again."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ombud.cases.access.case_access import access_case
from ombud.cases.access.permissions import permissions_of, scoped
from ombud.cases.errors import CaseError, Forbidden
from ombud.cases.models import Case, LegalHold
from ombud.cases.reading.titles import names_in
from ombud.organisation.models import Person
from ombud.policy.plain_text import plain
from ombud.privacy.keys import key_of
from ombud.privacy.masking import strike_known
from ombud.privacy.sealing import Vault


class OnHold(CaseError):
    """A legal hold keeps a case of this complainant whole: lift it first, where the law allows."""


class HoldError(CaseError):
    """A legal hold, and lifting one, needs a reason."""


class PastHold(CaseError):
    """A legal hold does not end before it begins."""


class OwnHold(CaseError):
    """Nobody lifts their own hold: another manager does."""


class LiftedBefore(CaseError):
    """The hold was lifted before."""


def day_of(now: datetime) -> date:
    """Return the day that it is here: by the installation's clock, whoever asks, so that a hold ends once for all."""
    return timezone.localdate(now, timezone.get_default_timezone())


def in_force(*, now: datetime) -> QuerySet[LegalHold]:
    """Return the holds that keep a case whole at this moment."""
    return LegalHold.objects.filter(Q(until=None) | Q(until__gte=day_of(now)), lifted_at=None)


def hold(case: Case, *, reason: str, until: date | None = None, by: Person, now: datetime) -> LegalHold:
    """Keep a case whole to the end of a day, or until the hold is lifted.

    Managers may, and who answers for the whole policy. Raises Forbidden, HoldError without a reason, PastHold.
    """
    mine = permissions_of(by)
    if not (mine.is_manager or case.policy in mine.full_policies):
        raise Forbidden
    reason = _reason(case, reason)
    if until is not None and until < day_of(now):
        raise PastHold
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)  # what is being removed is so before; afterwards nothing is
        return LegalHold.objects.create(case=case, reason=reason, until=until, placed_by=by, placed_at=now)


def lift(placed: LegalHold, *, reason: str, by: Person, now: datetime) -> None:
    """End a hold that somebody else placed, for a reason.

    Raises NoSuchCase, Forbidden for non-managers, OwnHold, HoldError without a reason, LiftedBefore.
    """
    case = access_case(by, placed.case.reference).case  # who was taken out of the case decides nothing about it
    if not permissions_of(by).is_manager:
        raise Forbidden
    if placed.placed_by_id == by.pk:
        raise OwnHold
    reason = _reason(case, reason)
    rows = LegalHold.objects.filter(pk=placed.pk, lifted_at=None)
    if not rows.update(lifted_by=by, lifted_at=now, lift_reason=reason):
        raise LiftedBefore


def of_case(case: Case) -> list[LegalHold]:
    """Return the holds that a case has and had, newest first."""
    return list(case.holds.select_related("placed_by", "lifted_by").order_by("-placed_at", "-id"))


def running(reader: Person, *, now: datetime) -> list[LegalHold]:
    """Return the holds in force, oldest first, of the cases that the reader may see."""
    seen = scoped(permissions_of(reader), is_leading=False).filter(pk=OuterRef("case"))
    rows = in_force(now=now).filter(Exists(seen)).select_related("case", "placed_by")
    return list(rows.order_by("placed_at", "id"))


def _reason(case: Case, reason: str) -> str:
    """Return why, without the names that the case knows: it stands beside the case in clear. Raises HoldError."""
    reason = plain(reason, lines=True)
    if not reason:
        raise HoldError
    return strike_known(reason, names_in(case, Vault(key_of(case.complainant), case.reference)))
