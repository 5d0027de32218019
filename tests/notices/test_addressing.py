"""Whom a letter to somebody outside goes to: the address of the case, else who holds the role, else visibly nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client

from carried import carry
from cast import COMPLAINANT, Cast, make_cast
from notices.test_outsiders import POLICY, STAFF, START, after, do, page, stand_for, told
from ombud.cases.access.case_access import access_case
from ombud.cases.errors import Refused
from ombud.cases.models import Case, Event
from ombud.channels.intake import receive
from ombud.notices import reading
from ombud.notices.models import Letter
from ombud.organisation.publishing import publish
from ombud.policy import load

pytestmark = pytest.mark.django_db
OSHA = {"regulator_name": "Labour Ministry", "regulator_email": "desk7@labour.example"}


@pytest.fixture
def cast(db: None) -> Cast:
    publish(load(str(Path(__file__).parent / POLICY)), now=datetime(2026, 1, 1, tzinfo=UTC))
    return make_cast(POLICY, STAFF)


@pytest.fixture
def case(cast: Cast) -> Case:
    data = {"subject": "Kettle", "email": "abdullah@example.org"}
    found = receive(POLICY, channel="web", language="en", data=data, actor=COMPLAINANT, at=START, now=START).case
    carry(now=START)
    mail.outbox.clear()
    return found


def report(case: Case, cast: Cast, *, minutes: int = 10) -> list[list[str]]:
    """Report to the ministry, carry it, and return whom the mails of that went to."""
    do(case, "report_case", cast, now=after(minutes=minutes), report="fumes")
    carry(now=after(minutes=minutes + 1))
    return [message.to for message in mail.outbox]


def test_the_address_of_the_case_goes_before_whoever_holds_the_role(cast: Cast, case: Case) -> None:
    stand_for("regulator", "ministry")
    do(case, "address_regulator", cast, now=after(minutes=5), **OSHA)
    assert report(case, cast) == [["desk7@labour.example"]]


def test_each_role_outside_has_its_own_address(cast: Cast, case: Case) -> None:
    do(case, "address_regulator", cast, now=after(minutes=5), **OSHA)
    partner = {"partner_name": "Kettle Works", "partner_email": "claims@kettle.example"}
    do(case, "address_partner", cast, now=after(minutes=6), **partner)
    do(case, "ask_partner", cast, now=after(minutes=7))
    assert report(case, cast) == [["claims@kettle.example"], ["desk7@labour.example"]]


def test_a_letter_that_found_nobody_goes_out_as_soon_as_the_case_has_an_address(cast: Cast, case: Case) -> None:
    assert report(case, cast) == []
    assert ("undelivered", "report_case") in told("lin")
    do(case, "address_regulator", cast, now=after(minutes=20), **OSHA)
    carry(now=after(minutes=20))
    assert [message.to for message in mail.outbox] == [["desk7@labour.example"]]
    assert Letter.objects.get(document="to_ministry").sent_at == after(minutes=20)


def test_an_authority_without_an_e_mail_is_not_answered_at_anothers(cast: Cast, case: Case) -> None:
    stand_for("regulator", "ministry")
    do(case, "address_regulator", cast, now=after(minutes=4), **OSHA)
    do(case, "address_regulator", cast, now=after(minutes=5), regulator_name="Fire Service")
    assert report(case, cast) == []
    (line,) = [
        each for each in reading.letters_of(access_case(cast.lin, case.reference)) if each.document == "to_ministry"
    ]
    assert line.is_undelivered


def test_a_letter_written_to_one_authority_does_not_go_to_the_next(cast: Cast, case: Case) -> None:
    do(case, "address_regulator", cast, now=after(minutes=5), regulator_name="Fire Service")
    assert report(case, cast) == []
    do(case, "address_regulator", cast, now=after(minutes=20), **OSHA)
    carry(now=after(minutes=90))
    assert mail.outbox == []
    do(
        case,
        "address_regulator",
        cast,
        now=after(minutes=91),
        regulator_name="Fire Service",
        regulator_email="f@f.example",
    )
    carry(now=after(minutes=92))
    assert [message.to for message in mail.outbox] == [["f@f.example"]]


def test_the_address_is_sealed_in_its_event_and_the_complainant_sees_nothing_of_it(
    client: Client, cast: Cast, case: Case
) -> None:
    do(case, "address_regulator", cast, now=after(minutes=5), **OSHA, regulator_reference="LM-2026-77")
    stored = str(Event.objects.get(case=case, act="address_regulator").data)
    shown = page(client, case, now=after(minutes=6))
    for secret in ("Labour", "desk7", "LM-2026-77"):
        assert secret not in stored
        assert secret not in shown
    assert "Note the address" not in shown


def test_no_complainant_can_say_where_the_regulators_letters_go(cast: Cast) -> None:
    data = {"subject": "Kettle", "regulator_email": "me@home.example"}
    with pytest.raises(Refused) as refused:
        receive(POLICY, channel="web", language="en", data=data, actor=COMPLAINANT, at=START, now=START)
    assert [(each.code, each.field) for each in refused.value.refusals] == [("unknown-field", "regulator_email")]


def test_a_referral_is_recorded_with_its_authority_and_the_complainants_page_does_not_show_it(
    client: Client, cast: Cast
) -> None:
    data = {"subject": "Kettle", **OSHA, "regulator_reference": "LM-2026-77"}
    case = receive(POLICY, channel="web", language="en", data=data, actor=cast.actor("lin"), at=START, now=START).case
    assert report(case, cast) == [["desk7@labour.example"]]
    assert "Your number: LM-2026-77" in mail.outbox[0].body
    shown = page(client, case, now=after(minutes=12))
    assert "Kettle" in shown
    assert not [secret for secret in ("Labour", "desk7", "LM-2026-77") if secret in shown]


def test_what_was_said_of_the_authority_before_is_not_said_of_the_next(cast: Cast, case: Case) -> None:
    do(case, "address_regulator", cast, now=after(minutes=4), **OSHA, regulator_reference="LM-2026-77")
    fire = {"regulator_name": "Fire Service", "regulator_email": "f@f.example"}
    do(case, "address_regulator", cast, now=after(minutes=5), **fire)
    assert report(case, cast) == [["f@f.example"]]
    assert "LM-2026-77" not in mail.outbox[0].body


@pytest.mark.parametrize(("agreed", "written"), [("fully", 1), ("no", 0)])
def test_a_letter_that_hangs_on_an_outcome_is_written_where_it_came_to_that(
    cast: Cast, case: Case, agreed: str, written: int
) -> None:
    do(case, "address_regulator", cast, now=after(minutes=5), **OSHA)
    do(case, "settle", cast, now=after(minutes=10), agreed=agreed)
    carry(now=after(minutes=11))
    assert [message.to for message in mail.outbox] == [["desk7@labour.example"]] * written
