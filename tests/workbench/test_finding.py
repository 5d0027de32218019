"""Finding on the pages: what a search found, who has complained before, and nothing for who must not know."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from builders import do, make_case, make_history
from cast import POLICY
from ombud.cases.reading import register

KNOWN = "/desk/record/known/"


def page(client, address: str) -> str:
    return client.get(address).content.decode()


def test_results_show_what_was_found_in_them(cast, sign_in):
    make_case(subject="電飯煲 QX-7700B <b>漏電</b>", name="陳大文")
    shown = page(sign_in("lin"), "/desk/cases/?q=电饭煲+qx7700b+陈大文")
    # A blank written so survives the squeezing of the table's markup.
    assert "<mark>電飯煲</mark>&#32;<mark>QX-7700B</mark> &lt;b&gt;漏電&lt;/b&gt;" in shown
    assert "<mark>陳大文</mark>" in shown
    assert "<mark>" not in page(sign_in("lin"), "/desk/cases/")


def test_a_page_that_found_nothing_yet_leads_on_to_older_ones(cast, sign_in, monkeypatch):
    make_case(subject="-", narrative="水壶漏水")
    for minute in (1, 2):
        make_case(minutes=minute, subject="-", narrative="壶漏了，漏水")
    monkeypatch.setattr(register, "READ", 2)
    client = sign_in("lin")
    first = client.get("/desk/cases/?q=壶漏水")
    assert "Nothing found yet" in first.content.decode()
    second = client.get(first.context["older"])
    assert (len(second.context["lines"]), second.context["older"]) == (1, "")
    assert client.get(first.context["total_href"]).content.strip() == b""


def test_a_masked_reader_is_shown_no_more_by_what_was_found(cast, sign_in):
    make_case(subject="陳大文的電飯煲漏電", name="陳大文")
    shown = page(sign_in("gao"), "/desk/cases/?q=电饭煲")
    assert "***的<mark>電飯煲</mark>漏電" in shown
    assert "陳**" in shown
    assert "漏電" not in page(sign_in("gao"), "/desk/cases/?q=陈大文")


def test_what_was_found_beyond_subject_and_name_is_shown_where_it_stands(cast, sign_in):
    case = make_case(subject="投诉", narrative="前言。" * 200 + "店员<b>拒绝</b>换货，态度很差。" + "后话。" * 200).case
    do(case, "note", cast, "lin", minutes=5, data={"remark": "Called back: the KETTLES leak"})
    shown = page(sign_in("lin"), "/desk/cases/?q=拒绝")
    assert "店员&lt;b&gt;<mark>拒绝</mark>&lt;/b&gt;换货" in shown
    assert "What happened</span>&#32;" in shown, "the title is no part of the words"
    assert len(re.findall("后话", shown)) < 30
    assert "the <mark>KETTLES</mark> leak" in page(sign_in("lin"), "/desk/cases/?q=kettle")
    assert "excerpt" not in page(sign_in("lin"), "/desk/cases/?q=投诉")


def test_an_excerpt_shows_a_masked_reader_no_more_than_the_case_does(cast, sign_in):
    make_case(subject="投诉", narrative="陈大文说：店员拒绝退货，电话138 0013 8000", name="陈大文", demand="赔偿陈大文")
    shown = page(sign_in("ai"), "/desk/cases/?q=拒绝退货")
    assert "***说：店员<mark>拒绝退货</mark>" in shown
    assert "大文" not in shown.replace("陈**", "")
    assert "8000" not in shown
    assert "大文" not in page(sign_in("ai"), "/desk/cases/?q=赔偿").replace("陈**", "")


def test_excerpts_cost_no_more_queries_the_more_is_found(cast, sign_in):
    client = sign_in("lin")
    make_case(subject="投诉", narrative="店员拒绝退货")
    page(client, "/desk/cases/?q=拒绝退货")
    with CaptureQueriesContext(connection) as one:
        page(client, "/desk/cases/?q=拒绝退货")
    for _ in range(5):
        make_case(subject="投诉", narrative="店员拒绝退货")
    with CaptureQueriesContext(connection) as many:
        assert page(client, "/desk/cases/?q=拒绝退货").count("excerpt") >= 6
    assert len(many) == len(one)


@pytest.mark.parametrize(
    "typed", [{"phone": "138-0013-8000"}, {"email": "WANG@example.com"}, {"object": "so202611297"}]
)
def test_a_caller_is_known_while_the_complaint_is_typed(cast, sign_in, typed):
    case = make_case(phone="+86 13800138000", object="订单SO-2026-1129/7").case
    shown = sign_in("lin").post(KNOWN, {"policy": POLICY, **typed}).content.decode()
    assert case.reference in shown
    assert "Has complained before" in shown


@pytest.mark.parametrize(
    "typed", [{}, {"phone": "1"}, {"phone": "\0" * 9}, {"phone": "9" * 5000, "country": "%"}, {"policy": "x"}]
)
def test_who_is_not_known_is_not_spoken_of(cast, sign_in, typed):
    make_case()
    answer = sign_in("lin").post(KNOWN, typed)
    assert (answer.status_code, answer.content.decode().strip()) == (200, "")


def test_only_who_may_record_may_ask_and_no_number_stands_in_an_address(cast, sign_in):
    make_case()
    assert sign_in("lin").get(KNOWN, {"phone": "13800138000"}).status_code == 405
    for who in ("chen", "gao", "ai", "nobody"):
        assert sign_in(who).post(KNOWN, {"policy": POLICY, "phone": "13800138000"}).status_code == 403
    shown = page(sign_in("lin"), "/desk/record/")
    assert f'hx-post="{KNOWN}"' in shown
    assert "change from:#id_phone" in shown


def test_a_recorded_call_says_what_was_complained_about_before(cast, sign_in):
    case = make_case(phone="13800138000").case
    call = {"policy": POLICY, "channel": "hotline", "language": "zh", "subject": "又漏水", "phone": "+86 138 0013 8000"}
    shown = sign_in("lin").post("/desk/record/", call, follow=True).content.decode()
    assert case.reference in shown
    assert "same telephone number" in shown


def test_the_case_page_shows_the_other_complaints_of_its_person(cast, sign_in):
    routed = make_history(cast, "route")
    fresh = make_case(minutes=45, subject="又漏水").case
    address = f"/desk/cases/{routed.reference}/"
    assert fresh.reference in page(sign_in("lin"), address)
    assert fresh.reference not in page(sign_in("chen"), address)
    masked = page(sign_in("gao"), address)
    assert fresh.reference in masked
    assert "王小明" not in masked
