"""The palette finds the complaints that its reader may see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from builders import make_case
from cast import Cast

pytestmark = pytest.mark.django_db


def test_it_finds_by_words_for_who_may_see_them(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    case = make_case(minutes=200).case
    (row,) = sign_in("lin").get("/desk/find/", {"q": "漏水"}).json()["rows"]
    assert row == ["电水壶漏水 · 王小明", str(case), f"/desk/cases/{case.reference}/"]
    assert sign_in("chen").get("/desk/find/", {"q": "漏水"}).json() == {"rows": []}
    assert sign_in("lin").get("/desk/find/", {"q": " \0"}).json() == {"rows": []}
    ((masked, *_),) = sign_in("ai").get("/desk/find/", {"q": "漏水"}).json()["rows"]
    assert "王小明" not in masked


def test_the_cases_panel_comes_alone_for_who_closes_an_act(cast: Cast, sign_in: Callable[[str], Client]) -> None:
    case = make_case(minutes=200).case
    asked = {"hx-request": "true", "hx-target": "act"}
    part = sign_in("lin").get(f"/desk/cases/{case.reference}/", headers=asked).content.decode()
    assert 'id="act"' in part
    assert "<html" not in part
    assert "act-form" not in part
