"""Where somebody may not be, or is sent first: within the frame, with the reason where that gives nothing away."""

from __future__ import annotations

import pytest
from django.test import Client

from builders import after, make_history
from cast import Cast
from ombud.cases.access.recusal import recuse
from ombud.organisation.models import ADMINISTRATOR, MANAGER, Membership, Person

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


def test_nothing_here_is_said_within_the_frame(cast: Cast, sign_in) -> None:
    page = sign_in("lin").get("/desk/cases/KS-0000-0000-0/", headers=EN)
    assert page.status_code == 404
    assert 'id="sidebar"' in page.content.decode()
    assert "Nothing is here" in page.content.decode()


def test_what_is_not_theirs_to_do_is_said_within_the_frame(cast: Cast, sign_in) -> None:
    page = sign_in("lin").get("/desk/people/", headers=EN)
    assert page.status_code == 403
    assert 'id="sidebar"' in page.content.decode()


def test_who_was_taken_out_of_a_case_is_told_so_and_nothing_of_it(cast: Cast, sign_in) -> None:
    case = make_history(cast, "route")
    recuse(case, cast.chen, reason="A friend of theirs", now=after(60))
    page = sign_in("chen").get(f"/desk/cases/{case.reference}/", headers=EN)
    assert page.status_code == 404
    assert "You have been taken out of this case" in page.content.decode()
    assert "水壶" not in page.content.decode()


@pytest.mark.parametrize(
    ("role", "first"), [(ADMINISTRATOR, "/desk/people/"), (MANAGER, "/desk/board/"), (None, "/desk/")]
)
def test_who_works_on_no_case_begins_with_what_is_theirs_to_look_after(
    db: None, client: Client, role: str | None, first: str
) -> None:
    somebody = Person.objects.create_user("somebody", password="a long secret word")
    if role:
        Membership.objects.create(person=somebody, policy="", role=role)
    typed = {"username": "somebody", "password": "a long secret word"}
    assert client.post("/desk/sign-in/", typed)["Location"] == first
    assert client.get(first).status_code == 200
