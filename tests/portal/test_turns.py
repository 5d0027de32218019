"""What a case asks of its complainant: the proposal on the card, words with a no, what was asked for, being sure."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from builders import GRADES, after, do, make_case, make_history
from carried import carry
from cast import Cast
from ombud.cases.models import Case, Event

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}
Follow = Callable[[Case], Client]


@pytest.fixture
def proposed(cast: Cast, at_start) -> Case:
    case = make_history(cast, "communicate", language="en")
    at_start.move_to(after(200))
    return case


def test_the_card_has_the_proposal_the_answers_and_what_silence_means(proposed: Case, complainant: Follow) -> None:
    carry(now=after(200))
    page = complainant(proposed).get(f"/track/{proposed.reference}/", headers=EN).content.decode()
    card = page[page.index('class="card ask"') : page.index('id="next"')]
    assert "换新并致歉" in card  # the measures
    for answer in ("accepted", "partly", "rejected"):
        assert f"/do/answer/?answer={answer}" in card
    assert "If you do nothing by then: Counted as accepted, as no answer came" in card


def test_what_they_may_do_has_the_complainants_name_for_it_and_at_the_desk_its_title(
    proposed: Case, cast: Cast, complainant: Follow
) -> None:
    page = complainant(proposed).get(f"/track/{proposed.reference}/", headers=EN).content.decode()
    assert "Your turn: Answer our proposal" in page
    assert "Answer the proposal" not in page
    desk = Client()
    desk.force_login(cast.lin)
    form = desk.get(f"/desk/cases/{proposed.reference}/?act=answer", headers=EN).content.decode()
    assert "Answer the proposal" in form
    assert "Answer our proposal" not in form


def test_the_answer_of_the_card_stands_chosen_in_the_form(proposed: Case, complainant: Follow) -> None:
    page = complainant(proposed).get(f"/track/{proposed.reference}/do/answer/?answer=partly").content.decode()
    chosen = page[page.index('value="partly"') :]
    assert "checked" in chosen[: chosen.index(">")]


@pytest.mark.parametrize("answer", ["partly", "rejected"])
def test_a_no_wants_words(proposed: Case, complainant: Follow, answer: str) -> None:
    here, client = f"/track/{proposed.reference}/do/answer/", complainant(proposed)
    sent = client.post(here, {"answer": answer, "seen": proposed.seq}, headers=EN)
    assert sent.status_code == 422
    assert "Please fill in: In your own words" in sent.content.decode()
    said = client.post(
        here, {"answer": answer, "opinion": "Too little.", "seen": proposed.seq}, follow=True, headers=EN
    )
    assert "Answer our proposal (" in said.content.decode()


def test_a_yes_wants_none(proposed: Case, complainant: Follow) -> None:
    here = f"/track/{proposed.reference}/do/answer/"
    assert complainant(proposed).post(here, {"answer": "accepted", "seen": proposed.seq}).status_code == 302


def test_another_language_in_an_act_keeps_what_was_typed_and_does_nothing_else(
    proposed: Case, complainant: Follow
) -> None:
    here = f"/track/{proposed.reference}/do/answer/"
    typed = {"answer": "rejected", "opinion": "Too little.", "set_language": "en"}
    page = complainant(proposed).post(here, typed, headers={"accept-language": "zh-hans"})
    assert page.status_code == 200
    assert 'lang="en"' in page.content.decode()
    assert "Too little." in page.content.decode()
    assert not Event.objects.filter(case=proposed, act="answer").exists()


def asked_for(cast: Cast, *fields: str) -> Case:
    case = make_case(object="水壶").case
    do(case, "register", cast, "lin", minutes=30, data={**GRADES, "missing": "order"})
    data = {"message": "请补充", "asked_for": list(fields)}
    do(case, "request_facts", cast, "lin", minutes=40, data=data)
    return Case.objects.get(pk=case.pk)


def test_what_staff_ticked_comes_first_with_a_free_reply_and_the_rest_aside(
    cast: Cast, at_start, complainant: Follow
) -> None:
    case = asked_for(cast, "place", "evidence")
    at_start.move_to(after(60))
    asked = complainant(case).get(f"/track/{case.reference}/do/supply_facts/").context["questions"]
    assert [each.field.name for each in asked.fresh] == ["place", "evidence", "reply"]
    assert "loss" in [each.field.name for each in asked.more]
    assert "object" in [each.field.name for each in asked.given]


def test_what_is_known_but_was_asked_for_again_is_asked_first(cast: Cast, at_start, complainant: Follow) -> None:
    case = asked_for(cast, "object")
    at_start.move_to(after(60))
    asked = complainant(case).get(f"/track/{case.reference}/do/supply_facts/").context["questions"]
    assert [each.field.name for each in asked.fresh] == ["object", "reply"]


def test_asking_for_facts_meets_its_duty_and_opens_no_other(cast: Cast, at_start) -> None:
    case = asked_for(cast, "place")
    assert not case.duties.filter(duty="ask_facts", status="open").exists()


def test_what_ends_the_case_is_done_only_by_who_is_sure(cast: Cast, at_start, complainant: Follow) -> None:
    case = make_case().case
    here, client = f"/track/{case.reference}/do/withdraw/", complainant(case)
    form = client.get(here, headers=EN).content.decode()
    assert "btn-danger" in form
    assert "cannot be undone" in form
    assert client.post(here, {"reason": "x", "seen": case.seq}).status_code == 422
    assert client.post(here, {"reason": "x", "sure": "1", "seen": case.seq}).status_code == 302


def test_a_rating_is_asked_for_on_top_once(cast: Cast, at_start, complainant: Follow) -> None:
    case = make_history(cast, "follow_up")
    at_start.move_to(after(400))
    here, client = f"/track/{case.reference}/", complainant(case)
    assert "How did we handle your complaint?" in client.get(here, headers=EN).content.decode()
    client.post(f"{here}do/rate/", {"rating": "4", "seen": case.seq})
    page = client.get(here, headers=EN).content.decode()
    assert "How did we handle your complaint?" not in page
    assert "/do/rate/" not in page


def test_the_complaints_that_a_browser_can_open_are_listed(cast: Cast, at_start, complainant: Follow) -> None:
    first, second = make_case().case, make_case().case
    other = make_case().case
    complainant(first)
    page = complainant(second).get("/track/").content.decode()
    assert first.reference in page
    assert second.reference in page
    assert other.reference not in page


def test_a_broken_link_says_so(client: Client, cast: Cast, at_start) -> None:
    case = make_case().case
    page = client.get(f"/track/{case.reference}/0000-0000-00000/", follow=True, headers=EN).content.decode()
    assert "This link opens no complaint" in page


def test_the_present_step_has_its_number_and_name(proposed: Case, complainant: Follow) -> None:
    page = complainant(proposed).get(f"/track/{proposed.reference}/", headers=EN).content.decode()
    assert "Waiting for your answer" in page
    assert re.search(r"Step \d+ of \d+: Waiting for your answer", page)


def test_the_zone_is_named_until_the_readers_own_is_known(proposed: Case, complainant: Follow) -> None:
    client, here = complainant(proposed), f"/track/{proposed.reference}/"
    assert "Times are those of UTC+08:00 (" in client.get(here, headers=EN).content.decode()
    client.cookies["ombud_tz"] = "America/New_York"
    assert "Times are those of" not in client.get(here, headers=EN).content.decode()
