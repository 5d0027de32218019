"""Sessions: listed, ended, at their end for good; and who somebody is asked again before what cannot be undone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from cast import Cast
from ombud.api.models import ApiToken
from ombud.organisation.models import ADMINISTRATOR, Membership, PolicyVersion
from ombud.signin import sessions
from ombud.signin.models import Happening, Session

pytestmark = pytest.mark.django_db
HERE, AGAIN = "/desk/sessions/", "/desk/sign-in/again/"
PASSWORD = "a sound password"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
TOKEN = {"name": "nightly report of all branches", "scopes": ["read"], "days": "90", "policy": ""}


@pytest.fixture
def lin(cast: Cast, clock: Any) -> Any:
    """Return a function that signs Lin in, as a browser of one's choice."""
    cast.lin.set_password(PASSWORD)
    cast.lin.save()

    def browser(name: str = FIREFOX) -> Client:
        client = Client(headers={"accept-language": "en", "user-agent": name})
        assert client.post("/desk/sign-in/", {"username": "lin", "password": PASSWORD}).status_code == 302
        return client

    return browser


def is_in(client: Client) -> bool:
    return client.get(HERE).status_code == 200


def test_one_sees_ones_own_sessions_and_ends_one_or_all_others(lin: Any, cast: Cast, clock: Any) -> None:
    here, there, phone = lin(), lin("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1"), lin("")
    foreign = Client()
    foreign.force_login(cast.wei)
    assert foreign.get(HERE).status_code == 200
    page = here.get(HERE)
    told = {told: place for place, told in page.context["places"]}
    assert set(told) == {"Firefox \u00b7 Windows", "Safari \u00b7 iPhone", "A browser that does not say which"}
    assert [name for name, place in told.items() if place.is_this] == ["Firefox \u00b7 Windows"]
    assert all(row.session_key not in page.content.decode() for row in Session.objects.all())
    here.post(f"{HERE}end/", {"session": told["Safari \u00b7 iPhone"].handle})
    assert (is_in(here), is_in(there), is_in(phone)) == (True, False, True)
    foreign.post(f"{HERE}end/", {"session": told["Firefox \u00b7 Windows"].handle})  # not theirs
    assert is_in(here)
    here.post(f"{HERE}end/")
    assert (is_in(here), is_in(phone), is_in(foreign)) == (True, False, True)


def test_last_seen_is_noted_every_five_minutes_and_costs_what_others_kept_nothing(lin: Any, clock: Any) -> None:
    here = lin()
    row = Session.objects.get(person__username="lin")
    began = row.seen_at
    for minutes, seen in ((4, began), (6, began + timedelta(minutes=10))):
        clock.shift(timedelta(minutes=minutes))
        here.get("/desk/session/")
        row.refresh_from_db()
        assert row.seen_at == seen


def test_a_session_ends_for_good_however_often_it_is_prolonged(lin: Any, clock: Any, settings: Any) -> None:
    settings.OMBUD_SESSION_LONGEST = 30
    here, began = lin(), timezone.now().timestamp()
    for hour in (11, 22, 29):
        clock.move_to(began + hour * 3600)
        until = here.post("/desk/session/").json()["until"]
    assert until == int(began) + 30 * 3600
    clock.move_to(began + 30 * 3600)
    assert not is_in(here)


def test_a_changed_password_ends_every_other_session(lin: Any) -> None:
    here, there = lin(), lin()
    new = "quite another word 7"
    given = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/desk/password/", given).status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    assert Session.objects.filter(person__username="lin").count() == 1
    assert Happening.objects.get().kind == Happening.Kind.PASSWORD


def test_what_cannot_be_undone_asks_again_after_a_quarter_of_an_hour_and_keeps_what_was_typed(
    lin: Any, clock: Any
) -> None:
    here = lin()
    clock.shift(sessions.PROOF + timedelta(seconds=1))
    page = "http://testserver/desk/tokens/"
    assert here.get("/desk/tokens/").status_code == 200  # reading is free
    asked = here.post("/desk/tokens/", TOKEN, headers={"referer": page})
    assert asked["Location"] == f"{AGAIN}?next=%2Fdesk%2Ftokens%2F"
    assert not ApiToken.objects.exists()
    shown = here.get(asked["Location"]).content.decode()
    assert "recovery_or_code" not in shown  # Lin has no second factor
    for typed in ({"password": "wrong"}, {"password": ""}, {"recovery_or_code": "123456"}):
        assert here.post(AGAIN, {**typed, "next": "/desk/tokens/"}).status_code == 422
    done = here.post(AGAIN, {"password": PASSWORD, "next": "/desk/tokens/"})
    assert done["Location"] == "/desk/tokens/"
    back = here.get("/desk/tokens/").content.decode()
    assert TOKEN["name"] in back
    assert "you were asked who you are first" in back
    assert here.post("/desk/tokens/", TOKEN).status_code in (200, 422)
    assert ApiToken.objects.count() == 1


def test_who_guesses_at_a_session_left_open_must_wait_and_is_led_to_no_other_site(lin: Any, clock: Any) -> None:
    here = lin()
    clock.shift(sessions.PROOF * 2)
    for _attempt in range(10):
        here.post(AGAIN, {"password": "wrong"})
    assert "Too many attempts" in here.post(AGAIN, {"password": PASSWORD}).content.decode()
    clock.shift(timedelta(minutes=16))
    assert here.post(AGAIN, {"password": PASSWORD, "next": "//evil.example/"})["Location"] == "/desk/"
    assert here.get(f"{AGAIN}?next=/language/").context["next"] == "/desk/"


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        ("people/new/", {"username": "new", "name_en": "New"}),
        ("people/{pk}/give/", {"role": "/manager"}),
        ("people/{pk}/leave/", {}),
        ("people/{pk}/second-factor/", {}),
        ("sign-in-rules/", {}),
        ("sign-in-rules/providers/", {}),
        ("sessions/recovery-codes/", {}),
        ("sessions/take-away/", {}),
        ("sessions/codes/", {}),
        ("sessions/passkeys/", {}),
        ("tokens/", TOKEN),
        ("erasures/1/", {}),
        ("keeping/", {}),
        ("policies/{policy}/steps/publish/", {"effective": "2027-01-01"}),
    ],
)
def test_dangerous_acts_ask_again(lin: Any, cast: Cast, clock: Any, page: str, sent: dict[str, Any]) -> None:
    for role in (ADMINISTRATOR, "manager", "policy_owner"):
        Membership.objects.create(person=cast.lin, role=role)
    version = "/".join(PolicyVersion.objects.values_list("policy", "version").get())
    here = lin()
    clock.shift(sessions.PROOF + timedelta(seconds=1))
    answer = here.post(f"/desk/{page.format(pk=cast.wei.pk, policy=version)}", sent)
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{AGAIN}?next=")


def test_the_fixed_end_is_no_sooner_than_the_usual_one() -> None:
    assert settings.OMBUD_SESSION_LONGEST * 3600 >= settings.SESSION_COOKIE_AGE
