"""What a survey came to, as a report keeps and tells it: who answered, and how each question was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ombud.insight.rates import Rate, percent_of
from ombud.insight.reports.numbers import number
from ombud.insight.scopes import Scope
from ombud.insight.surveys import results
from ombud.insight.surveys.models import Invitation
from ombud.insight.surveys.results import Answered, Wanted
from ombud.insight.surveys.wording import answer_words
from ombud.organisation.models import reader_language, words
from ombud.papers.report import Cell, Table
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import DEPARTMENT, OFFICE

RESPONSE = "response"  # the row of who answered; questions stand under "question"
_DASH = "\N{EN DASH}"


def counted(pack: Pack, survey: str, scope: Scope) -> list[dict[str, Any]]:
    """Return what the survey came to, of whom it asked in the span; no free words, which name people."""
    places = {DEPARTMENT: scope.department, OFFICE: scope.office}
    only = {name: str(key) for name, key in places.items() if key is not None}
    wanted = Wanted(reader=scope.reader, pack=pack, survey=pack.surveys[survey], span=scope.span, only=only)
    states = results.states(wanted)
    if not sum(states.values()):
        return []  # it asked nobody
    rate = results.response(states)
    first = {
        RESPONSE: survey,
        "value": number(rate.share),
        "of": rate.of,
        "is_from_few": rate.is_from_few,
        "unreachable": states[Invitation.State.UNREACHABLE],
        **_between(rate.interval),
    }
    return [first, *(_row(each) for each in results.answered(wanted))]


def _row(each: Answered) -> dict[str, Any]:
    found = each.mean
    return {
        "question": each.question.id,
        "value": number(found.value) if found else None,
        "of": each.of,
        "is_from_few": Rate(of=each.of, number=each.of).is_from_few,
        "counts": dict(each.counts),
        **_between((found.low, found.high) if found and found.low is not None and found.high is not None else None),
    }


def _between(interval: tuple[float, float] | None) -> dict[str, float | None]:
    low, high = interval or (None, None)
    return {"low": number(low), "high": number(high)}


def table(survey: str, rows: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]] | None, pack: Pack) -> Table:
    """Return the rows in the reader's language; with what a figure is today, where it differs."""
    today = {_key(row): row["value"] for row in now or ()}
    lines = [_line(survey, row, today.get(_key(row), row["value"]), pack) for row in rows]
    headings = [_("Question"), _("Answers"), _("Result"), _("With 95 % certainty"), _("How often")]
    return Table(headings=headings, rows=lines)


def _key(row: Mapping[str, Any]) -> str:
    return str(row.get("question", RESPONSE))


def _line(survey: str, row: Mapping[str, Any], today: float | None, pack: Pack) -> list[Cell]:
    is_share = RESPONSE in row
    notes = [_("from {n}").format(n=row["of"])] if row["is_from_few"] and row["of"] else []
    if today != row["value"]:
        notes.append(_("today: {value}").format(value=_said(today, is_share=is_share)))
    low, high = (_said(row[name], is_share=is_share) for name in ("low", "high"))
    return [
        Cell(text=_("Response rate") if is_share else _title(survey, row, pack)),
        Cell(text=f"{row['of']:,}", number=row["of"]),
        Cell(
            text=_said(row["value"], is_share=is_share), number=row["value"], note=", ".join(notes), is_share=is_share
        ),
        Cell(text=_DASH if row["low"] is None else f"{low} {_DASH} {high}"),
        Cell(text=_unreached(row) if is_share else _often(survey, row, pack)),
    ]


def _title(survey: str, row: Mapping[str, Any], pack: Pack) -> str:
    return words(dict(pack.surveys[survey].questions[row["question"]].title))


def _said(value: float | None, *, is_share: bool) -> str:
    if value is None:
        return _DASH
    return percent_of(value) if is_share else number_format(round(value, 1), 1)


def _unreached(row: Mapping[str, Any]) -> str:
    return _("{n} could not be reached").format(n=row["unreachable"]) if row["unreachable"] else ""


def _often(survey: str, row: Mapping[str, Any], pack: Pack) -> str:
    """Return how often each answer was given, those that nobody gave left out."""
    question, language = pack.surveys[survey].questions[row["question"]], reader_language()
    given = {answer: n for answer, n in row["counts"].items() if n}
    named = {answer: answer if question.points else answer_words(question, answer, language) for answer in given}
    return " \u00b7 ".join(f"{named[answer]} ({n}\u00d7)" for answer, n in given.items())
