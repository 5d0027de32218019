"""Groups: joining and leaving a lead case, one wording for all members, and an answer of each member's own."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from builders import assert_refolds
from ombud.cases import groups
from ombud.cases.access.case_access import access_case
from ombud.cases.access.recusal import recuse
from ombud.cases.errors import Refused
from ombud.cases.keeping.verify import rebuild_all, verify_all
from ombud.cases.models import Case, CaseLink, Event
from ombud.cases.reading import queries
from ombud.cases.reading.queries import group_of, timeline
from ombud.clock import tasks
from ombud.clock.tick import tick
from ombud.notices.models import Notice
from ombud.privacy.masking import BLANK
from regional import Regional, after, do, facts, file
from together import at_once

pytestmark = pytest.mark.django_db


def group(regional: Regional, size: int = 3) -> list[Case]:
    """Return a lead case and its members, all accepted by Anna an hour after they came in."""
    cases = [file() for _ in range(size)]
    for case in cases:
        do(case, "accept", "anna", regional, now=after(hours=1))
    for member in cases[1:]:
        do(member, "join_group", "anna", regional, now=after(hours=2), lead_case=cases[0].reference)
    return cases


def settle(hours: float) -> None:
    while tasks.run(now=after(hours=hours)):
        pass


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str | None]]:
    return [(each.code, each.field) for each in refused.value.refusals]


def test_joining_links_the_case_to_its_lead(regional: Regional) -> None:
    lead, one, two = group(regional)
    assert list(CaseLink.objects.values_list("member", "lead", "since", "until")) == [
        (one.pk, lead.pk, after(hours=2), None),
        (two.pk, lead.pk, after(hours=2), None),
    ]
    assert groups.size(lead) == 3
    for case in (lead, one, two):
        assert_refolds(case)


def test_the_lead_case_counts_its_group_and_is_graded_by_it(regional: Regional) -> None:
    lead, one, _ = group(regional)
    settle(2.1)
    lead.refresh_from_db()
    assert (facts(lead)["members"], lead.grades["weight"]) == (3, "major")
    do(one, "leave_group", "anna", regional, now=after(hours=3), reason="Another matter")
    settle(3.1)
    lead.refresh_from_db()
    assert (facts(lead)["members"], lead.grades["weight"]) == (2, "minor")
    assert CaseLink.objects.get(member=one).until == after(hours=3)
    settle(4)  # nothing more to do
    assert Event.objects.filter(case=lead, act="count_group").count() == 2
    assert verify_all()["problems"] == []


def test_a_case_may_come_back_after_it_left(regional: Regional) -> None:
    lead, one, _ = group(regional)
    do(one, "leave_group", "anna", regional, now=after(hours=3), reason="A mistake")
    do(one, "join_group", "anna", regional, now=after(hours=4), lead_case=lead.reference)
    assert CaseLink.objects.filter(member=one).count() == 2
    assert_refolds(one)


def test_the_reference_may_be_typed_as_people_type_it(regional: Regional) -> None:
    lead, one = file(), file()
    do(one, "join_group", "anna", regional, now=after(hours=2), lead_case=lead.reference.lower().replace("-", " "))
    assert CaseLink.objects.get(member=one).lead == lead


def test_what_is_no_lead_case_is_refused(regional: Regional) -> None:
    lead, one, _ = group(regional)
    ended, alone, foreign = file(), file(), file(country="US")
    do(ended, "withdraw", "complainant", regional, now=after(hours=3))
    for case, reference, word in (
        (alone, "RG-0000-0000-0", "no such case"),
        (alone, alone.reference, "its own lead"),
        (alone, ended.reference, "closed already"),
        (alone, one.reference, str(lead)),
        (lead, alone.reference, "leads a group itself"),
        (one, alone.reference, "already"),
        (alone, foreign.reference, "no such case"),  # Anna may not see the cases of New York
    ):
        with pytest.raises(Refused) as refused:
            do(case, "join_group", "anna", regional, now=after(hours=4), lead_case=reference)
        assert codes(refused) == [("lead", "lead_case")], reference
        message = refused.value.refusals[0].message
        assert word in message["en"]
        assert message["zh"] != message["en"]
    with pytest.raises(Refused) as refused:
        do(alone, "leave_group", "anna", regional, now=after(hours=4), reason="None")
    assert codes(refused) == [("group", None)]
    assert CaseLink.objects.count() == 2


def test_a_refusal_names_no_case_that_the_reader_was_taken_out_of(regional: Regional) -> None:
    lead, one, two = group(regional)
    Case.objects.filter(pk=lead.pk).update(handler=None)
    lead.refresh_from_db()
    recuse(lead, regional.anna, reason="Her cousin's", now=after(hours=3))
    alone = file()
    for case, reference in ((alone, one.reference), (two, alone.reference)):
        with pytest.raises(Refused) as refused:
            do(case, "join_group", "anna", regional, now=after(hours=4), lead_case=reference)
        assert lead.reference not in refused.value.refusals[0].message["en"]
    found = group_of(access_case(regional.anna, one.reference), now=after(hours=5))
    assert found is not None
    assert (found.lead, found.size) == (None, None)  # nor how many belong to what they may not see


def test_one_wording_goes_to_every_open_member(regional: Regional) -> None:
    lead, one, two = group(regional)
    do(two, "close", "anna", regional, now=after(hours=3))
    do(lead, "reply", "anna", regional, now=after(hours=4), wording="We shall deliver again, free of charge")
    tick(after(hours=4, minutes=1))
    settle(4.1)
    event = Event.objects.get(case=one, act="reply")
    assert event.occurred_at == after(hours=4)
    assert event.actor == regional.anna.key
    assert facts(one)["wording"] == "We shall deliver again, free of charge"
    assert not Event.objects.filter(case=two, act="reply").exists()
    settle(5)
    assert Event.objects.filter(act="reply").count() == 2  # the lead's and the member's, each once
    assert verify_all()["problems"] == []


def test_each_member_answers_for_itself(regional: Regional) -> None:
    lead, one, two = group(regional)
    do(lead, "reply", "anna", regional, now=after(hours=4), wording="We are sorry")
    settle(4.1)
    do(one, "answer", "complainant", regional, now=after(hours=5), answer="accepted")
    do(two, "answer", "complainant", regional, now=after(hours=6), answer="rejected")
    assert (facts(one)["answer"], facts(two)["answer"], facts(lead).get("answer")) == ("accepted", "rejected", None)


def test_what_a_member_refuses_is_noted_and_its_handler_told(regional: Regional) -> None:
    lead, one, two = group(regional)
    do(one, "reply", "anna", regional, now=after(hours=3), wording="We are looking into it")
    do(lead, "reply", "anna", regional, now=after(hours=4), wording="We are sorry")
    settle(4.1)
    tick(after(hours=4.2))
    link = CaseLink.objects.get(member=one)
    assert (link.refused["act"], [each["code"] for each in link.refused["reasons"]]) == ("reply", ["phase"])
    assert CaseLink.objects.get(member=two).refused == {}
    told = Notice.objects.get(case=one, kind="rung-refused")
    assert (told.person, told.act) == (regional.anna, "reply")
    assert_refolds(one)


def test_rebuilding_finds_the_same_groups(regional: Regional) -> None:
    _, one, two = group(regional)
    do(one, "leave_group", "anna", regional, now=after(hours=3), reason="Another matter")
    settle(3.1)
    before = sorted(CaseLink.objects.values_list("member", "lead", "seq", "since", "until"), key=str)
    CaseLink.objects.filter(member=two).delete()
    assert any("links to lead cases" in each for each in verify_all()["problems"])
    rebuild_all()
    assert sorted(CaseLink.objects.values_list("member", "lead", "seq", "since", "until"), key=str) == before
    assert verify_all()["problems"] == []


def test_the_page_of_a_group_lists_members_with_their_own_answers(
    regional: Regional, django_assert_num_queries: Any
) -> None:
    lead, one, two = group(regional)
    do(lead, "reply", "anna", regional, now=after(hours=4), wording="We are sorry")
    settle(4.1)
    do(one, "answer", "complainant", regional, now=after(hours=5), answer="accepted")
    opened = access_case(regional.anna, lead.reference)
    found = group_of(opened, now=after(hours=6))
    assert found is not None
    assert (found.lead, found.is_lead, found.size) == (lead, True, 3)
    said = [(each.line.case, each.answer.value if each.answer else None) for each in found.members.rows]
    assert said == [(one, "accepted"), (two, None)]
    assert [each.answered_at for each in found.members.rows] == [after(hours=5), None]
    of_member = group_of(access_case(regional.anna, one.reference), now=after(hours=6), limit=1)
    assert of_member is not None
    assert (of_member.lead, of_member.is_lead) == (lead, False)
    second = group_of(opened, now=after(hours=6), limit=1, cursor=of_member.members.after)
    assert second is not None
    assert ([each.line.case for each in second.members.rows], second.members.after) == ([two], None)
    assert group_of(access_case(regional.anna, file().reference), now=after(hours=6)) is None
    with django_assert_num_queries(9):
        group_of(opened, now=after(hours=6))


def test_a_lead_case_that_does_not_exist_for_the_reader_is_named_nowhere(regional: Regional) -> None:
    lead, one, _ = group(regional)
    recuse(lead, regional.anna, reason="A relative", now=after(hours=3))
    page = access_case(regional.anna, one.reference)
    shown = {each.field: each for entry in timeline(page) for each in (*entry.facts, *queries.facts(page))}
    assert (shown["lead_case"].value, shown["lead_case"].is_masked) == (BLANK, True)
    assert lead.reference not in str(timeline(page))
    others = access_case(regional.people["hans"], one.reference)
    assert {each.field: each.value for each in queries.facts(others)}["lead_case"] == lead.reference


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_cases_that_join_each_other_do_not_wait_for_each_other_for_ever(regional: Regional) -> None:
    for _ in range(20):
        cases = [file() for _ in range(2)]
        for case in cases:
            do(case, "accept", "anna", regional, now=after(hours=1))

        def join(member: Case, lead: Case) -> Any:
            return do(member, "join_group", "anna", regional, now=after(hours=2), lead_case=lead.reference)

        found = at_once(
            lambda: join(cases[0], cases[1]),  # noqa: B023  # run within the loop
            lambda: join(cases[1], cases[0]),  # noqa: B023
        )
        assert sorted(type(each).__name__ for each in found) == ["Performed", "Refused"]


def test_a_copy_in_other_peoples_cases_names_nobody_of_the_lead_case(regional: Regional) -> None:
    """It lies under the member's key: erasing the lead's complainant does not reach it, and others read it."""
    lead, one, _two = group(regional)
    do(lead, "correct", "anna", regional, now=after(hours=3), name="Erika Muster", phone="+49 30 901820", reason="x")
    wording = "Ms Muster (030 901820) found it first; write to help@shop.example or call 0800 123456789"
    do(lead, "reply", "anna", regional, now=after(hours=4), wording=wording)
    settle(4.1)
    assert facts(one)["wording"] == "*** *** (0***) found it first; write to help@shop.example or call 0800 123456789"
    assert facts(lead)["wording"] == wording
