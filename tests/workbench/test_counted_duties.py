"""The duties behind a number: of what the reader may see and owes, as the page that names the number counts them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from builders import after, do, make_case, make_history
from cast import POLICY, Cast
from ombud.cases import confidential
from ombud.cases.access.case_access import access_case
from ombud.cases.models import Case, Recusal
from ombud.insight import keeping
from ombud.organisation.models import Department

pytestmark = pytest.mark.django_db
PAGE = "/desk/overview/duties/"
SignIn = Callable[[str], Client]


def shown(browser: Client, **asked: Any) -> str:
    return browser.get(PAGE, {"policy": POLICY, "span": "this-month", **asked}).content.decode()


def test_nobody_is_shown_a_duty_of_a_case_that_is_kept_from_them(cast: Cast, sign_in: SignIn, media: Path) -> None:
    secret, other = make_history(cast, "accept_work"), make_history(cast, "register", minutes=10)
    keeping.rebuild()
    every = {"": {}, "matters": {"matters": "1"}, "due": {"due": "ahead"}, "both": {"due": "ahead", "matters": "1"}}
    for asked in every.values():
        assert secret.reference in shown(sign_in("mo"), **asked)
        assert "KS-" not in shown(sign_in("deng"), **asked)  # of another department
    assert secret.reference in shown(sign_in("chen"))
    confidential.confide(
        access_case(cast.gao, secret.reference), [cast.gao, cast.chen], reason="举报经理", now=after(200)
    )
    Recusal.objects.create(case=other, person=cast.wei, reason="", at=after(200))
    for who in ("mo", "lin", "wei", "ai"):
        for asked in every.values():
            assert secret.reference not in shown(sign_in(who), **asked), who
    for asked in every.values():
        assert other.reference not in shown(sign_in("wei"), **asked)
        assert other.reference in shown(sign_in("mo"), **asked)
    asked = {"list": "counted-duties", "format": "csv", "query": urlencode({"policy": POLICY, "span": "this-month"})}
    taken = {who: sign_in(who).post("/desk/exports/new/", asked).getvalue().decode() for who in ("mo", "wei")}
    assert [str(other) in taken[who] for who in ("mo", "wei")] == [True, False]
    assert str(secret) not in taken["mo"]


def test_what_one_owes_is_told_from_what_all_owe(cast: Cast, sign_in: SignIn) -> None:
    case = make_history(cast, "accept_work")
    keeping.rebuild()
    assert case.reference in shown(sign_in("wei"), due="ahead")
    assert case.reference not in shown(sign_in("wei"), due="ahead", whose="mine")
    page = shown(sign_in("chen"), due="ahead", whose="mine")
    assert case.reference in page
    assert "Owed by you" in page


def test_it_is_narrowed_as_the_page_is(cast: Cast, sign_in: SignIn) -> None:
    graded, new = make_history(cast, "accept_work"), make_case(minutes=200).case
    keeping.rebuild()
    quality = Department.objects.get(policy=POLICY, key="quality").pk
    for asked in ({"department": quality}, {"by-category": "product_quality"}, {"department": quality, "due": "ahead"}):
        page = shown(sign_in("mo"), **asked)
        assert (graded.reference in page, new.reference in page) == (True, False), asked


def test_an_approval_is_called_by_its_name_and_what_is_over_is_not_owed(cast: Cast, sign_in: SignIn) -> None:
    case = make_history(cast, "propose")
    do(case, "withdraw", cast, "complainant", minutes=200)
    keeping.rebuild()
    kind = f"{Case.objects.get(pk=case.pk).procedure}/plan.1"
    page = shown(sign_in("mo"), duty=kind, state="gone", cited=" ".join(case.duties.get(duty="plan.1").clauses))
    assert case.reference in page
    assert "Approval of the solution" in page
    assert case.reference not in shown(sign_in("mo"), duty=kind, state="owed")


@pytest.mark.parametrize(
    "asked",
    [
        {"state": "x"},
        {"due": "2026-02-30"},
        {"due": "2099-01-01"},
        {"due": "x"},
        {"matters": "1", "by-category": "delivery"},
        {"by-narrative": "x"},
        {"span": "x"},
        {"cursor": "x"},
    ],
)
def test_what_no_page_asks_for_is_not_there(cast: Cast, sign_in: SignIn, asked: dict[str, str]) -> None:
    assert sign_in("mo").get(PAGE, {"policy": POLICY, **asked}).status_code == 404
