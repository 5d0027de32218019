"""Notices of no case, about a table of promise limits: that it waits for a decision, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from ombud.interface.days import whole_day
from ombud.notices.models import Notice
from ombud.organisation.ceilings import CeilingTable
from ombud.organisation.models import Person, words
from ombud.texts import Text, same

Verdict = CeilingTable.Verdict
WAITS, APPLIES, DECLINED, TAKEN_BACK = "waits", Verdict.ENTERED.value, Verdict.DECLINED.value, Verdict.WITHDRAWN.value


def waits(row: CeilingTable, to: Person, policy: Text, *, now: datetime) -> Notice:
    """Return word to somebody who decides that a table waits for them."""
    return _notice(row, to, WAITS, row.proposed_by, policy, now)


def decided(row: CeilingTable, to: Person, policy: Text, *, now: datetime) -> Notice:
    """Return word to whoever heard of the table of what became of it."""
    assert row.decided_by is not None, "it was decided"
    return _notice(row, to, row.verdict, row.decided_by, policy, now)


def key_of(row: CeilingTable, what: str, to: Person) -> str:
    """Return what tells one notice of a table from another."""
    return f"promise-limits/{row.pk}/{what}/{to.pk}"


def _notice(row: CeilingTable, to: Person, what: str, by: Person, policy: Text, now: datetime) -> Notice:
    about = {
        "what": what,
        "policy": row.policy,
        "title": dict(policy),
        "since": row.since.isoformat(),
        "names": dict(by.names) or same(by.name or by.username),
    }
    return Notice(person=to, kind=Notice.Kind.LIMITS, about=about, at=now, dedupe=key_of(row, what, to))


def sentence(about: Mapping[str, Any], *, is_named: bool) -> str:
    """Return what such a notice says, in the reader's language."""
    said = {
        WAITS: _("{policy}: {who} proposes other promise limits from {day} on. Somebody else decides, such as you"),
        APPLIES: _("{policy}: {who} lets the proposed promise limits apply from {day} on"),
        DECLINED: _("{policy}: {who} declined the promise limits proposed from {day} on"),
        TAKEN_BACK: _("{policy}: {who} took back the promise limits proposed from {day} on"),
    }[about["what"]]
    who = words(about["names"]) if is_named else _("a colleague")
    told = said.format(policy=words(about["title"]), who=who, day=whole_day(date.fromisoformat(about["since"])))
    return told[:1].upper() + told[1:]


def href(about: Mapping[str, Any]) -> str:
    """Return the page of the policy's promise limits."""
    return f"/desk/ceilings/{about['policy']}/"
