"""Erasing and recusing on their pages: one person asks, another decides, and nobody by accident."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from builders import after, make_case, make_history
from cast import Cast
from ombud.cases.keeping import erasure_requests
from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.holds import hold
from ombud.cases.keeping.unsent_words import SLOT
from ombud.cases.models import Case, ErasureRequest, Outbox, Recusal, Removal
from ombud.clock.tick import TIDYING
from ombud.organisation.models import MANAGER, Membership, Person
from ombud.privacy.keys import key_of
from ombud.signin.models import Session

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
ASKED = {"do": "ask", "ground": "asked", "filed": "信函 2026-03-03"}


def page(case: Case) -> str:
    return f"/desk/cases/{case.reference}/privacy/"


def is_erased(case: Case) -> bool:
    return key_of(Case.objects.select_related("complainant").get(pk=case.pk).complainant) is None


def ask(case: Case, client: Client) -> ErasureRequest:
    assert client.post(page(case), ASKED).status_code == 302
    return ErasureRequest.objects.get(decided_at=None)


def decide(client: Client, row: ErasureRequest, verdict: str, confirm: str = "") -> str:
    sent = {"verdict": verdict, "confirm": confirm}
    return client.post(f"/desk/erasures/{row.pk}/", sent, follow=True).content.decode()


def test_one_person_asks_and_another_erases(cast: Cast, sign_in: SignIn) -> None:
    case = make_history(cast, "route")
    row = ask(case, sign_in("lin"))
    assert not is_erased(case)
    manager = sign_in("mo")
    assert case.reference in manager.get("/desk/erasures/").content.decode()
    assert "Type the number of the case" in decide(manager, row, "approve", "yes")
    assert not is_erased(case)
    assert "Erased, in 1 cases" in decide(manager, row, "approve", case.reference.lower())
    assert is_erased(case)
    row.refresh_from_db()
    assert (row.asked_by, row.decided_by, row.is_approved, row.cases) == (cast.lin, cast.mo, True, 1)
    removal = Removal.objects.get()
    assert (removal.reference, removal.kind, removal.removed_by) == (case.reference, "erasure", cast.mo)
    shown = sign_in("ai").get("/desk/erasures/").content.decode()
    assert "信函 2026-03-03" in shown
    assert "decided meanwhile" in decide(manager, row, "reject")


def test_nobody_decides_on_their_own_request(cast: Cast, sign_in: SignIn) -> None:
    case = make_case().case
    manager = sign_in("mo")
    row = ask(case, manager)
    assert "Your own request" in manager.get(page(case)).content.decode()
    assert "Ask another manager" in decide(manager, row, "approve", case.reference)
    assert not is_erased(case)
    assert "Not erased" in decide(manager, row, "reject")  # taken back
    row.refresh_from_db()
    assert (row.is_approved, row.decided_by) == (False, cast.mo)


def test_only_managers_decide_and_only_who_answers_for_the_policy_asks(cast: Cast, sign_in: SignIn) -> None:
    case = make_history(cast, "route")
    for who, status in (("chen", 403), ("ai", 403), ("deng", 404), ("nobody", 404)):
        assert sign_in(who).get(page(case)).status_code == status, who
        assert sign_in(who).post(page(case), ASKED).status_code == status, who
    row = ask(case, sign_in("lin"))
    for who, status in (("wei", 403), ("chen", 403), ("ai", 403), ("deng", 404)):
        sent = sign_in(who).post(f"/desk/erasures/{row.pk}/", {"verdict": "approve", "confirm": case.reference})
        assert sent.status_code == status, who
    for who, status in (("mo", 200), ("ai", 200), ("lin", 403), ("nobody", 403)):
        assert sign_in(who).get("/desk/erasures/").status_code == status
    assert not is_erased(case)


def test_a_request_says_its_ground_waits_once_and_names_nobody(cast: Cast, sign_in: SignIn) -> None:
    case = make_case().case
    client = sign_in("lin")
    for wrong in ({**ASKED, "filed": " "}, {**ASKED, "ground": ""}, {**ASKED, "ground": "x"}):
        assert client.post(page(case), wrong).status_code == 422
    client.post(page(case), {**ASKED, "filed": "王小明来信，13800138000"})
    assert ErasureRequest.objects.get().filed == "***来信，***"
    again = client.post(page(case), ASKED)
    assert (again.status_code, "asked for this already" in again.content.decode()) == (422, True)


def test_a_name_at_the_end_of_a_long_place_is_struck_whole(cast: Cast) -> None:
    case, place = make_case().case, "档" * 198
    filed = f"{place}王小明"
    row = erasure_requests.ask(case.reference, ground="asked", filed=filed, by=cast.lin, now=after(1))
    assert row.filed == f"{place}**"


def test_a_hold_keeps_a_case_whole_and_what_is_erased_is_not_asked_for_again(cast: Cast, sign_in: SignIn) -> None:
    case = make_case().case
    held = hold(case, reason="诉讼", by=cast.mo, now=after(1))
    row = ask(case, sign_in("lin"))
    assert "legal hold" in decide(sign_in("mo"), row, "approve", case.reference)
    held.delete()
    decide(sign_in("mo"), row, "approve", case.reference)
    with pytest.raises(erasure_requests.NothingToErase):
        erasure_requests.ask(case.reference, ground="asked", filed="x", by=cast.lin, now=after(9))
    assert "is erased" in sign_in("lin").get(page(case)).content.decode()


def test_what_somebody_was_still_writing_about_the_person_goes_too(cast: Cast, sign_in: SignIn) -> None:
    case, other = make_history(cast, "route"), make_case().case

    def written(on: Case) -> str:
        client = sign_in("wei")
        client.get("/desk/")
        del client.cookies["ombud_session"]  # as when a session ends while somebody writes
        client.post(f"/desk/cases/{on.reference}/acts/note/", {"remark": "王小明说要起诉，请回电话"})
        return client.session.session_key

    before = [written(case), written(other)]
    erase(case.complainant, now=timezone.now())  # by whatever way
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        after_it = written(case)
    assert TIDYING["unsent words"](now=timezone.now()) == 1
    kept = [SLOT in Session.objects.get(session_key=key).get_decoded() for key in (*before, after_it)]
    assert kept == [False, True, True]  # what came later was written without the person's data


def test_the_index_is_compacted_at_once_and_by_the_clock_where_that_failed(
    cast: Cast, sign_in: SignIn, django_capture_on_commit_callbacks: Callable
) -> None:
    from ombud.cases.keeping import compaction

    case = make_case().case
    row = ask(case, sign_in("lin"))
    with django_capture_on_commit_callbacks():
        decide(sign_in("mo"), row, "approve", case.reference)
    assert Outbox.objects.filter(kind=compaction.KIND, done_at=None).count() == 1
    assert compaction.run(now=after(300)) == 1
    assert compaction.run(now=after(300)) == 0


def test_a_manager_takes_somebody_out_of_a_case_with_a_reason_that_names_nobody(cast: Cast, sign_in: SignIn) -> None:
    case = make_history(cast, "route")
    manager = sign_in("mo")
    out = {"do": "recuse", "who": cast.wei.pk, "whom": "one", "reason": "王小明的亲属"}
    assert manager.post(page(case), {**out, "reason": ""}).status_code == 422
    assert sign_in("lin").post(page(case), out).status_code == 422  # she may ask for an erasure, no more
    assert not Recusal.objects.exists()
    assert manager.post(page(case), out).status_code == 302
    assert Recusal.objects.get().reason == "***的亲属"
    assert sign_in("wei").get(f"/desk/cases/{case.reference}/").status_code == 404
    assert "的亲属" in manager.get(page(case)).content.decode()
    own = manager.post(page(case), {**out, "who": cast.mo.pk}, follow=True)
    assert own.redirect_chain == [("/desk/cases/", 302)]


def test_who_is_complained_about_goes_with_whoever_answers_to_them(cast: Cast, sign_in: SignIn) -> None:
    case, manager = make_history(cast, "route"), sign_in("mo")
    out = {"do": "recuse", "who": cast.zhou.pk, "reason": "被投诉人", "whom": "accused"}
    assert "whoever answers to them, too" in manager.get(page(case)).content.decode()
    told = manager.post(page(case), out, follow=True).content.decode()
    assert "These people do not find this case any more: Zhou, Chen." in told
    for who, found in (("zhou", 404), ("chen", 404), ("lin", 200), ("gao", 200)):
        assert sign_in(who).get(f"/desk/cases/{case.reference}/").status_code == found
    top = manager.post(page(case), {**out, "who": cast.gao.pk})
    assert "Make it confidential" in top.content.decode()
    assert Recusal.objects.count() == 2


def test_nobody_is_taken_out_where_one_of_them_handles_the_case(cast: Cast, sign_in: SignIn) -> None:
    case, manager = make_history(cast, "accept_work"), sign_in("mo")
    out = {"do": "recuse", "who": cast.zhou.pk, "reason": "被投诉人", "whom": "accused"}
    assert "handles the case" in manager.post(page(case), out).content.decode()
    assert not Recusal.objects.exists()


def test_a_recusal_is_lifted_by_another_manager_than_the_one_who_asks(cast: Cast, sign_in: SignIn) -> None:
    case, mo = make_history(cast, "route"), sign_in("mo")
    cast.people["kim"] = Person.objects.create(username="kim", name="Kim")
    Membership.objects.create(person=cast.people["kim"], role=MANAGER)
    mo.post(page(case), {"do": "recuse", "who": cast.wei.pk, "whom": "one", "reason": "亲属"})
    row = Recusal.objects.get()
    at = f"/desk/recusals/{row.pk}/"
    assert sign_in("lin").post(at, {"reason": "x"}).status_code == 403
    assert sign_in("wei").post(at, {"reason": "x"}).status_code == 404
    assert "Say why this person is to see" in mo.post(at, {"reason": " "}, follow=True).content.decode()
    assert "Another manager decides" in mo.post(at, {"reason": "王小明并非亲属"}, follow=True).content.decode()
    assert "Another manager lifts it" in mo.post(at, {"do": "lift"}, follow=True).content.decode()
    assert sign_in("wei").get(f"/desk/cases/{case.reference}/").status_code == 404
    assert "Lift the recusal" in sign_in("kim").get(page(case)).content.decode()
    assert "finds this case again" in sign_in("kim").post(at, {"do": "lift"}, follow=True).content.decode()
    assert sign_in("wei").get(f"/desk/cases/{case.reference}/").status_code == 200
    row.refresh_from_db()
    assert (row.lift_reason, row.lift_asked_by, row.lifted_by) == ("***并非亲属", cast.mo, cast.kim)
    assert "lifted by Kim" in mo.get(page(case)).content.decode()
    assert (
        mo.post(page(case), {"do": "recuse", "who": cast.wei.pk, "whom": "one", "reason": "还是亲属"}).status_code
        == 302
    )
    assert sign_in("wei").get(f"/desk/cases/{case.reference}/").status_code == 404
