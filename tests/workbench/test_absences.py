"""Absences are entered on a page: one's own by oneself, anybody's by managers; deputies see for whom they act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from builders import make_history
from cast import Cast
from ombud.cases.models import Event
from ombud.organisation.absences import Absence, Deputy
from ombud.organisation.models import ADMINISTRATOR, Membership

Browser = Callable[[str], Client]
DAYS = {"first_day": "2026-03-03", "last_day": "2026-03-05"}


def entered(client: Client, deputy: Any, **more: Any) -> Any:
    return client.post("/desk/absences/", {**DAYS, "deputy": deputy.pk if deputy else "", **more}, follow=True)


def test_who_goes_away_names_a_deputy_who_acts_for_them_and_is_back_when_they_say_so(
    cast: Cast, sign_in: Browser
) -> None:
    case = make_history(cast, "accept_work")
    chen, deng = sign_in("chen"), sign_in("deng")
    assert deng.get(f"/desk/cases/{case.reference}/").status_code == 404
    page = entered(chen, cast.deng).content.decode()
    assert "away now" in page
    assert "Deng" in page
    listed = deng.get("/desk/").content.decode()
    assert "for Chen, who is away" in listed
    assert "You stand in for Chen." in listed
    assert "you stand in" in deng.get("/desk/absences/").content.decode()
    shown = deng.get(f"/desk/cases/{case.reference}/").content.decode()
    assert "yours" in shown
    assert "Chen is away until 5 Mar, Deng stands in" in shown
    form = {"seen": str(case.seq), "finding": "substantiated"}
    assert deng.post(f"/desk/cases/{case.reference}/acts/investigate/", form).status_code == 302
    told = sign_in("lin").get(f"/desk/cases/{case.reference}/").content.decode()
    assert "for Chen, who was away" in told
    row = Absence.objects.get()
    assert deng.post(f"/desk/absences/{row.pk}/end/").status_code == 403
    page = chen.post(f"/desk/absences/{row.pk}/end/", follow=True).content.decode()
    assert "The absence is over" in page
    assert "One that is over" in page
    assert deng.get(f"/desk/cases/{case.reference}/").status_code == 404


def test_a_deputy_for_each_role(cast: Cast, sign_in: Browser) -> None:
    Membership.objects.create(person=cast.chen, policy="customer-complaints", role="agent")
    chen = sign_in("chen")
    page = chen.get("/desk/absences/").content.decode()
    assert page.count("Only as ") == 2
    both = entered(chen, cast.deng, role_0=cast.sun.pk)
    assert both.status_code == 422
    assert set(both.context["form"].errors) == {"deputy"}
    assert entered(chen, None, role_0=cast.sun.pk, role_1=cast.deng.pk).status_code == 200
    assert sorted(Deputy.objects.values_list("role", "person__username")) == [("agent", "sun"), ("contact", "deng")]


def test_whoever_manages_enters_it_for_others_and_nobody_else(cast: Cast, sign_in: Browser) -> None:
    chen = str(cast.chen.pk)
    for who in ("deng", "ai"):
        assert sign_in(who).get("/desk/absences/", {"for": chen}).status_code == 403
        assert entered(sign_in(who), cast.lin, **{"for": chen}).status_code == 403
    Membership.objects.create(person=cast.nobody, role=ADMINISTRATOR)
    for who, days in (("mo", {}), ("nobody", {"first_day": "2026-04-01", "last_day": "2026-04-01"})):
        client = sign_in(who)
        assert "Chen is going to be away" in client.get("/desk/absences/", {"for": chen}).content.decode()
        page = entered(client, cast.deng, **{"for": chen, **days}).content.decode()
        assert "Entered by" in page
    first, second = Absence.objects.filter(person=cast.chen).order_by("pk")
    assert first.entered_by == cast.mo
    assert sign_in("mo").get("/desk/absences/", {"for": "9" * 30}).status_code == 404
    assert "Chen" in sign_in("ai").get("/desk/absences/").content.decode()
    assert "Chen" not in sign_in("sun").get("/desk/absences/").content.decode().split("<aside")[0]
    assert sign_in("sun").post(f"/desk/absences/{second.pk}/end/").status_code == 403
    page = sign_in("mo").post(f"/desk/absences/{second.pk}/end/", follow=True).content.decode()
    assert Absence.objects.get(pk=second.pk).ended_by == cast.mo
    assert sign_in("mo").post("/desk/absences/999/end/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"last_day": "2026-03-02"}, "last_day"),
        ({"first_day": "2026-02-01", "last_day": "2026-02-02"}, "last_day"),
        ({"last_day": "2028-03-02"}, "last_day"),
        ({"last_day": "soon"}, "last_day"),
        ({"deputy": ""}, "deputy"),
        ({"deputy": "0"}, "deputy"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_cannot_be_is_said_at_its_field(
    cast: Cast, sign_in: Browser, wrong: dict[str, str], field: str, language: str
) -> None:
    given = {**DAYS, "deputy": str(cast.deng.pk), **wrong}
    answer = sign_in("chen").post("/desk/absences/", given, headers={"accept-language": language})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert not Absence.objects.exists()


def test_who_holds_no_role_under_a_policy_has_nothing_to_lend(cast: Cast, sign_in: Browser) -> None:
    page = sign_in("nobody").get("/desk/absences/").content.decode()
    assert "There is no role under a policy" in page


def test_a_deputy_who_goes_away_too_is_warned_of(cast: Cast, sign_in: Browser) -> None:
    entered(sign_in("chen"), cast.deng)
    entered(sign_in("deng"), cast.sun, first_day="2026-03-05")
    assert "Deng cannot stand in all the time" in sign_in("mo").get("/desk/absences/").content.decode()


def test_a_deputy_takes_in_what_the_absent_would_and_sees_their_lists(cast: Cast, sign_in: Browser) -> None:
    deputy = sign_in("nobody")
    assert deputy.get("/desk/record/").status_code == 403
    entered(sign_in("lin"), cast.nobody)
    call = {"policy": "customer-complaints", "channel": "hotline", "language": "zh", "subject": "漏水", "name": "李"}
    assert deputy.post("/desk/record/", call).status_code == 302
    event = Event.objects.get(act="receive")
    assert (event.actor, event.data["on_behalf_of"]) == (cast.nobody.key, cast.lin.key)
    for page in ("register", "board", "inbox", "notices", "overview", "compliance"):
        assert deputy.get(reverse(f"desk_{page}")).status_code == 200, page
    assert "漏水" in deputy.get(reverse("desk_register")).content.decode()
    assert "漏水" in deputy.get(reverse("desk_register"), {"q": "漏水"}).content.decode()
