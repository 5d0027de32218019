"""Everything that was said on a case, in order, as its reader may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from ombud.cases.access.case_access import Accessed
from ombud.cases.fold import program_of
from ombud.cases.reading.paging import Page, by_instant_and_uuid, instant_cursor
from ombud.correspondence import attempts, invitations, lacking, survey_links, talks, telling, wording
from ombud.correspondence.models import Message
from ombud.organisation.models import words
from ombud.policy.vocabulary import COMPLAINANT, TELL_OTHERWISE
from ombud.privacy.keys import key_of
from ombud.privacy.masking import BLANK, mask_text
from ombud.privacy.models import BlindIndex
from ombud.privacy.sealing import Vault
from ombud.texts import same

State, Way = Message.State, Message.Way
TITLE = 60  # characters of what has no subject by its nature
MOST = 200  # of one page
TYPED_IN = (Way.CALL, Way.POST, Way.TALK, Way.CHAT)  # without an account: what staff wrote down of it
OWED = ("open", "paused")
UNFINISHED = (State.DRAFTED, State.WITHDRAWN)  # never left the house


@dataclass(frozen=True, kw_only=True, slots=True)
class SentFile:
    """A file of a message, by its place in the original."""

    number: int
    name: str
    size: int
    type: str = ""  # of a recording: it can be listened to


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One thing that was said, as the reader may see it."""

    message: Message
    subject: str
    text: str
    who: str  # the other side
    role: str = ""  # what the policy calls it, where it is another one outside than the complainant
    failure: str  # why it reached nobody
    passed_over: tuple[str, ...] = ()  # accounts through which a platform did not let us answer any more
    template: str = ""  # which one of its account went out in its place: the platform let nobody be answered freely
    without: tuple[tuple[str, str], ...] = ()  # (file, why) that the policy sends along and could not be put in
    can_complete: bool = False  # sent once more with them
    outcome: str = ""  # what came of a call that was tried
    apart: Mapping[str, Any] = field(default_factory=dict)  # what its way knows besides, where it is not masked
    files: tuple[SentFile, ...] = ()
    has_html: bool = False
    is_masked: bool = False
    is_erased: bool = False

    @property
    def icon(self) -> str:
        """Return the icon of its way."""
        return telling.WAY_ICONS[self.message.way]

    @property
    def look(self) -> tuple[str, str]:
        """Return icon and tone of what became of it."""
        return telling.look(self.message.state)


def of(accessed: Accessed, *, now: datetime, before: str | None = None) -> Page[Said]:
    """Return what was said on a case, oldest first: the newest two hundred, or those before a cursor; one query.

    `after` of the page is the cursor of what was said earlier. Raises NotOurs for another's cursor.
    A masked reader learns that something was said and what became of it, not what. A complainant gets what they said
    and what they were told; nothing that was meant for others, and no note of staff about a call.
    """
    rows = Message.objects.filter(case=accessed.case).exclude(state=State.DRAFTED)
    rows = rows.select_related("letter", "account", "by")
    if accessed.is_public:
        rows = _between_us(rows, accessed, now)
    if (place := by_instant_and_uuid(before)) is not None:
        at, pk = place
        rows = rows.filter(Q(said_at__lt=at) | Q(said_at=at, pk__lt=pk))
    found, key = list(rows.order_by("-said_at", "-id")[: MOST + 1]), key_of(accessed.case.complainant)
    last = found[MOST - 1] if len(found) > MOST else None
    return Page(
        rows=tuple(said(row, accessed, key) for row in reversed(found[:MOST])),
        after=instant_cursor(last.said_at, last.pk) if last is not None else None,
    )


def whole(accessed: Accessed, *, now: datetime) -> tuple[Said, ...]:
    """Return all that was said on a case, oldest first."""
    page = of(accessed, now=now)
    rows = page.rows
    while page.after is not None:
        page = of(accessed, before=page.after, now=now)
        rows = (*page.rows, *rows)
    return rows


def message_of(accessed: Accessed, pk: UUID, *, now: datetime) -> Message:
    """Return one message of a case that the reader may read. Raises Message.DoesNotExist."""
    rows = Message.objects.filter(case=accessed.case).select_related("letter", "account", "keeper")
    if accessed.is_public:
        rows = _between_us(rows, accessed, now)
    return rows.get(pk=pk)


def read_by_complainant(accessed: Accessed, *, now: datetime) -> int:
    """Note that the complainant has read on their page what they were told, once, and return how much was new.

    What a carrier took, and what reached nobody by the way that was tried: that it had failed is on record already
    where its case was told, and `read_after_all` finds it for whoever owes another way.
    """
    rows = Message.objects.filter(case=accessed.case, is_out=True, to=COMPLAINANT)
    rows = rows.filter(state__in=(State.HANDED_OVER, State.DELIVERED, State.FAILED))
    rows = rows.exclude(account=None, way__in=TYPED_IN)
    return rows.update(state=State.READ, settled_at=now)


def read_after_all(accessed: Accessed) -> dict[UUID, datetime]:
    """Return {message: when} of what had failed and was then read, where telling in another way is owed for no other.

    One query, and none where nothing is owed.
    """
    owed = {view.opened_seq for view in accessed.state.duties() if view.duty == TELL_OTHERWISE and view.status in OWED}
    if not owed:
        return {}
    rows = Message.objects.filter(case=accessed.case, state=State.READ, failed_seq__in=owed)
    found = list(rows.values_list("failed_seq", "pk", "settled_at"))
    return {pk: at for _seq, pk, at in found if at is not None} if {seq for seq, _pk, _at in found} == owed else {}


def carried_letters(accessed: Accessed) -> set[int]:
    """Return which letters of a case are messages of its conversation."""
    rows = Message.objects.filter(case=accessed.case, letter__isnull=False)
    return {letter for letter in rows.values_list("letter", flat=True) if letter is not None}


def _between_us(rows: QuerySet[Message], accessed: Accessed, now: datetime) -> QuerySet[Message]:
    known = BlindIndex.objects.filter(complainant=accessed.case.complainant_id, digest=OuterRef("address"))
    theirs = Q(is_out=False) & (Q(Exists(known)) | Q(to=COMPLAINANT))
    ours = Q(is_out=True, to=COMPLAINANT) & ~Q(state__in=UNFINISHED) & (Q(send_at=None) | Q(send_at__lte=now))
    notes = Q(account=None, way__in=TYPED_IN)
    return rows.filter(theirs | ours).exclude(notes).exclude(state=State.AUTOMATIC)


def said(message: Message, accessed: Accessed, key: bytes | None) -> Said:
    """Return a message of a case in words; `key` is its complainant's."""
    assert accessed.case.complainant is not None, "every message has a keeper"
    message.keeper, message.case = accessed.case.complainant, accessed.case
    vault = wording.vault_of(message, key)
    title = _title(message, accessed)
    # Its complainant cannot mend it; staff are to try another way.
    why = "" if accessed.is_public else str(wording.part(message, wording.FAILURE, vault))
    failure = telling.failure_words(why)
    role = _role(message.to, accessed)
    if accessed.is_masked or key is None:
        return Said(
            message=message,
            role=role,
            subject=title or BLANK,
            text="",
            who=BLANK,
            failure=mask_text(failure),
            is_masked=accessed.is_masked,
            is_erased=key is None,
        )
    subject, text = wording.said(message, vault)
    if accessed.is_public and invitations.is_invitation(message):
        text = survey_links.signed(text)
    details = dict(wording.part(message, wording.DETAILS, vault) or {})
    attempt = attempts.read(details)
    return Said(
        message=message,
        role=role,
        subject=subject or title or (text[:TITLE] if talks.is_talk(message) else ""),
        text=text,
        who=str(wording.part(message, wording.NAME, vault) or wording.part(message, wording.ADDRESS, vault)),
        failure=failure,
        passed_over=() if accessed.is_public else tuple(wording.part(message, wording.PASSED_OVER, vault) or ()),
        template="" if accessed.is_public else str(wording.part(message, wording.TEMPLATE, vault)),
        can_complete=lacking.went_without(message),
        without=() if accessed.is_public else _without(message, vault),
        outcome=str(attempt[0].label) if attempt is not None else "",
        apart=details,
        files=_files(wording.part(message, wording.FILES, vault) or ()),
        has_html=wording.HTML in message.sealed,
    )


def _without(message: Message, vault: Vault) -> tuple[tuple[str, str], ...]:
    return tuple((each.name, telling.without_words(each.why)) for each in lacking.of(message, vault))


def _title(message: Message, accessed: Accessed) -> str:
    """Return what the policy calls the letter that a message is; nothing for another message."""
    name = message.letter.document if message.letter is not None else message.document
    document = program_of(accessed.case).pack.documents.get(name)
    return words(dict(document.title if document else same(name)))


def _role(role: str, accessed: Accessed) -> str:
    """Return what the policy calls the role that a message goes to; empty for the complainant."""
    known = program_of(accessed.case).pack.roles.get(role)
    return "" if role in ("", COMPLAINANT) else words(dict(known.title)) if known else role


def _files(known: Iterable[dict[str, object]]) -> tuple[SentFile, ...]:
    return tuple(
        SentFile(
            number=number,
            name=str(each.get("name") or ""),
            size=int(str(each.get("size") or 0)),
            type=str(each.get("type") or ""),
        )
        for number, each in enumerate(known)
    )
