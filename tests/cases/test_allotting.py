"""Giving a case to somebody: as if they had taken it, where the policy would let them."""

from __future__ import annotations

import pytest

from builders import after, assert_refolds, do, make_history
from cast import Cast
from ombud.cases.allotting import CHOSEN, ROUND_ROBIN, allot
from ombud.cases.errors import Refused, Stale
from ombud.cases.models import Case, Duty, Event
from ombud.engine.model import CLOCK_ACTOR
from ombud.notices.carrying import carry
from ombud.notices.models import Notice

pytestmark = pytest.mark.django_db


def test_whoever_is_given_a_case_owes_what_whoever_takes_it_would(cast: Cast) -> None:
    given, took = (make_history(cast, "route") for _ in range(2))
    allot(given, cast.actor("chen"), by=CLOCK_ACTOR, because=ROUND_ROBIN, held_by=None, now=after(50))
    do(took, "take", cast, "chen", minutes=50)
    owed = [
        list(Duty.objects.filter(case=case).order_by("opened_seq", "duty").values_list("duty", "holder", "status"))
        for case in (given, took)
    ]
    assert owed[0] == owed[1]
    assert ("accept_work", f"person/{cast.chen.pk}", "open") in owed[0]
    event = Event.objects.get(case=given, act="allot")
    assert (event.actor, event.role, event.data["to"], event.data["because"]) == (
        "system",
        "clock",
        cast.chen.key,
        "round_robin",
    )
    assert_refolds(given)
    carry(now=after(51))
    assert [row.person for row in Notice.objects.filter(case=given, act="allot")] == [cast.chen]


def test_nobody_is_given_what_the_policy_would_not_let_them_take_or_what_somebody_took_meanwhile(cast: Cast) -> None:
    case = make_history(cast, "route")
    with pytest.raises(Refused) as refused:
        allot(case, cast.actor("deng"), by=CLOCK_ACTOR, because=ROUND_ROBIN, held_by=None, now=after(50))
    assert [each.code for each in refused.value.refusals] == ["department"]
    allot(case, cast.actor("chen"), by=cast.actor("zhou"), because=CHOSEN, held_by=None, now=after(50), reason="近")
    with pytest.raises(Stale):
        allot(case, cast.actor("zhou"), by=CLOCK_ACTOR, because=ROUND_ROBIN, held_by=None, now=after(51))
    assert Case.objects.get(pk=case.pk).handler == cast.chen
    assert "近" not in str(Event.objects.get(case=case, act="allot").data)
    assert_refolds(case)
