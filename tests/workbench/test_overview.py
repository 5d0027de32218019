"""The overview: its numbers open their cases, each reader sees what is theirs, and strange addresses lead nowhere."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from builders import after, make_case, make_history
from cast import POLICY, Cast
from ombud.cases.models import Duty
from ombud.insight import keeping
from ombud.insight.measures import MEASURES
from ombud.insight.models import Measured

pytestmark = pytest.mark.django_db
PAGE = "/desk/overview/"
ASKED = {"policy": POLICY, "span": "last-12-months"}


@pytest.fixture
def cases(cast: Cast) -> Any:
    found = [make_history(cast, "follow_up"), make_history(cast, "register", minutes=10), make_case(minutes=20).case]
    keeping.rebuild()
    return found


def links(page: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'href="(/desk/overview/cases/[^"]+)"', page)]


def test_every_number_opens_the_cases_that_it_counts(cast: Cast, sign_in: Any, cases: Any) -> None:
    browser = sign_in("mo")
    page = browser.get(PAGE, ASKED).content.decode()
    opened = {re.findall(r"measure=(\w+)", each)[0]: browser.get(each).content.decode() for each in links(page)}
    assert {"received", "closed", "open", "on_time", "closing_days", "satisfied", "first_contact"} <= opened.keys()
    assert all(case.reference in opened["received"] for case in cases)
    assert [case.reference in opened["closed"] for case in cases] == [True, False, False]
    assert [case.reference in opened["open"] for case in cases] == [False, True, True]


def test_a_share_opens_into_its_two_sides(cast: Cast, sign_in: Any, cases: Any) -> None:
    browser, asked = sign_in("mo"), {**ASKED, "measure": "repeat"}
    hits = browser.get(f"{PAGE}cases/", {**asked, "side": "hit"}).content.decode()
    misses = browser.get(f"{PAGE}cases/", {**asked, "side": "miss"}).content.decode()
    assert [case.reference in hits for case in cases] == [False, True, True]  # all are of one person
    assert [case.reference in misses for case in cases] == [True, False, False]


def test_charts_have_their_numbers_as_a_table_and_say_what_is_under_way(cast: Cast, sign_in: Any, cases: Any) -> None:
    page = sign_in("mo").get(PAGE, ASKED).content.decode()
    assert page.count('role="img"') == page.count("The numbers") >= 4
    assert "under way" in page
    assert "url(#hatch-" in page
    assert "style=" not in page


def test_whoever_sees_no_case_sees_no_number(cast: Cast, sign_in: Any, cases: Any) -> None:
    page = sign_in("deng").get(PAGE, ASKED).content.decode()
    assert links(page) == []
    assert "that you may see" in page
    assert sign_in("deng").get(f"{PAGE}cases/", {**ASKED, "measure": "received"}).content.decode().count("OM-") == 0


@pytest.mark.parametrize("unit", ["month", "week", "day"])
def test_a_step_of_time_opens_as_many_cases_as_it_counts(cast: Cast, sign_in: Any, cases: Any, unit: str) -> None:
    browser = sign_in("mo")
    page = browser.get(f"{PAGE}explore/", {**ASKED, "measure": "received", "rows": unit}).content.decode()
    told = [
        (html.unescape(each[0]), int(each[1]))
        for each in re.findall(r'href="(/desk/overview/cases/[^"]+)">(\d+)</a>', page)
    ]
    assert sum(number for _href, number in told) == len(cases)
    for href, number in told:
        opened = browser.get(href).content.decode()
        assert sum(each.reference in opened for each in cases) == number
        assert f"by-{unit}=" in href


def test_charts_of_the_overview_open_their_steps(cast: Cast, sign_in: Any, cases: Any) -> None:
    browser = sign_in("mo")
    steps = [each for each in links(browser.get(PAGE, ASKED).content.decode()) if "by-month=" in each]
    assert {re.findall(r"measure=(\w+)", each)[0] for each in steps} == {"received", "on_time", "satisfied"}
    for each in steps:
        assert cases[0].reference in browser.get(each).content.decode()


def test_what_the_overview_is_narrowed_to_stays_with_its_numbers(cast: Cast, sign_in: Any, cases: Any) -> None:
    browser, asked = sign_in("mo"), {**ASKED, "by-category": "-"}
    page = browser.get(PAGE, asked).content.decode()
    opened = browser.get(next(each for each in links(page) if "measure=received" in each)).content.decode()
    assert [case.reference in opened for case in cases] == [False, False, True]
    assert 'name="by-category" value="-"' in page  # another span keeps it


def test_every_measure_says_how_it_is_counted(cast: Cast, sign_in: Any) -> None:
    page = sign_in("mo").get(f"{PAGE}counted/").content.decode()
    assert [f'id="{id}"' in page for id in MEASURES] == [True] * len(MEASURES)
    assert "Not counted under:" in page  # this policy has no field of money that was given


@pytest.mark.parametrize(
    "query",
    [
        {"measure": "none"},
        {},
        {"measure": "received", "by-narrative": "x"},
        {"measure": "received", "by-month": "2020-03"},
        {"measure": "received", "by-month": "-"},
        {"measure": "received", "by-week": "2026-03-03"},
        {"measure": "received", "by-day": "20260303"},
        {"measure": "received", "by-day": "9999-12-31"},
        {"measure": "received", "by-age": "x"},
        {"measure": "received", "by-department": "x"},
        {"measure": "received", "side": "x"},
        {"measure": "received", "cursor": "x"},
        {"measure": "received", "span": "x"},
    ],
)
def test_what_there_is_not_is_not_there(cast: Cast, sign_in: Any, query: dict[str, str]) -> None:
    assert sign_in("mo").get(f"{PAGE}cases/", {"policy": POLICY, **query}).status_code == 404


def test_one_value_narrows_what_a_number_opens(cast: Cast, sign_in: Any, cases: Any) -> None:
    asked = {**ASKED, "measure": "received", "by-category": "-"}
    page = sign_in("mo").get(f"{PAGE}cases/", asked).content.decode()
    assert [case.reference in page for case in cases] == [False, False, True]


def test_a_measure_is_explored_by_one_side_or_two(cast: Cast, sign_in: Any, cases: Any) -> None:
    browser, asked = sign_in("mo"), {**ASKED, "measure": "received", "rows": "category"}
    page = browser.get(f"{PAGE}explore/", asked).content.decode()
    assert "A year before" in page
    opened = [browser.get(each).content.decode() for each in links(page)]
    assert sorted(sum(case.reference in each for case in cases) for each in opened) == [1, 2]
    table = browser.get(f"{PAGE}explore/", {**asked, "columns": "outcome"}).content.decode()
    assert "Substantiated" in table
    for query in ({"measure": "overdue", "rows": "month"}, {"rows": "narrative"}, {"rows": "age", "columns": "day"}):
        assert browser.get(f"{PAGE}explore/", {**ASKED, **query}).status_code == 200  # shown by what there is
    assert browser.get(f"{PAGE}explore/", {**ASKED, "measure": "none"}).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_cases(cast: Cast, sign_in: Any, cases: Any) -> None:
    browser = sign_in("mo")

    def queries(address: str, **query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(address, {**ASKED, **query}).status_code == 200
        return len(captured)  # at once: the next request empties the list

    asked: list[tuple[str, dict[str, str]]] = [
        (PAGE, {}),
        (f"{PAGE}time/", {}),
        (f"{PAGE}cases/", {"measure": "received"}),
        (f"{PAGE}explore/", {"measure": "open", "rows": "day"}),
    ]
    for address, query in asked:
        queries(address, **query)
    few = [queries(address, **query) for address, query in asked]
    for minutes in range(3):
        make_case(minutes=after(minutes).minute)
    keeping.rebuild()
    assert [queries(address, **query) for address, query in asked] == few
    assert few[0] <= 46  # with the sums of days, the rows of those that are not summed, and when the policy began


def test_where_the_time_goes_has_a_row_for_each_phase_and_its_bars(cast: Cast, sign_in: Any, cases: Any) -> None:
    page = sign_in("mo").get(f"{PAGE}time/", ASKED).content.decode()
    assert page.count('data-label="The middle one"') >= 2
    assert page.count('data-label="With us, on average"') == 1
    assert "By phase" in page
    assert page.count('data-label="Falls due"') == 7
    assert "No rota tells who is there for it." in page
    empty = sign_in("mo").get(f"{PAGE}time/", {"policy": POLICY, "span": "last-month"}).content.decode()
    assert "Nothing was closed in this span" in empty


def test_what_waited_for_approval_is_told_by_its_name(cast: Cast, sign_in: Any) -> None:
    case = make_history(cast, "propose")
    waiting = Duty.objects.get(case=case, duty="plan.1")
    Duty.objects.filter(pk=waiting.pk).update(due_at=waiting.opened_at)
    keeping.rebuild()
    page = sign_in("mo").get(f"{PAGE}time/", ASKED).content.decode()
    assert "Approval of the solution" in page
    (opened,) = [
        html.unescape(each) for each in re.findall(r'href="(/desk/overview/duties/[^"]+duty=[^"]+plan[^"]+)"', page)
    ]
    told = sign_in("mo").get(opened).content.decode()
    assert told.count(f'class="item" href="/desk/cases/{case.reference}/"') == 1  # of all duties that were late
    assert ">plan.1<" not in page


def test_the_course_of_what_came_in_tells_chance_from_more(cast: Cast, sign_in: Any) -> None:
    keeping.rebuild()
    empty = sign_in("mo").get(PAGE, {"policy": POLICY, "span": "this-month"}).content.decode()
    assert "chart-limit" not in empty  # too few weeks are over
    for number in range(11):  # one for each whole month
        make_case(minutes=-20 * 24 * 60 + number)
    keeping.rebuild()
    young = sign_in("mo").get(PAGE, ASKED).content.decode()
    assert "chart-limit" not in young  # months before the first complaint are none without complaints
    long_ago = timezone.now() - timedelta(days=330)
    Measured.objects.filter(pk=Measured.objects.values_list("pk")[:1][0][0]).update(received_at=long_ago)
    page = sign_in("mo").get(PAGE, ASKED).content.decode()
    assert page.count("chart-limit") == 24  # two for each of twelve months
    assert "Between the dashed lines differences are chance" in page
    assert '<th scope="col" class="number">Expected</th>' in page


def test_explore_hands_every_series_to_the_script_that_draws_where_it_was_brought_along(
    cast: Cast, sign_in: Any, cases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in("mo")

    def drawn(is_there: bool, **query: str) -> dict[str, Any] | None:
        monkeypatch.setattr("ombud.workbench.explore.has_echarts", lambda: is_there)
        page = browser.get(f"{PAGE}explore/", {**ASKED, "measure": "received", **query}).content.decode()
        assert 'role="img"' in page  # the plain drawing stays, for paper
        assert ("echarts.common.min.js" in page) is is_there
        told = re.search(r'id="explore-data" type="application/json">(.*?)</script>', page)
        return json.loads(told[1]) if told else None

    assert drawn(False, rows="category") is None
    told = drawn(True, rows="category")
    assert told is not None
    assert [each["name"] for each in told["series"]] == ["Complaints received", "In the span before", "A year before"]
    assert sum(told["series"][0]["values"]) == 3
    told = drawn(True, rows="category", columns="channel")
    assert told is not None
    assert told["stacked"]
    assert sum(value or 0 for each in told["series"] for value in each["values"]) == 3
