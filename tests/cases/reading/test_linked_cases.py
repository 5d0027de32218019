"""Matters that an act opens: a rectification begins in the same transaction, and its end is told to its case."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from builders import assert_refolds
from ombud.cases.access.case_access import access_case
from ombud.cases.errors import Refused
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, Duty, Event, Outbox
from ombud.cases.reading.queries import Filters, matters, matters_of
from ombud.clock import tasks
from ombud.clock.tick import tick
from regional import Regional, after, do, facts, file, publish_next

pytestmark = pytest.mark.django_db


def ordered(regional: Regional) -> tuple[Case, Case]:
    """Return a complaint and the rectification that was ordered on it two hours after it came in."""
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    do(case, "order_rectification", "hans", regional, now=after(hours=2), measure="Call before delivery")
    return Case.objects.get(pk=case.pk), Case.objects.get(parent=case)


def acts(case: Case) -> list[str]:
    return list(Event.objects.filter(case=case).order_by("seq").values_list("act", flat=True))


def finish(child: Case, regional: Regional) -> Case:
    do(child, "correct_it", "anna", regional, now=after(days=1))
    return do(child, "accept_it", "dora", regional, now=after(days=2)).case


def test_an_act_opens_a_case_of_its_own_that_knows_where_it_comes_from(regional: Regional) -> None:
    case, child = ordered(regional)
    assert (child.procedure, child.phase, child.parent_seq) == ("rectification", "correcting", 3)
    assert child.office == case.office
    assert child.complainant == case.complainant
    assert acts(child) == ["order"]
    assert facts(child)["measure"] == "Call before delivery"
    duty = Duty.objects.get(case=child)
    # Monday 2 March + 10 working days in Berlin = Monday 16 March 18:00.
    assert (duty.duty, duty.due_at) == ("correct_it", datetime(2026, 3, 16, 17, 0, tzinfo=UTC))
    assert_refolds(case)
    assert_refolds(child)


def test_its_end_is_told_to_the_case_by_the_clock_once_and_at_its_own_instant(regional: Regional) -> None:
    case, child = ordered(regional)
    finish(child, regional)
    assert "rectified" not in acts(case)
    for _ in range(3):
        tick(after(days=2, hours=1))
    assert acts(case).count("rectified") == 1
    event = Event.objects.get(case=case, act="rectified")
    assert (event.occurred_at, event.recorded_at) == (after(days=2), after(days=2, hours=1))
    assert verify_all()["problems"] == []


def test_where_the_case_has_moved_on_it_is_told_as_of_now(regional: Regional) -> None:
    case, child = ordered(regional)
    finish(child, regional)
    do(case, "reply", "anna", regional, now=after(days=3), wording="We are sorry")
    tasks.run(now=after(days=4))
    assert Event.objects.get(case=case, act="rectified").recorded_at == after(days=4)
    assert_refolds(case)


def test_a_case_that_is_over_hears_no_more(regional: Regional) -> None:
    case, child = ordered(regional)
    do(case, "close", "anna", regional, now=after(hours=3))
    finish(child, regional)
    assert tasks.run(now=after(days=3)) == 1
    assert "rectified" not in acts(case)
    assert not Outbox.objects.filter(kind="then", done_at=None).exists()


def test_the_end_is_told_once_even_if_two_clocks_look_at_it(regional: Regional) -> None:
    case, child = ordered(regional)
    finish(child, regional)
    assert tasks.run(now=after(days=3)) == 1
    assert tasks.run(now=after(days=3)) == 0
    assert acts(case).count("rectified") == 1


def test_a_refused_act_opens_nothing(regional: Regional) -> None:
    from ombud.cases.errors import Refused

    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    with pytest.raises(Refused):
        do(case, "order_rectification", "anna", regional, now=after(hours=2), measure="By whom?")
    assert not Case.objects.filter(parent=case).exists()


def test_erasing_the_complainant_erases_what_the_matters_took_along(regional: Regional) -> None:
    from ombud.cases.keeping.erasure import erase

    case, child = ordered(regional)
    assert case.complainant is not None
    assert erase(case.complainant, now=after(days=1)) == 2
    assert verify_all()["problems"] == []
    assert child.complainant_id == case.complainant_id


def test_the_ledger_of_rectifications_shows_measure_owner_due_and_where_they_come_from(
    regional: Regional, django_assert_num_queries: Any
) -> None:
    case, child = ordered(regional)
    other, _ = ordered(regional)
    (newest, oldest) = matters(regional.anna, now=after(hours=3)).rows
    assert (oldest.line.case, oldest.parent, newest.parent) == (child, case, other)
    assert [(each.field, each.value) for each in oldest.said] == [("measure", "Call before delivery")]
    assert oldest.line.next_duty == {"zh": "Correct it", "en": "Correct it"}
    first = matters(regional.anna, now=after(hours=3), limit=1)
    assert [
        each.line.case for each in matters(regional.anna, now=after(hours=3), limit=1, cursor=first.after).rows
    ] == [child]
    overdue = Filters(is_overdue=True)
    assert matters(regional.anna, now=after(hours=3), filters=overdue).rows == ()
    assert len(matters(regional.anna, now=after(days=20), filters=overdue, sort="due").rows) == 2
    assert matters(regional.deng, now=after(hours=3)).rows == ()
    with django_assert_num_queries(7):
        matters(regional.dora, now=after(hours=3))
    with django_assert_num_queries(11):
        matters_of(access_case(regional.anna, case.reference), now=after(hours=3))


def test_auditors_read_the_ledger_masked(regional: Regional) -> None:
    ordered(regional)
    (line,) = matters(regional.ai, now=after(hours=3)).rows
    assert [each.is_masked for each in line.said] == [True]


def test_a_complaint_may_open_a_matter_with_its_first_act(regional: Regional) -> None:
    receiving = "    from: new\n    to: received\n"
    publish_next((receiving, f"{receiving}    opens: {{procedure: check}}\n"))
    case = file(now=after(days=2))
    child = Case.objects.get(parent=case)
    assert (child.procedure, child.parent_seq, child.complainant) == ("check", 1, case.complainant)
    assert verify_all()["problems"] == []


def test_a_list_of_matters_asks_for_names_once(regional: Regional, django_assert_num_queries: Any) -> None:
    case, _ = ordered(regional)
    for owner in ("anna", "ben", "hans"):
        do(
            case,
            "order_rectification",
            "hans",
            regional,
            now=after(hours=3),
            measure="Say when",
            owner=regional.people[owner].key,
        )
    with django_assert_num_queries(8):
        (newest, *_) = matters(regional.dora, now=after(hours=4)).rows
    assert {each.field: each.names.get(each.value) for each in newest.said}["owner"] == "Hans"


@pytest.mark.parametrize("day", ["2150-01-01", "1950-01-01"])
def test_a_matter_that_would_be_due_beyond_every_calendar_is_refused_with_the_act_that_opens_it(
    regional: Regional, day: str
) -> None:
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    with pytest.raises(Refused) as refused:
        do(case, "order_rectification", "hans", regional, now=after(hours=2), measure="Call", correct_by=day)
    assert [each.code for each in refused.value.refusals] == ["horizon"]
    assert not Case.objects.filter(parent=case).exists()
    assert_refolds(case)


def test_a_matter_cut_off_from_its_case_is_found(regional: Regional) -> None:
    case, child = ordered(regional)
    wrong = "the matters opened from it are not what its events say"
    Case.objects.filter(pk=child.pk).update(parent=file())
    assert [each.partition(": ")[2] for each in verify_all()["problems"]] == [wrong, wrong]
    Case.objects.filter(pk=child.pk).update(parent=case, parent_seq=2)
    assert verify_all()["problems"] == [f"{case.reference}: {wrong}"]
    Case.objects.filter(pk=child.pk).update(parent_seq=3)
    assert verify_all()["problems"] == []
