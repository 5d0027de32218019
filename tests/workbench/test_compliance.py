"""The page of clause compliance: its numbers open their cases, and it narrows to what was asked for."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from builders import GRADES, do, make_case
from cast import POLICY, Cast
from ombud.cases.models import Duty
from ombud.insight import keeping
from ombud.insight.models import Measured

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
    (link,) = re.findall(r'href="([^"#]*state=late)#duties"', row[0])
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


def test_a_row_tells_the_time_used_and_its_course_by_month(cast: Cast, sign_in: Any) -> None:
    make_late_registration(cast)
    page = sign_in("mo").get(PAGE, {"policy": POLICY}).content.decode()
    row = re.search(r"§ 1\.1\.6<.*?</tr>", page, re.S)
    assert row is not None
    assert row[0].count("200 %") == 2  # two hours of one: the middle one, and the slowest tenth
    assert 'aria-label="2026-03 0 %"' in row[0]


def test_a_clause_is_told_by_grade_and_version_and_each_number_opens_its_duties(cast: Cast, sign_in: Any) -> None:
    late = make_late_registration(cast)
    other = make_case().case
    do(other, "register", cast, "lin", minutes=30, data=GRADES)
    keeping.rebuild()
    Measured.objects.filter(case=other).update(grade="major")
    manager, row = sign_in("mo"), Measured.objects.get(case=late)
    address = f"{PAGE}1.1.6/"
    page = manager.get(address, {"policy": POLICY}).content.decode()
    for title in ("By month", "By department", "By grade", "By version"):
        assert title in page
    found = {html.unescape(each) for each in re.findall(r'href="(\?policy=[^"#]*)#duties"', page)}
    assert any("grade=" in each for each in found)
    for each in found:
        opened = manager.get(address + each)
        assert opened.status_code == 200, each
        assert late.reference in opened.content.decode() or other.reference in opened.content.decode(), each
    one = manager.get(address, {"policy": POLICY, "grade": row.grade}).content.decode()
    assert late.reference in one
    assert other.reference not in one
    whole = manager.get(PAGE, {"policy": POLICY, "grade": row.grade, "version": str(row.version)}).content.decode()
    assert "§ 1.1.6" in whole
    month = manager.get(address, {"policy": POLICY, "month": "2026-03", "state": "late"}).content.decode()
    assert late.reference in month
    assert other.reference not in month
    for wrong in ({"grade": "none-such"}, {"month": "2026-13"}, {"month": "\0"}, {"version": "x"}):
        assert manager.get(address, {"policy": POLICY, **wrong}).status_code == 404, wrong


def test_what_nothing_counts_says_why(cast: Cast, sign_in: Any) -> None:
    make_case()
    page = sign_in("mo").get(PAGE, {"policy": POLICY}).content.decode()
    assert "clauses that nothing here counts" in page
    reasons = [page.index(each) for each in ("nothing began that called for it", "rules without a time of their own")]
    assert reasons == sorted(reasons)
    assert page.count("rules without a time of their own") == 1  # said once, of all clauses that it holds for


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
