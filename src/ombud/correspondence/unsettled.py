"""What goes out and has not yet gone: what waits, what failed and is tried again, what nobody tries any more.

Three tables hold it: messages to people outside, alerts to staff, and the outbox, which asks for notices, letters and
tasks. Each is listed on its own, newest first. Nothing in it says who it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from ombud.cases.access.kept_out import admitting
from ombud.cases.fold import program_of
from ombud.cases.models import Case, Outbox
from ombud.cases.outbox import ATTEMPTS
from ombud.cases.reading.paging import PAGE, NotOurs, Page, by_id, by_instant_and_uuid, instant_cursor
from ombud.cases.reading.titles import duty_title
from ombud.correspondence import lacking, telling, wording
from ombud.correspondence.models import Message
from ombud.notices.alerts.models import Alert
from ombud.organisation.models import Person
from ombud.privacy.masking import mask_text
from ombud.texts import Text, same

MESSAGES, ALERTS, TASKS = "messages", "alerts", "tasks"
SOURCES: Final = (MESSAGES, ALERTS, TASKS)
WAITS, FAILING, GIVEN_UP = "waits", "failing", "given-up"
STATES: Final = (WAITS, FAILING, GIVEN_UP)
COUNTED = 1000  # beyond it no page needs an exact number


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One thing that has not gone out."""

    key: str
    kind: str  # a way of messages, a kind of ways, a kind of outbox rows
    what: Text  # a letter, an act or a duty
    case: Case | None
    since: datetime
    next_at: datetime | None  # when it is tried
    attempts: int
    reason: str  # masked
    can_send: bool  # it may go out if it is tried again
    can_end: bool  # whoever gives it up changes something


def unsettled(
    source: str,
    state: str,
    *,
    kind: str = "",
    cursor: str | None = None,
    limit: int = PAGE,
    reader: Person | None = None,
) -> Page[Line]:
    """Return a page of what is in a state, newest first; nothing of a case that the reader is kept out of.

    Raises NotOurs for a source, state or cursor of nobody's.
    """
    rows, line, after = _of(source, state, reader), _LINES[source], _by_message if source == MESSAGES else _by_id
    if kind:
        rows = rows.filter(**{_KIND[source]: kind})
    found, last = after(rows, cursor, limit + 1)
    more = last(found[limit - 1]) if len(found) > limit else None
    return Page(rows=tuple(line(row, state) for row in found[:limit]), after=more)


def given_up(reader: Person | None = None) -> dict[str, int]:
    """Return how much of each source nobody tries any more, as far as anybody counts."""
    return {source: len(_of(source, GIVEN_UP, reader).values_list("pk", flat=True)[:COUNTED]) for source in SOURCES}


def _of(source: str, state: str, reader: Person | None) -> QuerySet[Any]:
    if source not in SOURCES or state not in STATES:
        raise NotOurs(f"{source} {state}")
    rows = _ROWS[source](state)
    return rows if reader is None else rows.filter(admitting(reader, case=_CASE[source]))


def _messages(state: str) -> QuerySet[Message]:
    rows = Message.objects.filter(is_out=True).select_related("case__complainant", "keeper", "letter", "account")
    if state == GIVEN_UP:
        return rows.filter(Q(state=Message.State.FAILED) | Q(lacks=True) & ~Q(state=Message.State.QUEUED))
    queued = rows.filter(state=Message.State.QUEUED)
    return queued.filter(attempts=0) if state == WAITS else queued.filter(attempts__gt=0)


def _alerts(state: str) -> QuerySet[Alert]:
    rows = Alert.objects.select_related("notice__case", "way")
    if state == GIVEN_UP:
        return rows.filter(state=Alert.State.FAILED)
    queued = rows.filter(state=Alert.State.QUEUED)
    return queued.filter(attempts=0) if state == WAITS else queued.filter(attempts__gt=0)


def _tasks(state: str) -> QuerySet[Outbox]:
    rows = Outbox.objects.filter(done_at=None).select_related("case")
    if state == GIVEN_UP:
        return rows.filter(attempts__gte=ATTEMPTS)
    # A letter that waits for an address has a reason and no attempt.
    fresh = Q(attempts=0, error="")
    return rows.filter(fresh) if state == WAITS else rows.filter(~fresh, attempts__lt=ATTEMPTS)


_ROWS: Mapping[str, Callable[[str], QuerySet[Any]]] = {MESSAGES: _messages, ALERTS: _alerts, TASKS: _tasks}
_CASE: Mapping[str, str] = {MESSAGES: "case", ALERTS: "notice__case", TASKS: "case"}
_KIND: Mapping[str, str] = {MESSAGES: "way", ALERTS: "way__kind", TASKS: "kind"}

_After = Callable[[Any], str]


def _by_id(rows: QuerySet[Any], cursor: str | None, number: int) -> tuple[list[Any], _After]:
    if (last := by_id(cursor)) is not None:
        rows = rows.filter(pk__lt=last)
    return list(rows.order_by("-pk")[:number]), lambda row: str(row.pk)


def _by_message(rows: QuerySet[Any], cursor: str | None, number: int) -> tuple[list[Any], _After]:
    """Page by the instant and the id of messages, which have no numbers."""
    if (place := by_instant_and_uuid(cursor)) is not None:
        at, pk = place
        rows = rows.filter(Q(had_at__lt=at) | Q(had_at=at, pk__lt=pk))
    return list(rows.order_by("-had_at", "-pk")[:number]), lambda row: instant_cursor(row.had_at, row.pk)


def _message_line(row: Message, state: str) -> Line:
    lacks = lacking.went_without(row)
    return Line(
        key=str(row.pk),
        kind=str(row.get_way_display()),
        what=_document(row),
        case=row.case,
        since=row.had_at,
        next_at=row.send_at if state != GIVEN_UP else None,
        attempts=row.attempts,
        reason=telling.LACKS if lacks else mask_text(str(wording.part(row, wording.FAILURE))),
        can_send=row.account is not None and wording.ADDRESS in row.sealed and not wording.has_lost_code(row),
        # Of a failure its case was told, and somebody has the duty to try another way.
        can_end=lacks or state != GIVEN_UP,
    )


def _document(row: Message) -> Text:
    if row.case is None:
        return {}
    program = program_of(row.case)
    document = program.pack.documents.get(row.letter.document) if row.letter is not None else None
    if document is not None:
        return document.title
    return program.title_of(row.act) if row.act else {}


def _alert_line(row: Alert, state: str) -> Line:
    notice = row.notice
    return Line(
        key=str(row.pk),
        kind=str(row.way.get_kind_display()),
        what=_about(notice.case, notice.act, notice.duty),
        case=notice.case,
        since=row.made_at,
        next_at=row.available_at if state != GIVEN_UP else None,
        attempts=row.attempts,
        reason=row.answer,
        can_send=row.way.is_on,
        can_end=True,
    )


def _task_line(row: Outbox, state: str) -> Line:
    told = row.payload.get("at")
    return Line(
        key=str(row.pk),
        kind=row.kind,
        what=_about(row.case, row.payload.get("act") or "", row.payload.get("duty") or ""),
        case=row.case,
        since=datetime.fromtimestamp(told, UTC) if isinstance(told, int) else row.available_at,
        next_at=row.available_at if state != GIVEN_UP else None,
        attempts=row.attempts,
        reason=mask_text(row.error),
        can_send=True,
        can_end=True,
    )


def _about(case: Case | None, act: str, duty: str) -> Text:
    if case is None:
        return same(act or duty)
    program = program_of(case)
    return duty_title(program, duty) if duty else program.title_of(act) if act else {}


_LINES: Mapping[str, Callable[[Any, str], Line]] = {MESSAGES: _message_line, ALERTS: _alert_line, TASKS: _task_line}
