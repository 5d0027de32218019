"""Whatever the register is walked along, it lists the same cases in the same order."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from builders import GRADES, USUAL, after, do, make_case, make_history
from cast import POLICY, Cast
from ombud.cases.access.permissions import permissions_of
from ombud.cases.models import Case, Grade, Participation
from ombud.cases.reading import queries, register
from ombud.cases.reading.filters import NO_INDEX, filtered

pytestmark = pytest.mark.django_db
NOW = after(500)
SEVERITIES, URGENCIES = ("general", "major", "nothing"), ("normal", "urgent")


def cases_of(cast: Cast, dice: random.Random) -> None:
    """Make cases in many states, some received within one second, not in the order of their keys."""
    for act, _, _, _ in USUAL[::2]:
        make_history(cast, act)
    for minute in range(8):
        case = make_case(minutes=minute).case
        do(case, "register", cast, "lin", minutes=100, data=GRADES)
        if minute % 3:
            do(case, "route", cast, "lin", minutes=101)
    for case in Case.objects.all():
        at = after(dice.randrange(3)) + timedelta(microseconds=dice.randrange(4))
        Case.objects.filter(pk=case.pk).update(received_at=at)
        Participation.objects.filter(case=case).update(received_at=at)
        Grade.objects.filter(case=case).delete()
        grades = {"severity": dice.choice(SEVERITIES[:2]), "urgency": dice.choice(URGENCIES)}
        Grade.objects.bulk_create(
            [Grade(case=case, name=name, value=value, received_at=at) for name, value in grades.items()]
        )


def listed(cast: Cast, who: str, limit: int, filters: queries.Filters) -> list[int]:
    found, cursor = [], None
    while True:
        page = queries.register(cast.people[who], now=NOW, filters=filters, limit=limit, cursor=cursor)
        found += [line.case.pk for line in page.rows]
        cursor = page.after
        if cursor is None:
            return found


@pytest.mark.parametrize("is_by_grade", [True, False])  # few cases: every grade is rare, unless told otherwise
def test_every_walk_lists_the_same_cases_in_the_same_order(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, is_by_grade: bool
) -> None:
    dice = random.Random(7)
    cases_of(cast, dice)
    if not is_by_grade:
        monkeypatch.setattr(register, "_rarest_grade", lambda permissions, filters: None)
    for _ in range(20):
        grades = {"severity": dice.choice(SEVERITIES)} if dice.random() < 0.8 else {}
        grades |= {"urgency": dice.choice(URGENCIES)} if dice.random() < 0.5 else {}
        more: dict[str, Any] = dice.choice(
            [{}, {}, {"phase": "investigating"}, {"is_open": True}, {"is_overdue": True}, {"is_breached": True},
             {"channel": "web"}, {"policy": POLICY}, {"procedure": "*"}]
        )  # fmt: skip
        filters, who = queries.Filters(grades=grades, **more), dice.choice(["chen", "zhou", "deng", "lin", "mo", "ai"])
        permissions = permissions_of(cast.people[who])
        plain = filtered(permissions, filters, NOW, NO_INDEX).order_by("-received_at", "-pk")
        wanted = list(plain.values_list("pk", flat=True))
        asked = (who, filters)
        assert listed(cast, who, dice.choice([1, 2, 50]), filters) == wanted, asked
        assert queries.register_count(cast.people[who], now=NOW, filters=filters) == (len(wanted), False), asked
