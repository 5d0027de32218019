"""Address books are read as their providers have them, shown before anything is changed, and then carried out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from books import ID, SECRET, STAND_INS, Company
from builders import do, make_case
from cast import Cast
from directed import NOW, make_directory
from ombud.cases.keeping.verify import verify_all
from ombud.directory import keeping, reading
from ombud.directory.books import calling, registry
from ombud.directory.books.model import BookError
from ombud.directory.models import Directory, Entry, Reading
from ombud.organisation import hiring
from ombud.organisation.hiring import Place
from ombud.organisation.models import ADMINISTRATOR, Change, Department, Membership, Person
from provider_server import ProviderServer

pytestmark = pytest.mark.django_db
KINDS = list(STAND_INS)
ROOTS = {"wecom": "1", "dingtalk": "1", "feishu": "0"}
LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "PAUSES", (0.0, 0.0))


@pytest.fixture
def admin(cast: Cast) -> Person:
    hiring.give(cast.nobody, Place(policy="", role=ADMINISTRATOR), by=cast.mo, now=NOW)
    return cast.nobody


class Read:
    """A directory of one kind with the stand-in that it reads."""

    def __init__(self, kind: str, by: Person, settings: Any) -> None:
        root = ROOTS[kind]
        self.company = Company(
            units=[("2", "Service", root), ("3", "Quality", "2"), ("4", "Canteen", root)],
            people=[
                ("u1", "\u4f55\u654f", "he@example.com", ["3"]),
                ("u2", "Lin", "lin@example.com", ["2", "4"]),
                ("u3", "Cook", "cook@example.com", ["4"]),
                ("u4", "Boss", "", [root]),
            ],
        )
        if kind == "wecom":
            self.company.units.insert(0, ("1", "Company", ""))
        self.server: ProviderServer = STAND_INS[kind](self.company)
        self.by, self.kind, self.settings = by, kind, settings

    def __enter__(self) -> Read:
        self.server.__enter__()
        self.settings.OMBUD_OUTGOING_ALLOWED = [self.server.url]
        values = {"name": "Book", "kind": self.kind, "client_id": ID, "url": self.server.url, "secret": SECRET}
        self.directory = make_directory(self.by, **values)
        return self

    def __exit__(self, *error: object) -> None:
        self.server.__exit__(*error)

    def look(self, now: Any = NOW) -> Reading:
        """Have it read by hand, and return what would change."""
        asked = reading.ask(self.directory, by=self.by, now=now)
        assert asked is not None
        assert reading.run(now=now) == 1
        asked.refresh_from_db()
        return asked

    def carry_out(self, now: Any = NOW) -> Reading:
        """Have it read and carried out."""
        row = self.look(now)
        assert reading.decide(row, is_wanted=True, by=self.by, now=now)
        assert reading.run(now=now) == 1
        row.refresh_from_db()
        assert row.state == Reading.State.DONE
        return row

    def map_service(self) -> None:
        """Let the department of service stand for a role."""
        department = Department.objects.get(policy="customer-complaints", key="quality")
        place = Place(policy="customer-complaints", role="contact", department=department)
        keeping.map_to(self.directory.groups.get(name="Service"), place, by=self.by, now=NOW)


@pytest.fixture(params=KINDS)
def book(request: pytest.FixtureRequest, admin: Person, settings: Any) -> Iterator[Read]:
    with Read(request.param, admin, settings) as found:
        yield found


@pytest.fixture
def wecom(admin: Person, settings: Any) -> Iterator[Read]:
    with Read("wecom", admin, settings) as found:
        yield found


def test_each_book_is_read_whole(book: Read) -> None:
    found = registry.read(book.directory)
    assert {unit.name for unit in found.units.values()} >= {"Service", "Quality", "Canteen"}
    assert found.above("3") == {"3", "2", ROOTS[book.kind]}
    assert set(found.people) == {"u1", "u2", "u3", "u4"}
    assert found.people["u2"].units == {"2", "4"}
    assert (found.people["u1"].name, found.people["u1"].email) == ("\u4f55\u654f", "he@example.com")


def test_only_who_is_in_a_department_that_stands_for_a_role_gets_an_account(book: Read, cast: Cast) -> None:
    assert book.look().state == Reading.State.DONE  # no department stands for anything yet
    assert Entry.objects.count() == 0
    book.map_service()
    row = book.look()
    assert (row.state, row.counts["new"], row.counts["link"], row.counts["leave"]) == ("planned", 1, 1, 0)
    assert not Person.objects.filter(email="he@example.com").exists()  # nothing is changed by looking
    assert reading.decide(row, is_wanted=True, by=book.by, now=NOW)
    assert not reading.decide(row, is_wanted=True, by=book.by, now=NOW)
    reading.run(now=NOW)
    person = Person.objects.get(email="he@example.com")
    assert (str(person), person.username) == ("\u4f55\u654f", "he@example.com")
    held = Membership.objects.filter(policy="customer-complaints", role="contact", department__key="quality")
    assert set(held.values_list("person__username", flat=True)) == {"he@example.com", "lin", "chen"}
    assert Entry.objects.get(person=cast.lin).external_id == "u2"
    assert book.look().state == Reading.State.DONE  # again changes nothing
    assert verify_all()["problems"] == []


def test_who_moves_gets_other_roles_and_who_is_gone_may_not_sign_in(book: Read, cast: Cast) -> None:
    book.look()
    book.map_service()
    book.carry_out()
    case = make_case().case
    do(case, "take", cast, "lin", minutes=1)
    book.company.people[0] = ("u1", "\u4f55\u654f", "min@example.com", ["4"])
    book.company.gone.add("u2")
    row = book.carry_out(LATER)
    assert (row.counts["change"], row.counts["leave"]) == (1, 1)
    he = Person.objects.get(email="min@example.com")
    assert not he.memberships.exists()
    cast.lin.refresh_from_db()
    assert not cast.lin.is_active
    assert [notice.case for notice in cast.mo.notices.filter(kind="leaver")] == [case]
    book.company.gone.clear()
    assert book.carry_out(LATER).counts["back"] == 1
    cast.lin.refresh_from_db()
    assert cast.lin.is_active
    assert Change.objects.filter(through="Book", kind=hiring.ACCOUNT).count() >= 4
    assert verify_all()["problems"] == []


def test_the_clock_goes_on_by_itself_until_too_many_would_leave(wecom: Read) -> None:
    keeping.keep(wecom.directory, {"every": 24}, by=wecom.by, now=NOW)
    wecom.look()
    wecom.map_service()
    wecom.directory.refresh_from_db()
    reading.run(now=NOW + timedelta(hours=25))
    first = wecom.directory.readings.latest("id")
    assert (first.asked_by, first.state) == (None, Reading.State.PLANNED)  # nobody has looked at one yet
    assert reading.decide(first, is_wanted=True, by=wecom.by, now=NOW)
    reading.run(now=NOW)
    wecom.company.people.append(("u5", "Fan", "fan@example.com", ["2"]))
    day = NOW + timedelta(days=3)
    assert reading.run(now=day) == 1
    assert reading.run(now=day) == 1
    assert wecom.directory.readings.latest("id").state == Reading.State.DONE
    assert Person.objects.filter(email="fan@example.com", is_active=True).exists()
    wecom.company.people = wecom.company.people[:1]
    day = NOW + timedelta(days=5)
    assert reading.run(now=day) == 1
    held = wecom.directory.readings.latest("id")
    assert (held.state, held.counts["leave"]) == (Reading.State.HELD, 2)
    assert reading.run(now=day + timedelta(days=3)) == 0  # nothing more before somebody decides
    assert Person.objects.get(email="fan@example.com").is_active
    assert reading.decide(held, is_wanted=True, by=wecom.by, now=day)
    reading.run(now=day)
    assert not Person.objects.get(email="fan@example.com").is_active


def test_an_empty_book_lets_nobody_go_by_itself(wecom: Read) -> None:
    wecom.look()
    wecom.map_service()
    wecom.carry_out()
    keeping.keep(wecom.directory, {"every": 1}, by=wecom.by, now=NOW)
    wecom.company.people.clear()
    reading.run(now=LATER)
    assert wecom.directory.readings.latest("id").state == Reading.State.HELD


WRONG = {
    "wecom": [(60011, "forbidden"), (60020, "place"), (48002, "forbidden"), (40014, "locked-out"), (99, "answer")],
    "dingtalk": [(88, "forbidden"), (90018, "busy"), (60020, "place"), (42001, "locked-out"), (-1, "silent")],
    "feishu": [(99991672, "forbidden"), (99991400, "busy"), (99991663, "locked-out"), (99991401, "place")],
}


def test_what_a_provider_refuses_is_said_in_a_word(book: Read) -> None:
    name = "code" if book.kind == "feishu" else "errcode"
    for code, word in WRONG[book.kind]:
        book.company.said = [{name: code, "errmsg": "no", "msg": "no"}] * 3
        row = book.look()
        assert (row.state, row.code) == (Reading.State.FAILED, word)
        assert str(code) in row.about
        book.company.said.clear()


def test_who_asks_too_often_waits_and_asks_again(book: Read) -> None:
    code = {"wecom": 45009, "dingtalk": 90018, "feishu": 99991400}[book.kind]
    book.company.said = [{"errcode": code, "code": code}] * 2
    assert len(registry.read(book.directory).people) == 4


def test_wrong_credentials_and_an_address_that_is_not_called(book: Read, settings: Any) -> None:
    keeping.keep(book.directory, {}, "another secret", by=book.by, now=NOW)
    with pytest.raises(BookError) as refused:
        registry.read(book.directory)
    assert refused.value.code == "locked-out"
    settings.OMBUD_OUTGOING_ALLOWED = []
    with pytest.raises(BookError) as not_called:
        registry.read(book.directory)
    assert not_called.value.code == "address"


ODD = [[], {}, 5, "x", None, b"<html>", b"", {"errcode": "x"}, {"department": 5, "result": 5, "data": 5, "errcode": 0}]


def test_an_answer_that_is_none_is_no_fault_of_ours(book: Read) -> None:
    paths = list(book.server.routes)
    for path in paths:
        before = book.server.routes[path]
        for content in ODD:
            book.server.routes[path] = (200, content)
            with suppress(BookError):  # an empty object may say that there is nothing
                registry.read(book.directory)
        book.server.routes[path] = before


def test_what_could_not_be_done_is_named_and_holds_up_nobody(wecom: Read) -> None:
    wecom.look()
    wecom.map_service()
    wecom.company.people += [("u 6", "Odd", "", ["2"]), ("Lin", "Other", "other@example.com", ["2"])]
    Person.objects.create(username="Other@example.com", email="elsewhere@example.com")
    row = wecom.carry_out()
    assert [each["code"] for each in row.problems] == ["username"]
    assert Entry.objects.filter(external_id="Lin", person__username__iexact="other@example.com").exists()
    assert Entry.objects.filter(external_id="u1").exists()


def test_a_secret_is_kept_sealed_and_a_reading_is_asked_for_once(wecom: Read) -> None:
    assert SECRET not in str(wecom.directory.secret)
    assert keeping.secret_of(Directory.objects.get(pk=wecom.directory.pk)) == SECRET
    assert not any(SECRET in str(change.content) for change in keeping.history(wecom.directory))
    assert reading.ask(wecom.directory, by=wecom.by, now=NOW) is not None
    assert reading.ask(wecom.directory, by=wecom.by, now=NOW) is None


def test_a_department_that_is_gone_gives_nothing_any_more(wecom: Read, cast: Cast) -> None:
    wecom.look()
    wecom.map_service()
    wecom.carry_out()
    wecom.company.units = [each for each in wecom.company.units if each[0] not in ("2", "3")]
    wecom.company.people = [("u1", "\u4f55\u654f", "he@example.com", ["4"]), ("u2", "Lin", "lin@example.com", ["4"])]
    wecom.carry_out(LATER)
    assert not Person.objects.get(email="he@example.com").memberships.exists()
    assert set(cast.lin.memberships.values_list("role", flat=True)) == {"agent"}
    assert not wecom.directory.groups.filter(name="Service").exists()


def test_an_address_that_people_enter_themselves_makes_nobody_somebody_else(wecom: Read, cast: Cast) -> None:
    """Whoever enters a colleague's address there would have the next one that they enter take its place here."""
    wecom.look()
    wecom.map_service()
    wecom.company.own.update({"u1": "wei@example.com"})
    wecom.company.people[0] = ("u1", "He", "", ["2"])
    line = next(each for each in wecom.look().lines if each["id"] == "u1")
    assert (line["do"], line["email"], line["username"]) == ("new", "", "u1")
    wecom.company.own["u1"] = "he@example.com"
    assert next(each for each in wecom.look().lines if each["id"] == "u1")["email"] == "he@example.com"
    wecom.company.own["u1"] = "wei@example.com"
    keeping.keep(wecom.directory, {"trusts_own_mail": True}, by=wecom.by, now=NOW)
    line = next(each for each in wecom.look().lines if each["id"] == "u1")
    assert (line["do"], line["pk"]) == ("link", cast.wei.pk)


def test_of_dingtalk_single_persons_are_read_too(admin: Person, settings: Any) -> None:
    with Read("dingtalk", admin, settings) as book:
        book.company.shown, book.company.alone = [2], ["u2", "u3", "u9"]
        found = registry.read(book.directory)
        assert set(found.people) == {"u1", "u2", "u3"}, "u9 is there no more; the boss may not be seen"
        assert found.people["u3"].email == "cook@example.com"
        assert set(found.units) == {"2", "3"}
        asked = [each.json["userid"] for each in book.server.calls if each.target.startswith("/topapi/v2/user/get")]
        assert asked == ["u3", "u9"], "who stands in a department that may be seen is not asked for again"
        book.company.shown = []
        assert set(registry.read(book.directory).people) == {"u2", "u3"}
