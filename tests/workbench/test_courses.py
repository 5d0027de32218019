"""Courses: each person owes them in each period, sessions say who was there, and who owes or missed one is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from ombud.cases.commands import pass_time, perform
from ombud.cases.errors import Refused
from ombud.cases.models import Duty
from ombud.cases.reading import courses as reading
from ombud.clock import periodic, trainings
from ombud.clock.models import OwedCourse
from ombud.insight import compliance
from ombud.notices import training as notices
from ombud.notices.models import Notice
from ombud.organisation import changes, courses
from ombud.organisation.courses import CourseError, period_before, period_of
from ombud.organisation.models import Person
from ombud.organisation.sessions import TrainingSession
from overseas import POLICY, Overseas, make_overseas
from shipped_packs import pack_of

pytestmark = pytest.mark.django_db
PAGE = "/desk/training/courses/"
SPRING = datetime(2026, 5, 12, 4, tzinfo=UTC)  # in the second quarter


@pytest.fixture
def people() -> Any:
    with time_machine.travel(SPRING, tick=False):
        made = make_overseas()
        Person.objects.update(date_joined=datetime(2025, 6, 1, tzinfo=UTC))
        yield made


@pytest.fixture
def browser(people: Overseas) -> Callable[[str], Client]:
    def sign_in(who: str) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(people.people[who])
        return client

    return sign_in


def held(people: Overseas, *who: str, on: date = date(2026, 5, 4), course: str = "advanced") -> TrainingSession:
    there = [people.people[each] for each in who]
    return courses.hold(POLICY, course, held_on=on, contents="新规", trainer="Lau", minutes=90, people=there,
                        by=people.tao, now=SPRING)  # fmt: skip


def statuses(course: str = "advanced") -> dict[str, str]:
    found = reading.standings(pack_of(POLICY), now=SPRING)
    return {each.person.username: each.status for each in found if each.course.id == course}


@pytest.mark.parametrize(
    ("every", "day", "first", "last"),
    [
        ("month", date(2026, 2, 28), date(2026, 2, 1), date(2026, 2, 28)),
        ("quarter", date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
        ("half-year", date(2026, 7, 1), date(2026, 7, 1), date(2026, 12, 31)),
        ("year", date(2026, 7, 1), date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_periods_are_those_of_the_calendar(every: str, day: date, first: date, last: date) -> None:
    found = period_of(every, day)
    assert (found.first, found.last) == (first, last)
    assert period_before(every, found).last == first - timedelta(days=1)


def test_each_person_of_the_roles_owes_it_once_a_quarter(people: Overseas) -> None:
    assert statuses() == {"anna": "missed", "ben": "missed", "hans": "missed"}
    held(people, "anna", "ben", on=date(2026, 3, 31))
    held(people, "anna")
    held(people, "hans", course="special")  # another course is no advanced training
    assert statuses() == {"anna": "done", "ben": "owed", "hans": "missed"}
    assert set(statuses("special")) == {"anna", "ben", "hans", "zhao"}


def test_who_came_after_the_last_period_began_missed_nothing(people: Overseas) -> None:
    Person.objects.filter(username="ben").update(date_joined=datetime(2026, 2, 1, tzinfo=UTC))
    assert statuses()["ben"] == "owed"


def test_what_is_taken_back_was_attended_by_nobody(people: Overseas) -> None:
    session = held(people, "anna")
    with pytest.raises(CourseError, match="reason"):
        courses.cancel(session, reason=" ", by=people.mo, now=SPRING)
    courses.cancel(session, reason="未举行", by=people.mo, now=SPRING)
    with pytest.raises(CourseError, match="cancelled"):
        courses.cancel(session, reason="未举行", by=people.mo, now=SPRING)
    assert statuses()["anna"] == "missed"
    assert list(changes.problems()) == []


def test_a_row_changed_by_the_way_is_found(people: Overseas) -> None:
    session = held(people, "anna")
    TrainingSession.objects.filter(pk=session.pk).update(minutes=5)
    assert [each.startswith("session") for each in changes.problems()] == [True]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"course": "none"}, "course"),
        ({"held_on": date(2026, 5, 13)}, "date"),
        ({"contents": " "}, "contents"),
        ({"people": []}, "people"),
    ],
)
def test_what_cannot_have_been_is_not_kept(people: Overseas, said: dict[str, Any], code: str) -> None:
    usual = {"course": "advanced", "held_on": date(2026, 5, 4), "contents": "新规", "people": [people.anna]}
    with pytest.raises(CourseError, match=code):
        courses.hold(POLICY, trainer="Lau", minutes=90, by=people.tao, now=SPRING, **{**usual, **said})


def test_keepers_record_and_see_everybody_others_see_their_own(people: Overseas, browser: Any) -> None:
    sent = {
        "course": "advanced", "held_on": "2026-05-04", "contents": "新规", "trainer": "Lau", "minutes": "90",
        "people": [str(people.anna.pk)],
    }  # fmt: skip
    assert browser("mo").post(f"{PAGE}?policy={POLICY}", sent).status_code == 302
    assert browser("anna").post(f"{PAGE}?policy={POLICY}", sent).status_code == 403
    assert TrainingSession.objects.count() == 1
    page = browser("mo").get(PAGE).content.decode()
    assert [name in page for name in ("Anna", "Ben", "missed last time", "took part")] == [True] * 4
    page = browser("anna").get(PAGE).content.decode()
    assert [name in page for name in ("Advanced training", "took part", "Ben")] == [True, True, False]
    page = browser("ben").get(PAGE).content.decode()
    assert "Nothing was held yet" in page
    cancel = f"{PAGE}{TrainingSession.objects.get().pk}/cancel/"
    assert browser("anna").post(cancel, {"reason": "x"}).status_code == 403
    wrong = browser("mo").post(f"{PAGE}?policy={POLICY}", {**sent, "held_on": "2027-01-01"})
    assert (wrong.status_code, "in the future" in wrong.content.decode()) == (422, True)


def test_whoever_holds_a_course_enters_it_for_the_people_of_their_office(people: Overseas, browser: Any) -> None:
    def sent(who: Person, course: str = "advanced") -> int:
        said = {
            "course": course, "held_on": "2026-05-04", "contents": "新规", "trainer": "Hans", "minutes": "90",
            "people": [str(who.pk)],
        }  # fmt: skip
        answer = browser("hans").post(f"{PAGE}?policy={POLICY}", said)
        assert isinstance(answer.status_code, int)
        return answer.status_code

    assert sent(people.anna) == 302
    assert [sent(people.zhao), sent(people.anna, "special")] == [422, 422]  # headquarters' own; human resources' course
    page = browser("hans").get(PAGE).content.decode()
    assert [name in page for name in ("Anna", "Ben", "Zhao")] == [True, True, False]
    assert "Special training" not in page[page.index("Record a session") :]
    held(people, "zhao", course="special")
    assert "Zhao" not in browser("hans").get(PAGE).content.decode()
    own = TrainingSession.objects.get(course="advanced")
    others = TrainingSession.objects.get(course="special")
    assert browser("hans").post(f"{PAGE}{others.pk}/cancel/", {"reason": "x"}).status_code == 403
    assert browser("hans").post(f"{PAGE}{own.pk}/cancel/", {"reason": "x"}).status_code == 302
    assert TrainingSession.objects.get(pk=own.pk).cancelled_at is not None


def test_who_missed_it_is_told_once_and_who_still_owes_it_two_weeks_before_the_end(people: Overseas) -> None:
    notices._told.clear()
    held(people, "anna", "ben", on=date(2026, 3, 31))
    quarter = datetime(2026, 4, 1, 9, tzinfo=UTC)
    with time_machine.travel(quarter, tick=False):
        periodic.open_due(now=quarter)  # opens nothing of before the policy was published
    with time_machine.travel(datetime(2026, 7, 1, 9, tzinfo=UTC), tick=False):
        periodic.open_due(now=datetime(2026, 7, 1, 9, tzinfo=UTC))
    told = Notice.objects.filter(kind="training").values_list("person__username", "dedupe")
    for at, expected in (
        (datetime(2026, 7, 2, 4, tzinfo=UTC), {"anna", "ben", "hans"}),  # all missed the second quarter
        (datetime(2026, 7, 3, 4, tzinfo=UTC), {"anna", "ben", "hans"}),
    ):
        notices.run(now=at)
        notices.run(now=at)
        assert {name for name, key in told if "/advanced/" in key} == expected
    assert len([key for _name, key in told if "/advanced/" in key]) == 3
    with time_machine.travel(datetime(2026, 9, 17, 4, tzinfo=UTC), tick=False):
        held(people, "anna", on=date(2026, 5, 5))  # of the quarter before
        courses.hold(POLICY, "advanced", held_on=date(2026, 9, 1), contents="新规", trainer="Lau", minutes=60,
                     people=[people.ben], by=people.tao, now=datetime(2026, 9, 17, 4, tzinfo=UTC))  # fmt: skip
    owed = datetime(2026, 9, 15, 4, tzinfo=UTC), datetime(2026, 9, 16, 4, tzinfo=UTC)
    for at, number in zip(owed, (3, 5), strict=True):  # a fortnight before the end: all but Ben
        notices.run(now=at)
        assert len([key for _name, key in told.all() if "/advanced/" in key]) == number


def test_nobody_is_told_before_nine_in_the_morning(people: Overseas) -> None:
    notices._told.clear()
    assert notices.run(now=datetime(2026, 7, 2, 0, 59, tzinfo=UTC)) == 0


def owed_by(people: Overseas) -> dict[str, Duty]:
    rows = Duty.objects.filter(duty="attend", case__procedure="own_training").select_related("person", "case")
    return {row.person.username: row for row in rows if row.person}


def test_each_person_has_a_duty_of_the_quarter_that_a_session_settles_and_that_becomes_overdue(
    people: Overseas, browser: Any
) -> None:
    trainings._opened.clear()
    assert trainings.run(now=SPRING) == 3
    assert trainings.run(now=SPRING) == 0
    trainings._opened.clear()  # another process
    assert trainings.run(now=SPRING) == 0
    owed = owed_by(people)
    close = datetime(2026, 6, 30, 16, tzinfo=UTC)  # 18:00 in Berlin
    assert {name: (row.status, row.due_at) for name, row in owed.items()} == {
        each: ("open", close) for each in ("anna", "ben", "hans")
    }
    assert {row.case.office.key for row in owed.values() if row.case.office} == {"europe"}
    assert owed["ben"].case.reference in browser("ben").get("/desk/").content.decode()
    assert owed["anna"].case.reference not in browser("ben").get("/desk/").content.decode()
    held(people, "anna", on=date(2026, 3, 31))  # in the quarter before: settles nothing
    held(people, "ben", course="special")
    assert trainings.run(now=SPRING) == 0
    held(people, "anna")
    later = SPRING + timedelta(minutes=1)
    assert trainings.run(now=later) == 1
    assert owed_by(people)["anna"].status == "met"
    after = datetime(2026, 7, 2, 9, tzinfo=UTC)
    for row in owed.values():
        pass_time(row.case_id, now=after)
    made_up = {"training_content": "补训"}
    with pytest.raises(Refused):  # nobody makes up for it by their own word
        perform(owed["ben"].case, "make_up", actor=people.actor("ben"), at=after, now=after, data=made_up)
    perform(owed["ben"].case, "make_up", actor=people.actor("hans"), at=after, now=after, data=made_up)
    lines = compliance.lines(Duty.objects.filter(duty="attend", case__procedure="own_training"), after)
    counts = compliance.by_clause(lines)["37.2b"]
    assert (counts.met, counts.late, counts.overdue) == (1, 1, 1)
    page = browser("hans").get("/desk/").content.decode()
    assert ("Took part" in page, "advanced training" in page) == (False, True)  # nobody ticks that off by hand
    found = owed_by(people)
    assert [found[each].breached_at is not None for each in ("anna", "ben", "hans")] == [False, True, True]


def test_a_session_entered_after_the_quarter_was_in_time_all_the_same(people: Overseas) -> None:
    trainings._opened.clear()
    trainings.run(now=SPRING)
    entered = datetime(2026, 7, 3, 9, tzinfo=UTC)
    case = owed_by(people)["ben"].case
    pass_time(case.pk, now=entered)
    with time_machine.travel(entered, tick=False):
        courses.hold(POLICY, "advanced", held_on=date(2026, 6, 30), contents="新规", trainer="Lau", minutes=60,
                     people=[people.ben], by=people.tao, now=entered)  # fmt: skip
    trainings.run(now=entered)
    duty = Duty.objects.get(case=case, duty="attend")
    assert (duty.status, duty.done_at) == ("met", datetime(2026, 6, 30, 4, tzinfo=UTC))  # noon in Shanghai
    assert OwedCourse.objects.filter(person=people.ben).count() == 2  # and the next quarter's


def test_whoever_is_released_owes_it_no_more(people: Overseas) -> None:
    trainings._opened.clear()
    trainings.run(now=SPRING)
    case = owed_by(people)["ben"].case
    perform(case, "release", actor=people.actor("tao"), at=SPRING, now=SPRING, data={"reason": "长期病假"})
    assert owed_by(people)["ben"].status == "waived"
    held(people, "ben")
    assert trainings.run(now=SPRING) == 0
