"""Time for many cases at once: read and folded before anything is locked, written in one transaction.

What a case goes through is what `commands.pass_time` does; here the lock and the commit are shared, and nobody waits
for a fold.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime

from django.db import transaction

from ombud.cases import wake_ups
from ombud.cases.bulk_sql import rows_of_cases
from ombud.cases.drafts import NewCase, append
from ombud.cases.fold import folded_rows, seconds
from ombud.cases.models import Case, Event
from ombud.engine import advance
from ombud.engine.ladder import next_wake
from ombud.organisation.staff import Roster
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault

log = logging.getLogger(__name__)


def wake(case_ids: Collection[int], *, now: datetime) -> tuple[int, set[int]]:
    """Perform what is due before `now` on these cases, in one transaction; return (events written, cases done).

    A case that cannot be folded, or that somebody acts on meanwhile, is left as it is: it is not among those done.
    """
    due: list[NewCase] = []
    quiet: list[NewCase] = []
    for draft in _passed(case_ids, now):
        (due if draft.events else quiet).append(draft)
    written = append(due, is_telling=True, hold=_holding(due)) if due else []
    with transaction.atomic():
        held = _holding(quiet)() if quiet else set()
        wake_ups.write([(each.case.pk, next_wake(each.state)) for each in quiet if each.case.pk in held])
    return sum(len(each.events) for each in written), held | {each.events[0].case_id for each in written}


def _holding(drafts: Sequence[NewCase]) -> Callable[[], set[int]]:
    """Return what locks the cases and says which of them are as they were read; whom others hold is passed over."""
    seqs = {draft.case.pk: draft.case.seq for draft in drafts}  # as read: appending moves it
    erased = {draft.case.pk: draft.vault.is_erased for draft in drafts}

    def hold() -> set[int]:
        locked = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=list(seqs))
        held = {case.pk for case in locked.only("seq") if case.seq == seqs[case.pk]}
        # Asked under the lock, which an erasure takes first: nothing is sealed under a key that is destroyed.
        gone = Case.objects.filter(pk__in=held, complainant__wrapped_key=None).values_list("pk", flat=True)
        return held - {pk for pk in gone if not erased[pk]}

    return hold


def _passed(case_ids: Collection[int], now: datetime) -> Iterator[NewCase]:
    """Yield the cases with what time does to them until now, nothing of it written."""
    rows: dict[int, list[Event]] = defaultdict(list)
    for row in rows_of_cases(Event, list(case_ids), order="case_id, seq"):
        rows[row.case_id].append(row)
    rosters: dict[str, Roster] = {}
    for case in Case.objects.filter(pk__in=case_ids).select_related("complainant"):
        mine = rows[case.pk]
        if [row.seq for row in mine[-1:]] != [case.seq]:
            continue  # somebody acted between the two statements
        try:
            vault = Vault(key_of(case.complainant), case.reference)
            draft = NewCase(
                case=case,
                complainant=case.complainant,
                vault=vault,
                state=folded_rows(case, mine, vault),
                roster=rosters.setdefault(case.policy, Roster(case.policy)),
                received=now,
                is_new=False,
                was_open=case.is_open,
            )
            draft.keep(advance(draft.state, seconds(now), staff=draft.roster))
        except Exception:  # it must not stop time for all others
            log.exception("case %s cannot be woken with others", case.pk)
        else:
            yield draft
