"""What became of a message, in the reader's words: its state, its way, why it reached nobody."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ombud.correspondence.addressed import NO_ACCOUNT, NO_ADDRESS
from ombud.correspondence.delivery import WINDOW_CLOSED
from ombud.correspondence.lacking import INFECTED, NO_FONT, NOT_SET, NOT_STORED, TOO_LARGE, UNSCANNED
from ombud.correspondence.models import Message

State, Way = Message.State, Message.Way

_LOOKS: Mapping[str, tuple[str, str]] = {  # state -> (icon, tone)
    State.ARRIVED: ("inbox", ""),
    State.WAITING: ("hourglass", "warn"),
    State.QUARANTINED: ("shield-alert", "warn"),
    State.FILED: ("clipboard-pen", "accent"),
    State.ATTACHED: ("paperclip", ""),
    State.ANSWERED: ("reply", "good"),
    State.DISMISSED: ("archive", ""),
    State.AUTOMATIC: ("bot", ""),
    State.DRAFTED: ("file-pen-line", "warn"),
    State.QUEUED: ("hourglass", ""),
    State.HANDED_OVER: ("send", ""),
    State.DELIVERED: ("check", "good"),
    State.READ: ("check-check", "good"),
    State.FAILED: ("mail-x", "bad"),
    State.WITHDRAWN: ("undo-2", ""),
}
WAY_ICONS: Mapping[str, str] = {
    Way.MAIL: "mail",
    Way.POST: "mailbox",
    Way.CALL: "phone",
    Way.TALK: "users-round",
    Way.CHAT: "message-circle",
    Way.SMS: "message-square-text",
    Way.PAGE: "globe",
}
LACKS = "lacks"  # in the outbox: a letter that went without its enclosures
WITHOUT: Mapping[str, Promise] = {
    NO_FONT: _("No font here has its letters."),
    NOT_SET: _("It could not be made; the log says why."),
    NOT_STORED: _("It is not in the storage any more."),
    INFECTED: _("A virus was found in it."),
    UNSCANNED: _("The virus scanner had not found it clean."),
    TOO_LARGE: _("Together with the others it is larger than mail servers take."),
}
FAILURES: Mapping[str, Promise] = {
    NO_ADDRESS: _("No address to send it to is known."),
    NO_ACCOUNT: _("No account sends messages for this policy."),
    LACKS: _("It went out without files that belong to it."),
    WINDOW_CLOSED: _("The platform lets us answer only for some hours after they wrote, and no other way is known."),
}


def look(state: str) -> tuple[str, str]:
    """Return icon and tone of a state."""
    return _LOOKS[state]


def without_words(why: str) -> str:
    """Return why a file could not be put into a letter."""
    return str(WITHOUT.get(why, why))


def failure_words(failure: str) -> str:
    """Return why a message reached nobody: our own reasons in the reader's words, a provider's as they are."""
    return str(FAILURES.get(failure, failure))
