"""Signing in: throttled, silent about which names exist, closed to demo accounts outside a demo."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from ombud.organisation.models import Person
from ombud.project.sign_in_limits import PER_NAME

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
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


def from_place(address: str) -> Client:
    return Client(REMOTE_ADDR=address)


def errors(answer) -> list[str]:
    assert answer.status_code == 422
    return list(answer.context["form"].non_field_errors())


def test_after_ten_attempts_even_the_right_password_must_wait_and_is_told_how_long(client, lin):
    with time_machine.travel(NOON, tick=False) as clock:
        for _attempt in range(PER_NAME):
            sign_in(client, "wrong")
            clock.shift(10)
        assert errors(sign_in(client, PASSWORD)) == ["Too many attempts. Try again in 14 minutes."]
        clock.shift(14 * 60)
        assert sign_in(client, PASSWORD).status_code == 302


def test_who_guesses_at_a_name_does_not_lock_its_owner_out(lin):
    with time_machine.travel(NOON, tick=False) as clock:
        attackers = [from_place(f"203.0.113.{n}") for n in range(40)]
        for attacker in attackers:
            for _attempt in range(5):
                sign_in(attacker, "wrong")
        clock.shift(61)
        assert sign_in(from_place("198.51.100.7"), PASSWORD).status_code == 302


def test_a_name_that_everybody_tries_is_looked_at_once_a_minute_at_most(lin):
    with time_machine.travel(NOON, tick=False) as clock:
        seconds = 0
        looked_at = 0
        while seconds < 600:
            answer = sign_in(from_place(f"203.0.{seconds // 200}.{seconds % 200}"), "wrong")
            looked_at += not errors(answer)[0].startswith("Too many attempts")
            clock.shift(5)
            seconds += 5
        assert looked_at < PER_NAME + 25


def test_a_browser_that_the_person_signed_in_with_is_let_through(lin):
    with time_machine.travel(NOON, tick=False):
        known = from_place("198.51.100.7")
        assert sign_in(known, PASSWORD).status_code == 302
        known.post("/desk/sign-out/")
        for n in range(30):
            sign_in(from_place(f"203.0.113.{n}"), "wrong")
        for _attempt in range(PER_NAME):
            sign_in(from_place("198.51.100.7"), "wrong")  # even next to it
        assert errors(sign_in(from_place("198.51.100.9"), PASSWORD))[0].startswith("Too many attempts")
        assert sign_in(known, PASSWORD).status_code == 302


def test_a_known_browser_guesses_no_faster_and_knows_one_name_only(lin):
    with time_machine.travel(NOON, tick=False):
        known = from_place("198.51.100.7")
        sign_in(known, PASSWORD)
        known.post("/desk/sign-out/")
        for _attempt in range(PER_NAME):
            sign_in(known, "wrong")
        assert errors(sign_in(known, PASSWORD)) == ["Too many attempts. Try again in 15 minutes."]
        forged = from_place("198.51.100.8")
        forged.cookies["ombud_known"] = known.cookies["ombud_known"].value + "x"
        assert errors(sign_in(forged, "wrong")) != []


def test_addresses_of_one_64_are_one_address(lin):
    with time_machine.travel(NOON, tick=False):
        for n in range(PER_NAME):
            sign_in(from_place(f"2001:db8:0:1::{n}"), "wrong")
        assert errors(sign_in(from_place("2001:db8:0:1::ffff"), PASSWORD))[0].startswith("Too many attempts")


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
