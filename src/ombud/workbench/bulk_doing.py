"""One act on one of several complaints: done as if alone, and told in a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from ombud.cases.access.case_access import Accessed
from ombud.cases.commands import perform
from ombud.cases.errors import CaseError, Refused, Stale
from ombud.cases.fold import program_of
from ombud.cases.models import Case, Duty
from ombud.cases.reading import queries
from ombud.cases.reading.titles import acts_for
from ombud.interface.lists import listed
from ombud.notices.reminding import remind
from ombud.organisation.models import Person, words
from ombud.workbench.consequences import consequences

REMIND = "remind"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of the act on one complaint."""

    case: Case
    is_done: bool
    words: str
    clauses: tuple[str, ...] = ()  # under which it was refused


def offers_of(accessed: Accessed, *, now: datetime) -> dict[str, bool]:
    """Return the acts that the reader can do on a complaint now, each with whether it would meet a duty."""
    acts, offers = program_of(accessed.case).procedure.acts, queries.offers(accessed, now=now)
    return {offer.act: bool(offer.discharges) for offer, _actor in offers if not offer.blocked and offer.act in acts}


def do(accessed: Accessed, act: str, data: Mapping[str, Any], *, seen: int | None, now: datetime) -> Outcome:
    """Perform the act on one complaint, in a transaction of its own, and return what came of it."""
    case = accessed.case
    actor = next((actor for offer, actor in queries.offers(accessed, now=now) if offer.act == act), None)
    assert actor is not None, "only what is offered is asked for"
    seen = case.seq if seen is None else seen
    try:
        done = perform(case, act, actor=actor, at=now, now=now, data=dict(data), seen=seen)
    except Stale:
        return Outcome(case=case, is_done=False, words=_("Somebody acted on it meanwhile. Look at it again."))
    except Refused as refused:
        reasons = " ".join(words(dict(each.message)) for each in refused.refusals)
        clauses = tuple(dict.fromkeys(clause for each in refused.refusals for clause in each.clauses))
        return Outcome(case=case, is_done=False, words=reasons, clauses=clauses)
    except CaseError:
        return Outcome(case=case, is_done=False, words=_("This act is not possible there now."))
    title = program_of(case).procedure.acts[act].title
    return Outcome(case=case, is_done=True, words=consequences(done, title=title, now=now))


def remind_each(chosen: Iterable[Accessed], *, by: Person, now: datetime) -> list[Outcome]:
    """Remind those who can do what each complaint owes next, and return who was told."""
    found = []
    for accessed in chosen:
        duty = Duty.objects.filter(case=accessed.case, status=Duty.Status.OPEN, is_outsiders=False).order_by("due_at")
        owed = next(iter(duty), None)
        acts = [act for act, _title in acts_for(program_of(accessed.case), owed.do)] if owed else []
        people, told = remind(accessed, acts[0], by=by, now=now) if acts and accessed.actors else ((), 0)
        names = listed(str(each) for each in people)
        if told:
            said = _("Reminded: {names}").format(names=names)
        elif people:
            said = _("Reminded today already: {names}").format(names=names)
        else:
            said = _("Nobody else is waited for.")
        found.append(Outcome(case=accessed.case, is_done=bool(told), words=said))
    return found
