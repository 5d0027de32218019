"""The number on the bell: known without reloading, and cheap to ask for."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from builders import after, make_history
from ombud.notices import reading
from ombud.notices.carrying import carry

pytestmark = pytest.mark.django_db


def test_the_bell_tells_of_a_new_notice_and_of_one_that_was_read_elsewhere(cast: Any, sign_in: Any) -> None:
    chen = sign_in("chen")
    before = chen.get("/desk/bell/").json()
    assert before["unread"] == 0
    assert chen.get("/desk/bell/", {"stamp": before["stamp"]}).status_code == 204
    make_history(cast, "route")
    carry(now=after(41))
    told = chen.get("/desk/bell/", {"stamp": before["stamp"]}).json()
    assert told["unread"] == 1
    reading.mark_read(cast.chen, now=after(42))
    assert chen.get("/desk/bell/", {"stamp": told["stamp"]}).json()["unread"] == 0


def test_asking_for_nothing_new_takes_three_queries(cast: Any, sign_in: Any, django_assert_num_queries: Any) -> None:
    make_history(cast, "route")
    carry(now=after(41))
    chen = sign_in("chen")
    stamp = chen.get("/desk/bell/").json()["stamp"]
    with django_assert_num_queries(3):  # session, person, stamp
        assert chen.get("/desk/bell/", {"stamp": stamp}).status_code == 204


def test_whoever_is_not_signed_in_is_told_nothing() -> None:
    answer = Client().get("/desk/bell/")
    assert (answer.status_code, answer.json()) == (401, {})
