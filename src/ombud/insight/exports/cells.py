"""How a cell is written: a text is never run as a formula, a time never loses its zone."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, tzinfo
from decimal import Decimal

from ombud.insight.exports.table import Cell

# What a spreadsheet takes for the beginning of a formula; the wide forms are what Chinese keyboards type.
_FORMULA = frozenset("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # no XML holds them


def plain_text(value: str) -> str:
    """Return a text without the characters that no file may hold."""
    return value if value.isprintable() else _UNWRITABLE.sub("", value)  # what can be printed can be written


def csv_cell(value: Cell, zone: tzinfo) -> str | int | float | Decimal:
    """Return a value as CSV says it: times in ISO 8601 with their offset, texts so that no spreadsheet runs them."""
    if value is None:
        return ""
    if isinstance(value, str):  # most are: asked first
        text = value if value.isprintable() else plain_text(value)
        return f"'{text}" if text[:1] in _FORMULA else text
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else value


def json_line(names: tuple[str, ...], cells: tuple[Cell, ...] | list[Cell]) -> str:
    """Return one row as a line of JSON: times in RFC 3339, sums of money as texts, so that none is rounded."""
    return _encode(dict(zip(names, cells, strict=True))) + "\n"


def _json(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


_encode = json.JSONEncoder(ensure_ascii=False, default=_json).encode  # made once: json.dumps makes one for each row
