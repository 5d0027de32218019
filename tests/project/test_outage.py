"""A database or disk that is away is answered 503 with when to try again, and everything goes on once it is back."""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, connections
from django.test import Client

from builders import COMPLAINT
from cast import Cast
from ombud.api import keys
from ombud.cases import commands
from ombud.cases.models import Case
from ombud.project import outage
from ombud.project.sqlite import base

FILED = {"policy": "customer-complaints", "channel": "hotline", "language": "zh", "data": COMPLAINT}
ONCE = "the same key"


@pytest.fixture
def client() -> Client:
    """A client that shows the page instead of the exception, as a browser sees it."""
    return Client(raise_request_exception=False)


@pytest.fixture
def file(client: Client, cast: Cast) -> Callable[[], Any]:
    """Return what files one complaint with the same idempotency key each time."""
    from django.utils import timezone

    _row, token = keys.issue_token(cast.people["lin"], name="a test", scopes=keys.SCOPES, now=timezone.now())
    headers = {"authorization": f"Bearer {token}", "idempotency-key": ONCE, "accept-language": "en"}
    return lambda: client.post("/api/v1/complaints", FILED, content_type="application/json", headers=headers)


def is_unavailable(answer: Any) -> bool:
    assert answer.status_code == 503, answer.content
    return answer["Retry-After"] == "5" and answer["Cache-Control"] == "no-store"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long."""
    monkeypatch.setattr(base, "SOON", 0.05)
    monkeypatch.setitem(connections.settings["default"]["OPTIONS"], "timeout", 0.2)


@pytest.fixture
def locked() -> Iterator[Any]:
    """Another program holds SQLite's write lock until the test lets go of it."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL locks rows, not the database")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=0)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_another_program_keeps_is_answered_soon_and_the_same_key_then_files_once(
    file: Any, client: Client, soon: None, locked: Any
) -> None:
    began = time.monotonic()
    for _ in range(5):
        answer = file()
        assert is_unavailable(answer)
        assert answer.json()["type"] == "urn:ombud:problem:unavailable"
    assert time.monotonic() - began < 2, "only the first one waits"
    assert client.get("/").status_code == 200  # reading goes on
    locked.execute("ROLLBACK")
    assert [file().status_code for _ in range(2)] == [201, 201]
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_is_answered_in_words(client: Client, soon: None, locked: Any) -> None:
    answer = client.post("/desk/sign-in/", {"username": "a", "password": "b"}, headers={"accept-language": "en"})
    assert is_unavailable(answer)
    assert "What was confirmed to you before is safe" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_backend_that_is_killed_while_filing_costs_nothing(file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no backend")
    original = commands.append

    def killed(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(commands, "append", original)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return original(*args, **kwargs)

    monkeypatch.setattr(commands, "append", killed)
    assert is_unavailable(file())
    connection.close()  # in a test nothing begins or ends a request's connection
    assert [file().status_code for _ in range(2)] == [201, 201]
    assert Case.objects.count() == 1


@pytest.mark.either_database
def test_requests_of_postgresql_do_not_wait_for_ever(settings: Any) -> None:
    options = settings.DATABASES["default"]["OPTIONS"]
    if connection.vendor == "postgresql":
        assert options["options"] == "-c lock_timeout=5s"
        assert options["connect_timeout"] == "5"
    else:
        assert options["timeout"] == 5


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("words")
    error.sqlite_errorcode = code
    return error


def postgresql_error(kind: str, state: str | None) -> Exception:
    import psycopg

    error: Exception = getattr(psycopg, kind)("words")
    error.sqlstate = state  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("error", "is_away"),
    [
        (sqlite_error(sqlite3.SQLITE_BUSY), True),
        (sqlite_error(sqlite3.SQLITE_FULL), True),
        (sqlite_error(sqlite3.SQLITE_READONLY_DBMOVED), True),
        (sqlite_error(sqlite3.SQLITE_IOERR_WRITE), True),
        (sqlite_error(sqlite3.SQLITE_ERROR), False),  # no such table: a fault of ours
        (postgresql_error("OperationalError", None), True),
        (postgresql_error("OperationalError", "57P01"), True),
        (postgresql_error("OperationalError", "53100"), True),
        (postgresql_error("OperationalError", "55P03"), True),
        (postgresql_error("InternalError", "25006"), True),
        (postgresql_error("ProgrammingError", "42P01"), False),
        (postgresql_error("IntegrityError", "23505"), False),
        (InterfaceError("connection already closed"), True),
        (OSError(errno.ENOSPC, "full"), True),
        (OSError(errno.EROFS, "read-only"), True),
        (FileNotFoundError(errno.ENOENT, "gone"), False),
        (ValueError("a fault of ours"), False),
    ],
)
def test_what_passes_by_itself_is_told_from_a_fault_of_ours(error: Exception, is_away: bool) -> None:
    assert outage.is_outage(error) is is_away
    wrapped = OperationalError("as Django hands it on")
    wrapped.__cause__ = error
    assert outage.is_outage(wrapped) is is_away


@pytest.mark.django_db
def test_a_fault_of_ours_stays_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ValueError

    monkeypatch.setattr("ombud.project.health.MigrationExecutor", broken)
    assert client.get("/readyz").status_code == 500


@pytest.mark.django_db
def test_hundreds_of_failures_of_one_cause_are_one_line(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ombud.project.health.MigrationExecutor", full)
    monkeypatch.setattr(outage._Notes, "at", -outage.LOG_EVERY)
    assert all(is_unavailable(client.get("/readyz")) for _ in range(5))
    assert [record.getMessage() for record in caplog.records if "answered 503" in record.getMessage()] == [
        "answered 503 for readyz: OSError: [Errno 28] No space left on device; 0 more before"
    ]
