"""The inbox: what came in and is nobody's yet, what is suspect, what was settled; as far as it is the reader's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from ombud.cases.access.in_policy import InPolicy
from ombud.cases.access.permissions import Permissions, permissions_of, scoped
from ombud.cases.reading.paging import PAGE, Page, by_instant_and_uuid, instant_cursor
from ombud.correspondence import talks, wording
from ombud.correspondence.models import Account, Message
from ombud.notices import addressing
from ombud.organisation.models import Person

State = Message.State
WAITING, QUARANTINE, SETTLED = "waiting", "quarantine", "settled"
TABS = (WAITING, QUARANTINE, SETTLED)
COUNTED = 100  # beyond it the navigation needs no exact number
_STATES = {
    WAITING: (State.ARRIVED, State.WAITING),
    QUARANTINE: (State.QUARANTINED,),
    SETTLED: (State.FILED, State.ATTACHED, State.ANSWERED, State.DISMISSED, State.AUTOMATIC),
}
TITLE = 60  # characters of what has no subject by its nature
START = 240  # characters of a message that a list shows


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One message in the list."""

    message: Message
    who: str
    address: str
    subject: str
    start: str
    files: int
    is_erased: bool
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def shown_address(self) -> str:
        """Return the address as people know it: of a messaging provider without the kind that stands before the id."""
        return self.address.rpartition(":")[2]

    @property
    def answer_to(self) -> str:
        """Return the address that an answer goes to: where the sender wants it, else whence it came."""
        wanted = self.details.get("reply_to")
        return str(wanted) if addressing.is_address(wanted) else self.address


def readable(permissions: Permissions) -> QuerySet[Message]:
    """Return the messages that came in and that the reader answers for.

    Those of policies whose service department they are of, at their offices, unless they see personal data masked
    there; those of no policy if they manage complaints. What belongs to a case is there for who may see the case.
    """
    seen = scoped(permissions, is_leading=False).filter(pk=OuterRef("case"))
    return _answered_for(permissions).filter(Q(case=None) | Exists(seen))


def _answered_for(permissions: Permissions) -> QuerySet[Message]:
    """Return the messages that came in where the reader answers for them, whoever may see the cases of some."""
    mine = Q(pk__in=())
    for policy in policies_of(permissions):
        held = [each for each in _answering(permissions) if each[0] == policy]
        offices = {actor.office for _, each in held for actor in each.actors} if held else {None}
        here = Q() if None in offices or not offices else Q(office=None) | Q(office__key__in=offices)
        mine |= Q(policy=policy) & here
    return Message.objects.filter(mine, is_out=False)


def policies_of(permissions: Permissions) -> frozenset[str]:
    """Return the policies for which the reader answers for what comes in; the empty one stands for those of none."""
    found = {policy for policy, held in _answering(permissions) if held.is_full and not held.is_masked}
    return frozenset(found | ({""} if permissions.is_manager else set()))


def _answering(permissions: Permissions) -> list[tuple[str, InPolicy]]:
    """Return what the reader is under which policy, for themselves and for those in whose place they stand."""
    return [*permissions.policies.items(), *((each.policy, each.held) for each in permissions.stand_ins)]


def message_of(reader: Person, pk: UUID) -> Message:
    """Return one message that the reader answers for. Raises Message.DoesNotExist."""
    rows = readable(permissions_of(reader)).select_related("keeper", "account", "case", "by", "office", "letter")
    return rows.get(pk=pk)


def page(
    permissions: Permissions, tab: str, *, account: str = "", policy: str = "", cursor: str | None = None
) -> Page[Line]:
    """Return one page of a tab, newest first; a fixed number of queries. Raises NotOurs for another's cursor."""
    rows = readable(permissions).filter(state__in=_STATES[tab])
    if account:
        rows = rows.filter(account__key=account)
    if policy:
        rows = rows.filter(policy=policy)
    if (place := by_instant_and_uuid(cursor)) is not None:
        at, pk = place
        rows = rows.filter(Q(had_at__lt=at) | Q(had_at=at, pk__lt=pk))
    rows = rows.select_related("keeper", "account", "case", "by").order_by("-had_at", "-id")
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(
        rows=tuple(line_of(row) for row in found[:PAGE]),
        after=instant_cursor(last.had_at, last.pk) if last is not None else None,
    )


def line_of(row: Message) -> Line:
    """Return a message as the list shows it."""
    vault = wording.vault_of(row)
    text = str(wording.part(row, wording.TEXT, vault))
    start = " ".join(text[: 4 * START].split())[:START]
    return Line(
        message=row,
        who=str(wording.part(row, wording.NAME, vault)),
        address=str(wording.part(row, wording.ADDRESS, vault)),
        subject=str(wording.part(row, wording.SUBJECT, vault)) or (start[:TITLE] if talks.is_talk(row) else ""),
        start=start,
        files=len(wording.part(row, wording.FILES, vault) or ()),
        is_erased=vault.is_erased,
        details=dict(wording.part(row, wording.DETAILS, vault) or {}),
    )


def answers_to(message: Message) -> list[tuple[Message, str, str]]:
    """Return what was answered to a message that is no case's, with subject and text, oldest first."""
    rows = Message.objects.filter(answers=message, is_out=True, case=None).select_related("keeper", "by")
    return [(row, *wording.said(row)) for row in rows.order_by("had_at", "id")]


def counts(permissions: Permissions) -> dict[str, int]:
    """Return how many messages wait, and how many are suspect; at most a hundred of each are counted."""
    rows = readable(permissions)
    return {tab: _count(rows, _STATES[tab]) for tab in (WAITING, QUARANTINE)}


def calls_waiting(permissions: Permissions, most: int) -> list[Line]:
    """Return the newest calls that nobody has recorded yet, those that are still on the line among them."""
    if not policies_of(permissions):
        return []
    rows = readable(permissions).filter(way=Message.Way.CALL, state__in=_STATES[WAITING])
    rows = rows.select_related("keeper", "account").order_by("-had_at", "-id")
    return [line_of(row) for row in rows[:most]]


def waiting_count(permissions: Permissions) -> int:
    """Return how many messages wait for the reader; at most a hundred are counted."""
    if not policies_of(permissions):
        return 0
    waiting = _answered_for(permissions).filter(state__in=_STATES[WAITING])
    cases = list(waiting.order_by().values_list("case", flat=True)[:COUNTED])
    if not any(cases):  # as it nearly always is: to put together who may see a case takes longer than all else here
        return len(cases)
    return _count(readable(permissions), _STATES[WAITING])


def _count(rows: QuerySet[Message], states: Iterable[State]) -> int:
    return len(rows.filter(state__in=states).order_by().values_list("pk", flat=True)[:COUNTED])


def accounts_of(permissions: Permissions) -> list[Account]:
    """Return the accounts at which something may come in that the reader answers for."""
    known = policies_of(permissions)
    return list(Account.objects.filter(takes_in=True, policy__in=known).order_by("title", "key"))
