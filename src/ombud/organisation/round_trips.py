"""Talking to the database with few round trips: statements that come again and again, and several at once.

On SQLite a statement is a call and nothing is gained; on PostgreSQL each question waits for its answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Generic, TypeVar

from django.db import connections

_T = TypeVar("_T")
_A = TypeVar("_A")
_B = TypeVar("_B")
_C = TypeVar("_C")
DEFAULT = "default"


def cursor() -> Any:
    """Return a cursor for statements of our own, to be closed; PostgreSQL prepares those that come again."""
    connection: Any = connections[DEFAULT]
    return connection.preparing_cursor() if vendor() == "postgresql" else connection.cursor()


@cache
def vendor() -> str:
    """Return which database it is, which is the same as long as the process lives."""
    return str(connections[DEFAULT].vendor)


@contextmanager
def one_round_trip() -> Iterator[None]:
    """Send what is written in here without waiting for each answer, where the database can.

    Whoever reads a result waits for all that was sent before it. Errors are raised then or at the end, of Django's
    kinds as ever.
    """
    if vendor() != "postgresql":
        yield
        return
    connection: Any = connections[DEFAULT]
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


@dataclass(frozen=True, kw_only=True, slots=True)
class Question(Generic[_T]):
    """A statement, its values, and what its rows mean."""

    sql: str
    params: Sequence[Any] = ()
    read: Callable[[list[tuple[Any, ...]]], _T]


def ask(question: Question[_T]) -> _T:
    """Return the answer to a question."""
    with cursor() as asked:
        asked.execute(question.sql, question.params)
        rows = asked.fetchall()
    return question.read(rows)


def ask_together(one: Question[_A], two: Question[_B], three: Question[_C]) -> tuple[_A, _B, _C]:
    """Return the answers to three questions, which PostgreSQL is asked as one: of numbers, texts and truth values."""
    if vendor() != "postgresql":
        return ask(one), ask(two), ask(three)
    questions = (one.sql, two.sql, three.sql)
    with cursor() as asked:
        asked.execute(_one_question(questions), [*one.params, *two.params, *three.params])
        first, second, third = ([tuple(row) for row in json.loads(found)] for found in asked.fetchone())
    return one.read(first), two.read(second), three.read(third)


@lru_cache(maxsize=64)
def _one_question(questions: tuple[str, ...]) -> str:
    """Return one statement that answers several, each as a list of rows."""
    rows = "SELECT coalesce(json_agg((SELECT json_agg(value) FROM json_each(row_to_json(q)))), '[]')::text"
    return "SELECT " + ", ".join(f"({rows} FROM ({each}) q)" for each in questions)
