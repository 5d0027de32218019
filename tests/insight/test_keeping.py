"""The measured cases follow the log within a look of the clock, and come out the same when they are made anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from tests.insight.test_measures import make_histories

from builders import USUAL, after, do, make_case, make_history
from cast import Cast
from ombud.cases.fold import folded
from ombud.cases.keeping.erasure import erase
from ombud.cases.models import Case, Event
from ombud.clock import beside
from ombud.insight import keeping
from ombud.insight.models import Kept, Measured


def stored() -> list[dict[str, Any]]:
    return list(Measured.objects.order_by("pk").values())


@pytest.mark.django_db
def test_what_is_kept_is_what_a_rebuild_makes(cast: Cast) -> None:
    now = make_histories(cast, 12)
    while keeping.keep(now=now):
        pass
    kept = stored()
    assert len(kept) == 12
    Measured.objects.all().delete()
    told: list[tuple[int, int]] = []
    assert keeping.rebuild(lambda done, of: told.append((done, of))) == 12
    assert stored() == kept
    assert told == [(12, 12)]


@pytest.mark.django_db
def test_the_clock_brings_in_what_happens_at_its_next_look(cast: Cast) -> None:
    case = make_case().case
    beside.once(after(1))
    assert Measured.objects.get(case=case).registering is None
    do(case, "register", cast, "lin", minutes=30, data=USUAL[0][3])
    beside.once(after(31))
    row = Measured.objects.get(case=case)
    assert (row.registering, row.category) == (30 * 60, "product_quality")
    assert row.seq == Case.objects.get(pk=case.pk).seq


@pytest.mark.django_db
def test_an_event_with_a_lower_number_that_becomes_visible_later_is_found(cast: Cast) -> None:
    case = make_case().case
    keeping.keep(now=after(1))
    do(case, "register", cast, "lin", minutes=30, data=USUAL[0][3])
    do(make_case(minutes=31).case, "register", cast, "lin", minutes=32, data=USUAL[0][3])
    keeping.keep(now=after(33))
    Measured.objects.filter(case=case).update(seq=F("seq") - 1)  # as if its event had not been there to see
    assert keeping.keep(now=after(33) + timedelta(seconds=2)) == 1
    Measured.objects.filter(case=case).update(seq=F("seq") - 1)
    assert [keeping.keep(now=after(minutes)) for minutes in (40, 43, 46)] == [1, 0, 0]
    assert Kept.objects.get().settled == Event.objects.latest("pk").pk  # then it rests
    Measured.objects.filter(case=case).update(seq=F("seq") - 1)
    assert keeping.keep(now=after(60)) == 0
    assert keeping.keep(now=after(60) + keeping.WHOLE) == 1  # whatever was left behind


@pytest.mark.django_db
def test_many_are_measured_a_batch_at_a_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BATCH", 2)
    for minutes in range(5):
        make_case(minutes=minutes)
    assert [keeping.keep(now=after(9)) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.django_db
def test_the_whole_time_of_a_case_is_told_by_phases_and_by_whose_it_was(cast: Cast) -> None:
    case = make_history(cast, "follow_up")
    keeping.rebuild()
    row = Measured.objects.get(case=case)
    assert row.closing == 360 * 60
    assert (row.ours or 0) + (row.complainants or 0) + (row.others or 0) == row.closing
    assert row.complainants == 60 * 60  # from the solution that was put to them to their answer
    assert sum(seconds for _phase, seconds, _ours in row.stays) == row.closing
    assert [phase for phase, _, _ in row.stays] == [phase for phase, seconds in with_time(case) if seconds]
    assert row.closing_worked is not None
    assert 0 < row.closing_worked <= row.closing


def with_time(case: Case) -> Iterator[tuple[str, int]]:
    stays = folded(case).stays
    begins = [int(case.received_at.timestamp()) if at is None else at for _, at in stays]
    for place, (phase, _) in enumerate(stays):
        end = begins[place + 1] if place + 1 < len(begins) else begins[place]
        yield phase, end - begins[place]


@pytest.mark.django_db
def test_who_complains_again_is_known_whichever_came_in_first(cast: Cast) -> None:
    later = make_case(minutes=900).case
    keeping.keep(now=after(901))
    assert not Measured.objects.get(case=later).is_repeat
    earlier = make_case(minutes=0).case
    make_case(minutes=0, phone="13900139000", email="other@example.com")
    keeping.keep(now=after(902))
    assert list(Measured.objects.filter(is_repeat=True).values_list("case", flat=True)) == [later.pk]
    assert not Measured.objects.get(case=earlier).is_repeat


@pytest.mark.django_db
def test_erasure_leaves_the_figures(cast: Cast) -> None:
    make_history(cast, "follow_up", loss={"amount": "99.00", "currency": "CNY"})
    again = make_case(minutes=400).case
    keeping.keep(now=after(401))
    before = stored()
    assert [row["is_repeat"] for row in before] == [False, True]
    for case in Case.objects.select_related("complainant"):
        assert case.complainant is not None
        erase(case.complainant, now=after(500))
    keeping.rebuild()
    assert stored() == [{**row, "seq": Case.objects.get(pk=row["case_id"]).seq} for row in before]
    assert Measured.objects.get(case=again).is_repeat
