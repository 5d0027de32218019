"""What is answered while the database or the disk is away: 503, soon, in words, with when to try again."""

from __future__ import annotations

import errno
import logging
import sqlite3
import sys
import time
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from ombud.project.watching.routes import route_of

log = logging.getLogger(__name__)

RETRY_AFTER = 5  # seconds; a database that was started again is back by then
LOG_EVERY = 10.0  # seconds; hundreds of requests fail of one cause, and one line tells of it

# What passes by itself: locked, full, read-only, unreadable or missing. A table that is not there does not.
_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
# Connection, resources, an operator's doing, the system: whole classes; then what locks and standbys bring.
_POSTGRESQL = ("08", "53", "57", "58", "55P03", "40001", "40P01", "25006")
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENFILE, errno.EMFILE, errno.ESTALE}


def is_outage(error: BaseException | None) -> bool:
    """Return whether the error, or what it came of, is a database or disk that is away, locked, full or read-only."""
    return any(_is_outage(each) for each in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is_outage(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _DISK
    if (code := getattr(error, "sqlite_errorcode", None)) is not None:
        return code & 0xFF in _SQLITE  # the rest of the code says more than we need
    if isinstance(state := getattr(error, "sqlstate", None), str):
        return state.startswith(_POSTGRESQL)
    if isinstance(error, InterfaceError):  # a connection that was closed under our hands
        return True
    # Without a state there was no server to give one.
    names = {each.__name__ for each in type(error).__mro__ if each.__module__.startswith("psycopg")}
    return bool(names & {"OperationalError", "InterfaceError"}) or (
        isinstance(error, OperationalError) and "locked" in str(error)
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Answer what no view caught: 503 where the database or the disk is away, else 500."""
    error = sys.exc_info()[1]  # Django asks for this page while it handles the error
    if not is_outage(error):
        return server_error(request)
    _note(request, error)
    response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark: a traceback for each tells nothing
    return response


class _Notes:
    """What was logged last, and how often it was kept quiet since."""

    at = -LOG_EVERY
    quiet = 0


def _note(request: HttpRequest, error: BaseException | None) -> None:
    now = time.monotonic()
    if now - _Notes.at < LOG_EVERY:
        _Notes.quiet += 1
        return
    route = route_of(request)
    cause = next((each for each in _chain(error) if _is_outage(each)), error)
    words = " ".join(str(cause).split())
    log.error("answered 503 for %s: %s: %s; %s more before", route, type(cause).__name__, words, _Notes.quiet)
    _Notes.at, _Notes.quiet = now, 0
