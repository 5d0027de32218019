"""Questions that are sent at once are answered as they are one by one."""

from __future__ import annotations

import pytest
from django.db import DatabaseError

from ombud.organisation.round_trips import Question, ask, ask_together

pytestmark = pytest.mark.django_db(transaction=True)


def number(sql: str, *params: int) -> Question[int]:
    return Question(sql=sql, params=params, read=lambda rows: int(rows[0][0]))


ONE, TWO, NONE = number("SELECT 1"), number("SELECT 1 + %s", 1), Question(sql="SELECT 1 WHERE 1 = 0", read=len)


def test_each_question_gets_its_own_answer() -> None:
    assert ask_together(ONE, TWO, NONE) == (ask(ONE), ask(TWO), ask(NONE)) == (1, 2, 0)


def test_what_is_wrong_with_one_is_said_and_the_connection_goes_on() -> None:
    with pytest.raises(DatabaseError):
        ask_together(ONE, number("SELECT nothing_of_the_kind"), TWO)
    assert ask(ONE) == 1
