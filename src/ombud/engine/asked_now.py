"""Which fields an act asks for as the case stands: those it always needs, and those its conditions need now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice, product
from typing import Any

from ombud.engine.admission import Admission
from ombud.engine.model import Actor, Refusal, Staff, Submission
from ombud.engine.program import ActPlan
from ombud.engine.state import State
from ombud.policy.model.acts import Condition
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import Field, FieldType
from ombud.policy.values import interval

MOST_BLANKS = 4  # fields of one condition; a policy with more of them is told only when it refuses
TRIALS = 64  # combinations of values tried for a set of fields

_PLAIN: Mapping[FieldType, Any] = {
    FieldType.TEXT: "x",
    FieldType.LONG_TEXT: "x",
    FieldType.MONEY: "1",
    FieldType.COUNTRY: "CN",
    FieldType.LANGUAGE: "zh",
    FieldType.FILES: ["x"],
    FieldType.CASE: "x",
}


def asked_now(
    state: State, act: str, actor: Actor, now: int, staff: Staff | None = None, data: Mapping[str, Any] | None = None
) -> dict[str, Refusal]:
    """Return the fields without which the act would be refused now, each with the refusal that would ask for it.

    `data` is what was filled in already. A field of a condition is asked for where no value of the others would do
    instead: of two fields of which one is enough neither is. Raises KeyError for an act that there is not.
    """
    plan = state.program.acts[act]
    given = dict(data or {})
    tried = Admission(state, Submission(act=act, actor=actor, occurred=now, recorded=now, data=given), staff)
    found = {each.field: each for each in tried.refusals if each.code == "needs" and each.field}
    refusals = (each for each in tried.refusals if each.code == "guard")
    for condition, refusal in zip(tried.unmet, refusals, strict=True):
        trial = _Trial(state, plan, actor, now, staff, given, condition)
        found.update((name, refusal) for name in trial.fields_without_which_it_fails() if name not in found)
    return found


class _Trial:
    """One condition that does not hold, tried with values for the fields that the act may still bring."""

    def __init__(
        self,
        state: State,
        plan: ActPlan,
        actor: Actor,
        now: int,
        staff: Staff | None,
        given: dict[str, Any],
        condition: Condition,
    ) -> None:
        self.state, self.plan, self.actor, self.now, self.staff = state, plan, actor, now, staff
        self.given, self.condition, self.pack = given, condition, state.program.pack

    def fields_without_which_it_fails(self) -> list[str]:
        blank = self.blank_fields()
        if not blank or len(blank) > MOST_BLANKS or not self.can_hold(blank):
            return []
        return [name for name in blank if not self.can_hold([each for each in blank if each != name])]

    def blank_fields(self) -> list[str]:
        """Return the fields of the act that the condition reads, itself or through tables, and that say nothing yet."""
        act, tables = self.plan.act, self.pack.tables
        if act is None:
            return []
        names = set(self.condition.guard.names)
        while not names.isdisjoint(tables):
            names = {each for name in names for each in (tables[name].inputs if name in tables else (name,))}
        return [
            name
            for name in dict.fromkeys((*act.needs, *act.may))
            if name in names
            and name in self.pack.fields
            and name not in self.given
            and (self.state.facts.get(name) is None or name in self.plan.anew)
        ]

    def can_hold(self, names: Sequence[str]) -> bool:
        """Return whether some values of these fields, the other blank ones staying so, make the condition hold."""
        samples = [list(_samples(self.pack, self.pack.fields[name], self.actor, self.now)) for name in names]
        return any(self.holds(dict(zip(names, values, strict=True))) for values in islice(product(*samples), TRIALS))

    def holds(self, more: Mapping[str, Any]) -> bool:
        data = {**self.given, **more}
        submission = Submission(act=self.plan.id, actor=self.actor, occurred=self.now, recorded=self.now, data=data)
        unmet: Collection[Condition] = Admission(self.state, submission, self.staff).unmet
        return not any(each is self.condition for each in unmet)


def _samples(pack: Pack, field: Field, actor: Actor, now: int) -> Iterator[Any]:
    """Yield values of the field that differ in what a condition may ask: all choices, else one that is there."""
    if field.type is FieldType.LIST:
        yield [next(_of_type(pack, field.item or FieldType.TEXT, actor, now), "x")]
    elif field.of:
        yield from field.of
    elif field.domain and (low := interval(field.domain).low) is not None:
        yield from (str(low), str(low + 1))
    else:
        yield from _of_type(pack, field.type, actor, now)


def _of_type(pack: Pack, kind: FieldType, actor: Actor, now: int) -> Iterator[Any]:
    at = datetime.fromtimestamp(now, UTC)
    match kind:
        case FieldType.BOOL:
            yield from (True, False)
        case FieldType.INTEGER:
            yield from (1, 0)
        case FieldType.DATE:
            yield at.date().isoformat()
        case FieldType.INSTANT:
            yield at.isoformat()
        case FieldType.PERSON:
            yield actor.person
        case FieldType.DEPARTMENT:
            yield from pack.departments
        case _:
            yield _PLAIN[kind]
