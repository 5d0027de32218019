"""Acts on the case page: forms from the pack, refusals with clauses, two people at once, typing that is never lost."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from builders import GRADES, assert_refolds, do, make_case, make_history
from ombud.cases.models import Case, Event
from samples import PNG

TYPED = {name: {True: "yes", False: "no"}.get(value, value) for name, value in GRADES.items()}


def send(client: Client, case: Case, act: str, *, htmx: bool = False, **data):
    headers = {"HX-Request": "true"} if htmx else {}
    payload = {"seen": case.seq, **data}
    return client.post(f"/desk/cases/{case.reference}/acts/{act}/", payload, headers=headers)


def test_an_agent_registers_a_complaint_by_the_form_of_the_pack(cast, sign_in):
    case = make_case(minutes=200).case
    lin = sign_in("lin")

    page = lin.get(f"/desk/cases/{case.reference}/?act=register").content.decode()
    assert 'name="category"' in page
    assert "1.1.6" in page

    response = send(lin, case, "register", **TYPED)

    assert response.status_code == 302
    case.refresh_from_db()
    assert case.phase == "accepted"
    assert case.grades["severity"] == "general"
    assert_refolds(case)


def test_the_act_that_is_owed_stands_before_those_that_are_only_possible(cast, sign_in):
    case = make_history(cast, "register")

    page = sign_in("lin").get(f"/desk/cases/{case.reference}/").content.decode()

    menu = page[page.index('<div class="acts">') : page.index('<details class="menu">')]
    assert re.findall(r"\?act=(\w+)#act", menu) == ["route", "request_facts"]
    assert menu.index("btn-primary") < menu.index("act=route#act")


def test_a_duty_whose_time_has_not_come_says_what_it_waits_for(cast, sign_in):
    case = make_history(cast, "route")
    page = sign_in("lin").get(f"/desk/cases/{case.reference}/?act=communicate").content.decode()
    assert "Not possible yet" in page
    assert "possible only in: Solution to be communicated" in page


def test_a_form_that_comes_after_the_case_has_moved_on_keeps_what_was_typed(cast, sign_in):
    case = make_history(cast, "propose")
    stale = {"seen": case.seq - 1, "measures": "A long text", "time_limit": "2026-03-09", "responsible": "Wang"}
    response = sign_in("chen").post(f"/desk/cases/{case.reference}/acts/propose/", stale)
    page = response.content.decode()
    assert response.status_code == 409
    assert "A long text" in page
    assert "Solution in approval" in page
    assert Event.objects.filter(case=case, act="propose").count() == 1


def test_evidence_stands_in_the_timeline_by_its_name(cast, sign_in, media):
    case = make_history(cast, "register")
    lin = sign_in("lin")
    send(lin, case, "attach", evidence=SimpleUploadedFile("receipt.png", PNG))
    page = lin.get(f"/desk/cases/{case.reference}/").content.decode()
    assert page.count("receipt.png") == 2


def test_a_form_that_lacks_something_comes_back_with_what_was_typed(cast, sign_in):
    case = make_case(minutes=200).case

    response = send(sign_in("lin"), case, "register", **{**TYPED, "urgency": ""}, missing="receipt")

    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="receipt"' in page
    assert "Please choose: Urgency" in page
    assert Event.objects.filter(case=case, act="register").count() == 0


def test_what_the_policy_refuses_is_shown_with_its_clause_and_typing_is_kept(cast, sign_in):
    case = make_history(cast, "accept_work")
    chen = sign_in("chen")
    asked = {"measures": "Replace the kettle", "time_limit": "2026-03-09", "responsible": "Wang"}

    response = send(chen, case, "propose", htmx=True, **asked)

    page = response.content.decode()
    assert response.status_code == 409
    assert "Not possible as the case stands" in page
    assert "Replace the kettle" in page
    assert 'class="clause"' in page
    assert "<html" not in page


def test_who_acts_on_an_old_page_is_told_what_changed_and_loses_no_typing(cast, sign_in):
    case = make_history(cast, "accept_work")
    do(case, "note", cast, "zhou", minutes=100, data={"remark": "Zhou was faster"})

    response = send(sign_in("chen"), case, "investigate", htmx=True, finding="partly", finding_notes="My long notes")

    page = response.content.decode()
    assert response.status_code == 409
    assert "Somebody acted on this case while you were typing" in page
    assert "Zhou was faster" in page
    assert "My long notes" in page
    fresh = Case.objects.get(pk=case.pk)
    assert f'name="seen" value="{fresh.seq}"' in page
    for beside in ("case-aside", "case-timeline"):  # what stands around the form is renewed with it
        assert f'id="{beside}" hx-swap-oob="true"' in page

    again = send(sign_in("chen"), fresh, "investigate", finding="partly", finding_notes="My long notes")
    assert again.status_code == 302
    assert_refolds(fresh)


def test_htmx_is_sent_on_to_the_case_after_an_act(cast, sign_in):
    case = make_history(cast, "route")

    response = send(sign_in("chen"), case, "accept_work", htmx=True)

    assert response.headers["HX-Redirect"] == f"/desk/cases/{case.reference}/"


def test_an_act_may_be_recorded_after_it_happened_but_not_before(cast, sign_in):
    case = make_history(cast, "register")
    lin = sign_in("lin")

    future = send(lin, case, "note", remark="too early", occurred="2030-01-01T00:00")
    assert future.status_code == 422
    assert "A past time is needed here" in future.content.decode()

    past = send(lin, case, "note", remark="rang back", occurred="2026-03-03T10:00")
    assert past.status_code == 302
    event = Event.objects.get(case=case, act="note")
    assert event.recorded - event.occurred == 150 * 60


def test_evidence_survives_an_error_in_another_field(cast, sign_in, media):
    case = make_history(cast, "communicate")
    do(case, "answer", cast, "complainant", minutes=200, data={"answer": "accepted"})
    case.refresh_from_db()
    chen = sign_in("chen")

    refused = send(chen, case, "carry_out", result="", evidence=SimpleUploadedFile("shot.png", PNG))

    assert refused.status_code == 422
    token = refused.content.decode().split('name="evidence-stored" value="')[1].split('"')[0]
    accepted = send(chen, case, "carry_out", result="Replaced", **{"evidence-stored": token})
    assert accepted.status_code == 302
    assert case.attachments.count() == 1


def test_a_page_shows_why_an_act_is_not_possible_yet(cast, sign_in):
    case = make_history(cast, "accept_work")

    page = sign_in("chen").get(f"/desk/cases/{case.reference}/?act=propose").content.decode()

    assert "Not possible yet" in page


def test_somebody_takes_a_case_from_the_list_of_duties(cast, sign_in):
    case = make_case(minutes=200).case

    response = send(sign_in("lin"), case, "take", next="/desk/?show=pool")

    assert response.status_code == 302
    assert response.url == "/desk/?show=pool"
    case.refresh_from_db()
    assert case.handler == cast.lin


def test_an_address_elsewhere_is_not_followed(cast, sign_in):
    case = make_case(minutes=200).case

    response = send(sign_in("lin"), case, "take", next="https://evil.example/")

    assert response.url == f"/desk/cases/{case.reference}/"


@pytest.mark.parametrize(("who", "status"), [("deng", 404), ("nobody", 404), ("ai", 403), ("mo", 403), ("chen", 200)])
def test_only_who_may_act_on_the_case_gets_its_form(cast, sign_in, who, status):
    case = make_history(cast, "accept_work")

    response = sign_in(who).get(f"/desk/cases/{case.reference}/acts/note/", headers={"HX-Request": "true"})

    assert response.status_code == status


def test_two_notes_never_conflict_but_one_sent_twice_is_noticed(cast, sign_in):
    case = make_history(cast, "register")
    lin, wei = sign_in("lin"), sign_in("wei")
    address, seen = f"/desk/cases/{case.reference}/acts/note/", case.seq
    assert lin.post(address, {"seen": seen, "remark": "One"}).status_code == 302
    assert wei.post(address, {"seen": seen, "remark": "Other"}).status_code == 302
    again = lin.post(address, {"seen": seen, "remark": "One"})
    assert again.status_code == 409
    assert "Show the case as it is now" in again.content.decode()
    assert Event.objects.filter(case=case, act="note").count() == 2


def test_the_menu_of_acts_is_grouped_by_what_they_do(cast, sign_in):
    case = make_history(cast, "register")
    page = sign_in("lin").get(f"/desk/cases/{case.reference}/").content.decode()
    titles = re.findall(r'<p class="menu-title">(Add|Change|End)</p>', page)
    assert titles == ["Add", "Change", "End"]
    assert page.index(">Add</p>") < page.index("/acts/note/") < page.index(">Change</p>") < page.index("/acts/correct/")


def test_the_address_of_an_unmasked_case_leads_to_the_case(cast, sign_in):
    case = make_history(cast, "register")
    assert sign_in("ai").get(f"/desk/cases/{case.reference}/unmask/")["Location"] == f"/desk/cases/{case.reference}/"
