"""Django's SQLite backend with a queue before the write lock.

SQLite lets whoever finds the database locked sleep for up to a tenth of a second and try again: with four
clients filing at once every twentieth waited for longer than 100 ms while the lock was free. Here threads of one
process wake one another, and the processes of an installation take turns by a lock on a file beside the database,
which the one at the head of each process's queue looks at every half millisecond. The file holds nothing, and the
system lets go of it when a process dies.

Where the lock is not had in time, whoever asks next is told so soon, until somebody has it again: requests that all
wait for a lock that another program keeps would leave no thread to read with.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base

try:
    import fcntl
except ImportError:  # a system without it: processes wait as SQLite has them wait
    fcntl = None  # type: ignore[assignment]

LOOK = 0.0005  # seconds between two looks at the file
SOON = 0.5  # seconds that anybody waits after somebody waited in vain
_WRITES = frozenset(("INSERT", "UPDATE", "DELETE", "REPLAC"))  # how statements begin that need the lock
_NOTHING = contextlib.nullcontext()


class _Queue:
    """A lock that is had in the order in which it was asked for.

    Python's goes to whoever is there first, and that is who gave it back and asks again: work that writes much, one
    short transaction after the other, would let nobody else write.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._is_had = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, patience: float) -> bool:
        """Wait so many seconds; return whether it was had in time."""
        with self._mutex:
            if not self._is_had:
                self._is_had = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=patience):
            return True
        with self._mutex:
            if mine not in self._waiting:  # it was handed over as patience ended
                return True
            self._waiting.remove(mine)
            return False

    def release(self) -> None:
        """Hand it over to whoever waits longest."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_had = False


class _Turn:
    """The turn to write to one database file: first among this process's threads, then among the processes."""

    def __init__(self, path: str) -> None:
        self.threads = _Queue()
        self.is_stuck = False  # the last who asked for the database's lock did not get it
        self.path = path + "-turn" if fcntl is not None and not path.startswith((":", "file:")) else ""
        self.file: int | None = None

    def take(self, patience: float) -> bool:
        """Wait for the turn so many seconds; return whether it was had in time. Whoever had it gives it back."""
        patience = SOON if self.is_stuck else patience
        end = time.monotonic() + patience
        if not self.threads.acquire(patience):
            return False
        if self.file is None and self.path:
            self.file = _open(self.path)  # again, where the disk was read-only before
        while self.file is not None and not _is_ours(self.file):
            if time.monotonic() > end:
                self.threads.release()
                return False
            time.sleep(LOOK)
        return True

    def give_back(self) -> None:
        if self.file is not None:
            fcntl.flock(self.file, fcntl.LOCK_UN)
        self.threads.release()


_TURNS: dict[str, _Turn] = {}
_MAKING = threading.Lock()


def _turn_of(path: str) -> _Turn:
    with _MAKING:
        if path not in _TURNS:
            _TURNS[path] = _Turn(path)
        return _TURNS[path]


def _open(path: str) -> int | None:
    """Return the lock's file, opened; None where it cannot be: on a disk that is read-only nobody writes anyway."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None


def _keep_private(path: str) -> None:
    """Make the database file before SQLite does, which would let everybody read it, or take that from them.

    A file that is there is never opened: closing it would end the locks that SQLite holds on it for every connection
    of this process, and the next program to leave would take the log of writes away from under them.
    """
    if path.startswith((":", "file:")):
        return
    with contextlib.suppress(OSError):  # somebody else's file, or a disk that is read-only: it can be read at least
        with _MAKING:  # nobody of this process connects before it is closed
            _make_private(path)
        for name in (path, f"{path}-wal", f"{path}-shm"):
            if os.path.exists(name) and os.stat(name).st_mode & 0o077:
                os.chmod(name, 0o600)


def _make_private(path: str) -> None:
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _is_ours(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _Cursor(base.SQLiteCursorWrapper):
    """Django's cursor, which rewrites the holes of a statement each time that it comes.

    A statement that writes outside a transaction takes its turn, too: left to SQLite's own waiting it would find the
    lock taken by whoever is next in the queue, time and again, until its patience is over.
    """

    def __init__(self, wrapper: DatabaseWrapper) -> None:
        super().__init__(wrapper.connection)
        self._wrapper = wrapper

    def execute(self, query: str, params: Any = None) -> Any:
        """Run a statement; return the cursor."""
        with self._wrapper.turn_of(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        """Run a statement for each of the parameters; return the cursor."""
        with self._wrapper.turn_of(query):
            return super().executemany(query, param_list)

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        """Return the statement with the holes that SQLite knows."""
        if param_names is None:
            return _converted(query)
        return str(super().convert_query(query, param_names=param_names))


@lru_cache(maxsize=512)
def _converted(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection; it holds the turn from the begin of a transaction to its end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn: _Turn | None = None
        self._waits = 0.0  # seconds that the open connection lets SQLite itself wait; 0 = as it was opened

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection to a file that only its owner may read: the search index holds words of complaints.

        Where nobody could open it lately, SQLite does not try for long.
        """
        path = str(self.settings_dict["NAME"])
        turn = _turn_of(path)
        self._waits = 0.0
        if turn.is_stuck:
            conn_params, self._waits = {**conn_params, "timeout": SOON}, SOON
        _keep_private(path)
        try:
            return super().get_new_connection(conn_params)
        except sqlite3.Error:
            turn.is_stuck = True
            raise

    def create_cursor(self, name: str | None = None) -> Any:
        """Return a cursor of the driver's."""
        return self.connection.cursor(factory=lambda _connection: _Cursor(self))

    def turn_of(self, query: str) -> contextlib.AbstractContextManager[None]:
        """Return what a statement is to run within: the turn, where it writes and no transaction has it already."""
        if self.connection.in_transaction or query[:6].upper() not in _WRITES:
            return _NOTHING
        return self._in_turn()

    @contextlib.contextmanager
    def _in_turn(self) -> Iterator[None]:
        turn = self._take_turn()
        try:
            yield
        except sqlite3.OperationalError as error:
            turn.is_stuck = turn.is_stuck or error.sqlite_errorcode == sqlite3.SQLITE_BUSY
            raise
        else:
            turn.is_stuck = False
        finally:
            self._end_turn()

    def _take_turn(self) -> _Turn:
        """Wait for the turn, and let SQLite wait as long as is then sensible; return it, had or not."""
        turn = _turn_of(str(self.settings_dict["NAME"]))
        patience = float(self.settings_dict["OPTIONS"]["timeout"])
        if self._turn is None and turn.take(patience):
            self._turn = turn
        # Without the turn SQLite's own waiting decides, so that nobody waits for ever.
        is_hopeful = self._turn is not None and not turn.is_stuck
        self._wait(patience if is_hopeful else SOON)
        return turn

    def _start_transaction_under_autocommit(self) -> None:
        turn = self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs leave it out
        except BaseException:
            turn.is_stuck = True
            self._end_turn()
            raise
        turn.is_stuck = False

    def _wait(self, seconds: float) -> None:
        """Let SQLite itself wait for the lock for so long."""
        if seconds != self._waits:
            self.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
            self._waits = seconds

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
            turn.give_back()
