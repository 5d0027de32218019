"""How a log line is written: as a line or as JSON, and never with what a complainant, or a mistaken value, said.

What an exception says quotes what it stumbled over: a narrative, an address, the row that a database refused. So an
exception is told by its kind and its place alone, except those that only the machine speaks in. Addresses become the
routes that they fit, and what still looks like a mail address or a telephone number is struck.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest

from ombud.project.watching.routes import route_of

_DEEP = 30  # frames of one exception; those nearest to the fault
_CHAIN = 5  # exceptions, each of which came of the next


class Line(logging.Formatter):
    """One line: when, how bad, who says it, and what. An exception follows, a line for each place."""

    def __init__(self, *, shows_all: bool = False) -> None:
        super().__init__()
        self.shows_all = shows_all  # on a developer's machine

    def format(self, record: logging.LogRecord) -> str:
        at = f"{_instant(record):%Y-%m-%d %H:%M:%S},{record.msecs:03.0f}"
        lines = [f"{at} {record.levelname} {record.name} {self.told(record)}"]
        if record.exc_info and record.exc_info[1]:
            if self.shows_all:
                lines.append(self.formatException(record.exc_info))
            else:
                lines += [line for each in faults(record.exc_info[1]) for line in _as_lines(each)]
        return "\n".join(lines)

    def told(self, record: logging.LogRecord) -> str:
        """Return what the record says, without what may be somebody's."""
        return str(record.getMessage()) if self.shows_all else message(record)


class Json(Line):
    """One JSON object, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _instant(record).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.told(record),
            "process": record.process,
            "thread": record.threadName,
        }
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            line |= {"method": request.method, "route": route_of(request)}
            line |= {"status": status} if (status := getattr(record, "status_code", None)) else {}
        if record.exc_info and record.exc_info[1]:
            line["faults"] = list(faults(record.exc_info[1], shows_all=self.shows_all))
        return json.dumps(line, ensure_ascii=False)


def message(record: logging.LogRecord) -> str:
    """Return the record's words: exceptions by kind, addresses by route, numbers and mail addresses struck."""
    from ombud.privacy.masking import mask_text  # not before settings are read

    request, args = getattr(record, "request", None), record.args
    if isinstance(record.msg, BaseException):
        return said(record.msg)
    if isinstance(request, HttpRequest):
        if not args:
            return _refusal(record)
        paths = {request.path, request.path_info, request.get_full_path()}
        args = tuple(route_of(request) if arg in paths else arg for arg in args)
    if isinstance(args, tuple):
        args = tuple(said(arg) if isinstance(arg, BaseException) else arg for arg in args)
    return mask_text(str(record.msg) % args if args else str(record.msg))


def _refusal(record: logging.LogRecord) -> str:
    """Return what a refused request is logged as: its words quote what the request said."""
    error = record.exc_info[1] if record.exc_info else None
    return said(error) if error is not None else record.name


def said(error: BaseException) -> str:
    """Return an exception's kind, and what it says where only the machine can have said it."""
    name = type(error).__name__
    if isinstance(error, OSError):
        return f"{name}: {error.strerror}" if error.strerror else name  # without the file, which people name
    if isinstance(error, OperationalError | InterfaceError):  # an IntegrityError quotes the row
        return f"{name}: {' '.join(str(error).split())}"
    return name


def faults(error: BaseException, *, shows_all: bool = False) -> Iterator[dict[str, Any]]:
    """Yield an exception and those that it came of: kind, what it may say, and where."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen and len(seen) < _CHAIN:
        seen.add(id(each))
        frames = traceback.extract_tb(each.__traceback__)[-_DEEP:]
        where = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        yield {"fault": repr(each) if shows_all else said(each), "where": where}
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _as_lines(fault: dict[str, Any]) -> list[str]:
    return [f"  {fault['fault']}", *(f"    {place}" for place in fault["where"])]


def _short(filename: str) -> str:
    return "/".join(PurePath(filename).parts[-3:])


def _instant(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)
