"""Standing in: while somebody is away their deputy owes and may what they owe and may, for them, and nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from builders import GRADES, after, assert_refolds, do, make_case, make_history
from carried import carry
from cast import POLICY, Cast
from ombud.cases.access.case_access import ACT, access_case, access_cases, scope
from ombud.cases.access.permissions import permissions_of
from ombud.cases.access.recusal import recuse
from ombud.cases.commands import perform
from ombud.cases.errors import NoSuchCase, RecusedFrom, Refused
from ombud.cases.models import Case, Event, Participation
from ombud.cases.reading import queries
from ombud.notices.models import Notice
from ombud.notices.reading import own
from ombud.organisation import changes, standing_in
from ombud.organisation.models import Membership, Person
from ombud.organisation.standing_in import ALL, AbsenceError
from ombud.policy.vocabulary import BEHALF

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 3)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(after(20), tick=False) as traveller:
        yield traveller


def away(cast: Cast, absent: str, deputy: str, *, role: str = "", days: int = 0, now: float = 0) -> standing_in.Absence:
    lent = (POLICY, role) if role else ALL
    deputies = {lent: cast.people[deputy]}
    last = DAY + timedelta(days=days)
    return standing_in.enter(cast.people[absent], DAY, last, deputies, by=cast.people[absent], now=after(now))


def owed(person: Person, whose: str = "all") -> list[tuple[str, str]]:
    rows = queries.my_duties(person, now=after(20), whose=whose).rows
    return [(row.duty.duty, str(row.owed_for or "")) for row in rows]


def investigating(cast: Cast) -> Case:
    """Return a case that Chen of quality has accepted; Zhou is the head there."""
    case = make_case().case
    for minutes, (act, who, data) in enumerate((("register", "lin", GRADES), ("route", "lin", {})), 2):
        do(case, act, cast, who, minutes=minutes, data=data)
    do(case, "accept_work", cast, "chen", minutes=5)
    return Case.objects.get(pk=case.pk)


def deciding(cast: Cast) -> Case:
    case = investigating(cast)
    do(case, "investigate", cast, "chen", minutes=6, data={"finding": "substantiated"})
    proposal = {"measures": "换新并致歉", "time_limit": "2026-03-04", "responsible": "王敏"}
    do(case, "propose", cast, "chen", minutes=7, data=proposal)
    return Case.objects.get(pk=case.pk)


def test_a_deputy_owes_sees_and_does_what_the_absent_did_and_it_all_goes_back(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    case = investigating(cast)
    before = owed(cast.chen)
    assert before
    with pytest.raises(NoSuchCase):
        access_case(cast.deng, case.reference)
    row = away(cast, "chen", "deng")
    assert owed(cast.chen) == before
    assert owed(cast.deng) == [(duty, "Chen") for duty, _ in before]
    assert owed(cast.deng, "mine") == []
    assert [duty for duty, _ in owed(cast.deng, "pool")] == [duty for duty, _ in owed(cast.chen, "ready")]
    theirs, lent = (queries.my_duty_count(each, now=after(20)) for each in (cast.chen, cast.deng))
    assert (lent.mine, lent.owed, lent.waiting, lent.overdue) == (0, theirs.owed, theirs.waiting, theirs.overdue)
    found = access_case(cast.deng, case.reference, ACT)
    assert list(scope(cast.deng)) == [case]
    assert [each.case for each in access_cases(cast.deng, [case.reference])] == [case]
    assert queries.register(cast.deng, now=after(20)).rows[0].case == case
    assert queries.register(cast.deng, now=after(20), text="电水壶").rows[0].case == case
    assert any(line.is_mine for line in queries.duties(found, now=after(20)))
    offer, actor = next(each for each in queries.offers(found, now=after(20)) if each[0].act == "investigate")
    assert not offer.blocked
    assert (actor.person, actor.behalf, actor.role) == (cast.deng.key, cast.chen.key, "contact")
    data = {"finding": "substantiated"}
    perform(found.case, "investigate", actor=actor, at=after(20), now=after(20), data=data)
    event = Event.objects.get(case=case, act="investigate")
    assert (event.actor, event.data[BEHALF]) == (cast.deng.key, cast.chen.key)
    entry = queries.timeline(access_case(cast.lin, case.reference))[-1]
    assert (entry.actor, entry.behalf) == ("Deng", "Chen")
    assert all(shown.field != BEHALF for shown in entry.facts)
    fresh = Case.objects.get(pk=case.pk)
    assert fresh.handler in (None, cast.chen)
    assert not Participation.objects.filter(case=case, viewer=f"p{cast.deng.pk}").exists()
    assert_refolds(case)
    assert not list(changes.problems())
    clock.move_to(after(25))
    assert standing_in.end(row, by=cast.chen, now=after(25))
    assert owed(cast.deng) == []
    assert list(scope(cast.deng)) == []
    with pytest.raises(NoSuchCase):
        access_case(cast.deng, case.reference)
    assert_refolds(case)


def test_an_absence_lasts_from_day_to_day_in_the_persons_own_zone(cast: Cast, clock: time_machine.Traveller) -> None:
    cast.chen.tz = "America/New_York"  # where it is still 2 March
    investigating(cast)
    row = standing_in.enter(cast.chen, DAY, DAY, {ALL: cast.deng}, by=cast.mo, now=after(0))
    assert (row.starts_at.isoformat(), row.ends_at.isoformat()) == (
        "2026-03-03T05:00:00+00:00",
        "2026-03-04T05:00:00+00:00",
    )
    assert owed(cast.deng) == []
    clock.move_to(row.starts_at)
    assert owed(cast.deng)
    clock.move_to(row.ends_at)
    assert owed(cast.deng) == []


def test_an_approval_is_the_deputys_to_give_for_the_absent_and_four_eyes_count_both(cast: Cast) -> None:
    case = deciding(cast)
    assert "plan.1" in [duty for duty, _ in owed(cast.zhou)]
    away(cast, "zhou", "chen")  # who wrote what is to be approved
    assert ("plan.1", "Zhou") in owed(cast.chen)
    found = access_case(cast.chen, case.reference, ACT)
    actor = next(each for each in found.actors if each.behalf)
    with pytest.raises(Refused) as refused:
        perform(found.case, "plan.approve", actor=actor, at=after(20), now=after(20))
    assert "four-eyes" in [each.code for each in refused.value.refusals]
    standing_in.end(standing_in.Absence.objects.get(), by=cast.zhou, now=after(20))
    away(cast, "zhou", "deng", now=20)
    found = access_case(cast.deng, case.reference, ACT)
    actor = next(each for each in found.actors if each.behalf)
    perform(found.case, "plan.approve", actor=actor, at=after(20), now=after(20))
    assert Case.objects.get(pk=case.pk).phase == "communicating"
    assert_refolds(case)


def test_neither_ones_recusal_is_stood_in_for(cast: Cast) -> None:
    kept, lost, shut = investigating(cast), investigating(cast), investigating(cast)
    away(cast, "zhou", "deng")
    assert set(scope(cast.deng)) == {kept, lost, shut}
    recuse(lost, cast.zhou, reason="亲属", now=after(20))  # the absent
    recuse(shut, cast.deng, reason="亲属", now=after(20))  # the deputy
    assert list(scope(cast.deng)) == [kept]
    with pytest.raises(NoSuchCase):
        access_case(cast.deng, lost.reference)
    with pytest.raises(RecusedFrom):
        access_case(cast.deng, shut.reference)
    assert [each.case for each in access_cases(cast.deng, [each.reference for each in (kept, lost, shut)])] == [kept]
    assert {row.duty.case for row in queries.my_duties(cast.deng, now=after(20)).rows} <= {kept}
    # Whose own the case is keeps it, without what the absent could do there.
    recuse(lost, cast.wei, reason="亲属", now=after(20))
    away(cast, "wei", "lin")
    assert {actor.behalf for actor in access_case(cast.lin, kept.reference).actors} == {None, cast.wei.key}
    assert {actor.behalf for actor in access_case(cast.lin, lost.reference).actors} == {None}


def test_a_deputy_of_one_role_gets_nothing_of_the_others(cast: Cast) -> None:
    quality = investigating(cast)
    served = make_case().case
    Membership.objects.create(person=cast.chen, policy=POLICY, role="agent", department=service(cast))
    away(cast, "chen", "deng", role="contact")
    assert list(scope(cast.deng)) == [quality]
    assert {row.duty.case for row in queries.my_duties(cast.deng, now=after(20)).rows} <= {quality}
    (lent,) = permissions_of(cast.deng).stand_ins
    assert {actor.role for actor in lent.held.actors} == {"contact"}
    with pytest.raises(NoSuchCase):
        access_case(cast.deng, served.reference)


def service(cast: Cast) -> object:
    return Membership.objects.get(person=cast.lin).department


def test_roles_of_the_organisation_itself_are_nobodys_to_lend_and_nothing_is_lent_on(cast: Cast) -> None:
    case = investigating(cast)
    away(cast, "mo", "nobody")
    assert list(scope(cast.nobody)) == []
    away(cast, "chen", "deng")
    away(cast, "deng", "sun")
    assert list(scope(cast.sun)) == []
    assert list(scope(cast.deng)) == [case]
    Person.objects.filter(pk=cast.chen.pk).update(is_active=False)  # left: what was theirs falls to their role
    assert list(scope(cast.deng)) == []


def test_who_is_told_has_their_deputy_told_too(cast: Cast) -> None:
    away(cast, "zhou", "deng")
    away(cast, "wei", "sun")
    case = deciding(cast)
    recused = deciding(cast)
    recuse(recused, cast.zhou, reason="亲属", now=after(8))
    carry(now=after(20))
    told = Notice.objects.filter(person=cast.deng).values_list("case", flat=True)
    assert set(told) == {case.pk}
    assert set(own(permissions_of(cast.deng)).values_list("case", flat=True)) == {case.pk}
    assert Notice.objects.filter(person=cast.zhou, case=case).exists()
    standing_in.end(standing_in.Absence.objects.get(person=cast.zhou), by=cast.mo, now=after(20))
    assert not own(permissions_of(cast.deng)).exists()  # what is not theirs to see any more leads nowhere


@pytest.mark.parametrize(
    ("first", "last", "deputy", "code"),
    [
        (1, 0, "deng", "backwards"),
        (-3, -1, "deng", "passed"),
        (0, 400, "deng", "long"),
        (0, 1, "chen", "oneself"),
        (0, 1, "gone", "inactive"),
        (0, 1, "sun", "away"),
        (0, 1, "", "nobody"),
        (4, 6, "deng", "overlap"),
    ],
)
def test_what_cannot_be_entered_says_why(cast: Cast, first: int, last: int, deputy: str, code: str) -> None:
    Person.objects.create(username="gone", is_active=False)
    days = [DAY + timedelta(days=each) for each in (first, last)]
    standing_in.enter(cast.sun, DAY, DAY, {ALL: cast.lin}, by=cast.sun, now=after(0))
    later = DAY + timedelta(days=5)
    standing_in.enter(cast.chen, later, later, {ALL: cast.lin}, by=cast.chen, now=after(0))
    deputies = {ALL: Person.objects.get(username=deputy)} if deputy else {}
    with pytest.raises(AbsenceError) as wrong:
        standing_in.enter(cast.chen, *days, deputies, by=cast.chen, now=after(0))
    assert wrong.value.code == code
    assert not list(changes.problems())


def test_standing_in_for_nobody_takes_no_query_more(cast: Cast) -> None:
    case = make_history(cast, "route")

    def queries_of(who: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            access_case(cast.people[who], case.reference)
        return len(asked)

    alone = queries_of("chen")
    away(cast, "zhou", "sun")
    assert queries_of("chen") == alone
