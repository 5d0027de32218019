"""Keeping on its pages: what is due and will be, lists that managers release, holds; auditors read only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from builders import after, make_case
from cast import POLICY, Cast
from ombud.cases.commands import perform
from ombud.cases.keeping import holds, removals
from ombud.cases.models import Case, LegalHold, RemovalList
from ombud.engine.model import COMPLAINANT_ACTOR
from ombud.organisation.models import ADMINISTRATOR, MANAGER, Membership

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
PAGE = f"/desk/keeping/?policy={POLICY}&kind=case"
MADE = {"policy": POLICY, "kind": "case"}
OVER = datetime(2029, 3, 4, 2, 0, tzinfo=UTC)


def withdrawn() -> Case:
    case = make_case().case
    perform(case, "withdraw", actor=COMPLAINANT_ACTOR, at=after(30), now=after(30), data={})
    return Case.objects.get(pk=case.pk)


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.fixture
def years_on(clock: time_machine.Traveller) -> None:
    clock.move_to(OVER)


def test_what_comes_due_is_shown_before_it_is(cast: Cast, sign_in: SignIn, clock: time_machine.Traveller) -> None:
    case = withdrawn()
    clock.move_to(datetime(2029, 1, 15, tzinfo=UTC))
    manager = sign_in("mo")
    assert case.reference not in text(manager, PAGE)
    assert case.reference in text(manager, f"{PAGE}&in=3")
    assert "Release for removal" not in text(manager, f"{PAGE}&in=3")
    assert "3 years" in text(manager, "/desk/keeping/")


def test_a_manager_releases_what_is_due_by_typing_its_number(cast: Cast, sign_in: SignIn, years_on: None) -> None:
    case = withdrawn()
    manager = sign_in("mo")
    assert "To release one case" in text(manager, PAGE)
    refused = manager.post("/desk/keeping/", {**MADE, "confirm": "7"}, follow=True).content.decode()
    assert "Type how many cases" in refused
    assert not RemovalList.objects.exists()
    shown = manager.post("/desk/keeping/", {**MADE, "confirm": "1"}, follow=True).content.decode()
    assert "The clock removes it within minutes" in shown
    assert case.reference in shown
    removals.run(now=OVER)
    row = RemovalList.objects.get()
    assert ">removed<" in text(sign_in("ai"), f"/desk/keeping/{row.pk}/")
    assert "Nothing is due" in manager.post("/desk/keeping/", MADE, follow=True).content.decode()


def test_auditors_and_administrators_read_and_others_do_not_even_that(
    cast: Cast, sign_in: SignIn, years_on: None
) -> None:
    case = withdrawn()
    Membership.objects.create(person=cast.nobody, role=ADMINISTRATOR)
    assert case.reference in text(sign_in("ai"), PAGE)
    assert case.reference not in text(sign_in("nobody"), PAGE)  # sees no cases
    for who in ("ai", "nobody"):
        assert "Release for removal" not in text(sign_in(who), PAGE)
        assert sign_in(who).post("/desk/keeping/", {**MADE, "confirm": "1"}).status_code == 403
    for who in ("lin", "chen"):
        assert sign_in(who).get("/desk/keeping/").status_code == 403
        assert sign_in(who).post("/desk/keeping/", {**MADE, "confirm": "1"}).status_code == 403


def test_a_list_that_waits_for_its_second_manager_is_released_on_its_page(
    cast: Cast, sign_in: SignIn, years_on: None
) -> None:
    withdrawn()
    row = removals.make(POLICY, "case", by=cast.mo, now=OVER)
    RemovalList.objects.update(released_by=None, released_at=None)
    page = f"/desk/keeping/{row.pk}/"
    assert "Your own list" in text(sign_in("mo"), page)
    assert "Another one releases this list" in sign_in("mo").post(page, {"do": "release"}, follow=True).content.decode()
    assert sign_in("ai").post(page, {"do": "release"}).status_code == 403
    Membership.objects.create(person=cast.gao, role=MANAGER)
    sign_in("gao").post(page, {"do": "release"})
    row.refresh_from_db()
    assert row.released_by == cast.gao
    assert "meanwhile" in sign_in("gao").post(page, {"do": "drop"}, follow=True).content.decode()


@pytest.mark.parametrize(
    "wrong", ["policy=x", f"policy={POLICY}&kind=x", f"policy={POLICY}&in=x", f"policy={POLICY}&cursor=x"]
)
def test_addresses_of_nobodys_making_are_not_there(cast: Cast, sign_in: SignIn, wrong: str) -> None:
    assert sign_in("mo").get(f"/desk/keeping/?{wrong}").status_code == 404
    assert sign_in("mo").get("/desk/keeping/999/").status_code == 404
    assert sign_in("mo").post("/desk/keeping/holds/999/").status_code == 404
    assert sign_in("mo").post("/desk/keeping/", {"policy": "x"}).status_code == 404


def test_the_page_asks_as_much_of_many_cases_as_of_few(
    cast: Cast, sign_in: SignIn, years_on: None, django_assert_max_num_queries: Any
) -> None:
    manager = sign_in("mo")
    withdrawn()
    text(manager, PAGE)  # what is remembered of policies from here on is not asked for again
    with django_assert_max_num_queries(40) as few:
        text(manager, PAGE)
    for _ in range(3):
        withdrawn()
    with django_assert_max_num_queries(40) as many:
        text(manager, PAGE)
    assert len(many) == len(few)


def test_a_hold_is_placed_shown_and_lifted_by_another_manager(cast: Cast, sign_in: SignIn) -> None:
    case = make_case().case
    page, held = f"/desk/cases/{case.reference}/privacy/", {"do": "hold", "reason": "王小明起诉", "until": ""}
    for wrong in ({**held, "reason": " "}, {**held, "until": "2020-01-01"}, {**held, "until": "x"}):
        assert sign_in("lin").post(page, wrong).status_code == 422
    assert sign_in("lin").post(page, held).status_code == 302
    row = LegalHold.objects.get()
    assert (row.reason, row.placed_by) == ("***起诉", cast.lin)
    assert "Legal hold" in text(sign_in("lin"), f"/desk/cases/{case.reference}/")
    assert "Legal hold" in text(sign_in("lin"), "/desk/cases/")
    assert case.reference in text(sign_in("ai"), "/desk/keeping/")
    address = f"/desk/keeping/holds/{row.pk}/"
    assert sign_in("lin").post(address, {"reason": "over"}).status_code == 403
    assert sign_in("deng").post(address, {"reason": "over"}).status_code == 404
    assert "Say why" in sign_in("mo").post(address, {"reason": ""}, follow=True).content.decode()
    assert holds.in_force(now=after(1)).exists()
    sign_in("mo").post(address, {"reason": "和解"})
    assert "和解" in text(sign_in("mo"), page)
    assert "meanwhile" in sign_in("mo").post(address, {"reason": "和解"}, follow=True).content.decode()
    assert "Legal hold" not in text(sign_in("lin"), "/desk/cases/")
