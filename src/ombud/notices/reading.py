"""What people read: their notices, and the letters of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from ombud.cases.access.case_access import Accessed
from ombud.cases.access.permissions import Permissions, permissions_of, scoped
from ombud.cases.fold import program_of
from ombud.cases.models import Case
from ombud.cases.reading.paging import PAGE
from ombud.cases.reading.titles import duty_title
from ombud.engine import Program
from ombud.engine.roles import is_outsider
from ombud.notices import staffing
from ombud.notices.models import Letter, Notice
from ombud.organisation.models import Person, words
from ombud.policy.complainant import concerns_complainant, tells_complainant, told
from ombud.policy.event_names import ALLOT, MIGRATE
from ombud.policy.model.records import Document
from ombud.policy.outsiders import address_act
from ombud.policy.vocabulary import COMPLAINANT
from ombud.privacy.keys import digest
from ombud.privacy.masking import BLANK
from ombud.texts import Text, same

COUNTED = 100  # beyond it the bell needs no exact number


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeLine:
    """One notice in the reader's words."""

    notice: Notice
    case: Case | None
    reference: str
    href: str  # of a notice of no case
    words: str
    icon: str
    tone: str
    at: datetime
    is_read: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterLine:
    """One letter of a case as the reader may see it."""

    key: int
    document: str
    titles: Text
    title: str  # its subject line
    body: str  # plain text with Markdown's lists; empty once erased
    language: str
    to: Text  # whom it goes to
    address_act: str  # by which somebody outside is given an address
    has_text: bool  # the reader may read it, and it was not erased
    signed: str  # the act by which a signed copy comes back, where the policy wants one
    is_undelivered: bool  # somebody outside was to have it, and nobody can be addressed
    written_at: datetime
    sent_at: datetime | None  # when it was mailed


_LOOKS = {  # kind -> (icon, tone)
    Notice.Kind.OPENED: ("clock-alert", "warning"),
    Notice.Kind.WARNING: ("clock-alert", "warning"),
    Notice.Kind.BREACH: ("triangle-alert", "danger"),
    Notice.Kind.REFUSED: ("octagon-alert", "danger"),
    Notice.Kind.DUE_MOVED: ("calendar-clock", "info"),
    Notice.Kind.PROVISIONAL: ("calendar-clock", "info"),
    Notice.Kind.UNDELIVERED: ("mail-x", "danger"),
    Notice.Kind.REMINDER: ("bell-ring", "warning"),
    Notice.Kind.NEXT_TRY: ("phone-outgoing", "warning"),
    Notice.Kind.MESSAGE: ("mail", "info"),
    Notice.Kind.DRAFT: ("file-pen-line", "info"),
    Notice.Kind.INFECTED: ("shield-alert", "danger"),
    Notice.Kind.UNMASKED: ("eye", "warning"),
    Notice.Kind.ALARM: ("siren", "warning"),
    Notice.Kind.SWITCHED_OFF: ("unplug", "danger"),
    Notice.Kind.EXPORT: ("file-down", "info"),
    Notice.Kind.TRAINING: ("graduation-cap", "warning"),
    Notice.Kind.CONFIDENTIAL: ("lock-keyhole", "info"),
    Notice.Kind.ON_SHIFT: ("alarm-clock", "warning"),
    Notice.Kind.SHIFT_OVER: ("alarm-clock", "info"),
    Notice.Kind.ROTA_GAP: ("calendar-x", "warning"),
    Notice.Kind.DEPUTY: ("user-round-check", "info"),
    Notice.Kind.LIMITS: ("hand-coins", "info"),
    Notice.Kind.EXCHANGE: ("arrow-left-right", "info"),
    Notice.Kind.REPORT: ("file-text", "info"),
    Notice.Kind.NOT_MAILED: ("mail-x", "warning"),
    Notice.Kind.OBJECTION: ("message-square-quote", "info"),
    Notice.Kind.LEAVER: ("user-x", "warning"),
}


def own(permissions: Permissions) -> QuerySet[Notice]:
    """Return the person's notices of the cases that they may see: none leads its reader to what is not there for them.

    Those of a case that they were taken out of since, or left by changing roles, are gone with it.
    """
    seen = scoped(permissions, is_leading=False).filter(pk=OuterRef("case"))
    told = Notice.objects.filter(Q(case=None) | Exists(seen), person=permissions.person)
    return told.exclude(kind=Notice.Kind.UNATTENDED)


def unattended(person: Person) -> QuerySet[Notice]:
    """Return the notices not read yet that a confidential case is left to nobody; of which one, they do not say."""
    return Notice.objects.filter(person=person, read_at=None, kind=Notice.Kind.UNATTENDED)


def unread_count(person: Person, permissions: Permissions | None = None) -> int:
    """Return how many notices the person has not read (at most 100 are counted)."""
    if not Notice.objects.filter(person=person, read_at=None).exists():
        return 0  # who the person is takes more queries than this one
    rows = own(permissions or permissions_of(person)).filter(read_at=None).values_list("pk", flat=True)
    return len(rows.union(unattended(person).values_list("pk", flat=True))[:COUNTED])


def stamp(person: Person) -> str:
    """Return what is another text whenever the number on the bell may be another one; a single query.

    It is no number that tells how many notices there are of cases that are kept from their reader.
    """
    unread = Notice.objects.filter(person=person, read_at=None).aggregate(newest=Max("pk"), number=Count("pk"))
    return digest("bell", f"{unread['newest'] or 0}-{unread['number']}")[:22]


def notices_for_complainant(accessed: Accessed) -> tuple[NoticeLine, ...]:
    """Return what the case's complainant was told, newest first; nothing that was meant for others."""
    program = program_of(accessed.case)
    rows = Notice.objects.filter(case=accessed.case, person=None).select_related("case").order_by("-pk")
    return tuple(
        line_of(row, is_public=True) for row in [row for row in rows if _is_for_complainant(program, row)][:PAGE]
    )


def _is_for_complainant(program: Program, row: Notice) -> bool:
    """Return whether the policy tells the complainant of this: earlier releases kept all outsiders' words as theirs."""
    if row.kind == Notice.Kind.ACT and not row.duty:
        act = program.procedure.acts.get(row.act)
        return act is not None and tells_complainant(act)
    duty = program.procedure.duties.get(row.duty)
    if duty is None:
        return False
    is_told = any(COMPLAINANT in rung.tell for rung in duty.breach)
    return is_told or concerns_complainant(program.pack, program.procedure, duty)


def mark_read(person: Person, *, now: datetime, case: Case | None = None, is_of_none: bool = False) -> int:
    """Mark the person's notices as read, all, those of a case or those of none; return how many were unread."""
    rows = Notice.objects.filter(person=person, read_at=None)
    return (rows.filter(case=case) if case or is_of_none else rows).update(read_at=now)


def line_of(row: Notice, *, is_public: bool = False) -> NoticeLine:
    icon, tone = _LOOKS.get(Notice.Kind(row.kind), ("bell", "neutral"))
    return NoticeLine(
        notice=row,
        case=row.case,
        reference=row.case.reference if row.case is not None else "",
        href="" if row.case is not None else staffing.href_of(row),
        words=sentence(row, is_public=is_public),
        icon=icon,
        tone=tone,
        at=row.at,
        is_read=row.read_at is not None,
    )


def sentence(row: Notice, *, is_public: bool = False, is_named: bool = True) -> str:
    """Return the sentence of a notice, to a complainant in their words; not named, it says no person's name."""
    if row.case is None:
        return staffing.sentence(row, is_named=is_named)
    program = program_of(row.case)
    duty = words(dict(duty_title(program, row.duty))) if row.duty else ""
    act = words(dict(program.title_of(row.act))) if row.act else ""
    if is_public:
        rules = program.procedure
        duty = words(dict(told(rules.duties[row.duty]))) if row.duty in rules.duties else duty
        act = words(dict(told(rules.acts[row.act]))) if row.act in rules.acts else act
    if row.act == MIGRATE:
        act = _("Go on under the new version of the policy")
    if row.act == ALLOT and row.kind == Notice.Kind.ACT:
        return _("A case was given to you")
    match row.kind:
        case Notice.Kind.OPENED:
            return _("To be done within the hour: {duty}").format(duty=duty)
        case Notice.Kind.WARNING:
            return _("Due soon: {duty}").format(duty=duty)
        case Notice.Kind.BREACH:
            return _("Overdue: {duty}").format(duty=duty)
        case Notice.Kind.REFUSED:
            return _("Could not be done automatically: {act}").format(act=act)
        case Notice.Kind.DUE_MOVED:
            return _("The due time has moved: {duty}").format(duty=duty)
        case Notice.Kind.PROVISIONAL:
            return _("The due time is provisional: {duty}").format(duty=duty)
        case Notice.Kind.REMINDER:
            return _("{who} reminds you: {act}").format(who=(is_named and row.asked_by) or _("A colleague"), act=act)
        case Notice.Kind.NEXT_TRY:
            return _("Call again: {act}").format(act=act) if act else _("Call the complainant again")
        case Notice.Kind.MESSAGE:
            return _("A message came in")
        case Notice.Kind.UNDELIVERED:
            return _("Nobody outside could be reached: {what}").format(what=act or duty)
        case Notice.Kind.DRAFT:
            return _("A letter waits for you: {act}").format(act=act)
        case Notice.Kind.INFECTED:
            return _("A virus was found in a file of the case; nobody can open it")
        case Notice.Kind.UNMASKED:
            return _("Somebody looked into as many cases with masked personal data as a day allows: see Proof")
        case Notice.Kind.ALARM:
            return _("Early warning: complaints rise or fall silent more than chance explains; see Early warnings")
        case Notice.Kind.SWITCHED_OFF:
            return _("A system that is told of cases took nothing for hours and was switched off: see Connections")
        case Notice.Kind.EXPORT:
            return _("A list that you asked for is ready: see Lists taken along")
        case Notice.Kind.CONFIDENTIAL:
            return _("Confidential: who may know of this case was changed")
        case Notice.Kind.ON_SHIFT:
            return _("It came in during your shift. Somebody else takes it on; until then it is yours to answer")
        case Notice.Kind.LEAVER:
            who = (is_named and row.asked_by) or _("A colleague")
            return _("{who} has left with open cases in their hands: hand them over under People").format(who=who)
        case Notice.Kind.REPORT:
            return _("A report was issued that could not be mailed to you: {act}").format(act=act)
        case Notice.Kind.NOT_MAILED:
            return _("Not everybody could be mailed the report: {act}").format(act=act)
        case Notice.Kind.TRAINING:
            return _("You owe a training: see Training for which, and until when")
    return act or duty


def letters_of(accessed: Accessed) -> tuple[LetterLine, ...]:
    """Return the letters of a case, newest first; a masked reader sees that they were written, not what they say.

    A complainant gets their own: those that the policy, too, addresses to them.
    """
    pack = program_of(accessed.case).pack
    lines = []
    for row in Letter.objects.filter(case=accessed.case).order_by("-pk"):
        document = pack.documents.get(row.document)
        to = document.to if document else COMPLAINANT if row.is_to_complainant else ""
        is_own = row.is_to_complainant and to == COMPLAINANT
        if is_own or not accessed.is_public:
            lines.append(_letter(accessed, row, document, to))
    return tuple(lines)


def _letter(accessed: Accessed, row: Letter, document: Document | None, to: str) -> LetterLine:
    pack = program_of(accessed.case).pack
    titles: Text = document.title if document else {"en": row.document}

    def opened(part: str) -> str:
        value = accessed.vault.open(row.seq, f"letter:{row.document}:{part}", row.sealed[part])
        return value if isinstance(value, str) else ""

    is_shown = not accessed.is_masked
    body = opened("body") if is_shown else BLANK
    return LetterLine(
        key=row.pk,
        document=row.document,
        titles=titles,
        title=(opened("subject") if is_shown else "") or words(dict(titles)),
        body=body,
        has_text=is_shown and bool(body),
        signed=(document.signed if document else None) or "",
        language=row.language,
        address_act=address_act(to),
        to=pack.roles[to].title if to in pack.roles else same(to),
        is_undelivered=row.sent_at is None and to != COMPLAINANT and is_outsider(pack, to),
        written_at=row.written_at,
        sent_at=row.sent_at,
    )
