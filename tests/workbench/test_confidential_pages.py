"""Confidential cases on their pages: made so, listed, opened again; and what overseers are told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from builders import after, make_history
from carried import carry
from cast import Cast
from ombud.cases.access.recusal import recuse
from ombud.cases.models import Case, Confidant, Event
from ombud.organisation.models import ADMINISTRATOR, Membership

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


def at(case: Case) -> str:
    return f"/desk/cases/{case.reference}/confidence/"


def names(case: Case) -> set[str]:
    return set(Confidant.objects.filter(case=case).values_list("person__username", flat=True))


def test_a_case_is_made_confidential_and_opened_again_on_its_page(cast: Cast, sign_in: SignIn) -> None:
    case, gao = make_history(cast, "accept_work"), sign_in("gao")
    assert at(case) in gao.get(f"/desk/cases/{case.reference}/").content.decode()
    assert gao.post(at(case), {"do": "confide", "reason": " "}).status_code == 422
    assert gao.post(at(case), {"do": "confide", "reason": "举报经理"}).status_code == 302
    assert names(case) == {"gao", "chen"}  # whoever makes it so, and whoever handles it
    page = gao.get(f"/desk/cases/{case.reference}/").content.decode()
    assert "Confidential" in page
    assert "may know of it" in page
    assert gao.post(at(case), {"do": "let_in", "who": cast.lin.pk, "reason": "协助"}).status_code == 302
    refused = gao.post(at(case), {"do": "shut_out", "who": cast.chen.pk, "reason": "x"})
    assert "must be on its list" in refused.content.decode()
    assert gao.post(at(case), {"do": "shut_out", "who": cast.lin.pk, "reason": "完成"}).status_code == 302
    assert names(case) == {"gao", "chen"}
    assert gao.post(at(case), {"do": "open_up", "reason": "已公开"}).status_code == 302
    assert names(case) == set()
    acts = list(Event.objects.filter(case=case).order_by("seq").values_list("act", flat=True))
    assert acts[-4:] == ["confide", "let_in", "shut_out", "open_up"]


def test_who_takes_themselves_off_the_list_is_led_away(cast: Cast, sign_in: SignIn) -> None:
    case, gao = make_history(cast, "accept_work"), sign_in("gao")
    gao.post(at(case), {"do": "confide", "reason": "举报经理"})
    left = gao.post(at(case), {"do": "shut_out", "who": cast.gao.pk, "reason": "本人回避"})
    assert left["Location"] == "/desk/cases/"
    assert gao.get(at(case)).status_code == 404


def test_the_list_is_for_whom_it_names_and_kept_by_whoever_may(cast: Cast, sign_in: SignIn) -> None:
    case = make_history(cast, "accept_work")
    for who in ("lin", "zhou"):
        assert sign_in(who).get(at(case)).status_code == 403  # theirs to see, not to make confidential
    sign_in("gao").post(at(case), {"do": "confide", "reason": "举报经理"})
    for who in ("lin", "zhou", "mo", "ai"):
        assert sign_in(who).get(at(case)).status_code == 404
    chen = sign_in("chen")
    assert "On the list" in chen.get(at(case)).content.decode()
    assert chen.post(at(case), {"do": "open_up", "reason": "x"}).status_code == 403


def test_overseers_are_told_that_it_exists_and_look_in_by_a_reason(cast: Cast, sign_in: SignIn) -> None:
    case = make_history(cast, "accept_work")
    sign_in("gao").post(at(case), {"do": "confide", "reason": "举报经理"})
    assert sign_in("lin").get("/desk/confidential/").status_code == 403
    Membership.objects.create(person=cast.nobody, role=ADMINISTRATOR)
    assert str(case) in sign_in("nobody").get("/desk/confidential/").content.decode()
    ai = sign_in("ai")
    page = ai.get("/desk/confidential/").content.decode()
    assert str(case) in page
    assert "电水壶" not in page
    assert ai.post("/desk/confidential/", {"reference": case.reference, "reason": "x"}).status_code == 422
    assert ai.post("/desk/confidential/", {"reference": "AB-1", "reason": "抽查第三季度"}).status_code == 404
    looked = ai.post("/desk/confidential/", {"reference": case.reference, "reason": "抽查第三季度"}, follow=True)
    assert looked.status_code == 200
    assert names(case) == {"gao", "chen", "ai"}
    carry(now=after(300))
    assert "who may know of this case was changed" in sign_in("chen").get("/desk/notices/").content.decode()


def test_managers_are_told_where_nobody_named_can_do_what_is_owed(cast: Cast, sign_in: SignIn) -> None:
    case, mo = make_history(cast, "route"), sign_in("mo")
    mo.post(at(case), {"do": "confide", "reason": "举报经理"})
    recuse(case, cast.mo, reason="亲属", now=after(215))
    carry(now=after(300))
    page = mo.get("/desk/notices/").content.decode()
    assert "nobody whom its list names can do" in page
    assert case.reference not in page
    mo.get("/desk/confidential/")
    assert "nobody whom its list names can do" not in mo.get("/desk/notices/").content.decode()
