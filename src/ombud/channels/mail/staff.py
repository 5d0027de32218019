"""Mail to staff leaves by the mailbox that was chosen for it, as letters leave by theirs."""

from __future__ import annotations

from email.utils import formataddr
from functools import partial

from ombud.channels.mail import servers
from ombud.correspondence import accounts
from ombud.notices.alerts.post import Post


def post() -> Post | None:
    """Return the way out for mail to staff, None where there is neither a mailbox nor a mail server."""
    account = accounts.of_staff()
    if account is None:
        return None
    return Post(formataddr((account.title, account.address)), partial(servers.outgoing, account))
