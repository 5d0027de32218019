"""Reading surveys: whom they ask and when, their questions, and which answers lead to an act."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ombud.policy.mapping_reader import NUMBER, MappingReader, capital, ids, read_text
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.surveys import Bad, Question, Survey
from ombud.policy.model.values import FieldType
from ombud.policy.source import Entries, Items, Node, Scalar
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.vocabulary import CLOCK
from ombud.texts import Text

SURVEY_KEYS = ("title", "about", "after", "periodic", "by", "share", "remind", "open", "questions", "bad", "cite")
QUESTION_KEYS = ("type", "title", "help", "of", "points", "least", "most", "needed")
BAD_KEYS = ("when", "act", "says")
SCALE, CHOICE, TEXT = "scale", "choice", "text"
TYPES = (SCALE, CHOICE, TEXT)
ELSE = "else"
OPEN_DAYS, LONGEST = 30, 180  # days
POINTS = 5
_MOST_POINTS = 10
_WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)


def read_surveys(node: Node | None, scope: SymbolTable, *, periodic: Collection[str]) -> dict[str, Survey]:
    """Return the surveys by id; `periodic` are the ids of the periodic duties."""
    found = {}
    for id, value in ids(node, scope.problems, '"surveys"') if node else ():
        form = MappingReader(value, scope.problems, f'survey "{id}"', SURVEY_KEYS)
        by = form.name("by", "fact with a list of values", _listed(scope))
        questions = _questions(form, scope)
        found[id] = Survey(
            id=id,
            title=form.title(id),
            about=form.text("about"),
            after=form.names("after", "act or outcome", scope.procedures[MAIN].events),
            periodic=form.name("periodic", "periodic duty", periodic),
            sampled_by=by,
            share=_share(form, scope, by),
            remind=form.number("remind", 0) or None,
            open_days=form.number("open", OPEN_DAYS),
            questions=questions,
            bad=_bad(form, scope, questions),
            cite=scope.cite(form),
            at=form.place,
        )
        _check_times(form, found[id])
    return found


def check_surveys(pack: Pack, scope: SymbolTable) -> None:
    """Add what keeps the clock from performing the act that a bad answer leads to."""
    for survey in pack.surveys.values():
        bad = survey.bad
        act = pack.main.acts.get(bad.act) if bad is not None else None
        if bad is None or act is None:
            continue
        what = f'Survey "{survey.id}" has the clock perform act "{act.id}"'
        if CLOCK not in act.by:
            scope.problems.add(bad.at, f'{what}, whose "by" lacks clock. Add it there.')
        if bad.says and bad.says not in (*act.needs, *act.may):
            scope.problems.add(bad.at, f'{what}, which takes no field "{bad.says}". Add it to its "needs" or "may".')
        if more := [fact for fact in act.needs if fact != bad.says]:
            told = f'which needs {", ".join(more)}, and the clock brings only what "says" names'
            scope.problems.add(bad.at, f"{what}, {told}. Let a later act need it.")


def _listed(scope: SymbolTable) -> list[str]:
    return [name for name, kind in scope.kinds.items() if kind.choices and not kind.is_personal]


def _check_times(form: MappingReader, survey: Survey) -> None:
    """Add what leaves it open who is asked, or when."""
    if form.entries and ("after" in form) == ("periodic" in form):
        form.problems.add(
            form.place,
            f'{capital(form.what)} must say when it asks: "after" an act or outcome, or with a "periodic" duty; one '
            "of the two.",
        )
    if not 1 <= survey.open_days <= LONGEST:
        form.problems.add(form.at("open"), f'"open" of {form.what} must be from 1 to {LONGEST} days.')
    elif survey.remind is not None and survey.remind >= survey.open_days:
        form.problems.add(
            form.at("remind"),
            f"{capital(form.what)} reminds after {survey.remind} days, when it can be answered no more: it is open "
            f"for {survey.open_days}.",
        )


def _share(form: MappingReader, scope: SymbolTable, by: str | None) -> Mapping[str, int]:
    """Return how many of a hundred are asked, by the values of the fact that `by` names."""
    node = form.get("share")
    if node is None:
        if by is not None:
            form.missing("share", ": how many of a hundred are asked of each value")
        return {}
    if isinstance(node, Entries):
        if "by" not in form:
            form.missing("by", ": the fact whose values the share goes by")
        values = (*(scope.kinds[by].choices if by else ()), ELSE)
        found = {}
        for value, entry in node.entries.items():
            if by is not None and value not in values:
                form.problems.unknown(entry.key.place, f'value in "share" of {form.what}', value, values)
            found[value] = _percent(form, entry.value)
    else:
        found = {ELSE: _percent(form, node)}
    whole = all(value in found for value in (scope.kinds[by].choices if by else (ELSE,))) or ELSE in found
    if whole and not any(found.values()):
        form.problems.add(node.place, f'"share" of {form.what} is 0 everywhere, so it asks nobody.')
    return found


def _percent(form: MappingReader, node: Node) -> int:
    text = form.scalar(node, '"share"').text
    if not NUMBER.fullmatch(text) or int(text) > 100:
        form.problems.add(node.place, f'"share" in {form.what} must be a number from 0 to 100, not "{text}".')
        return 100
    return int(text)


def _questions(form: MappingReader, scope: SymbolTable) -> dict[str, Question]:
    node = form.require("questions", ": what is asked")
    if node is None:
        return {}
    found = {
        id: _question(MappingReader(value, scope.problems, f'question "{id}" of {form.what}', QUESTION_KEYS), id)
        for id, value in ids(node, scope.problems, f'"questions" of {form.what}')
    }
    if isinstance(node, Entries) and not node.entries:
        form.problems.add(node.place, f"{capital(form.what)} asks no question.")
    return found


def _question(form: MappingReader, id: str) -> Question:
    kind = form.one_of("type", TYPES, SCALE)
    for key, wanted in (("of", CHOICE), ("points", SCALE), ("least", SCALE), ("most", SCALE)):
        if key in form and kind != wanted:
            form.problems.add(form.at(key), f'{capital(form.what)} is a {kind}, so it has no "{key}". Remove it.')
    points = form.number("points", POINTS)
    if not 2 <= points <= _MOST_POINTS:
        form.problems.add(form.at("points"), f'"points" of {form.what} must be from 2 to {_MOST_POINTS}.')
    of = _answers(form) if kind == CHOICE else {}
    return Question(
        id=id,
        kind=kind,
        title=form.title(id),
        help=form.text("help"),
        of=of,
        points=points if kind == SCALE else 0,
        least=form.text("least"),
        most=form.text("most"),
        is_needed=form.flag("needed", kind != TEXT),
        at=form.place,
    )


def _answers(form: MappingReader) -> dict[str, Text]:
    node = form.require("of", ": the answers to choose from")
    if node is None:
        return {}
    found = {}
    for id, value in ids(node, form.problems, f'"of" of {form.what}'):
        found[id] = read_text(value, form.problems, f'answer "{id}" of {form.what}')
    if isinstance(node, Entries) and len(node.entries) < 2:
        form.problems.add(node.place, f"{capital(form.what)} needs two answers at least to choose from.")
    return found


def _bad(survey: MappingReader, scope: SymbolTable, questions: Mapping[str, Question]) -> Bad | None:
    node = survey.get("bad")
    if node is None:
        return None
    form = MappingReader(node, scope.problems, f'"bad" of {survey.what}', BAD_KEYS)
    form.require("act", ": what the clock then does")
    says = form.name("says", "field", scope.fields)
    if says is not None and (scope.kinds[says].type not in _WORDS or not scope.kinds[says].is_personal):
        scope.problems.add(
            form.at("says"),
            f'"says" in {form.what} names "{says}", which must be a text or long text that is personal: it repeats '
            "the complainant's own words.",
        )
    return Bad(
        answers=_when(form, questions),
        act=form.name("act", "act", scope.procedures[MAIN].acts) or "",
        says=says,
        at=form.place,
    )


def _when(form: MappingReader, questions: Mapping[str, Question]) -> dict[str, tuple[str, ...]]:
    """Return the bad answers of each question: of a scale the lowest so many, of a choice those that are named."""
    node = form.require("when", ": which answers are bad")
    if not isinstance(node, Entries):
        if node is not None:
            form.problems.add(node.place, f'"when" in {form.what} must be a mapping of questions to answers.')
        return {}
    found = {}
    for id, entry in node.entries.items():
        question = questions.get(id)
        if question is None:
            form.problems.unknown(entry.key.place, f'question in "when" of {form.what}', id, questions)
            continue
        if question.kind == TEXT:
            form.problems.add(
                entry.key.place, f'Question "{id}" is answered in free words, none of which can be told to be bad.'
            )
            continue
        known = _named(form, entry.value, question)
        lowest = question.answers.index(known[-1]) + 1 if question.points and known else 0
        found[id] = question.answers[:lowest] if question.points else known
    return found


def _named(form: MappingReader, node: Node, question: Question) -> tuple[str, ...]:
    nodes = node.items if isinstance(node, Items) and not question.points else (node,)
    good = []
    for each in nodes:
        scalar: Scalar = form.scalar(each, f'the answer to "{question.id}"')
        if scalar.text in question.answers:
            good.append(scalar.text)
        elif scalar.text:
            what = f'answer in "{question.id}" of {form.what}'
            form.problems.unknown(scalar.place, what, scalar.text, question.answers)
    return tuple(good)
