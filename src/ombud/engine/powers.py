"""Powers over duties: an act, or the approval that it asks for, extends, waives or transfers what is owed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ombud.engine.duties import extend, relimit, waive
from ombud.engine.limit_calendar import PERSON
from ombud.engine.state import State
from ombud.policy.model.acts import Power
from ombud.policy.model.duties import Bearer
from ombud.policy.model.values import FieldType, Value
from ombud.policy.vocabulary import DEPARTMENT

EXTEND, WAIVE, TRANSFER = "extend", "waive", "transfer"


def use_powers(state: State, powers: Iterable[Power], data: Mapping[str, Value], at: int) -> None:
    """Do to the open instances what each power says; the values come from the act's own data, else from the facts."""
    for power in powers:
        value = data.get(power.to, state.facts.get(power.to)) if power.to else None
        if power.kind == WAIVE:
            waive(state, state.program.duties[power.duty])
        elif value is None or power.to is None:
            continue  # only in `observe`: the deviation is on record, there is no date or person
        elif power.kind == EXTEND:
            for instance in state.owed(power.duty):
                extend(state, instance, (power.to, value))
        else:
            is_place = state.program.pack.fields[power.to].type is FieldType.DEPARTMENT
            bearer = Bearer(kind=DEPARTMENT if is_place else PERSON, name=value)
            for instance in state.owed(power.duty):
                instance.bearer = bearer
                relimit(state, instance, at)
