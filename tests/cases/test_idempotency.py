"""A request repeated is answered as it was the first time, and does nothing twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from builders import START, make_case
from cast import Cast
from ombud.cases.commands import Received
from ombud.cases.errors import KeyReused
from ombud.cases.idempotency import Keep, once, tidy
from ombud.cases.models import Case, IdempotencyKey
from together import at_once

pytestmark = pytest.mark.django_db


def answer(received: Received) -> dict[str, Any]:
    return {"reference": received.case.reference, "secret": received.secret}


def file(key: str, body: bytes = b"{}", *, caller: str = "shop", hours: int = 0) -> tuple[dict[str, Any], bool]:
    def work(keep: Keep) -> None:
        make_case(along=lambda received: keep(answer(received)))

    return once(caller=caller, key=key, body=body, now=START + timedelta(hours=hours), work=work)


def test_the_same_key_files_once_and_answers_the_same(cast: Cast) -> None:
    first, was_known = file("a")
    assert not was_known
    assert file("a") == (first, True)
    assert Case.objects.count() == 1
    assert first["secret"] not in str(IdempotencyKey.objects.values())


def test_another_body_or_caller_is_another_matter(cast: Cast) -> None:
    file("a")
    with pytest.raises(KeyReused):
        file("a", b"{1}")
    file("a", caller="app")
    assert Case.objects.count() == 2


def test_a_request_that_failed_may_be_tried_again(cast: Cast) -> None:
    def work(keep: Keep) -> None:
        keep({"reference": "never"})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        once(caller="shop", key="a", body=b"{}", now=START, work=work)
    assert not file("a")[1]


def test_keys_are_kept_for_a_day(cast: Cast) -> None:
    file("a")
    assert tidy(now=START + timedelta(hours=23)) == 0
    assert not file("a", b"{1}", hours=25)[1]
    assert tidy(now=START + timedelta(hours=50)) == 1


@pytest.mark.django_db(transaction=True)
def test_what_another_request_wrote_meanwhile_is_answered_and_nothing_is_written_twice(cast: Cast) -> None:
    """The second request has been judged already when the first one is written."""
    first: list[dict[str, Any]] = []

    def work(keep: Keep) -> None:
        first.append(file("a")[0])
        make_case(along=lambda received: keep(answer(received)))

    assert once(caller="shop", key="a", body=b"{}", now=START, work=work) == (first[0], True)
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_requests_with_one_key_at_the_same_moment_are_one_complaint(cast: Cast) -> None:
    (one, _), (other, _) = at_once(lambda: file("a"), lambda: file("a"))
    assert one == other
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_request_whose_transaction_fails_keeps_no_key(cast: Cast) -> None:
    def work(keep: Keep) -> None:
        def along(received: Received) -> None:
            keep(answer(received))
            raise RuntimeError

        make_case(along=along)

    with pytest.raises(RuntimeError):
        once(caller="shop", key="a", body=b"{}", now=START, work=work)
    assert (Case.objects.count(), IdempotencyKey.objects.count()) == (0, 0)
