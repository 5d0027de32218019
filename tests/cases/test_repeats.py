"""People known again: by number, address or order, at intake, on the case and in search, and never by who must not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from builders import START, after, assert_refolds, do, make_case, make_history, shipped_pack
from cast import Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.verify import rebuild_all
from ombud.cases.models import Case, Recusal
from ombud.cases.reading import queries
from ombud.privacy.models import BlindIndex

pytestmark = pytest.mark.django_db

CALLERS = [
    ("+86 138 0013 8000", "13800138000"),
    ("+86 138 0013 8000", "8613800138000"),
    ("010-66554433", "01066554433"),
    ("010-66554433", "+86 10 6655 4433"),
    ("+49 30 901820", "0049 30 901820"),
    ("+49 30 901820", "030 901820"),
    ("٠٥٥١٢٣٤٥٦٧", "0551234567"),
    ("4008001234", "400-800-1234"),
    ("13800138000", "13800138000"),
    ("(010) 6655 4433", "王小明 010-66554433 漏水"),
]


def found(cast: Cast, who: str, text: str) -> list[str]:
    return [line.case.reference for line in queries.register(cast.people[who], now=START, text=text).rows]


def others(cast: Cast, who: str, case: Case) -> list[str]:
    return [row.line.case.reference for row in repeats(cast, who, case)]


def repeats(cast: Cast, who: str, case: Case) -> Sequence[queries.Repeat]:
    return queries.repeats_of(access_case(cast.people[who], case.reference), now=START).rows


@pytest.mark.parametrize(("recorded", "typed"), CALLERS)
def test_search_finds_a_caller_however_the_number_is_typed(cast: Cast, recorded: str, typed: str) -> None:
    case = make_case(phone=recorded).case
    make_case(phone="13911112222", name="李雷")
    assert found(cast, "lin", typed) == [case.reference]
    for masked in ("ai", "mo", "gao"):
        assert found(cast, masked, typed) == []


def test_search_finds_an_order_and_an_address(cast: Cast) -> None:
    case = make_case(object="QX-7700B，订单 SO-2026-1129/77", email="Wang.X@Example.com").case
    make_case(object="QX-7700B，订单 SO-2026-1129/78", email="wang.y@example.com", phone=None)
    for typed in ("so2026112977", "SO-2026112977", "WANG.X@example.com"):
        assert found(cast, "lin", typed) == [case.reference], typed
        assert found(cast, "ai", typed) == []


def test_a_number_that_comes_later_is_found_as_well(cast: Cast) -> None:
    case = make_case(phone=None).case
    do(case, "correct", cast, "lin", minutes=5, data={"phone": "+86 139-0013-9000", "reason": "补充"})
    assert found(cast, "lin", "13900139000") == [case.reference]
    assert_refolds(case)


def test_a_country_that_comes_later_tells_how_the_number_is_dialled(cast: Cast) -> None:
    german = make_case(phone="+49 30 901820", email=None).case
    case = make_case(phone="030 901820", email=None).case
    assert others(cast, "lin", german) == []
    do(case, "correct", cast, "lin", minutes=5, data={"country": "DE", "reason": "补充"})
    assert others(cast, "lin", german) == [case.reference]
    rebuild_all()
    assert others(cast, "lin", german) == [case.reference]


def test_a_case_shows_the_other_complaints_of_its_person_and_what_is_the_same(cast: Cast) -> None:
    first = make_case(phone="010-66554433", email=None).case
    second = make_case(phone=None, email="WANG@example.com", object="SO20261129-7", minutes=1).case
    third = make_case(phone="+86 10 66554433转12", object="so-2026-11297", minutes=2).case
    make_case(phone="13911112222", email="li@example.org", minutes=3)
    assert others(cast, "lin", third) == [second.reference, first.reference]
    assert [row.same for row in repeats(cast, "lin", third)] == [("email", "order"), ("phone",)]
    assert others(cast, "lin", first) == [third.reference]


def test_a_number_without_its_country_does_not_make_two_people_one(cast: Cast) -> None:
    german = make_case(phone="+49 30 901820", email=None).case
    make_case(phone="030 901820", email=None)  # of China, where it is none
    assert others(cast, "lin", german) == []
    assert len(found(cast, "lin", "030 901820")) == 2


def test_only_cases_that_the_reader_may_see_are_shown_and_masked_where_they_are(cast: Cast) -> None:
    routed = make_history(cast, "route")
    fresh = make_case(minutes=45).case
    assert others(cast, "chen", routed) == []
    assert others(cast, "lin", routed) == [fresh.reference]
    assert [row.line.complainant for row in repeats(cast, "lin", routed)] == ["王小明"]
    assert [row.line.complainant for row in repeats(cast, "ai", routed)] == ["王**"]
    Recusal.objects.create(case=fresh, person=cast.lin, reason="亲属", at=START)
    assert others(cast, "lin", routed) == []


def test_at_intake_a_caller_is_known_before_anything_is_filed(cast: Cast) -> None:
    case = make_case(phone="+86 138 0013 8000", object="SO-2026-1129/77").case
    pack = shipped_pack()
    for data in ({"phone": "138-0013-8000"}, {"email": "wang@EXAMPLE.com"}, {"object": "so2026112977"}):
        rows = queries.known_before(cast.lin, pack, data, now=START).rows
        assert [row.line.case for row in rows] == [case], data
        for who in (cast.ai, cast.mo, cast.gao, cast.nobody, cast.deng):
            assert queries.known_before(who, pack, data, now=START).rows == ()
    for nothing in ({}, {"phone": ""}, {"phone": "138"}, {"name": "王小明"}, {"phone": "\0", "country": "XX"}):
        assert queries.known_before(cast.lin, pack, nothing, now=START).rows == ()


def test_of_many_complaints_the_newest_are_shown(cast: Cast) -> None:
    cases = [make_case(minutes=minute).case for minute in range(12)]
    shown = queries.repeats_of(access_case(cast.lin, cases[0].reference), now=START)
    assert [row.line.case for row in shown.rows] == cases[:1:-1]
    assert shown.has_more


def test_the_number_of_queries_does_not_grow_with_the_complaints(cast: Cast, django_assert_num_queries: object) -> None:
    case = make_case().case
    accessed = access_case(cast.lin, case.reference)
    make_case(minutes=1)
    queries.repeats_of(accessed, now=START)
    for minute in range(2, 8):
        make_case(minutes=minute)
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(queries.repeats_of(accessed, now=START).rows) == 7


def test_rebuilding_makes_people_known_as_they_are_read_now(cast: Cast) -> None:
    first, second = make_case().case, make_case(minutes=1).case
    BlindIndex.objects.filter(complainant=first.complainant).delete()
    BlindIndex.objects.create(complainant=first.complainant, kind="old", digest="0" * 64)
    assert others(cast, "lin", second) == []
    rebuild_all()
    assert others(cast, "lin", second) == [first.reference]
    assert not BlindIndex.objects.filter(kind="old").exists()
    assert found(cast, "lin", "138-0013-8000") == [second.reference, first.reference]


def test_nobody_is_known_by_what_was_erased(cast: Cast) -> None:
    first, second = make_case().case, make_case(minutes=1).case
    assert first.complainant is not None
    erase(first.complainant, now=after(5))
    assert others(cast, "lin", second) == []
    assert found(cast, "lin", "+86 138 0013 8000") == [second.reference]
    rebuild_all()
    assert others(cast, "lin", second) == []
    assert others(cast, "lin", Case.objects.get(pk=first.pk)) == []
