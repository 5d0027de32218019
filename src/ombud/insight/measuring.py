"""From a case's state to the row that figures are counted from: one function, whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

from django.utils import timezone

from ombud.cases.eventlog import personal_fields
from ombud.cases.fold import seconds
from ombud.cases.models import Case, Event
from ombud.cases.projections import instant
from ombud.engine import State
from ombud.engine.readiness import acts_towards, is_now
from ombud.engine.state import Instance
from ombud.insight.models import Measured
from ombud.organisation import library
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.values import FieldType
from ombud.policy.values import amount
from ombud.policy.vocabulary import COMPLAINANT, OWN_FACTS, WITHDRAWALS
from ombud.worktime import HorizonError

_COUNTED = {FieldType.CHOICE, FieldType.BOOL, FieldType.COUNTRY, FieldType.LANGUAGE}
TOP = "cause.top"  # the cause at the top of the tree above the stated one: no id of a pack has a point
_CENT = Decimal("0.01")
_MOST = Decimal(10) ** 18  # an amount beyond is a slip of the pen: no figure, and no overflow


def measured(case: Case, state: State, rows: Sequence[Event]) -> Measured:
    """Return the row, not saved, of a case whose events lead to this state.

    `is_repeat`, its circle and its days are found by who saves it.
    """
    pack, facts = state.program.pack, state.facts
    named = pack.figures
    chosen = choices_of(pack, facts)
    registered, answered = _first(rows, named.registered), _first(rows, named.answered)
    received, closed = seconds(case.received_at), seconds(case.closed_at) if case.closed_at else None
    is_main = case.procedure == MAIN
    if not is_main:
        registered = answered = None
        chosen = {
            name: value for name, value in chosen.items() if name not in pack.tables or _is_told(pack, name, facts)
        }
    suggested, suggestion_answered = _suggested(pack, chosen, rows, received) if is_main else (None, None)
    if named.suggestion is not None and suggestion_answered is None:
        chosen.pop(named.suggestion.outcome, None)  # what was said of an earlier one
    satisfaction = chosen.get(named.satisfaction or "", "")
    found = Measured(
        case_id=case.pk,
        seq=case.seq,
        policy=case.policy,
        version=case.policy_version_id,
        procedure=case.procedure,
        channel=case.channel,
        department_id=case.department_id,
        office_id=case.office_id,
        handler_id=case.handler_id,
        category=chosen.get(named.category or "", ""),
        grade=chosen.get(named.grade or "", ""),
        outcome=chosen.get(named.outcome or "", ""),
        satisfaction=satisfaction,
        is_satisfied=satisfaction in named.satisfied if satisfaction else None,
        asked=_amount(pack, facts, named.asked),
        given=_amount(pack, facts, named.given),
        choices=chosen,
        rounds=sum(row.act in named.proposed for row in rows) if is_main else 0,
        is_withdrawn=any(act in state.log and state.log[act].occurred == closed for act in WITHDRAWALS),
        suggested_at=instant(suggested),
        suggestion_answered_at=instant(suggestion_answered),
        received_at=case.received_at,
        registered_at=instant(registered),
        answered_at=instant(answered),
        closed_at=case.closed_at,
        next_due_at=case.next_due_at,
    )
    for name, at in (("registering", registered), ("answering", answered), ("closing", closed)):
        if at is not None:
            setattr(found, name, max(0, at - received))
            setattr(found, f"{name}_worked", _worked(state, received, max(received, at)))  # a clock was set back
    if closed is not None:
        _lay(found, state, rows, received, closed)
    return found


def _is_told(pack: Pack, name: str, facts: Mapping[str, Any]) -> bool:
    """Return whether anybody said anything of what a table decides by.

    It decides something even where nobody did: the usual grade of a new complaint, which is none of another matter.
    """
    if name in pack.tables:
        return any(_is_told(pack, each, facts) for each in pack.tables[name].inputs)
    return name in facts and name not in OWN_FACTS


def zone() -> tzinfo:
    """Return the zone in whose days figures are summed."""
    return timezone.get_default_timezone()


def choices_of(pack: Pack, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the facts that have a list of values and name nobody."""
    known = _countable(pack.hash)
    found = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in sorted(facts.items())
        if name in known and isinstance(value, str | bool | int)
    }
    stated = pack.causes.tree.get(found.get(pack.causes.field or "", ""))
    return found if stated is None else {**found, TOP: stated.path[0]}


@cache
def _countable(hash: str) -> frozenset[str]:
    """Return the facts of a pack that figures can be counted by and that name nobody."""
    pack = library.pack(hash)
    return frozenset(name for name in pack.kinds if is_counted(pack, name)) - personal_fields(hash)


def is_counted(pack: Pack, name: str) -> bool:
    """Return whether figures can be counted by a fact."""
    kind = pack.kinds.get(name)
    if kind is None or kind.is_personal or name in OWN_FACTS:
        return False
    return kind.type in _COUNTED or (kind.is_table and bool(kind.choices))


def _first(rows: Iterable[Event], acts: Sequence[str]) -> int | None:
    return min((row.occurred for row in rows if row.act in acts), default=None)


def _suggested(
    pack: Pack, chosen: Mapping[str, str], rows: Sequence[Event], received: int
) -> tuple[int | None, int | None]:
    """Return when something was suggested first, and when what came of the latest was first said."""
    named = pack.figures.suggestion
    if named is None:
        return None, None
    made = [(row.seq, row.occurred) for row in rows if named.field in row.data]
    if any(chosen.get(fact) in values for fact, values in named.cases.items()):
        made.append((0, received))
    if not made:
        return None, None
    latest = max(seq for seq, _occurred in made)
    said = (row.occurred for row in rows if row.seq >= latest and named.outcome in row.data)
    return min(occurred for _seq, occurred in made), next(said, None)


def _amount(pack: Pack, facts: Mapping[str, Any], name: str | None) -> Decimal | None:
    found = amount(facts.get(name), pack.currency) if name else None
    return None if found is None or abs(found) >= _MOST else found.quantize(_CENT)


def _worked(state: State, begin: int, end: int) -> int | None:
    try:
        return state.program.calendar.open_seconds(begin, end)
    except HorizonError:
        return None


def _lay(found: Measured, state: State, rows: Sequence[Event], received: int, closed: int) -> None:
    """Set with whom the case lay, and for how long in each phase: there it lies with whoever can do what they owe."""
    occurred = {row.seq: row.occurred for row in rows}
    owed = [(each, each.opened_at, _end(each, occurred, closed)) for each in state.instances]
    cuts = {received, closed, *(at for _, begin, end in owed for at in (begin, end))}
    sums = {"ours": 0, "complainants": 0, "others": 0}
    stays: list[list[Any]] = []
    ends = [begin for _, begin in state.stays[1:]] + [None]
    for (phase, begin), end in zip(state.stays, ends, strict=True):
        first = received if begin is None else min(max(begin, received), closed)
        last = closed if end is None else min(max(end, received), closed)
        with_us = 0
        within = sorted({first, last, *(at for at in cuts if first < at < last)})
        for one, other in pairwise(within):
            who = _with_whom(state, phase, [each for each, opens, ends_at in owed if opens <= one < ends_at])
            sums[who] += other - one
            with_us += (other - one) if who == "ours" else 0
        if last > first:
            stays.append([phase, last - first, with_us])
    found.ours, found.complainants, found.others = sums["ours"], sums["complainants"], sums["others"]
    found.stays = stays


def _end(each: Instance, occurred: Mapping[int, int], closed: int) -> int:
    if each.done_at is not None:
        return each.done_at
    return occurred.get(each.closed_seq, closed) if each.closed_seq else closed


def _with_whom(state: State, phase: str, owed: Iterable[Instance]) -> str:
    """Return who could go on: we as long as one of us can, else whoever outside owes something; else nobody but us."""
    outside = None
    for each in owed:
        plan = each.plan
        if plan.is_outsiders:
            bearer = each.bearer or plan.bearer
            outside = "complainants" if bearer.name == COMPLAINANT else outside or "others"
        elif plan.stage is not None or any(is_now(act, phase) for act in acts_towards(state.program, plan.do[:1])):
            return "ours"
    return outside or "ours"
