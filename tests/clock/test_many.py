"""Many cases due at once: one transaction for several, none harmed by another, and acts in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from builders import after, assert_refolds, make_case, make_history
from cast import Cast
from ombud.cases import waking
from ombud.cases.commands import pass_time
from ombud.cases.drafts import NewCase
from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case, Event, Outbox, WakeUp
from ombud.clock import sweep
from together import at_once

pytestmark = pytest.mark.django_db


def rungs(*cases: Case) -> int:
    return Event.objects.filter(case__in=cases, act="rung").count()


def before_writing(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Any]) -> None:
    """Let something happen once, after the cases were folded and before any is locked."""
    append, pending = waking.append, [happens]

    def late(drafts: Sequence[NewCase], **options: Any) -> Any:
        if pending:
            pending.pop()()
        return append(drafts, **options)

    monkeypatch.setattr(waking, "append", late)


def test_several_are_told_what_each_would_be_told_alone(cast: Cast) -> None:
    together = [make_case().case, make_case(minutes=3).case, make_history(cast, "route")]
    alone = [make_case().case, make_case(minutes=3).case, make_history(cast, "route")]
    for case in alone:
        pass_time(case.pk, now=after(60 * 48))
    _written, done = waking.wake([case.pk for case in together], now=after(60 * 48))
    assert done == {case.pk for case in together}

    def history(case: Case) -> list[Any]:
        rows = Event.objects.filter(case=case, act="rung").order_by("seq")
        duties = case.duties.order_by("duty", "instance").values_list("duty", "status", "due_at", "breached_at")
        told = Outbox.objects.filter(case=case).order_by("pk").values_list("kind", "payload__duty", "payload__role")
        next_wake = WakeUp.objects.filter(case=case).values_list("at", flat=True).first()
        return [[(row.data, row.occurred) for row in rows], list(duties), list(told), next_wake]

    for one, other in zip(together, alone, strict=True):
        assert history(one) == history(other)
        assert_refolds(one)


def test_a_batch_takes_as_many_statements_as_one_case(cast: Cast) -> None:
    def statements(number: int) -> int:
        cases = [make_case().case.pk for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            assert waking.wake(cases, now=after(61))[1] == set(cases)
        return len(captured)

    statements(1)  # what is kept once read
    assert statements(1) == statements(12)


def test_who_acts_while_the_clock_counts_is_not_overwritten(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    acted, other = make_case().case, make_case().case
    before_writing(monkeypatch, lambda: pass_time(acted.pk, now=after(61)))
    assert sweep.sweep(now=after(61)) == rungs(other)
    assert rungs(acted) == rungs(other)
    assert verify_all()["problems"] == []


def test_nothing_is_sealed_for_who_is_erased_while_the_clock_counts(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case().case
    assert case.complainant is not None
    complainant = case.complainant
    before_writing(monkeypatch, lambda: erase(complainant, now=after(60)))
    _written, done = waking.wake([case.pk], now=after(61))
    assert done == set()
    assert sweep.sweep(now=after(61)) == rungs(case) > 0
    assert verify_all()["problems"] == []


def test_what_cannot_be_written_of_one_case_does_not_hold_up_those_beside_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = make_case().case, make_case().case
    write = waking.append

    def refusing(drafts: Sequence[NewCase], **options: Any) -> Any:
        if any(draft.case.pk == broken.pk for draft in drafts):
            raise RuntimeError("the disk has a hole where this case is")
        return write(drafts, **options)

    monkeypatch.setattr(waking, "append", refusing)
    monkeypatch.setattr("ombud.cases.loaded.append", refusing)
    sweep.sweep(now=after(61))
    assert rungs(whole) > 0
    assert (rungs(broken), WakeUp.objects.get(case=broken).failures) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_clocks_that_wake_the_same_cases_at_once_wake_each_once(cast: Cast) -> None:
    cases, alone = [make_case().case for _ in range(30)], make_case().case
    pass_time(alone.pk, now=after(61))

    def a_clock() -> int:
        return sum(iter(lambda: sweep.sweep(now=after(61)), 0))

    found = at_once(a_clock, a_clock, a_clock)
    assert [each for each in found if isinstance(each, Exception)] == []
    while sweep.sweep(now=after(61)):
        pass
    assert {rungs(case) for case in cases} == {rungs(alone)}
    assert verify_all()["problems"] == []
