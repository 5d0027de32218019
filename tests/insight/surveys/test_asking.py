"""Whom surveys ask, by which way, and how often: once, and reminded once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from builders import after, do, make_case, make_history
from carried import carry
from cast import Cast
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.keeping import erasure
from ombud.cases.models import Case, Event
from ombud.clock import periodic
from ombud.correspondence import conversation
from ombud.correspondence.models import Message
from ombud.insight.spans import Span
from ombud.insight.surveys import results, work
from ombud.insight.surveys.models import Followed, Invitation, Round
from ombud.insight.surveys.results import Wanted
from surveyed import ASKED, DAY, SURVEYS, asked, make_surveyed, surveyed_pack

pytestmark = pytest.mark.django_db
State = Invitation.State


@pytest.fixture
def surveyed(db: None) -> Cast:
    return make_surveyed()


def mails() -> list[str]:
    return [str(each.body) for each in mail.outbox if "/survey/" in each.body]


def test_an_outcome_asks_its_complainant_once_by_mail(surveyed: Cast) -> None:
    case, row = asked(surveyed)
    assert (row.state, row.survey) == (State.ASKED, "handled")
    assert (row.until - row.at, row.remind_at - row.at) == (14 * DAY, 5 * DAY)
    work.run(now=after(ASKED + 1))
    carry(now=after(ASKED + 2))
    (body,) = mails()
    assert case.reference in body
    assert "三个问题" in body
    assert re.search(rf"/survey/{row.pk}/\?way=[0-9a-f]{{5,6}}-[0-9a-f]{{20}}\n", body)
    assert Invitation.objects.count() == 1


def test_the_mail_speaks_the_language_of_the_case(surveyed: Cast) -> None:
    asked(surveyed, language="de")
    carry(now=after(ASKED + 2))
    (message,) = [each for each in mail.outbox if "/survey/" in each.body]
    assert message.subject.endswith("Waren Sie zufrieden")
    assert message.body.startswith("Guten Tag")
    assert "17. März 2026" in message.body


def test_another_outcome_asks_nobody(surveyed: Cast) -> None:
    case = make_history(surveyed, "carry_out")
    do(case, "follow_up", surveyed, "lin", minutes=360, data={"follow_up_by": "phone", "satisfaction": "dissatisfied"})
    work.run(now=after(ASKED))
    assert not Invitation.objects.exists()


def test_what_happened_before_the_first_look_asks_nobody(surveyed: Cast) -> None:
    Followed.objects.all().delete()
    make_history(surveyed, "follow_up")
    for minutes in (ASKED, ASKED + 5):
        work.run(now=after(minutes))
    assert not Invitation.objects.exists()


def test_what_was_entered_long_afterwards_asks_nobody(surveyed: Cast) -> None:
    make_history(surveyed, "follow_up")
    work.run(now=after(ASKED) + 15 * DAY)
    assert not Invitation.objects.exists()


def test_all_events_are_looked_at_once_they_are_settled(surveyed: Cast) -> None:
    make_history(surveyed, "carry_out")
    for minutes in (ASKED, ASKED + 3, ASKED + 6):
        work.run(now=after(minutes))
    newest = Event.objects.order_by("-pk")[0].pk
    assert Followed.objects.get().settled == newest
    assert asked(surveyed)[1].state == State.ASKED


def test_who_has_no_address_gave_up_or_was_erased_is_counted_and_not_asked(surveyed: Cast) -> None:
    silent = make_history(surveyed, "follow_up", email=None)
    gone = make_history(surveyed, "follow_up")
    erasure.erase(gone.complainant, now=after(380))
    work.run(now=after(ASKED))
    states = dict(Invitation.objects.values_list("case", "state"))
    assert states == {silent.pk: State.UNREACHABLE, gone.pk: State.ERASED}
    carry(now=after(ASKED + 1))
    assert not mails()


def test_who_is_erased_before_they_answer_is_counted_so_and_not_reminded(surveyed: Cast) -> None:
    case, row = asked(surveyed)
    erasure.erase(case.complainant, now=after(ASKED + 1))
    work.run(now=after(ASKED) + 6 * DAY)
    row.refresh_from_db()
    assert row.reminded_at is None
    pack, whole = surveyed_pack(), Span(begin=after(0), end=after(0) + 30 * DAY)
    states = results.states(Wanted(reader=None, pack=pack, survey=pack.surveys["handled"], span=whole))
    assert {state: n for state, n in states.items() if n} == {State.ERASED: 1}


def test_a_message_that_comes_back_is_counted_and_opens_no_duty(surveyed: Cast) -> None:
    case, row = asked(surveyed)
    Message.objects.filter(pk=row.message_id).update(state=Message.State.FAILED, settled_at=after(ASKED + 1))
    carry(now=after(ASKED + 1))
    work.run(now=after(ASKED + 2))
    row.refresh_from_db()
    assert (row.state, row.remind_at) == (State.UNREACHABLE, None)
    assert not Event.objects.filter(case=case, act="report_undelivered").exists()


def test_who_does_not_answer_is_reminded_once(surveyed: Cast) -> None:
    _case, row = asked(surveyed)
    carry(now=after(ASKED + 1))
    for days in (4, 5, 5, 6, 9):
        work.run(now=after(ASKED) + days * DAY)
        carry(now=after(ASKED) + days * DAY + timedelta(minutes=1))
    assert len(mails()) == 2
    assert "不再提醒" in mails()[1]
    row.refresh_from_db()
    assert row.reminded_at == after(ASKED) + 5 * DAY


def test_a_sample_draws_the_same_however_often_it_looks(db: None) -> None:
    sampled = SURVEYS.replace("    remind: 5\n", "    by: severity\n    share: {general: 50, else: 100}\n")
    cast = make_surveyed(sampled)
    for _ in range(12):
        make_history(cast, "follow_up")
    work.run(now=after(ASKED))
    first = dict(Invitation.objects.values_list("case", "state"))
    assert set(first.values()) == {State.ASKED, State.LEFT_OUT}
    Invitation.objects.all().delete()
    Message.objects.filter(dedupe__startswith="survey/").delete()
    work.run(now=after(ASKED + 1))
    assert dict(Invitation.objects.values_list("case", "state")) == first


def test_staff_read_what_was_asked_and_cannot_answer_it(surveyed: Cast) -> None:
    case, row = asked(surveyed)
    staff = conversation.of(access_case(surveyed.lin, case.reference), now=after(ASKED + 1)).rows[-1]
    assert f"/survey/{row.pk}/?until=" in staff.text
    assert "way=" not in staff.text
    own = conversation.of(access_case(grant_of(case), case.reference), now=after(ASKED + 1)).rows[-1]
    assert f"/survey/{row.pk}/?way=" in own.text


END = datetime(2026, 3, 31, 1, tzinfo=UTC)  # the last working day of March, as work begins


def test_a_periodic_duty_asks_everybody_of_its_period_and_a_person_once(surveyed: Cast) -> None:
    first = make_history(surveyed, "follow_up", phone=None, email="a@example.com")
    again = make_history(surveyed, "follow_up", phone=None, email="a@example.com")
    other = make_history(surveyed, "follow_up", phone=None, email="b@example.com")
    make_case()  # still open
    periodic.open_due(now=END)
    for minutes in range(3):
        work.run(now=END + timedelta(minutes=minutes))
    rows = Invitation.objects.filter(survey="month")
    assert {row.case_id for row in rows} == {again.pk, other.pk}
    assert first.pk not in {row.case_id for row in rows}
    assert {row.occurrence.period for row in rows} == {"2026-03"}
    assert set(Round.objects.exclude(done_at=None).values_list("occurrence__period", flat=True)) >= {"2026-03"}


def test_the_next_round_begins_where_the_last_one_ended(surveyed: Cast) -> None:
    make_history(surveyed, "follow_up")
    periodic.open_due(now=END)
    work.run(now=END)
    case = make_case(minutes=60 * 24 * 28 + 30).case  # after work began on the last day of March
    do(case, "withdraw", surveyed, "complainant", minutes=60 * 24 * 28 + 60, data={})
    later = datetime(2026, 4, 30, 1, tzinfo=UTC)
    periodic.open_due(now=later)
    work.run(now=later)
    (row,) = Invitation.objects.filter(survey="month", occurrence__period="2026-04")
    assert row.case_id == case.pk
    assert row.state == State.WITHDRAWN
    assert Case.objects.get(pk=case.pk).closed_at is not None
