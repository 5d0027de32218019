"""Confidential cases: they exist for whom their list names, and the list is made of events."""

from __future__ import annotations

import pytest

from builders import START, after, make_case, make_history
from carried import carry
from cast import Cast
from ombud.cases import confidential
from ombud.cases.access.case_access import ACT, access_case, scope
from ombud.cases.access.kept_out import closed_to, doors_of, is_kept_out, kept_from
from ombud.cases.access.permissions import permissions_of
from ombud.cases.commands import perform
from ombud.cases.errors import Forbidden, NoSuchCase, ReasonMissing, Refused
from ombud.cases.keeping.verify import problems_of, rebuild
from ombud.cases.models import Case, Confidant, Duty, Recusal
from ombud.cases.reading import queries
from ombud.notices import reading
from ombud.notices.models import Notice
from ombud.privacy.models import Access

pytestmark = pytest.mark.django_db


def confide(cast: Cast, case: Case, *names: str) -> None:
    people = [getattr(cast, name) for name in names]
    confidential.confide(access_case(cast.gao, case.reference), people, reason="涉及高管", now=after(50))


def everybody_but(cast: Cast, *names: str) -> list[str]:
    return [name for name in cast.people if name not in names]


def test_a_confidential_case_exists_for_whom_its_list_names_and_for_nobody_else(cast: Cast) -> None:
    case = make_history(cast, "route")
    confide(cast, case, "chen")
    for name in everybody_but(cast, "gao", "chen"):
        reader = getattr(cast, name)
        with pytest.raises(NoSuchCase):
            access_case(reader, case.reference)
        assert is_kept_out(case, reader)
        assert kept_from(reader) == (case.pk,)
        assert list(scope(reader)) == []
        assert queries.register(reader, now=START).rows == ()
        assert queries.register(reader, now=START, text="水壶").rows == ()
        assert queries.register_count(reader, now=START) == (0, False)
        assert queries.my_duties(reader, now=START).rows == ()
        assert queries.my_duty_count(reader, now=START) == queries.DutyCount()
    assert access_case(cast.chen, case.reference, ACT).case == case
    assert [row.case for row in queries.register(cast.gao, now=START, text="水壶").rows] == [case]
    assert not kept_from(cast.chen)


def test_who_makes_it_so_who_may_and_why(cast: Cast) -> None:
    case = make_history(cast, "route")
    for name in ("lin", "wei", "zhou"):
        with pytest.raises(Forbidden):
            confidential.confide(access_case(getattr(cast, name), case.reference), [], reason="x", now=after(50))
    with pytest.raises(ReasonMissing):
        confidential.confide(access_case(cast.mo, case.reference), [], reason=" ", now=after(50))
    assert not Confidant.objects.exists()
    confidential.confide(access_case(cast.mo, case.reference), [], reason="举报经理", now=after(50))
    assert confidential.named(case) == [cast.mo]
    with pytest.raises(confidential.ChangedBefore):
        confidential.confide(access_case(cast.mo, case.reference), [], reason="举报经理", now=after(60))


def test_people_come_onto_the_list_and_go_by_events_and_are_told(cast: Cast) -> None:
    case = make_history(cast, "route")
    confide(cast, case, "chen")
    carry(now=after(55))
    gao = access_case(cast.gao, case.reference)
    confidential.let_in(gao, cast.nobody, reason="法务支持", now=after(60))
    carry(now=after(65))
    assert access_case(cast.nobody, case.reference).is_masked  # by name, with no role under the policy
    confidential.shut_out(gao, cast.chen, reason="已完成", now=after(70))
    with pytest.raises(NoSuchCase):
        access_case(cast.chen, case.reference)
    confidential.shut_out(gao, cast.nobody, reason="已完成", now=after(70))
    with pytest.raises(confidential.NobodyLeft):
        confidential.shut_out(gao, cast.gao, reason="已完成", now=after(80))
    entries = [each for each in queries.timeline(access_case(cast.gao, case.reference)) if each.act in EVENTS]
    assert [each.act for each in entries] == ["confide", "let_in", "shut_out", "shut_out"]
    assert [each.facts[-1].value for each in entries] == ["涉及高管", "法务支持", "已完成", "已完成"]
    told = Notice.objects.filter(kind=Notice.Kind.CONFIDENTIAL).values_list("person__username", flat=True)
    assert sorted(told) == ["chen", "chen", "nobody"]
    assert reading.unread_count(cast.chen) == 0  # of what is not there for them
    assert_sound(case)
    confidential.open_up(access_case(cast.gao, case.reference), reason="已公开", now=after(100))
    assert access_case(cast.lin, case.reference).case == case
    assert_sound(case)


EVENTS = {"confide", "let_in", "shut_out", "open_up"}


def assert_sound(case: Case) -> None:
    """Assert that what is stored is what the events say, and that it can be derived from them anew."""
    fresh, listed = Case.objects.get(pk=case.pk), set(Confidant.objects.values_list("person", flat=True))
    assert problems_of(fresh) == []
    Confidant.objects.all().delete()
    if listed:
        assert "its list names" in problems_of(fresh)[0]
    rebuild(case.pk)
    assert set(Confidant.objects.values_list("person", flat=True)) == listed


def test_duties_go_to_those_of_the_role_whom_the_list_names_else_to_their_boss(cast: Cast) -> None:
    case = make_history(cast, "route")
    owed = Duty.objects.filter(case=case, status="open", is_outsiders=False)
    assert {row.role for row in owed.all()} == {"agent", "contact"}
    confide(cast, case, "zhou")  # the head of the department, not its contact; and Gao, above everybody
    assert {row.role for row in owed.all()} == {"head", "management"}
    assert queries.my_duty_count(cast.zhou, now=START).owed
    confidential.let_in(access_case(cast.gao, case.reference), cast.chen, reason="承办", now=after(60))
    assert {row.role for row in owed.all()} == {"contact", "management"}
    carry(now=after(90))
    assert not Notice.objects.filter(kind=Notice.Kind.UNATTENDED).exists()


def test_where_nobody_named_can_do_what_is_owed_the_managers_are_told_and_nothing_of_the_case(cast: Cast) -> None:
    case = make_history(cast, "route")
    confidential.confide(access_case(cast.mo, case.reference), [], reason="举报经理", now=after(50))
    Recusal.objects.create(case=case, person=cast.mo, reason="亲属", at=after(60))
    carry(now=after(90))
    assert [row.person for row in Notice.objects.filter(kind=Notice.Kind.UNATTENDED)] == [cast.mo]
    assert reading.unread_count(cast.mo) == 1
    assert not reading.own(permissions_of(cast.mo)).exists()


def test_nobody_outside_the_list_acts_or_is_given_the_case(cast: Cast) -> None:
    case = make_history(cast, "route")
    confide(cast, case, "chen")
    with pytest.raises(Refused) as refused:
        perform(case, "accept_work", actor=cast.actor("zhou"), at=after(80), now=after(80))
    assert "confidential" in {each.code for each in refused.value.refusals}
    perform(case, "accept_work", actor=cast.actor("chen"), at=after(80), now=after(80))
    with pytest.raises(confidential.HandlerUnnamed):
        confidential.shut_out(access_case(cast.gao, case.reference), cast.chen, reason="x", now=after(90))
    assert_sound(case)


def test_an_overseer_looks_in_by_an_act_that_everybody_named_hears_of(cast: Cast) -> None:
    case = make_case().case
    confide(cast, case, "lin")
    with pytest.raises(NoSuchCase):
        confidential.look_in(cast.wei, case.reference, reason="抽查第三季度", now=after(60))
    assert list(closed_to(cast.ai)) == [case]
    assert confidential.look_in(cast.ai, case.reference, reason="抽查第三季度", now=after(60)) == case
    assert access_case(cast.ai, case.reference).is_masked
    with pytest.raises(Forbidden):
        access_case(cast.ai, case.reference, ACT)
    assert Access.objects.get().what == "confide"
    carry(now=after(70))
    told = Notice.objects.filter(kind=Notice.Kind.CONFIDENTIAL, at=after(60)).values_list("person__username", flat=True)
    assert sorted(told) == ["gao", "lin"]
    assert_sound(case)


def test_doors_say_whom_a_case_lets_in(cast: Cast) -> None:
    case, other = make_case().case, make_case().case
    confide(cast, case, "lin")
    Recusal.objects.create(case=case, person=cast.lin, reason="亲属", at=START)
    doors = doors_of([case.pk, other.pk])
    assert [doors[case.pk].admits(each.pk) for each in (cast.lin, cast.gao, cast.wei)] == [False, True, False]
    assert doors[other.pk].admits(cast.wei.pk)
