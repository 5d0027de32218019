"""Whoever is told of a case can open it: no notice leads its reader to a page that is not there for them."""

from __future__ import annotations

import pytest
from django.test import Client

from builders import after, make_case, make_history, publish_policy, shipped_pack
from carried import carry
from cast import POLICY, Cast
from ombud.cases import outbox
from ombud.cases.access import assignees
from ombud.cases.access.case_access import access_case
from ombud.cases.access.permissions import Permissions, may_see, permissions_of
from ombud.cases.fold import folded
from ombud.cases.models import Case, Duty, Participation
from ombud.engine.roles import place_of
from ombud.notices import by_case, reading
from ombud.notices.models import Notice
from ombud.notices.reminding import remind
from ombud.organisation.models import Department, Membership, Office, Person
from ombud.organisation.staff import Roster, people
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Role

pytestmark = pytest.mark.django_db
POLICIES = (
    POLICY,
    "data-protection",
    "overseas-customers",
    "student-complaints",
    "training-service",
    "user-complaints",
)


def _staff(pack: Pack, policy: str, role: Role) -> None:
    """Put one person in the role in each department or office in which it can be held, and nowhere in particular."""
    departments = [None, *Department.objects.filter(policy=policy)] if role.of == "department" else [None]
    offices = [None, *Office.objects.all()] if role.of == "office" else [None]
    for department in departments:
        for office in offices:
            name = f"{role.id}-{department.key if department else ''}-{office.key if office else ''}"
            held = Membership(policy=policy, role=role.id, department=department, office=office)
            held.person = Person.objects.create(username=f"{policy}-{name}", name=name)
            held.save()


def _sees(permissions: Permissions, policy: str, told: assignees.Assignee) -> bool:
    return policy in permissions.full_policies or bool(set(told.viewers) & set(permissions.viewers))


@pytest.mark.parametrize("has_all", [True, False], ids=["everybody is there", "only bosses are there"])
@pytest.mark.parametrize("policy", POLICIES)
def test_everybody_whom_a_role_reaches_sees_what_it_is_told_of(policy: str, has_all: bool) -> None:
    publish_policy(policy)
    pack = shipped_pack(policy)
    own = [role for role in pack.roles.values() if not role.is_external]
    bosses = {role.boss for role in own}
    for role in own:
        if has_all or role.id in bosses:
            _staff(pack, policy, role)
    roster, known, blind = Roster(policy), {}, set()
    for role in own:
        for department in (None, *pack.departments):
            for office in (None, *pack.offices):
                place = place_of(pack, role.id, department, office)
                told = assignees.Assignee(
                    policy=policy,
                    role=role.id,
                    department_id=assignees.department_id(policy, place.department),
                    office_id=assignees.office_id(place.office),
                )
                for key, person in people(roster.effective(pack, role.id, *place)[2]).items():
                    known.setdefault(key, permissions_of(person))
                    if not _sees(known[key], policy, told):
                        blind.add((role.id, department, office, person.username))
    assert known
    assert not blind


def test_a_role_that_departments_have_shares_in_a_case_of_none(client: Client, cast: Cast) -> None:
    """As the organisation's own procedures have it: their cases belong to no department."""
    case = make_case().case
    Participation.objects.filter(case=case).delete()
    with pytest.raises(Exception, match="no such case"):
        access_case(cast.zhou, case.reference)
    Participation.objects.create(case=case, viewer=f"r{POLICY}/head", received_at=case.received_at)
    client.force_login(cast.zhou)
    assert client.get(f"/desk/cases/{case.reference}/").status_code == 200


def test_what_the_machine_could_not_do_is_told_to_somebody_who_then_sees_the_case(cast: Cast) -> None:
    case = make_history(cast, "route")
    Case.objects.filter(pk=case.pk).update(handler=None)
    Participation.objects.filter(case=case).delete()
    Duty.objects.filter(case=case).delete()
    case.refresh_from_db()
    Notice.objects.all().delete()
    outbox.tell_refused(case, folded(case), "accept_work", now=after(60))
    carry(now=after(61))
    told = [row.person for row in Notice.objects.filter(kind=Notice.Kind.REFUSED)]
    assert told
    assert all(person and may_see(case, permissions_of(person)) for person in told)
    assert not Participation.objects.filter(case=case).exists()  # proof has an event behind everybody who sees a case


def test_whoever_does_not_see_a_case_any_more_reads_and_counts_none_of_its_notices(cast: Cast) -> None:
    case = make_history(cast, "route")
    carry(now=after(61))
    assert reading.unread_count(cast.chen) == 1
    Membership.objects.filter(person=cast.chen).update(department=Department.objects.get(key="logistics"))
    Participation.objects.filter(case=case, viewer=f"p{cast.chen.pk}").delete()
    assert reading.unread_count(cast.chen) == 0
    assert not by_case.notices_of(cast.chen).rows


def test_only_who_sees_the_case_is_reminded_of_it(cast: Cast) -> None:
    case = make_history(cast, "route")
    accessed = access_case(cast.wei, case.reference)
    Participation.objects.filter(case=case).delete()
    told, number = remind(accessed, "accept_work", by=cast.wei, now=after(45))
    assert (told, number) == ((), 0)
