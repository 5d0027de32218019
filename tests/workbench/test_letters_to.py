"""Whom letters go to where somebody complains for another: the representative, unless staff choose the person."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client

from builders import GRADES, after, assert_refolds, do, make_case
from carried import carry
from cast import Cast
from ombud.cases.keeping.erasure import erase
from ombud.cases.models import Case, Event
from ombud.portal.pages import COOKIE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
SignIn = Callable[[str], Client]
SON, MOTHER = "son@example.org", "mother@example.org"


def for_another(**more: object) -> Case:
    said = {"name": "李娜", "email": SON, "representative": "李伟，儿子", **more}
    return make_case(**{name: value for name, value in said.items() if value}).case


def choose(client: Client, case: Case, **said: str) -> str:
    answer = client.post(f"/desk/cases/{case.reference}/letters-to/", said, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def told(case: Case, cast: Cast, minutes: int) -> list[str]:
    """Have something asked of the complainant, and return where the letter went."""
    mail.outbox.clear()
    do(case, "request_facts", cast, "lin", minutes=minutes, data={"message": "哪一只水壶？"})
    carry(now=after(minutes + 1))
    return [each.to[0] for each in mail.outbox if "哪一只水壶" in each.body]


def test_letters_go_to_the_representative_until_somebody_chooses_the_person(cast: Cast, sign_in: SignIn) -> None:
    case = for_another()
    do(case, "register", cast, "lin", minutes=5, data=GRADES)
    lin = sign_in("lin")
    assert "The representative, at the address on record" in lin.get(f"/desk/cases/{case.reference}/").content.decode()
    assert told(case, cast, 10) == [SON]
    page = choose(lin, case, to="person", email=MOTHER, reason="she asked for it by phone")
    assert "Letters go to the person from here on." in page
    assert "Letters go to the person for whom the complaint was made" in page
    assert page.count(MOTHER) >= 2
    assert "she asked for it" in page
    assert MOTHER not in str(Event.objects.get(case=case, act="letters_to").data)
    do(case, "supply_facts", cast, "lin", minutes=20, data={"reply": "大的"})
    assert told(case, cast, 30) == [MOTHER]
    (link,) = re.findall(r"/track/\S+/open/\?way=\S+", mail.outbox[-1].body)
    browser = Client()
    browser.post(link.partition("?")[0], {"way": link.partition("=")[2]})
    assert COOKIE + case.reference in browser.cookies
    choose(lin, case, to="representative")
    do(case, "supply_facts", cast, "lin", minutes=40, data={"reply": "小的"})
    assert told(case, cast, 50) == [SON]
    assert_refolds(Case.objects.get(pk=case.pk))


@pytest.mark.parametrize("address", ["", "mother", "a@example.org, b@example.org", "a@example.org\nBcc: x@example.org"])
def test_without_one_mail_address_nothing_is_chosen(cast: Cast, sign_in: SignIn, address: str) -> None:
    case = for_another()
    page = choose(sign_in("lin"), case, to="person", email=address)
    assert "message-error" in page
    assert not Event.objects.filter(act="letters_to").exists()


def test_where_nobody_complains_for_another_nothing_is_offered(cast: Cast, sign_in: SignIn) -> None:
    case = for_another(representative="")
    lin = sign_in("lin")
    assert "Whom letters go to" not in lin.get(f"/desk/cases/{case.reference}/").content.decode()
    assert lin.post(f"/desk/cases/{case.reference}/letters-to/", {"to": "person", "email": MOTHER}).status_code == 404


def test_only_who_works_on_the_case_chooses_and_the_complainant_reads_nothing_of_it(
    cast: Cast, sign_in: SignIn
) -> None:
    case = for_another()
    choose(sign_in("lin"), case, to="person", email=MOTHER)
    for who in ("ai", "nobody"):
        answer = sign_in(who).post(f"/desk/cases/{case.reference}/letters-to/", {"to": "representative"})
        assert answer.status_code in (403, 404)
    page = sign_in("ai").get(f"/desk/cases/{case.reference}/").content.decode()
    assert MOTHER not in page
    assert Event.objects.filter(act="letters_to").count() == 1


def test_after_an_erasure_nobody_is_written_to(cast: Cast, sign_in: SignIn) -> None:
    case = for_another()
    lin = sign_in("lin")
    choose(lin, case, to="person", email=MOTHER)
    case.refresh_from_db()
    erase(case.complainant, by=cast.mo, now=after(60))
    assert MOTHER not in lin.get(f"/desk/cases/{case.reference}/").content.decode()
    assert lin.post(f"/desk/cases/{case.reference}/letters-to/", {"to": "representative"}).status_code in (403, 404)
