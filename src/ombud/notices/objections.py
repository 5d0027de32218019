"""Notices of no case, about an objection to a performance record: that it waits for an answer, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from ombud.interface.days import whole_day
from ombud.interface.lists import told_of
from ombud.notices.models import Notice
from ombud.organisation.models import Person, words
from ombud.texts import same

WAITS, ANSWERED = "waits", "answered"
QUOTED = 200  # letters of what was said that a notice quotes


def of(what: str, about: Mapping[str, Any], to: Person, by: Person, *, now: datetime) -> Notice:
    """Return word of an objection; `about` has its number, policy and title, first and last day, and what is said."""
    kept = {
        **about,
        "what": what,
        "said": Truncator(about["said"]).chars(QUOTED),
        "names": dict(by.names) or same(by.name or by.username),
    }
    dedupe = f"objection/{about['number']}/{what}/{to.pk}"
    return Notice(person=to, kind=Notice.Kind.OBJECTION, about=kept, at=now, dedupe=dedupe)


def sentence(about: Mapping[str, Any], *, is_named: bool) -> str:
    """Return what such a notice says, in the reader's language; not named, it does not quote either."""
    told = {
        WAITS: _("{policy}: {who} objects to their performance record of {first} to {last}, and waits for your answer"),
        ANSWERED: _("{policy}: {who} answered your objection to your performance record of {first} to {last}"),
    }[about["what"]].format(
        policy=words(about["title"]),
        who=words(about["names"]) if is_named else _("a colleague"),
        first=whole_day(about["first"]),
        last=whole_day(about["last"]),
    )
    return told_of(told, about["said"]) if is_named else told


def href(about: Mapping[str, Any]) -> str:
    """Return where the objection stands with its answer."""
    return f"/desk/performance/record/?policy={about['policy']}#objection-{about['number']}"
