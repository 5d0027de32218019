"""What goes out by a way in one message: all that waits there, without what is not needed any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.models import Confidant, Duty
from ombud.cases.projections import OWED
from ombud.notices.alerts import addresses, leaving, wording
from ombud.notices.alerts.models import Alert, Way
from ombud.notices.alerts.post import Post, post
from ombud.notices.alerts.wording import Said
from ombud.notices.models import Notice
from ombud.notices.reading import own

_OF_WHAT_IS_OWED = (Notice.Kind.OPENED, Notice.Kind.WARNING)  # nobody needs to hear of it once it is done
MOST = 200  # alerts of one message; it says the first of them, and how many more there are


@dataclass(frozen=True, kw_only=True, slots=True)
class Bulletin:
    """One message to a provider, with all that sending it needs."""

    kind: str
    address: str
    secret: str
    host: str  # of whom too much at a time may be asked
    said: Said
    key: str  # the same at every attempt, so that doubles are seen
    alerts: tuple[int, ...]
    at: datetime
    headers: Mapping[str, str]  # of a mail
    post: Post | None  # by which a mail leaves


def bulletin_of(way: Way, *, now: datetime) -> Bulletin | None:
    """Return the message that tells all that waits by a way; what is not needed any more is dropped."""
    waiting = Alert.objects.filter(way=way, state=Alert.State.QUEUED, available_at__lte=now)
    rows = list(waiting.select_related("notice__case__complainant").order_by("-is_urgent", "id")[:MOST])
    permissions = permissions_of(way.person) if way.person is not None else None
    needed = _needed(rows, permissions)
    dropped = [row.pk for row in rows if row.pk not in {each.pk for each in needed}]
    Alert.objects.filter(pk__in=dropped).update(state=Alert.State.DROPPED, done_at=now)
    if not needed:
        return None
    notices = [row.notice for row in needed]
    said = wording.compose(way, notices, _owed(notices, permissions))
    return bulletin(way, said, key=f"alert.{needed[0].pk}", alerts=[row.pk for row in needed], now=now)


def bulletin(way: Way, said: Said, *, key: str, alerts: Sequence[int], now: datetime) -> Bulletin:
    """Return a message by a way that says this."""
    address, secret = addresses.of(way)
    return Bulletin(
        kind=way.kind,
        address=address,
        secret=secret,
        host=way.kind if way.kind == Way.Kind.MAIL else urlsplit(address).netloc,
        said=said,
        key=key,
        alerts=tuple(alerts),
        at=now,
        headers=leaving.headers(way) if way.kind == Way.Kind.MAIL else {},
        post=post() if way.kind == Way.Kind.MAIL else None,
    )


def _needed(rows: Sequence[Alert], permissions: Permissions | None) -> list[Alert]:
    """Return the alerts that still tell something: of a case of the reader's, not read meanwhile, not settled."""
    notices = {row.notice_id for row in rows}
    if permissions is None:
        # A group's robot speaks to whoever is there, and the list of a confidential case names people.
        cases = {row.notice.case_id for row in rows}
        closed = set(Confidant.objects.filter(case__in=cases).values_list("case", flat=True))
        notices = {row.notice_id for row in rows if row.notice.case_id not in closed}
    else:
        notices = set(own(permissions).filter(pk__in=notices, read_at=None).values_list("pk", flat=True))
    warned = [row.notice for row in rows if row.notice.kind in _OF_WHAT_IS_OWED]
    duties = Duty.objects.filter(case__in={each.case_id for each in warned}, status__in=OWED) if warned else ()
    owed = {(duty.case_id, duty.duty, duty.instance) for duty in duties}
    return [row for row in rows if row.notice_id in notices and not _is_settled(row.notice, owed)]


def _is_settled(notice: Notice, owed: set[tuple[int, str, int]]) -> bool:
    about = (notice.case_id, notice.duty, notice.instance or 0)
    return notice.kind in _OF_WHAT_IS_OWED and about not in owed


def _owed(notices: Sequence[Notice], permissions: Permissions | None) -> dict[int, Duty]:
    """Return what the reader owes next on each of the cases."""
    if permissions is None or not permissions.person.is_active:
        return {}
    cases = {row.case_id: row.case for row in notices if row.case is not None}
    mine = Duty.objects.filter(permissions.owes, case__in=cases, status=Duty.Status.OPEN, is_outsiders=False).exclude(
        waits=True
    )
    found: dict[int, Duty] = {}
    for duty in sorted(mine, key=lambda each: (each.due_at is None, each.due_at and each.due_at.timestamp(), each.pk)):
        if duty.case_id not in found:
            duty.case = cases[duty.case_id]
            found[duty.case_id] = duty
    return found
