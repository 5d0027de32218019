"""Hands one message to its provider, in a thread where it may hang; no database but to renew a mailbox's token."""

from __future__ import annotations

from email.utils import parseaddr

from django.core.mail import EmailMessage

from ombud.notices.alerts import robots
from ombud.notices.alerts.bulletin import Bulletin
from ombud.notices.alerts.models import Way
from ombud.notices.alerts.robots import NotTaken
from ombud.privacy import outgoing

_TAKEN = "taken by the mail server"


def deliver(bulletin: Bulletin) -> str:
    """Return what the provider answered. Raises NotTaken, outgoing.NotAllowed, outgoing.NoAnswer, or a mail error."""
    if bulletin.kind == Way.Kind.MAIL:
        return _mail(bulletin)
    return robots.send(bulletin.kind, bulletin.address, bulletin.secret, bulletin.said, now=bulletin.at)


def words_of(error: Exception) -> str:
    """Return what is kept of why nothing was taken; people see it beside the way."""
    match error:
        case NotTaken():
            return str(error)
        case outgoing.NoAnswer():
            return f"no answer ({error})"
        case outgoing.NotAllowed():
            return f"address not allowed ({error.code})"
    return f"{type(error).__name__}: {error}"


def _mail(bulletin: Bulletin) -> str:
    if bulletin.post is None:
        raise NotTaken("no mail server is set up")
    domain = parseaddr(bulletin.post.sender)[1].rpartition("@")[2] or "ombud"
    headers = {"Message-ID": f"<{bulletin.key}@{domain}>", "Auto-Submitted": "auto-generated", **bulletin.headers}
    subject = " ".join(bulletin.said.title.split())
    to, connection = [bulletin.address], bulletin.post.connect()
    EmailMessage(subject, bulletin.said.body, bulletin.post.sender, to, headers=headers, connection=connection).send()
    return _TAKEN
