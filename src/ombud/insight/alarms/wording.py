"""An alarm in words: what it is about, what was seen, how unusual that is."""

from __future__ import annotations

from math import floor, log10

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ombud.insight.alarms.counting import LATE, MENTIONS
from ombud.insight.alarms.models import Alarm
from ombud.insight.alarms.rising_words import WORDS
from ombud.organisation.models import words
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import CHANNEL, DEPARTMENT, OFFICE
from ombud.texts import Text

_RAREST = 1_000_000


def subject(alarm: Alarm, pack: Pack) -> str:
    """Return what the series counts: all complaints, or those with a value."""
    if not alarm.dimension:
        return _("All complaints")
    if alarm.dimension == LATE:
        return _("Duties that became overdue")
    if alarm.dimension == WORDS:
        return _("Word in subjects: {word}").format(word=alarm.value)
    if alarm.dimension == MENTIONS:
        return _("Negative mentions in public")
    return _("{what}: {value}").format(what=dimension(alarm.dimension, pack), value=_value(alarm, pack))


def dimension(name: str, pack: Pack) -> str:
    """Return what complaints are counted by."""
    if name == DEPARTMENT:
        return _("Department")
    if name == OFFICE:
        return _("Office")
    held = pack.tables.get(name) or pack.fields.get(name)
    return words(dict(held.title)) if held else name


def _value(alarm: Alarm, pack: Pack) -> str:
    name, value = alarm.dimension, alarm.value
    titles: dict[str, Text]
    if name == DEPARTMENT:
        titles = {id: each.title for id, each in pack.departments.items()}
    elif name == OFFICE:
        titles = {id: each.title for id, each in pack.offices.items()}
    elif name == CHANNEL:
        titles = {id: each.title for id, each in pack.channels.items()}
    else:
        held = pack.tables.get(name) or pack.fields.get(name)
        titles = dict(held.of) if held else {}
    return words(dict(titles[value])) if value in titles else value


def seen(alarm: Alarm) -> str:
    """Return what was seen beside what was to be expected."""
    expected = number_format(round(alarm.expected, 1), decimal_pos=1)
    if alarm.dimension in (LATE, MENTIONS):
        return ngettext(
            "{n} within {days} day, about {expected} to be expected",
            "{n} within {days} days, about {expected} to be expected",
            alarm.days,
        ).format(n=alarm.observed, days=alarm.days, expected=expected)
    if alarm.observed == 0:
        return ngettext(
            "no complaint for {days} day, about {expected} to be expected",
            "no complaint for {days} days, about {expected} to be expected",
            alarm.days,
        ).format(days=alarm.days, expected=expected)
    if alarm.days == 1:
        return ngettext(
            "{n} complaint within 24 hours, about {expected} to be expected",
            "{n} complaints within 24 hours, about {expected} to be expected",
            alarm.observed,
        ).format(n=alarm.observed, expected=expected)
    return ngettext(
        "{n} complaint within {days} days, about {expected} to be expected",
        "{n} complaints within {days} days, about {expected} to be expected",
        alarm.observed,
    ).format(n=alarm.observed, days=alarm.days, expected=expected)


def unusual(alarm: Alarm) -> str:
    """Return how often chance alone would do that."""
    if alarm.chance < 1 / _RAREST:
        return _("by chance less than once in a million times")
    times = 1 / alarm.chance
    rounded = round(times, -floor(log10(times)) + (times >= 100))
    return _("by chance about once in {n} times").format(n=number_format(int(rounded), force_grouping=True))


def sentence(alarm: Alarm, pack: Pack) -> str:
    """Return the alarm in one line."""
    return _("{subject}: {seen} ({unusual})").format(
        subject=subject(alarm, pack), seen=seen(alarm), unusual=unusual(alarm)
    )
