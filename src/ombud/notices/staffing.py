"""Notices of no case, about how work is shared out: standing in, gaps in a rota, shifts handed over.

What they tell is kept with them (`about`): names as they were then, and days, never anything of a case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ombud.interface.days import whole_day
from ombud.interface.lists import listed
from ombud.notices import exchanges, limits, objections
from ombud.notices.models import Notice
from ombud.organisation.absences import Absence
from ombud.organisation.models import Person, words
from ombud.organisation.shift_plan import Slot
from ombud.texts import Text, same

#: What somebody is told of an absence: entered, begun, ended by itself, ended before, taken back before it began.
BECOMES = TO_COME, BEGUN, OVER, ENDED, TAKEN_BACK = "to-come", "begun", "over", "ended", "taken-back"
SHOWN = 3  # gaps that a notice names


def of_absence(row: Absence, deputy: Person, what: str, *, now: datetime) -> Notice:
    """Return word to a deputy of what became of an absence."""
    about = {
        "what": what,
        "names": _names(row.person),
        "first": row.first_day.isoformat(),
        "last": row.last_day.isoformat(),
    }
    dedupe = key_of_absence(row, deputy, what)
    return Notice(person=deputy, kind=Notice.Kind.DEPUTY, about=about, at=now, dedupe=dedupe)


def key_of_absence(row: Absence, deputy: Person, what: str) -> str:
    """Return what tells one notice of an absence from another."""
    return f"deputy/{row.pk}/{what}/{deputy.pk}"


def of_gaps(gaps: list[Slot], head: Person, *, now: datetime) -> Notice:
    """Return word to whoever answers for a rota of shifts that lack people; all of one rota."""
    first = gaps[0]
    about = {
        "rota": first.rota.name,
        "week": first.day.isoformat(),
        "gaps": [[each.shift.name, each.day.isoformat()] for each in gaps],
    }
    dedupe = f"rota-gap/{first.shift.pk}/{first.day}/{head.pk}/{int(now.timestamp())}"
    return Notice(person=head, kind=Notice.Kind.ROTA_GAP, about=about, at=now, dedupe=dedupe)


def of_shift(slot: Slot, to: Person, left: int, *, now: datetime) -> Notice:
    """Return word to whoever is on next of what a shift leaves open."""
    about = {
        "rota": slot.rota.name,
        "shift": [slot.shift.pk, slot.shift.name, slot.day.isoformat()],
        "from": [_names(each) for each in slot.there],
        "left": left,
    }
    dedupe = f"shift-over/{slot.shift.pk}/{slot.day}/{to.pk}"
    return Notice(person=to, kind=Notice.Kind.SHIFT_OVER, about=about, at=now, dedupe=dedupe)


def fresh(notices: Iterable[Notice]) -> list[Notice]:
    """Return those that were not given before."""
    found = {each.dedupe: each for each in notices}
    known = set(Notice.objects.filter(dedupe__in=found).values_list("dedupe", flat=True)) if found else set()
    return [each for key, each in found.items() if key not in known]


def sentence(row: Notice, *, is_named: bool = True) -> str:
    """Return what such a notice says, in the reader's language; not named, it says no person's name."""
    about: dict[str, Any] = row.about
    match row.kind:
        case Notice.Kind.LIMITS:
            return limits.sentence(about, is_named=is_named)
        case Notice.Kind.EXCHANGE:
            return exchanges.sentence(about, is_named=is_named)
        case Notice.Kind.OBJECTION:
            return objections.sentence(about, is_named=is_named)
        case Notice.Kind.DEPUTY:
            return _of_absence(about, is_named=is_named)
        case Notice.Kind.ROTA_GAP:
            named = [f"{shift} \u00b7 {whole_day(day)}" for shift, day in about["gaps"][:SHOWN]]
            number = len(about["gaps"])
            said = ngettext(
                "{rota}: a shift lacks people: {shifts}", "{rota}: {n} shifts lack people: {shifts}", number
            ).format(rota=about["rota"], n=number, shifts=listed(named))
            return said if number <= SHOWN else _("{gaps} and others").format(gaps=said)
        case Notice.Kind.SHIFT_OVER:
            _pk, shift, day = about["shift"]
            said = ngettext(
                "{rota}: {who} handed over {shift} ({day}) to you, with a case that is open",
                "{rota}: {who} handed over {shift} ({day}) to you, with {n} cases that are open",
                about["left"],
            )
            who = listed(words(names) for names in about["from"]) if is_named else _("a colleague")
            return said.format(rota=about["rota"], who=who, shift=shift, day=whole_day(day), n=about["left"])
    return ""


def _of_absence(about: dict[str, Any], *, is_named: bool) -> str:
    first, last = date.fromisoformat(about["first"]), date.fromisoformat(about["last"])
    who, days = words(about["names"]) if is_named else _("a colleague"), whole_day(first)
    if first != last:
        days = _("{first} to {last}").format(first=days, last=whole_day(last))
    said = {
        TO_COME: _("You are to stand in for {who}: {days}"),
        BEGUN: _("You stand in for {who} now: {days}"),
        OVER: _("{who} is back: you stand in no more ({days})"),
        ENDED: _("{who} is back before time: you stand in no more ({days})"),
        TAKEN_BACK: _("{who} is not going to be away: you need not stand in ({days})"),
    }
    told = said[about["what"]].format(who=who, days=days)
    return told[:1].upper() + told[1:]


def href_of(row: Notice) -> str:
    """Return the page that such a notice leads to."""
    match row.kind:
        case Notice.Kind.LIMITS:
            return limits.href(row.about)
        case Notice.Kind.EXCHANGE:
            return exchanges.href(row.about)
        case Notice.Kind.OBJECTION:
            return objections.href(row.about)
        case Notice.Kind.ROTA_GAP:
            return f"/desk/rota/?week={row.about['week']}"
        case Notice.Kind.SHIFT_OVER:
            shift, _name, day = row.about["shift"]
            return f"/desk/rota/shift/{shift}/{day}/"
    return "/desk/absences/"


def _names(person: Person) -> Text:
    return dict(person.names) or same(person.name or person.username)
