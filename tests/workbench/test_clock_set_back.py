"""The clock was set back by a day: cases whose last entry lies ahead say so, on pages, by the API, in proofs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from builders import make_history
from cast import Cast
from ombud.api import keys
from ombud.cases.keeping.verify import verify_all
from ombud.project.maintenance import verify


@pytest.mark.parametrize(
    ("language", "words"), [("en", "The clock may have been set back"), ("zh", "服务器时钟可能被调回")]
)
def test_a_case_with_a_last_entry_ahead_of_now_says_why_nothing_can_be_done_on_it(
    cast: Cast,
    clock: time_machine.Traveller,
    sign_in: Callable[[str], Client],
    language: str,
    words: str,
) -> None:
    case = make_history(cast, "route")
    chen = sign_in("chen")
    clock.shift(timedelta(days=-1))
    page = chen.get(f"/desk/cases/{case.reference}/?act=accept_work", headers={"accept-language": language})
    assert page.status_code == 200
    assert words in page.content.decode()

    _row, token = keys.issue_token(cast.chen, name="a test", scopes=keys.SCOPES, now=case.received_at)
    answer = Client().post(
        f"/api/v1/cases/{case.reference}/acts/accept_work",
        json.dumps({"seen": case.seq, "data": {}}),
        content_type="application/json",
        headers={"accept-language": language, "authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 409
    assert "clock-behind" in [each["code"] for each in answer.json()["refused"]]
    assert words in answer.json()["detail"]


def test_verify_names_the_events_that_lie_ahead_of_now_apart_from_what_does_not_match(
    cast: Cast, clock: time_machine.Traveller, capsys: pytest.CaptureFixture[str]
) -> None:
    case = make_history(cast, "route")
    assert verify_all()["ahead"] == []
    clock.move_to(case.received_at - timedelta(days=1))
    report = verify_all()
    assert len(report["ahead"]) == case.seq
    assert report["ahead"][0].startswith(f"{case.reference}: event 1 of ")
    assert "1 day, 0:00:00 ahead" in report["ahead"][0]
    assert report["problems"] == []
    assert verify([]) == 0
    assert "check the clock" in capsys.readouterr().out
