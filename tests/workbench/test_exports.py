"""Taking lists along: what the page shows is what stands in the file, masked as its reader sees it, and on record."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from builders import GRADES, after, do, make_case, make_history
from cast import POLICY, Cast
from ombud.cases.models import Recusal
from ombud.insight import keeping
from ombud.insight.exports import making
from ombud.insight.exports.models import Export

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
FIGURES = {"policy": POLICY, "span": "last-12-months"}


@pytest.fixture(autouse=True)
def stored(media: Path) -> Path:
    return media


def asked(browser: Client, what: str, query: dict[str, str] | None = None, format: str = "csv") -> Any:
    return browser.post("/desk/exports/new/", {"list": what, "format": format, "query": urlencode(query or {})})


def rows(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200, answer
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_register_leaves_with_its_filters_and_columns(cast: Cast, sign_in: SignIn) -> None:
    mine, other = make_case(minutes=200, subject="=1+1").case, make_case(minutes=201).case
    do(mine, "take", cast, "lin", minutes=205)
    lin = sign_in("lin")
    assert "As a workbook (XLSX)" in lin.get("/desk/cases/").content.decode()
    answer = asked(lin, "register", {"handler": "me", "cursor": "1-1"})
    assert answer["Content-Disposition"].startswith('attachment; filename="register-')
    head, *lines = rows(answer)
    assert head[:3] == ["Number", "Subject", "Complainant"]
    assert "Policy" not in head
    assert [line[:3] for line in lines] == [[str(mine), "'=1+1", "王小明"]]
    lin.post("/desk/cases/columns/", {"show": ["policy"]})
    head, *lines = rows(asked(lin, "register"))
    assert head == ["Number", "Subject", "Complainant", "Policy"]
    assert {line[0] for line in lines} == {str(mine), str(other)}


def test_who_sees_it_masked_takes_it_along_masked(cast: Cast, sign_in: SignIn) -> None:
    make_case(minutes=200, subject="王小明的水壶 13800138000")
    _head, line = rows(asked(sign_in("ai"), "register"))
    assert line[2] == "王**"
    assert "138" not in line[1]
    assert "王小明" not in line[1]


def test_nobody_takes_along_what_is_not_theirs_to_see(cast: Cast, sign_in: SignIn) -> None:
    hidden = make_case(minutes=200).case
    assert len(rows(asked(sign_in("deng"), "register"))) == 1
    Recusal.objects.create(case=hidden, person=cast.lin, reason="", at=hidden.received_at)
    assert len(rows(asked(sign_in("lin"), "register"))) == 1
    assert len(rows(asked(sign_in("mo"), "register"))) == 2


@pytest.mark.parametrize(
    ("what", "query", "format"),
    [
        ("nonsense", {}, "csv"),
        ("register", {"nonsense": "1"}, "csv"),
        ("register", {"sort": "name"}, "csv"),
        ("register", {}, "exe"),
        ("register", {}, "jsonl"),
        ("duties", {"show": "x"}, "csv"),
        ("figure", {**FIGURES, "measure": "x"}, "csv"),
        ("clause", {**FIGURES, "clause": "x"}, "csv"),
        ("clause", {**FIGURES, "clause": "7", "state": "x"}, "csv"),
        ("explore", {"policy": "x"}, "csv"),
        ("compliance", {"span": "x"}, "csv"),
    ],
)
def test_what_no_page_offers_is_not_there(
    cast: Cast, sign_in: SignIn, what: str, query: dict[str, str], format: str
) -> None:
    answer = asked(sign_in("mo"), what, query, format)
    assert answer.status_code == 404
    assert making.make_waiting({}, now=after(211)) == 0  # nothing is left to be tried again


def test_duties_and_figures_leave_as_their_pages_show_them(cast: Cast, sign_in: SignIn) -> None:
    case = make_history(cast, "register", minutes=10)
    make_history(cast, "follow_up")
    keeping.rebuild()
    lin, mo = sign_in("lin"), sign_in("mo")
    owed = rows(asked(lin, "duties", {"show": "ready"}))
    assert owed[0][:4] == ["Number", "Subject", "Duty", "Clauses"]
    shown = lin.get("/desk/", {"show": "ready"}).content.decode()
    assert len(owed) > 1
    assert all(line[0] in shown and case.reference in shown for line in owed[1:])
    behind = rows(asked(mo, "figure", {**FIGURES, "measure": "received"}))
    assert len(behind) == 3
    by_phase = rows(asked(mo, "explore", {**FIGURES, "measure": "received", "rows": "channel"}))
    assert by_phase[0][1:3] == ["Complaints received", "Counted from"]
    assert by_phase[1][1:3] == ["2", "2"]
    crossed = rows(asked(mo, "explore", {**FIGURES, "measure": "received", "rows": "channel", "columns": "grade"}))
    assert len(crossed[0]) > 5
    clauses = rows(asked(mo, "compliance", FIGURES))
    assert clauses[0][:3] == ["Clause", "Words", "On time"]
    under = rows(asked(mo, "clause", {**FIGURES, "clause": clauses[1][0]}))
    assert len(under) - 1 == sum(int(number) for number in clauses[1][7:])


def test_the_duties_of_a_clause_leave_narrowed_as_the_page_is(cast: Cast, sign_in: SignIn) -> None:
    make_case()
    late = make_case(minutes=-5).case
    do(late, "register", cast, "lin", minutes=120, data=GRADES)
    manager, clause = sign_in("mo"), {**FIGURES, "clause": "1.1.6"}
    assert len(rows(asked(manager, "clause", clause))) == 3
    assert len(rows(asked(manager, "clause", {**clause, "month": "2026-02"}))) == 1  # the month of the page
    assert len(rows(asked(manager, "clause", {**clause, "duty": "complaint/register"}))) == 3
    assert len(rows(asked(manager, "clause", {**clause, "duty": "complaint/route"}))) == 1
    assert [line[0] for line in rows(asked(manager, "clause", {**clause, "state": "late"}))[1:]] == [str(late)]


def test_a_workbook_is_one(cast: Cast, sign_in: SignIn) -> None:
    make_case(minutes=200)
    answer = asked(sign_in("lin"), "register", format="xlsx")
    assert answer.getvalue().startswith(b"PK")
    assert answer["Cache-Control"] == "private, no-store"


def test_a_long_list_is_made_beside_the_clock_and_fetched(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.utils import timezone

    from ombud.workbench.export_lists import LISTS

    monkeypatch.setattr(making, "SOON", 1)
    make_case(minutes=200), make_case(minutes=201)
    lin = sign_in("lin")
    assert asked(lin, "register", {"q": "水壶"})["Location"] == "/desk/exports/"
    assert "every 2s" in lin.get("/desk/exports/").content.decode()
    making.make_waiting(LISTS, now=timezone.now())
    page = lin.get("/desk/exports/", headers={"HX-Target": "exports"}).content.decode()
    export = Export.objects.get()
    there = f"/desk/exports/{export.pk}/"
    assert there in page
    assert "every 2s" not in page
    assert "水壶" not in page
    assert len(rows(lin.get(there))) == 3
    assert sign_in("mo").get(there).status_code == 404
    assert "is ready" in lin.get("/desk/notices/").content.decode()


def test_the_auditor_sees_who_took_what(cast: Cast, sign_in: SignIn) -> None:
    make_case(minutes=200)
    rows(asked(sign_in("lin"), "register", {"open": "1"}))
    ai = sign_in("ai")
    page = ai.get("/desk/exports/", {"show": "everybody"}).content.decode()
    assert "Lin" in page
    assert "open=1" in page
    assert "Lists taken along" in ai.get("/desk/proof/").content.decode()
    mine = sign_in("wei").get("/desk/exports/", {"show": "everybody"}).content.decode()
    assert "open=1" not in mine


def test_in_chinese_too(cast: Cast, clock: object) -> None:
    make_case(minutes=200)
    browser = Client(headers={"accept-language": "zh-hans"})
    browser.force_login(cast.lin)
    head, line = rows(asked(browser, "register"))
    assert head[0] != "Number"
    assert line[2] == "王小明"


def test_a_page_of_the_register_asks_as_often_as_before(
    cast: Cast, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for minutes in range(190, 200):
        make_case(minutes=minutes)
    lin = sign_in("lin")
    with django_assert_max_num_queries(45):
        rows(asked(lin, "register"))
