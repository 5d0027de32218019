"""An act has exactly those days summed up anew whose sums it changes: none is left out, and none is for nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime

import pytest
from tests.insight.test_measures import make_histories

from builders import USUAL, after, do, make_history
from cast import POLICY, Cast
from ombud.cases.commands import pass_time
from ombud.cases.errors import Refused
from ombud.cases.models import Case
from ombud.insight import keeping, keys, summing
from ombud.insight.models import ChangedDay, DayLengths, DaySum, Measured

pytestmark = pytest.mark.django_db


def follow(now: datetime) -> None:
    while keeping.keep(now=now):
        pass


def noted() -> set[date]:
    return set(ChangedDay.objects.values_list("day", flat=True))


def minutes_of(now: datetime) -> float:
    return (now - after(0)).total_seconds() / 60


def sums_of_days(now: datetime) -> dict[date, set[str]]:
    """Return what each day comes to, all of them summed up anew as things stand."""
    found: dict[date, set[str]] = {}
    for day in {
        day for days in Measured.objects.values_list("days", flat=True) for day in map(date.fromisoformat, days)
    }:
        summing.sum_up(keys.pack_of(POLICY), day, now=now)
        sums = DaySum.objects.filter(day=day).values_list("of", "procedure", "side", "sums")
        lengths = DayLengths.objects.filter(day=day).values_list("of", "procedure", "side", "runs", "lengths")
        found[day] = {repr(each) for each in sums} | {repr([*each[:-1], bytes(each[-1])]) for each in lengths}
    return found


def act_once(case: Case, cast: Cast, minutes: float) -> bool:
    """Let the case go one act of the usual way further, if it may."""
    for act, who, _, data in (*USUAL, ("withdraw", "complainant", 0, {})):
        try:
            do(case, act, cast, who, minutes=minutes, data=dict(data))
        except Refused:
            continue
        return True
    return False


@pytest.mark.slow
def test_an_act_has_exactly_the_days_summed_anew_that_it_changes(cast: Cast) -> None:
    now = make_histories(cast, 10, seed=3)
    for pk in Case.objects.values_list("pk", flat=True):
        pass_time(pk, now=now)
    follow(now)
    before = sums_of_days(now)
    acted = of_cases = anew = 0
    for case in Case.objects.filter(closed_at=None).order_by("pk"):
        ChangedDay.objects.all().delete()
        if not act_once(case, cast, minutes_of(now)):
            continue
        follow(now)
        changed, since = noted(), sums_of_days(now)
        assert changed == {day for day in before | since if before.get(day) != since.get(day)}
        acted, before = acted + 1, since
        anew, of_cases = anew + len(changed), of_cases + len(Measured.objects.get(case=case).days)
    assert acted > 2
    assert anew < of_cases


def test_after_several_acts_all_days_are_summed_anew_as_one_may_have_been_between_them(cast: Cast) -> None:
    case = make_history(cast, "investigate")
    follow(after(100))
    found = []
    for instants in ([2000], [4000], [6000, 6001]):
        pass_time(case.pk, now=after(instants[0]))
        follow(after(instants[0]))
        ChangedDay.objects.all().delete()
        for minutes in instants:
            assert act_once(case, cast, minutes)
        follow(after(instants[-1]))
        days = set(map(date.fromisoformat, Measured.objects.get(case=case).days))
        found.append((noted() < days, noted() == days))
    assert found == [(True, False), (True, False), (False, True)]


def test_what_happens_while_a_case_is_measured_is_seen_at_the_next_look(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, other = (make_history(cast, "register") for _number in range(2))
    plainly = keeping.contributions

    def meanwhile(rows: Collection[Measured]) -> Iterator[tuple[Measured, dict[str, str]]]:
        if not Measured.objects.exists():
            assert act_once(case, cast, 50)
        return plainly(rows)

    monkeypatch.setattr(keeping, "contributions", meanwhile)
    keeping.keep(now=after(50))
    assert set(Measured.objects.values_list("case", flat=True)) == {other.pk}
    keeping.keep(now=after(50))
    assert Measured.objects.get(case=case).seq == Case.objects.get(pk=case.pk).seq
