"""Whatever people and the clock do in whatever order: refused acts write nothing, and the rest refolds and rebuilds."""

from __future__ import annotations

import contextlib
import random

import pytest

from builders import GRADES, USUAL, after, assert_refolds, do, make_case
from cast import Cast
from ombud.cases.commands import pass_time
from ombud.cases.errors import Refused
from ombud.cases.keeping.verify import rebuild
from ombud.cases.models import Case, Event

pytestmark = pytest.mark.django_db

ACTS = [(act, who, data) for act, who, _, data in USUAL] + [
    ("register", "lin", {**GRADES, "urgency": "urgent"}),
    ("register", "lin", {**GRADES, "routine": False}),
    ("request_facts", "lin", {"message": "请补充订单号"}),
    ("supply_facts", "complainant", {"object": "水壶 A1"}),
    ("answer", "complainant", {"answer": "rejected", "opinion": "不同意"}),
    ("answer", "complainant", {"answer": "partly", "opinion": "部分同意"}),
    ("follow_up", "lin", {"follow_up_by": "phone", "satisfaction": "dissatisfied"}),
    ("regrade", "wei", {"reason": "金额更正", "loss": "8000 CNY"}),
    ("correct", "lin", {"reason": "姓名有误", "name": "王晓明"}),
    ("plan.reject", "zhou", {}),
    ("take", "chen", {}),
    ("note", "wei", {"remark": "跟进"}),
    ("withdraw", "complainant", {}),
]


@pytest.mark.parametrize("seed", range(8))
def test_any_history_refolds_and_rebuilds(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    case = make_case().case
    minutes, usual = 0.0, list(USUAL)
    for _ in range(25):
        minutes += chance.choice([1, 15, 90, 600, 3000])
        before = Event.objects.filter(case=case).count()
        if chance.random() < 0.2:
            pass_time(case.pk, now=after(minutes))
        else:
            # The usual next act half of the time, so that histories get somewhere.
            act, who, data = usual[0][0], usual[0][1], usual[0][3]
            if chance.random() < 0.5:
                act, who, data = chance.choice(ACTS[: -1 if minutes < 6000 else None])
            try:
                do(case, act, cast, who, minutes=minutes, data=data)
            except Refused:
                assert Event.objects.filter(case=case).count() == before
            else:
                with contextlib.suppress(ValueError):
                    usual = usual[[step[0] for step in usual].index(act) + 1 :] or list(USUAL)
        assert_refolds(case)
    assert Event.objects.filter(case=case).count() > 4
    stored = Case.objects.filter(pk=case.pk).values().get()
    rebuild(case.pk)
    assert_refolds(case)
    assert Case.objects.filter(pk=case.pk).values().get() == stored
