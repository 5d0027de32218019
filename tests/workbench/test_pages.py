"""The workbench's pages: who sees what, how many queries, what stands on them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from builders import START, after, do, make_case, make_history
from cast import POLICY
from ombud.clock.tick import tick
from ombud.organisation import reports
from ombud.organisation.models import POLICY_OWNER, Membership
from ombud.workbench.verdicts import is_one_approval

PAGES = (
    "/desk/",
    "/desk/?show=pool",
    "/desk/cases/",
    "/desk/board/",
    "/desk/record/",
    "/desk/policies/",
    f"/desk/policies/{POLICY}/1.0.0/",
    f"/desk/policies/{POLICY}/1.0.0/?tab=assumptions",
    f"/desk/policies/{POLICY}/1.0.0/?tab=diagram",
    f"/desk/policies/{POLICY}/1.0.0/?tab=calendars",
    f"/desk/policies/{POLICY}/1.0.0/?tab=checks",
    "/desk/calendar/",
    "/desk/notices/",
    "/desk/people/",
    "/desk/proof/",
)


def test_a_stranger_is_sent_to_the_sign_in(db):
    for address in PAGES:
        response = Client().get(address)

        assert response.status_code == 302, address
        assert response.url.startswith("/desk/sign-in/"), address


def test_a_manager_sees_every_page_but_receives_no_complaints(cast, sign_in):
    make_history(cast, "propose")
    manager = sign_in("mo")

    answers = {address: manager.get(address).status_code for address in PAGES}

    assert answers == {**dict.fromkeys(PAGES, 200), "/desk/record/": 403}


@pytest.mark.parametrize("address", ["/desk/people/", "/desk/proof/"])
def test_what_is_for_managers_and_auditors_is_not_for_agents(cast, sign_in, address):
    assert sign_in("lin").get(address).status_code == 403
    assert sign_in("ai").get(address).status_code == 200


def test_my_duties_show_title_clause_due_time_and_the_act(cast, sign_in):
    case = make_case(minutes=200).case

    page = sign_in("lin").get("/desk/").content.decode()

    assert "Register within 1 hour" in page
    assert 'data-ref="1.1.6"' in page
    assert f"/desk/cases/{case.reference}/?act=register#act" in page
    assert 'class="countdown countdown-chip" data-state="calm"' in page


def test_an_overdue_duty_stands_first_under_its_own_heading(cast, sign_in):
    make_case(minutes=200)
    make_case(minutes=0)

    page = sign_in("lin").get("/desk/").content.decode()

    assert page.index('id="group-overdue"') < page.index('id="group-today"')


def test_who_owes_nothing_is_told_so(cast, sign_in):
    assert "You owe nothing" in sign_in("deng").get("/desk/").content.decode()


def test_the_register_finds_chinese_words_and_gives_htmx_only_the_rows(cast, sign_in):
    case = make_case(minutes=200).case
    lin = sign_in("lin")

    whole = lin.get("/desk/cases/", {"q": "漏水"}).content.decode()
    part = lin.get(
        "/desk/cases/", {"q": "漏水"}, headers={"HX-Request": "true", "HX-Target": "results"}
    ).content.decode()
    none = lin.get("/desk/cases/", {"q": "冰箱"}).content.decode()

    assert str(case) in whole
    assert str(case) in part
    assert "<html" not in part
    assert str(case) not in none
    assert "No complaint matches" in none


def test_an_unknown_filter_is_said_not_guessed(cast, sign_in):
    response = sign_in("lin").get("/desk/cases/", {"from": "yesterday"})

    assert response.status_code == 200
    assert "“from=yesterday” in the address cannot be read." in response.content.decode()


def test_the_register_pages_on_and_keeps_its_filters(cast, sign_in):
    for _ in range(52):
        make_case(minutes=200)

    page = sign_in("lin").get("/desk/cases/", {"phase": "received"}).content.decode()

    assert "phase=received&amp;cursor=" in page


def test_the_board_has_a_column_for_each_phase_that_people_see(cast, sign_in):
    case = make_history(cast, "accept_work")

    page = sign_in("lin").get("/desk/board/").content.decode()

    assert 'id="phase-investigating"' in page
    assert 'id="phase-pushing"' not in page
    assert str(case) in page


def test_the_case_page_shows_facts_timeline_duties_and_progress(cast, sign_in):
    case = make_history(cast, "propose")

    page = sign_in("lin").get(f"/desk/cases/{case.reference}/").content.decode()

    assert "王小明" in page
    assert "Propose a solution" in page
    assert 'aria-current="step"' in page
    assert "Why is it due then?" in page


def test_a_due_time_is_explained(cast, sign_in):
    case = make_case(minutes=200).case

    response = sign_in("lin").get(f"/desk/cases/{case.reference}/duties/register/1/", headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert "<li>" in response.content.decode()


def test_approvals_say_who_decided_what(cast, sign_in):
    case = make_history(cast, "plan.approve")

    page = sign_in("lin").get(f"/desk/cases/{case.reference}/").content.decode()

    assert "Approved" in page
    assert "Zhou" in page


def test_an_auditor_sees_masks_until_a_reason_is_given(cast, sign_in):
    case = make_history(cast, "accept_work")
    auditor = sign_in("ai")

    masked = auditor.get(f"/desk/cases/{case.reference}/").content.decode()
    assert "王小明" not in masked
    assert "Show personal data" in masked

    empty = auditor.post(f"/desk/cases/{case.reference}/unmask/", {"reason": " "})
    assert (empty.status_code, "王小明" in empty.content.decode()) == (422, False)
    assert "Say why you must see it" in empty.content.decode()

    shown = auditor.post(f"/desk/cases/{case.reference}/unmask/", {"reason": "complaint about the handling"})
    assert "王小明" in shown.content.decode()
    assert "complaint about the handling" in auditor.get("/desk/proof/").content.decode()


@pytest.mark.parametrize(
    "part", ["", "acts/note/", "duties/register/1/", "files/6f9619ff-8b86-d011-b42d-00c04fc964ff/"]
)
def test_who_never_had_the_case_finds_nothing_there(cast, sign_in, part):
    case = make_history(cast, "accept_work")

    assert sign_in("deng").get(f"/desk/cases/{case.reference}/{part}").status_code == 404


def test_looking_at_a_case_reads_its_notices(cast, sign_in):
    from ombud.notices.models import Notice

    case = make_history(cast, "accept_work")
    Notice.objects.create(person=cast.lin, case=case, kind="act", act="note", at=case.received_at, dedupe="x")
    lin = sign_in("lin")
    assert "Add a note" in lin.get("/desk/notices/").content.decode()

    lin.get(f"/desk/cases/{case.reference}/")

    assert not Notice.objects.filter(person=cast.lin, read_at=None).exists()


@pytest.mark.parametrize("address", ["/desk/", "/desk/cases/", "/desk/board/"])
def test_lists_ask_the_database_as_often_for_many_cases_as_for_few(
    cast, sign_in, address, django_assert_max_num_queries
):
    lin = sign_in("lin")
    for _ in range(3):
        make_case(minutes=200)
    lin.get(address)  # fills what a process keeps: packs, programs
    with django_assert_max_num_queries(40) as few:
        lin.get(address)
    for _ in range(12):
        make_case(minutes=200)
    with django_assert_max_num_queries(40) as many:
        lin.get(address)

    assert len(many) == len(few)


def test_the_case_page_says_when_something_was_recorded_late(cast, sign_in):
    case = make_history(cast, "register")
    do(case, "note", cast, "lin", minutes=100, data={"remark": "first"})

    page = sign_in("lin").get(f"/desk/cases/{case.reference}/").content.decode()

    assert "first" in page


def test_the_checks_wait_for_the_clock_and_are_then_shown_from_what_is_kept(cast, sign_in):
    address = f"/desk/policies/{POLICY}/1.0.0/?tab=checks"
    manager = sign_in("mo")

    waiting = manager.get(address).content.decode()
    assert "Walking every way through the policy" in waiting
    reports.make_missing(now=START)

    page = manager.get(address).content.decode()
    assert "assumed-clause" in page[page.index("Technical details") :], (
        "ids and files are for whoever writes the policy"
    )
    assert "assumed-clause" not in page[: page.index("Technical details")]
    Membership.objects.create(person=cast.mo, role=POLICY_OWNER)
    assert "Technical details" not in manager.get(address).content.decode()
    assert "Walking every way" not in page
    assert "<html" not in manager.get(address, headers={"HX-Request": "true"}).content.decode()


def test_a_cell_without_words_is_empty_for_the_phone_leaves_empty_cells_out(cast, sign_in):
    make_case(minutes=200)

    page = sign_in("lin").get("/desk/cases/").content.decode()

    assert '<td class="cell-with">' in page
    assert re.findall(r"<td[^>]*>\s+</td>", page) == []
    assert re.search(r'<td class="cell-with"></td>', page)


def test_marking_one_case_as_read_leaves_the_others(cast, sign_in):
    first, second = make_case(minutes=0).case, make_case(minutes=1).case
    tick(after(65))
    wei = sign_in("wei")
    page = wei.get("/desk/notices/?show=unread").content.decode()
    assert first.reference in page
    assert second.reference in page

    assert wei.post("/desk/notices/?show=unread", {"case": first.reference}).status_code == 302

    page = wei.get("/desk/notices/?show=unread").content.decode()
    assert f"/desk/cases/{first.reference}/" not in page
    assert f"/desk/cases/{second.reference}/" in page


def test_what_waits_for_others_stands_apart_with_whom_it_waits_for(cast, sign_in):
    case = make_history(cast, "route")
    lin = sign_in("lin")

    ready = lin.get("/desk/").content.decode()
    waiting = lin.get("/desk/?show=waiting").content.decode()

    assert case.reference not in ready[ready.index('id="duties"') :]
    assert case.reference in waiting
    assert re.search(r"waits for\s+[^<]*contact[^<]*: Confirm", waiting)


def test_both_verdicts_are_offered_wherever_a_decision_is_owed(cast, sign_in):
    case = make_history(cast, "propose")
    zhou = sign_in("zhou")

    listed = zhou.get("/desk/").content.decode()
    page = zhou.get(f"/desk/cases/{case.reference}/").content.decode()

    for where in (listed, page):
        assert "?act=plan.approve" in where
        assert "?act=plan.reject" in where
    acts = page[page.index('class="acts"') : page.index("</details>", page.index('class="acts"'))]
    assert "btn-primary" not in acts
    assert ">yours<" in page


def test_a_verdict_is_said_once_and_its_approval_where_the_form_is_headed(cast, sign_in):
    case = make_history(cast, "propose")
    page = re.sub(r"\s+", " ", sign_in("zhou").get(f"/desk/cases/{case.reference}/?act=plan.approve").content.decode())
    acts = page[page.index('class="acts"') : page.index('class="card act-form"')]
    form = page[page.index('class="card act-form"') :]

    assert "</svg> Approve </a>" in acts
    assert "</svg> Reject </a>" in acts
    assert "Approval of the solution: " not in acts
    assert "<h2>Approval of the solution: approve</h2>" in form
    assert re.search(r'<button type="submit"[^>]*> Approve </button>', form)


def test_verdicts_on_several_approvals_say_which() -> None:
    assert is_one_approval(["note", "plan.approve", "plan.reject"])
    assert not is_one_approval(["plan.approve", "money.approve", "answer.accepted"])
    assert not is_one_approval(["note"])


def test_after_an_act_its_consequence_is_told(cast, sign_in):
    case = make_history(cast, "register")

    answer = sign_in("lin").post(f"/desk/cases/{case.reference}/acts/route/", {"seen": case.seq}, follow=True)

    said = re.sub(r"\s+", " ", answer.content.decode())
    assert "Done: Dispatch." in said
    assert "Told: Service supervisor, Department contact, Department head." in said
    assert re.search(r"Next: [^<]+ \([^<]+\), due (today|Wed)", said)


def test_a_notice_sets_what_was_decided_apart_in_the_manner_of_the_language(cast, sign_in):
    make_history(cast, "answer")
    tick(after(241))
    chen = sign_in("chen")

    for language, colon in (("en", ": "), ("zh-CN", "\N{FULLWIDTH COLON}")):
        page = chen.get("/desk/notices/", headers={"accept-language": language}).content.decode()
        assert re.search(rf"\w{colon}<strong>\w", page), language
