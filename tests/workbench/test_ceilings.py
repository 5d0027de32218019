"""Promise limits on pages: who sees and keeps them, what a form says of them, and a promise walked to its consent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from builders import after, assert_refolds
from cast import Cast
from limited import TRAINING, act, entry, investigated, limits, make_training_cast, phase
from ombud.cases.models import Case
from ombud.clock.limits import tell_limits
from ombud.notices.models import Notice
from ombud.organisation.ceilings import CeilingTable
from ombud.organisation.models import Membership

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
LIST, PAGE = "/desk/ceilings/", f"/desk/ceilings/{TRAINING}/"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_training_cast()


def lines(*given: tuple[str, str], since: str = "2026-03-03", reason: str = "年度授权") -> dict[str, str]:
    """Return the form with these lines; an empty amount is without limit."""
    found = {"since": since, "reason": reason, "line-TOTAL_FORMS": str(len(given)), "line-INITIAL_FORMS": "0"}
    for index, (subject, amount) in enumerate(given):
        found |= {f"line-{index}-whose": subject, f"line-{index}-amount": amount, f"line-{index}-currency": "CNY"}
        found |= {} if amount else {f"line-{index}-is_unlimited": "on"}
    return found


USUAL = (("unit//", "500"), ("unit_head//", "2000"), ("management//", ""))


def test_one_proposes_a_table_another_lets_it_apply_and_each_sees_their_own(cast: Cast, sign_in: Browser) -> None:
    mo, yu, chang = sign_in("mo"), sign_in("yu"), sign_in("chang")
    assert "No limits yet" in chang.get(LIST).content.decode()
    assert "Propose another table" not in chang.get(PAGE).content.decode()
    assert chang.post(PAGE, lines(*USUAL)).status_code == 403
    assert mo.post(PAGE, lines(*USUAL), follow=True).status_code == 200
    row = CeilingTable.objects.get()
    assert "Your own proposal" in mo.get(PAGE).content.decode()
    assert "年度授权" not in chang.get(PAGE).content.decode(), "what waits concerns who keeps the limits"
    decide = f"/desk/ceilings/decisions/{row.pk}/"
    assert chang.post(decide, {"verdict": "apply"}).status_code == 403
    assert "Nobody lets apply what they proposed" in mo.post(decide, {"verdict": "apply"}, follow=True).content.decode()
    assert "waits for a decision" in yu.get(LIST).content.decode()
    assert "apply from their day on" in yu.post(decide, {"verdict": "apply"}, follow=True).content.decode()
    page = chang.get(PAGE).content.decode()
    assert "you may promise up to" in page
    assert "500.00 CNY" in page
    assert "without limit" in page
    assert "Amounts that nobody may grant" not in page


def test_what_is_wrong_with_a_line_is_said_and_a_gap_is_shown_before_it_applies(cast: Cast, sign_in: Browser) -> None:
    mo = sign_in("mo")
    for wrong, words in (
        (lines(("unit//", "500"), ("unit//", "600")), "one limit only"),
        (lines(("", "500")), "Say who may promise it."),
        (lines(("unit//", "-1")), "greater than or equal"),
        (lines(("other//", "1")), "valid choice"),
        (lines(("unit//", "500"), since="2026-03-02"), "never for what was"),
        (lines(("unit//", "500"), reason=""), "required"),
        (lines(), "at least one"),
        ({**lines(("unit//", "500")), "line-0-is_unlimited": "on"}, "or tick without limit"),
    ):
        answer = mo.post(PAGE, wrong)
        assert (answer.status_code, words in answer.content.decode()) == (422, True), words
    mo.post(PAGE, lines(("unit//", "500"), ("unit_head//", "2000")))
    page = sign_in("yu").get(PAGE).content.decode()
    assert "Amounts that nobody may grant" in page
    assert "above 2000.00 CNY" in page
    row = CeilingTable.objects.get()
    sign_in("yu").post(f"/desk/ceilings/decisions/{row.pk}/", {"verdict": "decline", "because": "缺管理层"})
    page = mo.get(PAGE).content.decode()
    assert "缺管理层" in page
    assert "No limits yet" in page


def test_somebody_elses_own_limit_is_shown_to_who_keeps_or_audits_them_alone(cast: Cast, sign_in: Browser) -> None:
    limits(cast, entry("unit", "500.00"), entry(person=cast.hu.pk, amount="50.00"), entry("management"))
    for who, sees in (("mo", True), ("ai", True), ("hu", True), ("chang", False)):
        assert ("50.00 CNY" in sign_in(who).get(PAGE).content.decode().replace("500.00 CNY", "")) is sees
    assert sign_in("nobody").get(PAGE).status_code == 404
    assert sign_in("mo").get("/desk/ceilings/nothing/").status_code == 404
    Membership.objects.create(person=cast.nobody, policy=TRAINING, role="complainant")
    assert sign_in("nobody").get(PAGE).status_code == 404, "nobody outside learns what may be promised"


def test_clause_2_1a_walked_in_pages(cast: Cast, sign_in: Browser, clock: time_machine.Traveller) -> None:
    """Chang offers 2500: more than the unit's 500 and the head's 2000, so the head and then the management consent."""
    limits(cast, entry("unit", "500.00"), entry("unit_head", "2000.00"), entry("management", "8000.00"))
    case = investigated(cast)
    form = sign_in("chang").get(f"/desk/cases/{case.reference}/?act=propose").content.decode()
    assert "Your promise limit" in form
    assert "500.00 CNY" in form
    assert "More than that needs the consent of Head" in form or "More than that needs the consent of" in form
    assert "beyond_head" not in form, "nobody is asked what the register answers"
    given = {
        "seen": Case.objects.get(pk=case.pk).seq, "measure": "compensation", "measures": "赔偿电脑",
        "time_limit": "2026-03-06", "responsible": "王敏", "beyond_powers": "no", "compensation": ["2500", "CNY"],
    }  # fmt: skip
    answer = sign_in("chang").post(f"/desk/cases/{case.reference}/acts/propose/", given)
    assert answer.status_code in (200, 302), answer.content.decode()[:2000]
    assert phase(case) == "approving"
    case = act(case, "plan.approve", cast, "ni", 225)
    clock.move_to(after(230))
    limits(cast, entry("unit", "500.00"), entry("unit_head", "2000.00"), entry("management", "2400.00"), minutes=226,
           since=after(0).date())  # fmt: skip
    gao = sign_in("gao")
    form = gao.get(f"/desk/cases/{case.reference}/?act=plan.approve").content.decode()
    assert "2400.00 CNY" in form
    assert "more than you may grant" in form
    refused = gao.post(f"/desk/cases/{case.reference}/acts/plan.approve/", {"seen": case.seq}).content.decode()
    assert "2500.00 CNY is more than you may promise (2400.00 CNY)" in refused
    limits(cast, entry("unit", "500.00"), entry("unit_head", "2000.00"), entry("management"), minutes=229,
           since=after(0).date())  # fmt: skip
    gao.post(f"/desk/cases/{case.reference}/acts/plan.approve/", {"seen": Case.objects.get(pk=case.pk).seq})
    assert phase(case) == "communicating"
    assert_refolds(case)


def test_whoever_decides_on_a_table_hears_of_it_and_who_proposed_it_hears_what_became_of_it(
    cast: Cast, sign_in: Browser
) -> None:
    mo, yu = sign_in("mo"), sign_in("yu")
    mo.post(PAGE, lines(*USUAL))
    row, now = CeilingTable.objects.get(), after(220)
    assert [tell_limits(now=now), tell_limits(now=now)] == [1, 0]
    assert not Notice.objects.filter(person=cast.mo, kind="promise-limits").exists(), "nobody is told what they did"
    page = yu.get("/desk/").content.decode()
    assert "Decisions that wait for you" in page
    assert PAGE in page
    assert "1 proposal waits for you" in page
    assert "Decisions that wait for you" not in mo.get("/desk/").content.decode()
    assert "Mo proposes other promise limits from 3 Mar 2026 on" in yu.get("/desk/notices/").content.decode()
    yu.post(f"/desk/ceilings/decisions/{row.pk}/", {"verdict": "decline", "because": "Too much"})
    assert [tell_limits(now=now), tell_limits(now=now)] == [1, 0]
    assert "Yu declined the promise limits proposed from 3 Mar 2026 on" in mo.get("/desk/notices/").content.decode()
    assert "Decisions that wait for you" not in yu.get("/desk/").content.decode()


def test_what_is_taken_back_before_anybody_decided_is_told_too(cast: Cast, sign_in: Browser) -> None:
    mo, yu = sign_in("mo"), sign_in("yu")
    mo.post(PAGE, lines(*USUAL))
    tell_limits(now=after(220))
    mo.post(f"/desk/ceilings/decisions/{CeilingTable.objects.get().pk}/", {"verdict": "withdraw"})
    assert tell_limits(now=after(230)) == 1
    page = yu.get("/desk/notices/").content.decode()
    assert "Mo took back the promise limits" in page
    assert f'href="{PAGE}"' in page
