"""The design system's tags: icons, texts and names in the reader's language, times, countdowns, clauses."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from babel.numbers import format_decimal
from django import template
from django.conf import settings
from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext, pgettext

from ombud.interface.browser_zone import browser_zone
from ombud.interface.days import day_of_year, whole_day
from ombud.interface.drawings import drawn
from ombud.interface.duty_words import UNDONE, clause_name, status_words
from ombud.interface.lists import colon, listed
from ombud.interface.locales import locale
from ombud.policy.complainant import told as complainants_words
from ombud.texts import spoken
from ombud.worktime.ending import ending

register = template.Library()

STATUS = {  # of a duty: pill and icon
    "open": ("accent", "circle-dot"),
    "overdue": ("bad", "triangle-alert"),
    "paused": ("still", "circle-pause"),
    "met": ("good", "circle-check"),
    "late": ("warn", "circle-alert"),
    "ended": ("still", "circle-slash"),
    "cancelled": ("still", "circle-slash"),
    "waived": ("still", "circle-minus"),
}
POINTING = frozenset({"arrow-left", "arrow-right", "chevron-left", "chevron-right", "log-out", "send"})  # with the line
QUARTER = 4  # a countdown warns in the last quarter of its time


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Return a lucide icon, hidden from listeners unless it has a label."""
    return _icon(str(name), str(label), str(css))


@functools.lru_cache(maxsize=512)
def _icon(name: str, label: str, css: str) -> SafeString:
    attributes = {"aria-label": label, "role": "img"} if label else {"aria-hidden": "true"}
    classes = " ".join(filter(None, ("icon", "points" if name in POINTING else "", css)))
    return mark_safe(drawn(name, {"class": classes, **attributes}))


@register.filter
def text(value: Any) -> str:
    """Return a pack's text in the reader's language, or in the nearest that it has."""
    if not isinstance(value, Mapping):
        return str(value or "")
    return spoken(value, translation.get_language() or settings.LANGUAGE_CODE)


@register.filter
def told(rule: Any) -> str:
    """Return a phase, act or duty in the complainant's words and the reader's language."""
    return text(complainants_words(rule))


@register.filter
def in_a_row(names: Iterable[object]) -> str:
    """Return names with what stands between them in the reader's language."""
    return listed(map(str, names))


@register.filter
def person_name(person: Any) -> str:
    """Return a person's name in the reader's language."""
    return text(getattr(person, "names", None)) or str(getattr(person, "name", "") or person or "")


@register.filter
def initials(name: Any) -> str:
    """Return what an avatar shows: a Chinese surname, else the first letters of two words."""
    words = person_name(name).split()
    if not words:
        return "?"
    if not words[0].isascii():
        return words[0][0]
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def instant(value: Any) -> datetime | None:
    """Return epoch seconds, an ISO text or a datetime as an aware datetime in the reader's zone."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value, tz=UTC)
    elif isinstance(value, str):
        value = datetime.fromisoformat(value)
    if timezone.is_naive(value):
        value = timezone.make_aware(value)
    return timezone.localtime(value)


@register.simple_tag(takes_context=True)
def when(context: template.Context, value: Any, style: str = "smart") -> SafeString | str:
    """Return an instant in the reader's zone and language; the exact one shows on hover.

    `style`: smart (near days by name), full, time, day.
    """
    return _time_tag(context, value, style, is_end=False)


@register.simple_tag(takes_context=True)
def until(context: template.Context, value: Any, style: str = "smart") -> SafeString | str:
    """Return like `when` the instant at which something ends: midnight is 24:00 of the day that ends."""
    return _time_tag(context, value, style, is_end=True)


def until_words(at: datetime, now: datetime) -> str:
    """Return the instant at which something ends as `until` shows it, for plain text."""
    local = timezone.localtime(at)
    day, clock = ending(local)
    return _words(day, clock, "smart", timezone.localtime(now).date(), translation.get_language() or "")


def _time_tag(context: template.Context, value: Any, style: str, *, is_end: bool) -> SafeString | str:
    at = instant(value)
    if at is None:
        return mark_safe('<span class="faint">&ndash;</span>')
    day, clock = ending(at) if is_end else (at.date(), f"{at:%H:%M}")
    now = instant(context.get("now")) or timezone.localtime()
    shown = _words(day, clock, style, now.date(), translation.get_language() or "")
    exact = _exact(at, is_end=is_end)
    if style in ("full", "time"):
        return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, shown)
    paper = whole_day(day) if style == "day" else f"{whole_day(day)} {clock}"
    return format_html('<time datetime="{}" title="{}" data-paper="{}">{}</time>', at.isoformat(), exact, paper, shown)


register.simple_tag(colon)
register.filter(clause_name)
register.filter("whole_day", whole_day, expects_localtime=True)


def _exact(at: datetime, *, is_end: bool) -> str:
    """Return what shows on hover: the instant to the second, in the reader's zone and in UTC."""
    day, clock = ending(at) if is_end else (at.date(), "")
    local = f"{day} 24:00:00" if clock == "24:00" else f"{at:%Y-%m-%d %H:%M:%S}"
    return f"{local} {at:%z} {timezone.get_current_timezone_name()} \u00b7 {at.astimezone(UTC):%H:%M:%SZ}"


def _words(day: date, clock: str, style: str, today: date, language: str) -> str:
    if style == "time":
        return clock
    if style == "day":
        return _day(day, today, language)
    if style == "full":
        return f"{whole_day(day)} {clock}"
    return f"{_day(day, today, language)} {clock}"


@functools.lru_cache(maxsize=2048)
def _day(day: date, today: date, language: str) -> str:
    near = {
        today: pgettext("day", "today"),
        today - timedelta(days=1): pgettext("day", "yesterday"),
        today + timedelta(days=1): pgettext("day", "tomorrow"),
    }
    if day in near:
        return near[day]
    if timedelta(0) < day - today < timedelta(days=7):
        return formats.date_format(day, pgettext("date format within a week", "D j M"))
    if day.year == today.year:
        return day_of_year(day)
    return whole_day(day)


@register.simple_tag(takes_context=True)
def zone_note(context: template.Context) -> str:
    """Return whose time a page shows, while the reader's own zone is not known: on the first page, without script."""
    request = context.get("request")
    if request is None or browser_zone(request):
        return ""
    offset = f"{timezone.localtime():%z}"
    zone = f"UTC{offset[:3]}:{offset[3:]}"
    return gettext("Times are those of {zone} ({name}).").format(zone=zone, name=timezone.get_current_timezone_name())


@register.simple_tag(takes_context=True)
def as_of(context: template.Context) -> str:
    """Return the time of which a page tells, with its zone, for paper."""
    at = instant(context.get("now")) or timezone.localtime()
    offset = f"{at:%z}"
    zone = f"UTC{offset[:3]}:{offset[3:]}, {timezone.get_current_timezone_name()}"
    return f"{whole_day(at.date())} {at:%H:%M} ({zone})"


def span_words() -> dict[str, str]:
    """Return the patterns of a countdown, shared by this module and the page's script."""
    return _span_words(translation.get_language() or "")


@functools.lru_cache(maxsize=16)
def _span_words(language: str) -> dict[str, str]:
    return {
        "days": pgettext("countdown", "{d} d {h} h"),
        "hours": pgettext("countdown", "{h} h {m} min"),
        "minutes": pgettext("countdown", "{m} min {s} s"),
        "left": pgettext("countdown", "{t} left"),
        "over": pgettext("countdown", "{t} overdue"),
        "copied": gettext("Copied"),
        "unread": gettext("This could not be read. Complete it, or clear it."),
        "unsaved": gettext("What you typed has not been saved."),
    }


@register.simple_tag
def script_words() -> dict[str, str]:
    """Return what the page's script says, for `json_script`."""
    return span_words()


@register.filter
def duration(seconds: Any) -> str:
    """Return a length of time in its two largest units."""
    words = span_words()
    seconds = int(seconds)
    if seconds >= 2 * 86400:
        return words["days"].format(d=seconds // 86400, h=seconds % 86400 // 3600)
    if seconds >= 3600:
        return words["hours"].format(h=seconds // 3600, m=seconds % 3600 // 60)
    return words["minutes"].format(m=seconds // 60, s=seconds % 60)


# A list shows fifty of these: formatted here, since a template for each would take half of the page's time.
_COUNTDOWN = (
    '<time class="countdown {style}" data-state="{state}" data-due="{due}" data-start="{start}" datetime="{iso}"'
    ' title="{exact}" data-paper="{paper}"><svg viewBox="0 0 16 16" fill="none" aria-hidden="true">'
    '<circle class="ring-back" cx="8" cy="8" r="6.25" stroke-width="2"/>'
    '<circle class="ring" cx="8" cy="8" r="6.25" stroke-width="2" pathLength="100" stroke-dasharray="{share} 100"'
    ' transform="rotate(-90 8 8)"/>'
    '<path class="ring-mark" d="M8 4.75v4M8 11.1v.15" stroke-width="1.75" stroke-linecap="round"/></svg>'
    '<span class="countdown-words">{shown}</span></time>'
)


@register.simple_tag(takes_context=True)
def countdown(context: template.Context, due: Any, opened: Any = None, style: str = "") -> SafeString:
    """Show the time left until `due`, or since; the script keeps it running."""
    now, due_at = instant(context.get("now")) or timezone.localtime(), instant(due)
    if due_at is None:
        return mark_safe("")
    start = instant(opened) or due_at - timedelta(days=1)
    total = max((due_at - start).total_seconds(), 1)
    day, clock = ending(due_at)
    left = (due_at - now).total_seconds()
    pattern = span_words()["over" if left < 0 else "left"]
    return format_html(
        _COUNTDOWN,
        style=style,
        state="overdue" if left < 0 else "warning" if left < total / QUARTER else "calm",
        due=int(due_at.timestamp()),
        start=int(start.timestamp()),
        iso=due_at.isoformat(),
        exact=_exact(due_at, is_end=True),
        paper=f"{whole_day(day)} {clock}",
        share=round(max(0.0, min(1.0, left / total)) * 100),
        shown=pattern.format(t=duration(abs(left))),
    )


@register.simple_tag
def clauses(refs: Iterable[str] | str | None, pack: Any = None, href: str = "") -> SafeString:
    """Return clause chips; `pack` gives the words for the tip, `href` the policy page."""
    refs = (refs,) if isinstance(refs, str) else tuple(refs or ())
    if not refs:
        return mark_safe("")
    language = translation.get_language() or ""
    chips = [_chip(ref, text(clause.text) if (clause := _clause(ref, pack)) else "", href, language) for ref in refs]
    return format_html('<span class="clauses">{}</span>', mark_safe("".join(chips)))


@functools.lru_cache(maxsize=2048)
def _chip(ref: str, words: str, href: str, language: str) -> SafeString:
    pattern = gettext("Clause {ref}: {words}") if words else gettext("Clause {ref}")
    name = clause_name(ref)
    return format_html(
        '<button type="button" class="clause" aria-label="{}" data-tip="{}" data-ref="{}"{}>{}</button>',
        pattern.format(ref=name, words=words),
        words,
        name,
        format_html(' data-href="{}#clause-{}"', href, ref) if href and name == ref else "",
        name,
    )


def _clause(ref: str, pack: Any) -> Any:
    if pack is None:
        return None
    if isinstance(pack, Mapping):
        return pack.get(ref)
    return pack.clauses.get(ref) or pack.base_clauses.get(ref)


@register.simple_tag
def status_pill(status: str, overdue: bool = False, breached: object = None) -> SafeString:
    """Show a duty's status in words, colour and icon; what ended undone after its time says so for ever."""
    key = "overdue" if overdue else str(status)
    tone, name = STATUS.get(key, ("still", "circle"))
    if breached and key in UNDONE:
        tone = "bad"
    words = status_words(status, is_overdue=overdue, is_breached=bool(breached))
    return format_html('<span class="pill pill-{}">{}{}</span>', tone, icon(name), words)


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """Return `mapping[key]`, or nothing."""
    return mapping.get(key) if isinstance(mapping, Mapping) else None


@register.filter
def filesize(size: int) -> str:
    """Return a file's size in the unit that suits it."""
    if size < 1024:
        return ngettext("{n} byte", "{n} bytes", size).format(n=size)
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    return f"{format_decimal(size / 1024 / 1024, '#,##0.0', locale=locale())} MB"
