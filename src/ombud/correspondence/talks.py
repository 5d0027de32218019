"""Conversations by messaging and SMS: whose a message is by who says it, and until when a platform lets us answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from ombud.cases.models import Case
from ombud.correspondence import wording
from ombud.correspondence.models import Account, Message
from ombud.correspondence.settling import OPEN
from ombud.policy.vocabulary import COMPLAINANT

TEMPLATE = "template"  # among the options of an account: its name or id at the provider
WAYS = (Message.Way.CHAT, Message.Way.SMS)


def is_talk(message: Message) -> bool:
    """Return whether a message came in or goes out at an account of a messaging provider."""
    return message.way in WAYS and message.account_id is not None and bool(message.address)


def case_of(message: Message) -> Case | None:
    """Return the open case that the same sender spoke on last, through the same account."""
    rows = _between(message).filter(case__closed_at=None).exclude(case=None)
    newest = rows.select_related("case__complainant", "case__office").order_by("-had_at", "-id").first()
    return newest.case if newest is not None else None


def together(message: Message) -> list[Message]:
    """Return what a sender said that nobody has settled, oldest first: a complaint is all of it."""
    if not is_talk(message):
        return [message]
    rows = _between(message).filter(is_out=False, state__in=OPEN).select_related("account", "keeper", "office")
    return [message if row.pk == message.pk else row for row in rows.order_by("said_at", "had_at", "id")]


def is_complainants(message: Message, case: Case) -> bool:
    """Return whether the same sender spoke as the complainant of a case before."""
    return is_talk(message) and _between(message).filter(case=case, to=COMPLAINANT).exists()


def is_window_open(account: Account, address: str, *, now: datetime) -> bool:
    """Return whether the platform lets us answer an address now: some do so for some hours only."""
    hours = settings.MESSAGE_WINDOWS.get(account.kind)
    if hours is None:
        return True
    since = now - timedelta(hours=hours)
    heard = Message.objects.filter(account=account, is_out=False, said_at__gt=since)
    return heard.filter(address__in=wording.blind_addresses(address)).exists()


def has_template(account: Account) -> bool:
    """Return whether an account has a template, which may go out at any time, for when its window is closed."""
    return account.kind in settings.MESSAGE_WINDOWS and bool(account.options.get(TEMPLATE))


def may_tell(account: Account, address: str, *, now: datetime) -> bool:
    """Return whether an account can tell an address something now: freely, or by its template."""
    return has_template(account) or is_window_open(account, address, now=now)


def _between(message: Message) -> QuerySet[Message]:
    """Return what was said with the other side of a message, itself included."""
    if not is_talk(message):
        return Message.objects.none()
    same = Message.objects.filter(account=message.account_id, address__in=wording.known_by(message))
    return same.filter(way__in=WAYS)
