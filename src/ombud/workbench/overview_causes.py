"""Why complaints arose: the causes of a span, the most frequent first, and what came of putting them right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from ombud.insight import causes, effects, keys, spans
from ombud.insight.causes import RECEIVED, CauseLine, Pareto
from ombud.insight.effects import Effect, Stretch, Verdict
from ombud.insight.measuring import TOP
from ombud.insight.rate_ratios import RateRatio
from ombud.insight.rates import percent_of
from ombud.insight.spans import Span
from ombud.interface import charts
from ombud.interface.charts import Chart, Point
from ombud.policy.model.pack import Pack
from ombud.workbench.figure_scope import href, in_span, scope_of
from ombud.workbench.figures import Asked, asked_for, filters, known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.reader_state import reader_state_of
from ombud.workbench.register import FilterField

UNDER = "under"
SHOWN = 12  # bars of the drawing; the table has all
VERDICTS: Mapping[Verdict, tuple[str, str | Promise]] = {  # tone of a pill, words
    Verdict.UNDER_WAY: ("plain", gettext_lazy("not in effect yet")),
    Verdict.TOO_EARLY: ("plain", gettext_lazy("not enough data yet")),
    Verdict.FEWER: ("good", gettext_lazy("fewer since")),
    Verdict.MORE: ("bad", gettext_lazy("more since")),
    Verdict.SAME: ("plain", gettext_lazy("no certain difference")),
}


@require_GET
@desk
def why(request: HttpRequest) -> HttpResponse:
    """Show the causes of the complaints received in a span."""
    now = timezone.now()
    known = {id: pack for id, pack in known_packs(request).items() if pack.causes.field is not None}
    if not known:
        return show(request, "workbench/overview_causes.html", "overview", {"pack": None}, now=now)
    wanted = asked_for(request, known, now)
    reader = reader_state_of(request, person(request), now=now).permissions
    scope, under = scope_of(wanted, reader), wanted.query.get(UNDER, "")
    found = causes.pareto(wanted.pack, scope, now, under=under)
    page = effects.effects(wanted.pack, scope, reader, now, wanted.query.get("cursor"))
    context: dict[str, Any] = {
        "pack": wanted.pack,
        "wanted": wanted,
        "filter_fields": [*filters(wanted, known), _tops(wanted.pack, under)],
        "found": found,
        "under": keys.value_words(TOP, under, wanted.pack) if under else "",
        "unstated_href": href(wanted, RECEIVED, **{TOP: under, wanted.pack.causes.field or "": ""})
        if under
        else href(wanted, RECEIVED, **{TOP: ""}),
        "chart": _chart(wanted, found, under),
        "lines": [_line(each, wanted, under, spans.before(scope.span)) for each in found.lines],
        "effects": [_effect(each, wanted) for each in page.rows],
        **hrefs(request, page),
    }
    return show(request, "workbench/overview_causes.html", "overview", context, now=now)


def _tops(pack: Pack, under: str) -> FilterField:
    choices = [(each, str(keys.value_words(TOP, each, pack))) for each in causes.tops(pack.causes)]
    return FilterField(name=UNDER, label=_("All causes"), value=under, choices=choices)


def _cases_of(line: CauseLine, wanted: Asked, under: str) -> str:
    return href(wanted, RECEIVED, **({TOP: under} if under else {}), **{line.dimension: line.cause})


def _words_of(line: CauseLine, pack: Pack) -> str:
    """Return what a cause is called beside its like: without what stands above it."""
    known = pack.causes.tree.get(line.cause)
    return str(keys.value_words(TOP if known else line.dimension, line.cause, pack))


def _chart(wanted: Asked, found: Pareto, under: str) -> Chart:
    points = [
        Point(
            label=_words_of(each, wanted.pack),
            value=each.share,
            words=f"{each.number} ({percent_of(each.share)})",
            href=_cases_of(each, wanted, under),
        )
        for each in found.lines[:SHOWN]
    ]
    title = _("How the causes share the complaints, and how much the first ones make together")
    return charts.pareto(title, points, [each.together for each in found.lines[:SHOWN]], column=_("Cause"))


def _line(line: CauseLine, wanted: Asked, under: str, before: Span) -> dict[str, Any]:
    deeper = f"?{wanted.address}&{UNDER}={line.cause}"
    return {
        "line": line,
        "words": _words_of(line, wanted.pack),
        "href": _cases_of(line, wanted, under),
        "before_href": _cases_of(line, in_span(wanted, before), under) if line.before else "",
        "deeper": deeper if line.is_parted else "",
        "share": percent_of(line.share),
        "together": percent_of(line.together),
        "parts": [("accent", line.share), ("still", 1 - line.share)],
    }


def _effect(effect: Effect, wanted: Asked) -> dict[str, Any]:
    pack, (tone, words) = wanted.pack, VERDICTS[effect.verdict]
    return {
        "effect": effect,
        "cause": keys.value_words(pack.causes.field or "", effect.cause, pack),
        "tone": tone,
        "verdict": words,
        "before": _rate(effect.before),
        "before_href": _cases_within(effect.before, effect.cause, wanted),
        "after": _rate(effect.after),
        "after_href": _cases_within(effect.after, effect.cause, wanted),
        "ratio": _ratio(effect.ratio),
    }


def _cases_within(stretch: Stretch | None, cause: str, wanted: Asked) -> str:
    """Return where the complaints of a cause are that a stretch of days counts.

    Empty for none, and for a cause between others: no address means one with all that stand below it, save the topmost.
    """
    known = wanted.pack.causes
    is_top = cause in causes.tops(known)
    if stretch is None or not stretch.number or not (is_top or len(causes.below(cause, known)) == 1):
        return ""
    zone = timezone.get_default_timezone()  # whose days a stretch has, wherever the reader is
    begin, end = (datetime.combine(day, time.min, zone) for day in (stretch.begin, stretch.end))
    of = TOP if is_top else known.field or ""
    return href(in_span(wanted, Span(begin=begin, end=end)), RECEIVED, **{of: cause})


def _rate(stretch: Stretch | None) -> str:
    """Return how many in how many days, and how many that makes a month."""
    if stretch is None or not stretch.days:
        return ""
    counted = _("%(n)s in %(days)s days") % {"n": stretch.number, "days": stretch.days}
    if stretch.a_month is None:
        return counted
    return _("%(counted)s, %(rate)s a month") % {
        "counted": counted,
        "rate": number_format(round(stretch.a_month, 1), 1),
    }


def _ratio(ratio: RateRatio | None) -> str:
    if ratio is None:
        return ""
    low, high = number_format(ratio.low, 2), "\N{INFINITY}" if ratio.high is None else number_format(ratio.high, 2)
    value = "\N{EN DASH}" if ratio.value is None else number_format(ratio.value, 2)
    return _("%(value)s (between %(low)s and %(high)s)") % {"value": value, "low": low, "high": high}
