"""Every document of every policy: it goes to whom the policy says, and no one else reads a word of it."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.test import Client

from carried import carry
from ombud.cases import outbox
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.commands import perform
from ombud.cases.fold import folded
from ombud.cases.models import Case
from ombud.channels.intake import receive
from ombud.correspondence import letter_drafts, wording
from ombud.correspondence.models import LetterVersion, Message
from ombud.engine.model import Actor, Event
from ombud.engine.notifications import act_notifications
from ombud.notices import reading
from ombud.notices.models import Letter
from ombud.organisation.models import Person
from ombud.organisation.publishing import publish
from ombud.organisation.staff import Roster
from ombud.policy import load
from ombud.policy.event_names import EventName
from ombud.policy.loader import shipped
from ombud.policy.model.pack import Pack
from ombud.policy.outsiders import address_act, addressed
from ombud.policy.vocabulary import COMPLAINANT, RECEIVE
from ombud.portal.pages import COOKIE
from shipped_packs import pack_of

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
OWN = "abdullah@home.example"
OUTSIDERS = "outsiders"  # beside the shipped ones one that writes to a partner too


def pack_named(policy: str) -> Pack:
    return load(str(Path(__file__).parent / OUTSIDERS)) if policy == OUTSIDERS else pack_of(policy)


def address(role: str) -> dict[str, str]:
    """Return what a case is told of a role outside, in words that stand nowhere else."""
    fields = {"name": f"Seal-{role}-office", "email": f"{role}@seal.example", "reference": f"Seal-{role}-77"}
    return {f"{role}_{part}": value for part, value in fields.items()}


def file(pack: Pack, language: str) -> Case:
    """Return a case that its complainant filed, in which every role outside has an address."""
    act = pack.main.acts[RECEIVE]
    known = {"subject": "Kettle", "country": "DE", "email": OWN}
    data = {name: value for name, value in known.items() if name in (*act.needs, *act.may)}
    channel = next(each.id for each in pack.channels.values() if each.is_portal)
    case = receive(pack.id, channel=channel, language=language, data=data, at=START, now=START).case
    for role in addressed(pack):
        name, by = address_act(role), pack.main.acts[address_act(role)].by[0]
        perform(case, name, actor=Actor(person="p1", role=by), at=START, now=START, data=address(role))
    return Case.objects.get(pk=case.pk)


def ask_for_all(pack: Pack, case: Case) -> None:
    """Ask for every document of the policy, as the act or outcome does that produces it."""
    state, tells = folded(case), []
    for document in pack.documents.values():
        produced = EventName.of(document.after[0])
        choice = pack.main.acts[produced.head].choice
        event = Event(
            seq=case.seq + 1,
            act=produced.head,
            occurred=int(START.timestamp()),
            recorded=int(START.timestamp()),
            data={choice: produced.tail} if choice else {},
        )
        tells += [each for each in act_notifications(state, event, (), None) if each.document == document.id]
    assert {each.document for each in tells} == set(pack.documents)
    rows = outbox.rows(case, tells, state, Roster(pack.id), actors={}, now=START)
    for number, row in enumerate(rows):
        row.dedupe = f"all/{number}"
        row.save()


def send_drafts(case: Case) -> None:
    """Send what stands as a draft, as if whoever has to had approved it."""
    LetterVersion.objects.update(is_approved=True)
    sender = Person.objects.create(username="sender", name="Sender")
    for message in Message.objects.filter(case=case, state=Message.State.DRAFTED):
        letter_drafts.send(message, seen=1, by=sender, now=START + timedelta(hours=1))


def page(case: Case, language: str) -> str:
    """Return the complainant's page in a language."""
    grant, client = grant_of(case), Client(headers={"accept-language": language})
    client.cookies[COOKIE + grant.reference] = grant.token
    with time_machine.travel(START + timedelta(minutes=5), tick=False):
        answer = client.get(f"/track/{case.reference}/")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("policy", [*shipped(), OUTSIDERS])
def test_every_document_reaches_whom_it_is_for_and_nobody_else_reads_of_it(policy: str, language: str) -> None:
    pack = pack_named(policy)
    publish(pack, now=datetime(2026, 1, 1, tzinfo=UTC))
    case = file(pack, language)
    ask_for_all(pack, case)
    carry(now=START + timedelta(minutes=1))
    send_drafts(case)
    carry(now=START + timedelta(hours=2))  # what an address is spared within the hour
    pages = [page(case, "en"), page(case, "zh-hans")]
    titles = {line.document: line.title for line in reading.letters_of(access_case(grant_of(case), case.reference))}
    own = [f"{message.subject}\n{message.body}" for message in mail.outbox if message.to == [OWN]]
    for document in pack.documents.values():
        letter = Letter.objects.filter(case=case, document=document.id).latest("pk")
        assert letter.is_to_complainant == (document.to == COMPLAINANT)
        receivers = [
            wording.part(message, wording.ADDRESS) for message in Message.objects.filter(letter__document=document.id)
        ]
        if document.to == COMPLAINANT:
            assert set(receivers) == {OWN}
            assert all(titles[document.id] in shown for shown in pages)
        else:
            assert receivers == [f"{document.to}@seal.example"], document.id
            assert document.id not in titles
    others = [message for message in mail.outbox if message.to != [OWN]]
    assert len(others) == sum(document.to != COMPLAINANT for document in pack.documents.values())
    subjects = [message.subject.partition("] ")[2] for message in others]
    for secret in ("seal.example", "Seal-", *subjects):
        assert not [text for text in (*pages, *own) if secret in text], secret
