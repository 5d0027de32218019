"""The calendar page: a notice is looked at before it applies, with what it moves; it can be taken back."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from builders import COMPLAINT, GRADES
from cast import COMPLAINANT, POLICY, Cast
from ombud.cases import recount_preview
from ombud.cases.commands import perform
from ombud.cases.models import Case, Duty, Event
from ombud.channels.intake import receive
from ombud.clock.tick import tick
from ombud.notices.models import Notice
from ombud.organisation import editions
from ombud.organisation.models import (
    MANAGER,
    POLICY_OWNER,
    CalendarEdition,
    CalendarProposal,
    Membership,
    Person,
    PolicyVersion,
)
from ombud.worktime import Edition, announce

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")

#: Meant for 2027: it would take all other days off and make-up days from 2026.
TYPED = {"year": "2026", "source": "x", "off": "2026-01-01 2026-01-03 New Year", "work": ""}


def token_of(response: HttpResponse) -> str:
    found = re.search(r'name="confirm" value="([0-9a-f]+)"', response.content.decode())
    assert found, "what is looked at can be confirmed"
    return found[1]


@pytest.fixture
def ning(cast: Cast) -> Person:
    """A second manager: nobody decides on what they proposed themselves."""
    return manager_of(cast, "ning")


def manager_of(cast: Cast, name: str, role: str = MANAGER) -> Person:
    made = Person.objects.create(username=name, name=name.title())
    Membership.objects.create(person=made, role=role)
    cast.people[name] = made
    return made


def proposed(client: Client, typed: dict[str, str], address: str = "/desk/calendar/") -> CalendarProposal:
    """Look at a change and propose it."""
    looked_at = client.post(address, typed)
    assert looked_at.status_code == 200
    assert client.post(address, {**typed, "confirm": token_of(looked_at)}).status_code == 302
    return CalendarProposal.objects.latest("pk")


def page_of(row: CalendarProposal) -> str:
    return f"/desk/calendar/proposals/{row.pk}/"


def applied(client: Client, row: CalendarProposal) -> CalendarEdition:
    """Look at what somebody proposed and let it apply."""
    answer = client.post(page_of(row), {"verdict": "apply", "confirm": token_of(client.get(page_of(row)))})
    assert answer.status_code == 302
    return CalendarEdition.objects.latest("pk")


@pytest.mark.parametrize("year", ["9" * 5000, "0", "twenty", "20261"])
def test_a_year_that_is_none_shows_this_year(cast, sign_in, year):
    now = timezone.localdate().year
    assert f"<h1>Working days {now}</h1>" in sign_in("mo").get("/desk/calendar/", {"year": year}).content.decode()


def test_a_make_up_day_that_is_off_by_law_is_refused_in_words(cast, sign_in):
    typed = {"year": "2027", "source": "x", "off": "2027-01-01 2027-01-03 New Year", "work": "2027-10-02"}
    answer = sign_in("mo").post("/desk/calendar/", typed)
    assert answer.status_code == 422
    assert "Saturday 2 October 2027 is off by law (National Day)" in answer.content.decode()


def test_one_manager_proposes_an_announcement_and_another_lets_it_apply(cast, ning, sign_in):
    typed = {"year": "2027", "source": "Notice 7", "off": "2027-02-05 2027-02-11 Spring Festival", "work": "2027-02-20"}

    def is_announced() -> bool:
        return "not announced yet" not in sign_in("mo").get("/desk/calendar/", {"year": "2027"}).content.decode()

    assert sign_in("lin").post("/desk/calendar/", typed).status_code == 403
    manager = sign_in("mo")
    assert not is_announced()
    assert manager.post("/desk/calendar/", {**typed, "off": "Spring"}).status_code == 422
    looked_at = manager.post("/desk/calendar/", typed)
    assert looked_at.status_code == 200
    assert "<h1>Working days 2027</h1>" in looked_at.content.decode(), "the sheet below is of the notice's year"
    row = proposed(manager, typed)
    assert not is_announced()
    for who, code in (("lin", 403), ("ai", 403), ("mo", 200), ("ning", 200)):
        assert sign_in(who).get(page_of(row)).status_code == code
    edition = applied(sign_in("ning"), row)
    assert is_announced()
    row.refresh_from_db()
    assert (row.verdict, row.proposed_by, row.decided_by, row.edition) == ("entered", cast.mo, cast.ning, edition)
    page = sign_in("mo").get("/desk/calendar/").content.decode()
    assert re.search(r"proposed by <bdi>Mo</bdi>\s+· put in force by <bdi>Ning</bdi>", page)
    assert sign_in("ning").get(page_of(row)).status_code == 404


def test_nobody_puts_in_force_what_they_proposed(cast, ning, sign_in):
    manager = sign_in("mo")
    row = proposed(manager, TYPED)
    page = manager.get(page_of(row)).content.decode()
    assert "another manager decides" in page
    assert "Let it apply" not in page
    token = token_of(sign_in("ning").get(page_of(row)))
    refused = manager.post(page_of(row), {"verdict": "apply", "confirm": token})
    assert (refused.status_code, "Nobody puts in force what they proposed" in refused.content.decode()) == (422, True)
    assert CalendarEdition.objects.count() == 1


def test_a_proposal_is_declined_with_a_reason_or_taken_back_and_its_proposer_reads_why(cast, ning, sign_in):
    manager, other = sign_in("mo"), sign_in("ning")
    row = proposed(manager, TYPED)
    unsaid = other.post(page_of(row), {"verdict": "decline", "because": " "})
    assert (unsaid.status_code, "Say why this is declined" in unsaid.content.decode()) == (422, True)
    assert other.post(page_of(row), {"verdict": "decline", "because": "The year is wrong"}).status_code == 302
    assert "The year is wrong" in manager.get("/desk/calendar/").content.decode()
    assert other.post(page_of(row), {"verdict": "decline", "because": "again"}).status_code == 404

    row = proposed(manager, TYPED)
    assert manager.post(page_of(row), {"verdict": "decline"}).status_code == 302
    assert list(CalendarProposal.objects.order_by("pk").values_list("verdict", flat=True)) == ["declined", "withdrawn"]
    assert CalendarEdition.objects.count() == 1


def test_what_waits_is_counted_for_whoever_decides_and_not_proposed_twice(cast, ning, sign_in):
    manager, other = sign_in("mo"), sign_in("ning")
    proposed(manager, TYPED)
    again = other.post("/desk/calendar/", {**TYPED, "confirm": token_of(other.post("/desk/calendar/", TYPED))})
    assert (again.status_code, "it waits for a decision" in again.content.decode()) == (422, True)
    assert "1 proposal waits for you" in other.get("/desk/").content.decode()
    for who in ("mo", "lin", "ai"):
        assert "waits for you" not in sign_in(who).get("/desk/").content.decode()


def test_the_only_manager_is_told_what_to_do_and_decides_on_what_the_policy_owner_proposes(cast, sign_in):
    alone = "Nobody else could let apply what you propose"
    manager = sign_in("mo")
    assert alone in manager.get("/desk/calendar/").content.decode()
    manager_of(cast, "pan", POLICY_OWNER)
    owner = sign_in("pan")
    assert alone not in owner.get("/desk/calendar/").content.decode()
    row = proposed(owner, TYPED)
    page = owner.get(page_of(row)).content.decode()
    assert "A manager sees which due times move" in page
    assert "No due time moves" not in page
    assert applied(manager, row).entered_by == cast.mo


def open_case(cast: Cast, at: datetime) -> Case:
    """Return a major complaint that was registered at an instant: it owes working days."""
    case = receive(POLICY, channel="web", language="zh", data=COMPLAINT, actor=COMPLAINANT, at=at, now=at).case
    perform(case, "register", actor=cast.actor("lin"), at=at, now=at, data={**GRADES, "routine": False})
    return case


def test_a_year_that_is_known_already_asks_and_shows_what_would_move(cast, sign_in):
    at = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)  # Monday 10:00, before the days off of National Day
    with time_machine.travel(at, tick=False):
        case = open_case(cast, at)
        before = list(Duty.objects.filter(case=case).order_by("pk").values_list("duty", "due_at"))
        page = sign_in("mo").post("/desk/calendar/", TYPED).content.decode()

    assert "A notice for 2026 is known already." in page
    assert "国办发明电" in page
    assert re.search(r"\d+ days become working days", page)  # 1 to 7 October without Saturdays and Sundays ...
    assert re.search(r"\d+ days become days off", page)  # ... and the make-up days
    assert re.search(r"One due time moves|\d+ due times move \(cases: 1\)", page)
    assert case.reference in page or str(case) in page
    assert list(Duty.objects.filter(case=case).order_by("pk").values_list("duty", "due_at")) == before
    assert CalendarEdition.objects.count() == 1


def test_what_is_shown_is_what_then_moves(cast, ning, sign_in):
    at = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        case = open_case(cast, at)
        dues = dict(Duty.objects.filter(case=case).values_list("duty", "due_at"))
        row, other = proposed(sign_in("mo"), TYPED), sign_in("ning")
        looked_at = other.get(page_of(row))
        shown = [(each.title["en"], each.before, each.after) for each in looked_at.context["recount"].moved]
        applied(other, row)
        tick(at)
    moved = {
        duty: (dues[duty], due)
        for duty, due in Duty.objects.filter(case=case).values_list("duty", "due_at")
        if due != dues[duty]
    }
    assert moved
    assert sorted((was, now) for _title, was, now in shown) == sorted(moved.values())
    assert CalendarEdition.objects.latest("pk").entered_by == cast.ning


def test_a_notice_is_taken_back_and_every_due_time_with_it(cast, ning, sign_in):
    at = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        case = open_case(cast, at)
        before = list(Duty.objects.filter(case=case).order_by("pk").values_list("duty", "due_at"))
        manager, other = sign_in("mo"), sign_in("ning")
        wrong = applied(other, proposed(manager, TYPED))
        tick(at)
        address = f"/desk/calendar/{wrong.edition}/undo/"
        assert address in manager.get("/desk/calendar/").content.decode()
        looked_at = manager.post(address)
        assert looked_at.status_code == 200
        assert editions.current() == wrong
        row = proposed(other, {}, address)
        assert editions.current() == wrong
        applied(manager, row)
        tick(at)
        assert manager.post(address).status_code == 404  # it does not hold any more
    assert list(Duty.objects.filter(case=case).order_by("pk").values_list("duty", "due_at")) == before
    assert Event.objects.filter(case=case, act="recalendar").count() == 2
    assert CalendarEdition.objects.latest("pk").undoes == wrong


def test_what_was_looked_at_before_another_notice_came_is_looked_at_again(cast, ning, sign_in):
    manager, other = sign_in("mo"), sign_in("ning")
    first = token_of(manager.post("/desk/calendar/", TYPED))
    row = proposed(manager, TYPED)
    old = token_of(other.get(page_of(row)))
    notice = announce(2027, "meanwhile", [("new_year", date(2027, 1, 1), date(2027, 1, 3))], [])
    editions.announce(notice, now=datetime(2026, 3, 3, tzinfo=UTC))
    again = manager.post("/desk/calendar/", {**TYPED, "source": "y", "confirm": first})
    assert again.status_code == 200
    again = other.post(page_of(row), {"verdict": "apply", "confirm": old})
    assert again.status_code == 200
    assert token_of(again) != old
    assert CalendarEdition.objects.count() == 2
    assert CalendarProposal.objects.count() == 1


def test_what_would_change_nothing_any_more_is_said_to_and_can_be_declined(cast, ning, sign_in):
    other = sign_in("ning")
    wrong = applied(other, proposed(sign_in("mo"), TYPED))
    row = proposed(sign_in("mo"), {}, f"/desk/calendar/{wrong.edition}/undo/")
    later = announce(2026, "later", [("new_year", date(2026, 1, 1), date(2026, 1, 2))], [])
    editions.announce(later, now=datetime(2026, 3, 3, tzinfo=UTC))
    page = other.get(page_of(row))
    assert (page.status_code, "would change nothing any more" in page.content.decode()) == (422, True)
    assert other.post(page_of(row), {"verdict": "decline", "because": "replaced"}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"year": "2072"}, "2028"),  # beyond the horizon: a slip of the hand
        ({"off": "2026-01-01 2026-01-03 New Year\n2026-01-03 2026-01-05 rest"}, "overlap"),
        ({"work": "2026-01-05"}, "is no day of the weekend"),
        ({"country": "DE"}, ""),  # Germany moves nothing: there is no such field, so it is not heard
    ],
)
def test_a_typing_error_is_told(cast, sign_in, typed, said):
    response = sign_in("mo").post("/desk/calendar/", {**TYPED, **typed})
    assert said in response.content.decode()
    assert response.status_code == (422 if said else 200)
    assert CalendarEdition.objects.count() == 1


def test_a_typing_error_is_told_in_chinese(cast, sign_in):
    response = sign_in("mo").post("/desk/calendar/", {**TYPED, "work": "2026-01-05"}, headers={"accept-language": "zh"})
    assert "不是周末" in response.content.decode()


def test_only_managers_and_policy_owners_take_back_and_renew(cast, sign_in):
    wrong = editions.announce(
        announce(2026, "x", [("a", date(2026, 1, 1), date(2026, 1, 3))], []), now=datetime(2026, 3, 3, tzinfo=UTC)
    )
    for who in ("lin", "ai"):
        assert sign_in(who).post(f"/desk/calendar/{wrong.edition}/undo/").status_code == 403
        assert sign_in(who).post("/desk/calendar/renew/").status_code == 403
        assert "/undo/" not in sign_in(who).get("/desk/calendar/").content.decode()


def test_newer_packages_are_taken_over_only_after_a_look(cast, ning, sign_in):
    """An edition that was stored when less was known goes on; what the installed packages know is offered."""
    row = editions.current()
    assert row is not None
    content = editions.read(row.edition)._content()
    key, days = content["days"][0]
    content["days"][0] = [key, [each for each in days if each[0] != "2027-10-01"]]
    older = editions.store(Edition.from_data(content), source="older", moves_dues=False, now=row.entered_at)
    manager = sign_in("mo")
    assert "/desk/calendar/renew/" in manager.get("/desk/calendar/").content.decode()
    looked_at = manager.post("/desk/calendar/renew/")
    assert "One day becomes a day off" in looked_at.content.decode()
    applied(sign_in("ning"), proposed(manager, {}, "/desk/calendar/renew/"))
    assert editions.current() != older
    assert manager.post("/desk/calendar/renew/").status_code == 404


def test_the_timeline_says_what_counting_anew_moved_and_is_silent_where_nothing_did(cast, sign_in):
    at = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        case = open_case(cast, at)
        before = dict(Duty.objects.filter(case=case).values_list("duty", "due_at"))
        editions.announce(announce(2027, "far away", [("new_year", date(2027, 1, 1), date(2027, 1, 3))], []), now=at)
        tick(at)
        lin = sign_in("lin")
        address = f"/desk/cases/{case.reference}/"
        silent = lin.get(address).content.decode()
        assert Event.objects.filter(case=case, act="recalendar").count() == 1
        wrong = announce(2026, "x", [("new_year", date(2026, 1, 1), date(2026, 1, 3))], [])
        editions.announce(wrong, now=at)
        tick(at)
        said = lin.get(address).content.decode()
        chinese = lin.get(address, headers={"accept-language": "zh"}).content.decode()
    after = dict(Duty.objects.filter(case=case).values_list("duty", "due_at"))
    moved = [(before[duty], due) for duty, due in after.items() if due != before[duty]]
    assert "Counted anew" not in silent
    assert ">recalendar<" not in silent + said + chinese
    assert said.count("Counted anew by the working days that are known now") == 1
    assert "按现已公布的工作日安排重新计算期限" in chinese
    assert moved
    for was, now in moved:
        assert now < was
        assert f'datetime="{was.astimezone(SHANGHAI).isoformat()}"' in said
        assert f'datetime="{now.astimezone(SHANGHAI).isoformat()}"' in said


def test_the_bearer_is_told_when_it_is_due_now(cast, sign_in):
    at = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        case = open_case(cast, at)
        editions.announce(announce(2026, "x", [("new_year", date(2026, 1, 1), date(2026, 1, 3))], []), now=at)
        tick(at)
        told = Notice.objects.filter(case=case, kind=Notice.Kind.DUE_MOVED).select_related("person")
        assert told
        for notice in told:
            assert notice.due_at in set(
                Duty.objects.filter(case=case, duty=notice.duty).values_list("due_at", flat=True)
            )
            page = sign_in(notice.person.username).get("/desk/notices/").content.decode()
            assert f'datetime="{notice.due_at.astimezone(SHANGHAI).isoformat()}"' in page


def test_an_edition_names_the_policy_that_it_came_with_by_its_title(cast, sign_in):
    page = sign_in("mo").get("/desk/calendar/", headers={"accept-language": "zh-hans"}).content.decode()
    row = CalendarEdition.objects.earliest("pk")
    version = PolicyVersion.objects.get(policy=row.source.split()[0])
    assert f"{version.title['zh']} {version.version}" in page
    assert row.source not in page


def test_what_was_not_counted_is_not_said_to_stand_still(cast, sign_in, monkeypatch):
    monkeypatch.setattr(recount_preview, "LOOKED_AT", 0)
    at = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        open_case(cast, at)
        page = sign_in("mo").post("/desk/calendar/", TYPED).content.decode()
    assert "No due time moves among those counted" in page
    assert "Counted in the 0 cases that are due first, of 1 that the days may concern" in page
