"""A request repeated is answered as it was the first time, and does nothing twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from builders import START, make_case
from cast import Cast
from ombud.cases.errors import KeyReused
from ombud.cases.idempotency import once, tidy
from ombud.cases.models import Case, IdempotencyKey

pytestmark = pytest.mark.django_db


def file(key: str, body: bytes = b"{}", *, caller: str = "shop", hours: int = 0) -> tuple[dict[str, Any], bool]:
    def work() -> dict[str, Any]:
        received = make_case()
        return {"reference": received.case.reference, "secret": received.secret}

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
    def work() -> dict[str, Any]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        once(caller="shop", key="a", body=b"{}", now=START, work=work)
    assert not file("a")[1]


def test_keys_are_kept_for_a_day(cast: Cast) -> None:
    file("a")
    assert tidy(now=START + timedelta(hours=23)) == 0
    assert not file("a", b"{1}", hours=25)[1]
    assert tidy(now=START + timedelta(hours=50)) == 1
