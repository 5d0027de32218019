"""Filing in comfort: change one part and come back, change the language, and read of slips of the hand in words."""

from __future__ import annotations

import pytest
from django.test import Client

from builders import publish_policy
from ombud.cases.models import Case

pytestmark = pytest.mark.usefixtures("policy")
HERE = "/file/customer-complaints/"
EN, ZH = {"accept-language": "en"}, {"accept-language": "zh-hans"}
FIRST = {"subject": "空气净化器三天就坏了"}
LAST = {"name": "王小梅", "phone": "138 0013 8000"}


def begin(client: Client, here: str = HERE) -> str:
    return client.post(here)["Location"].removesuffix("1/")


def filled(client: Client) -> str:
    here = begin(client)
    for number, step in enumerate((FIRST, {}, LAST), 1):
        client.post(f"{here}{number}/", step)
    return here


def test_a_change_from_the_last_look_comes_back_to_it(client: Client) -> None:
    here = filled(client)
    assert f'{here}1/?check=1"' in client.get(f"{here}check/").content.decode()
    step = client.get(f"{here}1/?check=1", headers=EN).content.decode()
    assert "Save and check" in step
    changed = client.post(f"{here}1/", {**FIRST, "place": "南京路门店", "check": "1"})
    assert changed["Location"] == f"{here}check/"


def test_a_change_that_is_not_in_order_stays_and_still_comes_back_once_it_is(client: Client) -> None:
    here = filled(client)
    wrong = client.post(f"{here}1/", {"subject": "", "check": "1"}, headers=EN)
    assert wrong.status_code == 422
    assert "Please fill in: Subject" in wrong.content.decode()
    assert 'name="check"' in wrong.content.decode()


def test_another_language_keeps_what_was_typed_and_complains_of_nothing_yet(client: Client) -> None:
    here = begin(client)
    answer = client.post(f"{here}1/", {"place": "南京路门店", "set_language": "en"}, headers=ZH)
    assert answer["Location"] == f"{here}1/"
    assert answer.cookies["ombud_language"].value == "en"
    page = client.get(f"{here}1/", headers=ZH).content.decode()
    assert 'lang="en"' in page
    assert "南京路门店" in page
    assert "Please fill in" not in page
    assert not Case.objects.exists()


def test_a_language_that_is_none_of_ours_is_taken_for_going_on(client: Client) -> None:
    here = begin(client)
    answer = client.post(f"{here}1/", {**FIRST, "set_language": "xx"})
    assert answer["Location"] == f"{here}2/"


def test_enter_goes_on_and_neither_back_nor_to_another_language(client: Client) -> None:
    here = begin(client)
    client.post(f"{here}1/", FIRST)
    page = client.get(f"{here}2/").content.decode()
    first = page[page.index('<button form="filing"') :]
    assert first.startswith('<button form="filing" class="unseen"')
    assert page.index('<button form="filing"') < page.index('name="set_language"') < page.index('name="back"')


@pytest.mark.parametrize(
    ("number", "typed", "said"),
    [
        (1, {**FIRST, "occurred_on": "2098-11-20T10:00"}, "lies in the future. Give a time that has passed"),
        (2, {"demanded_by": "1999-01-01"}, "still to come"),
        (2, {"loss": "6000-8000"}, "must be an amount of money such as 100 CNY"),
        (3, {**LAST, "phone": "abc"}, "phone number with all its figures"),
        (3, {**LAST, "email": "wang@"}, "whole e-mail address"),
    ],
)
def test_a_slip_of_the_hand_is_said_in_words(client: Client, number: int, typed: dict[str, str], said: str) -> None:
    here = begin(client)
    answer = client.post(f"{here}{number}/", typed, headers=EN)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_where_the_next_act_needs_a_contact_the_form_asks_for_one(client: Client) -> None:
    publish_policy("overseas-customers")
    here = begin(client, "/file/overseas-customers/")
    asked = client.get(f"{here}1/", headers=EN).content.decode()
    assert asked.count("one is needed") == 2, "neither is called optional, as one of them is not"
    answer = client.post(f"{here}1/", {"country": "DE"}, headers=EN)
    assert answer.status_code == 422
    assert "Please give at least one, so that we can reach you: E-mail or Phone" in answer.content.decode()
    assert client.post(f"{here}1/", {"country": "DE", "phone": "+49 30 901820"})["Location"] == f"{here}2/"
