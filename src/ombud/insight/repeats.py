"""Who complains again: cases whose person or order is known, by the blind index, from one within the year before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from ombud.cases import contacts
from ombud.cases.models import Case
from ombud.insight.contributions import iso_day
from ombud.insight.models import Measured
from ombud.policy.model.procedures import MAIN
from ombud.privacy.models import BlindIndex

WITHIN = timedelta(days=365)


class _Complaint(NamedTuple):
    received_at: datetime
    pk: int
    policy: str


def mark(keys: Collection[int], rows: Iterable[Measured]) -> list[tuple[str, str]]:
    """Set `is_repeat` of rows not saved yet, and of those saved that follow one of them.

    What was found once stays, though what told of it was erased since. Return policy and day of those saved: who
    complains again is told of the day on which they did.
    """
    followers = {later.pk for later, _earlier in _pairs(keys)}
    known = Measured.objects.filter(pk__in=keys, is_repeat=True).values_list("pk", flat=True)
    found = followers.union(known)
    for row in rows:
        row.is_repeat = row.case_id in found
    others = Measured.objects.filter(pk__in=followers.difference(keys), is_repeat=False)
    changed = list(others.values_list("pk", "policy", "received_at"))
    Measured.objects.filter(pk__in=[pk for pk, _policy, _at in changed]).update(is_repeat=True)
    return [(policy, iso_day(at)) for _pk, policy, at in changed]


def _pairs(keys: Collection[int]) -> Iterator[tuple[_Complaint, _Complaint]]:
    """Yield (later, the one before it) of one person under one policy, at least one of them among the keys."""
    wanted = set(keys)
    for complaints in _of_one_person(keys):
        latest: dict[str, _Complaint] = {}  # by policy
        for later in sorted(complaints):
            earlier, latest[later.policy] = latest.get(later.policy), later
            if earlier is None or later.received_at - earlier.received_at > WITHIN:
                continue
            if later.pk in wanted or earlier.pk in wanted:
                yield later, earlier


def _of_one_person(keys: Collection[int]) -> Iterable[set[_Complaint]]:
    """Return for each number, address or order of these cases the complaints that are known by it."""
    own = BlindIndex.objects.filter(complainant__case__in=keys, kind__in=contacts.SAME).values("digest")
    known = BlindIndex.objects.filter(digest__in=own, kind__in=contacts.SAME)
    found: dict[tuple[str, str], set[_Complaint]] = defaultdict(set)
    by_complainant: dict[object, list[tuple[str, str]]] = defaultdict(list)
    for complainant, kind, digest in known.values_list("complainant", "kind", "digest"):
        by_complainant[complainant].append((kind, digest))
    cases = Case.objects.filter(complainant__in=known.values("complainant"), procedure=MAIN)
    for pk, complainant, policy, at in cases.values_list("pk", "complainant", "policy", "received_at"):
        for each in by_complainant[complainant]:
            found[each].add(_Complaint(at, pk, policy))
    return found.values()
