"""Django's SQLite backend with a queue before the write lock.

SQLite lets whoever finds the database locked sleep for up to a tenth of a second and try again: with four
clients filing at once every twentieth waited for longer than 100 ms while the lock was free. Threads of one
process wake one another; other processes are waited for as ever.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

from django.db.backends.sqlite3 import base

PATIENCE = 5.0  # seconds; then SQLite's own waiting decides, so that nobody waits for ever
_TURNS: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection; it holds its process's turn from the begin of a transaction to its end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn: threading.Lock | None = None

    def _start_transaction_under_autocommit(self) -> None:
        turn = _TURNS[str(self.settings_dict["NAME"])]
        if self._turn is None and turn.acquire(timeout=PATIENCE):
            self._turn = turn
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs leave it out
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]  # likewise
        finally:
            self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # likewise
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # likewise
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.release()
