"""The search index: in the order of receipt, narrowed by every filter, and with room for whatever people write."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from builders import GRADES, START, USUAL, after, assert_refolds, do, make_case, make_history
from cast import POLICY, Cast
from ombud.cases import attachments, blind_terms, indexing, search
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, Event
from ombud.cases.projections import key_of, state_marks
from ombud.cases.reading import queries, register
from ombud.channels.intake import receive
from ombud.organisation.models import Department, Membership
from ombud.privacy.master_keys import Keys
from ombud.project import maintenance

pytestmark = pytest.mark.django_db


def references(cast: Cast, who: str, *, now: Any = START, **asked: Any) -> list[str]:
    page = queries.register(cast.people[who], now=now, **asked)
    found = [line.case.reference for line in page.rows]
    while page.after:
        page = queries.register(cast.people[who], now=now, **{**asked, "cursor": page.after})
        found += [line.case.reference for line in page.rows]
    return found


def backdated(cast: Cast, minutes: float) -> str:
    """Return the reference of a complaint that is entered now and was received so many minutes after START."""
    data = {"subject": "电水壶漏水", "name": "李雷", "phone": "13911112222"}
    actor = cast.actor("lin")
    entered = receive(
        POLICY, channel="hotline", language="zh", data=data, actor=actor, at=after(minutes), now=after(99)
    )
    return entered.case.reference


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_newest_first_is_by_receipt_whoever_reads_and_however_they_got_there(cast: Cast, limit: int) -> None:
    late, early = backdated(cast, 60), backdated(cast, -600)
    same = sorted([backdated(cast, 30) for _ in range(3)], key=lambda each: -Case.objects.get(reference=each).pk)
    order = [late, *same, early]
    for who in ("lin", "wei", "mo", "ai"):
        for asked in (
            {},
            {"text": "水壶"},
            {"text": "水壶", "filters": queries.Filters(phase="received", is_open=True)},
        ):
            assert references(cast, who, limit=limit, **asked) == order, (who, asked)
        by_phase = queries.Filters(phase="received", policy=POLICY)
        assert references(cast, who, limit=limit, filters=by_phase) == order
        assert references(cast, who, limit=limit, filters=queries.Filters(channel="hotline")) == order
        assert references(cast, who, limit=limit, sort="oldest") == order[::-1]
    ((_, _, _, lines),) = [each for each in queries.board(cast.lin, policy=POLICY, now=START) if each[0] == "received"]
    assert [line.case.reference for line in lines] == order


def test_a_department_and_a_grade_are_walked_by_receipt_too(cast: Cast) -> None:
    cases = [Case.objects.get(reference=backdated(cast, minutes)) for minutes in (50, 20, 40)]
    for case in cases:
        do(case, "register", cast, "lin", minutes=100, data=GRADES)
        do(case, "route", cast, "lin", minutes=101)
    order = [cases[0].reference, cases[2].reference, cases[1].reference]
    for limit in (1, 2, 50):
        assert references(cast, "chen", limit=limit) == order
        assert references(cast, "chen", limit=limit, text="水壶") == order
        assert references(cast, "mo", limit=limit, filters=queries.Filters(grades={"severity": "general"})) == order


def test_a_search_is_narrowed_by_every_filter_as_the_register_is(cast: Cast) -> None:
    cases = [make_history(cast, act, minutes=0) for act, _, _, _ in USUAL]
    cases.append(make_case(minutes=30, language="en").case)
    do(cases[3], "take", cast, "chen", minutes=400)
    quality = Department.objects.get(key="quality").pk
    for query in (
        {}, {"phase": "investigating"}, {"phase": "received"}, {"open": "1"}, {"open": "0"}, {"overdue": "1"},
        {"grade.severity": "general"}, {"grade.severity": "major"}, {"department": str(quality)}, {"handler": "me"},
        {"channel": "web"}, {"channel": "hotline"}, {"policy": POLICY}, {"procedure": "*"}, {"procedure": "nothing"},
        {"from": "2026-03-03", "to": "2026-03-03"}, {"from": "2026-03-04"}, {"to": "2026-03-02"},
        {"phase": "closed", "open": "0", "grade.severity": "general", "channel": "web"},
    ):  # fmt: skip
        for who in ("lin", "chen", "mo", "deng"):
            filters = queries.filters_from(query, cast.people[who])
            listed = references(cast, who, now=after(500), filters=filters)
            assert references(cast, who, now=after(500), filters=filters, text="水壶") == listed, (who, query)


def test_what_a_case_is_filtered_by_is_indexed_as_it_stands_after_every_act(cast: Cast) -> None:
    case = make_case().case
    for act, who, minutes, data in USUAL:
        do(case, act, cast, who, minutes=minutes, data=data)
        case = Case.objects.get(pk=case.pk)
        assert marks(case) == set(state_marks(case)), act
    indexing.index_all()
    assert marks(case) == set(state_marks(case))


def marks(case: Case) -> set[str]:
    return {term for term in terms(case) if term.startswith(search.MARK) and term[1] != search.VIEWER}


def terms(case: Case) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tsvector_to_array(tokens) FROM cases_search WHERE key = %s", [key_of(case)])
            (found,) = cursor.fetchone()
            return list(found)
        cursor.execute("SELECT tokens FROM cases_search WHERE rowid = %s", [key_of(case)])
        (found,) = cursor.fetchone()
        return str(found).split(" ")


def test_a_filter_costs_a_search_no_further_look_into_the_index(cast: Cast) -> None:
    for minute in range(30):
        make_case(minutes=minute)
    one = make_history(cast, "route", minutes=-5)
    filters = queries.Filters(phase="investigating", grades={"severity": "general"})
    with CaptureQueriesContext(connection) as plain:
        queries.register(cast.lin, now=START, text="水壶", limit=2)
    with CaptureQueriesContext(connection) as narrowed:
        page = queries.register(cast.lin, now=START, text="水壶", limit=2, filters=filters)
    assert [line.case for line in page.rows] == [one]
    assert len(narrowed) <= len(plain) + (connection.vendor == "postgresql")  # which looks among the newest first


def test_no_document_outgrows_the_index_however_much_is_written(cast: Cast) -> None:
    case = make_case(narrative="烧水就漏").case
    for minute in range(1, 8):
        words = " ".join(f"{chr(97 + minute)}{number:06x}{'x' * 60}" for number in range(0, 9000))
        do(case, "note", cast, "lin", minutes=minute, data={"remark": words[:20_000]})
    # What no form lets through at once, as years of notes add up to it.
    search.change(key_of(case), fresh=[f"word{number:08d}{'x' * 28}" for number in range(60_000)])
    search.change(key_of(case), fresh=[f"more{number:08d}{'x' * 28}" for number in range(60_000)])
    assert sum(len(term.encode()) for term in terms(case)) < 2 * search.ROOM + 50_000 < 1 << 20
    do(case, "register", cast, "lin", minutes=30, data=GRADES)
    do(case, "route", cast, "lin", minutes=40)
    assert references(cast, "chen", text=case.reference) == [case.reference]
    assert references(cast, "lin", text="烧水", filters=queries.Filters(phase="investigating")) == [case.reference]
    assert_refolds(case)


@pytest.mark.parametrize(
    "text",
    ["x" * 19_900, "汉" * 19_900, "-".join(["ab1"] * 4_900), "\U00020bb7" * 3000, "\ue000\ue001\ue002*'\"\\", "' | '"],
)
def test_no_word_is_too_long_or_too_strange_for_the_index(cast: Cast, text: str) -> None:
    case = make_case(narrative=f"水壶 {text}", subject=text[:200] + " 水壶").case
    assert references(cast, "lin", text="水壶") == [case.reference]
    queries.register(cast.lin, now=START, text=text[:400])
    queries.register(cast.ai, now=START, text=text[:400])


@pytest.mark.parametrize(
    "text", ["烧水", "ket", "kettl", "leaking", "lo:*", "ou*", "'", '"', "NOT leaks", "lo OR ou", "^ou", "{ou}"]
)
def test_operators_of_a_database_are_words_or_nothing(cast: Cast, text: str) -> None:
    make_case()
    assert len(references(cast, "lin", text=text)) == (text in ("烧水", "ket", "kettl", "leaking"))


@pytest.mark.parametrize("text", ["王小", "小明", "13800", "138-0013", "wang@example.com", "wang", "exam"])
def test_who_sees_names_masked_finds_them_by_no_beginning_either(cast: Cast, text: str) -> None:
    case = make_case(narrative="我是王小明，电话138 0013 8000，写信到wang@example.com").case
    assert references(cast, "lin", text=text) == [case.reference]
    for who in ("ai", "mo", "gao"):
        assert references(cast, who, text=text) == []


def test_who_may_not_see_a_case_finds_it_by_nothing(cast: Cast) -> None:
    case = make_case().case
    for text in ("水壶", "ket", "13800138000", "王小明", case.reference):
        for who in ("chen", "deng", "nobody"):
            assert references(cast, who, text=text) == []
    Membership.objects.filter(person=cast.lin).delete()
    assert references(cast, "lin", text="13800138000") == []


def test_an_index_that_was_begun_anew_is_filled(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    cases = [make_case(minutes=minute).case.reference for minute in range(3)]
    events = Event.objects.count()
    search.clear()
    assert indexing.is_behind()
    assert verify_all()["problems"] == ["the search index lacks cases"]
    assert references(cast, "lin", text="水壶") == []
    maintenance._fill_index()
    assert "3 cases indexed" in capsys.readouterr().out
    assert not indexing.is_behind()
    assert references(cast, "lin", text="13800138000") == cases[::-1]
    assert Event.objects.count() == events
    maintenance._fill_index()
    assert capsys.readouterr().out == ""


def test_the_index_holds_hashes_under_the_installations_key_in_no_order_of_the_text(cast: Cast, settings: Any) -> None:
    case = make_case().case
    words = [term for term in terms(case) if not term.startswith(search.MARK)]
    assert all(re.fullmatch("[0-9a-f]{12}", word) for word in words)
    assert words == sorted(words)
    assert references(cast, "lin", text="水壶") == [case.reference]
    settings.OMBUD_MASTER_KEY = Keys.fixed("78" * 32)
    assert search.find([(("水壶",),)], limit=9) == []


def test_the_same_word_has_another_hash_where_masked_readers_do_not_read_it(cast: Cast) -> None:
    first, second = make_case(narrative="Kettle", name="A").case, make_case(narrative="-", name="Kettle").case
    assert references(cast, "lin", text="kettle") == [second.reference, first.reference]
    assert references(cast, "ai", text="kettle") == [first.reference]
    assert not {*blind_terms.of_query("kettle"), *blind_terms.of_query("ket*")} & set(terms(second))


@pytest.mark.parametrize(
    ("text", "query", "is_found"),
    [
        ("水壶漏水", "壶漏水", True),
        ("漏水了，水壶坏了", "漏水壶", False),  # every pair of it stands there
        ("水壶漏\n水了", "漏水了", True),
        ("水壶漏水", "壶 漏水", True),
        ("漏水", "壶 漏水", False),
        ("水壶", "壶", True),
        ("水壶", "壶 水", True),
        ("水壶", "漏", False),
        ("古丽·买买提", "丽买买", True),
        ("電熱水壺漏水", "热水壶漏", True),
    ],
)
def test_a_phrase_is_found_only_where_its_letters_stand_beside_each_other(
    cast: Cast, text: str, query: str, is_found: bool
) -> None:
    """The index knows pairs only and not their order: whoever searches reads the candidates."""
    for said in ({"subject": text, "narrative": "-"}, {"subject": "-", "narrative": text}):
        case = make_case(**said).case
        for who in ("lin", "ai"):
            assert (case.reference in references(cast, who, text=query)) is is_found, (said, who)


@pytest.mark.parametrize("typed", ["Müller", "mueller", "MULLER", "muel", "030 1234-567", "0301234567", "030 1234"])
def test_names_and_numbers_are_found_in_every_spelling_on_both_databases(cast: Cast, typed: str) -> None:
    numbers = ("030 1234-567", "0301234567", "030 1234567")
    cases = [
        make_case(subject="Kessel", narrative=f"Frau {name} ruft an: {number}").case
        for name, number in zip(("Müller", "Mueller", "Muller"), numbers, strict=True)
    ]
    make_case(subject="Kessel", narrative="Frau Möller ruft an: 030 9876543")
    found = references(cast, "lin", text=typed)
    # Of one who begins to type two letters for one accent, only those find that write it so.
    expected = cases[1:2] if typed == "muel" else cases
    assert sorted(found) == sorted(case.reference for case in expected)


def test_a_phrase_is_looked_for_in_what_the_reader_may_read(cast: Cast) -> None:
    case = make_case(subject="投诉", narrative="我叫王小明", name="王小明").case
    assert references(cast, "lin", text="王小明") == [case.reference]
    assert references(cast, "ai", text="叫王小明") == []


def test_a_phrase_in_a_later_event_or_a_files_name_is_found(cast: Cast, media: Path) -> None:
    row = attachments.store(BytesIO("聊天".encode()), name="超市小票.txt", uploaded_by="complainant", now=START)
    case = make_case(evidence=[str(row.pk)]).case
    do(case, "note", cast, "lin", minutes=5, data={"remark": "客户要求总经理回电"})
    for text in ("总经理回电", "超市小票"):
        assert references(cast, "lin", text=text) == [case.reference]
    assert references(cast, "ai", text="总经理回电") == [case.reference]
    assert references(cast, "ai", text="超市小票") == []


def test_pages_are_full_though_candidates_are_not_what_was_looked_for(cast: Cast) -> None:
    found = []
    for minute in range(12):
        text = "水壶漏水" if minute % 3 == 0 else "漏水了，水壶坏了"
        case = make_case(minutes=minute, subject="-", narrative=text).case
        found += [case.reference] if minute % 3 == 0 else []
    assert references(cast, "lin", text="壶漏水", limit=2) == found[::-1]
    assert queries.register_count(cast.lin, now=START, text="壶漏水") == (len(found), False)
    assert references(cast, "lin", text="漏水壶", limit=2) == []


def test_so_many_cases_are_read_for_a_phrase_and_the_next_page_goes_on_behind_them(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = make_case(subject="-", narrative="水壶漏水").case
    for minute in range(1, 7):
        make_case(minutes=minute, subject="-", narrative="壶漏了，漏水")
    monkeypatch.setattr(register, "READ", 4)
    first = queries.register(cast.lin, now=START, text="壶漏水", limit=2)
    assert first.rows == ()
    assert first.after is not None
    second = queries.register(cast.lin, now=START, text="壶漏水", limit=2, cursor=first.after)
    assert ([row.case for row in second.rows], second.after) == ([held], None)
    assert queries.register_count(cast.lin, now=START, text="壶漏水") == (0, True)
