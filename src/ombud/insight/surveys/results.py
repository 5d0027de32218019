"""What surveys came to, of the cases that a reader may see: who answered, how, by which part, and the cases behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.lookups import Exact

from ombud.cases.access.permissions import Permissions, scoped
from ombud.cases.reading.paging import PAGE, NotOurs, Page, by_id, by_instant, instant_cursor
from ombud.insight.keys import named, order
from ombud.insight.rates import Rate
from ombud.insight.scopes import KEYED, NAMED, Key, sees_all
from ombud.insight.spans import Span
from ombud.insight.surveys.means import Mean, mean
from ombud.insight.surveys.models import Answer, Invitation
from ombud.policy.model.pack import Pack
from ombud.policy.model.surveys import Question, Survey
from ombud.policy.vocabulary import CHANNEL, DEPARTMENT, OFFICE

State = Invitation.State
#: By what results are taken apart, as far as the policy's `figures` name it.
DIMENSIONS = ("category", "grade", CHANNEL, DEPARTMENT, OFFICE)
# How an invitation stands now: who was erased before they answered cannot any more.
_NOW = Case(
    When(state=State.ASKED, case__complainant__erased_at__isnull=False, then=Value(State.ERASED.value)),
    default=F("state"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is counted. `reader` None counts every case."""

    reader: Permissions | None
    pack: Pack
    survey: Survey
    span: Span  # in which they were asked
    only: Mapping[str, str] = field(default_factory=dict)  # dimension -> Key.id


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """How one question was answered."""

    question: Question
    counts: Mapping[str, int]  # answer -> how often, in the order of the answers
    mean: Mean | None = None  # of a scale

    @property
    def of(self) -> int:
        return sum(self.counts.values())

    @property
    def rates(self) -> list[tuple[str, Rate]]:
        """Return each answer with its share of all."""
        return [(value, Rate(of=self.of, number=number)) for value, number in self.counts.items()]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One value of a dimension."""

    key: Key
    response: Rate
    answered: tuple[Answered, ...]


def is_known(dimension: str, pack: Pack) -> bool:
    """Return whether results under the policy can be taken apart by a dimension."""
    if dimension in NAMED:
        return getattr(pack.figures, dimension) is not None
    return dimension in DIMENSIONS


def states(wanted: Wanted) -> Mapping[str, int]:
    """Return how many were asked, answered or not asked for a reason."""
    found = dict(_invitations(wanted).annotate(now=_NOW).values_list("now").annotate(n=Count("pk")).order_by())
    return {state.value: found.get(state.value, 0) for state in State}


def response(states: Mapping[str, int]) -> Rate:
    """Return how many of those whom a message reached have answered."""
    answered = states[State.ANSWERED]
    return Rate(of=answered + states[State.ASKED], number=answered)


def answered(wanted: Wanted) -> list[Answered]:
    """Return how each question with given answers was answered; one query."""
    rows = Answer.objects.filter(invitation__in=_invitations(wanted).filter(state=State.ANSWERED))
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    for question, value, number in rows.values_list("question", "value").annotate(n=Count("pk")).order_by():
        counted[question][value] = number
    return _answered(wanted.survey, counted)


def by(dimension: str, wanted: Wanted) -> list[Part]:
    """Return the same for each value of a dimension. Raises NotOurs for one that there is not."""
    if not is_known(dimension, wanted.pack):
        raise NotOurs(dimension)
    at, whole = _column(dimension), _invitations(wanted)
    counts: dict[Any, dict[str, int]] = defaultdict(lambda: {state.value: 0 for state in State})
    for value, state, number in whole.annotate(now=_NOW).values_list(at, "now").annotate(n=Count("pk")).order_by():
        counts[_value(dimension, value)][state] += number
    told: dict[Any, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    answers = Answer.objects.filter(invitation__in=whole.filter(state=State.ANSWERED)).annotate(
        part=F(f"invitation__{at}")
    )
    for value, question, answer, number in (
        answers.values_list("part", "question", "value").annotate(n=Count("pk")).order_by()
    ):
        told[_value(dimension, value)][question][answer] = number
    keys = named(dimension, counts, wanted.pack)
    parts = [
        Part(key=keys[value], response=response(found), answered=tuple(_answered(wanted.survey, told[value])))
        for value, found in counts.items()
    ]
    sort = order(dimension, wanted.pack)
    return sorted(parts, key=lambda part: sort((part.key, part.response)))


def cases(
    wanted: Wanted, *, state: str = "", question: str = "", given: str = "", cursor: str | None = None
) -> Page[Invitation]:
    """Return the invitations behind a number, newest first. Raises NotOurs for what no link of ours asks for."""
    rows = _invitations(wanted)
    if state:
        if state not in State.values:
            raise NotOurs(state)
        rows = rows.filter(Exact(_NOW, state))
    if question or given:
        asked = wanted.survey.questions.get(question)
        if asked is None or given not in asked.answers:
            raise NotOurs(question)
        rows = rows.filter(state=State.ANSWERED, answers__question=question, answers__value=given)
    if (last := by_instant(cursor)) is not None:
        at, pk = last
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    found = list(rows.order_by("-at", "-pk")[: PAGE + 1])
    more, shown = len(found) > PAGE, found[:PAGE]
    return Page(rows=tuple(shown), after=instant_cursor(shown[-1].at, shown[-1].pk) if more else None)


def _invitations(wanted: Wanted) -> QuerySet[Invitation]:
    """Return whom the survey asked in the span, in cases that the reader may see, unordered."""
    rows = Invitation.objects.filter(
        policy=wanted.pack.id, survey=wanted.survey.id, at__gte=wanted.span.begin, at__lt=wanted.span.end
    )
    if wanted.reader is not None and not sees_all(wanted.reader, wanted.pack.id):
        rows = rows.filter(case__in=scoped(wanted.reader, is_leading=False).filter(policy=wanted.pack.id))
    for dimension, id in wanted.only.items():
        if not is_known(dimension, wanted.pack):
            raise NotOurs(dimension)
        at = _column(dimension)
        if not id:
            missing = Q(**{f"{at}__isnull": True})
            rows = rows.filter(missing if dimension in KEYED else missing | Q(**{at: ""}))
        else:
            rows = rows.filter(**{at: by_id(id) if dimension in KEYED else id})
    return rows


def words_of_span(wanted: Wanted, *, most: int) -> list[Invitation]:
    """Return the newest answers that have free words, with what opening them needs."""
    rows = _invitations(wanted).filter(state=State.ANSWERED).exclude(sealed={})
    return list(rows.select_related("case__complainant").order_by("-at", "-pk")[:most])


def _column(dimension: str) -> str:
    return f"case__measured__{dimension}"


def _value(dimension: str, value: Any) -> Any:
    return value if dimension in KEYED else value or ""


def _answered(survey: Survey, counted: Mapping[str, Mapping[str, int]]) -> list[Answered]:
    found = []
    for question in survey.questions.values():
        if not question.answers:
            continue
        mine = counted.get(question.id, {})
        counts = {answer: mine.get(answer, 0) for answer in question.answers}
        points = {int(answer): number for answer, number in counts.items()} if question.points else {}
        value = mean(points, points=question.points) if question.points else None
        found.append(Answered(question=question, counts=counts, mean=value))
    return found
