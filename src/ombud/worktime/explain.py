"""Why something is due then: which days counted, which did not and why, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ombud.texts import Text
from ombud.worktime.arithmetic import CLOCK_SECONDS, add_to_day, day_number, day_of_number
from ombud.worktime.calendar import Calendar, Due, Pause
from ombud.worktime.grid import DAY
from ombud.worktime.spec import CLOSE, Cutoff, Mode, Unit
from ombud.worktime.words import count_text, date_text, join, length_text, stretch_text, text, time_text

_MERGE_FROM = 10  # so many plain working days in a row are one line


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One step of an explanation. `why` is a whole sentence; the rest is for whoever draws it."""

    kind: str  # mode, start, counted, skipped, moved, pause, due, provisional
    why: Text
    on: date | None = None  # first day that the line speaks of
    until: date | None = None  # last one
    at: int | None = None


def explain(
    calendar: Calendar,
    start: int,
    length: int,
    unit: Unit,
    mode: Mode,
    roll: bool = True,
    pauses: Sequence[Pause] = (),
    cutoff: Cutoff | None = None,
) -> list[Line]:
    """Return why a limit ends then, in the order in which a person would count: mode, cut-off, days, pauses, due."""
    lines = [Line(kind="mode", why=_mode_text(calendar, length, unit, mode, roll))]
    leans = False
    if cutoff is not None:
        counted, leans = calendar.counted_from(start, cutoff)
        if counted != start:
            lines.append(_cut_off(calendar, start, counted, cutoff))
        start = counted
    before = calendar.deadline(start, length, unit, mode, roll)
    lines += [
        Line(kind="start", why=text("from", start=_moment(calendar, start), tz=calendar.spec.tz), at=start),
    ]
    if mode is Mode.NEXT_DAY_CLOSE:
        lines += _workdays(calendar, start, before.at)
    elif mode in (Mode.BUSINESS, Mode.OPEN_DAYS):
        lines += _without_prayers(calendar)
        lines += _open_time(calendar, start, before.at)
    elif mode is Mode.NATURAL:
        lines += _natural(calendar, start, length, unit, before.at)
    elif mode is Mode.CALENDAR:
        lines += _corresponding(calendar, start, length, unit)
    due = calendar.due_after_pauses(start, length, unit, mode, roll, pauses)
    lines += _pauses(calendar, start, length, unit, mode, roll, pauses)
    lines.append(
        Line(
            kind="due",
            why=text("due", due=_moment(calendar, due.at, is_end=True), tz=calendar.spec.tz),
            on=_ending_date(calendar, due.at),
            at=due.at,
        )
    )
    if due.provisional or leans:
        lines.append(_provisional(calendar, start, due))
    return lines


def why_closed(calendar: Calendar, day: date) -> Text:
    """Return why a date without windows has none."""
    plan = calendar.plan
    if day in plan.exceptions:
        return text("all_taken" if plan.exceptions[day] else "exception_closed")
    if plan.days is not None and day in plan.days.work:
        return text("all_taken" if plan.spec.made_up(day) else "weekly_rest")
    if plan.days is not None and day in plan.days.off:
        return text("holiday", name=plan.days.off[day])
    if plan.spec.week_on(day)[day.weekday()]:
        return text("all_taken")
    return text("season_rest" if plan.spec.week[day.weekday()] else "weekly_rest")


def _mode_text(calendar: Calendar, length: int, unit: Unit, mode: Mode, roll: bool) -> Text:
    if mode in (Mode.CLOCK, Mode.BUSINESS):
        return text(mode.value, length=length_text(length * CLOCK_SECONDS[unit]))
    if mode is Mode.OPEN_DAYS:
        return text("open_days", length=count_text("standard_day", length), day=length_text(calendar.spec.day))
    if mode is Mode.NEXT_DAY_CLOSE:
        return text("next_day_close", length=count_text("workday_count", length), n=length)
    key = "natural_roll" if mode is Mode.NATURAL and roll else mode.value
    return text(key, length=count_text(unit.value, length))


def _cut_off(calendar: Calendar, at: int, counted: int, cutoff: Cutoff) -> Line:
    """Return why an event counts from a later time on."""
    moments = {"event": _moment(calendar, at), "counted": _moment(calendar, counted)}
    if cutoff == CLOSE:
        why = text("cutoff_close", **moments)
    else:
        why = text("cutoff", cutoff=time_text(cutoff * 60), **moments)
    return Line(kind="moved", why=why, on=calendar.date_of(at), until=calendar.date_of(counted), at=counted)


def _without_prayers(calendar: Calendar) -> Iterator[Line]:
    if (prayers := calendar.spec.prayers) is not None:
        place = f"{prayers.latitude:g}, {prayers.longitude:g}"
        yield Line(kind="mode", why=text("without_prayers", length=length_text(prayers.minutes * 60), place=place))


def _workdays(calendar: Calendar, start: int, due: int) -> Iterator[Line]:
    """Yield the days from the one after `start` up to the due day."""
    first, last = _number(calendar, start) + 1, _ending_number(calendar, due)
    count = 0
    for is_open, days in _runs(calendar, first, last):
        if not is_open:
            yield _skipped(calendar, days)
        elif len(days) >= _MERGE_FROM:
            yield Line(
                kind="counted",
                why=text(
                    "colon",
                    head=stretch_text(days[0], days[-1]),
                    tail=text(_seasonal(calendar, days[0], "workdays"), n=count + 1, m=count + len(days)),
                ),
                on=days[0],
                until=days[-1],
            )
            count += len(days)
        else:
            for day in days:
                count += 1
                tail = _counted_workday(calendar, day, count)
                yield Line(kind="counted", why=text("colon", head=date_text(day), tail=tail), on=day, until=day)


def _counted_workday(calendar: Calendar, day: date, count: int) -> Text:
    plan = calendar.plan
    if day in plan.exceptions:
        return text("workday_exception", n=count)
    if plan.days is not None and day in plan.days.work:
        return text("workday_made_up", n=count, source=plan.days.work[day])
    return text(_seasonal(calendar, day, "workday"), n=count)


def _seasonal(calendar: Calendar, day: date, key: str) -> str:
    """Return the key of the words for a working day, which say so where it has the hours of a season."""
    return key if calendar.spec.season_on(day) is None else f"{key}_season"


def _open_time(calendar: Calendar, start: int, due: int) -> Iterator[Line]:
    """Yield each day's open time between `start` and `due`."""
    first, last = _number(calendar, start), _ending_number(calendar, due)
    total = 0
    for is_open, days in _runs(calendar, first, last):
        if not is_open:
            yield _skipped(calendar, days)
            continue
        for day in days:
            low, high = max(start, _midnight(calendar, day, 0)), min(due, _midnight(calendar, day, 1))
            spans = list(calendar.open_intervals(low, high))
            if not spans:  # the event came after that day's close
                yield Line(
                    kind="skipped",
                    why=text("colon", head=date_text(day), tail=text("outside")),
                    on=day,
                    until=day,
                )
                continue
            length = sum(end - begin for begin, end in spans)
            total += length
            windows = join([f"{_clock(calendar, b)}-{_clock(calendar, e, is_end=True)}" for b, e in spans])
            values = {"windows": windows, "length": length_text(length), "total": length_text(total)}
            days_off = calendar.plan.days
            if days_off is not None and day in days_off.work and day not in calendar.plan.exceptions:
                tail = text("worked_made_up", source=days_off.work[day], **values)
            else:
                tail = text("worked", **values)
            yield Line(kind="counted", why=text("colon", head=date_text(day), tail=tail), on=day, until=day)


def _natural(calendar: Calendar, start: int, length: int, unit: Unit, due: int) -> Iterator[Line]:
    first = _number(calendar, start)
    target = add_to_day(first, length, unit)
    yield _target(calendar, first, target, unit, "last_day")
    last = _ending_number(calendar, due)
    if last == target:
        return
    for is_open, days in _runs(calendar, target, last):
        if not is_open:
            yield _skipped(calendar, days)
        else:
            moved = text("colon", head=date_text(days[0]), tail=text("rolled"))
            yield Line(kind="moved", why=moved, on=days[0], until=days[0])


def _corresponding(calendar: Calendar, start: int, length: int, unit: Unit) -> Iterator[Line]:
    number, second = divmod(calendar.zone.local(start), DAY)
    target = add_to_day(number, length, unit)
    yield _target(calendar, number, target, unit, "same_time")
    if calendar.zone.local(calendar.zone.instant(target * DAY + second)) != target * DAY + second:
        day = day_of_number(target)
        yield Line(kind="moved", why=text("colon", head=date_text(day), tail=text("jumped")), on=day, until=day)


def _target(calendar: Calendar, first: int, target: int, unit: Unit, key: str) -> Line:
    day = day_of_number(target)
    is_clamped = unit in (Unit.MONTH, Unit.YEAR) and day.day != day_of_number(first).day
    tail = text("clamped" if is_clamped else key)
    return Line(kind="counted", why=text("colon", head=date_text(day), tail=tail), on=day, until=day)


def _pauses(
    calendar: Calendar, start: int, length: int, unit: Unit, mode: Mode, roll: bool, pauses: Sequence[Pause]
) -> Iterator[Line]:
    done: list[Pause] = []
    for begin, end in sorted(pauses):
        so_far = calendar.due_after_pauses(start, length, unit, mode, roll, done)
        done.append((begin, end))
        begin = max(begin, start)
        if end <= begin or begin > so_far.at:
            continue
        moments = {"begin": _moment(calendar, begin), "end": _moment(calendar, end)}
        if mode is Mode.NEXT_DAY_CLOSE:
            moved = count_text("workday_count", _workdays_between(calendar, begin, end))
            why = text("pause_moves", length=moved, **moments)
        elif mode in (Mode.NATURAL, Mode.CALENDAR):
            moved = count_text("day", _number(calendar, end) - _number(calendar, begin))
            why = text("pause_moves", length=moved, **moments)
        else:
            rest = so_far.at - begin if mode is Mode.CLOCK else calendar.open_seconds(begin, so_far.at)
            why = text("pause_rest", length=length_text(rest), **moments)
        yield Line(kind="pause", why=why, on=calendar.date_of(begin), until=calendar.date_of(end), at=begin)


def _workdays_between(calendar: Calendar, begin: int, end: int) -> int:
    days = range(_number(calendar, begin) + 1, _number(calendar, end) + 1)
    return sum(calendar.is_workday(day_of_number(number)) for number in days)


def _provisional(calendar: Calendar, start: int, due: Due) -> Line:
    edition, days = calendar.edition, calendar.plan.days
    touched = range(calendar.date_of(start).year, _ending_date(calendar, due.at).year + 1)
    covered = range(edition.first_year, edition.last_year + 1)
    announced = None if days is None else days.announced
    missing = [year for year in touched if year in covered and announced is not None and year not in announced]
    if missing:
        return Line(kind="provisional", why=text("provisional", years=join([str(year) for year in missing])))
    return Line(kind="provisional", why=text("beyond", first=edition.first_year, last=edition.last_year))


def _runs(calendar: Calendar, first: int, last: int) -> Iterator[tuple[bool, list[date]]]:
    """Yield consecutive days of one kind: plain working days together, closed days of one reason together."""
    run: list[date] = []
    kind: object = None
    for number in range(first, last + 1):
        day = day_of_number(number)
        is_open = calendar.is_workday(day)
        # A special working day stands alone, since its line says why it is one.
        this: object = (False, why_closed(calendar, day))
        if is_open:
            this = (True, _is_special(calendar, day) and day, calendar.spec.season_on(day))
        if run and this != kind:
            yield calendar.is_workday(run[0]), run
            run = []
        run.append(day)
        kind = this
    if run:
        yield calendar.is_workday(run[0]), run


def _is_special(calendar: Calendar, day: date) -> bool:
    plan = calendar.plan
    return day in plan.exceptions or (plan.days is not None and day in plan.days.work)


def _skipped(calendar: Calendar, days: list[date]) -> Line:
    why = text("colon", head=stretch_text(days[0], days[-1]), tail=why_closed(calendar, days[0]))
    return Line(kind="skipped", why=why, on=days[0], until=days[-1])


def _number(calendar: Calendar, at: int) -> int:
    return calendar.zone.local(at) // DAY


def _ending_number(calendar: Calendar, at: int) -> int:
    return _number(calendar, at - 1)


def _ending_date(calendar: Calendar, at: int) -> date:
    return day_of_number(_ending_number(calendar, at))


def _midnight(calendar: Calendar, day: date, later: int) -> int:
    return calendar.zone.instant((day_number(day) + later) * DAY)


def _clock(calendar: Calendar, at: int, *, is_end: bool = False) -> str:
    # Not by what the clock shows: where it goes forward at midnight it shows 01:00 when the day ends.
    ends_day = is_end and _ending_number(calendar, at) != _number(calendar, at)
    return time_text(DAY if ends_day else calendar.zone.local(at) % DAY)


def _moment(calendar: Calendar, at: int, *, is_end: bool = False) -> Text:
    day = _ending_date(calendar, at) if is_end else day_of_number(_number(calendar, at))
    return text("moment", date=date_text(day), time=_clock(calendar, at, is_end=is_end))
