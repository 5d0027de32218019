"""Calls that reached nobody: written down beside the act that they are for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from builders import after, do, make_history
from cast import Cast
from ombud.clock.tick import tick
from ombud.correspondence.models import Message
from ombud.notices.models import Notice
from ombud.notices.reading import sentence

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
CALLED = {"way": "call", "is_out": "out", "said_at": "2026-03-03T12:10"}


def test_attempts_stand_beside_the_follow_up_with_the_next_try(
    cast: Cast, sign_in: SignIn, later: Callable[[float], None]
) -> None:
    later(120)
    case, lin = make_history(cast, "carry_out"), sign_in("lin")
    act = f"/desk/cases/{case.reference}/?act=follow_up"
    assert "Nobody reached? Write the attempt down" in lin.get(act).content.decode()
    note = f"/desk/cases/{case.reference}/noted/?for=follow_up"
    said = {**CALLED, "outcome": "no-answer", "next_try": "2026-03-03T18:00"}
    assert lin.post(note, said)["Location"] == f"{act}#act"
    page = lin.get(act).content.decode()
    assert "Calls so far" in page
    assert "not answered" in page
    assert "Next try" in page
    assert "Lin" in page
    assert Message.objects.filter(case=case, way="call", is_out=True).count() == 1


def test_who_could_not_be_reached_is_called_again_in_time_by_who_tried_last(
    cast: Cast, sign_in: SignIn, later: Callable[[float], None]
) -> None:
    later(180)
    case, lin = make_history(cast, "carry_out"), sign_in("lin")
    note = f"/desk/cases/{case.reference}/noted/?for=follow_up"
    said = {**CALLED, "outcome": "no-answer"}
    lin.post(note, {**said, "next_try": "2026-03-03T16:00"})
    lin.post(note, {**said, "next_try": "2026-03-03T17:00"})  # the plan before gives way
    tick(now=after(7 * 60 + 30))
    assert not Notice.objects.filter(kind="next-try").exists()
    tick(now=after(8 * 60))
    row = Notice.objects.get(kind="next-try")
    assert (row.person, row.act, row.at) == (cast.lin, "follow_up", after(8 * 60))
    assert sentence(row) == "Call again: Follow up"


def test_nobody_is_reminded_of_a_call_that_was_made(
    cast: Cast, sign_in: SignIn, later: Callable[[float], None]
) -> None:
    later(180)
    case, lin = make_history(cast, "carry_out"), sign_in("lin")
    note = f"/desk/cases/{case.reference}/noted/?for=follow_up"
    lin.post(note, {**CALLED, "outcome": "busy", "next_try": "2026-03-03T16:00"})
    said = {"follow_up_by": "phone", "satisfaction": "satisfied"}
    do(case, "follow_up", cast, "lin", minutes=400, data=said)
    tick(now=after(8 * 60))
    assert not Notice.objects.filter(kind="next-try").exists()


def test_what_the_policy_has_one_say_stands_beside_the_act_in_the_language_of_the_case(
    cast: Cast, sign_in: SignIn, later: Callable[[float], None]
) -> None:
    later(180)
    chinese, english = make_history(cast, "carry_out"), make_history(cast, "carry_out", language="en")
    lin = sign_in("lin")
    page = lin.get(f"/desk/cases/{chinese.reference}/?act=follow_up").content.decode()
    assert "What to say" in page
    assert "您实际收到的结果，与我们告知您的是否一致？" in page
    assert "Have you two minutes?" in lin.get(f"/desk/cases/{english.reference}/?act=follow_up").content.decode()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"outcome": "no-answer", "is_out": "in"}, "Only a call of ours is an attempt."),
        ({"outcome": "busy", "way": "post"}, "Only a call of ours is an attempt."),
        ({"next_try": "2026-03-03T18:00", "text": "x"}, "Say first what came of this call."),
        ({"outcome": "busy", "next_try": "2026-03-03T08:00"}, "A time to come is needed here."),
        ({"outcome": "reached"}, "Write down what was said."),
        ({}, "Write down what was said."),
    ],
)
def test_what_is_no_attempt_is_refused_in_words(cast: Cast, sign_in: SignIn, said: dict[str, str], words: str) -> None:
    case = make_history(cast, "register")
    answer = sign_in("lin").post(f"/desk/cases/{case.reference}/noted/", {**CALLED, **said})
    assert answer.status_code == 422
    assert words in answer.content.decode()
