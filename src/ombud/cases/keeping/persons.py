"""What else is held of who asks about their own data: their cases under every policy, as they may read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ombud.cases.access.case_access import Accessed
from ombud.cases.access.kept_out import admitting
from ombud.cases.errors import CaseError, Forbidden, NoSuchCase
from ombud.cases.keeping import holds
from ombud.cases.models import Agreement, Case, ErasureRequest
from ombud.cases.references import shown
from ombud.engine.model import COMPLAINANT_ACTOR
from ombud.organisation import library
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.privacy.contacts import EMAIL, PHONE
from ombud.privacy.models import BlindIndex

SAME = (EMAIL, PHONE)  # an order, or a name, may be somebody else's
MOST = 200  # cases of one person that are listed, the newest


class Unidentified(CaseError):
    """Nothing is handed out or erased before it is recorded on the request how it was confirmed who asks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TheirCase:
    """Another case that is known by the telephone number or address of the person."""

    case: Case
    pack: Pack
    same: tuple[str, ...]  # email, phone
    is_held: bool
    agreed: Agreement | None  # the privacy notice that went with it
    erasure: ErasureRequest | None = None  # the one that waits, else the last that was decided


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """A case that was erased for this request: what is left of it names nobody."""

    reference: str  # as people read it
    request: ErasureRequest


def may_find(accessed: Accessed) -> bool:
    """Return whether the reader finds what else is held of the person: the pack names the roles under `access`."""
    roles = set(accessed.state.program.pack.access.persons)
    return not accessed.is_masked and any(actor.role in roles for actor in accessed.actors)


def identified(accessed: Accessed) -> Any:
    """Return how it was confirmed who asks, as the request's field says that the pack names; None: it is not yet."""
    name = accessed.state.program.pack.access.identified
    return accessed.state.facts.get(name) if name else None


def found(accessed: Accessed, *, now: datetime) -> list[TheirCase]:
    """Return the other cases of whoever the request names, newest first; none erased, none that keeps the reader out.

    Raises Forbidden.
    """
    same = _same(accessed)
    rows = _cases(accessed, same).select_related("complainant").order_by("-received_at", "-pk")[:MOST]
    held = set(holds.in_force(now=now).filter(case__in=[row.pk for row in rows]).values_list("case", flat=True))
    agreed = {each.case_id: each for each in Agreement.objects.filter(case__in=rows).select_related("notice")}
    asked = _erasures([row.complainant_id for row in rows if row.complainant_id is not None])
    return [
        TheirCase(
            case=row,
            pack=library.pack(library.hash_of(row.policy_version_id)),
            same=tuple(kind for kind in SAME if kind in same[row.complainant_id]),
            is_held=row.pk in held,
            agreed=agreed.get(row.pk),
            erasure=asked.get(row.complainant_id) if row.complainant_id is not None else None,
        )
        for row in rows
    ]


def erased(accessed: Accessed) -> list[Erased]:
    """Return what was erased because this request asked for it, newest first; none that keeps the reader out.

    Raises Forbidden.
    """
    if not may_find(accessed) or accessed.reader is None:
        raise Forbidden
    seen = admitting(accessed.reader, case__reference="reference")
    rows = ErasureRequest.objects.filter(seen, filed=accessed.case.reference, is_approved=True)
    return [Erased(reference=shown(row.reference), request=row) for row in rows.order_by("-decided_at", "-pk")]


def _erasures(complainants: Sequence[UUID]) -> dict[UUID, ErasureRequest]:
    """Return of each complainant the request to erase them that waits, else the one decided last."""
    rows = ErasureRequest.objects.filter(complainant__in=complainants).order_by("-decided_at", "pk")
    found: dict[UUID, ErasureRequest] = {}
    for row in rows:
        if row.decided_at is None or row.complainant_id not in found:
            found[row.complainant_id] = row
    return found


def chosen(accessed: Accessed, references: Sequence[str]) -> list[Case]:
    """Return those of the person's cases that were chosen, to be handed out or erased.

    Raises Forbidden, Unidentified, NoSuchCase for any that is not theirs.
    """
    if may_find(accessed) and identified(accessed) is None:
        raise Unidentified
    cases = {row.reference: row for row in _cases(accessed, _same(accessed)).select_related("complainant")}
    try:
        return [cases[reference] for reference in dict.fromkeys(references)]
    except KeyError as error:
        raise NoSuchCase from error


def as_theirs(case: Case) -> Accessed:
    """Return the case as its complainant reads it: without our own notes and the names of others."""
    return Accessed(case=case, actors=(COMPLAINANT_ACTOR,), is_masked=False, is_public=True)


def _same(accessed: Accessed) -> dict[object, set[str]]:
    """Return who else is known by the numbers and addresses of the request's person, and by what."""
    if not may_find(accessed):
        raise Forbidden
    known = BlindIndex.objects.filter(complainant=accessed.case.complainant, kind__in=SAME).values("digest")
    rows = BlindIndex.objects.filter(kind__in=SAME, digest__in=known)
    same: dict[object, set[str]] = {}
    for complainant, kind in rows.values_list("complainant", "kind"):
        same.setdefault(complainant, set()).add(kind)
    return same


def _cases(accessed: Accessed, same: dict[object, set[str]]) -> QuerySet[Case]:
    # A matter that one of them opened has the same complainant and goes with it.
    rows = Case.objects.filter(complainant__in=list(same), complainant__erased_at=None, procedure=MAIN)
    if accessed.reader is not None:
        rows = rows.filter(admitting(accessed.reader, case="pk"))
    return rows.exclude(pk=accessed.case.pk)
