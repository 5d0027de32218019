"""A connection to PostgreSQL is asked whether it lives only where there is a reason to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server"),
]


@pytest.fixture
def other() -> Iterator[Any]:
    """Yield a connection that has just been used, as one is between two requests."""
    made: Any = connections["default"].copy("other")
    made.ensure_connection()
    yield made
    made.close()


def asked(connection: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the connection's server is asked while it is found usable or not."""
    found: list[str] = []
    plain = connection.connection.cursor
    monkeypatch.setattr(connection.connection, "cursor", lambda *given: (found.append("asked"), plain(*given))[1])
    return found


def test_a_connection_that_was_good_a_moment_ago_is_not_asked(other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = asked(other, monkeypatch)
    assert other.is_usable()
    assert questions == []


def test_one_that_was_silent_for_long_is_asked(other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = asked(other, monkeypatch)
    other._seen_good -= 100
    assert other.is_usable()
    assert other.is_usable()
    assert questions == ["asked"]


def test_one_whose_session_the_server_ended_is_of_no_use(other: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 2000)", [other.connection.info.backend_pid])
    assert not other.is_usable()


def test_one_that_is_known_to_be_lost_is_of_no_use_and_no_error(other: Any) -> None:
    other.connection.pgconn.finish()
    assert not other.is_usable()
    other.close_if_unusable_or_obsolete()
    with other.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_our_own_statements_are_prepared_and_djangos_are_not(other: Any) -> None:
    for making in (other.preparing_cursor, other.cursor):
        for _ in range(8):
            with making() as cursor:
                cursor.execute("SELECT %s::int", [1])
    with other.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        assert cursor.fetchall() == [("SELECT $1::int",)]
