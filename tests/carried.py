"""What clock and carriers do one after the other: tell, write letters, send them, say what failed."""

from __future__ import annotations

from datetime import datetime

from ombud.correspondence import delivery, failing, letters
from ombud.correspondence.models import Account
from ombud.notices import carrying
from ombud.papers import enclosing


def carry(*, now: datetime) -> int:
    """Carry all that waits and return how much was told and written."""
    told = carrying.carry(now=now) + letters.write_waiting(now=now)
    send_queued(now=now)
    failing.report(now=now)
    return told


def send_queued(*, now: datetime) -> None:
    """Put in what goes along with letters, and hand over what waits at every account."""
    enclosing.enclose_waiting(now=now)
    for account in Account.objects.filter(sends=True):
        delivery.deliver(account, now=now)
