"""Figures as people read them: in their unit, and how they changed."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ombud.insight.measures import Figure, Measure, Unit
from ombud.insight.rates import percent_of, points
from ombud.interface.locales import locale
from ombud.policy.model.pack import Pack

_CLOSE = 10  # below, a length of time is told to the tenth


def words(figure: Figure, measure: Measure, pack: Pack) -> str:
    """Return a figure in its unit; a dash where nothing tells it."""
    return value_words(figure.value, measure, pack)


def value_words(value: Decimal | float | None, measure: Measure, pack: Pack) -> str:
    """Return a number in the unit of a measure; a dash for none."""
    if value is None:
        return "\N{EN DASH}"
    if measure.unit is Unit.SHARE:
        return percent_of(float(value))
    if measure.unit is Unit.MONEY:
        return str(format_currency(Decimal(value), pack.currency, locale=locale()))
    if measure.unit is Unit.COUNT:
        return number_format(value, 0, use_l10n=True, force_grouping=True)
    number = number_format(round(float(value), 1 if float(value) < _CLOSE else 0), 1 if float(value) < _CLOSE else 0)
    if measure.unit is Unit.HOURS:
        return _("%(n)s h") % {"n": number}
    return _("%(n)s days") % {"n": number} if measure.unit is Unit.DAYS else number


def lasted(seconds: float, *, in_days: bool = True) -> str:
    """Return a length of time in hours, or in days from two days on; hours of work are no days."""
    hours = seconds / 3600
    number, text = (hours / 24, _("%(n)s days")) if in_days and hours >= 48 else (hours, _("%(n)s h"))
    places = 1 if number < _CLOSE else 0
    return text % {"n": number_format(round(number, places), places)}


def change(figure: Figure, earlier: Figure, measure: Measure) -> str:
    """Return how a figure differs from that of the span before; empty where either tells nothing."""
    if figure.value is None or earlier.value is None:
        return ""
    if measure.unit is Unit.SHARE:
        return f"{points(float(figure.value), float(earlier.value)):+d}"
    if not earlier.value:
        return ""
    return f"{round(100 * (float(figure.value) / float(earlier.value) - 1)):+d} %"
