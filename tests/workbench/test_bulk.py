"""Acts on several complaints at once: each judged by its policy, each with what came of it, none held up by another."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from builders import GRADES, assert_refolds, do, make_case
from cast import POLICY, Cast
from ombud.cases.models import Case, Event, Recusal
from ombud.notices.models import Notice
from ombud.policy.model.procedures import MAIN

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
PAGE = "/desk/cases/together/"


@pytest.fixture
def cases(cast: Cast) -> list[Case]:
    return [make_case(minutes=200 + number).case for number in range(3)]


def references(cases: list[Case]) -> list[str]:
    return [case.reference for case in cases]


def key(act: str) -> str:
    return f"{POLICY}:{MAIN}:{act}"


def outcomes(page: str) -> list[tuple[str, str]]:
    line = r'class="reference" href="/desk/cases/([^/]+)/">.*?<span class="pill pill-(\w+)">'
    return [(reference, tone) for reference, tone in re.findall(line, page, re.DOTALL)]


def sent(browser: Client, act: str, cases: list[Case], **data: Any) -> Any:
    seen = {f"seen-{case.reference}": str(Case.objects.get(pk=case.pk).seq) for case in cases}
    return browser.post(PAGE, {"act": key(act), "case": references(cases), **seen, **data})


def test_the_register_lets_complaints_be_chosen(cast: Cast, sign_in: SignIn, cases: list[Case]) -> None:
    lin = sign_in("lin")
    page = lin.get("/desk/cases/").content.decode()
    assert all(f'name="case" value="{each}"' in page for each in references(cases))
    offered = lin.get(PAGE, {"case": references(cases)}).content.decode()
    assert "on 3 of 3" in offered
    assert f"act={POLICY}%3A{MAIN}%3Aregister" in offered


def test_an_act_is_done_on_each_of_them(cast: Cast, sign_in: SignIn, cases: list[Case]) -> None:
    lin = sign_in("lin")
    form = lin.get(PAGE, {"case": references(cases), "act": key("take")}).content.decode()
    assert form.count('name="seen-') == 3
    page = sent(lin, "take", cases).content.decode()
    assert outcomes(page) == [(each, "good") for each in references(cases)]
    for case in cases:
        assert Case.objects.get(pk=case.pk).handler == cast.lin
        assert_refolds(case)


def test_what_one_refuses_holds_up_no_other(cast: Cast, sign_in: SignIn, cases: list[Case]) -> None:
    first, second, third = cases
    do(second, "register", cast, "lin", minutes=205, data=GRADES)
    lin = sign_in("lin")
    form = lin.get(PAGE, {"case": references(cases), "act": key("register")}).content.decode()
    assert "Possible now on 2 of 3" in form
    seen = {f"seen-{first.reference}": str(first.seq), f"seen-{third.reference}": "0"}  # somebody acted on the third
    data = {name: {True: "yes", False: "no"}.get(value, value) for name, value in GRADES.items()}
    page = lin.post(PAGE, {"act": key("register"), "case": references(cases), **seen, **data}).content.decode()
    assert outcomes(page) == [(first.reference, "good"), (second.reference, "warn"), (third.reference, "warn")]
    assert "Somebody acted on it meanwhile" in page
    assert Event.objects.filter(act="register").count() == 2


def test_a_form_that_lacks_something_does_nothing(cast: Cast, sign_in: SignIn, cases: list[Case]) -> None:
    answer = sent(sign_in("lin"), "register", cases)
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert not Event.objects.filter(act="register").exists()


def test_nobody_acts_on_what_is_not_theirs(cast: Cast, sign_in: SignIn, cases: list[Case]) -> None:
    Recusal.objects.create(case=cases[0], person=cast.lin, reason="", at=cases[0].received_at)
    page = sent(sign_in("lin"), "take", cases).content.decode()
    assert [reference for reference, _tone in outcomes(page)] == references(cases[1:])
    for who in ("deng", "mo", "ai", "nobody"):  # of another department, and those who only look
        assert sent(sign_in(who), "take", cases)["Location"] == "/desk/cases/"
    assert Event.objects.filter(act="take").count() == 2
    assert sent(sign_in("lin"), "plan.approve", cases).status_code == 404


def test_those_who_are_waited_for_are_reminded(cast: Cast, sign_in: SignIn, cases: list[Case]) -> None:
    wei = sign_in("wei")
    page = wei.post(PAGE, {"act": "remind", "case": references(cases)}).content.decode()
    assert page.count("Reminded: ") == 3
    assert Notice.objects.filter(kind=Notice.Kind.REMINDER, person=cast.lin).count() == 3
    again = wei.post(PAGE, {"act": "remind", "case": references(cases)}).content.decode()
    assert again.count("Reminded today already") == 3


def test_those_chosen_are_taken_along(cast: Cast, sign_in: SignIn, cases: list[Case], media: Path) -> None:
    two = references(cases[:2])
    query = "&".join(f"case={each}" for each in two)
    answer = sign_in("lin").post("/desk/exports/new/", {"list": "chosen", "format": "csv", "query": query})
    text = answer.getvalue().decode("utf-8-sig")
    assert [str(case) in text for case in cases] == [True, True, False]


def test_more_complaints_do_not_ask_much_more_often(cast: Cast, sign_in: SignIn) -> None:
    cases = [make_case(minutes=180 + number).case for number in range(12)]
    lin = sign_in("lin")

    def asked(number: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            lin.get(PAGE, {"case": references(cases[:number])})
        return len(queries)

    asked(1)
    assert asked(12) - asked(2) <= 10  # who holds which role is asked for each
