"""Links of partners: signed, for one office, until a day or revoked; the complaint carries the partner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from ombud.cases.models import Case, Duty
from ombud.channels import partners
from ombud.correspondence.models import PartnerLink
from ombud.organisation import address_book
from ombud.organisation.models import Office, Outsider
from overseas import POLICY, Overseas, make_overseas

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)  # Wednesday, 10:00 in Berlin
STEPS = (
    {"country": "DE", "customer_kind": "end_customer", "name": "Karl Müller", "email": "karl@example.org"},
    {"subject": "Gerät defekt", "narrative": "Es geht nicht."},
    {"demand": "Umtausch"},
)


@pytest.fixture
def clock() -> object:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def people(clock: object) -> Overseas:
    return make_overseas()


@pytest.fixture
def dealer(people: Overseas) -> Outsider:
    given = {"role": "partner", "names": {"zh": "柏林经销商", "en": "Berlin Dealer"}}
    return address_book.keep(None, given, by=people.mo, now=timezone.now())


def desk_of(people: Overseas, who: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(people.people[who])
    return client


def make_link(people: Overseas, dealer: Outsider, **more: str) -> PartnerLink:
    office = Office.objects.get(key="europe")
    sent = {"partner": dealer.pk, "channel": f"{POLICY}/partner", "office": office.pk, **more}
    answer = desk_of(people, "zhao").post("/desk/partners/", sent)
    assert answer.status_code == 302, answer.content.decode()
    return PartnerLink.objects.get()


def here_of(link: PartnerLink) -> str:
    return f"/at/{link.pk}/{partners.mark_of(link)}/"


def test_who_follows_the_link_complains_through_the_partner_and_the_duties_begin(
    people: Overseas, dealer: Outsider
) -> None:
    """Overseas 2, 14: through a partner's point, to the office whose link it is."""
    link = make_link(people, dealer)
    poster = desk_of(people, "zhao").get(f"/desk/partners/{link.pk}/").content.decode()
    assert "<svg" in poster
    assert partners.address_of(link).endswith(here_of(link))
    assert here_of(link) in poster
    customer = Client(headers={"accept-language": "en"})
    assert "Berlin Dealer" in customer.get(here_of(link)).content.decode()
    first = customer.post(here_of(link))["Location"]
    here = first.removesuffix("1/")
    for number, step in enumerate(STEPS, 1):
        answer = customer.post(f"{here}{number}/", step)
        assert answer.status_code == 302, answer.content.decode()
    page = customer.get(f"{here}check/")
    answer = customer.post(f"{here}send/", {"digest": page.context["draft"].digest})
    assert answer.status_code == 302, answer.content.decode()
    case = Case.objects.get()
    assert (case.channel, case.office.key, case.received_at) == ("partner", "europe", NOW)
    assert link.complaints.get().case == case
    due = {each.duty: each.due_at for each in Duty.objects.filter(case=case, status="open")}
    assert due
    assert all(each is None or each > NOW for each in due.values())
    assert "Berlin Dealer" in desk_of(people, "anna").get(f"/desk/cases/{case.reference}/").content.decode()
    assert "Berlin Dealer" in desk_of(people, "zhao").get("/desk/partners/").content.decode()


def test_a_revoked_link_and_one_that_is_over_begin_nothing(
    people: Overseas, dealer: Outsider, clock: time_machine.Traveller
) -> None:
    link = make_link(people, dealer, ends_on="2026-03-05")
    customer = Client(headers={"accept-language": "en"})
    clock.shift(timedelta(days=1))
    assert customer.get(here_of(link)).status_code == 200
    clock.shift(timedelta(days=1))
    assert customer.get(here_of(link)).status_code == 410
    assert customer.post(here_of(link)).status_code == 410
    PartnerLink.objects.update(ends_on=None)
    assert customer.get(here_of(link)).status_code == 200
    desk_of(people, "zhao").post(f"/desk/partners/{link.pk}/revoke/")
    assert "This link holds no longer" in customer.get(here_of(link)).content.decode()
    link.refresh_from_db()
    assert (link.revoked_by, link.revoked_at) == (people.zhao, timezone.now())


def test_a_mark_that_nobody_signed_opens_nothing(people: Overseas, dealer: Outsider) -> None:
    link = make_link(people, dealer)
    for address in (f"/at/{link.pk}/{'0' * 20}/", f"/at/{link.pk + 1}/{partners.mark_of(link)}/"):
        assert Client().get(address).status_code == 404


def test_what_is_wrong_is_said_and_only_who_keeps_the_book_makes_links(people: Overseas, dealer: Outsider) -> None:
    zhao = desk_of(people, "zhao")
    answer = zhao.post("/desk/partners/", {"partner": "0", "channel": "x", "ends_on": "2020-01-01"})
    assert answer.status_code == 422
    assert "This day is over." in answer.content.decode()
    assert desk_of(people, "lau").get("/desk/partners/").status_code == 403
    assert zhao.get("/desk/partners/99/").status_code == 404
