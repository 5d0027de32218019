"""Offices: which one a complaint belongs to, who of which office owes it, sees it and finds it."""

from __future__ import annotations

import pytest

from builders import assert_refolds
from ombud.cases.access.case_access import access_case
from ombud.cases.commands import perform
from ombud.cases.errors import NoSuchCase, Refused
from ombud.cases.keeping.verify import rebuild
from ombud.cases.models import Case, Duty, Participation
from ombud.cases.reading.queries import Filters, filters_from, my_duties, register
from ombud.channels.intake import receive
from ombud.organisation.models import Office
from regional import COMPLAINANT, POLICY, START, Regional, after, do, file, publish_next

pytestmark = pytest.mark.django_db


def test_publishing_makes_rows_of_the_offices_with_their_zones(regional: Regional) -> None:
    assert dict(Office.objects.values_list("key", "tz")) == {
        "europe": "Europe/Berlin",
        "america": "America/New_York",
    }


def test_a_complaint_belongs_to_the_office_that_serves_its_country(regional: Regional) -> None:
    case = file(country="FR")
    assert case.office is not None
    assert case.office.key == "europe"
    assert file(country="JP").office is None
    assert_refolds(case)


def test_the_way_in_may_say_which_office_it_is(regional: Regional) -> None:
    case = file(country="DE", office="america")
    assert case.office is not None
    assert case.office.key == "america"
    with pytest.raises(Refused) as refused:
        file(office="mars")
    assert [each.code for each in refused.value.refusals] == ["office"]


def test_what_staff_enter_belongs_to_their_own_office(regional: Regional) -> None:
    actor = regional.actor("nora")
    case = receive(
        POLICY,
        channel="mailbox",
        language="en",
        data={"subject": "x", "country": "DE"},
        actor=actor,
        at=START,
        now=START,
    ).case
    assert case.office is not None
    assert case.office.key == "america"
    assert_refolds(case)


def test_only_the_people_of_the_office_owe_and_see_it(regional: Regional) -> None:
    case = file(country="DE")
    owed = Duty.objects.get(case=case, duty="accept")
    assert owed.office is not None
    assert owed.office.key == "europe"
    # Monday 09:00 in Berlin + 2 working days = Wednesday 18:00 there.
    assert owed.due_at == after(days=2, hours=9)
    for name in ("anna", "ben"):
        assert [row.duty.case for row in my_duties(regional.people[name], now=START).rows] == [case]
        assert access_case(regional.people[name], case.reference).case == case
    assert my_duties(regional.nora, now=START).rows == ()
    for stranger in (regional.nora, regional.deng, regional.nobody):
        with pytest.raises(NoSuchCase):
            access_case(stranger, case.reference)
    assert access_case(regional.dora, case.reference).case == case  # the service department sees all


def test_somebody_of_another_office_is_refused(regional: Regional) -> None:
    case = file(country="DE")
    with pytest.raises(Refused) as refused:
        do(case, "accept", "nora", regional, now=after(hours=1))
    assert "office" in {each.code for each in refused.value.refusals}


def test_an_office_without_agents_leaves_what_they_owe_to_its_head(regional: Regional) -> None:
    for name in ("anna", "ben"):
        regional.people[name].is_active = False
        regional.people[name].save()
    case = file(country="DE")
    assert [row.duty.case for row in my_duties(regional.hans, now=START).rows] == [case]


def test_lists_can_be_narrowed_to_an_office(regional: Regional) -> None:
    mine, other = file(country="DE"), file(country="US")
    filters = filters_from({"office": "europe"}, regional.dora)
    assert [line.case for line in register(regional.dora, now=START, filters=filters).rows] == [mine]
    assert [line.case for line in register(regional.nora, now=START, filters=Filters()).rows] == [other]
    assert [line.case for line in register(regional.nora, now=START, filters=filters).rows] == []


def test_a_case_filed_without_an_office_waits_for_every_agent(regional: Regional) -> None:
    case = file(country="JP")
    for name in ("anna", "nora"):
        assert [row.duty.case for row in my_duties(regional.people[name], now=START).rows] == [case]
    performed = perform(
        Case.objects.get(pk=case.pk), "accept", actor=regional.actor("nora"), at=START, now=START, data={}
    )
    assert performed.case.handler == regional.nora
    assert COMPLAINANT.office is None


def test_who_acted_for_an_office_keeps_seeing_the_case_when_another_office_has_it(regional: Regional) -> None:
    publish_next(
        ("data:\n", "data:\n  goes_to: {type: choice, of: [europe, america], cite: '1'}\n"),
        ("  gather: {", "  pass_on: {by: agent, needs: [goes_to], sets: {office: goes_to}, cite: '1'}\n  gather: {"),
    )
    case = file(country="DE", now=after(days=2))
    do(case, "accept", "anna", regional, now=after(days=2, hours=1))
    do(case, "pass_on", "anna", regional, now=after(days=2, hours=2), goes_to="america")
    assert access_case(regional.nora, case.reference).case == case
    for again in (False, True):
        if again:
            Participation.objects.filter(case=case).delete()
            rebuild(case.pk)  # derived from the events alone, who had the case before has it still
        for name in ("anna", "ben"):  # she acted for her office, so her colleagues can answer for what she did
            assert access_case(regional.people[name], case.reference).case == case
    with pytest.raises(NoSuchCase):
        access_case(regional.deng, case.reference)
