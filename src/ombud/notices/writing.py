"""Letters: the pack's templates filled with the facts of one case; nothing in a template can run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from ombud.cases.models import Case
from ombud.engine import State
from ombud.interface.days import letter_day
from ombud.interface.fact_text import fact_text
from ombud.organisation.models import words
from ombud.organisation.staff import people
from ombud.policy.complainant import told
from ombud.policy.documents import filled, question
from ombud.policy.model.records import Document
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import COMPLAINANT, NAME
from ombud.privacy.sealing import is_sealed
from ombud.texts import Catalogue, Text, nearest, spoken
from ombud.worktime.ending import ending

FRAME = Catalogue("ombud.notices", "frame.yaml")
BLANK = "\u2014"  # what stands for a fact that nobody knows

LANGUAGES: Mapping[str, str] = {"zh": "zh-hans"}  # the pack's tag -> Django's, where they differ


def render_letter(document: Document, case: Case, state: State, *, now: datetime) -> tuple[str, str, str]:
    """Return (language, subject, body) of a letter in the case's language, else in one of its office, else in English.

    Times are those of the case's office, so that a customer abroad reads local ones; without an office, of the policy.
    """
    pack = state.program.pack
    office = pack.offices.get(state.office or "")
    tag = nearest(document.templates, case.language, *(office.languages if office else ()))
    assert tag is not None, "a document has a template"
    calendar = (office.calendar if office else None) or pack.counting_calendar
    zone = ZoneInfo(pack.calendars[calendar].tz)
    with translation.override(LANGUAGES.get(tag, tag)), timezone.override(zone):
        fill = _filler(case, state, now)
        body = _known(document.templates[tag], fill)
        heading, _, rest = body.partition("\n")
        subject = words(dict(document.title), tag)
        if heading.startswith("# "):
            subject, body = heading.removeprefix("# ").strip(), rest
        if document.to == COMPLAINANT:
            body = _framed(body.strip(), tag, state, link=fill("link"))
        return tag, subject, body.strip() + "\n"


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
    begins = FRAME.say("named", name=name) if is_named else FRAME.say("unnamed")
    office = pack.offices.get(state.office or "")
    service = next((each for each in pack.departments.values() if each.is_service), None)
    sender = [_said(each.title, each.id) for each in (office, service) if each is not None][:1]
    ways = [] if link in body else [spoken(FRAME.say("link", link=link), tag)]
    return "\n\n".join([spoken(begins, tag), body, *ways, *sender])


def _filler(case: Case, state: State, now: datetime) -> Callable[[str], str]:
    pack = state.program.pack
    phase = state.program.procedure.phases[state.phase]
    own: Mapping[str, Callable[[], str]] = {  # policy.documents.CASE_NAMES
        "reference": lambda: case.reference,
        "title": lambda: _said(pack.title, pack.id),
        "phase": lambda: _said(told(phase), phase.id),
        "received_at": lambda: _moment(case.received_at),
        "now": lambda: _moment(now),
        "link": lambda: f"{settings.OMBUD_BASE_URL}/track/{case.reference}/",
    }

    def fill(name: str) -> str:
        if asked := question(name):
            return _due(asked[1], state) if asked[0] == "due" else _clause(asked[1], state)
        if name in own:
            return own[name]()
        value = state.facts.get(name)
        if value is None or is_sealed(value):
            return BLANK
        if name in pack.tables:
            return _said(pack.tables[name].of.get(str(value), {}), str(value))
        field = pack.fields.get(name)
        names = {id: _said(department.title, id) for id, department in pack.departments.items()}
        if field is not None and FieldType.PERSON in (field.type, field.item):
            names |= {key: str(person) for key, person in people(value if isinstance(value, list) else [value]).items()}
        return fact_text(field, value, names=names, day=letter_day) if field else str(value)

    return fill


def _said(text: Text, otherwise: str) -> str:
    return words(dict(text), translation.get_language()) or otherwise


def _due(duty: str, state: State) -> str:
    """Return when the latest instance of a duty is due, on the letter's clock."""
    for view in reversed(state.duties()):
        if view.duty == duty:
            if view.due_at is None:
                break
            return _moment(datetime.fromtimestamp(view.due_at, UTC), is_end=True)
    return BLANK


def _moment(instant: datetime, *, is_end: bool = False) -> str:
    """Return the time on the letter's clock with its distance from UTC: the reader may be in another zone."""
    at = timezone.localtime(instant)
    day, clock = ending(at) if is_end else (at.date(), f"{at:%H:%M}")
    offset = f"{at:%z}"
    zone = f"UTC{offset[0]}{int(offset[1:3])}" + (f":{offset[3:5]}" if offset[3:5] != "00" else "")
    return f"{letter_day(day)} {clock} ({zone})"


def _clause(ref: str, state: State) -> str:
    pack = state.program.pack
    clause = pack.clauses.get(ref) or pack.base_clauses.get(ref)
    return _said(clause.text, ref) if clause else ref
