"""People are added, changed and let go on pages: by administrators, before everybody's eyes who oversees."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from builders import after
from cast import Cast
from ombud.organisation import hiring
from ombud.organisation.hiring import Place
from ombud.organisation.models import ADMINISTRATOR, Membership, Person
from ombud.organisation.password_mail import PasswordLink

FORM = {"username": "he", "name_zh": "\u4f55\u654f", "name_en": "He Min", "email": "he@example.com", "language": ""}


def signed_in(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


@pytest.fixture
def admin(cast: Cast) -> Client:
    hiring.give(cast.nobody, Place(policy="", role=ADMINISTRATOR), by=cast.mo, now=after(1))
    return signed_in(cast.nobody)


def post(client: Client, address: str, **data: Any) -> Any:
    return client.post(address, data, follow=True)


def test_an_administrator_adds_somebody_who_is_invited_and_gets_a_role(cast: Cast, admin: Client) -> None:
    page = post(admin, "/desk/people/new/", **FORM)
    person = Person.objects.get(username="he")
    assert page.redirect_chain == [(f"/desk/people/{person.pk}/", 302)]
    assert PasswordLink.objects.get().person == person
    given = {"role": "customer-complaints/contact", "department": "customer-complaints/quality"}
    page = post(admin, f"/desk/people/{person.pk}/give/", **given)
    held = Membership.objects.get(person=person)
    assert (held.policy, held.role, held.department and held.department.key) == (
        "customer-complaints",
        "contact",
        "quality",
    )
    assert "Got the role" in page.content.decode()
    page = post(admin, f"/desk/people/{person.pk}/take/{held.pk}/")
    assert "Lost the role" in page.content.decode()
    assert not Membership.objects.filter(person=person).exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "two words"}, "username"),
        ({"username": "lin"}, "username"),
        ({"name_zh": "", "name_en": " "}, "name_zh"),
        ({"email": "he@"}, "email"),
        ({"language": "xx"}, "language"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(cast: Cast, admin: Client, wrong: dict[str, str], field: str) -> None:
    answer = admin.post("/desk/people/new/", {**FORM, **wrong})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert not Person.objects.filter(username="he").exists()


def test_a_role_goes_with_a_department_of_its_policy(cast: Cast, admin: Client) -> None:
    address = f"/desk/people/{cast.lin.pk}/give/"
    for given in (
        {"role": "customer-complaints/no-such"},
        {"role": "/auditor", "department": "customer-complaints/quality"},
        {"role": "customer-complaints/complainant"},
        {},
    ):
        page = post(admin, address, **given)
        assert page.status_code == 200
    assert Membership.objects.filter(person=cast.lin).count() == 1


def test_who_leaves_signs_in_no_more_until_let_in_again(cast: Cast, admin: Client) -> None:
    theirs = signed_in(cast.lin)
    post(admin, f"/desk/people/{cast.lin.pk}/leave/")
    assert theirs.get(reverse("desk_register")).status_code == 302
    assert "may not sign in" in admin.get(f"/desk/people/{cast.lin.pk}/").content.decode()
    post(admin, f"/desk/people/{cast.lin.pk}/leave/", again="1")
    assert Person.objects.get(pk=cast.lin.pk).is_active


def test_an_administrator_cannot_give_themselves_anything(cast: Cast, admin: Client) -> None:
    page = post(admin, f"/desk/people/{cast.nobody.pk}/give/", role="/manager")
    assert "Nobody decides on themselves" in page.content.decode()
    assert Membership.objects.filter(person=cast.nobody).count() == 1


def test_managers_and_auditors_read_and_nobody_else_does(cast: Cast, admin: Client) -> None:
    address = f"/desk/people/{cast.lin.pk}/"
    for person in (cast.mo, cast.ai):
        client = signed_in(person)
        said = client.get(address).content.decode()
        assert "Roles" in said
        assert "Give a role" not in said
        for part in ("", "give/", "invite/", "leave/", "take/1/"):
            assert client.post(address + part, FORM).status_code == 403, part
        assert client.get("/desk/people/new/").status_code == 403
    for person in (cast.lin, cast.wei):
        assert signed_in(person).get(address).status_code == 403
    assert signed_in(cast.mo).get("/desk/people/999999/").status_code == 404


def test_people_are_found_by_name_in_either_language(cast: Cast, admin: Client) -> None:
    post(admin, "/desk/people/new/", **FORM)
    for words in ("\u4f55", "min", "HE@", "he"):
        found = [row.username for row in admin.get("/desk/people/", {"q": words}).context["people"]]
        assert "he" in found, words
    assert admin.get("/desk/people/", {"q": "\0 nobody at all"}).context["people"] == []


def test_the_page_of_people_asks_no_more_for_more_people(
    cast: Cast, admin: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        Person.objects.create(username=f"more{number}", names={"en": f"More {number}"})
    with django_assert_max_num_queries(30):
        assert admin.get("/desk/people/").status_code == 200
