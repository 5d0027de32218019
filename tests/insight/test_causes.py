"""Causes: how they share the complaints, and whether putting one right brought anything."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import comb
from typing import Any

import pytest

from builders import USUAL, after, do, make_case, make_history
from cast import POLICY, Cast
from ombud.cases.access.permissions import permissions_of
from ombud.cases.models import Case
from ombud.cases.reading.paging import NotOurs
from ombud.clock import periodic
from ombud.insight import causes, effects, keeping, measures
from ombud.insight.effects import Verdict
from ombud.insight.measuring import TOP
from ombud.insight.rate_ratios import beta_at_most, rate_ratio
from ombud.insight.scopes import Scope
from ombud.insight.spans import Span
from shipped_packs import pack_of

MARCH = Span(begin=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 4, 1, tzinfo=UTC))
NOW = datetime(2026, 3, 31, 3, tzinfo=UTC)
REPAIR = "monthly_analysis"


def investigated(cast: Cast, cause: str | None, *, minutes: int) -> Case:
    """Return a case that was investigated, with its cause where one was found."""
    case = make_case(minutes=minutes).case
    for act, who, later, data in USUAL[:4]:
        said = {
            **data,
            **({"cause": cause, "whys": "壶底未焊牢\n焊机未校准"} if cause and act == "investigate" else {}),
        }
        do(case, act, cast, who, minutes=minutes + later, data=said)
    return case


def scope(**more: Any) -> Scope:
    return Scope(reader=None, policy=POLICY, span=MARCH, **more)


@pytest.mark.django_db
def test_causes_stand_with_the_most_frequent_first_and_add_up(cast: Cast) -> None:
    stated = ["manufacture", "manufacture", "design", "delay", "service", None]
    made = [investigated(cast, cause, minutes=n * 500) for n, cause in enumerate(stated)]
    keeping.rebuild()
    found = causes.pareto(pack_of(POLICY), scope(), NOW)
    assert [(each.cause, each.number, each.is_parted) for each in found.lines] == [
        ("product", 3, True),
        ("delivery", 1, True),
        ("service", 1, True),
    ]
    assert (found.stated, found.unstated) == (5, 1)
    assert [round(each.together, 3) for each in found.lines] == [0.6, 0.8, 1.0]
    inside = causes.pareto(pack_of(POLICY), scope(), NOW, under="product")
    assert [(each.cause, each.number) for each in inside.lines] == [("manufacture", 2), ("design", 1)]
    page = measures.cases("received", scope().narrowed(TOP, "product"), NOW, None)
    assert {each.pk for each in page.rows} == {each.pk for each in made[:3]}


@pytest.mark.django_db
def test_only_causes_at_the_top_can_be_looked_into(cast: Cast) -> None:
    for cause in ("manufacture", "nothing"):
        with pytest.raises(NotOurs):
            causes.pareto(pack_of(POLICY), scope(), NOW, under=cause)


def at_least(count: int, of: int, chance: float) -> float:
    return sum(comb(of, k) * chance**k * (1 - chance) ** (of - k) for k in range(count, of + 1))


@pytest.mark.parametrize(("before", "after_it"), [(10, 3), (3, 10), (1, 1), (40, 12), (7, 0), (0, 7)])
def test_the_interval_of_a_ratio_is_where_both_tails_are_a_fortieth(before: int, after_it: int) -> None:
    found, of = rate_ratio(before, 200, after_it, 100), before + after_it
    if after_it:
        share = found.low / 2 / (1 + found.low / 2)  # twice the days before: half the ratio of counts
        assert at_least(after_it, of, share) == pytest.approx(0.025, abs=1e-9)
    else:
        assert found.low == 0
    if before:
        assert found.high is not None
        share = found.high / 2 / (1 + found.high / 2)
        assert 1 - at_least(after_it + 1, of, share) == pytest.approx(0.025, abs=1e-9)
        assert found.value == pytest.approx(2 * after_it / before)
    else:
        assert (found.high, found.value) == (None, None)


def test_the_beta_distribution_is_that_of_whole_numbers_by_sums() -> None:
    for a, b in ((1, 1), (3, 8), (40, 13), (120, 170)):
        for share in (0.05, 0.3, a / (a + b), 0.9):
            assert beta_at_most(share, a, b) == pytest.approx(at_least(a, a + b - 1, share), rel=1e-9)


def effect(days: effects.Days, *, now: date, phase: str = "improved") -> effects.Effect:
    """Return what came of a matter of January that aims at products, by these days."""
    case = Case(policy=POLICY, procedure=REPAIR, phase=phase, received_at=datetime(2026, 1, 1, 4, tzinfo=UTC))
    case.closed_at = datetime(2026, 1, 10, 4, tzinfo=UTC) if phase == "improved" else None
    case.cause = "product"  # type: ignore[attr-defined]  # as the query annotates it
    return effects._effect(pack_of(POLICY), case, days, datetime(now.year, now.month, now.day, 4, tzinfo=UTC))


def daily(begin: date, end: date, counts: dict[str, int]) -> effects.Days:
    return {begin + timedelta(days=n): dict(counts) for n in range((end - begin).days)}


YEAR_BEFORE = daily(date(2025, 7, 1), date(2026, 1, 1), {"manufacture": 2, "delay": 1})


def test_fewer_complaints_since_are_told_with_their_interval() -> None:
    since = daily(date(2026, 1, 11), date(2026, 5, 1), {"delay": 1}) | {date(2026, 2, 2): {"design": 30, "delay": 1}}
    found = effect({**YEAR_BEFORE, **since}, now=date(2026, 5, 1))
    assert found.verdict is Verdict.FEWER
    assert found.before is not None
    assert found.after is not None
    assert (found.before.number, found.before.days) == (368, 184)
    assert (found.after.number, found.after.days) == (
        30,
        110,
    )  # the days on which it was being put right are in neither
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(30 / 110 / 2)
    assert found.ratio.low < found.ratio.value < (found.ratio.high or 0) < 1


def test_more_and_the_same_are_told_apart() -> None:
    more = effect({**YEAR_BEFORE, **daily(date(2026, 1, 11), date(2026, 5, 1), {"design": 4})}, now=date(2026, 5, 1))
    same = effect({**YEAR_BEFORE, **daily(date(2026, 1, 11), date(2026, 5, 1), {"product": 2})}, now=date(2026, 5, 1))
    assert [more.verdict, same.verdict] == [Verdict.MORE, Verdict.SAME]


@pytest.mark.parametrize(
    ("days", "now"),
    [
        ({**YEAR_BEFORE, **daily(date(2026, 1, 11), date(2026, 2, 7), {"delay": 1})}, date(2026, 2, 7)),  # 27 days
        (daily(date(2026, 1, 11), date(2026, 5, 1), {"design": 2}), date(2026, 5, 1)),  # nothing before
        (
            daily(date(2025, 11, 1), date(2026, 5, 1), {"delay": 1}) | {date(2025, 12, 1): {"design": 9}},
            date(2026, 5, 1),
        ),
        ({**YEAR_BEFORE, **daily(date(2026, 1, 11), date(2026, 5, 1), {"delay": 1, "": 2})}, date(2026, 5, 1)),
    ],
)
def test_too_little_is_said_to_be_too_little(days: effects.Days, now: date) -> None:
    found = effect(days, now=now)
    assert (found.verdict, found.ratio) == (Verdict.TOO_EARLY, None)


def test_what_is_under_way_has_no_effect_yet() -> None:
    assert effect(YEAR_BEFORE, now=date(2026, 5, 1), phase="improving").verdict is Verdict.UNDER_WAY


def test_complaints_whose_cause_is_unknown_make_a_stretch_shorter() -> None:
    known = daily(date(2026, 1, 11), date(2026, 5, 1), {"manufacture": 2})
    half = daily(date(2026, 1, 11), date(2026, 5, 1), {"manufacture": 1, "": 1})
    both = [effect({**YEAR_BEFORE, **each}, now=date(2026, 5, 1)).ratio for each in (known, half)]
    assert both[0] is not None
    assert both[1] is not None
    assert both[0].value == pytest.approx(both[1].value)


@pytest.mark.django_db
def test_a_matter_that_names_a_cause_stands_with_its_complaints(cast: Cast, django_assert_num_queries: Any) -> None:
    investigated(cast, "manufacture", minutes=0)
    periodic.open_due(now=NOW)
    matter = Case.objects.filter(procedure=REPAIR).latest("received_at")
    minutes = (NOW - after(0)).total_seconds() / 60
    said = {"analysis": "焊接", "improvements": "校准焊机", "cause": "manufacture"}
    do(matter, "submit_analysis", cast, "wei", minutes=minutes + 5, data=said)
    keeping.rebuild()
    for who, number in (("mo", 1), ("deng", 0)):
        reader = permissions_of(cast.people[who])
        mine = Scope(reader=reader, policy=POLICY, span=MARCH)
        page = effects.effects(pack_of(POLICY), mine, reader, NOW, None)
        assert [(each.case, each.cause, each.verdict) for each in page.rows] == [
            (matter, "manufacture", Verdict.UNDER_WAY)
        ] * number
    reader = permissions_of(cast.mo)
    with django_assert_num_queries(2):
        effects.effects(pack_of(POLICY), scope(), reader, NOW, None)


@pytest.mark.django_db
def test_a_case_without_a_cause_is_measured_as_before(cast: Cast) -> None:
    make_history(cast, "follow_up")
    keeping.rebuild()
    assert TOP not in Case.objects.get(procedure="complaint").measured.choices  # type: ignore[attr-defined]
