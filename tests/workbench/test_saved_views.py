"""Saved views: kept under a name, shared with a role, and showing each reader what they may see."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client

from builders import do, make_case
from cast import POLICY, Cast
from ombud.insight.saved_views import keeping
from ombud.insight.saved_views.models import SavedView

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
AGENTS = f"{POLICY}:agent"


def keep(browser: Client, query: dict[str, str], name: str = "Mine", page: str = "register", role: str = "") -> int:
    said = {"page": page, "name": name, "query": urlencode(query), "role": role}
    return browser.post("/desk/views/", said).status_code


def links(browser: Client, page: str = "/desk/cases/") -> dict[str, str]:
    menu = browser.get(page).content.decode()
    found = re.findall(r'<a class="grow" href="([^"]+)">\s*<bdi>([^<]+)</bdi>', menu)
    return {name: html.unescape(href) for href, name in found}


def test_a_view_is_kept_under_a_name_opened_and_let_go(cast: Cast, sign_in: SignIn) -> None:
    mine, other = make_case(minutes=200).case, make_case(minutes=201).case
    do(other, "take", cast, "lin", minutes=205)
    lin = sign_in("lin")
    assert keep(lin, {"handler": "me", "cursor": "1-1", "q": "王小明"}) == 302
    assert links(lin) == {"Mine": "/desk/cases/?handler=me"}  # neither the page nor what was searched for
    page = lin.get(links(lin)["Mine"]).content.decode()
    assert other.reference in page
    assert mine.reference not in page
    keep(lin, {"channel": "web"})
    assert links(lin) == {"Mine": "/desk/cases/?channel=web"}
    assert links(sign_in("wei")) == {}
    key = SavedView.objects.get().pk
    assert sign_in("wei").post(f"/desk/views/{key}/remove/").status_code == 404
    assert lin.post(f"/desk/views/{key}/remove/")["Location"] == "/desk/cases/"
    assert links(lin) == {}


def test_a_shared_view_shows_each_reader_what_they_may_see(cast: Cast, sign_in: SignIn) -> None:
    case = make_case(minutes=200).case
    wei, zhou = sign_in("wei"), sign_in("zhou")
    assert keep(zhou, {"open": "1"}, "Heads", role=f"{POLICY}:head") == 302
    assert keep(wei, {"open": "1"}, "Team", role=f"{POLICY}:supervisor") == 302
    assert "Heads" not in links(wei)
    SavedView.objects.filter(name="Team").update(role="contact")
    assert case.reference in wei.get(links(wei)["Team"]).content.decode()
    deng = sign_in("deng")
    assert case.reference not in deng.get(links(deng)["Team"]).content.decode()
    assert "Let go: Team" not in deng.get("/desk/cases/").content.decode()


@pytest.mark.parametrize(
    ("query", "page", "role"),
    [
        ({"nonsense": "1"}, "register", ""),
        ({"open": "2"}, "register", ""),
        ({"policy": "none"}, "explore", ""),
        ({}, "board", ""),
        ({"open": "1"}, "register", ":manager"),
        ({"open": "1"}, "register", f"{POLICY}:head"),
    ],
)
def test_what_no_page_offers_is_not_kept(
    cast: Cast, sign_in: SignIn, query: dict[str, str], page: str, role: str
) -> None:
    assert keep(sign_in("lin"), query, page=page, role=role) == 404
    assert not SavedView.objects.exists()


def test_a_view_of_figures_is_kept_and_shared_among_managers(cast: Cast, sign_in: SignIn) -> None:
    mo = sign_in("mo")
    asked = {"policy": POLICY, "span": "this-year", "measure": "closed", "rows": "channel"}
    assert keep(mo, asked, "Closed", "explore", ":manager") == 302
    there = links(mo, "/desk/overview/explore/")["Closed"]
    assert there == f"/desk/overview/explore/?{urlencode(sorted(asked.items()))}"
    assert mo.get(there).status_code == 200
    assert links(mo) == {}
    assert links(sign_in("lin"), "/desk/overview/explore/") == {}


def test_a_view_needs_a_name_and_nobody_has_more_than_fifty(cast: Cast, sign_in: SignIn) -> None:
    lin = sign_in("lin")
    keep(lin, {}, "  ")
    assert "A view needs a name." in lin.get("/desk/cases/").content.decode()
    for number in range(keeping.MOST + 1):
        keep(lin, {}, f"View {number}")
    assert SavedView.objects.count() == keeping.MOST
    assert "Let one go first" in lin.get("/desk/cases/").content.decode()
    keep(lin, {"open": "1"}, "View 3")
    assert SavedView.objects.get(name="View 3").query == {"open": "1"}
