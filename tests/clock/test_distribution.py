"""What comes in for a role goes to one of those who hold it, where it is set so; what goes to nobody says why."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from builders import after, assert_refolds, do, make_case, make_history
from cast import POLICY, Cast
from ombud.cases.access.recusal import recuse
from ombud.cases.models import Case, Event
from ombud.clock.distribution import distribute, tidy, ungiven
from ombud.clock.models import Ungiven
from ombud.organisation import changes, distributing, standing_in
from ombud.organisation.distributions import Distribution
from ombud.organisation.models import Membership, Person
from ombud.organisation.standing_in import ALL

pytestmark = pytest.mark.django_db


def choose(cast: Cast, role: str, way: str) -> None:
    distributing.choose(POLICY, role, way, by=cast.mo, now=after(0))


def second_agent(cast: Cast) -> Person:
    """Return Nobody as one more agent beside Lin."""
    department = Membership.objects.get(person=cast.lin, role="agent").department
    row = Membership.objects.create(person=cast.nobody, policy=POLICY, role="agent", department=department)
    changes.note([row], by=None, now=after(0))
    return cast.nobody


def handler(case: Case) -> str:
    row = Case.objects.select_related("handler").get(pk=case.pk)
    return row.handler.username if row.handler else ""


def why(case: Case) -> list[list[object]]:
    return Ungiven.objects.get(case=case).passed_over


def test_in_turn_and_by_load(cast: Cast) -> None:
    second_agent(cast)
    assert distribute(now=after(1)) == 0
    cases = [make_case(minutes=each).case for each in range(4)]
    assert distribute(now=after(5)) == 0, "nothing is given out that nobody chose to"
    choose(cast, "agent", "round_robin")
    assert distribute(now=after(5)) == 4
    assert [handler(each) for each in cases] == ["lin", "nobody", "lin", "nobody"]
    assert distribute(now=after(6)) == 0
    event = Event.objects.get(case=cases[0], act="allot")
    assert (event.actor, event.data["because"], event.data["to_role"]) == ("system", "round_robin", "agent")
    assert_refolds(cases[0])
    for case in cases[::2]:
        do(case, "withdraw", cast, "complainant", minutes=10, data={"reason": "x"})
    choose(cast, "agent", "by_load")
    more = [make_case(minutes=20 + each).case for each in range(3)]
    assert distribute(now=after(30)) == 3
    assert [handler(each) for each in more] == ["lin", "lin", "nobody"]


def test_who_is_away_or_kept_out_is_passed_over_and_where_nobody_is_left_it_waits_and_says_why(cast: Cast) -> None:
    other = second_agent(cast)
    choose(cast, "agent", "round_robin")
    standing_in.enter(cast.lin, date(2026, 3, 3), date(2026, 3, 3), {ALL: cast.wei}, by=cast.mo, now=after(0))
    first, second = (make_case(minutes=each).case for each in (1, 2))
    recuse(second, other, reason="x", now=after(2))
    assert distribute(now=after(3)) == 1
    assert [handler(first), handler(second)] == ["nobody", ""]
    assert why(second) == [[cast.lin.pk, "away"], [other.pk, "kept-out"]]
    assert [row.case for row in ungiven()] == [second]
    assert distribute(now=after(4)) == 0, "it is not tried at every tick"
    back = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
    assert distribute(now=back) == 1
    assert handler(second) == "lin"
    assert not Ungiven.objects.exists()


def test_what_goes_on_to_another_role_is_given_out_there_in_its_department(cast: Cast) -> None:
    choose(cast, "agent", "by_load")
    choose(cast, "contact", "by_load")
    case = make_history(cast, "route")
    assert distribute(now=after(50)) == 1
    assert handler(case) == "chen", "Deng is another department's"
    Membership.objects.filter(person=cast.chen).delete()
    lonely = make_history(cast, "route")
    assert distribute(now=after(51)) == 0
    assert why(lonely) == []
    do(lonely, "take", cast, "zhou", minutes=52)
    assert not ungiven().exists()
    assert tidy(now=after(53)) == 1


def test_a_choice_says_who_made_it_and_a_change_around_the_program_is_found(cast: Cast) -> None:
    choose(cast, "agent", "round_robin")
    choose(cast, "agent", "round_robin")
    choose(cast, "agent", "")
    assert [(row.content, row.by) for row in distributing.history()] == [
        (None, cast.mo),
        ({"way": "round_robin"}, cast.mo),
    ]
    choose(cast, "contact", "by_load")
    assert list(changes.problems()) == []
    Distribution.objects.update(way="round_robin")
    assert list(changes.problems()) != []
