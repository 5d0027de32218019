"""What a pack promises the complainant, in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ombud.interface.limit_text import limit
from ombud.policy.complainant import concerns_complainant, told
from ombud.policy.event_names import EventName, event_name
from ombud.policy.model.duties import Duty
from ombud.policy.model.pack import Pack
from ombud.policy.procedure import is_external
from ombud.policy.vocabulary import CHANNEL, RECEIVE


@dataclass(frozen=True, slots=True)
class Promise:
    """A duty towards the complainant, as the policy states it."""

    duty: str
    title: Any  # Text
    limit: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DefaultCase:
    """A case of which nothing special is known yet: what guards say of it holds for most."""

    facts: Mapping[str, Any]

    def done(self, act: str) -> bool:
        return False

    def done_since(self, act: str, since: str) -> bool:
        return False

    def count(self, act: str) -> int:
        return 0

    def is_open(self, duty: str) -> bool:
        return False

    def is_overdue(self, duty: str) -> bool:
        return False

    def is_passed(self, duty: str) -> bool:
        return False

    def is_approved(self, chain: str) -> bool:
        return False


def promises(pack: Pack, grades: Mapping[str, Any] | None = None) -> tuple[Promise, ...]:
    """Return the duties that the usual complainant will notice, or that of a case with these grades: those that a
    public act discharges."""
    facts = {**_decided(pack, {}), **(grades or {})}
    return _noticed(pack, facts, lambda duty: all(EventName.of(event).is_act for event in duty.after[:1]))


def at_first(pack: Pack, channel: str) -> tuple[Promise, ...]:
    """Return what the complainant will notice first after they came by a channel: what the arrival itself begins."""
    facts, act = _decided(pack, {CHANNEL: channel}), pack.main.acts[RECEIVE]
    facts |= {each.fact: facts[each.value] for each in act.sets if each.kind == "name" and each.value in facts}
    way = facts.get(act.choice) if act.choice else None
    begun = {RECEIVE, *([event_name(RECEIVE, way)] if isinstance(way, str) else [])}
    return _noticed(pack, facts, lambda duty: not begun.isdisjoint(duty.after))


def _decided(pack: Pack, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts with what the pack's tables make of them."""
    found = dict(facts)
    for _round in pack.tables:  # a table may read another one
        found |= {id: value for id, table in pack.tables.items() if (value := table.decide(found)) is not None}
    return found


def _noticed(pack: Pack, facts: Mapping[str, Any], begins: Callable[[Duty], bool]) -> tuple[Promise, ...]:
    found = []
    for duty in pack.main.duties.values():
        is_noticed = concerns_complainant(pack, pack.main, duty)
        is_usual = duty.where is None or duty.where.holds(DefaultCase(facts))
        if (
            is_noticed
            and is_usual
            and begins(duty)
            and not is_external(pack, pack.main, duty.bearer)
            and not duty.is_recurring
            and (words := limit(duty.limit))
        ):
            found.append(Promise(duty.id, told(duty), words, duty.cite))
    return tuple(found)
