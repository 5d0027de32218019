"""The calendar page: working days of a year, which years are only provisional, and entering an announcement."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import get_day_names, get_month_names
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.interface.fact_text import locale
from ombud.organisation import editions
from ombud.organisation.models import CalendarEdition, words
from ombud.policy.model import Pack
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.worktime import AnnouncementError, CalendarSpec, Edition, announce, bake


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


@desk
def calendars(request: HttpRequest) -> HttpResponse:
    """Show a calendar's year; managers enter announcements."""
    now, reader = timezone.now(), person(request)
    form = AnnouncementForm(request.POST or None)
    if request.method == "POST":
        if not packs.is_manager(reader):
            raise PermissionDenied
        if form.is_valid():
            row = editions.announce(form.announcement(), now=now)
            messages.success(request, _("Edition {edition} applies. Open cases are counted anew.").format(edition=row))
            return redirect("desk_calendar")
    current = editions.current()
    context: dict[str, Any] = {"form": form, "can_enter": packs.is_manager(reader), "edition": current}
    if current is not None:
        context |= sheet(request, editions.read(current.edition), timezone.localdate(now))
        context["editions"] = CalendarEdition.objects.defer("baked").order_by("-id")[:12]
    return show(request, "workbench/calendar.html", "calendar", context, now=now, status=422 if form.errors else 200)


def sheet(request: HttpRequest, edition: Edition, today: date) -> dict[str, Any]:
    """Return the year and calendar that the address asks for."""
    year = request.GET.get("year", "")
    shown = min(max(int(year) if year.isdecimal() else today.year, edition.first_year), edition.last_year)
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
        "provisional": edition.provisional_years("CN"),
        "calendar_choices": [(key, f"{words(dict(p.title))} · {k}") for key, (p, k, _s) in choices.items()],
        "chosen": chosen,
    }
    if chosen:
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
            "spec": spec,
            "cite": pack.calendar_cites.get(key, ()),
            "prayer_place": f"{spec.prayers.latitude:g}, {spec.prayers.longitude:g}" if spec.prayers else "",
            "week": [(names[n], ", ".join(f"{_clock(a)}\u2013{_clock(b)}" for a, b in spec.week[n])) for n in range(7)],
        }
        for key, spec in pack.calendars.items()
    ]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


class AnnouncementForm(forms.Form):
    """A year's notice of days off and make-up working days, as its text gives them."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=2010, max_value=2100)
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        help_text=gettext_lazy("Number of the notice, so that others can check it"),
    )
    off = forms.CharField(
        label=gettext_lazy("Days off"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "One stretch a line: first day, last day, name. For example 2027-02-05 2027-02-11 Spring Festival"
        ),
    )
    work = forms.CharField(
        label=gettext_lazy("Make-up working days"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One date a line"),
    )

    def clean_off(self) -> list[tuple[str, date, date]]:
        """Return the stretches of days off."""
        return [_stretch(line) for line in _lines(self.cleaned_data["off"])]

    def clean_work(self) -> list[date]:
        """Return the make-up working days."""
        return [_date(line) for line in _lines(self.cleaned_data["work"])]

    def clean(self) -> dict[str, Any]:
        """Let the calendar's own rules look at the whole."""
        if not self.errors:
            try:
                self.announcement()
            except AnnouncementError as error:
                raise ValidationError(str(error)) from error
        return self.cleaned_data

    def announcement(self) -> Any:
        """Return the announcement as working time takes it."""
        data = self.cleaned_data
        return announce(data["year"], data["source"], data["off"], data["work"])


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _stretch(line: str) -> tuple[str, date, date]:
    first, _space, rest = line.partition(" ")
    last, _space, name = rest.strip().partition(" ")
    if not name.strip():
        raise ValidationError(_("“{line}”: first day, last day and name are needed.").format(line=line))
    return name.strip(), _date(first), _date(last)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise ValidationError(_("“{text}” is no date such as 2027-02-05.").format(text=text)) from error
