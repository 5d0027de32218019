"""A policy's desk beside a real post office: what its people and complainants do in pages, and what lies outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from carried import carry
from cast import Cast
from notices.alerts.ways import make_way
from ombud.cases.access.case_access import grant_of
from ombud.cases.models import Case, Duty
from ombud.channels.mail import fetching, ingest, reading
from ombud.channels.mail.model import Mail
from ombud.clock.sweep import sweep
from ombud.correspondence.models import Account
from ombud.notices import opened
from ombud.notices.alerts import sending
from ombud.notices.alerts.models import Way
from ombud.organisation.models import Person
from ombud.portal.pages import COOKIE
from post_offices import PostOffice


@dataclass
class Walk:
    """One policy's people, their mailbox, and the clock that they live by."""

    office: PostOffice
    account: Account
    cast: Cast
    clock: time_machine.Traveller

    def at(self, moment: str) -> datetime:
        """Let it be this moment, such as 2026-03-03T20:00+08:00."""
        found = datetime.fromisoformat(moment)
        self.clock.move_to(found)
        return found

    def come_in(self, *mails: bytes) -> None:
        """Let mails arrive, and take them in."""
        self.office.put(*mails)
        self.account.refresh_from_db()
        fetching.fetch(self.account)
        ingest.sort_arrived(self.account, now=timezone.now())

    def outside(self, address: str) -> list[Mail]:
        """Send what waits, and return what arrived for an address outside, oldest first."""
        now = timezone.now()
        sweep(now=now)
        opened.tell_opened(now=now)
        carry(now=now)
        sending.send(now=now)
        for flight in list(sending._flights.values()):
            assert flight.is_over.wait(10)
        with self.office.box() as box:
            _, found = box.uid("SEARCH", "ALL")
            mails = [box.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1] for uid in found[0].split()]
        return [each for each in map(reading.read, mails) if address in each.recipients]

    def browser(self, who: str) -> Client:
        """Return a browser, reading English, of somebody of the staff."""
        client = Client(headers={"accept-language": "en"})
        client.force_login(self.cast.people[who])
        return client

    def complainant(self, case: Case) -> Client:
        """Return a browser, reading English, that follows a case."""
        client, grant = Client(headers={"accept-language": "en"}), grant_of(case)
        client.cookies[COOKIE + grant.reference] = grant.token
        return client

    def act(self, who: str, case: Case, act: str, **fields: Any) -> HttpResponse:
        """Perform an act on the case page."""
        case.refresh_from_db()
        where = f"/desk/cases/{case.reference}/acts/{act}/"
        answer = self.browser(who).post(where, {"seen": case.seq, **fields})
        assert answer.status_code == 302, answer.content.decode()
        return answer

    def page(self, who: str, case: Case) -> str:
        """Return the case page of somebody of the staff."""
        return self.browser(who).get(f"/desk/cases/{case.reference}/").content.decode()

    def duty(self, case: Case, duty: str) -> Duty:
        """Return the last instance of a duty."""
        found = Duty.objects.filter(case=case, duty=duty).order_by("instance").last()
        assert found is not None, duty
        return found


def asleep(person: Person) -> str:
    """Let somebody be told by mail, who wants to hear nothing at any hour that can wait; return the address."""
    address = f"{person.username}@home.example"
    make_way(person, Way.Kind.MAIL, address, quiet_from=time(0), quiet_until=time(23, 59))
    return address


Begin = Callable[[Callable[[], Cast], str], Walk]
