"""Writing to an authority or a partner about a case: to the case's own address, nothing to the complainant."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from carried import carry
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.models import Case, Event
from ombud.channels.sorting import Clues, sort
from ombud.correspondence import conversation, taking_in
from ombud.correspondence.models import Account, Message
from ombud.correspondence.taking_in import Incoming
from overseas import Overseas, make_overseas

pytestmark = pytest.mark.django_db
SAID = {"m-subject": "Your question", "m-text": "The logs are enclosed.", "m-language": "en"}
AUTHORITY = {"regulator_name": "Fire Service", "regulator_email": "f@fire.example", "regulator_reference": "F 12"}


@pytest.fixture
def people(media: Path, settings: Any) -> Overseas:
    settings.OMBUD_UNDO_SECONDS = 0
    return make_overseas()


@pytest.fixture
def anna(people: Overseas) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(people.anna)
    return client


@pytest.fixture
def case(anna: Client) -> Case:
    data = {"policy": "overseas-customers", "channel": "regulator", "language": "en", "key": "k" * 20}
    typed = {"subject": "Late campaign", "country": "DE", "name": "Ms Wolf", "email": "wolf@example.org", **AUTHORITY}
    answer = anna.post("/desk/record/", {**data, **typed})
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.get()


def write(client: Client, case: Case, **more: Any) -> Any:
    return client.post(f"/desk/cases/{case.reference}/write/", {**SAID, "to": "regulator", **more})


def theirs(case: Case) -> list[str]:
    """Return what the complainant reads on their page."""
    accessed = access_case(grant_of(case), case.reference)
    return [said.text for said in conversation.of(accessed, now=timezone.now()).rows]


def test_a_message_to_an_authority_goes_to_the_address_of_the_case_and_not_to_the_complainant(
    anna: Client, case: Case
) -> None:
    form = anna.get(f"/desk/cases/{case.reference}/write/?to=regulator").content.decode()
    assert "Fire Service · f@fire.example" in form
    assert "The complainant sees nothing of it" in form
    assert write(anna, case).status_code == 302
    carry(now=timezone.now())
    (sent,) = [each for each in mail.outbox if "Your question" in each.subject]
    assert (sent.to, sent.cc, sent.bcc) == (["f@fire.example"], [], [])
    message = Message.objects.get(to="regulator", is_out=True)
    assert message.state == Message.State.HANDED_OVER
    assert "The logs are enclosed." not in theirs(case)
    conversation.read_by_complainant(access_case(grant_of(case), case.reference), now=timezone.now())
    message.refresh_from_db()
    assert message.state == Message.State.HANDED_OVER, "nobody read it on the complainant's page"
    page = anna.get(f"/desk/cases/{case.reference}/").content.decode()
    assert "The logs are enclosed." in page
    assert '<span class="pill pill-plain">Regulator</span>' in page


def test_the_act_that_speaks_to_the_authority_is_offered_there_and_no_other(anna: Client, case: Case) -> None:
    path = f"/desk/cases/{case.reference}/write/"
    assert 'value="contact_regulator"' in anna.get(f"{path}?to=regulator").content.decode()
    assert 'value="contact_regulator"' not in anna.get(path).content.decode()
    assert write(anna, case, act="contact_regulator", seen=case.seq).status_code == 302
    event = Event.objects.get(case=case, act="contact_regulator")
    assert "The logs are enclosed." not in theirs(case)
    message = Message.objects.get(to="regulator", is_out=True)
    assert (message.act, message.seq) == ("contact_regulator", event.seq)


def test_what_the_authority_answers_is_the_cases_and_not_the_complainants_to_read(anna: Client, case: Case) -> None:
    write(anna, case)
    carry(now=timezone.now())
    account = Account.objects.get(sends=True)
    come = Incoming(
        way=Message.Way.MAIL, external_id="1", arrived_at=timezone.now(), address="F@fire.example", text="Thank you."
    )
    row = taking_in.take_in(account, come, now=timezone.now())
    assert row is not None
    assert sort(row, Clues(reference=case.reference), now=timezone.now()) == Message.State.ATTACHED
    assert "Thank you." in anna.get(f"/desk/cases/{case.reference}/").content.decode()
    assert "Thank you." not in theirs(case)


def test_somebody_whom_the_case_does_not_name_gets_nothing(anna: Client, case: Case) -> None:
    for role in ("partner", "management", "x" * 300):
        write(anna, case, to=role)
    assert not Message.objects.exclude(to="complainant").filter(is_out=True).exists()
    Message.objects.filter(is_out=True, letter=None).delete()
    # A minute later: within one second nobody can tell which of two addresses is the newer.
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        anna.post(
            f"/desk/cases/{case.reference}/acts/address_regulator/",
            {"regulator_name": "Water Board", "regulator_address": "Wall 1", "seen": case.seq},
        )
        answer = write(anna, Case.objects.get())
    assert answer.status_code == 422
    assert "No e-mail address is known there." in answer.content.decode()
