"""What stands in the way of an act: said before it is sent, at the field, and with who can do something about it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cast import COMPLAINANT
from ombud.cases.commands import perform
from ombud.cases.models import Case
from ombud.channels.intake import receive
from ombud.notices.models import Notice
from overseas import POLICY, Overseas, make_overseas

pytestmark = pytest.mark.django_db

SAID = {
    "country": "DE", "customer_kind": "end_customer", "name": "Atelier Kern", "email": "kern@example.com",
    "subject": "The film was taken down", "object": "Autumn campaign", "occurred_on": "2026-03-01T10:00+08:00",
    "narrative": "Its music has no licence.", "demand": "A licensed version", "loss": "400 EUR",
}  # fmt: skip
GRADES = {"category": "contract", "relation": "strong", "impact": "small", "routine": False, "regulator_risk": False}
IMPORTANT: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("anna", "acknowledge", {"message": "We have it.", "message_language": "en"}),
    ("anna", "register", GRADES),
    ("anna", "first_check", {"check_notes": "-", "cross_region": False}),
    ("zhao", "route", {}),
)
FOUND = {"finding": "substantiated", "finding_notes": "-", "root_cause": "-"}


@pytest.fixture
def abroad() -> Overseas:
    return make_overseas()


def act(case: Case, abroad: Overseas, who: str, act: str, data: dict[str, Any]) -> None:
    now = timezone.now()
    perform(Case.objects.get(pk=case.pk), act, actor=abroad.actor(who), at=now, now=now, data=data)


@pytest.fixture
def case(abroad: Overseas) -> Case:
    """An important complaint of Berlin that is to be investigated."""
    now = timezone.now()
    case = receive(POLICY, channel="web", language="en", data=SAID, actor=COMPLAINANT, at=now, now=now).case
    for who, name, data in IMPORTANT:
        act(case, abroad, who, name, data)
    return case


def desk(client: Client, abroad: Overseas, who: str) -> Client:
    client.force_login(abroad.people[who])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_a_refusal_names_who_can_lift_it_and_reminds_them_once_a_day(client: Client, abroad: Overseas, case: Case):
    page = desk(client, abroad, "anna").get(f"/desk/cases/{case.reference}/?act=investigate").content.decode()
    assert "An important complaint needs its task group first." in page
    assert "Form the region&#x27;s task group" in page
    assert "Hans" in page
    address = f"/desk/cases/{case.reference}/remind/form_group/"
    assert address in page

    for _time in range(2):
        assert client.post(address).status_code == 302

    (notice,) = Notice.objects.filter(kind=Notice.Kind.REMINDER)
    assert (notice.person, notice.asked_by, notice.act) == (abroad.people["hans"], abroad.people["anna"], "form_group")


def test_who_can_lift_a_refusal_themselves_is_led_to_the_act(client: Client, abroad: Overseas, case: Case):
    page = desk(client, abroad, "hans").get(f"/desk/cases/{case.reference}/").content.decode()
    assert "remind/form_group" not in page
    assert "?act=form_group" in page


def test_nobody_reminds_of_an_act_that_there_is_not_nor_on_a_case_that_is_not_theirs(
    client: Client, abroad: Overseas, case: Case
):
    assert desk(client, abroad, "anna").post(f"/desk/cases/{case.reference}/remind/fly/").status_code == 404
    assert desk(client, abroad, "nobody").post(f"/desk/cases/{case.reference}/remind/form_group/").status_code == 404
    assert not Notice.objects.filter(kind=Notice.Kind.REMINDER).exists()


def test_a_field_that_this_case_needs_is_required_before_it_is_sent(client: Client, abroad: Overseas, case: Case):
    act(case, abroad, "hans", "form_group", {"task_group": [abroad.anna.key]})
    act(case, abroad, "anna", "investigate", FOUND)
    reader = desk(client, abroad, "anna")

    page = reader.get(f"/desk/cases/{case.reference}/?act=propose").content.decode()
    field = page[page.index('id="id_resources_field"') :]
    assert "optional" not in field[: field.index("</label>")]

    sent = {"measures": "A licensed version", "time_limit": "2026-12-31", "responsible": "Tao", "seen": ""}
    answer = reader.post(f"/desk/cases/{case.reference}/acts/propose/", sent, headers={"HX-Request": "true"})
    form = answer.content.decode()
    assert answer.status_code == 422
    assert answer["HX-Reswap"] == "outerHTML show:none"
    assert form.count("autofocus") == 1
    assert "autofocus" in form[form.index('id="id_resources_field"') :][:700]
