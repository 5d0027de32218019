"""One attribute of a rule in words: whatever its type, as an owner of the policy would say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ombud.policy.compare.naming import Names, each
from ombud.policy.compare.rows import row_text
from ombud.policy.compare.words import listed, value
from ombud.policy.limitwords import limit_text, parameter_text
from ombud.policy.model.acts import Act, Condition, Opening, Power, Recording, Setting, Spreading
from ombud.policy.model.approvals import Stage
from ombud.policy.model.causes import Cause
from ombud.policy.model.distribution import ANYBODY
from ombud.policy.model.duties import Bearer
from ombud.policy.model.guards import Guard
from ombud.policy.model.limits import Limit, Rung
from ombud.policy.model.people import FormStep, Quiet
from ombud.policy.model.reports import Section
from ombud.policy.model.surveys import Bad, Question, Survey
from ombud.policy.model.tables import Table
from ombud.policy.model.values import Beyond
from ombud.policy.surveys import ELSE
from ombud.policy.vocabulary import NOBODY
from ombud.texts import Text, same
from ombud.worktime import CalendarSpec, Season
from ombud.worktime.spec import Taken

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERYWHERE = "everywhere"

# Attributes whose words are names, and what they name.
_ROLES = ("by", "tells", "boss", "unmasked", "confidential", "contacts", "approve", "sent_to", "roles", "role")
_PHASES = ("from_phases", "pause", "rejected", "approved")
_EVENTS = (
    "after", "do", "until", "awaits", "starts", "resets", "same_as", "distinct_from", "recuses", "anchor", "signed",
    "issued",
)  # fmt: skip
_FACTS = ("needs", "may", "inputs", "members", "choice", "links", "encloses", "keeps", "sampled_by", "field", "whys")


def describe(attribute: str, given: Any, names: Names, owner: Any = None) -> Text | None:
    """Return an attribute's value in words; None where there is none."""
    if given is None or given == () or given == {} or given == "":
        return None
    if attribute in _SPECIAL:
        return _SPECIAL[attribute](given, names, owner)
    for attributes, name in (
        (_ROLES, names.role),
        (_PHASES, names.phase),
        (_EVENTS, names.event),
        (_FACTS, names.fact),
    ):
        if attribute in attributes:
            return name(given) if isinstance(given, str) else each(name, given)
    return _by_type(given, names)


def _by_type(given: Any, names: Names) -> Text:
    match given:
        case bool():
            return value("true" if given else "false")
        case Limit():
            return limit_text(given, names.pack)
        case Guard():
            return same(given.source)
        case Bearer():
            return names.bearer(given)
        case Mapping() if set(given) >= {"zh", "en"}:
            return given
        case Mapping():
            return listed([_by_type(one, names) for one in given.values()])
        case tuple() | list() | frozenset():
            return listed([_by_type(one, names) for one in given])
        case Rung():
            return rung_text(given, names)
        case Stage():
            return stage_text(given, names)
        case Setting():
            return _setting(given, names)
        case Condition():
            return given.why or same(given.guard.source)
        case Power():
            return _power(given, names)
        case Opening() | Spreading() | Recording():
            return _other_matter(given, names)
        case FormStep():
            return value("pair", name=given.title, value=each(names.fact, given.fields))
        case Quiet():
            windows = [same(_window(each)) for each in given.windows]
            return listed(windows) if windows else value("never")
        case Section() | Cause():
            return given.title
        case Question():
            return _question(given)
        case Beyond():
            amount = names.fact(given.amount)
            return value("pair", name=names.role(given.role), value=amount) if given.role else amount
        case Taken():
            return same(_window((given.start, given.end)))
    return same(str(given))


def rung_text(rung: Rung, names: Names) -> Text:
    """Return a step of a ladder: when, and whom it tells or what it does."""
    if rung.every is not None:
        when = value("repeat", length=limit_text(rung.every, names.pack))
    elif rung.offset is None or not rung.offset.length:
        when = value("at_due")
    else:
        length = limit_text(rung.offset, names.pack)
        when = value("before" if rung.is_before else "after", length=length)
    parts = [value("tell", when=when, who=each(names.role, rung.tell))] if rung.tell else []
    if rung.act is not None:
        parts.append(value("perform", when=when, act=names.event(rung.act)))
    return listed(parts)


def stage_text(stage: Stage, names: Names) -> Text:
    """Return a stage of an approval."""
    text = names.role(stage.role)
    if stage.where is not None:
        text = value("stage_if", stage=text, condition=stage.where.source)
    if stage.within is not None:
        text = value("stage_within", stage=text, limit=limit_text(stage.within, names.pack))
    if stage.quorum > 1:
        text = value("stage_quorum", stage=text, n=str(stage.quorum))
    if stage.needs:
        text = value("stage_needs", stage=text, fields=each(names.fact, stage.needs))
    if stage.breach:
        text = value("pair", name=text, value=listed([rung_text(rung, names) for rung in stage.breach], "semicolon"))
    return text


def _setting(setting: Setting, names: Names) -> Text:
    match setting.kind:
        case "actor":
            written = value("actor_self")
        case "actor_department" | "actor_office" | "actor_role" | "instant":
            written = value(setting.kind)
        case "text":
            written = setting.value
        case "name":
            written = names.fact(setting.value)
        case _:
            written = names.choice(setting.fact, str(setting.value))
    return value("set", fact=names.fact(setting.fact), value=written)


def _power(power: Power, names: Names) -> Text:
    text = value(power.kind, duty=names.duty(power.duty))
    text = value("to_date", power=text, fact=names.fact(power.to)) if power.to else text
    return value("at_most", power=text, limit=limit_text(power.at_most, names.pack)) if power.at_most else text


def _other_matter(given: Opening | Spreading | Recording, names: Names) -> Text:
    if isinstance(given, Recording):
        text = value("pair", name=_ledger(given.ledger, names), value=names.fact(given.person))
        if given.points is not None:
            text = listed([text, names.fact(given.points)])
    elif isinstance(given, Opening):
        procedure = names.pack.procedures.get(given.procedure)
        text = procedure.title if procedure else same(given.procedure)
        if given.then is not None:
            text = value("then", what=text, act=names.event(given.then))
    else:
        text = names.event(given.act)
    copies = () if isinstance(given, Recording) else given.copies
    if copies:
        text = value("with", what=text, fields=each(names.fact, copies))
    if isinstance(given, Spreading) and given.lead:
        text = value("lead", what=text)
    guard = None if isinstance(given, Spreading) else given.where
    return value("if", what=text, condition=guard.source) if guard is not None else text


def _ledger(ledger: str, names: Names) -> Text:
    known = names.pack.ledgers.get(ledger)
    return known.title if known else same(ledger)


def _leads_to(given: str, names: Names, _owner: Any) -> Text:
    return value("back") if given == "back" else names.phase(given)


def _ways(given: Mapping[str, str], names: Names, owner: Act) -> Text:
    return listed([
        value("way", value=names.choice(owner.choice or "", chosen),
              phase=value("stay") if phase == "stay" else names.phase(phase))
        for chosen, phase in given.items()
    ], "semicolon")  # fmt: skip


def _rows(given: Any, names: Names, owner: Table) -> Text:
    return listed([row_text(row, owner, names) for row in given], "semicolon")


def _week(given: CalendarSpec | Season, _names: Names, _owner: Any) -> Text:
    parts, first = [], 0
    week = given if isinstance(given, tuple) else given.week
    for day in range(1, 8):
        if day < 7 and week[day] == week[first]:
            continue
        name = value(DAYS[first])
        if day - 1 > first:
            name = {language: f"{name[language]}-{value(DAYS[day - 1])[language]}" for language in name}
        parts.append(value("pair", name=name, value=_windows(week[first])))
        first = day
    return listed(parts, "semicolon")


def _windows(windows: Any) -> Text:
    return listed([same(_window(window)) for window in windows]) if windows else value("closed")


def _window(window: tuple[int, int]) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in window)


def _exceptions(given: Any, _names: Names, _owner: Any) -> Text:
    return listed([value("pair", name=str(day), value=_windows(windows)) for day, windows in given], "semicolon")


def _everywhere_or_phases(given: Any, names: Names, _owner: Any) -> Text:
    return value(EVERYWHERE) if given == EVERYWHERE else each(names.phase, given)


def _question(question: Question) -> Text:
    """Return a question with the answers that there are."""
    answers = [*question.of.values()] or ([same(f"1-{question.points}")] if question.points else [])
    return value("pair", name=question.title, value=listed(answers)) if answers else question.title


def _bad(given: Bad, names: Names, owner: Survey) -> Text:
    """Return which answers are bad, and what they lead to."""
    pairs = [
        value("pair", name=question.title, value=listed([question.of.get(each, same(each)) for each in answers]))
        for id, answers in given.answers.items()
        if (question := owner.questions.get(id))
    ]
    return value("way", value=listed(pairs, "semicolon"), phase=names.event(given.act))


def _periodic(given: str, names: Names, _owner: Any) -> Text:
    known = names.pack.periodic.get(given)
    return known.title if known else same(given)


def _shares(given: Mapping[str, int], names: Names, owner: Survey) -> Text:
    shares = [
        value("pair", name=value(id) if id == ELSE else names.choice(owner.sampled_by or "", id), value=str(share))
        for id, share in given.items()
    ]
    return listed(shares)


def _ladder(given: Any, names: Names, _owner: Any) -> Text:
    return listed([rung_text(rung, names) for rung in given], "semicolon")


_SPECIAL: dict[str, Callable[[Any, Names, Any], Text]] = {
    "to": _leads_to,
    "choices": _ways,
    "rows": _rows,
    "week": _week,
    "make_up": lambda given, _names, _owner: _windows(given),
    "exceptions": _exceptions,
    "closed": lambda given, _names, _owner: listed([same(f"{first}..{last}") for first, last in given]),
    "seasons": lambda given, names, owner: listed(
        [value("pair", name=str(season), value=_week(season, names, owner)) for season in given], "semicolon"
    ),
    "from_phases": _everywhere_or_phases,
    "breach": _ladder,
    "stages": lambda given, names, _owner: listed([stage_text(one, names) for one in given], "semicolon"),
    "department": lambda given, names, _owner: names.department(given),
    "then": lambda given, names, _owner: names.duty(given),
    "cite": lambda given, names, _owner: each(names.clause, given),
    "clauses": lambda given, names, _owner: each(names.clause, given),
    "of": lambda given, _names, _owner: (
        listed([text for text in given.values()]) if isinstance(given, Mapping) else same(str(given))
    ),
    "day": lambda given, _names, _owner: (
        value("hours", n=f"{given / 3600:g}") if isinstance(given, int) else same(str(given))
    ),
    "value": lambda given, _names, _owner: parameter_text(given),
    "way": lambda given, _names, _owner: value(given),
    "skills": lambda given, _names, _owner: listed([value(f"skill_{one}") for one in given]),
    "otherwise": lambda given, names, _owner: value(f"to_{given}") if given in (ANYBODY, NOBODY) else names.role(given),
    "periodic": _periodic,
    "bad": _bad,
    "share": _shares,
    "questions": lambda given, _names, _owner: listed([_question(one) for one in given.values()], "semicolon"),
    "year_from": lambda given, _names, _owner: same("{:02}-{:02}".format(*given)),
    "since": lambda given, _names, _owner: value(f"since_{given}"),
}
