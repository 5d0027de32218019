"""Time limits and ladders said otherwise: one more, one less, counted otherwise, on another calendar, to others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from ombud.checks.mutation.mutant import Change, Changes, next_of, said_otherwise
from ombud.checks.mutation.words import role_word
from ombud.policy.limits import MODES
from ombud.policy.limitwords import limit_text
from ombud.policy.model.limits import EARLIEST, LATEST, Limit, Rung
from ombud.policy.model.pack import Pack
from ombud.worktime import CalendarSpec, Mode


def limit_changes(pack: Pack, limit: Limit) -> Changes:
    """Yield a limit (with its grades) with one of its lengths, countings or calendars changed."""
    for whole, rebuilt in _compared(limit):
        other = replace(whole, order=LATEST if whole.order == EARLIEST else EARLIEST)
        old, new = limit_text(whole, pack), limit_text(other, pack)
        yield Change(part="limit", old=old, new=new, at=whole.at, entry=rebuilt(other))
    for leaf, rebuilt in _leaves(limit):
        for part, changed in _leaf_changes(pack, leaf):
            old, new = limit_text(leaf, pack), limit_text(changed, pack)
            yield Change(part=part, old=old, new=new, at=leaf.at, entry=rebuilt(changed))


def _leaves(limit: Limit) -> Iterator[tuple[Limit, Callable[[Limit], Limit]]]:
    """Yield every length of a limit, with what makes the whole limit of another one."""
    if limit.length is not None:
        yield limit, lambda changed: changed
    for key, case in limit.cases.items():
        for leaf, inner in _leaves(case):
            yield leaf, partial(_with_case, limit, key, inner)
    if limit.otherwise is not None:
        for leaf, inner in _leaves(limit.otherwise):
            yield leaf, partial(_with_otherwise, limit, inner)


def _compared(limit: Limit) -> Iterator[tuple[Limit, Callable[[Limit], Limit]]]:
    """Yield every comparison of limits in a limit, with what makes the whole limit of another one."""
    if limit.order is not None:
        yield limit, lambda changed: changed
    for key, case in limit.cases.items():
        for found, inner in _compared(case):
            yield found, partial(_with_case, limit, key, inner)
    if limit.otherwise is not None:
        for found, inner in _compared(limit.otherwise):
            yield found, partial(_with_otherwise, limit, inner)


def _with_case(limit: Limit, key: str, inner: Callable[[Limit], Limit], changed: Limit) -> Limit:
    return replace(limit, cases={**limit.cases, key: inner(changed)})


def _with_otherwise(limit: Limit, inner: Callable[[Limit], Limit], changed: Limit) -> Limit:
    return replace(limit, otherwise=inner(changed))


def _leaf_changes(pack: Pack, leaf: Limit) -> Iterator[tuple[str, Limit]]:
    for changed in _lengths(leaf):
        yield "limit", changed
    assert leaf.unit is not None, "a length has a unit"
    for mode in MODES[leaf.unit]:
        if mode is not leaf.mode:
            yield "counting", replace(leaf, mode=mode)
    if leaf.mode in (Mode.NATURAL, Mode.CALENDAR):
        yield "roll", replace(leaf, roll=not leaf.roll)
    if leaf.cutoff is not None:
        yield "cutoff", replace(leaf, cutoff=None)
    elif leaf.mode is Mode.CLOCK:
        return
    if leaf.whose is not None:
        yield "calendar", replace(leaf, whose=None)
        return
    other = other_calendar(pack, leaf.calendar or pack.counting_calendar, leaf.mode)
    if other is not None:
        yield "calendar", replace(leaf, calendar=other)


def _lengths(leaf: Limit) -> Iterator[Limit]:
    if not leaf.length:
        return
    yield replace(leaf, length=leaf.length + 1)
    if leaf.length > 1:
        yield replace(leaf, length=leaf.length - 1)


def other_calendar(pack: Pack, calendar: str, mode: Mode | None = None) -> str | None:
    """Return a calendar on which a limit ends at another time."""

    def counts(spec: CalendarSpec) -> CalendarSpec:
        return spec if mode in (None, Mode.OPEN_DAYS) else replace(spec, day=1)

    same = [id for id, spec in pack.calendars.items() if counts(spec) == counts(pack.calendars[calendar])]
    return next_of(list(pack.calendars), calendar, without=same)


def ladder_changes(pack: Pack, ladder: tuple[Rung, ...], silent: set[str]) -> Changes:
    """Yield a ladder with the time or the listener of one rung changed; `silent`: roles that would hear the same."""
    for index, rung in enumerate(ladder):
        for changed in _rung_changes(pack, rung, silent):
            yield replace(changed, entry=(*ladder[:index], changed.entry, *ladder[index + 1 :]))


def _rung_changes(pack: Pack, rung: Rung, silent: set[str]) -> Changes:
    for leaf, field in ((rung.offset, "offset"), (rung.every, "every")):
        if leaf is None:
            continue
        own = (replace(leaf, calendar=None),) if leaf.calendar else ()
        for changed in (*_lengths(leaf), *own):
            entry = said_otherwise(rung, **{field: changed})
            part = "before-due" if rung.is_before else f"rung-{field}"
            yield Change(part=part, old=limit_text(leaf, pack), new=limit_text(changed, pack), at=rung.at, entry=entry)
    for index, told in enumerate(rung.tell):
        internal = [id for id, role in pack.roles.items() if not role.is_external]
        other = next_of(internal, told, without=[*rung.tell, *silent])
        if other is not None:
            tell = (*rung.tell[:index], other, *rung.tell[index + 1 :])
            words = (role_word(pack, told), role_word(pack, other))
            yield Change(part="rung-tell", old=words[0], new=words[1], at=rung.at, entry=replace(rung, tell=tell))
