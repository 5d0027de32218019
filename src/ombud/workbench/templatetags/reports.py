"""How reports are drawn on pages: bars of our own, and which columns hold numbers."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ombud.papers.report import Bar, Table, holds_numbers

register = template.Library()


@register.filter
def is_number(table: Table, column: int) -> bool:
    """Return whether a column holds numbers."""
    return holds_numbers(table, column)


@register.filter
def at(values: Sequence[str], number: int) -> str:
    """Return one of them."""
    return values[number]


@register.simple_tag
def bars(found: Sequence[Bar]) -> SafeString:
    """Return bars with their words and numbers; the table below says the same."""
    rows = format_html_join(
        "",
        '<div class="bar-row"><span class="bar-label">{}</span>'
        '<svg class="stack-bar" aria-hidden="true"><rect width="{}%" height="100%" class="fill-accent"/></svg>'
        '<span class="bar-number">{}</span></div>',
        ((each.label, f"{max(100 * each.share, 0.5):.1f}", each.text) for each in found),
    )
    return format_html('<div class="bars">{}</div>', rows)
