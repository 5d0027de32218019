"""How figures are written: shares, their intervals, and bars of what makes up a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ombud.insight.compliance import Counts
from ombud.insight.rates import Rate, percent_of

register = template.Library()

GOOD, FAIR = 0.95, 0.8  # from here on a rate is shown as good, below the other as bad
_TALL, _WIDE = 18, 6  # pixels of a bar of a month
_BAR = (("met", "good"), ("late", "warn"), ("overdue", "bad"), ("running", "still"), ("paused", "still"))


@register.filter
def percent(rate: Rate) -> str:
    """Return a rate in whole points; what is short of all never reads as all, what is more than none never as none."""
    return "" if rate.share is None else percent_of(rate.share)


@register.filter
def number_of(counts: Counts, name: str) -> int:
    """Return one of the counts by its name."""
    return int(getattr(counts, name))


@register.filter
def between(rate: Rate) -> str:
    """Return the interval of a rate in whole points."""
    return "" if (found := rate.interval) is None else f"{100 * found[0]:.0f} % \u2013 {100 * found[1]:.0f} %"


@register.filter
def rate_tone(rate: Rate) -> str:
    """Return the tone of a share that is good where it is high."""
    share = rate.share
    return "" if share is None else "good" if share >= GOOD else "warn" if share >= FAIR else "bad"


@register.filter
def times(share: float) -> str:
    """Return a share of the time allowed in whole points."""
    return f"{100 * share:.0f} %"


@register.simple_tag
def stack(counts: Counts, most: int) -> SafeString:
    """Return a bar of what became of the duties, as wide as they are many; the table says it in words."""
    parts, at = [], 0.0
    for name, tone in _BAR:
        width = 100 * getattr(counts, name) / most if most else 0
        parts.append((f"{at:.2f}%", f"{width:.2f}%", tone))
        at += width
    bars = format_html_join("", '<rect x="{}" width="{}" height="100%" class="fill-{}"/>', (each for each in parts))
    return format_html('<svg class="stack-bar" aria-hidden="true">{}</svg>', bars)


@register.simple_tag
def course(months: Sequence[tuple[date, Counts]]) -> SafeString:
    """Return small bars of the share in time by month, from none to all; what has nothing to tell has none."""
    bars, said = [], []
    for place, (month, counts) in enumerate(months):
        if (share := counts.on_time.share) is not None:
            height = max(2.0, _TALL * share)
            bars.append((_WIDE * place, f"{_TALL - height:.1f}", _WIDE - 1, f"{height:.1f}", rate_tone(counts.on_time)))
            said.append(f"{month:%Y-%m} {percent_of(share)}")
    drawn = format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}" class="fill-{}"/>', bars)
    words = ", ".join(said)
    return format_html(
        '<svg class="course-bars" width="{}" height="{}" role="img" aria-label="{}"><title>{}</title>{}</svg>',
        _WIDE * len(months), _TALL, words, words, drawn,
    ) if said else SafeString("")  # fmt: skip


@register.simple_tag
def parts(shares: Iterable[tuple[str, float]]) -> SafeString:
    """Return a bar of parts, each with its tone and its share of the whole; what stands beside it says it in words."""
    drawn, at = [], 0.0
    for tone, share in shares:
        drawn.append((f"{100 * at:.2f}%", f"{100 * share:.2f}%", tone))
        at += share
    bars = format_html_join("", '<rect x="{}" width="{}" height="100%" class="fill-{}"/>', drawn)
    return format_html('<svg class="stack-bar" aria-hidden="true">{}</svg>', bars)
