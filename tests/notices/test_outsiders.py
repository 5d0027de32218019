"""Who is outside and not the complainant: a regulator or partner is told and written to themselves, nobody else is."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import translation

from carried import carry
from cast import COMPLAINANT, Cast, make_cast
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.commands import pass_time, perform
from ombud.cases.keeping.persons import as_theirs
from ombud.cases.models import Case, Outbox
from ombud.cases.reading import queries
from ombud.channels.intake import receive
from ombud.notices import reading
from ombud.notices.models import Letter, Notice
from ombud.organisation.models import Membership, Office, Person
from ombud.organisation.publishing import publish
from ombud.papers.case_file_contents import contents
from ombud.policy import load
from ombud.portal.pages import COOKIE

pytestmark = pytest.mark.django_db
POLICY = "outsiders"
START = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
STAFF = {"lin": ("agent", None), "wei": ("lead", None)}


@pytest.fixture
def cast(db: None) -> Cast:
    publish(load(str(Path(__file__).parent / POLICY)), now=datetime(2026, 1, 1, tzinfo=UTC))
    return make_cast(POLICY, STAFF)


@pytest.fixture
def case(cast: Cast) -> Case:
    data = {"subject": "Kettle", "email": "abdullah@example.org"}
    return receive(
        POLICY, channel="web", language="en", data=data, actor=COMPLAINANT, at=START, now=START, office="north"
    ).case


def after(**span: float) -> datetime:
    return START + timedelta(**span)


def do(case: Case, act: str, cast: Cast, *, now: datetime, **data: str) -> None:
    perform(Case.objects.get(pk=case.pk), act, actor=cast.actor("lin"), at=now, now=now, data=data)


def stand_for(role: str, name: str, *, office: str | None = None) -> Person:
    """Let somebody with an address stand for an outside role."""
    person = Person.objects.create(username=name, name=name.title(), email=f"{name}@gov.example")
    row = Office.objects.get(key=office) if office else None
    Membership.objects.create(person=person, policy=POLICY, role=role, office=row)
    return person


def told(name: str) -> set[tuple[str, str]]:
    return set(Notice.objects.filter(person__username=name).values_list("kind", "act"))


def page(client: Client, case: Case, *, now: datetime) -> str:
    """Return the complainant's page."""
    with time_machine.travel(now, tick=False):
        grant = grant_of(Case.objects.get(pk=case.pk))
        client.cookies[COOKIE + grant.reference] = grant.token
        return client.get(f"/track/{case.reference}/", headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize(
    ("act", "data", "role", "secret"),
    [
        ("report_case", {"report": "fumes"}, "regulator", "CONFIDENTIAL TO THE MINISTRY fumes"),
        ("ask_partner", {}, "partner", "FOR THE PARTNER Kettle"),
    ],
)
def test_a_letter_to_a_regulator_or_partner_goes_to_them_and_never_to_the_complainant(
    client: Client, cast: Cast, case: Case, act: str, data: dict[str, str], role: str, secret: str
) -> None:
    stand_for(role, "ministry")
    carry(now=after(minutes=1))
    mail.outbox.clear()
    do(case, act, cast, now=after(minutes=10), **data)
    carry(now=after(minutes=11))
    assert [(message.to, secret in message.body) for message in mail.outbox] == [(["ministry@gov.example"], True)]
    letter = Letter.objects.get(case=case, document__in=["to_ministry", "to_partner"])
    assert (letter.is_to_complainant, letter.sent_at) == (False, after(minutes=11))
    assert secret not in page(client, case, now=after(minutes=12))


def test_the_complainants_page_shows_nothing_of_what_is_told_written_or_owed_to_others(
    client: Client, cast: Cast, case: Case
) -> None:
    do(case, "call_ministry", cast, now=after(minutes=5), report="vapour")
    do(case, "report_case", cast, now=after(minutes=10), report="fumes")
    do(case, "ask_partner", cast, now=after(minutes=15))
    do(case, "request", cast, now=after(minutes=20), request="dossier")
    carry(now=after(minutes=21))
    shown = page(client, case, now=after(minutes=22))
    for secret in ("ministry", "artner", "Report", "fumes", "vapour", "dossier", "CONFIDENTIAL"):
        assert secret not in shown, secret
    assert "Answer within five days" in shown
    assert "Your complaint" in shown


def test_the_package_of_a_person_holds_nothing_told_written_or_owed_to_others(cast: Cast, case: Case) -> None:
    do(case, "call_ministry", cast, now=after(minutes=5), report="vapour")
    do(case, "report_case", cast, now=after(minutes=10), report="fumes")
    do(case, "ask_partner", cast, now=after(minutes=15))
    do(case, "request", cast, now=after(minutes=20), request="dossier")
    carry(now=after(minutes=21))
    with translation.override("en"):
        paper = contents(as_theirs(Case.objects.get(pk=case.pk)), now=after(minutes=22))
    held = json.dumps(dataclasses.asdict(paper), default=str)
    for secret in ("ministry", "artner", "Report", "fumes", "vapour", "dossier", "CONFIDENTIAL"):
        assert secret not in held, secret
    assert "Kettle" in held


def test_a_warning_to_a_partner_is_the_partners_and_a_breach_told_to_the_complainant_is_theirs(
    client: Client, cast: Cast, case: Case
) -> None:
    stand_for("partner", "supplier")
    do(case, "ask_partner", cast, now=after(minutes=15))
    pass_time(case.pk, now=after(days=9))
    carry(now=after(days=9))
    assert ("warning", "") in told("supplier")
    with translation.override("en"):
        own = reading.notices_for_complainant(access_case(grant_of(case), case.reference))
    assert [line.words for line in own] == ["Overdue: Answer within five days"]


def test_a_letter_that_nobody_can_be_given_stays_undelivered_and_the_service_department_hears(
    cast: Cast, case: Case
) -> None:
    do(case, "report_case", cast, now=after(minutes=10), report="fumes")
    carry(now=after(minutes=11))
    (line,) = [
        each for each in reading.letters_of(access_case(cast.lin, case.reference)) if each.document == "to_ministry"
    ]
    assert (line.is_undelivered, line.sent_at, line.to["en"]) == (True, None, "Ministry")
    assert ("undelivered", "report_case") in told("lin") & told("wei")
    assert [message.to for message in mail.outbox] == [["abdullah@example.org"]]


def test_what_was_undelivered_goes_out_once_somebody_can_be_addressed(cast: Cast, case: Case) -> None:
    do(case, "report_case", cast, now=after(minutes=10), report="fumes")
    for hours in range(1, 30):  # much longer than a mail server is tried for
        carry(now=after(hours=hours))
    assert Notice.objects.filter(kind="undelivered", person=cast.lin).count() == 2  # the word and the letter, once each
    stand_for("regulator", "ministry")
    carry(now=after(hours=31))
    assert [message.to for message in mail.outbox][1:] == [["ministry@gov.example"]]
    assert Letter.objects.get(document="to_ministry").sent_at == after(hours=31)
    assert not Outbox.objects.filter(done_at=None).exists()


def test_an_act_that_itself_speaks_to_somebody_outside_needs_no_address(cast: Cast, case: Case) -> None:
    do(case, "call_ministry", cast, now=after(minutes=10), report="fumes")
    carry(now=after(minutes=11))
    assert not Notice.objects.filter(kind="undelivered").exists()


def test_a_regulator_of_one_office_gets_nothing_of_anothers_cases(cast: Cast, case: Case) -> None:
    stand_for("regulator", "northern", office="north")
    stand_for("regulator", "southern", office="south")
    do(case, "report_case", cast, now=after(minutes=10), report="fumes")
    carry(now=after(minutes=11))
    assert [message.to for message in mail.outbox][1:] == [["northern@gov.example"]]


def test_whoever_stands_for_an_outside_role_sees_no_case(client: Client, cast: Cast, case: Case) -> None:
    outside = stand_for("regulator", "ministry")
    department = Membership.objects.create(person=outside, policy=POLICY, role="partner")
    department.department_id = cast.lin.memberships.get().department_id
    department.save()
    client.force_login(outside)
    assert client.get(f"/desk/cases/{case.reference}/").status_code == 404


def test_a_letter_to_a_complainant_without_an_address_is_not_called_sent(cast: Cast) -> None:
    data = {"subject": "Kettle"}
    received = receive(POLICY, channel="web", language="en", data=data, actor=COMPLAINANT, at=START, now=START)
    carry(now=after(minutes=1))
    assert Letter.objects.get(case=received.case).sent_at is None
    found = access_case(grant_of(received.case), received.case.reference)
    assert [line.is_undelivered for line in reading.letters_of(found)] == [False]  # it stands on their page


def test_what_an_earlier_release_kept_as_the_complainants_is_not_shown_to_them(cast: Cast, case: Case) -> None:
    do(case, "call_ministry", cast, now=after(minutes=5), report="vapour")
    stand_for("regulator", "ministry")
    do(case, "report_case", cast, now=after(minutes=10), report="fumes")
    carry(now=after(minutes=11))
    Letter.objects.update(is_to_complainant=True)
    Notice.objects.update(person=None)
    found = access_case(grant_of(case), case.reference)
    assert [line.document for line in reading.letters_of(found)] == ["to_complainant"]
    assert reading.notices_for_complainant(found) == ()
    assert all(line.duty.duty == "answer" for line in queries.duties(found, now=after(minutes=12)))


def test_the_people_page_shows_who_stands_for_an_outside_role_and_where_nobody_does(client: Client, cast: Cast) -> None:
    stand_for("regulator", "ministry")
    client.force_login(cast.mo)
    shown = client.get("/desk/people/").content.decode()
    rows = {row.partition("</th>")[0].rpartition(">")[2]: row for row in shown.split("<tr>")}
    assert {"主管部门", "合作方"} <= rows.keys()
    assert "投诉人" not in rows
    assert "<bdi>Ministry</bdi></a>" in rows["主管部门"]
    assert "pill-warn" in rows["合作方"]
