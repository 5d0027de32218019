"""A session ends when its pages say so, and can be prolonged before."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from builders import START, make_case
from cast import Cast
from ombud.notices.models import Notice

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
Later = Callable[[float], None]
HOURS = settings.SESSION_COOKIE_AGE // 3600


def until(page: str) -> int:
    (found,) = re.findall(r'data-until="(\d+)"', page)
    return int(found)


def test_a_page_says_when_the_session_ends_and_then_it_does(cast: Cast, sign_in: SignIn, later: Later) -> None:
    lin = sign_in("lin")
    end = until(lin.get("/desk/").content.decode())
    assert end == int(timezone.now().timestamp()) + HOURS * 3600
    later((HOURS - 1) * 60)
    assert until(lin.get("/desk/cases/").content.decode()) == end
    later(61)
    assert lin.get("/desk/").status_code == 302
    assert lin.get("/desk/session/").json() == {"until": 0}


def test_a_session_is_prolonged_in_time_and_not_afterwards(cast: Cast, sign_in: SignIn, later: Later) -> None:
    lin = sign_in("lin")
    end = until(lin.get("/desk/").content.decode())
    later((HOURS - 1) * 60)
    assert lin.get("/desk/session/").json() == {"until": end}
    assert lin.post("/desk/session/").json() == {"until": end + (HOURS - 1) * 3600}
    later(120)
    assert lin.get("/desk/").status_code == 200
    later(HOURS * 60)
    assert lin.post("/desk/session/").status_code == 401
    assert Client().get("/desk/session/").status_code == 401


def test_a_list_that_renews_itself_is_told_apart_from_a_page_that_goes_away(cast: Cast, sign_in: SignIn) -> None:
    lin = sign_in("lin")
    lin.cookies.clear()
    answer = lin.get("/desk/", headers={"hx-request": "true", "hx-target": "duties"})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["HX-Redirect"].startswith("/desk/sign-in/")


def test_a_list_that_renews_itself_asks_once_who_the_reader_is_and_what_they_owe(
    cast: Cast, sign_in: SignIn, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "postgresql":  # what is prepared already is not told in words again
        monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    case = make_case(minutes=200).case
    Notice.objects.create(case=case, person=cast.lin, kind=Notice.Kind.BREACH, duty="register", at=START)
    lin = sign_in("lin")
    shown = dict(re.findall(r'"(X-Shown)": "(\w+)"', lin.get("/desk/").content.decode()))
    for headers, status in (({}, 200), (shown, 204)):
        with CaptureQueriesContext(connection) as asked:
            answer = lin.get("/desk/", headers={"hx-request": "true", "hx-target": "duties", **headers})
        assert answer.status_code == status
        statements = [each["sql"] for each in asked]
        assert len([each for each in statements if "AS whose" in each]) == 1
        # Whose roles are meant is asked with them, and once more for the navigation, which looks at no case.
        mine = [each for each in statements if "FROM organisation_membership" in each and "person_id = " in each]
        assert len(mine) == (2 if status == 200 else 1)


def test_what_has_not_changed_is_not_sent_again(cast: Cast, sign_in: SignIn, later: Later) -> None:
    make_case(minutes=200)
    lin = sign_in("lin")
    page = lin.get("/desk/").content.decode()
    shown = dict(re.findall(r'"(X-Shown)": "(\w+)"', page))
    asked = {"hx-request": "true", "hx-target": "duties", **shown}
    again = lin.get("/desk/", headers=asked)
    assert (again.status_code, again.content) == (204, b"")
    assert lin.get("/desk/?show=mine", headers=asked).status_code == 200
    case = make_case(minutes=205).case
    changed = lin.get("/desk/", headers=asked)
    part = changed.content.decode()
    assert case.reference in part
    assert "<html" not in part
    assert len(re.findall(r'hx-swap-oob="outerHTML:\[data-count=duties\]"', part)) == 1
    later(60)  # nothing happened, but what was due is overdue
    assert lin.get("/desk/", headers={**asked, **dict(re.findall(r'"(X-Shown)": "(\w+)"', part))}).status_code == 200
