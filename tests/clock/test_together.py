"""Groups while several clocks and people are at work: whoever comes first, all end up with the same."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import transaction

from ombud.cases import groups, search
from ombud.cases.errors import Refused
from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, CaseLink, Event
from ombud.clock import tasks
from regional import Regional, after, do, facts, file, make_regional, publish_regions
from together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def regional(transactional_db: None) -> Regional:
    publish_regions()
    return make_regional()


def a_clock() -> int:
    return sum(tasks.run(now=after(hours=5)) for _ in range(12))


def test_a_clock_that_is_slow_to_count_does_not_have_the_last_word(
    regional: Regional, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead, one, two = file(), file(), file()
    do(one, "join_group", "anna", regional, now=after(hours=2), lead_case=lead.reference)
    has_counted, others_are_done, count = threading.Event(), threading.Event(), groups.size

    def slowly(case: Case) -> int:
        number = count(case)
        if not has_counted.is_set():
            has_counted.set()
            others_are_done.wait(timeout=1)  # where the others wait for this clock, that is all that happens
        return number

    def others() -> None:
        has_counted.wait()
        do(two, "join_group", "anna", regional, now=after(hours=3), lead_case=lead.reference)
        a_clock()
        others_are_done.set()

    monkeypatch.setattr(groups, "size", slowly)
    assert [each for each in at_once(a_clock, others) if isinstance(each, Exception)] == []
    a_clock()
    assert facts(lead)["members"] == 3
    assert verify_all()["problems"] == []


def test_one_wording_reaches_each_member_once_however_many_clocks_there_are(regional: Regional) -> None:
    lead, *members = [file() for _ in range(4)]
    for case in (lead, *members):
        do(case, "accept", "anna", regional, now=after(hours=1))
    for member in members:
        do(member, "join_group", "anna", regional, now=after(hours=2), lead_case=lead.reference)
    do(lead, "reply", "anna", regional, now=after(hours=3), wording="We are sorry")
    assert [each for each in at_once(a_clock, a_clock, a_clock) if isinstance(each, Exception)] == []
    while tasks.run(now=after(hours=5)):
        pass
    assert Event.objects.filter(act="reply", case__in=members).count() == 3
    assert not CaseLink.objects.exclude(refused={}).exists()
    assert verify_all()["problems"] == []


def test_of_two_cases_that_join_each_other_at_once_one_is_refused(regional: Regional) -> None:
    for _ in range(5):
        one, two = file(), file()
        found = at_once(
            lambda: do(one, "join_group", "anna", regional, now=after(hours=2), lead_case=two.reference),  # noqa: B023
            lambda: do(two, "join_group", "anna", regional, now=after(hours=2), lead_case=one.reference),  # noqa: B023
        )
        assert [type(each).__name__ for each in found if isinstance(each, Exception)] == [Refused.__name__]
        assert CaseLink.objects.filter(member__in=[one, two]).count() == 1
    assert verify_all()["problems"] == []


def test_a_matter_that_is_opened_while_its_complainant_is_erased_is_erased_with_the_case(regional: Regional) -> None:
    case = file()
    do(case, "accept", "anna", regional, now=after(hours=1))
    complainant, is_opened = case.complainant, threading.Event()
    assert complainant is not None

    def order() -> None:
        with transaction.atomic():
            do(case, "order_rectification", "hans", regional, now=after(hours=2), measure="Call Gulliver first")
            is_opened.set()
            time.sleep(0.3)  # the erasure begins meanwhile

    def forget() -> int:
        is_opened.wait()
        return erase(complainant, now=after(hours=3))

    assert at_once(order, forget)[1] == 2
    assert search.find("Gulliver", any_of=[], below=None, limit=10) == []
    assert verify_all()["problems"] == []
