"""What people read: their notices, and the letters of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from ombud.cases.access.case_access import Accessed
from ombud.cases.fold import program_of
from ombud.cases.models import Case, Recusal
from ombud.cases.reading.paging import PAGE, Page, by_id
from ombud.cases.reading.titles import duty_title
from ombud.engine.model import MIGRATE
from ombud.notices.models import Letter, Notice
from ombud.organisation.models import Person, words
from ombud.privacy.masking import BLANK
from ombud.texts import Text

COUNTED = 100  # beyond it the bell needs no exact number


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeLine:
    """One notice in the reader's words."""

    notice: Notice
    case: Case
    reference: str
    words: str
    icon: str
    tone: str
    at: datetime
    is_read: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterLine:
    """One letter of a case as the reader may see it."""

    document: str
    titles: Text
    title: str  # its subject line
    body: str  # plain text with Markdown's lists; empty once erased
    language: str
    written_at: datetime
    sent_at: datetime | None


_LOOKS = {  # kind -> (icon, tone)
    Notice.Kind.WARNING: ("clock-alert", "warning"),
    Notice.Kind.BREACH: ("triangle-alert", "danger"),
    Notice.Kind.REFUSED: ("octagon-alert", "danger"),
    Notice.Kind.DUE_MOVED: ("calendar-clock", "info"),
    Notice.Kind.PROVISIONAL: ("calendar-clock", "info"),
}


def _own(person: Person) -> QuerySet[Notice]:
    """Return the person's notices; those of a case that they were taken out of since are gone with it."""
    mine = Recusal.objects.filter(case=OuterRef("case"), person=person)
    return Notice.objects.filter(~Exists(mine), person=person)


def unread_count(person: Person) -> int:
    """Return how many notices the person has not read (at most 100 are counted)."""
    return len(_own(person).filter(read_at=None).values_list("pk", flat=True)[:COUNTED])


def notices_of(person: Person, *, cursor: str | None = None, limit: int = PAGE) -> Page[NoticeLine]:
    """Return the person's notices, newest first. Raises ValueError for a cursor that is not ours."""
    rows = _own(person).select_related("case")
    if (last := by_id(cursor)) is not None:
        rows = rows.filter(pk__lt=last)
    found = list(rows.order_by("-pk")[: limit + 1])
    shown = found[:limit]
    after = str(shown[-1].pk) if len(found) > limit else None
    return Page(rows=tuple(_line(row) for row in shown), after=after)


def notices_for_complainant(accessed: Accessed) -> tuple[NoticeLine, ...]:
    """Return what the case's complainant was told, newest first."""
    rows = Notice.objects.filter(case=accessed.case, person=None).select_related("case").order_by("-pk")
    return tuple(_line(row) for row in rows[:PAGE])


def mark_read(person: Person, *, now: datetime, case: Case | None = None) -> int:
    """Mark the person's notices as read, all or those of a case; return how many were unread."""
    rows = Notice.objects.filter(person=person, read_at=None)
    return (rows.filter(case=case) if case else rows).update(read_at=now)


def _line(row: Notice) -> NoticeLine:
    icon, tone = _LOOKS.get(Notice.Kind(row.kind), ("bell", "neutral"))
    return NoticeLine(
        notice=row,
        case=row.case,
        reference=row.case.reference,
        words=_words(row),
        icon=icon,
        tone=tone,
        at=row.at,
        is_read=row.read_at is not None,
    )


def _words(row: Notice) -> str:
    """Return the sentence of a notice."""
    program = program_of(row.case)
    duty = words(dict(duty_title(program, row.duty))) if row.duty else ""
    act = words(dict(program.title_of(row.act))) if row.act else ""
    if row.act == MIGRATE:
        act = _("Go on under the new version of the policy")
    match row.kind:
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
    return act or duty


def letters_of(accessed: Accessed) -> tuple[LetterLine, ...]:
    """Return the letters of a case, newest first; a masked reader sees that they were written, not what they say."""
    rows = Letter.objects.filter(case=accessed.case).order_by("-pk")
    if accessed.is_public:
        rows = rows.filter(is_to_complainant=True)
    return tuple(_letter(accessed, row) for row in rows)


def _letter(accessed: Accessed, row: Letter) -> LetterLine:
    document = program_of(accessed.case).pack.documents.get(row.document)
    titles: Text = document.title if document else {"en": row.document}

    def opened(part: str) -> str:
        value = accessed.vault.open(row.seq, f"letter:{row.document}:{part}", row.sealed[part])
        return value if isinstance(value, str) else ""

    is_shown = not accessed.is_masked
    return LetterLine(
        document=row.document,
        titles=titles,
        title=(opened("subject") if is_shown else "") or words(dict(titles)),
        body=opened("body") if is_shown else BLANK,
        language=row.language,
        written_at=row.written_at,
        sent_at=row.sent_at,
    )
