"""What tests begin with is stored once, is whole for each of them, and is gone for whoever begins with nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from beginnings import Beginnings
from cast import Cast
from ombud.organisation.models import Person

pytestmark = pytest.mark.django_db
STORED: list[str] = []


@pytest.fixture
def beginnings() -> Iterator[Beginnings]:
    def hire(name: str) -> list[Person]:
        STORED.append(name)
        return [Person.objects.create(username=name)]

    STORED.clear()
    made = Beginnings(lins=lambda: hire("lin"), weis=lambda: hire("wei"))
    yield made
    made.leave()


def people() -> list[str]:
    return list(Person.objects.values_list("username", flat=True))


def change_all(beginnings: Beginnings, name: str) -> None:
    """Do what a test does: change what it is given and what is stored, in a transaction that is taken back."""
    with transaction.atomic():
        [given] = beginnings.give(name)
        given.username = "another"
        given.save()
        assert people() == ["another"]
        transaction.set_rollback(True)


def test_what_one_test_changes_is_whole_for_the_next_and_is_not_stored_again(beginnings: Beginnings) -> None:
    for _ in range(3):
        beginnings.let_stand(["client", "lins"])
        assert people() == [person.username for person in beginnings.give("lins")] == ["lin"]
        change_all(beginnings, "lins")
    assert STORED == ["lin"]


def test_whoever_begins_with_something_else_or_with_nothing_finds_none_of_it(beginnings: Beginnings) -> None:
    for fixtures, found in ((["lins"], ["lin"]), (["weis"], ["wei"]), (["client"], []), (["lins"], ["lin"])):
        beginnings.let_stand(fixtures)
        assert people() == found


def test_what_does_not_stand_is_stored_for_the_test_alone(beginnings: Beginnings) -> None:
    beginnings.let_stand([])
    change_all(beginnings, "lins")
    assert people() == []


def test_what_a_test_has_broken_is_stored_anew(beginnings: Beginnings) -> None:
    beginnings.let_stand(["lins"])
    transaction.set_rollback(True)
    beginnings.let_stand(["lins"])
    assert people() == ["lin"]
    assert STORED == ["lin", "lin"]


def test_nobody_is_there_where_nobody_was_asked_for() -> None:
    assert connection.savepoint_ids == []
    assert people() == []


def test_the_usual_people_stand_before_the_transaction_of_a_test(cast: Cast) -> None:
    assert len(connection.savepoint_ids) == 1
    assert Person.objects.filter(pk=cast.lin.pk).exists()


@pytest.fixture(scope="module")
def stood() -> bool:
    """Whether anything stands where fixtures that several tests share are made."""
    return connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_stores_its_own_and_nothing_stands_before_its_fixtures(stood: bool, cast: Cast) -> None:
    assert not stood
    assert not connection.in_atomic_block
    assert Person.objects.filter(pk=cast.lin.pk).exists()
