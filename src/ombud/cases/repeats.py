"""Other complaints of the same person or about the same order, found by the blind index of numbers and addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ombud.cases import contacts
from ombud.cases.access.case_access import Accessed
from ombud.cases.access.permissions import Permissions, permissions_of, scoped
from ombud.cases.reading.register import CaseLine, line, whole
from ombud.organisation.models import Person
from ombud.organisation.offices import region_of
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.vocabulary import COUNTRY
from ombud.privacy.models import BlindIndex

SHOWN = 10  # of a person who complains every week, the newest
MOST = 500  # complainants behind a number that are looked at: a switchboard's has many


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeat:
    """Another complaint, with what tells that it is of the same person or order."""

    line: CaseLine
    same: tuple[str, ...]  # phone, email, order


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeats:
    """The newest of the other complaints, and whether there are more."""

    rows: tuple[Repeat, ...] = ()
    has_more: bool = False


def repeats_of(accessed: Accessed, *, now: datetime) -> Repeats:
    """Return the other complaints of a case's person, as far as its reader may see them, masked for who sees masked."""
    case = accessed.case
    if case.complainant is None:
        return Repeats()
    known = BlindIndex.objects.filter(complainant=case.complainant, kind__in=contacts.SAME).values("digest")
    # A case that one of them opened beside it has the same complainant and is no complaint.
    return _repeats(accessed.permissions, known, None, now, but=case.pk)


def known_before(
    reader: Person, pack: Pack, data: Mapping[str, Any], *, office: str | None = None, now: datetime
) -> Repeats:
    """Return the complaints of whoever the fields of a new one name by telephone, e-mail or order number.

    Only where the reader sees personal data: the answer tells whose the complaints are.
    """
    standing = permissions_of(reader)
    unmasked = [policy for policy in standing.policies if not standing.is_masked(policy)]
    known = [each.digest for each in contacts.of(data, region_of(pack, office, data.get(COUNTRY)))]
    return _repeats(standing, known, unmasked, now) if known else Repeats()


def _repeats(
    standing: Permissions, known: Any, policies: Sequence[str] | None, now: datetime, *, but: int = 0
) -> Repeats:
    """Return the complaints of whoever is known by these digests, each of which belongs to one kind."""
    same: dict[Any, set[str]] = {}
    found = BlindIndex.objects.filter(kind__in=contacts.SAME, digest__in=known).order_by("-pk")
    for complainant, kind in found.values_list("complainant", "kind")[:MOST]:
        same.setdefault(complainant, set()).add(kind)
    cases = scoped(standing, is_leading=False).filter(complainant__in=list(same), procedure=MAIN).exclude(pk=but)
    if policies is not None:
        cases = cases.filter(policy__in=policies)
    rows = list(whole(cases.order_by("-received_at", "-pk"))[: SHOWN + 1])
    return Repeats(
        rows=tuple(
            Repeat(
                line=line(row, standing, now),
                same=tuple(kind for kind in contacts.SAME if kind in same[row.complainant_id]),
            )
            for row in rows[:SHOWN]
        ),
        has_more=len(rows) > SHOWN,
    )
