"""Lists that do not fit a page: filters before pages, one page on, one page back."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from builders import do, make_case
from cast import Cast
from ombud.cases.reading import my_duties, register
from ombud.workbench.paging import KEPT

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for function in (my_duties.my_duties, register.register):
        monkeypatch.setitem(function.__kwdefaults__, "limit", 2)


def links(page: str) -> dict[str, str]:
    return {rel: unescape(href) for rel, href in re.findall(r'rel="(prev|next)" href="([^"]*)"', page)}


def numbers(page: str) -> list[str]:
    return re.findall(r"data-row-link>(?:\s*)([A-Z]{2}-[^<\s]+)", page)


def read(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_newer_goes_one_page_back(cast: Cast, sign_in: SignIn) -> None:
    for minute in range(7):
        make_case(minutes=minute)
    lin = sign_in("lin")
    way, address = [], "/desk/cases/?phase=received"
    while address:
        page = read(lin, address)
        way.append((numbers(page), page))
        address = links(page).get("next", "")
    assert [len(shown) for shown, _ in way] == [2, 2, 2, 1]
    assert len({number for shown, _ in way for number in shown}) == 7
    page = way[-1][1]
    for shown, _ in reversed(way[:-1]):
        page = read(lin, links(page)["prev"])
        assert numbers(page) == shown
    assert "prev" not in links(page)
    assert "phase=received" in links(page)["next"]


def test_the_way_back_does_not_grow_for_ever(cast: Cast, sign_in: SignIn) -> None:
    for minute in range(5):
        make_case(minutes=minute)
    lin = sign_in("lin")
    second = links(read(lin, "/desk/cases/"))["next"]
    far = f"{second}&back={'+'.join(['1-1'] * KEPT)}"
    assert links(read(lin, far))["next"].count("1-1") == KEPT - 1


def test_mine_shows_what_is_mine_wherever_it_stands_in_the_whole_list(cast: Cast, sign_in: SignIn) -> None:
    cases = [make_case(minutes=minute).case for minute in range(5)]
    do(cases[4], "take", cast, "lin", minutes=10)
    lin = sign_in("lin")
    mine = read(lin, "/desk/?show=mine")
    assert cases[4].reference in mine
    assert cases[0].reference not in mine
    assert links(mine) == {}
    assert re.search(r'show=mine" aria-current="page">\s*Mine\s*<span class="count">1</span>', mine)
    assert lin.get("/desk/?show=yours").status_code == 404


def words(page: str) -> str:
    return re.sub(r"\s+", " ", page)


def test_the_register_tells_how_many_there_are_in_all(cast: Cast, sign_in: SignIn) -> None:
    cases = [make_case(minutes=minute).case for minute in range(3)]
    do(cases[0], "take", cast, "lin", minutes=10)
    lin = sign_in("lin")
    assert "1 complaint </p>" in words(read(lin, "/desk/cases/?handler=me"))
    page = read(lin, "/desk/cases/?q=漏水&phase=received")
    (address,) = re.findall(r'hx-get="(/desk/cases/total/[^"]*)"', page)
    for of, number in ((unescape(address), 3), ("/desk/cases/total/?handler=me", 1), ("/desk/cases/total/", 3)):
        assert f"{number} complaint" in words(read(lin, of)), of
    assert "0 complaints" in words(read(sign_in("chen"), "/desk/cases/total/?q=漏水"))
    assert lin.get("/desk/cases/total/?colour=red").status_code == 404
