"""One tick: everything that is due by now, each part on its own, so that a fault in one does not stop the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial

from ombud.cases import attachments, contents, idempotency
from ombud.cases.keeping import compaction, daily_roots, removals, unsent_words
from ombud.clock import (
    by_rule,
    distribution,
    exchanges,
    limits,
    on_shift,
    periodic,
    pulse,
    ruled,
    shifts,
    sweep,
    tasks,
    upgrades,
)
from ombud.correspondence import erased, failing, letter_drafts, letters, lost_codes
from ombud.evidence import arriving, scanning, views
from ombud.notices import carrying, infected, opened
from ombud.notices.alerts import passwords, sending
from ombud.organisation import editions, reports
from ombud.papers import case_files
from ombud.privacy import throttle
from ombud.signin import happenings
from ombud.signin.models import Session

log = logging.getLogger(__name__)


def _turn_year(*, now: datetime) -> int:
    return editions.turn_year(now=now) is not None


def _daily(*, now: datetime) -> int:
    """Do once a day what the first tick of a day does: the root."""
    return daily_roots.make_root(now=now) is not None


#: What a tick does, in order.
PARTS: Mapping[str, Callable[..., int]] = {
    "year": _turn_year,
    "recounted": sweep.recount_open,
    "rungs": sweep.sweep,
    "periodic": periodic.open_due,
    "upgrades": upgrades.ask,
    "tasks": tasks.run,
    "by rule": by_rule.give_by_rule,
    "on shift": on_shift.give_out,
    "distributed": distribution.distribute,
    "shifts": shifts.hand_over,
    "gaps": shifts.tell_gaps,
    "deputies": shifts.tell_deputies,
    "limits": limits.tell_limits,
    "exchanges": exchanges.tell_exchanges,
    "carried": carrying.carry,
    "opened": opened.tell_opened,
    "letters": letters.write_waiting,
    "drafts": letter_drafts.remind,
    "codes": lost_codes.answer_waiting,
    "failed": failing.report,
    "alerts": sending.send,
    "scanned": partial(scanning.scan_waiting, meanwhile=pulse.move_on),
    "infected": infected.tell_infected,
    "views": partial(views.make_missing, meanwhile=pulse.move_on),
    "roots": _daily,
    "removed": removals.run,
    "compacted": compaction.run,
    "reports": partial(reports.make_missing, meanwhile=pulse.move_on),
}


def _sessions(*, now: datetime) -> int:
    """Remove sessions that are over, and with them the drafts of complaints never sent."""
    return Session.objects.filter(expire_date__lt=now).delete()[0]


#: What is removed now and then.
TIDYING: Mapping[str, Callable[..., int]] = {
    "removal lists": removals.make_by_itself,
    "cases given to nobody": distribution.tidy,
    "cases of no rule of distribution": ruled.tidy,
    "cases that nobody on shift could have": on_shift.tidy,
    "uploads": attachments.remove_unlinked,
    "partial uploads": arriving.expire,
    "erased files": contents.remove_unused,
    "files in clear": contents.seal_old,
    "erased messages": erased.remove,
    "removed evidence": erased.remove_evidence,
    "idempotency keys": idempotency.tidy,
    "attempts": throttle.tidy,
    "outbox": carrying.tidy,
    "case files": case_files.tidy,
    "alerts": sending.tidy,
    "password links": passwords.tidy,
    "happenings at accounts": happenings.tidy,
    "sessions": _sessions,
    "unsent words": unsent_words.forget_erased,
}


def tick(now: datetime, *, without: Collection[str] = ()) -> dict[str, int]:
    """Do everything that is due by `now` and return how much of each; `without` names parts that may wait."""
    return {name: _guarded(name, part, now) for name, part in PARTS.items() if name not in without}


def tidy(now: datetime) -> dict[str, int]:
    """Remove what nobody needs any more and return how much of each."""
    return {name: _guarded(name, part, now) for name, part in TIDYING.items()}


def _guarded(name: str, part: Callable[..., int], now: datetime) -> int:
    pulse.move_on()
    try:
        return part(now=now)
    except Exception:  # the next tick tries again; the other parts must not wait for it
        log.exception("clock: %s failed", name)
        return 0
