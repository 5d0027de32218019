"""Django's PostgreSQL backend with fewer questions to the server.

Each question and its answer cost a tenth of a millisecond and more, and twenty of them made a filed complaint twice as
dear as its rows. So a connection that was good a moment ago is not asked whether it still is, unless the server has
said something unasked; and statements of our own may be prepared, which Django's are not.
"""

from __future__ import annotations

import itertools
import re
import select
import time
from functools import lru_cache
from typing import Any

import psycopg
from django.db.backends.postgresql import base

_HOLE = re.compile(r"%([s%])")
TRUSTED = 60.0  # seconds; a connection that was used since is asked only where something came in on it


class _PreparingCursor(psycopg.RawCursor[Any]):
    """A cursor that knows a statement's holes once it came: the driver looks for those of long statements each time."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Send a statement with `%s` for its values."""
        return super().execute(query if params is None else _numbered(query), params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        """Send a statement with `%s` for its values, once for each of several."""
        super().executemany(_numbered(query), params_seq, **options)


@lru_cache(maxsize=512)
def _numbered(query: str) -> bytes:
    """Return the statement with its holes as the server counts them."""
    places = itertools.count(1)
    return _HOLE.sub(lambda hole: f"${next(places)}" if hole[1] == "s" else "%", query).encode()


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection."""

    _seen_good = float("-inf")

    def is_usable(self) -> bool:
        """Return whether the server still answers: it says so when it ends a session, and what is silent is asked."""
        now = time.monotonic()
        if self.connection is not None and now - self._seen_good < TRUSTED and not _has_news(self.connection.pgconn):
            return True
        is_good = bool(super().is_usable())
        if is_good:
            self._seen_good = now
        return is_good

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that the server has just accepted."""
        connection = super().get_new_connection(conn_params)
        self._seen_good = time.monotonic()
        return connection

    def preparing_cursor(self) -> Any:
        """Return a cursor whose statements are prepared once they come again and again."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(_PreparingCursor(self.connection))  # type: ignore[attr-defined]  # the stubs leave it out


def _has_news(pgconn: Any) -> bool:
    """Return whether something waits to be read: after its last answer a server speaks only to say good-bye.

    A connection that is known to be lost has no socket any more, which is news as well.
    """
    poll = select.poll()
    try:
        poll.register(pgconn.socket, select.POLLIN)
    except psycopg.OperationalError:
        return True
    return bool(poll.poll(0))
