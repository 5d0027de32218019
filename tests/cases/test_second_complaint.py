"""Appeals and task groups: who is taken out of a case by an act, and who is let in by a field."""

from __future__ import annotations

import pytest

from builders import assert_refolds
from ombud.cases.access.case_access import access_case
from ombud.cases.errors import NoSuchCase, Refused
from ombud.cases.keeping.verify import rebuild_all, verify_all
from ombud.cases.models import Case, Duty, Recusal
from ombud.cases.reading.queries import my_duties, register
from regional import Regional, after, do, file

pytestmark = pytest.mark.django_db


def appealed(regional: Regional) -> Case:
    """Return a complaint that Anna answered and the complainant is not content with."""
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    do(case, "reply", "anna", regional, now=after(hours=2), wording="We cannot help")
    do(case, "appeal", "complainant", regional, now=after(hours=3), reason="You can")
    return Case.objects.get(pk=case.pk)


def test_who_handled_it_first_is_taken_out_and_finds_it_no_more(regional: Regional) -> None:
    case = appealed(regional)
    assert Recusal.objects.get(case=case).person == regional.anna
    with pytest.raises(NoSuchCase):
        access_case(regional.anna, case.reference)
    assert my_duties(regional.anna, now=after(hours=4)).rows == ()
    assert register(regional.anna, now=after(hours=4)).rows == ()
    with pytest.raises(Refused) as refused:
        do(case, "note", "anna", regional, now=after(hours=4), remark="One more thing")
    assert "recused" in {each.code for each in refused.value.refusals}
    assert_refolds(case)


def test_the_other_department_owes_it_now(regional: Regional) -> None:
    case = appealed(regional)
    assert case.department is not None
    assert (case.department.key, case.handler) == ("legal", None)
    again = Duty.objects.get(case=case, duty="again")
    assert again.status == "open"
    assert [row.duty for row in my_duties(regional.lau, now=after(hours=4)).rows] == [again]
    assert access_case(regional.lau, case.reference).case == case


def test_her_colleagues_go_on_and_where_there_are_none_their_head_does(regional: Regional) -> None:
    case = appealed(regional)
    assert access_case(regional.ben, case.reference).case == case
    second = file(now=after(hours=5))
    do(second, "accept", "anna", regional, now=after(hours=6))
    regional.ben.is_active = False
    regional.ben.save()
    do(second, "ask_for_time", "anna", regional, now=after(hours=7), reason="Evidence", new_date="2026-03-20")
    do(second, "reply", "anna", regional, now=after(hours=8), wording="We cannot help")
    do(second, "appeal", "complainant", regional, now=after(hours=9), reason="You can")
    assert_refolds(second)
    assert verify_all()["problems"] == []


def test_the_recusal_is_derived_again_from_the_events(regional: Regional) -> None:
    case = appealed(regional)
    Recusal.objects.all().delete()
    assert any("taken out" in each for each in verify_all()["problems"])
    rebuild_all()
    assert Recusal.objects.get(case=case).person == regional.anna
    assert verify_all()["problems"] == []


def test_members_of_the_task_group_and_departments_helping_see_the_case(regional: Regional) -> None:
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    for name in ("nora", "deng"):
        with pytest.raises(NoSuchCase):
            access_case(regional.people[name], case.reference)
    do(case, "gather", "anna", regional, now=after(hours=2), team=[regional.nora.key], others=["delivery"])
    for name in ("nora", "deng"):
        assert access_case(regional.people[name], case.reference).case == case
        assert [line.case for line in register(regional.people[name], now=after(hours=3)).rows] == [case]
    with pytest.raises(NoSuchCase):
        access_case(regional.lau, case.reference)
    assert_refolds(case)
