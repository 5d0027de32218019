"""Lists and pages: scoped, in order, paged by key, with a fixed number of queries."""

from __future__ import annotations

from typing import Any

import pytest

from builders import GRADES, START, after, assert_refolds, do, make_case, make_history
from cast import Cast
from ombud.cases import search
from ombud.cases.access.case_access import access_case
from ombud.cases.keeping.verify import rebuild
from ombud.cases.models import Case
from ombud.cases.reading import queries
from ombud.organisation.models import Department, Membership

pytestmark = pytest.mark.django_db


def references(page: queries.Page[queries.CaseLine]) -> list[str]:
    return [line.case.reference for line in page.rows]


def test_my_duties_are_those_of_my_role_soonest_first(cast: Cast) -> None:
    late, soon = make_case(minutes=30).case, make_case().case
    page = queries.my_duties(cast.lin, now=START)
    assert [row.duty.case for row in page.rows] == [soon, late]
    first = page.rows[0]
    assert first.duty.due_at == after(60)
    assert first.title["zh"]
    assert first.clauses == ("1.1.6",)
    assert [act for act, _ in first.acts] == ["register"]
    assert first.subject == "电水壶漏水"
    assert queries.my_duties(cast.chen, now=START).rows == ()
    assert queries.my_duty_count(cast.lin, now=after(70)) == queries.DutyCount(pool=2, overdue=1)


def test_my_duties_page_by_key_without_repeating_or_losing_any(cast: Cast) -> None:
    cases = [make_case(minutes=minute).case for minute in (0, 0, 0, 1, 2)]
    seen: list[Case] = []
    cursor = None
    while True:
        page = queries.my_duties(cast.lin, now=START, cursor=cursor, limit=2)
        seen += [row.duty.case for row in page.rows]
        cursor = page.after
        if cursor is None:
            break
    assert seen == cases


def test_my_own_are_narrowed_before_they_are_paged_and_counted_apart(cast: Cast) -> None:
    cases = [make_case(minutes=minute).case for minute in range(5)]
    do(cases[4], "take", cast, "lin", minutes=10)
    mine = queries.my_duties(cast.lin, now=after(20), whose="mine", limit=2)
    assert ([row.duty.case for row in mine.rows], mine.after) == ([cases[4]], None)
    pool = queries.my_duties(cast.lin, now=after(20), whose="pool", limit=4)
    assert ([row.duty.case for row in pool.rows], pool.after) == (cases[:4], None)
    assert queries.my_duty_count(cast.lin, now=after(63)).shown == {
        "ready": 5, "mine": 1, "pool": 4, "waiting": 0, "paused": 0
    }  # fmt: skip
    assert queries.my_duty_count(cast.lin, now=after(63)).overdue == 3
    with pytest.raises(ValueError, match="show=yours"):
        queries.my_duties(cast.lin, now=START, whose="yours")


def test_a_routed_case_is_owed_by_the_department_and_once_taken_by_one_person(cast: Cast) -> None:
    case = make_history(cast, "route")
    assert [row.duty.duty for row in queries.my_duties(cast.chen, now=after(41)).rows] == [
        "accept_work",
        "first_check",
        "solution",
        "carry_out",
    ]
    zhang = type(cast.chen).objects.create(username="zhang")
    quality = Department.objects.get(key="quality")
    Membership.objects.create(person=zhang, policy=case.policy, role="contact", department=quality)
    assert len(queries.my_duties(zhang, now=after(41)).rows) == 4
    do(case, "take", cast, "chen", minutes=42)
    assert queries.my_duties(zhang, now=after(43)).rows == ()
    assert all(row.is_mine for row in queries.my_duties(cast.chen, now=after(43)).rows)


def test_the_duties_of_an_empty_role_fall_to_its_boss(cast: Cast) -> None:
    make_history(cast, "route")
    assert queries.my_duties(cast.zhou, now=after(41)).rows == ()
    Membership.objects.filter(person=cast.chen).delete()
    assert [row.duty.duty for row in queries.my_duties(cast.zhou, now=after(41)).rows] == [
        "accept_work",
        "first_check",
        "solution",
        "carry_out",
    ]


def test_what_a_person_owed_who_may_no_longer_sign_in_falls_to_their_colleagues(cast: Cast) -> None:
    case = make_history(cast, "accept_work")
    zhang = type(cast.chen).objects.create(username="zhang")
    quality = Department.objects.get(key="quality")
    Membership.objects.create(person=zhang, policy=case.policy, role="contact", department=quality)
    assert queries.my_duties(zhang, now=after(61)).rows == ()
    cast.chen.is_active = False
    cast.chen.save()
    owed = queries.my_duties(zhang, now=after(61)).rows
    assert {row.duty.duty for row in owed} >= {"first_check", "solution"}
    assert access_case(zhang, case.reference).actors
    assert_refolds(case)


def test_a_case_taken_before_routing_is_its_takers_own(cast: Cast) -> None:
    case = make_case().case
    do(case, "take", cast, "lin", minutes=5)
    Membership.objects.create(person=cast.nobody, policy=case.policy, role="agent", department=_service())
    assert queries.my_duties(cast.nobody, now=after(6)).rows == ()
    assert [row.is_mine for row in queries.my_duties(cast.lin, now=after(6)).rows] == [True]
    Membership.objects.filter(person=cast.lin).delete()
    assert_refolds(case)


def _service() -> Department:
    return Department.objects.get(key="service")


def test_the_register_shows_the_newest_first_and_pages_by_key(cast: Cast) -> None:
    cases = [make_case(minutes=minute).case.reference for minute in range(5)]
    first = queries.register(cast.lin, now=START, limit=3)
    second = queries.register(cast.lin, now=START, limit=3, cursor=first.after)
    assert references(first) + references(second) == cases[::-1]
    assert second.after is None
    assert references(queries.register(cast.lin, now=START, sort="oldest")) == cases
    line = first.rows[0]
    assert (line.subject, line.complainant) == ("电水壶漏水", "王小明")


def test_the_register_is_narrowed_by_each_filter(cast: Cast) -> None:
    routed = make_history(cast, "route").reference
    fresh = make_case(minutes=30).case.reference
    quality = Department.objects.get(key="quality").pk
    expected: list[tuple[dict[str, str], list[str]]] = [
        ({"phase": "received"}, [fresh]),
        ({"grade.severity": "general", "phase": "investigating"}, [routed]),
        ({"department": str(quality)}, [routed]),
        ({"channel": "web"}, [fresh, routed]),
        ({"channel": "hotline"}, []),
        ({"open": "1"}, [fresh, routed]),
        ({"open": "0"}, []),
        ({"policy": "customer-complaints"}, [fresh, routed]),
        ({"from": "2026-03-03", "to": "2026-03-03"}, [fresh, routed]),
        ({"from": "2026-03-04"}, []),
        ({"handler": "me"}, []),
    ]
    for query, found in expected:
        filters = queries.filters_from(query, cast.lin)
        assert references(queries.register(cast.lin, now=START, filters=filters)) == found, query
    overdue = queries.filters_from({"overdue": "1"}, cast.lin)
    assert references(queries.register(cast.lin, now=after(95), filters=overdue)) == [fresh]
    assert references(queries.register(cast.lin, now=START, sort="due")) == [fresh, routed]


def test_an_unknown_filter_sort_or_cursor_is_an_error(cast: Cast) -> None:
    for query in ({"colour": "red"}, {"open": "perhaps"}, {"department": "x"}, {"from": "yesterday"}):
        with pytest.raises(ValueError, match=next(iter(query))):
            queries.filters_from(query, cast.lin)
    with pytest.raises(ValueError, match="sort"):
        queries.register(cast.lin, now=START, sort="colour")
    with pytest.raises(ValueError, match="cursor"):
        queries.register(cast.lin, now=START, cursor="1; DROP TABLE")


@pytest.mark.parametrize(
    "text", ["水壶", "壶", "漏水 kettle", "KETTLE", "王小明", "13800138000", "wang@example.com", "第一次烧水就漏"]
)
def test_search_finds_what_was_written(cast: Cast, text: str) -> None:
    found = make_case(phone="13800138000").case.reference
    make_case(subject="快递迟到", narrative="三天没到 late", name="李雷", phone="13911112222", email="li@example.org")
    assert references(queries.register(cast.lin, now=START, text=text)) == [found]


def test_search_finds_a_case_by_its_reference_and_what_was_added_later(cast: Cast) -> None:
    case = make_case().case
    make_case()
    assert references(queries.register(cast.lin, now=START, text=case.reference)) == [case.reference]
    do(case, "note", cast, "lin", minutes=5, data={"remark": "客户提到了律师函"})
    assert references(queries.register(cast.lin, now=START, text="律师")) == [case.reference]


def test_search_stays_within_what_the_reader_may_see_and_pages_by_key(cast: Cast) -> None:
    routed = make_history(cast, "route").reference
    others = [make_case(minutes=minute).case.reference for minute in range(3)]
    assert references(queries.register(cast.chen, now=START, text="水壶")) == [routed]
    assert references(queries.register(cast.deng, now=START, text="水壶")) == []
    first = queries.register(cast.lin, now=START, text="水壶", limit=2)
    second = queries.register(cast.lin, now=START, text="水壶", limit=2, cursor=first.after)
    assert references(first) + references(second) == [*others[::-1], routed]
    assert references(queries.register(cast.lin, now=START, text="?!")) == []


def test_a_text_cannot_forge_the_marks_that_scope_a_search(cast: Cast) -> None:
    from ombud.cases import analyser, search

    for mark in (search.mark("v", "d1"), search.known_as("phone", "0" * 64), search.CLOSED + "x"):
        assert mark not in analyser.tokens(f"水壶 {mark} x")
        assert mark[0] not in str(analyser.terms(mark))


def test_the_board_has_a_column_for_every_phase_that_is_no_end(cast: Cast) -> None:
    routed = make_history(cast, "route")
    make_case()
    columns = {
        phase: (count, lines)
        for phase, _, count, lines in queries.board(cast.lin, policy="customer-complaints", now=START)
    }
    assert columns["received"][0] == 1
    assert columns["investigating"][1][0].case == routed
    assert "closed" not in columns
    mine = {phase: count for phase, _, count, _ in queries.board(cast.chen, policy="customer-complaints", now=START)}
    assert (mine["received"], mine["investigating"]) == (0, 1)


def test_a_case_page_shows_what_happened_what_is_owed_and_why(cast: Cast) -> None:
    case = make_history(cast, "investigate")
    seen = access_case(cast.chen, case.reference)
    entries = queries.timeline(seen)
    assert [entry.seq for entry in entries] == list(range(1, case.seq + 1))
    assert {entry.act: entry.actor for entry in entries}["investigate"] == "Chen"
    assert entries[0].clauses
    lines = queries.duties(seen, now=after(100))
    assert lines[0].duty.status == "open"
    assert lines[0].bearer["zh"] == "Chen"
    assert {line.duty.duty: line.bearer["zh"] for line in lines}["communicate"] == "客服专员"
    why = queries.explain(seen, lines[0].duty.duty, lines[0].duty.instance)
    assert all(line["zh"] and line["en"] for line in why)
    with pytest.raises(LookupError):
        queries.explain(seen, "nothing", 1)
    offered = {offer.act: (offer, actor) for offer, actor in queries.offers(seen, now=after(100))}
    assert offered["propose"][1].role == "contact"
    assert offered["propose"][0].blocked == ()


def test_the_number_of_queries_does_not_grow_with_the_rows(
    cast: Cast, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    def counts() -> list[int]:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        found = []
        for read in (
            lambda: queries.my_duties(cast.lin, now=START),
            lambda: queries.my_duty_count(cast.lin, now=START),
            lambda: queries.register(cast.lin, now=START),
            lambda: queries.register(cast.chen, now=START),
            lambda: queries.register(cast.lin, now=START, text="水壶"),
            lambda: queries.register(cast.lin, now=START, sort="due"),
            lambda: queries.register(
                cast.lin, now=START, filters=queries.filters_from({"phase": "received"}, cast.lin)
            ),
        ):
            with CaptureQueriesContext(connection) as captured:
                read()
            found.append(len(captured))
        return found

    make_history(cast, "route")
    counts()  # programs and departments are read once a process
    few = counts()
    for minute in range(8):
        do(make_case(minutes=minute).case, "register", cast, "lin", minutes=20, data=GRADES)
    assert counts() == few
    assert max(few) <= 8, few


@pytest.mark.parametrize("text", ["王小明", "13800138000", "wang@example.com", "小明"])
def test_who_sees_names_masked_cannot_find_a_case_by_them_either(cast: Cast, text: str) -> None:
    case = make_case(phone="13800138000", narrative="我是王小明，电话13800138000，烧水就漏").case
    assert references(queries.register(cast.lin, now=START, text=text)) == [case.reference]
    for masked in (cast.ai, cast.mo, cast.gao):
        assert references(queries.register(masked, now=START, text="烧水就漏")) == [case.reference]
        assert references(queries.register(masked, now=START, text=case.reference)) == [case.reference]
        assert references(queries.register(masked, now=START, text=text)) == []


def test_who_oversees_all_and_works_under_one_policy_finds_names_there(cast: Cast) -> None:
    from ombud.organisation.models import AUDITOR, Membership

    case = make_case().case
    Membership.objects.create(person=cast.lin, role=AUDITOR)
    assert references(queries.register(cast.lin, now=START, text="王小明")) == [case.reference]


def test_words_stay_as_open_as_they_were_when_the_index_is_derived_anew(cast: Cast) -> None:
    case = make_case(narrative="王小明的水壶").case
    do(case, "note", cast, "lin", minutes=5, data={"remark": "王小明来电催办"})
    for _ in range(2):
        assert references(queries.register(cast.ai, now=START, text="催办")) == [case.reference]
        assert references(queries.register(cast.ai, now=START, text="小明")) == []
        rebuild(case.pk)


def test_nobody_makes_a_case_stand_still_by_writing_much(cast: Cast) -> None:
    case = make_case().case
    letters = [chr(0x4E00 + number * 7919 % 20_000) for number in range(20_000)]
    for minute in range(1, 10):
        text = "".join(letters[number * minute % 20_000] for number in range(20_000))
        do(case, "note", cast, "lin", minutes=minute, data={"remark": text})
    do(case, "register", cast, "lin", minutes=30, data=GRADES)
    do(case, "route", cast, "lin", minutes=40)
    for reader in (cast.lin, cast.chen):
        assert references(queries.register(reader, now=START, text="水壶")) == [case.reference]
    rebuild(case.pk)
    assert references(queries.register(cast.chen, now=START, text=case.reference)) == [case.reference]


def test_no_document_outgrows_what_the_index_takes() -> None:
    words = [f"{number:07}" * 5 for number in range(20_000)]
    marks, kept = search.fitting([*words, search.mark("p", 7)])
    assert marks == [search.mark("p", 7)]  # whom it may be shown to always has room
    assert 0 < len(kept) == search.ROOM // 12
    assert len(search.fitting(["多多"] * 2)[1]) == 1  # a term counts once
    assert (
        sum(len(term.encode()) for term in search.fitting([chr(0x4E00 + n) * 40 for n in range(9000)])[1])
        <= search.ROOM
    )
