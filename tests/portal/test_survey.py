"""A survey is answered by its link alone: without account or script, in any language, until it closes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.test import Client

from builders import after
from carried import carry
from cast import Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.keeping import erasure
from ombud.cases.models import Event
from ombud.correspondence import survey_links
from ombud.insight.surveys import work
from ombud.insight.surveys.models import Answer, Invitation
from ombud.insight.surveys.wording import words_of
from ombud.notices.models import Notice
from surveyed import ASKED, DAY, asked, make_surveyed

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}
GOOD = {"overall": "5", "solved": "all", "words": "Keep it up"}


@pytest.fixture
def surveyed(db: None) -> Cast:
    return make_surveyed()


def link() -> str:
    """Return the link of the newest invitation."""
    carry(now=after(ASKED + 1))
    found = [re.search(r"/survey/[0-9]+/\?way=[0-9a-f-]+", str(each.body)) for each in mail.outbox]
    return [each[0] for each in found if each][-1]


def send(client: Client, link: str, data: dict[str, str], *, at: datetime, **more: Any) -> Any:
    with time_machine.travel(at, tick=False):
        address, _, token = link.partition("?way=")
        return client.post(address, {**data, "way": token}, headers=EN, **more)


def look(client: Client, link: str, *, at: datetime, language: str = "en") -> Any:
    with time_machine.travel(at, tick=False):
        return client.get(link, headers={"accept-language": language})


def test_the_link_asks_the_questions_and_keeps_the_answers_sealed_where_they_are_words(surveyed: Cast, client: Client):
    case, row = asked(surveyed)
    address = link()
    page = look(client, address, at=after(ASKED + 10))
    said = page.content.decode()
    assert page.status_code == 200
    assert "Were you satisfied" in said
    assert said.count('type="radio"') == 7
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "strict-origin"
    assert case.reference in said
    assert "王小明" not in said
    sent = send(client, address, GOOD, at=after(ASKED + 11))
    assert sent.status_code == 302
    row.refresh_from_db()
    assert (row.state, row.answered_at, row.remind_at) == ("answered", after(ASKED + 11), None)
    assert dict(Answer.objects.values_list("question", "value")) == {"overall": "5", "solved": "all"}
    assert "Keep it up" not in str(row.sealed)
    assert words_of(row, "words") == "Keep it up"


def test_answers_can_be_changed_until_the_survey_closes_and_stay_one(surveyed: Cast, client: Client):
    _case, row = asked(surveyed)
    address = link()
    send(client, address, GOOD, at=after(ASKED + 11))
    again = look(client, address, at=after(ASKED + 12)).content.decode()
    assert "You have answered already" in again
    assert re.search(r'value="5"[^>]*checked', again)
    assert "Keep it up" in again
    send(client, address, {"overall": "4", "solved": "all"}, at=after(ASKED) + 13 * DAY)
    assert dict(Answer.objects.values_list("question", "value")) == {"overall": "4", "solved": "all"}
    row.refresh_from_db()
    assert row.answered_at == after(ASKED + 11)
    assert words_of(row, "words") == ""
    late = send(client, address, GOOD, at=row.until)
    assert late.status_code == 410
    assert Answer.objects.get(question="overall").value == "4"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"solved": "all"}, "Please choose an answer."),
        ({"overall": "6", "solved": "all"}, "6"),
        ({"overall": "5", "solved": "few"}, "few"),
        ({"overall": "5", "solved": "all", "words": "x" * 2001}, "2000"),
    ],
)
def test_what_is_missing_or_no_answer_is_said_and_nothing_kept(
    surveyed: Cast, client: Client, data: dict[str, str], why: str
):
    _case, row = asked(surveyed)
    page = send(client, link(), data, at=after(ASKED + 11))
    assert page.status_code == 422
    assert why in page.content.decode()
    row.refresh_from_db()
    assert row.state == "asked"
    assert not Answer.objects.exists()


def test_a_link_opens_its_own_survey_only_and_nothing_once_it_was_changed(surveyed: Cast, client: Client):
    _case, row = asked(surveyed)
    _other, second = asked(surveyed)
    token = survey_links.token_of(row.pk, until=row.until)
    for key, way in (
        (second.pk, token),
        (row.pk, ""),
        (row.pk, token[:-1] + ("0" if token[-1] != "0" else "1")),
        (row.pk, f"{int(token[:5], 16) + 1:x}{token[5:]}"),
        (10**17, token),
    ):
        page = look(client, f"/survey/{key}/?way={way}", at=after(ASKED + 11))
        assert page.status_code == 404
        assert "All in all" not in page.content.decode()
    assert look(client, f"/survey/{row.pk}/?way={token}", at=after(ASKED + 11)).status_code == 200
    assert look(client, f"/survey/{row.pk}/?way={token}", at=row.until + DAY).status_code == 404


@pytest.mark.parametrize("code", [code for code, _name in settings.LANGUAGES])
def test_the_page_is_there_in_every_language_of_the_portal(surveyed: Cast, client: Client, code: str):
    asked(surveyed)
    page = look(client, link(), at=after(ASKED + 11), language=code).content.decode()
    assert f'lang="{code.split("-")[0]}' in page.lower()
    assert ("Send my answers" in page) == (code == "en")


def test_the_language_can_be_changed_without_losing_what_was_chosen(surveyed: Cast, client: Client):
    asked(surveyed)
    page = send(client, link(), {"overall": "3", "words": "so far", "set_language": "de"}, at=after(ASKED + 11))
    said = page.content.decode()
    assert "Waren Sie zufrieden" in said
    assert re.search(r'value="3"[^>]*checked', said)
    assert "so far" in said
    assert not Answer.objects.exists()


def test_a_bad_answer_leads_to_the_act_of_the_policy_once(surveyed: Cast, client: Client):
    case, row = asked(surveyed)
    address = link()
    send(client, address, {"overall": "1", "solved": "all", "words": "Nobody called"}, at=after(ASKED + 11))
    work.run(now=after(ASKED + 12))
    event = Event.objects.get(case=case, act="survey_unhappy")
    assert event.actor == "system"
    told = access_case(surveyed.lin, case.reference).state.facts["survey_words"]
    assert told == "总体 1/5\n解决 全部\n建议 Nobody called"
    assert "Nobody called" not in str(event.data)
    carry(now=after(ASKED + 13))
    assert Notice.objects.filter(case=case, person=surveyed.wei, act="survey_unhappy").count() == 1
    send(client, address, {"overall": "2", "solved": "none"}, at=after(ASKED + 14))
    work.run(now=after(ASKED + 15))
    assert Event.objects.filter(case=case, act="survey_unhappy").count() == 1
    row.refresh_from_db()
    assert row.act == "done"


def test_a_good_answer_leads_to_nothing(surveyed: Cast, client: Client):
    case, _row = asked(surveyed)
    send(client, link(), {"overall": "3", "solved": "all"}, at=after(ASKED + 11))
    work.run(now=after(ASKED + 12))
    assert not Event.objects.filter(case=case, act="survey_unhappy").exists()


def test_who_was_erased_is_asked_nothing(surveyed: Cast, client: Client):
    case, _row = asked(surveyed)
    address = link()
    erasure.erase(case.complainant, now=after(ASKED + 5))
    assert look(client, address, at=after(ASKED + 6)).status_code == 410
    assert send(client, address, GOOD, at=after(ASKED + 7)).status_code == 410
    assert not Answer.objects.exists()
    assert Invitation.objects.count() == 1
