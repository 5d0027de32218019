"""Fetches what is new in a mailbox: each mail is kept before it counts as read, so that nothing is lost or twice."""

from __future__ import annotations

import email
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from imaplib import Internaldate2tuple
from time import mktime
from typing import Any

from django.conf import settings
from django.utils import timezone
from imap_tools import BaseMailBox

from ombud.channels.mail import addresses, ingest, servers
from ombud.channels.mail.headers import read_headers
from ombud.channels.mail.ingest import Arrived
from ombud.channels.mail.turns import Turns, Waiting
from ombud.correspondence import wording
from ombud.correspondence.carriers import AccountFailed
from ombud.correspondence.models import Account

MB = 1024 * 1024
AT_A_LOOK = 500  # mails whose senders are asked for together
_SIZE, _UID = re.compile(rb"RFC822\.SIZE (\d+)"), re.compile(rb"UID (\d+)")
_HEAD = "BODY.PEEK[HEADER.FIELDS (FROM)]"


def fetch(account: Account) -> int:
    """Take in and sort what is new in the account's mailbox and return how much. Raises AccountFailed.

    Where the server numbers its mails anew, all are looked at again: those that are known are known by their id.
    """
    with servers.incoming(account) as mailbox:
        return fetch_from(mailbox, account)


def fetch_from(mailbox: BaseMailBox, account: Account, until: Callable[[], bool] = lambda: False) -> int:
    """Take in and sort what is new in an open mailbox and return how much; `until` says that the process is to end.

    The mailbox is looked at anew before each batch: whoever writes meanwhile waits for one batch, not for all.
    """
    turns = Turns(account.place, _validity(mailbox))
    taken = 0
    _look(mailbox, turns)
    while found := turns.next():
        uids = [each.uid for each in found]
        arrived = list(_fetched(mailbox, found))
        turns.done(uids)  # also of what somebody else removed meanwhile
        new = ingest.take_in(account, arrived, now=timezone.now(), along=partial(_go_on, account, turns.place))
        ingest.sort(account, new, now=timezone.now())
        taken += len(new)
        if until():
            break
        _look(mailbox, turns)
    Account.objects.filter(pk=account.pk).update(read_at=timezone.now())
    return taken


def _go_on(account: Account, place: dict[str, Any]) -> None:
    """Write down how far the mailbox was read, in the transaction that keeps what was read."""
    account.place = place
    Account.objects.filter(pk=account.pk).update(place=place)


def _validity(mailbox: BaseMailBox) -> int:
    found = mailbox.client.untagged_responses.get("UIDVALIDITY") or [b"0"]
    return int(found[-1] if isinstance(found[-1], bytes) else 0)


def _look(mailbox: BaseMailBox, turns: Turns) -> None:
    """Let what is new wait for its turn. Asked for n:*, servers name the last mail however old it is."""
    mailbox.client.noop()  # servers may search what they showed before, and show what is new only now
    status, data = mailbox.client.uid("SEARCH", None, f"UID {turns.last + 1}:*")  # type: ignore[arg-type]  # as it is documented
    if status != "OK":
        raise AccountFailed(str(data))
    new = turns.unknown(map(int, (data[0] or b"").split()))
    for start in range(0, len(new), AT_A_LOOK):
        for uid, said, head in _asked(mailbox, new[start : start + AT_A_LOOK], f"RFC822.SIZE {_HEAD}"):
            if size := _SIZE.search(said):
                sender, _ = addresses.first(read_headers(head, 0, len(head))[0], "from")
                turns.add(uid, int(size[1]), wording.blind_address(sender))


def _fetched(mailbox: BaseMailBox, found: Sequence[Waiting]) -> Iterator[Arrived]:
    """Yield the mails; of those that are too large only the head is fetched."""
    sizes = {each.uid: each.size for each in found}
    whole = [uid for uid, size in sizes.items() if size <= _most()]
    for uids, part in ((whole, "BODY.PEEK[]"), ([uid for uid in sizes if uid not in whole], "BODY.PEEK[HEADER]")):
        for uid, said, raw in _asked(mailbox, uids, f"INTERNALDATE {part}"):
            yield Arrived(raw, _arrived(said, raw), sizes.get(uid, 0))


def _asked(mailbox: BaseMailBox, uids: Sequence[int], what: str) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the number of each of these mails, what the server says of it, and the bytes that were asked for."""
    if not uids:
        return
    status, data = mailbox.client.uid("FETCH", ",".join(map(str, uids)), f"(UID {what})")
    if status != "OK":
        raise AccountFailed(str(data))
    for number, each in enumerate(data):
        if not isinstance(each, tuple):
            continue
        rest = data[number + 1] if number + 1 < len(data) else b""
        said = each[0] + (rest if isinstance(rest, bytes) else b"")  # servers name things before and behind the bytes
        if uid := _UID.search(said):
            yield int(uid[1]), said, bytes(each[1])


def _arrived(said: bytes, raw: bytes) -> datetime:
    """Return when the mail came into the mailbox; a server that does not know it gives the mail's own date."""
    if (at := Internaldate2tuple(said)) is not None:
        return datetime.fromtimestamp(mktime(at), UTC)
    try:
        date = parsedate_to_datetime(str(email.message_from_bytes(raw[:MB])["Date"]))
    except (TypeError, ValueError):
        return timezone.now()
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _most() -> int:
    """Return how many bytes a mail may have that is taken in whole: files grow by a third on their way."""
    return settings.OMBUD_MAX_UPLOAD_MB * MB * 4 // 3
