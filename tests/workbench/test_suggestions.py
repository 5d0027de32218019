"""Suggestions: counted as the raw events of random histories say, shown to who may see them, grouped and answered."""

from __future__ import annotations

import html
import random
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from builders import USUAL, after, do, shipped_pack
from cast import POLICY, Cast, make_cast
from ombud.cases.access.permissions import permissions_of
from ombud.cases.errors import Refused
from ombud.cases.keeping.erasure import erase
from ombud.cases.models import Case, Event, Recusal
from ombud.channels.intake import receive
from ombud.insight import keeping, measures, suggestions
from ombud.insight.measures import Scope
from ombud.insight.models import Measured
from ombud.insight.reports import measuring
from ombud.insight.spans import Span
from ombud.organisation.publishing import publish
from ombud.policy import load_sources
from ombud.policy.model.pack import Pack

pytestmark = pytest.mark.django_db
SPAN = Span(begin=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 3, 6, tzinfo=UTC))
PAGE = "/desk/suggestions/"
OUTCOMES = ("adopted", "declined")
_OUTCOME = "adopted: {zh: 采纳, en: Adopted}, declined: {zh: 不采纳, en: Declined}"
_NATURE = "whole: {zh: 建议, en: A suggestion}, none: {zh: 投诉, en: A complaint}"
_CITED = 'cite: "2.1.7"'
FIELDS = f"""
data:
  idea: {{type: long_text, title: {{zh: 建议, en: Suggestion}}, {_CITED}}}
  idea_outcome: {{type: choice, of: {{{_OUTCOME}}}, title: {{zh: 处理结果, en: What came of it}}, {_CITED}}}
  is_idea: {{type: choice, of: {{{_NATURE}}}, title: {{zh: 性质, en: Nature}}, {_CITED}}}
"""
ACTS = f"""
acts:
  suggest:
    by: [complainant, agent]
    needs: [idea]
    title: {{zh: 提出建议, en: Suggest}}
    public: true
    {_CITED}
  sort_out: {{by: agent, needs: [is_idea], title: {{zh: 认定, en: Sort out}}, public: false, {_CITED}}}
  answer_idea: {{by: agent, needs: [idea_outcome], title: {{zh: 答复建议, en: Answer}}, public: false, {_CITED}}}
"""
FIGURE = "  suggestion: {field: idea, cases: {is_idea: whole}, outcome: idea_outcome}\n"


@cache
def suggesting_pack() -> Pack:
    text = shipped_pack().sources["pack.yaml"]
    for old, new in (("\ndata:\n", FIELDS), ("\nacts:\n", ACTS), ("  asked: loss\n", f"  asked: loss\n{FIGURE}")):
        assert old in text
        text = text.replace(old, new, 1)
    return load_sources({**shipped_pack().sources, "pack.yaml": text})


@pytest.fixture
def cast() -> Cast:
    publish(suggesting_pack(), now=datetime(2026, 1, 1, tzinfo=UTC))
    return make_cast()


def make_case(cast: Cast, minutes: float, name: str = "王小明") -> Case:
    told = {"subject": "漏水", "narrative": "漏水", "name": name, "demand": "退款", "phone": "13800138000"}
    case = receive(
        POLICY, channel="web", language="zh", data=told, actor=cast.actor("lin"), at=after(minutes), now=after(minutes)
    ).case
    act, who, _, data = USUAL[0]
    do(case, act, cast, who, minutes=minutes + 1, data=data)
    return case


def make_histories(cast: Cast, seed: int) -> datetime:
    chance, latest = random.Random(seed), 0.0
    for index in range(16):
        minutes = float(index * 400)
        case = make_case(cast, minutes)
        for _step in range(chance.randrange(5)):
            minutes += chance.choice([5, 40, 700])
            act, data = chance.choice(
                [
                    ("suggest", {"idea": f"把手再长 {chance.randrange(9)} 厘米"}),
                    ("answer_idea", {"idea_outcome": chance.choice(OUTCOMES)}),
                    ("sort_out", {"is_idea": chance.choice(["whole", "none"])}),
                ]
            )
            try:
                do(case, act, cast, "lin", minutes=minutes, data=data)
            except Refused:
                continue
        latest = max(latest, minutes)
    return after(latest + 1)


def by_hand(case: Case) -> tuple[int, str] | None:
    """Return (when first suggested, what came of it) from the raw events alone."""
    first, answer, nature = None, "", ""
    whole_at = int(case.received_at.timestamp())
    events = list(Event.objects.filter(case=case).order_by("seq"))
    for each in events:
        nature = each.data.get("is_idea", nature)
    if nature == "whole":
        first = whole_at
    for each in events:
        if "idea" in each.data:
            first, answer = min(first or each.occurred, each.occurred), ""
        answer = each.data.get("idea_outcome", answer)
    return None if first is None else (first, answer)


@pytest.mark.parametrize("seed", [1, 7])
def test_suggestions_are_counted_as_the_raw_events_say(cast: Cast, seed: int) -> None:
    now = make_histories(cast, seed)
    keeping.keep(now=now)
    found = {case.pk: by_hand(case) for case in Case.objects.all()}
    begin, end = SPAN.begin.timestamp(), SPAN.end.timestamp()
    expected = {pk: each for pk, each in found.items() if each is not None and begin <= each[0] < end}
    assert 0 < len(expected) < len(found)
    scope = Scope(reader=permissions_of(cast.mo), policy=POLICY, span=SPAN)
    answered = [pk for pk, (_at, outcome) in expected.items() if outcome]
    assert 0 < len(answered) < len(expected)
    assert measures.figure("suggested", scope, now).value == len(expected)
    share = measures.figure("suggestions_answered", scope, now)
    assert (share.of, share.value) == (len(expected), pytest.approx(len(answered) / len(expected)))
    parts = {key.id: part.of for key, part in measures.by("suggested", "idea_outcome", scope, now)}
    outcomes = [outcome for _at, outcome in expected.values()]
    assert parts == {each: outcomes.count(each) for each in set(outcomes)}
    waiting = measures.cases("suggestions_answered", scope, now, None, side="miss").rows
    assert {case.pk for case in waiting} == expected.keys() - set(answered)
    page = suggestions.page(suggesting_pack(), scope, now, None, is_masked=False)
    assert {row.case.pk: (int(row.at.timestamp()), row.outcome) for row in page.rows if row.at} == expected
    assert {case.pk for case in measuring.cases("suggested", scope, now)} == expected.keys()
    march = scope.within(Span(begin=SPAN.begin, end=datetime(2026, 4, 1, tzinfo=UTC)))
    months = measures.by("suggested", "month", march, now)
    assert [part.of for _key, part in months] == [sum(each is not None for each in found.values())]
    before = {pk: (each.suggested_at, each.choices) for pk, each in measured_rows().items()}
    keeping.rebuild()
    assert {pk: (each.suggested_at, each.choices) for pk, each in measured_rows().items()} == before


def measured_rows() -> dict[int, Measured]:
    return Measured.objects.in_bulk()


def test_the_page_groups_and_lists_them_and_each_number_opens_its_cases(
    cast: Cast, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    words = ("水壶把手太短，请加长", "把手太短拿不稳", "希望把手不要太短", "王小明建议附说明书")
    cases = [make_case(cast, 10 * index) for index in range(len(words) + 1)]
    for case, said in zip(cases, words, strict=False):
        do(case, "suggest", cast, "complainant", minutes=100, data={"idea": said})
    do(cases[0], "answer_idea", cast, "lin", minutes=120, data={"idea_outcome": "adopted"})
    do(cases[4], "sort_out", cast, "lin", minutes=120, data={"is_idea": "whole"})
    keeping.keep(now=after(130))
    browser = sign_in("mo")
    asked = {"policy": POLICY}
    with django_assert_max_num_queries(60):
        page = browser.get(PAGE, asked).content.decode()
    assert "“把手”" in page or "“太短”" in page
    assert "漏水" in page  # the complaint that is a suggestion as a whole, by its subject
    tiles = [html.unescape(each) for each in re.findall(r'href="([^"]+)" class="figure"', page)]
    assert len(tiles) == 2
    for tile in tiles:
        opened = browser.get(tile).content.decode()
        assert all(case.reference in opened for case in cases)
    waiting = browser.get(PAGE, {**asked, "side": "miss"}).content.decode()
    listed = waiting[waiting.index("One by one") : waiting.index("By what they share")]
    assert [case.reference in listed for case in cases] == [False, True, True, True, True]
    assert browser.get(PAGE, {**asked, "side": "x"}).status_code == 404
    assert browser.get(PAGE, {**asked, "cursor": "x"}).status_code == 404


def test_who_sees_data_masked_reads_no_name_who_is_recused_nothing_and_erased_words_are_gone(
    cast: Cast, sign_in: Any
) -> None:
    case = make_case(cast, 0)
    do(case, "suggest", cast, "complainant", minutes=100, data={"idea": "王小明建议附说明书"})
    keeping.keep(now=after(130))
    pack, scope = suggesting_pack(), Scope(reader=permissions_of(cast.mo), policy=POLICY, span=SPAN)
    (whole,) = suggestions.page(pack, scope, after(130), None, is_masked=False).rows
    (masked,) = suggestions.page(pack, scope, after(130), None, is_masked=True).rows
    assert whole.words == "王小明建议附说明书"
    assert "王小明" not in masked.words
    assert "说明书" in masked.words
    assert case.reference not in sign_in("deng").get(PAGE, {"policy": POLICY}).content.decode()
    Recusal.objects.create(case=case, person=cast.mo, reason="", at=after(131))
    taken_out = Scope(reader=permissions_of(cast.mo), policy=POLICY, span=SPAN)
    assert suggestions.page(pack, taken_out, after(132), None, is_masked=False).rows == ()
    Recusal.objects.all().delete()
    assert case.complainant is not None
    erase(case.complainant, by=cast.mo, now=after(140))
    (gone,) = suggestions.page(pack, scope, after(141), None, is_masked=False).rows
    assert gone.words == ""
    assert suggestions.groups(pack, scope, after(141), is_masked=False) == []
