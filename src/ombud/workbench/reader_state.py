"""Who the reader is and what waits for them: asked once a request, however many parts of a page tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from weakref import WeakKeyDictionary

from django.http import HttpRequest

from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.reading import queries
from ombud.cases.reading.queries import DutyCount
from ombud.correspondence import inbox
from ombud.notices import reading
from ombud.organisation import calendar_decisions
from ombud.organisation.models import Person


@dataclass(frozen=True, kw_only=True, slots=True)
class ReaderState:
    """The reader as the frame of every page shows them."""

    permissions: Permissions
    count: DutyCount
    unread: int
    waiting: int  # messages in the inbox
    proposals: int  # changes of working days that wait for the reader's decision


_ASKED: WeakKeyDictionary[HttpRequest, ReaderState] = WeakKeyDictionary()


def reader_state_of(request: HttpRequest, reader: Person, *, now: datetime) -> ReaderState:
    """Return the state, as it was when this request asked first."""
    found = _ASKED.get(request)
    if found is None:
        permissions = permissions_of(reader)
        found = _ASKED[request] = ReaderState(
            permissions=permissions,
            count=queries.my_duty_count(reader, now=now, permissions=permissions),
            unread=reading.unread_count(reader, permissions),
            waiting=inbox.waiting_count(permissions),
            proposals=calendar_decisions.waiting_for(reader) if permissions.is_manager else 0,
        )
    return found
