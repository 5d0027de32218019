"""The overview: how complaints stand and go, for whoever reads it; every number opens its cases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ombud.insight import load, measures, rising, spans
from ombud.insight.beginnings import begun, unbegun
from ombud.insight.figure_words import words
from ombud.insight.load import Load
from ombud.insight.measures import MEASURES, Figure, Key, Measure, Scope
from ombud.insight.registry import How
from ombud.insight.rising import Topic
from ombud.interface import charts
from ombud.interface.charts import Chart, Point
from ombud.workbench import overview_owner, overview_readers
from ombud.workbench.control_points import controlled
from ombud.workbench.counted_duties import due_href
from ombud.workbench.figure_scope import can_count, href, narrowed, scope_of
from ombud.workbench.figures import Asked, asked_of, filters, known_packs
from ombud.workbench.overview_clauses import broken, silent
from ombud.workbench.overview_tiles import tiles
from ombud.workbench.page import desk, person, show
from ombud.workbench.reader_state import reader_state_of
from ombud.workbench.register import asked

#: The figures at the head of the page, in this order, as far as the policy has what they are counted from.
TILES = (
    "received", "closed", "open", "overdue", "on_time", "answering_hours", "closing_days", "satisfied",
    "first_contact", "repeat", "asked", "given",
)  # fmt: skip


@require_GET
@desk
def overview(request: HttpRequest) -> HttpResponse:
    """Show the figures of one policy and span: of the reader's own work or unit first, where they have one."""
    now, known = timezone.now(), known_packs(request)
    if not known:
        return show(request, "workbench/overview.html", "overview", {"pack": None}, now=now)
    query, reader = asked(request), reader_state_of(request, person(request), now=now).permissions
    wanted = asked_of(query, known, now)
    if overview_owner.is_theirs(reader, wanted.pack):
        return show(
            request, "workbench/overview_owner.html", "overview", overview_owner.context(query, known, now), now=now
        )
    unit = overview_readers.unit_of(reader, wanted.pack)
    if overview_readers.is_usual(query):
        wanted = asked_of({**query, **unit}, known, now)
    scope, is_full = scope_of(wanted, reader), reader.sees_all or wanted.pack.id in reader.full_policies
    is_hand = overview_readers.leads_nobody(reader, wanted.pack)
    is_unit = bool(unit) and unit.items() <= wanted.query.items()
    mine = None if is_unit or (is_full and not is_hand) else reader.assignee_keys
    ahead = load.ahead(scope, now, holders=mine)
    context = {
        "pack": wanted.pack,
        "wanted": wanted,
        "filter_fields": filters(wanted, known),
        "narrowed": narrowed(wanted, scope) if wanted.by else (),
        "views": overview_readers.views(wanted, unit),
        "own": overview_readers.own_work(wanted, scope, ahead, now) if is_hand else None,
        "tiles": tiles(TILES, wanted, scope, now),
        "charts": [
            *_course(wanted, scope, now),
            _ages(wanted, scope, now),
            _load(ahead, wanted, is_own=mine is not None),
        ],
        "topics": [(each, _cases_of(each, wanted)) for each in rising.topics(wanted.pack, scope, _before(scope), now)],
        # The duties of clauses cannot be told apart by every further dimension.
        "worst": () if wanted.by else broken(wanted, scope, now),
        "silent": silent(wanted, scope, now) if reader.is_auditor and not wanted.by else (),
        "is_auditor": reader.is_auditor and not reader.is_manager,
        "is_whole": is_full,
    }
    return show(request, "workbench/overview.html", "overview", context, now=now)


def _before(scope: Scope) -> spans.Span:
    return spans.before(scope.span)


def _cases_of(topic: Topic, wanted: Asked) -> str:
    return href(wanted, "received", **{topic.dimension: topic.key.id})


def _course(wanted: Asked, scope: Scope, now: datetime) -> Iterable[Chart]:
    """Return what came in, and how much was in time, by month; within one quarter by week."""
    unit = "month" if len(spans.months(scope.span)) > spans.MONTHS_OF_A_QUARTER else "week"
    by_what = _("Month") if unit == "month" else _("Week")
    steps = spans.steps(scope.span, unit, now)
    skipped = unbegun(steps, begun(scope, now))
    for id, draw in (("received", charts.bars), ("on_time", charts.line), ("satisfied", charts.line)):
        measure = MEASURES[id]
        if not can_count(measure, wanted.pack):
            continue
        found = measures.by(id, unit, scope, now)
        points = [
            _point(key, figure, measure, wanted, unit, is_open=step.end > now)
            for (key, figure), step in zip(found, steps, strict=True)
        ][skipped:]
        if measure.how is How.COUNT:
            points = controlled(points, steps[skipped:], scope.span, now)
        yield draw(measure.name, points, column=by_what)


def _point(
    key: Key, figure: Figure, measure: Measure, wanted: Asked, dimension: str, *, is_open: bool = False
) -> Point:
    return Point(
        label=key.words,
        value=None if figure.value is None else float(figure.value),
        words=words(figure, measure, wanted.pack),
        low=figure.low,
        high=figure.high,
        is_open=is_open,
        is_from_few=figure.is_from_few and figure.of > 0 and measure.how is How.SHARE,
        href=href(wanted, measure.id, **{dimension: key.id}) if figure.of else "",
    )


def _ages(wanted: Asked, scope: Scope, now: datetime) -> Chart:
    found = measures.by("open", "age", scope, now)
    points = [_point(key, figure, MEASURES["open"], wanted, "age") for key, figure in found]
    return charts.bars(_("How long what is open has been open"), points, column=_("Age"))


def _load(ahead: Load, wanted: Asked, *, is_own: bool) -> Chart:
    told = [(_("overdue"), load.OVERDUE, ahead.overdue)]
    told += [(date_format(day, "MONTH_DAY_FORMAT"), day.isoformat(), number) for day, number in ahead.days]
    points = [
        Point(
            label=label,
            value=number,
            words=str(number),
            href=due_href(wanted, when, is_own=is_own) if number else "",
        )
        for label, when, number in told
    ]
    title = _("What you owe in the coming days") if is_own else _("What falls due in the coming days")
    return charts.bars(title, points, column=_("Day"))
