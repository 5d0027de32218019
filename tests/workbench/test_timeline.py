"""What the case page tells of the past: what time did, in words, and the way that the case took."""

from __future__ import annotations

import re

import pytest

from builders import after, do, make_case, make_history
from cast import POLICY
from ombud.cases.access.case_access import access_case
from ombud.cases.models import Case
from ombud.cases.reading import queries
from ombud.clock.tick import tick
from ombud.interface.progress import way
from shipped_packs import pack_of

pytestmark = pytest.mark.django_db


def case_page(client, case):
    page = client.get(f"/desk/cases/{case.reference}/")
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_a_warning_is_told_as_a_reminder_and_a_breach_as_overdue_with_who_was_told(cast):
    case = make_case().case
    tick(after(200))

    told = [
        (entry.passed.kind, entry.passed.due_at, entry.passed.offset.get("en"), entry.passed.told["en"], entry.breached)
        for entry in queries.timeline(access_case(cast.wei, case.reference))
        if entry.passed
    ]

    assert told == [
        ("reminder", after(60), "15 minutes before", "Service agent", False),
        ("overdue", after(60), None, "Service supervisor", True),
        ("overdue", after(60), "1 hour after", "Management", True),
    ]


def test_the_timeline_never_shows_a_bare_duty_as_if_it_was_done(cast, sign_in):
    case = make_case().case
    tick(after(200))

    page = case_page(sign_in("wei"), case)

    assert "Reminder: “Register within 1 hour” is due today 10:00" in page
    assert "Overdue: “Register within 1 hour” was due today 10:00" in page
    assert "told: Service supervisor" in page
    assert not re.search(r"Register within 1 hour\s+Automatic", page)


def test_near_days_stand_in_the_middle_of_a_sentence(cast, sign_in):
    case = make_case(minutes=200).case
    assert "received today 12:20" in case_page(sign_in("lin"), case)


def test_the_progress_shows_the_way_the_case_took_and_no_branch_beside_it(cast, sign_in):
    case = make_history(cast, "route")
    state = access_case(cast.lin, case.reference).state
    procedure = pack_of(POLICY).main
    stood = [phase for phase, _since in state.stays]

    behind, ahead = way(procedure, stood, procedure.phases[Case.objects.get(pk=case.pk).phase])

    assert [phase.id for phase in behind] == ["received", "accepted"]
    road = ["approving", "communicating", "answering", "carrying_out", "following_up", "closing", "closed"]
    assert [phase.id for phase in ahead] == road


def test_a_phase_that_a_case_came_back_to_is_where_it_is_and_the_detour_is_gone(cast):
    procedure = pack_of(POLICY).main
    ids = ["received", "accepted", "investigating"]
    behind, _ahead = way(procedure, ["new", *ids, ids[1]], procedure.phases[ids[1]])
    assert [phase.id for phase in behind] == [ids[0]]


def test_a_closed_case_has_nothing_ahead(cast, sign_in):
    case = make_case().case
    do(case, "withdraw", cast, "complainant", minutes=10)

    page = sign_in("wei").get(f"/desk/cases/{case.reference}/").content.decode()

    steps = page[page.index('<ol class="steps"') : page.index("</ol>", page.index('<ol class="steps"'))]
    assert steps.count("<li") == 1 + steps.count("is-done")
    assert "To be registered" in steps
