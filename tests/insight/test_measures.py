"""Every measure equals what is counted by hand from the raw events of random histories, and opens into its cases."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import mean
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from builders import after, make_history, shipped_pack
from cast import POLICY, Cast, make_cast
from histories import ByHand, make_histories, with_us
from ombud.cases.access.permissions import permissions_of
from ombud.cases.fold import folded
from ombud.cases.models import Case, Recusal
from ombud.cases.reading.paging import NotOurs
from ombud.insight import keeping, measures, measuring
from ombud.insight.measures import MEASURES, Figure, Scope
from ombud.insight.registry import How
from ombud.insight.spans import Span
from ombud.organisation.publishing import publish
from ombud.policy import load_sources

SPAN = Span(begin=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 3, 8, tzinfo=UTC))
SUGGESTIONS = ("suggested", "suggestions_answered")  # tests/workbench/test_suggestions.py counts them


def middle(values: list[int], per: int, share: float = 0.5) -> float | None:
    ordered = sorted(values)
    rank = next((at for at in range(1, len(ordered) + 1) if at >= share * len(ordered)), 0)
    return ordered[rank - 1] / per if ordered else None


def share(hits: list[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None


def worked(begin: int, end: int) -> int:
    """Return the seconds of office hours between two instants, minute by minute: Monday to Friday, 9 to 18 o'clock."""
    zone, total = ZoneInfo("Asia/Shanghai"), 0
    for at in range(begin, end, 60):
        local = datetime.fromtimestamp(at, zone)
        total += 60 * (local.weekday() < 5 and 9 <= local.hour < 18)
    return total


def on_time(found: list[ByHand], now: datetime) -> float | None:
    """Return of what we owed and began in the span, and whose time has told, the share done in time: by the engine."""
    told = [
        view.status == "met"
        for each in found
        for view in folded(each.case).duties()
        if not view.is_outsiders and SPAN.begin.timestamp() <= view.opened_at < SPAN.end.timestamp()
        if view.status in ("met", "late")
        or view.is_overdue(int(now.timestamp()))
        or (view.status in ("ended", "cancelled") and view.breached_at is not None)
    ]
    return share(told)


def by_hand(found: list[ByHand], now: datetime) -> dict[str, float | None]:
    """Return every measure of these cases, counted in the plainest way."""
    received = [each for each in found if SPAN.begin <= each.received < SPAN.end]
    closed = [each for each in found if each.closed is not None and SPAN.begin <= each.closed < SPAN.end]
    ended = [each for each in closed if not each.is_withdrawn]
    said = [each for each in closed if "satisfaction" in each.facts]
    good = ("satisfied", "mostly")
    firsts = ("acknowledge", "request_facts", "call_back", "communicate", "terminate")
    answers = [each.first(*firsts) for each in received]
    begun = {each.case.pk: int(each.received.timestamp()) for each in found}
    registered = [each.first("register") for each in received]
    return {
        "received": len(received),
        "closed": len(closed),
        "withdrawn": len(closed) - len(ended),
        "open": sum(each.received < SPAN.end and (each.closed is None or each.closed >= SPAN.end) for each in found),
        "overdue": sum(
            any(
                duty.status == "open" and duty.due_at and duty.due_at < now and not duty.is_outsiders for duty in duties
            )
            for duties in (list(each.case.duties.all()) for each in found if each.closed is None)
        ),
        "satisfied": share([each.facts["satisfaction"] in good for each in said]),
        "satisfaction_known": share(["satisfaction" in each.facts for each in ended]),
        "first_contact": share([each.rounds <= 1 for each in ended]),
        "repeat": share([each.is_repeat for each in received]),
        "registering_hours": middle([each for each in registered if each is not None], 3600),
        "answering_hours": middle([each for each in answers if each is not None], 3600),
        "closing_days": middle([each.lasted for each in ended], 86400),
        "closing_days_90": middle([each.lasted for each in ended], 86400, 0.9),
        "answering_worked": middle(
            [
                worked(begun[each.case.pk], begun[each.case.pk] + answer)
                for each, answer in zip(received, answers, strict=True)
                if answer is not None
            ],
            3600,
        ),
        "closing_worked": middle(
            [worked(begun[each.case.pk], begun[each.case.pk] + each.lasted) for each in ended], 3600
        ),
        "ours": sum(with_us(each.case) for each in ended) / sum(each.lasted for each in ended),
        "on_time": on_time(found, now),
        "rounds": mean([each.rounds for each in ended]) if ended else None,
        "asked": sum(float(each.facts["loss"]["amount"]) for each in received if each.facts.get("loss")),
    }


@pytest.fixture
def histories(cast: Cast) -> tuple[datetime, list[ByHand]]:
    now = make_histories(cast)
    keeping.keep(now=now)
    phones = {
        case.pk: ",".join(sorted(case.complainant.blind_indexes.values_list("digest", flat=True)))
        for case in Case.objects.select_related("complainant")
        if case.complainant
    }
    return now, [ByHand(case, phones) for case in Case.objects.order_by("pk")]


def value(found: Figure) -> float | None:
    return None if found.value is None else float(found.value)


@pytest.mark.django_db
def test_every_measure_is_what_the_raw_events_say(cast: Cast, histories: tuple[datetime, list[ByHand]]) -> None:
    now, found = histories
    scope = Scope(reader=permissions_of(cast.mo), policy=POLICY, span=SPAN)
    expected = by_hand(found, now)
    shown = {id: value(measures.figure(id, scope, now)) for id in expected}
    assert shown == {id: pytest.approx(each) for id, each in expected.items()}
    assert [id for id, each in expected.items() if not each] == []  # nothing is compared that never happens
    assert MEASURES.keys() - expected.keys() == {"given", *SUGGESTIONS}
    assert 0 < (expected["ours"] or 0) < 1
    assert 0 < (expected["on_time"] or 0) < 1


@pytest.mark.django_db
def test_what_was_given_is_summed_over_what_was_closed() -> None:
    name, text = next((name, text) for name, text in shipped_pack().sources.items() if "  asked: loss\n" in text)
    giving = text.replace("  asked: loss\n", "  given: loss\n")
    publish(load_sources({**shipped_pack().sources, name: giving}), now=datetime(2026, 1, 1, tzinfo=UTC))
    cast = make_cast()
    now = make_histories(cast, 16)
    keeping.keep(now=now)
    closed = [each for each in Case.objects.filter(closed_at__isnull=False) if each.closed_at < SPAN.end]
    nobody = dict.fromkeys(Case.objects.values_list("pk", flat=True), "")
    given = [ByHand(each, nobody).facts.get("loss") for each in closed]
    scope = Scope(reader=None, policy=POLICY, span=SPAN)
    assert value(measures.figure("given", scope, now)) == sum(float(each["amount"]) for each in given if each) > 0
    assert measures.figure("given", scope, now).of == sum(each is not None for each in given)
    assert measures.figure("asked", scope, now).of == 0


@pytest.mark.django_db
def test_a_figure_taken_apart_is_the_whole_again_and_opens_into_its_cases(
    cast: Cast, histories: tuple[datetime, list[ByHand]]
) -> None:
    now, found = histories
    scope = Scope(reader=permissions_of(cast.mo), policy=POLICY, span=SPAN)
    for dimension in ("category", "grade", "outcome", "channel", "department", "day", "aspect", "handler", "age"):
        measure = "open" if dimension == "age" else "received"
        parts = measures.by(measure, dimension, scope, now)
        assert sum(part.of for _key, part in parts) == measures.figure(measure, scope, now).of > 0, dimension
        for key, part in parts if dimension != "day" else ():
            assert measures.figure(measure, scope.narrowed(dimension, key.id), now).of == part.of, dimension
    received = [each for each in found if SPAN.begin <= each.received < SPAN.end]
    by_category = Counter(each.facts.get("category", "") for each in received)
    assert {key.id: part.of for key, part in measures.by("received", "category", scope, now)} == by_category
    for measure in MEASURES.keys() - {"given", *SUGGESTIONS}:
        page, figure = measures.cases(measure, scope, now, None), measures.figure(measure, scope, now)
        assert page.rows, measure
        assert measures.by(measure, "category", scope, now), measure
        if measure == "on_time":
            continue  # several duties of one case
        assert len(page.rows) == figure.of, measure
        if MEASURES[measure].how is How.SHARE:
            hits = measures.cases(measure, scope, now, None, side="hit").rows
            misses = measures.cases(measure, scope, now, None, side="miss").rows
            assert {*hits, *misses} == {*page.rows}
            assert len(hits) == round(float(figure.value or 0) * figure.of)


@pytest.mark.django_db
def test_a_department_sees_its_own_and_nobody_what_they_are_taken_out_of(
    cast: Cast, histories: tuple[datetime, list[ByHand]]
) -> None:
    now, _found = histories
    whole = measures.figure("received", Scope(reader=None, policy=POLICY, span=SPAN), now)
    theirs = measures.figure("received", Scope(reader=permissions_of(cast.deng), policy=POLICY, span=SPAN), now)
    quality = measures.figure("received", Scope(reader=permissions_of(cast.zhou), policy=POLICY, span=SPAN), now)
    assert 0 < theirs.of < whole.of
    assert 0 < quality.of < whole.of
    delivered = Scope(reader=None, policy=POLICY, span=SPAN, only={"category": "delivery"})
    assert theirs.of == measures.figure("received", delivered, now).of
    Recusal.objects.create(case=Case.objects.earliest("pk"), person=cast.mo, reason="", at=now)
    assert measures.figure("received", Scope(reader=permissions_of(cast.mo), policy=POLICY, span=SPAN), now).of == (
        whole.of - 1
    )


@pytest.mark.django_db
def test_what_is_not_known_is_refused(cast: Cast) -> None:
    now, scope = after(0), Scope(reader=None, policy=POLICY, span=SPAN)
    for measure, dimension in [
        ("nonsense", "month"),
        ("received", "narrative"),
        ("received", "age"),
        ("overdue", "day"),
    ]:
        with pytest.raises(NotOurs):
            measures.by(measure, dimension, scope, now)
    with pytest.raises(NotOurs):
        measures.cases("received", scope, now, "x")
    assert measures.figure("satisfied", scope, now) == Figure(value=None, of=0, is_from_few=True)


@pytest.mark.django_db
def test_time_goes_without_gaps(cast: Cast) -> None:
    make_history(cast, "register")
    keeping.rebuild()
    scope = Scope(reader=None, policy=POLICY, span=SPAN)
    days = measures.by("received", "day", scope, after(9999))
    assert [(key.id, figure.of) for key, figure in days] == [(f"2026-03-0{day}", day == 3) for day in range(1, 8)]
    late = measures.by("open", "day", scope, SPAN.begin + timedelta(days=2))
    assert [key.id for key, _figure in late] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert [key.id for key, _figure in measures.by("received", "week", scope, after(9999))] == [
        "2026-02-23",
        "2026-03-02",
    ]


def test_where_and_how_a_matter_came_in_grades_it_no_more_than_nothing() -> None:
    tables = {"level": SimpleNamespace(inputs=("office", "loss")), "pace": SimpleNamespace(inputs=("level",))}
    pack: Any = SimpleNamespace(tables=tables)
    came_in = {"office": "europe", "channel": "web", "level": "usual", "pace": "slow"}
    assert [measuring._is_told(pack, each, came_in) for each in tables] == [False, False]
    assert [measuring._is_told(pack, each, {**came_in, "loss": 5}) for each in tables] == [True, True]
