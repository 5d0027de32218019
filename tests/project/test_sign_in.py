"""Signing in: throttled, silent about which names exist, closed to demo accounts outside a demo."""

import pytest
from django.test import Client

from ombud.organisation.models import Person
from ombud.project.sign_in import PER_NAME

pytestmark = pytest.mark.django_db
HERE = "/desk/sign-in/"
PASSWORD = "correct horse battery"


@pytest.fixture
def lin() -> Person:
    person = Person(username="lin", names={"zh": "林", "en": "Lin"})
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in(client: Client, password: str, name: str = "lin"):
    return client.post(HERE, {"username": name, "password": password}, headers={"accept-language": "en"})


def test_the_right_password_leads_to_the_desk(client, lin):
    assert sign_in(client, PASSWORD)["Location"] == "/desk/"


def test_a_wrong_password_and_an_unknown_name_are_told_alike(client, lin):
    wrong, unknown = sign_in(client, "wrong"), sign_in(client, "wrong", name="nobody")
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()


def test_after_ten_attempts_even_the_right_password_must_wait(client, lin):
    for _attempt in range(PER_NAME):
        sign_in(client, "wrong")
    answer = sign_in(client, PASSWORD)
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == [
        "Too many attempts. Wait a quarter of an hour, then try again."
    ]


def test_a_success_forgets_the_failures_before(client, lin):
    for _round in range(3):
        for _attempt in range(PER_NAME - 1):
            sign_in(client, "wrong")
        assert sign_in(Client(), PASSWORD).status_code == 302


def test_a_demo_account_signs_in_only_where_the_demo_is_on(client, lin, settings):
    Person.objects.update(is_demo=True)
    settings.OMBUD_DEMO = False
    assert sign_in(client, PASSWORD).status_code == 422
    settings.OMBUD_DEMO = True
    assert sign_in(client, PASSWORD).status_code == 302


def test_a_demo_account_that_is_signed_in_is_out_once_the_demo_is_off(client, lin, settings):
    Person.objects.update(is_demo=True)
    settings.OMBUD_DEMO = True
    sign_in(client, PASSWORD)
    settings.OMBUD_DEMO = False
    assert client.get("/desk/").status_code == 302


def test_sign_in_never_leads_to_another_site(client, lin):
    answer = client.post(f"{HERE}?next=https://evil.example/", {"username": "lin", "password": PASSWORD})
    assert answer["Location"] == "/desk/"


def test_passwords_are_hashed_with_argon2(settings):
    from django.contrib.auth.hashers import check_password, make_password

    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]  # as the installation has them
    hashed = make_password(PASSWORD)
    assert hashed.startswith("argon2$argon2id$")
    assert check_password(PASSWORD, hashed)
