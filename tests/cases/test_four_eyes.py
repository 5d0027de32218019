"""Four eyes in the register: the duty to approve stands with whoever may, and is derived again from the events."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from builders import GRADES, after, assert_refolds, do, make_case
from cast import POLICY, Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.commands import perform
from ombud.cases.errors import Refused
from ombud.cases.models import Case, Duty
from ombud.cases.reading import queries
from ombud.organisation.models import Department, Membership, Person

pytestmark = pytest.mark.django_db
PROPOSAL = {"measures": "换新并致歉", "time_limit": "2026-03-04", "responsible": "王敏"}


def proposed(cast: Cast, *authors: str) -> Case:
    """Return a case whose solution these people wrote, one after the other; each of them sends it back to the next."""
    case = make_case().case
    steps = (("register", "lin", GRADES), ("route", "lin", {}), ("accept_work", "chen", {}))
    for minutes, (act, who, data) in enumerate(steps, 30):
        do(case, act, cast, who, minutes=minutes, data=data)
    do(case, "investigate", cast, "chen", minutes=40, data={"finding": "substantiated"})
    for number, who in enumerate(authors):
        if number:
            do(case, "plan.reject", cast, "gao", minutes=49 + 10 * number, data={"reason": "不够具体"})
        do(case, "propose", cast, who, minutes=50 + 10 * number, data={**PROPOSAL, "measures": f"方案{number}"})
    return Case.objects.get(pk=case.pk)


def owed(person: Person, now: datetime) -> set[str]:
    return {row.duty.duty for row in queries.my_duties(person, now=now).rows}


def test_the_first_author_does_not_approve_what_somebody_else_wrote_again(cast: Cast) -> None:
    case = proposed(cast, "zhou", "chen")
    assert "plan.1" not in owed(cast.zhou, after(70))
    assert "plan.1" in owed(cast.gao, after(70))
    with pytest.raises(Refused) as refused:
        do(case, "plan.approve", cast, "zhou", minutes=70)
    assert "four-eyes" in [each.code for each in refused.value.refusals]
    do(case, "plan.approve", cast, "gao", minutes=71)
    assert Case.objects.get(pk=case.pk).phase == "communicating"
    assert_refolds(case)


def test_who_approved_the_first_stage_does_not_owe_the_second(cast: Cast) -> None:
    other = Person.objects.create(username="hu", name="Hu")
    Membership.objects.create(person=other, policy=POLICY, role="management")
    Membership.objects.filter(person=cast.zhou).delete()  # nobody heads the department, so management steps in
    case = proposed(cast, "chen")
    do(case, "regrade", cast, "lin", minutes=55, data={"reason": "损失核实", "loss": "60000"})
    assert Case.objects.get(pk=case.pk).grades["severity"] == "major"
    do(case, "plan.approve", cast, "gao", minutes=60)
    assert Duty.objects.get(case=case, duty="plan.2", status="open").role == "management"
    with pytest.raises(Refused) as refused:
        do(case, "plan.approve", cast, "gao", minutes=61)
    assert [each.code for each in refused.value.refusals] == ["four-eyes"]
    hu = replace(cast.actor("gao"), person=other.key)
    perform(Case.objects.get(pk=case.pk), "plan.approve", actor=hu, at=after(62), now=after(62), data={})
    assert_refolds(case)


def test_an_approver_of_the_whole_organisation_whose_membership_names_a_department_may_approve(cast: Cast) -> None:
    logistics = Department.objects.get(policy=POLICY, key="logistics")
    Membership.objects.filter(person=cast.gao).update(department=logistics)
    case = proposed(cast, "zhou")
    assert "plan.1" in owed(cast.gao, after(60))
    offers = queries.offers(access_case(cast.gao, case.reference), now=after(60))
    assert [(offer.blocked, actor.department) for offer, actor in offers if offer.act == "plan.approve"] == [
        ((), "logistics")
    ]
