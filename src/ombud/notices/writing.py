"""Letters: the pack's templates filled with the facts of one case; nothing in a template can run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from ombud.cases.models import Case
from ombud.engine import State
from ombud.engine.addresses import address_of
from ombud.interface.clocks import distance, place_of
from ombud.interface.days import letter_day
from ombud.interface.fact_text import fact_text
from ombud.interface.limit_text import hours_by
from ombud.interface.lists import listed, set_apart
from ombud.organisation import company
from ombud.organisation.models import words
from ombud.organisation.offices import calendar_of, zone_of_case
from ombud.organisation.staff import people
from ombud.policy.complainant import told
from ombud.policy.documents import filled, question
from ombud.policy.model.pack import Pack
from ombud.policy.model.records import Document
from ombud.policy.model.values import FieldType
from ombud.policy.outsiders import addressed
from ombud.policy.vocabulary import COMPLAINANT, LANGUAGE, NAME
from ombud.privacy.sealing import is_sealed
from ombud.texts import CHINESE, Catalogue, Text, as_written, base_of, code_of, is_traditional, nearest, spoken
from ombud.worktime.ending import ending
from ombud.worktime.zones import known_zone

FRAME = Catalogue("ombud.notices", "frame.yaml")
BLANK = "\u2014"  # what stands for a fact that nobody knows


def render_letter(document: Document, case: Case, state: State, *, now: datetime) -> tuple[str, str, str]:
    """Return (language, subject, body) of a letter in the case's language, else in one of its office, else in English.

    To the complainant, times are those of their own clock, with the office's beside them where it shows another; where
    theirs is not known, and to all others, they are the office's, or without an office those of the policy.
    """
    pack, language = state.program.pack, language_of(case, state)
    here = zone_of_case(pack, state.office)
    office = pack.offices.get(state.office or "")
    tag = nearest(document.templates, language, *(office.languages if office else ()))
    assert tag is not None, "a document has a template"
    template = as_written(document.templates[tag], tag, language)
    if is_traditional(language) and base_of(tag) == CHINESE:
        tag = language
    with translation.override(code_of(tag)), timezone.override(_clock(case, here, to=document.to)):
        fill = _filler(case, state, now, here)
        body = _known(template, fill)
        heading, _, rest = body.partition("\n")
        subject = words(dict(document.title), tag)
        if heading.startswith("# "):
            subject, body = heading.removeprefix("# ").strip(), rest
        if document.to == COMPLAINANT:
            body = _framed(body.strip(), tag, state, link=fill("link"))
        return tag, subject, body.strip() + "\n"


def fill_in(text: str, case: Case, state: State, *, to: str, language: str, now: datetime) -> str:
    """Return a text with its placeholders filled as those of a letter in this language are."""
    here = zone_of_case(state.program.pack, state.office)
    with translation.override(code_of(language)), timezone.override(_clock(case, here, to=to)):
        return _known(text, _filler(case, state, now, here))


def _clock(case: Case, here: ZoneInfo, *, to: str) -> ZoneInfo:
    """Return by whose clock times are told: the complainant's own where it is known, else the office's."""
    own = known_zone(case.time_zone) if to == COMPLAINANT else ""
    return ZoneInfo(own) if own else here


def page_of(reference: str) -> str:
    """Return where the complainant of a case follows it."""
    return f"{settings.OMBUD_BASE_URL}/track/{reference}/"


def language_of(case: Case, state: State) -> str:
    """Return in which language the complainant is written to: the one agreed on, else that of the complaint."""
    agreed = state.facts.get(LANGUAGE)
    return agreed if isinstance(agreed, str) and agreed else case.language


def _known(template: str, fill: Callable[[str], str]) -> str:
    """Return the template filled in; an item of a list of which nothing is known is left out."""
    lines = []
    for line in template.split("\n"):
        said: list[str] = []
        whole = filled(line, lambda name, said=said: said.append(fill(name)) or said[-1])  # type: ignore[misc]
        if not (line.startswith("- ") and said and all(each == BLANK for each in said)):
            lines.append(whole)
    return "\n".join(lines)


def _framed(body: str, tag: str, state: State, *, link: str) -> str:
    """Return a letter to the complainant with a salutation, the way to the complaint, and who writes."""
    pack, name = state.program.pack, state.facts.get(NAME)
    is_named = isinstance(name, str) and name and not is_sealed(name)
    # Filled in last: a name is written as its bearer writes it, whatever becomes of the words around it.
    begins = spoken(FRAME.entry("named"), tag).format(name=name) if is_named else spoken(FRAME.entry("unnamed"), tag)
    office = pack.offices.get(state.office or "")
    service = next((each for each in pack.departments.values() if each.is_service), None)
    sender = [_said(each.title, each.id) for each in (office, service) if each is not None][:1]
    ways = [] if link in body else [spoken(FRAME.say("link", link=link), tag)]
    return "\n\n".join([begins, body, *ways, *sender])


def _filler(case: Case, state: State, now: datetime, here: ZoneInfo) -> Callable[[str], str]:
    pack = state.program.pack
    moment = partial(_moment, here=here)
    phase = state.program.procedure.phases[state.phase]
    own: Mapping[str, Callable[[], str]] = {  # policy.documents.CASE_NAMES
        "reference": lambda: case.reference,
        "title": lambda: _said(pack.title, pack.id),
        "phase": lambda: _said(told(phase), phase.id),
        "received_at": lambda: moment(case.received_at),
        "now": lambda: moment(now),
        "hours": lambda: _hours(pack, state.office, now),
        "link": lambda: page_of(case.reference),
    }

    facts = state.facts
    addresses = {field: (role, part) for role, parts in addressed(pack).items() for part, field in parts.items()}

    def fill(name: str) -> str:
        match question(name):
            case "due", duty:
                return _due(duty, state, here)
            case "clause", ref:
                return _clause(ref, state)
            case "reach", channel:
                return _reach(channel, pack)
        if name in own:
            return own[name]()
        value = address_of(state, addresses[name][0]).get(addresses[name][1]) if name in addresses else facts.get(name)
        if value is None or is_sealed(value):
            return BLANK
        if name in pack.tables:
            return _said(pack.tables[name].of.get(str(value), {}), str(value))
        field = pack.fields.get(name)
        if field is not None and field.type is FieldType.INSTANT and isinstance(value, int):
            return moment(datetime.fromtimestamp(value, UTC))
        names = {id: _said(department.title, id) for id, department in pack.departments.items()}
        if field is not None and FieldType.PERSON in (field.type, field.item):
            names |= {key: str(person) for key, person in people(value if isinstance(value, list) else [value]).items()}
        return fact_text(field, value, names=names, day=letter_day) if field else str(value)

    return fill


def _said(text: Text, otherwise: str) -> str:
    return words(dict(text), translation.get_language()) or otherwise


def _due(duty: str, state: State, here: ZoneInfo) -> str:
    """Return when the latest instance of a duty is due, on the letter's clock."""
    for view in reversed(state.duties()):
        if view.duty == duty:
            if view.due_at is None:
                break
            return _moment(datetime.fromtimestamp(view.due_at, UTC), here=here, is_end=True)
    return BLANK


def _moment(instant: datetime, *, here: ZoneInfo, is_end: bool = False) -> str:
    """Return the time on the letter's clock with its distance from UTC, and the office's where that shows another."""
    at, there = timezone.localtime(instant), instant.astimezone(here)
    day, clock = ending(at) if is_end else (at.date(), f"{at:%H:%M}")
    if at.utcoffset() == there.utcoffset():
        return f"{letter_day(day)} {clock} ({distance(at)})"
    that_day, that_clock = ending(there) if is_end else (there.date(), f"{there:%H:%M}")
    beside = that_clock if that_day == day else f"{letter_day(that_day)} {that_clock}"
    ours = listed([f"{place_of(here)} {beside}", distance(there)])
    return f"{letter_day(day)} {clock} ({set_apart([distance(at), ours])})"


def _hours(pack: Pack, office: str | None, now: datetime) -> str:
    """Return when the case's office works, by the letter's clock."""
    at, spec = timezone.localtime(now), calendar_of(pack, office)
    return f"{hours_by(spec, ZoneInfo(timezone.get_current_timezone_name()), now)} ({distance(at)})"


def _reach(channel: str, pack: Pack) -> str:
    """Return how the company says that a channel is reached, in one line."""
    known = pack.channels.get(channel)
    return listed(company.said(known, company.of_policy(pack.id)).splitlines() if known else ()) or BLANK


def _clause(ref: str, state: State) -> str:
    pack = state.program.pack
    clause = pack.clauses.get(ref) or pack.base_clauses.get(ref)
    return _said(clause.text, ref) if clause else ref
