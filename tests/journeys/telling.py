"""One complaint lived through from outside: only pages are asked for and forms sent, and the clock ticks by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from builders import GRADES, after, assert_refolds
from carried import send_queued
from cast import POLICY, Cast
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, Duty, Event
from ombud.clock.tick import tick
from ombud.notices.models import Notice

DAY = 24 * 60
FILED = (
    {
        "subject": "电水壶漏水",
        "narrative": "第一次烧水就漏。",
        "occurred_on": "2026-03-01T10:30:00+08:00",
        "place": "南京路门店",
    },
    {"object": "云沸 K17", "demand": "退款"},
    {"name": "王小明", "phone": "138 0013 8000", "email": "wang@example.com"},
)  # fmt: skip
REGISTERED = {name: {True: "yes", False: "no"}.get(value, value) for name, value in GRADES.items()}
SOLUTION = {"measures": "换新并致歉", "time_limit": "2026-03-05", "responsible": "王敏"}


@dataclass
class Journey:
    """A complaint, the browsers of everybody who has to do with it, and the time."""

    cast: Cast
    clock: time_machine.Traveller
    reference: str = ""
    secret: str = ""
    customer: Client = field(default_factory=Client)

    @property
    def case(self) -> Case:
        return Case.objects.get(reference=self.reference)

    def at(self, minutes: float) -> None:
        """Let the time pass until so many minutes after the start, the clock's process running."""
        self.clock.move_to(after(minutes))
        while any(tick(after(minutes)).values()):
            send_queued(now=after(minutes))

    def files(self, minutes: float = 0, *, language: str = "zh-hans", evidence: bytes = b"", **typed: str) -> None:
        """The customer files on the portal in three steps; an empty word leaves a field empty."""
        self.at(minutes)
        self.customer = Client(headers={"accept-language": language})
        here = self.customer.post(f"/file/{POLICY}/")["Location"].removesuffix("1/")
        for number, step in enumerate(FILED, 1):
            sent: dict[str, Any] = {name: typed.pop(name, usual) for name, usual in step.items()}
            if number == 1 and evidence:
                sent["evidence"] = SimpleUploadedFile("漏水.png", evidence)
            if number == 2:  # what is left fits in the middle
                sent |= {name: typed.pop(name) for name in list(typed) if name in ("loss", "staff_involved")}
            answer = self.customer.post(f"{here}{number}/", sent)
            assert answer.status_code == 302, answer.content.decode()
        assert not typed, f"the portal's form does not ask for {', '.join(typed)}"
        shown = self.customer.get(f"{here}check/").context["draft"]
        receipt = self.customer.post(f"{here}send/", {"digest": shown.digest}, follow=True)
        self.reference = receipt.context["case"].reference
        self.secret = receipt.context["secret"]
        assert self.reference in receipt.content.decode()
        self.at(minutes)

    def records(self, minutes: float, who: str, *, channel: str = "hotline", **typed: str) -> None:
        """A member of staff types in what somebody says."""
        self.at(minutes)
        sent = {"policy": POLICY, "channel": channel, "language": "zh", **FILED[0], **FILED[1], **FILED[2], **typed}
        answer = self.browser(who).post("/desk/record/", sent, follow=True)
        assert answer.redirect_chain, answer.content.decode()
        self.reference, self.secret = answer.context["reference"], answer.context["secret"]
        self.at(minutes)

    def browser(self, who: str) -> Client:
        """Return somebody's browser, signed in."""
        client = Client(headers={"accept-language": "en"})
        client.force_login(self.cast.people[who])
        return client

    def does(self, minutes: float, who: str, act: str, **typed: str) -> None:
        """A member of staff opens the act's form on the case page and sends it."""
        self.at(minutes)
        client, here = self.browser(who), f"/desk/cases/{self.reference}/"
        page = client.get(here, {"act": act})
        assert page.context["chosen"] is not None, f"{act} is not {who}'s at all"
        assert not page.context["chosen"].offer.blocked, f"{act} is not possible now: {page.context['chosen'].offer}"
        answer = client.post(f"{here}acts/{act}/", {"seen": page.context["seen"], **typed})
        assert answer.status_code == 302, _problems(answer)
        self.at(minutes)

    def is_refused(self, minutes: float, who: str, act: str, **typed: str) -> str:
        """A member of staff sends an act that the policy refuses; return the page that says so."""
        self.at(minutes)
        client, here, seq = self.browser(who), f"/desk/cases/{self.reference}/", self.case.seq
        answer = client.post(f"{here}acts/{act}/", {"seen": seq, **typed})
        assert answer.status_code == 409, answer.content.decode()
        assert self.case.seq == seq, "a refused act writes nothing"
        return answer.content.decode()

    def answers(self, minutes: float, act: str, **typed: str) -> None:
        """The customer opens a form on the portal and sends it."""
        self.at(minutes)
        here = f"/track/{self.reference}/do/{act}/"
        page = self.customer.get(here)
        assert page.status_code == 200, f"{act} is not the complainant's now"
        answer = self.customer.post(here, {"seen": page.context["seen"], **typed})
        assert answer.status_code == 302, _problems(answer)
        self.at(minutes)

    def tracks(self) -> str:
        """Return what the customer's page of the case says."""
        page = self.customer.get(f"/track/{self.reference}/")
        assert page.status_code == 200
        return page.content.decode()

    def proposes(self, minutes: float, *, major: bool = False, **changed: str) -> None:
        """The contact proposes, the head approves (and the management, if it is major), the agent communicates."""
        self.does(minutes, "chen", "propose", **{**SOLUTION, **changed})
        self.does(minutes + 10, "zhou", "plan.approve")
        if major:
            self.does(minutes + 15, "gao", "plan.approve")
        self.does(minutes + 20, "lin", "communicate", message="已电话说明方案")

    def owed(self) -> dict[str, str]:
        """Return the duties that somebody owes now, each with the role that bears it."""
        rows = Duty.objects.filter(case=self.case, status__in=("open", "paused"))
        return {row.duty: row.role for row in rows}

    def status(self, duty: str) -> list[str]:
        """Return how each instance of a duty went."""
        return list(
            Duty.objects.filter(case=self.case, duty=duty).order_by("instance").values_list("status", flat=True)
        )

    def due(self, duty: str) -> datetime | None:
        """Return when the latest instance of a duty is due."""
        return Duty.objects.filter(case=self.case, duty=duty).latest("instance").due_at

    def told(self, who: str | None, kind: str = "") -> list[str]:
        """Return of what somebody (None: the complainant) was told, oldest first."""
        rows = Notice.objects.filter(case=self.case, person=self.cast.people[who] if who else None)
        rows = rows.filter(kind=kind) if kind else rows
        return [row.duty or row.act for row in rows.order_by("at", "pk")]

    def acts(self) -> list[str]:
        """Return what was done, in order, without what merely passed."""
        return list(
            Event.objects.filter(case=self.case).exclude(act="rung").order_by("seq").values_list("act", flat=True)
        )

    def is_proven(self) -> None:
        """Every case refolds to what is stored of it, and `ombud verify` has nothing to say."""
        assert_refolds(self.case)
        assert verify_all()["problems"] == []


def _problems(answer: Any) -> Iterator[str] | str:
    page = answer.content.decode()
    return "\n".join(re.findall(r"field-error.*?</p>|note-bad.*?</div>", page, re.DOTALL)) or page
