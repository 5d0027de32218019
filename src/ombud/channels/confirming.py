"""Asks somebody who writes to us whether it is a complaint, once, and knows their yes: people say hello first."""

from __future__ import annotations

from datetime import datetime, timedelta

from ombud.correspondence import composing, wording
from ombud.correspondence.models import Message
from ombud.notices.writing import page_of
from ombud.texts import Catalogue, spoken

WORDS = Catalogue("ombud.channels", "spoken.yaml")
ONCE = timedelta(hours=24)  # within which nobody is asked again
LONGEST = 40  # letters of a yes: whoever writes more says something


def is_yes(text: str) -> bool:
    """Return whether a text is nothing but a yes, in any language."""
    said = text.strip().strip(".!\u3002\uff01").casefold()
    return len(said) <= LONGEST and said in WORDS.entry("yes")


def ask(message: Message, *, now: datetime) -> None:
    """Queue the question to who said a message, unless they were asked within the day."""
    asked = Message.objects.filter(
        account=message.account, address__in=wording.known_by(message), is_out=True, case=None
    )
    if asked.filter(had_at__gt=now - ONCE).exists():
        return
    language = message.language or "zh"
    composing.say_back(message, spoken(WORDS.say("question"), language), language=language, now=now)


def tell_filed(message: Message, *, now: datetime) -> None:
    """Queue what became of it to who said yes."""
    assert message.case is not None, "it was filed"
    reference, language = message.case.reference, message.language or "zh"
    text = spoken(WORDS.say("filed", reference=reference, link=page_of(reference)), language)
    composing.say_back(message, text, language=language, now=now)
