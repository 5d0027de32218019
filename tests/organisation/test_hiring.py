"""People come, change, leave and get roles: written down, decided on by others, never without an administrator."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from builders import after, make_case
from cast import Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.errors import NoSuchCase
from ombud.cases.keeping.verify import verify_all
from ombud.organisation import hiring, password_links
from ombud.organisation.hiring import HiringError, Place
from ombud.organisation.models import ADMINISTRATOR, Change, Department, Membership, Person
from ombud.organisation.password_mail import PasswordLink

NOW = after(10)
NEW = {"username": "he", "names": {"zh": "\u4f55\u654f", "en": ""}, "email": "he@example.com", "language": "zh-hans"}


@pytest.fixture
def admin(cast: Cast) -> Person:
    hiring.give(cast.nobody, Place(policy="", role=ADMINISTRATOR), by=cast.mo, now=NOW)
    return cast.nobody


def code_of(error: pytest.ExceptionInfo[HiringError]) -> str:
    return error.value.code


def test_who_comes_has_no_password_sees_nothing_and_is_written_down(cast: Cast, admin: Person) -> None:
    person = hiring.keep(Person(), NEW, by=admin, now=NOW)
    assert str(person) == "\u4f55\u654f"
    assert not person.has_usable_password()
    case = make_case().case
    with pytest.raises(NoSuchCase):
        access_case(person, case.reference)
    change = Change.objects.get(kind=hiring.ACCOUNT, key=person.key)
    assert (change.by, change.content["email"]) == (admin, "he@example.com")
    assert verify_all()["problems"] == []


def test_a_role_given_is_held_and_taken_away_is_gone_and_both_are_written_down(cast: Cast, admin: Person) -> None:
    person = hiring.keep(Person(), NEW, by=admin, now=NOW)
    department = Department.objects.get(policy="customer-complaints", key="quality")
    place = Place(policy="customer-complaints", role="contact", department=department)
    assert hiring.give(person, place, by=admin, now=NOW)
    assert not hiring.give(person, place, by=admin, now=NOW)  # twice is once
    held = Membership.objects.get(person=person)
    assert (held.role, held.department) == ("contact", department)
    hiring.take(held, by=admin, now=NOW)
    assert not Membership.objects.filter(person=person).exists()
    assert [change.content for change in hiring.history(person)] == [None, {}, hiring._content(person)]
    assert verify_all()["problems"] == []


def test_a_name_is_had_once_and_what_did_not_change_is_not_written_down_again(cast: Cast, admin: Person) -> None:
    person = hiring.keep(Person(), NEW, by=admin, now=NOW)
    with pytest.raises(HiringError) as taken:
        hiring.keep(Person(), NEW, by=admin, now=NOW)
    assert code_of(taken) == "taken"
    hiring.keep(person, NEW, by=admin, now=NOW)
    assert Change.objects.filter(kind=hiring.ACCOUNT).count() == 1


def test_nobody_decides_on_themselves(cast: Cast, admin: Person) -> None:
    own = Membership.objects.get(person=admin)
    for tried in (
        lambda: hiring.give(admin, Place(policy="", role="manager"), by=admin, now=NOW),
        lambda: hiring.take(own, by=admin, now=NOW),
        lambda: hiring.leave(admin, by=admin, now=NOW),
    ):
        with pytest.raises(HiringError) as refused:
            tried()
        assert code_of(refused) == "oneself"
    assert Membership.objects.get(person=admin) == own


def test_the_last_administrator_stays(cast: Cast, admin: Person) -> None:
    for tried in (
        lambda: hiring.take(Membership.objects.get(person=admin), by=cast.mo, now=NOW),
        lambda: hiring.leave(admin, by=cast.mo, now=NOW),
    ):
        with pytest.raises(HiringError) as refused:
            tried()
        assert code_of(refused) == "last"
    hiring.give(cast.wei, Place(policy="", role=ADMINISTRATOR), by=admin, now=NOW)
    hiring.leave(admin, by=cast.wei, now=NOW)
    assert not Person.objects.get(pk=admin.pk).is_active


def test_who_leaves_is_signed_out_everywhere_for_good_and_others_stay(cast: Cast, admin: Person) -> None:
    theirs, others = Client(), Client()
    for client, person in ((theirs, cast.lin), (others, cast.wei)):
        person.set_password("a sound password")
        person.save()
        client.force_login(person)
        assert client.get(reverse("desk_register")).status_code == 200
    password_links.ask(cast.lin, by=admin, now=NOW)
    hiring.leave(cast.lin, by=admin, now=NOW)
    hiring.come_back(cast.lin, by=admin, now=NOW)
    assert theirs.get(reverse("desk_register")).status_code == 302
    assert others.get(reverse("desk_register")).status_code == 200
    assert not PasswordLink.objects.exists()
    back = Person.objects.get(pk=cast.lin.pk)
    assert (back.is_active, back.has_usable_password()) == (True, False)
    assert Membership.objects.filter(person=cast.lin).exists()
