"""What was changed of a rota, in words: what it is now, and what was there before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from ombud.interface.days import whole_day
from ombud.interface.lists import listed
from ombud.organisation.models import Office, Person, words
from ombud.organisation.rotas import Rota
from ombud.organisation.staffing import Told, history
from ombud.policy.model.pack import Pack

Content = Mapping[str, Any] | None


def lines(row: Rota, pack: Pack) -> list[dict[str, Any]]:
    """Return the changes of a rota, newest first, as the page shows them."""
    told = history(row)
    shifts = {str(each.pk): each.name for each in row.shifts.all()}
    people = Person.objects.in_bulk(
        {pk for each in told for pk in (*_people(each.change.content), *_people(each.before))}
    )
    places = {str(each.pk): str(each) for each in Office.objects.all()}
    places |= {f"{key}/": words(dict(each.title)) for key, each in pack.channels.items()}
    return [
        {
            "what": _what(each, shifts),
            "now": _words(each.change.kind, each.change.content, people, places),
            "before": _words(each.change.kind, each.before, people, places) if each.before else "",
            "by": each.change.by,
            "at": each.change.at,
            "undo": reverse("desk_rota_undo", args=[row.pk, each.change.pk]) if each.can_undo else "",
        }
        for each in told
    ]


def _people(content: Content) -> list[int]:
    if not content:
        return []
    weeks = content.get("weeks", [])
    return [*content.get("people", []), *(pk for week in weeks for day in week for pk in day)]


def _what(told: Told, shifts: Mapping[str, str]) -> str:
    key, _space, day = told.change.key.partition(" ")
    match told.change.kind:
        case "shift_day":
            return f"{shifts.get(key, key)} \u00b7 {whole_day(day)}"
        case "shift_pattern":
            return _("{shift}, week by week from {day}").format(shift=shifts.get(key, key), day=whole_day(day))
        case "shift":
            return _("The shift {shift}").format(shift=shifts.get(key, key))
    return _("The rota")


def _words(kind: str, content: Content, people: Mapping[int, Person], places: Mapping[str, str]) -> str:
    if content is None:
        return _("as the pattern has it") if kind == "shift_day" else _("taken back")
    match kind:
        case "shift_day":
            return _named(content["people"], people)
        case "shift_pattern":
            return " / ".join(_week(week, people) for week in content["weeks"])
        case "shift":
            days = days_words(content["weekdays"])
            until = _("until {day}").format(day=whole_day(content["last_day"])) if content["last_day"] else ""
            parts = [f"{content['starts'][:5]}\u2013{content['ends'][:5]}", days, until]
        case _:
            channels = listed(places.get(f"{each}/", each) for each in content["channels"])
            used = "" if content["is_active"] else _("not in use")
            confirmed = _("exchanges are confirmed") if content.get("confirms_exchanges") else ""
            parts = [content["name"], places.get(str(content["office_id"]), ""), channels, confirmed, used]
    return " \u00b7 ".join(part for part in parts if part)


def _named(keys: list[int], people: Mapping[int, Person]) -> str:
    return listed(str(people[pk]) for pk in keys if pk in people) or _("nobody")


def _week(week: list[list[int]], people: Mapping[int, Person]) -> str:
    """Return a week with the days that are the same people's together."""
    found: dict[tuple[int, ...], list[int]] = {}
    for number, day in enumerate(week):
        if day:
            found.setdefault(tuple(day), []).append(number)
    said = [f"{days_words(days)} {_named(list(keys), people)}" for keys, days in found.items()]
    return _("; ").join(said) or _("nobody")


def days_words(days: Sequence[int]) -> str:
    """Return days of the week in words, those in a row as one: "Mon - Fri, Sun"."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    if runs == [list(range(7))]:
        return _("every day")
    name = WEEKDAYS_ABBR
    return listed(
        f"{name[run[0]]}\u2013{name[run[-1]]}" if len(run) > 2 else listed(str(name[day]) for day in run)
        for run in runs
    )
