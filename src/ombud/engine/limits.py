"""When a limit ends: graded by the facts, counted on one calendar, a date that others set, or one of several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import date

from ombud.engine.case_facts import CaseFacts
from ombud.engine.limit_calendar import CalendarOwner, Owner
from ombud.policy.model.duties import Bearer
from ombud.policy.model.limits import EARLIEST, Limit
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType, Value
from ombud.worktime import Calendar, Due, Mode, Unit

Span = tuple[int, int]  # a pause: from, to


class LimitPlan:
    """A limit bound to its calendar; a graded one, or one on somebody's calendar, picks the plan for a case."""

    __slots__ = (
        "by",
        "calendar",
        "calendars",
        "cases",
        "cutoff",
        "field",
        "is_date",
        "is_graded",
        "length",
        "limit",
        "mode",
        "order",
        "otherwise",
        "owner",
        "parts",
        "roll",
        "seconds",
        "unit",
        "variants",
        "whose",
    )  # fmt: skip

    def __init__(
        self,
        limit: Limit,
        pack: Pack,
        calendars: Mapping[str, Calendar],
        bearer: Bearer | None = None,
        roles: Mapping[str, tuple[str, ...]] | None = None,
        whose: str | None = None,
    ) -> None:
        """`bearer` owes the duty, `roles` perform each act; `whose` holds unless the limit itself says otherwise."""
        self.limit, self.calendars = limit, calendars
        whose = limit.whose or (None if limit.calendar else whose)
        self.calendar = calendars[limit.calendar or pack.counting_calendar]
        self.whose = CalendarOwner(whose, bearer, pack, roles or {}) if whose else None
        self.owner: Owner | None = None  # whose calendar it is, in a plan that was picked
        # This plan on other calendars, by holder; of several that are compared, with these of them.
        self.variants: dict[tuple[str, str] | tuple[LimitPlan, ...], LimitPlan] = {}
        self.order = limit.order
        self.parts: tuple[LimitPlan, ...] = ()  # what is compared, in a plan that was picked
        self.length, self.unit, self.mode, self.roll = limit.length or 0, limit.unit, limit.mode, limit.roll
        self.by = limit.by
        # Elapsed time is the same from every start, so the calendar is asked once. None for all other modes.
        self.seconds: int | None = None
        self.cutoff = limit.cutoff
        if limit.unit is not None and limit.mode is Mode.CLOCK and limit.cutoff is None:
            self.seconds = self.calendar.deadline(0, self.length, limit.unit, limit.mode).at
        self.field = limit.field
        self.is_date = limit.field is not None and pack.fields[limit.field].type is FieldType.DATE
        self.cases = {key: LimitPlan(case, pack, calendars, bearer, roles, whose) for key, case in limit.cases.items()}
        self.otherwise = LimitPlan(limit.otherwise, pack, calendars, bearer, roles, whose) if limit.otherwise else None
        # Else `pick` returns the plan itself.
        self.is_graded = bool(limit.by or limit.field or limit.order) or self.whose is not None

    @property
    def reads(self) -> frozenset[str]:
        """The facts on which length and calendar depend."""
        names = {name for name in (self.by, self.field) if name}
        names |= self.whose.reads if self.whose else frozenset()
        return frozenset(names).union(*(plan.reads for plan in self._inner))

    @property
    def acts(self) -> frozenset[str]:
        """The acts on which the calendar depends."""
        own = self.whose.acts if self.whose else frozenset[str]()
        return own.union(*(plan.acts for plan in self._inner))

    @property
    def _inner(self) -> tuple[LimitPlan, ...]:
        return (*self.cases.values(), self.otherwise) if self.otherwise else tuple(self.cases.values())

    def pick(self, state: CaseFacts, moved: Bearer | None = None) -> LimitPlan | None:
        """Return the plan that holds for the case, on its calendar; None where none applies.

        `moved` is who bears this instance, where that is not the duty's own bearer any more.
        """
        facts = state.facts
        plan: LimitPlan | None = self
        while plan is not None:
            if plan.order is not None:
                return plan.comparing([part.pick(state, moved) for part in plan.cases.values()])
            if plan.by is None and (plan.field is None or facts.get(plan.field) is not None):
                return plan if plan.whose is None else plan._on(plan.whose.owner(state, moved))
            plan = plan.choose(facts)
        return None

    def _on(self, owner: Owner | None) -> LimitPlan:
        """Return this plan on somebody's calendar: always the same object, so that a change can be seen."""
        if owner is None:
            return self
        key = (type(owner).__name__, owner.id)
        plan = self.variants.get(key)
        if plan is None:
            plan = copy(self)
            plan.calendar, plan.owner = self.calendars[owner.calendar or ""], owner
            plan = self.variants.setdefault(key, plan)
        return plan

    def comparing(self, picked: Iterable[LimitPlan | None]) -> LimitPlan | None:
        """Return the earliest or latest of the limits that there are: always the same object for the same ones.

        Its ladder counts on the calendar of the first. None where there is no limit.
        """
        parts = tuple(each for each in picked if each is not None)
        if len(parts) < 2:
            return parts[0] if parts else None
        plan = self.variants.get(parts)
        if plan is None:
            plan = copy(self)
            plan.parts, plan.calendar, plan.owner, plan.mode = parts, parts[0].calendar, parts[0].owner, parts[0].mode
            plan.field = next((each.field for each in parts if each.field is not None), None)
            plan = self.variants.setdefault(parts, plan)
        return plan

    def of_parts(self, ends: Iterable[int]) -> int:
        """Return which of the ends of what is compared counts."""
        return min(ends) if self.order == EARLIEST else max(ends)

    def choose(self, facts: Mapping[str, Value]) -> LimitPlan | None:
        """Return the case that the fact picks, or what holds otherwise."""
        return self.otherwise if self.by is None else self.cases.get(_label(facts.get(self.by)), self.otherwise)

    def due(self, start: int, facts: Mapping[str, Value], pauses: Sequence[Span] = (), times: int = 1) -> Due:
        """Return when the limit ends, counted `times` over; only for a plan that `pick` returned."""
        if self.seconds is not None and not pauses:
            return Due(start + self.seconds * times, False)
        if self.parts:
            dues = [part.due(start, facts, pauses, times) for part in self.parts]
            at = self.of_parts(due.at for due in dues)
            return Due(at, any(due.provisional for due in dues if due.at == at))
        if self.field is not None:
            return self._set_by_others(facts[self.field])
        if self.cutoff is not None:
            begin, leans = self.calendar.counted_from(start, self.cutoff)
            due = self._counted(begin, pauses, times)
            return Due(due.at, due.provisional or leans)
        return self._counted(start, pauses, times)

    def _counted(self, start: int, pauses: Sequence[Span], times: int) -> Due:
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


def cap_of(limit: Limit, duty: LimitPlan | None, pack: Pack, calendars: Mapping[str, Calendar]) -> RungPlan:
    """Return the latest that an extension may reach, as a rung after due; its hours are counted as the duty's are."""
    hours = (Unit.MINUTE, Unit.HOUR)
    if duty is not None and duty.unit in hours and limit.unit in hours and limit.mode is Mode.CLOCK:
        limit = replace(limit, mode=duty.mode)
    return RungPlan(0, tell=(), offset=LimitPlan(limit, pack, calendars))


class RungPlan:
    """One rung; `breaks` = it marks the duty as breached. It counts on the calendar that the duty's limit uses."""

    __slots__ = ("act", "breaks", "every", "index", "is_before", "offset", "own", "shift", "tell")

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
        self.offset, self.is_before = offset, is_before
        self.breaks = every is None and not is_before
        counted = every or offset
        self.own = counted.calendar if counted and counted.limit.calendar else None  # one that the rung itself names
        # Elapsed time is the same from every due time. None: the calendar is asked.
        self.shift: int | None = None
        if offset is None or not offset.length:
            self.shift = 0
        elif offset.seconds is not None:
            self.shift = -offset.seconds if is_before else offset.seconds

    @property
    def words(self) -> tuple[object, ...]:
        """What the pack says of the rung, wherever it says it."""
        counted = self.every or self.offset
        count = counted and (counted.length, counted.unit, counted.mode, counted.limit.calendar)
        return self.tell, self.act, self.is_before, self.every is None, count

    def instant(self, due: int, limit: LimitPlan | None) -> int:
        """Return when the rung passes, for a due time found by `limit`."""
        if self.shift is not None:
            return due + self.shift
        offset = self.offset
        assert offset is not None, "without an offset there is a shift"
        assert offset.unit is not None, "an offset has a unit"
        assert offset.mode is not None, "an offset has a mode"
        calendar = self.own or (limit or offset).calendar
        count = calendar.before if self.is_before else calendar.after
        return count(due, offset.length, offset.unit, offset.mode)

    def repeat(self, opened_at: int, times: int, limit: LimitPlan | None) -> int:
        """Return when a repeating rung passes for the `times`-th time."""
        every = self.every
        assert every is not None, "only a repeating rung has an interval"
        if every.seconds is not None:
            return opened_at + every.seconds * times
        assert every.unit is not None, "an interval has a unit"
        assert every.mode is not None, "an interval has a mode"
        calendar = self.own or (limit or every).calendar
        return calendar.deadline(opened_at, every.length * times, every.unit, every.mode, every.roll).at


def _label(value: Value) -> str:
    """Return the value as the pack writes it where a limit is graded by it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
