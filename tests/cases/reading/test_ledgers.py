"""Ledgers: what an act writes down about a person, who may read it, and that it can be derived again."""

from __future__ import annotations

from typing import Any

import pytest

from builders import assert_refolds
from ombud.cases.errors import Forbidden, Refused
from ombud.cases.keeping.verify import rebuild_all, verify_all
from ombud.cases.models import Case, LedgerEntry
from ombud.cases.reading import ledgers
from ombud.organisation.models import Person
from regional import POLICY, Regional, after, do, file

pytestmark = pytest.mark.django_db


def blame(regional: Regional, who: str, points: int, *, proven: bool = True, hours: float = 2) -> Case:
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    key = regional.people[who].key
    do(case, "blame", "hans", regional, now=after(hours=hours), at_fault=key, points=points, proven=proven)
    return case


def test_an_act_writes_down_whom_it_is_about_and_how_many_points(regional: Regional) -> None:
    case = blame(regional, "anna", 5)
    row = LedgerEntry.objects.get()
    assert (row.case, row.seq, row.ledger, row.person, row.points, row.at) == (
        case,
        3,
        "performance",
        regional.anna,
        5,
        after(hours=2),
    )
    assert_refolds(case)


def test_nothing_is_written_where_the_policy_s_condition_does_not_hold(regional: Regional) -> None:
    case = blame(regional, "anna", 5, proven=False)
    assert not LedgerEntry.objects.exists()
    assert_refolds(case)


def test_the_ledger_is_derived_again_from_the_events(regional: Regional) -> None:
    blame(regional, "anna", 5)
    blame(regional, "ben", 3)
    before = sorted(LedgerEntry.objects.values_list("case", "seq", "person", "points", "at"))
    LedgerEntry.objects.filter(person=regional.ben).update(points=30)
    assert any("ledger" in each for each in verify_all()["problems"])
    rebuild_all()
    assert sorted(LedgerEntry.objects.values_list("case", "seq", "person", "points", "at")) == before
    assert verify_all()["problems"] == []


def test_managers_read_it_all_and_others_what_stands_against_themselves(
    regional: Regional, django_assert_num_queries: Any
) -> None:
    for points in (1, 2, 3):
        blame(regional, "anna", points)
    blame(regional, "nora", 9)
    for name, number in (("dora", 4), ("gao", 4), ("ai", 4), ("anna", 3), ("nora", 1), ("ben", 0)):
        page = ledgers.entries(regional.people[name], policy=POLICY, ledger="performance")
        assert len(page.rows) == number, name
    (mine,) = ledgers.entries(regional.nora, policy=POLICY, ledger="performance").rows
    assert mine.case is None  # it is a case of Berlin's, which Nora may not see
    first = ledgers.entries(regional.dora, policy=POLICY, ledger="performance", limit=3)
    assert [line.entry.points for line in first.rows] == [9, 3, 2]
    rest = ledgers.entries(regional.dora, policy=POLICY, ledger="performance", limit=3, cursor=first.after)
    assert ([line.entry.points for line in rest.rows], rest.after) == ([1], None)
    only = ledgers.entries(regional.dora, policy=POLICY, ledger="performance", person=regional.anna.pk)
    assert {line.entry.person for line in only.rows} == {regional.anna}
    with django_assert_num_queries(5):
        ledgers.entries(regional.dora, policy=POLICY, ledger="performance")


def test_the_sums_by_person_are_for_managers(regional: Regional, django_assert_num_queries: Any) -> None:
    for who, points in (("anna", 1), ("anna", 2), ("nora", 9)):
        blame(regional, who, points)
    found = ledgers.sums(regional.dora, policy=POLICY, ledger="performance")
    assert [(each.person, each.entries, each.points) for each in found] == [
        (regional.nora, 1, 9),
        (regional.anna, 2, 3),
    ]
    assert ledgers.sums(regional.dora, policy=POLICY, ledger="performance", from_at=after(hours=3)) == ()
    with pytest.raises(Forbidden):
        ledgers.sums(regional.anna, policy=POLICY, ledger="performance")
    with django_assert_num_queries(5):
        ledgers.sums(regional.dora, policy=POLICY, ledger="performance")


@pytest.mark.parametrize("key", ["p999999", "p0", "p007", "p" + "9" * 400, "p\u0667", " p999999 "])
def test_a_person_who_is_not_there_cannot_be_named(regional: Regional, key: str) -> None:
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    with pytest.raises(Refused) as refused:
        do(case, "blame", "hans", regional, now=after(hours=2), at_fault=key, points=1, proven=True)
    assert [(each.code, each.field) for each in refused.value.refusals] == [("value", "at_fault")]


def test_a_person_who_has_left_cannot_be_named_any_more(regional: Regional) -> None:
    Person.objects.filter(pk=regional.ben.pk).update(is_active=False)
    with pytest.raises(Refused):
        blame(regional, "ben", 1)
