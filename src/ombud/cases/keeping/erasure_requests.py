"""Erasing with four eyes: one person asks, with the ground and where the request is filed, a manager decides."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from ombud.cases.access.case_access import Accessed, access_case
from ombud.cases.access.kept_out import admitting
from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.errors import CaseError, Forbidden
from ombud.cases.keeping import persons
from ombud.cases.keeping.erasure import erase
from ombud.cases.models import Case, ErasureRequest
from ombud.cases.reading.titles import names_in
from ombud.organisation.models import Person
from ombud.policy.plain_text import plain
from ombud.privacy.keys import key_of
from ombud.privacy.masking import strike_known
from ombud.privacy.sealing import Vault

LATEST = 50


class NothingToErase(CaseError):
    """The complainant's personal data was erased before."""


class AskedBefore(CaseError):
    """The same was asked for already and waits for a decision."""


class Unfiled(CaseError):
    """Say on what ground, and where the request is filed."""


class OwnRequest(CaseError):
    """Nobody decides on their own request: another manager does."""


class DecidedBefore(CaseError):
    """It was decided before."""


def may_ask(case: Case, mine: Permissions) -> bool:
    """Return whether somebody with these permissions may ask for it: managers, and who answers for the whole policy."""
    return mine.is_manager or case.policy in mine.full_policies


def ask(reference: str, *, ground: str, filed: str, by: Person, now: datetime) -> ErasureRequest:
    """Ask that the complainant of a case be erased, in all their cases.

    Raises NoSuchCase, Forbidden, NothingToErase, Unfiled, AskedBefore.
    """
    accessed = access_case(by, reference)
    if not may_ask(accessed.case, accessed.permissions):
        raise Forbidden
    return _asked(accessed.case, ground, filed, by, now)


def ask_of_person(request: Accessed, reference: str, *, now: datetime) -> ErasureRequest:
    """Ask for it of another case of the person who asks to be erased, whatever its policy; filed under their request.

    Raises NoSuchCase, Forbidden, Unidentified, NothingToErase, AskedBefore.
    """
    assert request.reader is not None, "only staff ask"
    (case,) = persons.chosen(request, [reference])
    return _asked(case, ErasureRequest.Ground.ASKED, request.case.reference, request.reader, now)


def _asked(case: Case, ground: str, filed: str, by: Person, now: datetime) -> ErasureRequest:
    complainant = case.complainant
    if complainant is None or complainant.erased_at is not None:
        raise NothingToErase
    # It outlives the erasure: what names the person is struck, and only then cut, or half a name would be left.
    filed = strike_known(plain(filed), names_in(case, Vault(key_of(complainant), case.reference)))[:200]
    if ground not in ErasureRequest.Ground or not filed:
        raise Unfiled
    try:
        with transaction.atomic():
            return ErasureRequest.objects.create(
                complainant=complainant, reference=case.reference, ground=ground, filed=filed, asked_by=by, asked_at=now
            )
    except IntegrityError as error:
        raise AskedBefore from error


def approve(request: ErasureRequest, *, by: Person, now: datetime) -> int:
    """Erase what a request asks for, and return in how many cases; it cannot be undone.

    Raises Forbidden for non-managers, OwnRequest, DecidedBefore, OnHold, NothingToErase; then nothing was erased.
    """
    with transaction.atomic():
        row = _to_decide(request, by)
        if row.complainant.erased_at is not None:
            raise NothingToErase
        number = erase(row.complainant, by=by, now=now)
        _decide(row, by, now, is_approved=True, cases=number)
    return number


def reject(request: ErasureRequest, *, by: Person, now: datetime) -> None:
    """Let a request be; who asked may take it back so. Raises Forbidden, DecidedBefore."""
    with transaction.atomic():
        row = _to_decide(request, by, is_taking_back=request.asked_by_id == by.pk)
        _decide(row, by, now, is_approved=False, cases=None)


def latest(reader: Person) -> list[ErasureRequest]:
    """Return what waits, oldest first, then what was decided, newest first; nothing that the reader is kept out of."""
    seen = ErasureRequest.objects.filter(admitting(reader, case__reference="reference"))
    rows = seen.select_related("asked_by", "decided_by")
    waiting = list(rows.filter(decided_at=None).order_by("asked_at", "id"))
    return [*waiting, *rows.exclude(decided_at=None).order_by("-decided_at", "-id")[:LATEST]]


def of_case(case: Case) -> list[ErasureRequest]:
    """Return the requests about a case's complainant, newest first."""
    rows = ErasureRequest.objects.filter(complainant=case.complainant_id).select_related("asked_by", "decided_by")
    return list(rows.order_by("-asked_at", "-id")) if case.complainant_id is not None else []


def _to_decide(request: ErasureRequest, by: Person, *, is_taking_back: bool = False) -> ErasureRequest:
    rows = ErasureRequest.objects.select_for_update(of=("self",)).select_related("complainant")
    row = rows.get(pk=request.pk)
    access_case(by, row.reference)  # who was taken out of the case decides nothing about it
    if row.decided_at is not None:
        raise DecidedBefore
    if is_taking_back:
        return row
    if not permissions_of(by).is_manager:
        raise Forbidden
    if row.asked_by_id == by.pk:
        raise OwnRequest
    return row


def _decide(row: ErasureRequest, by: Person, now: datetime, *, is_approved: bool, cases: int | None) -> None:
    row.decided_by, row.decided_at, row.is_approved, row.cases = by, now, is_approved, cases
    row.save(update_fields=["decided_by", "decided_at", "is_approved", "cases"])
