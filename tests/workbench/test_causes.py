"""The page of causes and the cause on the case page: numbers open their cases, nobody sees what is not theirs."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from builders import USUAL, do, make_case
from cast import POLICY, Cast
from ombud.cases.models import Case
from ombud.insight import keeping

pytestmark = pytest.mark.django_db
PAGE = "/desk/overview/causes/"


@pytest.fixture
def case(cast: Cast) -> Case:
    case = make_case().case
    for act, who, minutes, data in USUAL[:4]:
        found = {"cause": "manufacture", "whys": "壶底未焊牢\n王小明之前已有人反映"} if act == "investigate" else {}
        do(case, act, cast, who, minutes=minutes, data={**data, **found})
    make_case(minutes=5)
    keeping.rebuild()
    return case


def test_a_cause_opens_its_complaints_and_those_without_one_theirs(cast: Cast, sign_in: Any, case: Case) -> None:
    browser = sign_in("mo")
    page = browser.get(PAGE, {"policy": POLICY}).content.decode()
    assert "1 complaint has no stated cause" in page
    opened = [html.unescape(each) for each in re.findall(r'href="(/desk/overview/cases/[^"]+)"', page)]
    assert len(opened) >= 3  # the unstated, the bar, the table
    assert [case.reference in browser.get(each).content.decode() for each in opened] == [False, True, True, True][
        : len(opened)
    ]
    deeper = html.unescape(re.findall(r'<th scope="row">\s*<a href="(\?[^"]+)"', page)[0])
    assert "Manufacture" in browser.get(f"{PAGE}{deeper}").content.decode()


def test_whoever_sees_no_case_sees_no_cause(cast: Cast, sign_in: Any, case: Case) -> None:
    page = sign_in("deng").get(PAGE, {"policy": POLICY}).content.decode()
    assert "No cause was stated" in page
    assert "/desk/overview/cases/" not in page


@pytest.mark.parametrize("query", [{"policy": "none"}, {"policy": POLICY, "under": "manufacture"}, {"cursor": "x"}])
def test_strange_addresses_lead_nowhere(cast: Cast, sign_in: Any, case: Case, query: dict[str, str]) -> None:
    assert sign_in("mo").get(PAGE, query).status_code == 404


def test_the_case_page_shows_the_cause_and_the_whys(cast: Cast, sign_in: Any, case: Case) -> None:
    page = sign_in("chen").get(f"/desk/cases/{case.reference}/").content.decode()
    card = page[page.index("cause-title") :]
    assert re.search(r"Product \u203a Manufacture", card)
    assert re.findall(r"<li><bdi>([^<]+)</bdi></li>", card)[:2] == ["壶底未焊牢", "王小明之前已有人反映"]


def test_who_sees_personal_data_masked_sees_the_whys_masked(cast: Cast, sign_in: Any, case: Case) -> None:
    page = sign_in("ai").get(f"/desk/cases/{case.reference}/").content.decode()
    assert "Product \u203a Manufacture" in page
    assert "王小明" not in page
    assert "壶底未焊牢" in page


def test_the_page_speaks_the_readers_language(cast: Cast, sign_in: Any, case: Case) -> None:
    page = sign_in("mo").get(PAGE, {"policy": POLICY}, headers={"accept-language": "zh"}).content.decode()
    assert "产品" in page
    assert "Product" not in page
