"""Time limits and ladders: `3 workdays`, a parameter, by a grade, from a field; rungs before and after due."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from ombud.policy.mapping_reader import FALSE, TRUE, MappingReader, capital
from ombud.policy.model.limits import ORDERS, Limit, Rung
from ombud.policy.model.source import Place
from ombud.policy.model.values import FieldType
from ombud.policy.source import Entries, Items, Node, Scalar
from ombud.policy.symbol_table import ProcedureSymbols, SymbolTable
from ombud.policy.vocabulary import BEARER, DEPARTMENT, OFFICE
from ombud.worktime import CLOSE, Cutoff, Mode, Unit

_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\Z")
_LENGTH = re.compile(r"([0-9]{1,7})\s*([a-z]+(?: [a-z]+)?)\Z")

# Written unit -> unit and, where the words fix it, the counting mode.
UNITS: dict[str, tuple[Unit, Mode | None]] = {
    "min": (Unit.MINUTE, None),
    "minute": (Unit.MINUTE, None),
    "h": (Unit.HOUR, None),
    "hour": (Unit.HOUR, None),
    "working min": (Unit.MINUTE, Mode.BUSINESS),
    "working minute": (Unit.MINUTE, Mode.BUSINESS),
    "working h": (Unit.HOUR, Mode.BUSINESS),
    "working hour": (Unit.HOUR, Mode.BUSINESS),
    "workday": (Unit.WORKDAY, None),
    "working day": (Unit.WORKDAY, None),
    "standard day": (Unit.DAY, Mode.OPEN_DAYS),
    "natural day": (Unit.DAY, Mode.NATURAL),
    "natural week": (Unit.WEEK, Mode.NATURAL),
    "natural month": (Unit.MONTH, Mode.NATURAL),
    "natural year": (Unit.YEAR, Mode.NATURAL),
    "week": (Unit.WEEK, Mode.CALENDAR),
    "month": (Unit.MONTH, Mode.CALENDAR),
    "year": (Unit.YEAR, Mode.CALENDAR),
}
MODES: dict[Unit, tuple[Mode, ...]] = {
    Unit.MINUTE: (Mode.CLOCK, Mode.BUSINESS),
    Unit.HOUR: (Mode.CLOCK, Mode.BUSINESS),
    Unit.WORKDAY: (Mode.NEXT_DAY_CLOSE, Mode.OPEN_DAYS),
    Unit.DAY: (Mode.NATURAL, Mode.OPEN_DAYS),
    Unit.WEEK: (Mode.CALENDAR, Mode.NATURAL),
    Unit.MONTH: (Mode.CALENDAR, Mode.NATURAL),
    Unit.YEAR: (Mode.CALENDAR, Mode.NATURAL),
}
_SPOKEN = {
    "minutes": Unit.MINUTE,
    "hours": Unit.HOUR,
    "workdays": Unit.WORKDAY,
    "days": Unit.DAY,
    "weeks": Unit.WEEK,
    "months": Unit.MONTH,
    "years": Unit.YEAR,
}
LIMIT_KEYS = ("length", "counting", "calendar", "whose", "roll", "cutoff")
DATE_KEYS = ("field", "else")  # of a limit that is a date of the case
RUNG_KEYS = ("at", "every", "calendar", "tell", "act")
NO_CUTOFF = "none"
WHOSE = (OFFICE, DEPARTMENT, BEARER)
FORMS = "a limit is written as 3 workdays, 2 h, 30 min, 4 working hours, 15 natural days, 8 weeks or 1 month"


def read_length(text: str) -> tuple[int, Unit, Mode | None]:
    """Return length, unit and the mode that the words fix; ValueError says what is wrong."""
    match = _LENGTH.match(text)
    if not match:
        raise ValueError(f'"{text}" is not a limit: {FORMS}')
    number, words = int(match.group(1)), match.group(2)
    if words in ("day", "days"):
        raise ValueError(f'"{text}" could mean several things: write natural days, workdays or standard days')
    known = UNITS.get(words) or UNITS.get(words.removesuffix("s"))
    if not known:
        raise ValueError(f'"{words}" is not a unit of time: {FORMS}')
    return number, *known


def read_limit(node: Node, scope: SymbolTable, what: str) -> Limit:
    """Return the limit in any of its forms; what is wrong goes to the scope's problems."""
    if isinstance(node, Scalar):
        return replace(_simple(node, scope, what), whose=scope.counting.whose, cutoff=scope.counting.cutoff)
    if isinstance(node, Entries):
        if "by" in node.entries:
            return _graded(node, scope, what)
        if "field" in node.entries:
            return _from_field(node, scope, what)
        if not node.entries.keys().isdisjoint(ORDERS):
            return _compared(node, scope, what)
        return _long(node, scope, what)
    scope.problems.add(node.place, f"The limit of {what} is a list; {FORMS}.")
    return Limit(at=node.place)


def _simple(node: Scalar, scope: SymbolTable, what: str, may_be_zero: bool = False) -> Limit:
    text, parameter = node.text.strip(), None
    if text in scope.parameters:
        parameter, text = text, scope.parameters[text]
    elif re.fullmatch(r"[a-z][a-z0-9_]*", text):
        scope.problems.unknown(node.place, f"parameter in the limit of {what}", text, scope.parameters)
        return Limit(at=node.place)
    try:
        length, unit, mode = read_length(text)
    except ValueError as error:
        scope.problems.add(node.place, f"{_sentence(error)} (in {what}).")
        return Limit(at=node.place)
    if length == 0 and not may_be_zero:
        scope.problems.add(
            node.place, f"The limit of {what} must be more than 0; with {text} it would be late at once."
        )
    mode = mode or scope.counting.modes[unit]
    return Limit(length=length, unit=unit, mode=mode, parameter=parameter, at=node.place)


def _long(node: Entries, scope: SymbolTable, what: str) -> Limit:
    form = MappingReader(node, scope.problems, f"the limit of {what}", LIMIT_KEYS)
    length = form.require("length")
    if not isinstance(length, Scalar):
        return Limit(at=node.place)
    limit = _simple(length, scope, what)
    if limit.unit is None:
        return limit
    assert limit.mode is not None, "a limit with a unit has a mode"
    mode = limit.mode
    if "counting" in form:
        mode = read_mode(form, "counting", limit.unit, mode)
    calendar, whose = form.name("calendar", "calendar", scope.calendars), read_whose(form, scope)
    if "calendar" in form and "whose" in form:
        scope.problems.add(
            form.at("whose"),
            f'{capital(form.what)} names a "calendar" and says "whose" to take. Remove one of the two.',
        )
    if "calendar" not in form and "whose" not in form:
        whose = scope.counting.whose
    cutoff = read_cutoff(form, scope.counting.cutoff)
    return replace(limit, mode=mode, calendar=calendar, whose=whose, roll=form.flag("roll", True), cutoff=cutoff)


def read_mode(form: MappingReader, key: str, unit: Unit, default: Mode) -> Mode:
    """Return the counting mode that the key names, which must be one that counts the unit."""
    written = form.word(key)
    if written not in set(Mode) or Mode(written) in MODES[unit]:
        return Mode(form.one_of(key, [str(each) for each in MODES[unit]], str(default)))
    counted = [words for words, each in _SPOKEN.items() if Mode(written) in MODES[each]]
    form.problems.add(
        form.at(key),
        f'"{key}" of {form.what} cannot be "{written}", which counts {_alternatives(counted)}: '
        f"{_spoken(unit)} are counted as {_alternatives([str(each) for each in MODES[unit]])}.",
    )
    return default


def _spoken(unit: Unit) -> str:
    return next(words for words, each in _SPOKEN.items() if each is unit)


def _alternatives(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def read_cutoff(form: MappingReader, default: Cutoff | None) -> Cutoff | None:
    """Return after which time of the day an event is the next working day's: a minute, the close, or None = never."""
    written = form.word("cutoff")
    if not written:
        return default
    if written == NO_CUTOFF:
        return None
    if written == CLOSE:
        return CLOSE
    match = _TIME.match(written)
    minute = int(match[1]) * 60 + int(match[2]) if match else 0
    if not 0 < minute <= 24 * 60:
        form.problems.add(
            form.at("cutoff"),
            f'"cutoff" of {form.what} is the time of day after which an event counts as the next working day\'s, such '
            f'as "17:00", until 24:00 at most; "close" for the calendar\'s close, "none" for no cut-off; '
            f'not "{written}".',
        )
        return default
    return minute


def without_cutoff(limit: Limit) -> Limit:
    """Return the limit without cut-offs: where it counts from something that has no time of day."""
    otherwise = without_cutoff(limit.otherwise) if limit.otherwise else None
    cases = {key: without_cutoff(case) for key, case in limit.cases.items()}
    return replace(limit, cutoff=None, cases=cases, otherwise=otherwise)


def refuse_keys(node: Node, scope: SymbolTable, keys: Collection[str], what: str) -> None:
    """Note every key that is written in a limit where it can mean nothing."""
    for item in node.items if isinstance(node, Items) else ():
        refuse_keys(item, scope, keys, what)
    for key, entry in node.entries.items() if isinstance(node, Entries) else ():
        if key in keys:
            scope.problems.add(entry.key.place, f'{capital(what)}, so it has no "{key}". Remove it.')
        else:
            refuse_keys(entry.value, scope, keys, what)


def read_whose(form: MappingReader, scope: SymbolTable) -> str | None:
    """Return whose calendar counts, as `whose` says: that of the case's office or department, or of the bearer."""
    whose = form.one_of("whose", WHOSE, "") or None
    if whose is not None and not scope.own_calendars & ({OFFICE, DEPARTMENT} if whose == BEARER else {whose}):
        owner = "department or office" if whose == BEARER else whose
        scope.problems.add(
            form.at("whose"),
            f"{capital(form.what)} counts on the calendar of the {whose}, but no {owner} of the pack has one. "
            'Give it a "calendar", or write "calendar" here.',
        )
    return whose


def read_length_alone(node: Node, scope: SymbolTable, what: str) -> Limit:
    """Return one length, of what neither hangs on a fact nor begins with an act; nobody's calendar but a named one."""
    limit = read_limit(node, scope, what)
    if limit.by or limit.field or limit.order:
        instead = "be the earlier or later of several" if limit.order else "hang on a fact"
        scope.problems.add(node.place, f"{capital(what)} must be one length such as 1 workday; it cannot {instead}.")
    refuse_keys(node, scope, ("cutoff", "whose"), f"{what} begins with no act and is nobody's own")
    return replace(without_cutoff(limit), whose=None)


def _graded(node: Entries, scope: SymbolTable, what: str) -> Limit:
    by = node.entries["by"].value
    name = by.text if isinstance(by, Scalar) else ""
    kind = scope.kinds.get(name)
    cases = {key: entry for key, entry in node.entries.items() if key not in ("by", "else")}
    if kind is None:
        scope.problems.unknown(by.place, f"field or table in the limit of {what}", name, scope.kinds)
        return Limit(at=node.place)
    choices = (TRUE[0], FALSE[0]) if kind.type is FieldType.BOOL else kind.choices
    if not choices:
        scope.problems.add(
            by.place, f'The limit of {what} cannot be graded by "{name}", which has no closed list of values.'
        )
    if kind.is_personal:
        scope.problems.add(by.place, f'The limit of {what} may not read "{name}": personal data can be erased.')
    for key, entry in cases.items():
        if choices and key not in choices:
            scope.problems.unknown(entry.key.place, f'value in the limit of {what} (by "{name}")', key, choices)
    otherwise = read_limit(node.entries["else"].value, scope, what) if "else" in node.entries else None
    if otherwise is None and (left := [choice for choice in choices if choice not in cases]):
        scope.problems.add(
            node.place,
            f'The limit of {what} says nothing for "{name}" = {", ".join(left)}. Add these values or an "else".',
        )
    read = {key: read_limit(entry.value, scope, what) for key, entry in cases.items()}
    return Limit(by=name, cases=read, otherwise=otherwise, at=node.place)


def _from_field(node: Entries, scope: SymbolTable, what: str) -> Limit:
    form = MappingReader(node, scope.problems, f"the limit of {what}", DATE_KEYS)
    name = form.name("field", "date or instant", scope.dates)
    otherwise = form.get("else")
    return Limit(
        field=name,
        whose=scope.counting.whose,
        otherwise=read_limit(otherwise, scope, what) if otherwise else None,
        at=node.place,
    )


def _compared(node: Entries, scope: SymbolTable, what: str) -> Limit:
    """Return the earliest or the latest of several limits, each of whatever form."""
    form = MappingReader(node, scope.problems, f"the limit of {what}", ORDERS)
    order, *others = [each for each in ORDERS if each in form]
    listed = node.entries[order].value
    if others:
        scope.problems.add(
            node.place, f"{capital(form.what)} is both the earliest and the latest. Nest one in the other."
        )
    if not isinstance(listed, Items) or len(listed.items) < 2:
        scope.problems.add(
            listed.place,
            f'"{order}" of {form.what} compares at least two limits: {order}: [2 workdays, 5 natural days].',
        )
        return Limit(at=node.place)
    read = {str(number): read_limit(item, scope, what) for number, item in enumerate(listed.items, 1)}
    return Limit(order=order, cases=read, at=node.place)


def read_ladder(form: MappingReader, key: str, scope: SymbolTable, names: ProcedureSymbols) -> tuple[Rung, ...]:
    """Return the rungs under `key`, in file order."""
    node = form.get(key)
    if node is None:
        return ()
    if not isinstance(node, Items):
        scope.problems.add(node.place, f'"{key}" of {form.what} must be a list of rungs such as {{at: 0, tell: boss}}.')
        return ()
    return tuple(_rung(item, scope, names, f"a rung of {form.what}") for item in node.items)


def _rung(node: Node, scope: SymbolTable, names: ProcedureSymbols, what: str) -> Rung:
    form = MappingReader(node, scope.problems, what, RUNG_KEYS)
    if ("at" in form) == ("every" in form):
        scope.problems.add(form.place, f'{capital(what)} needs either "at" or "every".')
    if "tell" not in form and "act" not in form:
        scope.problems.add(form.place, f'{capital(what)} does nothing. Add "tell" or "act".')
    offset, is_before = _offset(form, scope)
    calendar = form.name("calendar", "calendar", scope.calendars)
    if calendar is not None and offset is not None:
        offset = replace(offset, calendar=calendar)
    every = form.get("every")
    repeat = read_length_alone(every, scope, f'"every" in {what}') if every else None
    if calendar is not None and repeat is not None:
        repeat = replace(repeat, calendar=calendar)
    return Rung(
        offset=offset,
        is_before=is_before,
        every=repeat,
        tell=form.names("tell", "role", scope.told),
        act=form.name("act", "act", names.acts),
        at=form.place,
    )


def _offset(form: MappingReader, scope: SymbolTable) -> tuple[Limit | None, bool]:
    text = form.word("at")
    place = form.at("at")
    if not text:
        return None, False
    if text == "0":
        return at_due(place), False
    is_before = text.startswith("-")
    return _simple(Scalar(text.lstrip("-+ "), place), scope, form.what), is_before


def at_due(place: Place) -> Limit:
    """Return the offset of a rung at the due instant itself."""
    return Limit(length=0, unit=Unit.MINUTE, mode=Mode.CLOCK, at=place)


def _sentence(error: ValueError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]
