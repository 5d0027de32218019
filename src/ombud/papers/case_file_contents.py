"""What a case file says: the case as whoever asked for it reads it on the case page, put into lines for paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.template.defaultfilters import filesizeformat
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from ombud.cases.access.case_access import Accessed
from ombud.cases.models import Agreement, Attachment, Case
from ombud.cases.reading import queries
from ombud.cases.reading.queries import DutyLine, Shown, TimelineEntry
from ombud.correspondence import conversation
from ombud.interface.duty_words import clause_name, clause_names, status_words
from ombud.interface.fact_text import fact_text
from ombud.notices import reading
from ombud.notices.reading import LetterLine
from ombud.organisation.models import reader_language, words
from ombud.organisation.sender import sender
from ombud.papers import case_file_messages
from ombud.papers.case_file import CaseFilePaper, Evidence, Happened, Owed, Wrote
from ombud.papers.case_file_messages import end_moment, moment
from ombud.policy.event_names import OPENED, RUNG
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import SUBJECT, SYSTEM

LATER = timedelta(minutes=2)  # recorded so much after it occurred is worth saying


def contents(accessed: Accessed, *, now: datetime) -> CaseFilePaper:
    """Return everything of a case, in the language and zone that are active."""
    pack = accessed.state.program.pack
    facts = {each.field: each for each in queries.facts(accessed)}
    told, files = queries.timeline(accessed), queries.attachments(accessed)
    names = {str(row.pk): name or _("File") for row, name in files}
    said = conversation.whole(accessed, now=now)
    along = case_file_messages.files_of(accessed, said)
    return CaseFilePaper(
        sender=sender(),
        language=_tag(),
        reference=accessed.case.reference,
        title=_value(facts[SUBJECT], pack, names) if SUBJECT in facts else words(dict(pack.title)),
        about=_about(accessed, pack, len(told), len(files), now),
        facts=[(words(dict(each.title)), _value(each, pack, names)) for each in facts.values()],
        events=[_happened(number, each, pack, names) for number, each in enumerate(told, 1)],
        clauses=_by_clause(told, pack),
        duties=[_owed(each) for each in queries.duties(accessed, now=now)],
        messages=[case_file_messages.line(each) for each in said],
        letters=[_wrote(each) for each in reversed(reading.letters_of(accessed))],
        evidence=[*(_evidence(row, name) for row, name in files), *map(case_file_messages.evidence, along)],
        words=_headings(),
        at=now,
    )


def _tag() -> str:
    """Return the language of the paper as packs write it, with its script where that matters."""
    active = get_language() or ""
    return "zh-Hant" if active.lower().startswith("zh-hant") else reader_language()


def _about(accessed: Accessed, pack: Pack, events: int, files: int, now: datetime) -> list[tuple[str, str]]:
    case, procedure = accessed.case, pack.procedures[accessed.case.procedure]
    last = accessed.rows[-1]
    lines = [
        (_("Policy"), f"{words(dict(pack.title))} {pack.version}"),
        (_("Received"), moment(case.received_at)),
        (_("Phase"), words(dict(procedure.phases[case.phase].title))),
        (_("Closed"), moment(case.closed_at) if case.closed_at else ""),
        (_("Department"), str(case.department or "")),
        (_("Office"), str(case.office or "")),
        (_("Handler"), "" if accessed.is_public else str(case.handler or "")),
        (_("Privacy notice agreed to"), _agreed(case)),
        (_("Events"), str(events)),
        (_("Evidence"), str(files)),
        (_("Made"), moment(now)),
        (_("Made for"), str(accessed.reader or "")),
        (_("Hash of the last event"), f"{last.seq}: {last.hash}"),
    ]
    return [(name, value) for name, value in lines if value]


def _agreed(case: Case) -> str:
    row = Agreement.objects.select_related("notice").filter(case=case).first()
    return f"{moment(row.at)} \u00b7 {row.notice}" if row else ""


def _happened(number: int, entry: TimelineEntry, pack: Pack, names: dict[str, str]) -> Happened:
    is_later = entry.recorded_at - entry.occurred_at > LATER
    facts = [(words(dict(each.title)), _value(each, pack, names)) for each in entry.facts if each.field in pack.fields]
    return Happened(
        number=number,
        at=moment(entry.occurred_at),
        recorded=_("recorded {time}").format(time=moment(entry.recorded_at)) if is_later else "",
        title=_event_title(entry),
        who=_who(entry),
        clauses=clause_names(entry.clauses),
        facts=[(title, value) for title, value in facts if value],
    )


def _event_title(entry: TimelineEntry) -> str:
    title = words(dict(entry.title))
    if entry.act == OPENED:
        return _("Owed anew: {duty}").format(duty=title)
    if entry.act == RUNG:
        return (_("Overdue: {duty}") if entry.breached else _("Due soon: {duty}")).format(duty=title)
    return title


def _who(entry: TimelineEntry) -> str:
    if entry.actor_key == SYSTEM:
        return _("Automatic")
    behalf = _("for {who}, who was away").format(who=entry.behalf) if entry.behalf else ""
    parts = (entry.actor, behalf, words(dict(entry.role)), words(dict(entry.department)))
    return " \u00b7 ".join(dict.fromkeys(part for part in parts if part))


def _by_clause(told: Sequence[TimelineEntry], pack: Pack) -> list[tuple[str, str, str]]:
    """Return (clause, its text, numbers of the events under it), in the order of the policy."""
    numbers: dict[str, list[str]] = {}
    for number, entry in enumerate(told, 1):
        for ref in entry.clauses:
            numbers.setdefault(ref, []).append(str(number))
    known = {**pack.base_clauses, **pack.clauses}
    ordered = [ref for ref in known if ref in numbers] + [ref for ref in numbers if ref not in known]
    texts = {ref: words(dict(known[ref].text)) if ref in known else "" for ref in ordered}
    return [(clause_name(ref), text, ", ".join(numbers[ref])) for ref, text in texts.items()]


def _owed(line: DutyLine) -> Owed:
    duty = line.duty
    status = status_words(duty.status, is_overdue=line.is_overdue, is_breached=duty.breached_at is not None)
    done = moment(duty.done_at) if duty.done_at else ""
    return Owed(
        title=words(dict(line.title)),
        bearer=words(dict(line.bearer)),
        due=end_moment(duty.due_at) if duty.due_at else "",
        outcome="\n".join(filter(None, (status, done))),
        clauses=clause_names(duty.clauses),
    )


def _wrote(letter: LetterLine) -> Wrote:
    sent = _("sent {time}").format(time=moment(letter.sent_at)) if letter.sent_at else _("not sent by mail")
    kind = words(dict(letter.titles))  # of which kind it is, where its own heading says something else
    parts = (kind if kind != letter.title else "", words(dict(letter.to)), moment(letter.written_at), sent)
    return Wrote(
        title=letter.title,
        about=" \u00b7 ".join(part for part in parts if part),
        body=letter.body or _("erased"),
    )


def _evidence(row: Attachment, name: str) -> Evidence:
    parts = [row.media_type, filesizeformat(row.size), moment(row.uploaded_at)]
    if not row.content_id:
        parts.append(_("erased"))
    return Evidence(name=name or _("File"), about=" \u00b7 ".join(parts), sha256=row.sha256)


def _value(fact: Shown, pack: Pack, names: dict[str, str]) -> str:
    if fact.is_erased:
        return _("erased")
    field = pack.fields.get(fact.field)
    if field is None:
        return str(fact.value)
    value = fact.value
    if field.type is FieldType.FILES:
        value = [{"name": names.get(_key(each), _key(each))} for each in value or ()]
    return fact_text(field, value, names=fact.names, currency=pack.currency)


def _key(file: object) -> str:
    return str(file["id"] if isinstance(file, dict) else file)


def _headings() -> dict[str, str]:
    return {
        "case-file": _("Case file"),
        "contents": _("Contents"),
        "facts": _("Facts"),
        "events": _("What happened"),
        "by-clause": _("Events by clause"),
        "duties": _("Duties"),
        "messages": _("Messages"),
        "letters": _("Letters"),
        "evidence": _("Evidence"),
        "number": _("No."),
        "when": _("When"),
        "what": _("What"),
        "clause": _("Clause"),
        "wording": _("Wording"),
        "numbers": _("Events"),
        "duty": _("Duty"),
        "due": pgettext("column of a case file", "Due"),
        "outcome": _("Outcome"),
        "nothing": _("Nothing."),
    }
