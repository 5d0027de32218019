"""The page of surveys: the same numbers as the results, scoped to the reader, each opening its cases."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from builders import after, make_history
from cast import Cast
from ombud.insight import keeping
from ombud.insight.surveys import answering, work
from ombud.insight.surveys.models import Invitation
from surveyed import ASKED, make_surveyed

pytestmark = pytest.mark.django_db


@pytest.fixture
def surveyed(db: None) -> Iterator[Cast]:
    with time_machine.travel(after(ASKED + 60), tick=False):
        yield make_surveyed()


def answer(number: int, overall: str) -> None:
    for n in range(number):
        row = answering.found(Invitation.objects.filter(state="asked").order_by("pk")[0].pk)
        assert row is not None
        survey = answering.survey_of(row)
        assert survey is not None
        said = {"words": f"客服没有回电{n}"}
        answering.answer(row, survey, {"overall": overall, "solved": "all"}, said, now=after(ASKED + 5))


def fill(cast: Cast) -> None:
    for _ in range(5):
        make_history(cast, "follow_up")
    work.run(now=after(ASKED))
    keeping.rebuild()
    answer(3, "4")
    answer(1, "2")


def page(cast: Cast, who: str, address: str = "/desk/surveys/?span=this-year", language: str = "en") -> tuple[int, str]:
    client = Client(headers={"accept-language": language})
    client.force_login(cast.people[who])
    found = client.get(address)
    return found.status_code, found.content.decode()


def test_the_page_shows_rate_distribution_mean_parts_and_words(surveyed: Cast) -> None:
    fill(surveyed)
    status, said = page(surveyed, "lin")
    assert status == 200
    assert "Were you satisfied" in said
    assert re.search(r"<b>80 %</b>\s*<span>\s*Response rate", said)
    assert "3 (75 %)" in said
    assert "<b>3.5</b>" in said
    assert said.count("客服没有回电") == 4
    assert "few" in said


def test_while_nobody_has_answered_the_page_says_so_in_place_of_empty_charts(surveyed: Cast) -> None:
    make_history(surveyed, "follow_up")
    work.run(now=after(ASKED))
    keeping.rebuild()
    _status, said = page(surveyed, "lin")
    assert "Nobody has answered yet" in said
    assert "No data in this period" not in said
    assert re.search(r"<b>1</b><span>Asked", said)


def test_a_number_opens_its_cases(surveyed: Cast) -> None:
    fill(surveyed)
    _status, said = page(surveyed, "lin")
    (href,) = re.findall(r'href="([^"]+)">3 \(75 %\)', said)
    status, behind = page(surveyed, "lin", href.replace("&amp;", "&"))
    assert status == 200
    assert behind.count('class="reference"') == 3
    assert "All in all" in behind
    (category,) = re.findall(r'<th scope="row"><a href="([^"]+)"', said)
    assert page(surveyed, "lin", category.replace("&amp;", "&"))[1].count('class="reference"') == 5


def test_the_page_is_there_in_chinese(surveyed: Cast) -> None:
    fill(surveyed)
    status, said = page(surveyed, "lin", language="zh-hans")
    assert status == 200
    assert "回复率" in said
    assert "Response" not in said


def test_who_may_see_no_case_counts_none_and_opens_none(surveyed: Cast) -> None:
    fill(surveyed)
    status, said = page(surveyed, "deng")
    assert status == 200
    assert "Nobody was asked in this span" in said
    assert "客服没有回电" not in said
    address = "/desk/surveys/cases/?span=this-year&question=overall&given=4"
    assert 'class="reference"' not in page(surveyed, "deng", address)[1]


def test_who_sees_personal_data_masked_reads_no_free_words(surveyed: Cast) -> None:
    fill(surveyed)
    status, said = page(surveyed, "ai")
    assert status == 200
    assert "3 (75 %)" in said
    assert "客服没有回电" not in said
    assert "personal data" in said


@pytest.mark.parametrize(
    "query", ["survey=none", "by=name", "policy=none", "span=ever", "by-name=x", "by-office=x", "department=x"]
)
def test_what_no_link_of_ours_asks_for_is_not_there(surveyed: Cast, query: str) -> None:
    fill(surveyed)
    assert page(surveyed, "lin", f"/desk/surveys/?{query}")[0] == 404


@pytest.mark.parametrize("query", ["state=gone", "question=words&given=x", "question=overall&given=9", "cursor=x"])
def test_no_case_behind_what_is_no_number(surveyed: Cast, query: str) -> None:
    fill(surveyed)
    assert page(surveyed, "lin", f"/desk/surveys/cases/?{query}")[0] == 404


def test_the_number_of_queries_does_not_hang_on_how_many_answered(surveyed: Cast) -> None:
    fill(surveyed)
    asked = []
    for _ in range(2):
        page(surveyed, "lin")
        with CaptureQueriesContext(connection) as found:
            page(surveyed, "lin")
        asked.append(len(found))
        fill(surveyed)
    assert asked[0] == asked[1]
