"""POST /mentions: what other systems tell of the public is kept once, by who works under the policy."""

from __future__ import annotations

from typing import Any

import pytest

from builders import START, make_case, publish_policy
from cast import POLICY, Cast
from ombud.insight.opinion import mentions
from ombud.insight.opinion.mentions import Said
from ombud.insight.opinion.models import Mention
from together import at_once

pytestmark = pytest.mark.django_db
OTHER = "student-complaints"
SENT = {
    "policy": POLICY, "id": "post-1", "medium": "X", "words": "It leaks", "tone": "negative",
    "published_at": "2026-03-03T08:59:00+08:00",
}  # fmt: skip


def test_a_mention_told_twice_is_kept_once(calling: Any, at_start: Any) -> None:
    lin = calling("lin")
    first, again = lin.post("/mentions", SENT), lin.post("/mentions", {**SENT, "words": "other"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json()["new"], again.json()["new"]) == (True, False)
    assert first.json()["id"] == again.json()["id"]
    assert Mention.objects.get().medium == "X"


@pytest.mark.parametrize(
    "wrong",
    [
        *[{"tone": "loud"}, {"reach": -1}, {"reach": "9"}, {"words": " "}, {"medium": ""}, {"link": "javascript:x"}],
        *[{"published_at": "2026-03-03T09:01:00+08:00"}, {"published_at": "2026-03-03"}, {"more": 1}, {"id": ""}],
    ],
)
def test_what_does_not_fit_is_refused(calling: Any, at_start: Any, wrong: dict[str, Any]) -> None:
    assert calling("lin").post("/mentions", {**SENT, **wrong}).status_code == 422
    assert not Mention.objects.exists()


def test_a_token_for_one_policy_tells_nothing_under_another(calling: Any, at_start: Any) -> None:
    publish_policy(OTHER)
    mo, case = calling("mo", policy=OTHER), make_case().case
    assert mo.post("/mentions", SENT).status_code == 403
    assert mo.post("/mentions", {**SENT, "policy": OTHER, "case": case.reference}).status_code == 404
    assert not Mention.objects.exists()
    assert mo.post("/mentions", {**SENT, "policy": OTHER}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_what_is_told_twice_at_the_same_moment_is_kept_once(cast: Cast) -> None:
    said = Said(policy=POLICY, medium="X", words="It leaks", tone="negative", published_at=START, source="post-1")
    told = at_once(*[lambda: mentions.record(said, by=cast.lin, now=START)] * 4)
    assert sorted(is_new for _row, is_new in told) == [False, False, False, True]
    assert {row.pk for row, _is_new in told} == {Mention.objects.get().pk}


def test_who_may_not_tell_and_of_which_case(calling: Any, at_start: Any) -> None:
    case = make_case().case
    assert calling("ai").post("/mentions", SENT).status_code == 403
    assert calling("nobody").post("/mentions", SENT).status_code == 403
    assert calling("lin", "read").post("/mentions", SENT).status_code == 403
    assert calling("lin").post("/mentions", {**SENT, "policy": "none"}).status_code == 403
    assert calling("deng").post("/mentions", {**SENT, "case": case.reference}).status_code == 404
    assert not Mention.objects.exists()
    assert calling("lin").post("/mentions", {**SENT, "case": case.reference}).status_code == 201
    assert Mention.objects.get().case == case
