"""The calendar page: working days of a year, which years are only provisional, and the editions with what they say."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import get_day_names, get_month_names
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from ombud.interface.limit_text import season_text
from ombud.interface.lists import listed
from ombud.interface.locales import locale
from ombud.organisation import calendar_decisions, editions
from ombud.organisation.models import CalendarEdition, PolicyVersion, words
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.announcement_form import AnnouncementForm
from ombud.workbench.page import person, show
from ombud.worktime import CalendarSpec, Edition, bake


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the year's sheet."""

    day: date
    css: str
    label: str  # for hover and for listeners; empty on ordinary days


@dataclass(frozen=True, slots=True)
class Month:
    """One month: weeks of seven days, empty before the first and after the last."""

    name: str
    weeks: list[list[Day | None]]


@dataclass(frozen=True, slots=True)
class Known:
    """One edition in the list, newest first."""

    row: CalendarEdition
    can_undo: bool
    source: str  # what it came from: a notice, a year, or the policy that first needed it, by its title


def page(
    request: HttpRequest,
    *,
    now: datetime,
    form: AnnouncementForm | None = None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Render the calendar page, with what is about to change above it where something is."""
    reader, current = person(request), editions.current()
    can_propose = calendar_decisions.can_propose(reader)
    context: dict[str, Any] = {"can_propose": can_propose, "edition": current, "reader": reader, **(more or {})}
    if current is not None:
        edition = editions.read(current.edition)
        context |= sheet(request, edition, timezone.localdate(now))
        context["form"] = form or AnnouncementForm(None, edition)
        told = ("undoes", "entered_by", "proposal__proposed_by")
        rows = CalendarEdition.objects.defer("baked").select_related(*told).order_by("-id")[:12]
        policies = {str(version): version for version in PolicyVersion.objects.only("policy", "version", "title")}
        context["editions"] = [
            Known(row, can_propose and editions.can_undo(row), _source(policies.get(row.source), row)) for row in rows
        ]
        context["can_renew"] = can_propose and editions.propose_renewal() is not None
        if can_propose:
            context |= {
                "can_decide": calendar_decisions.can_decide(reader),
                "is_alone": calendar_decisions.is_alone(reader),
                "waiting": calendar_decisions.waiting(),
                "decided": calendar_decisions.decided(),
            }
    status = 422 if (form is not None and form.errors) or "problem" in context else 200
    return show(request, "workbench/calendar.html", "calendar", context, now=now, status=status)


def _source(version: PolicyVersion | None, row: CalendarEdition) -> str:
    return row.source if version is None else f"{words(version.title)} {version.version}"


def sheet(request: HttpRequest, edition: Edition, today: date) -> dict[str, Any]:
    """Return the year and calendar that the address asks for, or the year that a typed notice is about."""
    year = request.POST.get("year", request.GET.get("year", "")).strip()
    shown = min(
        max(int(year) if year.isdecimal() and len(year) == 4 else today.year, edition.first_year), edition.last_year
    )
    choices = {
        f"{pack.id}:{key}": (pack, key, spec)
        for _version, pack in packs.visible(person(request), now=timezone.now())
        for key, spec in pack.calendars.items()
    }
    chosen = request.GET.get("calendar", "")
    if chosen not in choices:
        # The first one that holidays and make-up days bear on says most.
        chosen = next((key for key, (_p, _k, spec) in choices.items() if spec.days), next(iter(choices), ""))
    found: dict[str, Any] = {
        "year": shown,
        "years": range(today.year - 1, edition.last_year + 1),
        "calendar_choices": [
            (key, f"{words(dict(p.title))} · {words(dict(p.calendar_titles[k]))}")
            for key, (p, k, _s) in choices.items()
        ],
        "chosen": chosen,
    }
    if chosen:
        key = choices[chosen][2].days_key
        found["provisional"] = edition.provisional_years(key) if key else ()
        found["months"] = year_sheet(choices[chosen][2], edition, shown, today)
        found["day_names"] = [get_day_names("narrow", "stand-alone", locale())[n] for n in range(7)]
    return found


def year_sheet(spec: CalendarSpec, edition: Edition, year: int, today: date) -> list[Month]:
    """Return the twelve months of a year as one calendar counts them."""
    baked = bake(spec, edition=edition)
    known = edition.days(key) if (key := spec.days_key) else None
    names = get_month_names("wide", "stand-alone", locale())

    def day(each: date) -> Day:
        css, label = "", ""
        if known and each in known.work:
            css, label = "day-makeup", _("Make-up working day")
        elif known and each in known.off:
            css, label = "day-holiday", words(dict(known.off[each]))
        elif not baked.is_workday(each):
            css = "day-off"
        return Day(each, f"{css} day-today".strip() if each == today else css, label)

    weeks = months.Calendar()
    return [
        Month(
            names[month],
            [
                [day(each) if each.month == month else None for each in week]
                for week in weeks.monthdatescalendar(year, month)
            ],
        )
        for month in range(1, 13)
    ]


def described(pack: Pack) -> list[dict[str, Any]]:
    """Return a pack's calendars with their weekly hours in words."""
    names = get_day_names("abbreviated", "stand-alone", locale())
    return [
        {
            "id": key,
            "title": pack.calendar_titles[key],
            "spec": spec,
            "cite": pack.calendar_cites.get(key, ()),
            "prayer_place": f"{spec.prayers.latitude:g}, {spec.prayers.longitude:g}" if spec.prayers else "",
            "weeks": [
                (title, [(names[n], listed(f"{_clock(a)}\u2013{_clock(b)}" for a, b in week[n])) for n in range(7)])
                for title, week in [("", spec.week), *((season_text(each), each.week) for each in spec.seasons)]
            ],
        }
        for key, spec in pack.calendars.items()
    ]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
