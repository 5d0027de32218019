"""Notices of no case, about an exchange of shifts: that it waits for somebody, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from ombud.interface.days import whole_day
from ombud.notices.models import Notice
from ombud.organisation.models import Person, words
from ombud.organisation.rotas import ShiftExchange
from ombud.texts import same

State = ShiftExchange.State


def of(row: ShiftExchange, to: Person, by: Person, *, now: datetime) -> Notice:
    """Return word to somebody of where an exchange stands; `by` is who did the last step."""
    about = {
        "what": str(row.state),
        "rota": row.shift.rota.name,
        "names": dict(by.names) or same(by.name or by.username),
        "gives": [row.shift.name, row.day.isoformat()],
        "for": [row.for_shift.name, row.for_day.isoformat()],
    }
    dedupe = f"shift-exchange/{row.pk}/{row.state}/{to.pk}"
    return Notice(person=to, kind=Notice.Kind.EXCHANGE, about=about, at=now, dedupe=dedupe)


def sentence(about: Mapping[str, Any], *, is_named: bool) -> str:
    """Return what such a notice says, in the reader's language."""
    said = {
        State.PROPOSED: _("{rota}: {who} offers you {gives} for {other}"),
        State.ACCEPTED: _("{rota}: {who} agreed to exchange {gives} and {other}; whoever plans the rota confirms it"),
        State.DONE: _("{rota}: {gives} and {other} are exchanged ({who})"),
        State.DECLINED: _("{rota}: {who} declined to exchange {gives} and {other}"),
        State.WITHDRAWN: _("{rota}: {who} took back the offer of {gives} for {other}"),
    }[State(about["what"])]
    who = words(about["names"]) if is_named else _("a colleague")
    gives, other = (
        f"{name} \u00b7 {whole_day(date.fromisoformat(day))}" for name, day in (about["gives"], about["for"])
    )
    return said.format(rota=about["rota"], who=who, gives=gives, other=other)


def href(about: Mapping[str, Any]) -> str:
    """Return the page on which exchanges are answered."""
    return f"/desk/rota/?week={about['gives'][1]}"
