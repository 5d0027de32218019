"""Due times at midnight on the pages of staff and complainants, in letters and refusals: 24:00 of the day that ends."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.test import Client
from django.utils import timezone, translation

import ombud
from carried import carry
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.commands import perform
from ombud.channels.intake import receive
from ombud.channels.orders.sheets import moment
from ombud.engine.model import Actor
from ombud.notices.reading import letters_of
from ombud.organisation.models import Department, Membership, Person
from ombud.organisation.publishing import publish
from ombud.papers.case_file_messages import end_moment
from ombud.policy import load_sources
from ombud.portal.pages import COOKIE

pytestmark = pytest.mark.django_db
PACK = (Path(__file__).parents[1] / "engine" / "abroad.yaml").read_text("utf-8")
MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai; three days end on Thursday 5 March, 24:00


def agent() -> Person:
    """Return somebody of the service desk; the policy must be published."""
    lin = Person.objects.create(username="lin", name="Lin")
    service = Department.objects.get(policy="abroad", key="service")
    Membership.objects.create(person=lin, policy="abroad", role="desk", department=service)
    return lin


def test_no_template_shows_the_end_of_a_limit_as_if_something_began_there() -> None:
    pages = Path(ombud.__file__).parent.rglob("*.html")
    assert [page.name for page in pages if re.search(r"{% when [^%]*due_at", page.read_text("utf-8"))] == []


def test_the_file_of_a_case_and_an_authoritys_table_know_the_end_of_a_day() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    midnight = datetime(2026, 12, 6, tzinfo=shanghai)
    with timezone.override(shanghai), translation.override("en"):
        assert end_moment(midnight) == "5 Dec 2026 24:00"
    for written in ("2026-12-05 24:00", "2026/12/5 24:00:00"):
        assert moment(written, shanghai, is_end=True) == (midnight, True)


@pytest.mark.parametrize(("language", "tag"), [("en", "when"), ("en", "until"), ("zh-hans", "until")])
def test_only_what_ends_is_shown_as_the_day_that_ends(language: str, tag: str) -> None:
    now = datetime(2026, 2, 1, tzinfo=UTC)
    with translation.override(language), timezone.override(ZoneInfo("Asia/Shanghai")):
        page = Template(f"{{% load ombud %}}{{% {tag} at %}}").render(
            Context({"at": datetime(2026, 3, 5, 16, 0, tzinfo=UTC), "now": now})
        )
    assert "24:00" in page if tag == "until" else "00:00" in page
    assert 'datetime="2026-03-06T00:00:00+08:00"' in page  # for machines
    if tag == "until":
        assert "2026-03-05 24:00:00" in page  # on hover
        assert "6" not in page.split(">")[1].split("<")[0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_name_the_day_that_ends(language: str) -> None:
    publish(load_sources({"pack.yaml": PACK}), now=datetime(2026, 1, 1, tzinfo=UTC))
    lin = agent()
    desk = Actor(person=lin.key, role="desk", department="service")
    with time_machine.travel(MONDAY, tick=False):
        case = receive("abroad", channel="phone", language="en", data={}, actor=desk, at=MONDAY, now=MONDAY).case
        staff = Client(headers={"accept-language": language})
        staff.force_login(lin)
        customer = Client(headers={"accept-language": language})
        grant = grant_of(case)
        customer.cookies[COOKIE + grant.reference] = grant.token
        pages = [
            staff.get(f"/desk/cases/{case.reference}/").content.decode(),
            staff.get("/desk/").content.decode(),
            staff.get(f"/desk/cases/{case.reference}/duties/close/1/").content.decode(),
            customer.get(f"/track/{case.reference}/").content.decode(),
        ]
        said = staff.post(
            f"/desk/cases/{case.reference}/acts/more_time/", {"new_date": "2026-03-04", "reason": "-", "seen": case.seq}
        ).content.decode()
    for page in pages:
        assert "24:00" in page
        assert " 00:00" not in page
    assert "2026-03-05 24:00" in said


def test_a_letter_names_the_day_that_ends() -> None:
    pack = PACK + 'documents:\n  receipt: {after: receive, to: complainant, title: {zh: 回执, en: Note}, cite: "1"}\n'
    letters = {f"letters/receipt.{language}.md": "# x\n\n{{ due(close) }}\n" for language in ("zh", "en")}
    publish(load_sources({"pack.yaml": pack, **letters}), now=datetime(2026, 1, 1, tzinfo=UTC))
    desk = Actor(person=agent().key, role="desk", department="service")
    for language, day in (("en", "March 5, 2026 24:00 (UTC+8)"), ("zh", "2026年3月5日 24:00 (UTC+8)")):
        case = receive("abroad", channel="phone", language=language, data={}, actor=desk, at=MONDAY, now=MONDAY).case
        carry(now=MONDAY)
        assert day in letters_of(access_case(grant_of(case), case.reference))[0].body


@pytest.mark.parametrize(("language", "day"), [("zh-hans", "12月5日 24:00"), ("en", "5 Dec 24:00")])
def test_an_extension_to_a_day_off_ends_with_that_day(language: str, day: str) -> None:
    """Received on Friday 20 November 2026, due on 4 December, extended to Saturday 5 December."""
    guide = (Path(__file__).parents[2] / "docs/how-to/approval.md").read_text("utf-8")
    publish(load_sources({"pack.yaml": guide.partition("```yaml\n")[2].partition("```")[0]}), now=MONDAY)
    people = {role: Person.objects.create(username=role, name=role) for role in ("desk", "manager")}
    for role, person in people.items():
        place = Department.objects.get(policy="approved", key="service") if role == "desk" else None
        Membership.objects.create(person=person, policy="approved", role=role, department=place)
    friday = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    with time_machine.travel(friday, tick=False):
        actor = Actor(person=people["desk"].key, role="desk", department="service")
        case = receive("approved", channel="phone", language="en", data={}, actor=actor, at=friday, now=friday).case
        asked = {"reason": "-", "new_date": "2026-12-05"}
        perform(case, "ask_time", actor=actor, at=friday, now=friday, data=asked)
        perform(
            case, "more_time.approve", actor=Actor(person=people["manager"].key, role="manager"), at=friday, now=friday
        )
        staff = Client(headers={"accept-language": language})
        staff.force_login(people["desk"])
        customer = Client(headers={"accept-language": language})
        customer.cookies[COOKIE + case.reference] = grant_of(case).token
        for page in (
            staff.get(f"/desk/cases/{case.reference}/").content.decode(),
            customer.get(f"/track/{case.reference}/").content.decode(),
        ):
            assert day in page
            assert " 00:00" not in page
        case.refresh_from_db()
        sent = {"new_date": "2026-12-04", "reason": "-", "seen": case.seq}
        said = staff.post(f"/desk/cases/{case.reference}/acts/ask_time/", sent).content.decode()
    assert "2026-12-05 24:00" in said
