"""The page of clause compliance: its numbers open their cases, and it narrows to what was asked for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from builders import GRADES, do, make_case
from cast import POLICY, Cast
from ombud.cases.models import Duty

pytestmark = pytest.mark.django_db
PAGE = "/desk/compliance/"


def make_late_registration(cast: Cast) -> Any:
    case = make_case().case
    do(case, "register", cast, "lin", minutes=120, data=GRADES)
    return case


def test_a_number_opens_the_duties_that_it_counts(cast: Cast, sign_in: Any) -> None:
    late, prompt = make_late_registration(cast), make_case().case
    do(prompt, "register", cast, "lin", minutes=30, data=GRADES)
    manager = sign_in("mo")
    page = manager.get(PAGE, {"policy": POLICY, "span": "this-month"}).content.decode()
    # 1.1.6: registered within one hour; one of two was.
    row = re.search(r"§ 1\.1\.6<.*?</tr>", page, re.S)
    assert row is not None
    assert "50 %" in row[0]
    (link,) = re.findall(r'href="([^"]*state=late)"', row[0])
    listed = manager.get(link.replace("&amp;", "&")).content.decode()
    assert late.reference in listed
    assert prompt.reference not in listed


def test_a_clause_tells_months_departments_and_how_much_time_was_used(cast: Cast, sign_in: Any) -> None:
    make_late_registration(cast)
    page = sign_in("mo").get(f"{PAGE}1.1.6/", {"policy": POLICY}).content.decode()
    assert "By month" in page
    assert "2026-03" in page
    assert "By department" in page
    assert "the middle one took 200 %" in page  # two hours of one


def test_what_nothing_counts_says_why(cast: Cast, sign_in: Any) -> None:
    make_case()
    page = sign_in("mo").get(PAGE, {"policy": POLICY}).content.decode()
    assert "clauses that nothing here counts" in page
    assert "in this span nothing began that called for it" in page


@pytest.mark.parametrize(
    "query", [{"policy": "none"}, {"span": "for ever"}, {"department": "x"}, {"office": "9" * 30}, {"span": "\0"}]
)
def test_what_there_is_not_is_not_there(cast: Cast, sign_in: Any, query: dict[str, str]) -> None:
    browser = sign_in("mo")
    assert browser.get(PAGE, query).status_code == 404
    assert browser.get(f"{PAGE}1.1.6/", {"policy": POLICY, **query}).status_code == 404
    assert browser.get(f"{PAGE}9.9.9/", {"policy": POLICY}).status_code == 404
    assert browser.get(f"{PAGE}1.1.6/", {"policy": POLICY, "state": "lost"}).status_code == 404
    assert browser.get(f"{PAGE}1.1.6/", {"policy": POLICY, "cursor": "x"}).status_code == 404


def test_however_many_cases_there_are_the_queries_are_the_same(cast: Cast, sign_in: Any) -> None:
    from django.db import connection

    manager = sign_in("mo")

    def queries(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert manager.get(path, {"policy": POLICY}).status_code == 200
        return len(seen)

    make_late_registration(cast)
    queries(PAGE)
    before = queries(PAGE), queries(f"{PAGE}1.1.6/")
    for _ in range(5):
        make_late_registration(cast)
    assert (queries(PAGE), queries(f"{PAGE}1.1.6/")) == before


def test_a_duty_stands_under_the_clauses_that_it_was_owed_by_whatever_others_of_its_kind_cite(
    cast: Cast, sign_in: Any
) -> None:
    one, two = make_late_registration(cast), make_late_registration(cast)
    for duty in Duty.objects.filter(case=two):  # under another version of the policy
        Duty.objects.filter(pk=duty.pk).update(clauses=[each for each in duty.clauses if each != "1.1.6"])
    page = sign_in("mo").get(f"{PAGE}1.1.6/", {"policy": POLICY}).content.decode()
    assert one.reference in page
    assert two.reference not in page
