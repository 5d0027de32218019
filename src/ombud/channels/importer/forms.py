"""How a file writes times and numbers, by its mapping, and how the policy writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ombud.channels.importer.mapping import ImportMapping
from ombud.policy.model.values import Field, FieldType
from ombud.policy.values import INSTANTS

_TIMES = ("%H", "%I", "%X", "%c", "%s")
# What workbooks become, whatever forms the mapping names.
_ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S")
_SERIAL = re.compile(r"[0-9]{1,6}(\.[0-9]{1,12})?\Z")
_ORIGIN = {"1900": datetime(1899, 12, 30), "1904": datetime(1904, 1, 1)}  # noqa: DTZ001 - a wall clock's
_FIRST_SERIAL = 61  # before 1 March 1900 spreadsheets count a day that never was
_NUMBER = re.compile(r"-?[0-9](?:[0-9.,'\s]*[0-9])?")


def moment_of(said: str, mapping: ImportMapping) -> datetime:
    """Return the time that the words tell; a bare date is noon in the mapping's zone.

    Raises ValueError, whose words go on after what was said.
    """
    read, has_time = _read(said, mapping)
    if not has_time:
        read = datetime.combine(read.date(), time(12))
    first, last = (datetime.fromtimestamp(each, UTC).year for each in INSTANTS)
    if not first <= read.year < last:
        raise ValueError(f"and the year {read.year} is not from {first} to {last - 1}")
    return read.replace(tzinfo=read.tzinfo or ZoneInfo(mapping.zone))


def _read(said: str, mapping: ImportMapping) -> tuple[datetime, bool]:
    """Return the time as the wall clock showed it, and whether a time of day was told."""
    for form in (*mapping.dates, *_ISO):
        try:
            read = datetime.strptime(said, form)  # noqa: DTZ007 - the zone is added by the caller
        except ValueError:
            continue
        return read, any(directive in form for directive in _TIMES)
    if mapping.serial and _SERIAL.match(said) and Decimal(said) >= _FIRST_SERIAL:
        days, part = divmod(Decimal(said), 1)
        seconds = round(part * 86400)  # a spreadsheet keeps parts of a day, never quite exactly
        return _ORIGIN[mapping.serial] + timedelta(days=int(days), seconds=seconds), bool(part)
    raise ValueError(f"which is no date of the form {' or '.join(mapping.dates)}")


def for_field(field: Field | None, said: str, mapping: ImportMapping) -> str | int:
    """Return a value as the policy takes it for the field. Raises ValueError."""
    kind = field.type if field is not None else None
    if kind in (FieldType.DATE, FieldType.INSTANT):
        return _time_for(kind is FieldType.DATE, said, mapping)
    if kind in (FieldType.INTEGER, FieldType.MONEY):
        return _NUMBER.sub(lambda found: number(found.group(), mapping.numbers), said, count=1)
    return said


def _time_for(is_date: bool, said: str, mapping: ImportMapping) -> str | int:
    try:
        moment = moment_of(said, mapping)
    except ValueError:
        return said  # the policy's own form, or what its refusal explains
    return moment.date().isoformat() if is_date else int(moment.timestamp())


def number(said: str, form: str) -> str:
    """Return a number written in a form such as "1.234,5" with a point and nothing between its thousands."""
    group, point = form[1], form[5]
    between = r"\s" if group == " " else re.escape(group)
    whole = rf"[0-9]+|[0-9]{{1,3}}(?:{between}[0-9]{{3}})+"
    if not re.fullmatch(rf"-?(?:{whole})(?:{re.escape(point)}[0-9]+)?", said):
        raise ValueError(f"{said!r} is no number of the form {form}")
    return re.sub(between, "", said).replace(point, ".")
