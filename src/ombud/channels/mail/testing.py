"""Tries the servers of an account, for who has just typed in their names."""

from __future__ import annotations

from ombud.channels.mail import servers
from ombud.correspondence.carriers import AccountFailed
from ombud.correspondence.models import Account


def tried(account: Account) -> dict[str, str]:
    """Return {"IMAP" | "SMTP": what went wrong there, empty where we were let in}, for the servers that are named."""
    found = {}
    if account.options.get("imap_host"):
        found["IMAP"] = _incoming(account)
    if account.options.get("smtp_host"):
        found["SMTP"] = _outgoing(account)
    return found


def _incoming(account: Account) -> str:
    try:
        with servers.incoming(account):
            return ""
    except AccountFailed as error:
        return str(error)


def _outgoing(account: Account) -> str:
    try:
        backend = servers.outgoing(account)
        backend.open()
        backend.close()
    except AccountFailed as error:
        return str(error)
    except servers.FAULTS as error:
        return servers.words(error)
    return ""
