"""When a limit ends: graded limits picked by the facts, counted on one calendar, or a date that others set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from ombud.policy.model import FieldType, Limit, Pack, Value
from ombud.worktime import Calendar, Due, Mode

Span = tuple[int, int]  # a pause: from, to


class LimitPlan:
    """A limit bound to its calendar; a graded one holds the plans it picks from."""

    __slots__ = (
        "by", "calendar", "cases", "field", "is_date", "is_graded", "length", "limit", "mode", "otherwise", "roll",
        "seconds", "unit",
    )  # fmt: skip

    def __init__(self, limit: Limit, pack: Pack, calendars: Mapping[str, Calendar]) -> None:
        self.limit = limit
        self.calendar = calendars[limit.calendar or pack.counting_calendar]
        self.length, self.unit, self.mode, self.roll = limit.length or 0, limit.unit, limit.mode, limit.roll
        self.by = limit.by
        # Elapsed time is the same from every start, so the calendar is asked once. None for all other modes.
        self.seconds: int | None = None
        if limit.unit is not None and limit.mode is Mode.CLOCK:
            self.seconds = self.calendar.deadline(0, self.length, limit.unit, limit.mode).at
        self.field = limit.field
        self.is_date = limit.field is not None and pack.fields[limit.field].type is FieldType.DATE
        self.cases = {key: LimitPlan(case, pack, calendars) for key, case in limit.cases.items()}
        self.otherwise = LimitPlan(limit.otherwise, pack, calendars) if limit.otherwise else None
        self.is_graded = limit.by is not None or limit.field is not None  # else `pick` returns the plan itself

    @property
    def reads(self) -> frozenset[str]:
        """The facts on which the length depends."""
        names = {name for name in (self.by, self.field) if name}
        for plan in (*self.cases.values(), self.otherwise):
            names |= plan.reads if plan else frozenset()
        return frozenset(names)

    def pick(self, facts: Mapping[str, Value]) -> LimitPlan | None:
        """Return the plan without grades that the facts choose; None where none applies."""
        plan: LimitPlan | None = self
        while plan is not None:
            if plan.by is None and (plan.field is None or facts.get(plan.field) is not None):
                return plan
            plan = plan.choose(facts)
        return None

    def choose(self, facts: Mapping[str, Value]) -> LimitPlan | None:
        """Return the case that the fact picks, or what holds otherwise."""
        return self.otherwise if self.by is None else self.cases.get(_label(facts.get(self.by)), self.otherwise)

    def due(self, start: int, facts: Mapping[str, Value], pauses: Sequence[Span] = (), times: int = 1) -> Due:
        """Return when the limit ends, counted `times` over; only for a plan that `pick` returned."""
        if self.seconds is not None and not pauses:
            return Due(start + self.seconds * times, False)
        if self.field is not None:
            return self._set_by_others(facts[self.field])
        assert self.unit is not None, "a length has a unit"
        assert self.mode is not None, "a length has a mode"
        if pauses:
            return self.calendar.due_after_pauses(start, self.length * times, self.unit, self.mode, self.roll, pauses)
        return self.calendar.deadline(start, self.length * times, self.unit, self.mode, self.roll)

    def _set_by_others(self, value: Value) -> Due:
        if not self.is_date:
            return Due(int(value), False)
        return self.calendar.due_on(date.fromisoformat(value))

    def start_of(self, value: Value) -> int:
        """Return the instant to count from where a fact is the anchor: an instant, or a date (not counted itself)."""
        if isinstance(value, int):
            return value
        return self.calendar.anchor_of(date.fromisoformat(value), self.mode or Mode.CLOCK)


class RungPlan:
    """One rung bound to its calendar; `breaks` = it marks the duty as breached."""

    __slots__ = ("act", "breaks", "every", "index", "instant", "shift", "tell")

    def __init__(
        self,
        index: int,
        *,
        tell: tuple[str, ...],
        act: str | None = None,
        offset: LimitPlan | None = None,
        is_before: bool = False,
        every: LimitPlan | None = None,
    ) -> None:
        self.index, self.tell, self.act, self.every = index, tell, act, every
        self.breaks = every is None and not is_before
        self.instant: Callable[[int], int] = _offset(offset, is_before)
        # Elapsed time is the same from every due time. None: the calendar is asked.
        self.shift: int | None = None
        if offset is None or not offset.length:
            self.shift = 0
        elif offset.seconds is not None:
            self.shift = -offset.seconds if is_before else offset.seconds


def _offset(plan: LimitPlan | None, is_before: bool) -> Callable[[int], int]:
    """Return the function from a due time to the rung's instant."""
    if plan is None or plan.length == 0:
        return lambda due: due
    calendar, length, unit, mode = plan.calendar, plan.length, plan.unit, plan.mode
    assert unit is not None, "an offset has a unit"
    assert mode is not None, "an offset has a mode"
    if not is_before:
        return lambda due: calendar.after(due, length, unit, mode)
    return lambda due: calendar.before(due, length, unit, mode)


def _label(value: Value) -> str:
    """Return the value as the pack writes it where a limit is graded by it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
