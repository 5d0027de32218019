"""Two who count or hand in a report at the same moment, people or clocks: one is first, nothing is lost or doubled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from builders import make_case
from cast import Cast
from ombud.cases.access.case_access import READ, access_case
from ombud.cases.commands import Performed, perform
from ombud.cases.errors import Refused, Stale
from ombud.cases.models import Case, Event
from ombud.clock import periodic
from ombud.correspondence.models import Message
from ombud.insight import keeping
from ombud.insight.reports import drafting, handing_in, sending, writing
from ombud.insight.reports.handing_in import CountedMeanwhile
from ombud.insight.reports.models import Frozen, Report
from ombud.insight.reports.writing import WrittenOver
from together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
DUE = datetime(2026, 3, 31, 1, tzinfo=UTC)
ACT = "submit_analysis"
SAID = {"analysis": "Kettles leak at the seam.", "improvements": "Another seam"}


@pytest.fixture
def matter(cast: Cast, media: Path) -> Case:
    """The month's analysis, opened by the clock and not begun yet."""
    make_case()
    with time_machine.travel(DUE, tick=False):
        periodic.open_due(now=DUE)
        keeping.keep(now=DUE)
    return Case.objects.get(procedure="monthly_analysis", received_at=DUE)


def hand_in(cast: Cast, matter: Case, *, now: datetime = DUE) -> Performed:
    report = Report.objects.get(case=matter)
    accessed = access_case(cast.wei, matter.reference, READ)
    return handing_in.hand_in(
        accessed, report, drafting.latest(report), {}, actor=cast.actor("wei"), by=cast.wei, data=SAID,
        seen=accessed.case.seq, now=now,
    )  # fmt: skip


def begun(matter: Case) -> Report:
    report = drafting.begin(matter, ACT, now=DUE)
    assert report is not None
    return report


def test_clocks_and_people_who_begin_it_at_once_begin_one(matter: Case) -> None:
    found = at_once(*[lambda: drafting.begin(matter, ACT, now=DUE)] * 3, lambda: drafting.begin_owed(now=DUE))
    assert {each.pk for each in found[:3]} == {Report.objects.get(case=matter).pk}
    assert [each.number for each in Frozen.objects.filter(report__case=matter)] == [1]


def test_of_several_who_count_at_once_one_counts(cast: Cast, matter: Case) -> None:
    report = begun(matter)
    seen = drafting.latest(report)
    found = at_once(*[lambda: drafting.freeze(report, seen, by=cast.wei, now=DUE)] * 4)
    assert {each.number for each in found} == {2}
    assert sorted(Frozen.objects.filter(report=report).values_list("number", flat=True)) == [1, 2]
    assert drafting.freeze(report, drafting.latest(report), by=cast.wei, now=DUE).number == 3


def test_of_two_who_hand_it_in_at_once_one_does(cast: Cast, matter: Case) -> None:
    begun(matter)
    found = at_once(*[lambda: hand_in(cast, matter)] * 2)
    (done,) = [each for each in found if isinstance(each, Performed)]
    assert [isinstance(each, Stale | Refused) for each in found if each is not done] == [True]
    event = Event.objects.get(case=matter, act=ACT)
    assert Report.objects.get(case=matter).handed_in_seq == event.seq


def test_what_was_counted_since_the_papers_were_made_is_not_handed_in_as_if_it_were_in_them(
    cast: Cast, matter: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = begun(matter)
    first = drafting.latest(report)

    def counted_before(*args: Any, **options: Any) -> Performed:
        Frozen.objects.create(
            report=report, number=2, as_of=DUE, version="1", pack_hash=first.pack_hash, content={}, hash=""
        )
        return perform(*args, **options)

    monkeypatch.setattr(handing_in, "perform", counted_before)
    with pytest.raises(CountedMeanwhile):
        hand_in(cast, matter)
    assert not Event.objects.filter(case=matter, act=ACT).exists()
    assert Report.objects.get(case=matter).handed_in_at is None


def test_what_a_page_keeps_while_its_own_button_is_pressed_is_nobody_elses(
    cast: Cast, matter: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, before, newest = begun(matter), [None], writing.latest
    writing.keep(report, {"analysis": "Kettles"}, seen=0, by=cast.wei, now=DUE)
    monkeypatch.setattr(writing, "latest", lambda row: before.pop() if before else newest(row))  # read a moment ago
    assert writing.keep(report, SAID, seen=0, by=cast.wei, now=DUE) == 2
    before.append(None)
    with pytest.raises(WrittenOver):
        writing.keep(report, {"analysis": "Lids"}, seen=0, by=cast.gao, now=DUE)


def test_what_was_handed_in_is_what_is_mailed_whoever_counts_meanwhile(cast: Cast, matter: Case) -> None:
    report = begun(matter)
    seen = drafting.latest(report)
    hand_in(cast, matter)
    late = drafting.freeze(report, seen, by=cast.wei, now=DUE + timedelta(minutes=1))  # looked at before it
    assert late.number == 1
    assert Frozen.objects.filter(report=report).count() == 1
    perform(matter, "accept_analysis", actor=cast.actor("gao"), at=DUE, now=DUE)
    assert sorted(at_once(*[lambda: sending.send_waiting(now=DUE)] * 3)) == [0, 0, 1]
    assert Message.objects.filter(case=matter, is_out=True).count() == 2
