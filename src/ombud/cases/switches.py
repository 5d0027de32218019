"""What going on under another calendar edition or policy version did to a case, in words for its timeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from babel import Locale, UnknownLocaleError
from django.utils.translation import gettext_noop

from ombud.cases.allotting import (
    ASKED_FOR,
    BY_LOAD,
    BY_SKILL,
    CHOSEN,
    HANDED_OVER,
    MET,
    ON_SHIFT,
    ROUND_ROBIN,
    SHIFT,
)
from ombud.cases.messages import text
from ombud.cases.models import Case, Event
from ombud.engine import Program
from ombud.engine.allotting import BECAUSE, TO
from ombud.engine.confidence import PEOPLE
from ombud.engine.distribution import BY_RULE, CLAUSES, RULE
from ombud.engine.due_moves import DueMove
from ombud.organisation import staff
from ombud.organisation.library import hash_of, library, name_of
from ombud.policy.event_names import (
    ALLOT,
    CLOCK_REPAIR,
    CONFIDE,
    LET_IN,
    LETTERS_TO,
    MIGRATE,
    OPEN_UP,
    RECALENDAR,
    REISSUE,
    SHOW_FILE,
    SHUT_OUT,
)
from ombud.policy.vocabulary import LANGUAGE
from ombud.texts import Text, same, spoken

_COUNTED_ANEW = gettext_noop("Counted anew by the working days that are known now")
_GOES_ON = gettext_noop("Goes on under version {version}")
_CLOCK = gettext_noop("Goes on from now: what was entered ahead of the clock counts as of this moment")
_NEW_CODE = gettext_noop("New tracking code issued")
_SHOWN = gettext_noop("File shown to the complainant")
_HIDDEN = gettext_noop("File made internal")
_TO_PERSON = gettext_noop("Letters go to the person for whom the complaint was made")
_TO_REPRESENTATIVE = gettext_noop("Letters go to the representative")
_CONFIDING = {
    CONFIDE: gettext_noop("Made confidential: {people} may know of it"),
    LET_IN: gettext_noop("Put on the list of the confidential case: {people}"),
    SHUT_OUT: gettext_noop("Taken off the list of the confidential case: {people}"),
    OPEN_UP: gettext_noop("Confidential no more"),
}

_ALLOTTED = {
    ROUND_ROBIN: gettext_noop("Given to {person}, because: round robin of {role}"),
    BY_LOAD: gettext_noop("Given to {person}, because: of {role} they have the fewest open cases"),
    BY_SKILL: gettext_noop("Given to {person}, because: of {role} they fit best"),
    ON_SHIFT: gettext_noop("Given to {person}, because: on shift ({shift})"),
    CHOSEN: gettext_noop("Given to {person}"),
    HANDED_OVER: gettext_noop("Handed over to {person}"),
    BY_RULE: gettext_noop("Given to {person}, because the policy says so: {rule}"),
}
#: What is said beside it of what the case asks for: what whoever got it has of that, and what nobody there has.
_HAS = gettext_noop("has what it asks for: {what}")
_LACKS = gettext_noop("asked for, but nobody there has: {what}")
_KINDS = {"language": gettext_noop("language {name}"), "category": gettext_noop("kind of complaint {name}")}


@dataclass(frozen=True, kw_only=True, slots=True)
class MovedDue:
    """A due time that was moved."""

    title: Text
    before: datetime
    after: datetime


def title(case: Case, program: Program, row: Event, rows: Sequence[Event]) -> Text:
    """Return the words for an event: of an act that this version does not have those of the version that had it."""
    if row.act == RECALENDAR:
        return text(_COUNTED_ANEW)
    if row.act == MIGRATE:
        version = row.data.get("version", "")
        return {language: said.format(version=version) for language, said in text(_GOES_ON).items()}
    if row.act == CLOCK_REPAIR:
        return text(_CLOCK)
    if row.act == REISSUE:
        return text(_NEW_CODE)
    if row.act == SHOW_FILE:
        return text(_SHOWN if row.data["open"] else _HIDDEN)
    if row.act == LETTERS_TO:
        return text(_TO_PERSON if row.data["to"] == "person" else _TO_REPRESENTATIVE)
    if row.act in _CONFIDING:
        named = ", ".join(sorted(map(str, staff.people(row.data.get(PEOPLE, ())).values())))
        return {language: said.format(people=named) for language, said in text(_CONFIDING[row.act]).items()}
    if row.act == ALLOT:
        return _allotted(program, row)
    if row.act in program.acts:
        return program.title_of(row.act)
    hashes = [hash_of(case.first_version_id), *(each.data["pack"] for each in rows if each.act == MIGRATE)]
    earlier = (library.program(each, name_of(case.edition_id), case.procedure) for each in dict.fromkeys(hashes))
    return next((each for each in earlier if row.act in each.acts), program).title_of(row.act)


def _allotted(program: Program, row: Event) -> Text:
    """Return whom the case was given to, and why them."""
    key, role = row.data[TO], program.pack.roles.get(row.data["to_role"])
    person = str(staff.people([key]).get(key, key))
    titles = role.title if role else same(row.data["to_role"])
    words = text(_ALLOTTED[row.data[BECAUSE]])
    shift, rule = row.data.get(SHIFT, ""), _rule(program, row)
    told = {
        tag: said.format(person=person, role=spoken(titles, tag), shift=shift, rule=spoken(rule, tag))
        for tag, said in words.items()
    }
    asked, met = row.data.get(ASKED_FOR, ()), row.data.get(MET, ())
    for said, found in ((_HAS, met), (_LACKS, [each for each in asked if each not in met])):
        if found:
            beside = text(said)
            told = {tag: _beside(already, beside[tag], program, found, tag) for tag, already in told.items()}
    return told


def _rule(program: Program, row: Event) -> Text:
    """Return by which rule of the policy a case was given to somebody, with its clauses; nothing where by none."""
    id = row.data.get(RULE, "")
    known, clauses = program.pack.distribution.get(id), ", ".join(row.data.get(CLAUSES, ()))
    title = known.title if known else same(id)
    if not clauses:
        return title
    return {tag: f"{spoken(title, tag)} ({clauses})" for tag in {*title, "en", "zh"}}


def _beside(already: str, said: str, program: Program, found: Iterable[str], tag: str) -> str:
    comma, between = ("\uff1b", "\u3001") if tag.startswith("zh") else ("; ", ", ")
    what = between.join(_competence(program, each, tag) for each in found)
    return f"{already}{comma}{said.format(what=what)}"


def _competence(program: Program, asked: str, tag: str) -> str:
    """Return what a case asks for in words: "language German"."""
    kind, _slash, value = asked.partition("/")
    if kind == LANGUAGE:
        name = _language(value, tag)
    else:
        field = program.pack.fields.get(program.pack.figures.category or "")
        name = spoken(field.of[value], tag) if field is not None and value in field.of else value
    return text(_KINDS[kind])[tag].format(name=name)


def _language(value: str, tag: str) -> str:
    try:
        return str(Locale.parse(value, sep="-").get_language_name(Locale.parse(tag, sep="-")) or value)
    except (UnknownLocaleError, ValueError):
        return value


def moves(found: Iterable[DueMove]) -> tuple[MovedDue, ...]:
    """Return the due times that such an event moved, as pages show them."""
    return tuple(MovedDue(title=each.title, before=_instant(each.before), after=_instant(each.after)) for each in found)


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
