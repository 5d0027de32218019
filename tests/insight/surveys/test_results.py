"""What surveys came to, against a plain count; means with their interval; free words grouped by what they share."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from statistics import mean as plain_mean

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from builders import after, make_history
from cast import POLICY, Cast
from ombud.cases.access.permissions import permissions_of
from ombud.cases.keeping import erasure
from ombud.cases.models import Recusal
from ombud.cases.reading.paging import NotOurs
from ombud.insight import keeping
from ombud.insight.models import Measured
from ombud.insight.reports import survey_rows
from ombud.insight.reports.comparing import differs
from ombud.insight.scopes import Scope
from ombud.insight.spans import Span
from ombud.insight.surveys import answering, free_words, means, results, work
from ombud.insight.surveys.free_words import Text
from ombud.insight.surveys.models import Answer, Invitation
from ombud.insight.surveys.results import Wanted
from ombud.organisation.models import Person
from surveyed import ASKED, make_surveyed, surveyed_pack

SPAN = Span(begin=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2027, 1, 1, tzinfo=UTC))
State = Invitation.State


@pytest.fixture
def surveyed(db: None) -> Cast:
    return make_surveyed()


def wanted(reader: Person | None = None, *, span: Span = SPAN, **only: str) -> Wanted:
    pack = surveyed_pack()
    permissions = permissions_of(reader) if reader else None
    return Wanted(reader=permissions, pack=pack, survey=pack.surveys["handled"], span=span, only=only)


def answer(row: Invitation, overall: str, solved: str, words: str = "") -> None:
    found = answering.found(row.pk)
    assert found is not None
    survey = answering.survey_of(found)
    assert survey is not None
    answering.answer(found, survey, {"overall": overall, "solved": solved}, {"words": words}, now=after(ASKED + 5))


def fill(cast: Cast, number: int = 6) -> list[tuple[str, str]]:
    """Make cases by two channels, answer two thirds of what they were asked, and return what was answered."""
    chance, told = random.Random(7), []
    for n in range(number):
        make_history(cast, "follow_up", email=None if n == 4 else "a@example.com")
    work.run(now=after(ASKED))
    keeping.rebuild()
    half = list(Measured.objects.order_by("case").values_list("pk", flat=True)[: number // 2])
    Measured.objects.filter(pk__in=half).update(channel="hotline")
    for n, row in enumerate(Invitation.objects.filter(state=State.ASKED).order_by("pk")):
        if n % 3:
            given = chance.choice("12345"), chance.choice(("all", "none"))
            answer(row, *given, words=f"说明{n}")
            told.append(given)
    return told


@pytest.mark.django_db
def test_counts_are_those_of_a_plain_count(surveyed: Cast) -> None:
    told = fill(surveyed)
    states = results.states(wanted())
    assert sum(states.values()) == 6
    assert states[State.UNREACHABLE] == 1
    rate = results.response(states)
    assert (rate.number, rate.of) == (len(told), 5)
    overall, solved = results.answered(wanted())
    assert {value: number for value, number in overall.counts.items() if number} == Counter(each for each, _ in told)
    assert {value: number for value, number in solved.counts.items() if number} == Counter(each for _, each in told)
    assert overall.mean is not None
    assert overall.mean.value == pytest.approx(plain_mean(int(each) for each, _ in told))
    assert solved.mean is None


@pytest.mark.django_db
@pytest.mark.parametrize("dimension", results.DIMENSIONS)
def test_what_is_told_apart_adds_up_and_each_part_is_what_narrowing_gives(surveyed: Cast, dimension: str) -> None:
    told = fill(surveyed)
    parts = results.by(dimension, wanted())
    assert sum(part.response.number for part in parts) == len(told)
    for part in parts:
        one = wanted(**{dimension: part.key.id})
        assert results.response(results.states(one)) == part.response
        assert tuple(results.answered(one)) == part.answered


@pytest.mark.django_db
def test_two_channels_are_two_parts(surveyed: Cast) -> None:
    fill(surveyed)
    assert {part.key.id for part in results.by("channel", wanted())} == {"web", "hotline"}
    with pytest.raises(NotOurs):
        results.by("name", wanted())
    with pytest.raises(NotOurs):
        results.states(wanted(name="x"))


@pytest.mark.django_db
def test_every_number_opens_its_cases(surveyed: Cast) -> None:
    told = fill(surveyed)
    assert len(results.cases(wanted()).rows) == 6
    for state, number in results.states(wanted()).items():
        assert len(results.cases(wanted(), state=state).rows) == number
    ones = results.cases(wanted(), question="overall", given=told[0][0]).rows
    assert len(ones) == sum(each == told[0][0] for each, _ in told)
    for wrong in ({"state": "gone"}, {"question": "price", "given": "1"}, {"question": "overall", "given": "6"}):
        with pytest.raises(NotOurs):
            results.cases(wanted(), **wrong)


@pytest.mark.django_db
def test_nobody_counts_what_they_may_not_see(surveyed: Cast) -> None:
    fill(surveyed)
    assert sum(results.states(wanted(surveyed.lin)).values()) == 6
    assert sum(results.states(wanted(surveyed.deng)).values()) == 0  # another department
    assert results.by("channel", wanted(surveyed.deng)) == []
    assert free_words.groups(wanted(surveyed.deng), "words") == []
    row = Invitation.objects.filter(state=State.ANSWERED)[0]
    Recusal.objects.create(case=row.case, person=surveyed.lin, reason="friend", at=after(ASKED + 6))
    assert sum(results.states(wanted(surveyed.lin)).values()) == 5


@pytest.mark.django_db
def test_a_span_counts_those_who_were_asked_in_it(surveyed: Cast) -> None:
    fill(surveyed)
    before = Span(begin=SPAN.begin, end=after(0))
    assert sum(results.states(wanted(span=before)).values()) == 0


@pytest.mark.django_db
def test_erasure_leaves_the_figures_and_no_words(surveyed: Cast) -> None:
    fill(surveyed)
    row = Invitation.objects.filter(state=State.ANSWERED)[0]
    erasure.erase(row.case.complainant, now=after(ASKED + 9))
    work.run(now=after(ASKED + 10))
    assert Answer.objects.filter(invitation=row).count() == 2
    written = [text.case.pk for group in free_words.groups(wanted(), "words") for text in group.texts]
    assert written
    assert row.case_id not in written


@pytest.mark.django_db
def test_the_number_of_queries_hangs_on_nothing(surveyed: Cast) -> None:
    fill(surveyed)
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as few:
            results.states(wanted()), results.answered(wanted()), results.by("category", wanted())
            free_words.groups(wanted(), "words")
        asked.append(len(few))
        fill(surveyed)
    assert asked[0] == asked[1]


def test_a_mean_has_the_interval_of_student() -> None:
    found = means.mean({1: 1, 2: 2, 3: 4, 4: 2, 5: 1}, points=5)
    assert found is not None
    # n = 10, s = 1.1547, t(9) = 2.262: 3 +- 0.826
    assert (found.of, found.value) == (10, 3.0)
    assert found.low == pytest.approx(2.174, abs=0.001)
    assert found.high == pytest.approx(3.826, abs=0.001)
    assert found.is_from_few


@pytest.mark.parametrize(
    ("counts", "expected"),
    [({}, None), ({4: 1}, (4.0, None, None)), ({5: 30}, (5.0, None, None))],
)
def test_a_mean_of_none_of_one_and_of_all_alike_has_no_interval(
    counts: Mapping[int, int], expected: tuple[float, None, None] | None
) -> None:
    found = means.mean(counts, points=5)
    assert (None if found is None else (found.value, found.low, found.high)) == expected


def test_the_interval_holds_the_true_mean_as_often_as_it_says() -> None:
    chance, held = random.Random(1), 0
    weights = (0.1, 0.2, 0.3, 0.25, 0.15)
    true = sum(point * weight for point, weight in enumerate(weights, 1))
    for _ in range(1000):
        found = means.mean(Counter(chance.choices(range(1, 6), weights, k=12)), points=5)
        assert found is not None
        held += found.low is not None and found.high is not None and found.low <= true <= found.high
    assert 920 <= held <= 980


def texts(*written: str) -> list[Text]:
    return [Text(case=None, words=each) for each in written]  # type: ignore[arg-type]  # grouping asks for words only


def test_words_that_several_share_make_a_group_and_each_text_stands_once() -> None:
    written = texts(
        "客服态度很差", "客服一直没有回电", "打了三次客服才接", "退款太慢了", "退款等了两周", "希望退款更快",
        "The packaging was torn", "都好", "没有意见",
    )  # fmt: skip
    found = free_words.grouped(written)
    assert [(group.word, len(group.texts)) for group in found] == [("客服", 3), ("退款", 3), ("", 3)]
    assert sorted(text.words for group in found for text in group.texts) == sorted(text.words for text in written)
    assert free_words.grouped([]) == []


def test_what_nearly_all_wrote_and_small_words_tell_nothing() -> None:
    written = texts(*(f"the delivery was late {word}" for word in ("monday", "tuesday", "friday", "sunday", "again")))
    assert [group.word for group in free_words.grouped(written)] == [""]


@pytest.mark.django_db
def test_a_report_tells_what_the_survey_came_to(surveyed: Cast) -> None:
    pack, scope = surveyed_pack(), Scope(reader=None, policy=POLICY, span=SPAN)
    assert survey_rows.counted(pack, "handled", scope) == []  # it asked nobody yet
    told = fill(surveyed)
    rows = survey_rows.counted(pack, "handled", scope)
    first, overall, solved = rows
    assert (first["of"], first["value"], first["unreachable"]) == (5, pytest.approx(len(told) / 5), 1)
    assert overall["value"] == pytest.approx(plain_mean(int(each) for each, _ in told))
    assert {answer: n for answer, n in solved["counts"].items() if n} == Counter(each for _, each in told)
    later = [{**row, "value": 1} if "question" in row else row for row in rows]
    with translation.override("en"):
        table = survey_rows.table("handled", rows, later, pack)
    assert [row[0].text for row in table.rows] == ["Response rate", "All in all", "Solved"]
    assert table.rows[0][4].text == "1 could not be reached"
    assert "today: 1" in table.rows[1][2].note
    assert "from 3" in table.rows[1][2].note
    assert all(f"{n}" in table.rows[2][4].text for n in Counter(each for _, each in told).values())
    empty = Span(begin=SPAN.begin, end=after(0))
    assert survey_rows.counted(pack, "handled", Scope(reader=None, policy=POLICY, span=empty)) == []
    before = {"sections": [{"rows": rows}]}
    assert (differs(before, before), differs(before, {"sections": [{"rows": later}]})) == (0, 2)
