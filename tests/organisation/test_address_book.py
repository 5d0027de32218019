"""The address book of authorities and partners: kept with who changed it, found by name, taken over by cases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ombud.organisation import address_book, changes
from ombud.organisation.address_book import BookError
from ombud.organisation.models import Outsider, Person
from ombud.policy import load
from ombud.policy.model.pack import Pack

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)
MINISTRY = {
    "role": "regulator",
    "names": {"zh": "劳动部", "en": "Labour Ministry"},
    "country": "de",
    "contact": "Ms Seidel",
    "email": "desk7@labour.example",
    "address": "Rheinufer 4\n53113 Bonn",
    "prefix": "LM-",
}
ALL = frozenset({"regulator_name", "regulator_contact", "regulator_email", "regulator_phone", "regulator_address"})


@pytest.fixture
def clerk() -> Person:
    return Person.objects.create(username="clerk", name="Clerk")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load(str(Path(__file__).parents[1] / "notices" / "outsiders"))


def enter(by: Person, row: Outsider | None = None, **changed: Any) -> Outsider:
    return address_book.keep(row, {**MINISTRY, **changed}, by=by, now=NOW)


def test_an_entry_is_kept_as_it_is_written_elsewhere_too(clerk: Person) -> None:
    row = enter(clerk, names={"zh": "劳动部", "en": "  Labour   Ministry​ "})
    assert (row.country, row.names["en"], row.address) == ("DE", "Labour Ministry", "Rheinufer 4\n53113 Bonn")


def test_every_change_says_who_made_it_and_what_was_there_before(clerk: Person) -> None:
    row = enter(clerk)
    enter(clerk, row, email="desk8@labour.example")
    address_book.offer(row, is_active=False, by=clerk, now=NOW)
    log = [(each.by, each.content["email"], each.content["is_active"]) for each in changes.of(row)]
    assert log == [
        (clerk, "desk7@labour.example", True),
        (clerk, "desk8@labour.example", True),
        (clerk, "desk8@labour.example", False),
    ]
    assert list(changes.problems()) == []
    Outsider.objects.update(email="mine@home.example")
    (problem,) = changes.problems()
    assert "email 'mine@home.example' for 'desk8@labour.example'" in problem


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"role": " "}, "role"),
        ({"names": {}}, "names"),
        ({"country": "Germany"}, "country"),
        ({"email": "a@b.example, c@d.example"}, "email"),
        ({"phone": "1" * 101}, "phone"),
        ({"names": {"en": "labour ministry"}}, "twice"),
    ],
)
def test_what_cannot_be_kept_is_refused(clerk: Person, changed: dict[str, Any], code: str) -> None:
    enter(clerk)
    with pytest.raises(BookError, match=code):
        enter(clerk, **changed)
    assert Outsider.objects.count() == 1


def test_entries_are_found_by_any_of_their_words_and_the_retired_come_last(clerk: Person) -> None:
    address_book.offer(enter(clerk), is_active=False, by=clerk, now=NOW)
    enter(clerk, names={"en": "Fire Service"}, email="fire@city.example", contact="")
    assert [row.email for row in address_book.entries()] == ["fire@city.example", "desk7@labour.example"]
    assert [row.email for row in address_book.entries("MINISTRY seidel")] == ["desk7@labour.example"]
    assert [row.email for row in address_book.entries("劳动")] == ["desk7@labour.example"]
    assert address_book.entries("fire seidel") == []


def test_a_name_in_either_language_brings_the_address_and_what_was_typed_counts(clerk: Person, pack: Pack) -> None:
    enter(clerk)
    for name in ("Labour Ministry", "labour ministry ", "劳动部"):
        given = {"regulator_name": name, "regulator_contact": "Mr Roth"}
        assert address_book.completed(pack, given, ALL) == {
            "regulator_name": name,
            "regulator_contact": "Mr Roth",
            "regulator_email": "desk7@labour.example",
            "regulator_address": "Rheinufer 4\n53113 Bonn",
        }


def test_only_what_the_act_takes_is_brought_and_nobody_retired_unknown_or_of_another_role(
    clerk: Person, pack: Pack
) -> None:
    row = enter(clerk)
    given = {"regulator_name": "Labour Ministry"}
    assert address_book.completed(pack, given, ALL - {"regulator_email", "regulator_address"}).keys() == {
        "regulator_name",
        "regulator_contact",
    }
    assert address_book.completed(pack, {"partner_name": "Labour Ministry"}, {"partner_email"}).keys() == {
        "partner_name"
    }
    address_book.offer(row, is_active=False, by=clerk, now=NOW)
    assert address_book.completed(pack, given, ALL) == given
