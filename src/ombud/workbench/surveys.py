"""Surveys: who answered, how each question was answered, by which part, and what was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.cases.models import Case
from ombud.cases.reading.paging import NotOurs
from ombud.cases.reading.register import line as case_line
from ombud.cases.reading.register import whole
from ombud.insight import keys
from ombud.insight.rates import FEW, percent_of
from ombud.insight.surveys import free_words, results
from ombud.insight.surveys.means import Mean
from ombud.insight.surveys.models import Invitation
from ombud.insight.surveys.results import DIMENSIONS, Answered, Part, Wanted
from ombud.insight.surveys.wording import answer_words
from ombud.interface import charts
from ombud.interface.charts import Chart, Point
from ombud.organisation.models import reader_language, words
from ombud.policy.model.pack import Pack
from ombud.policy.model.surveys import Question
from ombud.workbench.figures import Asked, asked_for, filters, known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.reader_state import reader_state_of
from ombud.workbench.register import FilterField

SURVEY, BY, STATE, QUESTION, GIVEN = "survey", "by", "state", "question", "given"
ONLY, NONE = "by-", "-"  # what an address says of one value of a dimension, and of none
State = Invitation.State


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One question as the page shows it."""

    question: Question
    chart: Chart
    mean: str
    between: str
    is_from_few: bool
    of: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One value of a dimension, with a cell for each scale and choice."""

    part: Part
    href: str
    cells: tuple[tuple[str, str, bool], ...]  # question, words, whether from few


@require_GET
@desk
def surveys(request: HttpRequest) -> HttpResponse:
    """Show the results of one survey."""
    now = timezone.now()
    known = {id: pack for id, pack in known_packs(request).items() if pack.surveys}
    if not known:
        return show(request, "workbench/surveys.html", "surveys", {"pack": None}, now=now)
    asked = asked_for(request, known, now)
    wanted = _wanted(request, asked, known)
    dimension = asked.query.get(BY, _dimensions(wanted)[0])
    states, answered = results.states(wanted), results.answered(wanted)
    is_masked = wanted.reader is None or wanted.reader.is_masked(wanted.pack.id)
    context: dict[str, Any] = {
        "pack": wanted.pack,
        "survey": wanted.survey,
        "wanted": asked,
        "filter_fields": [*_filters(asked, known, wanted, dimension)],
        "response": results.response(states),
        "counts": [(state.label, states[state], _href(asked, wanted, state=state)) for state in State],
        "number": sum(states.values()),
        "is_answered": bool(states[State.ANSWERED]),
        "shown": [_shown(each, asked, wanted) for each in answered],
        "columns": [words(dict(each.question.title)) for each in answered],
        "dimension": keys.title(dimension, wanted.pack),
        "lines": [_line(part, dimension, asked, wanted) for part in results.by(dimension, wanted)],
        "is_masked": is_masked,
        "written": [] if is_masked else _written(wanted),
    }
    return show(request, "workbench/surveys.html", "surveys", context, now=now)


@require_GET
@desk
def cases(request: HttpRequest) -> HttpResponse:
    """Show the cases behind a number."""
    now = timezone.now()
    known = {id: pack for id, pack in known_packs(request).items() if pack.surveys}
    if not known:
        raise NotOurs("policy")
    asked = asked_for(request, known, now)
    wanted, query = _wanted(request, asked, known), asked.query
    assert wanted.reader is not None, "a page has a reader"
    narrowed = {name: query.get(name, "") for name in (STATE, QUESTION, GIVEN)}
    page = results.cases(wanted, **narrowed, cursor=query.get("cursor"))
    rows = {row.pk: row for row in whole(Case.objects.filter(pk__in=[each.case_id for each in page.rows]))}
    question = wanted.survey.questions.get(narrowed[QUESTION])
    context: dict[str, Any] = {
        "pack": wanted.pack,
        "survey": wanted.survey,
        "wanted": asked,
        "back": _address(asked, wanted),
        "state": State(narrowed[STATE]).label if narrowed[STATE] else "",
        "question": question,
        "answer": answer_words(question, narrowed[GIVEN], reader_language()) if question else "",
        "narrowed": [(keys.title(each, wanted.pack), keys.one(each, id, wanted.pack).words)
                     for each, id in wanted.only.items()],
        "lines": [(each, _state(each, rows[each.case_id]).label, case_line(rows[each.case_id], wanted.reader, now))
                  for each in page.rows],
        **hrefs(request, page),
    }  # fmt: skip
    return show(request, "workbench/survey_cases.html", "surveys", context, now=now)


def _wanted(request: HttpRequest, asked: Asked, known: Mapping[str, Pack]) -> Wanted:
    """Return what the address asks for; with the survey of another policy, this one's first. Raises NotOurs."""
    first = next(iter(asked.pack.surveys))
    id = asked.query.get(SURVEY, first)
    if not any(id in pack.surveys for pack in known.values()):
        raise NotOurs(id)
    survey = asked.pack.surveys[id if id in asked.pack.surveys else first]
    only = {
        name.removeprefix(ONLY): "" if value == NONE else value
        for name, value in asked.query.items()
        if name.startswith(ONLY)
    }
    for name, value in (("department", asked.only.department), ("office", asked.only.office)):
        if value is not None:
            only[name] = str(value)
    reader = reader_state_of(request, person(request), now=timezone.now()).permissions
    return Wanted(reader=reader, pack=asked.pack, survey=survey, span=asked.span, only=only)


def _state(row: Invitation, case: Case) -> Invitation.State:
    """Return how an invitation stands now, as its numbers count it."""
    is_erased = case.complainant is not None and case.complainant.erased_at is not None
    return State.ERASED if row.state == State.ASKED and is_erased else State(row.state)


def _dimensions(wanted: Wanted) -> list[str]:
    return [each for each in DIMENSIONS if results.is_known(each, wanted.pack)]


def _filters(asked: Asked, known: Mapping[str, Pack], wanted: Wanted, dimension: str) -> Iterable[FilterField]:
    found = filters(asked, dict(known))
    named = [(each.id, words(dict(each.title))) for each in wanted.pack.surveys.values()]
    yield found[0]
    yield FilterField(name=SURVEY, label="", value=wanted.survey.id, choices=named)
    yield from found[1:]
    by = [(each, str(keys.title(each, wanted.pack))) for each in _dimensions(wanted)]
    yield FilterField(name=BY, label="", value=dimension, choices=by)


def _address(asked: Asked, wanted: Wanted) -> str:
    return f"{asked.address}&{urlencode({SURVEY: wanted.survey.id})}"


def _href(asked: Asked, wanted: Wanted, **more: str) -> str:
    further = {name.replace("only_", ONLY): value for name, value in more.items()}
    return f"{reverse('desk_survey_cases')}?{_address(asked, wanted)}&{urlencode(further)}"


def _shown(answered: Answered, asked: Asked, wanted: Wanted) -> Shown:
    question, language = answered.question, reader_language()
    points = [
        Point(
            label=value if question.points else answer_words(question, value, language),
            value=rate.number,
            words=f"{rate.number} ({percent_of(rate.share)})" if rate.share is not None else "0",
            href=_href(asked, wanted, question=question.id, given=value) if rate.number else "",
        )
        for value, rate in answered.rates
    ]
    found = answered.mean
    return Shown(
        question=question,
        chart=charts.bars(words(dict(question.title)), points, column=_("Answer")),
        mean=_mean(found) if found else "",
        between=f"{_number(found.low)} \N{EN DASH} {_number(found.high)}" if found and found.low and found.high else "",
        is_from_few=0 < answered.of < FEW,
        of=answered.of,
    )


def _line(part: Part, dimension: str, asked: Asked, wanted: Wanted) -> Line:
    return Line(
        part=part,
        href=_href(asked, wanted, **{f"only_{dimension}": part.key.id or NONE}),
        cells=tuple((words(dict(each.question.title)), *_cell(each)) for each in part.answered),
    )


def _cell(answered: Answered) -> tuple[str, bool]:
    """Return a mean, or of a choice the answer given most often with its share."""
    if not answered.of:
        return "\N{EN DASH}", False
    is_few = answered.of < FEW
    if answered.mean is not None:
        return _mean(answered.mean), is_few
    value, rate = max(answered.rates, key=lambda each: each[1].number)
    said = answer_words(answered.question, value, reader_language())
    return f"{said} {percent_of(rate.share or 0)}", is_few


def _mean(mean: Mean) -> str:
    return _number(mean.value)


def _number(value: float | None) -> str:
    return number_format(round(value, 1), 1) if value is not None else ""


def _written(wanted: Wanted) -> list[tuple[Question, list[free_words.Group]]]:
    """Return what was written in answer to each question that takes free words."""
    free = [question for question in wanted.survey.questions.values() if not question.answers]
    return [(question, groups) for question in free if (groups := free_words.groups(wanted, question.id))]
