"""Early warnings: what rises or falls silent more than chance explains, with its chart, examples, and what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from ombud.cases.access.permissions import Permissions
from ombud.cases.fold import program_of
from ombud.cases.reading.linked_cases import said_in
from ombud.cases.reading.paging import NotOurs
from ombud.cases.reading.queries import Shown as Fact
from ombud.cases.reading.titles import phase_title, summary
from ombud.insight.alarms import answering, forecast, reading
from ombud.insight.alarms.models import Alarm
from ombud.insight.alarms.reading import AlarmLine
from ombud.insight.alarms.wording import seen, subject, unusual
from ombud.interface.words_field import WordsField
from ombud.organisation.models import words
from ombud.policy.model.pack import Pack
from ombud.texts import Text
from ombud.workbench.alarm_chart import AlarmChart, chart
from ombud.workbench.figures import known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.reader_state import reader_state_of
from ombud.workbench.register import FilterField, asked

LONGEST = 366  # days for which a series is muted
OPEN, OVER = "open", "over"


class DoneForm(forms.Form):
    """What was done."""

    words = WordsField(
        label=gettext_lazy("What was done"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Name no complainant: this is kept with the figures."),
    )


class MuteForm(forms.Form):
    """Until when a series gives no alarm, and why."""

    until = forms.DateField(
        label=gettext_lazy("No alarm until"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    reason = WordsField(label=gettext_lazy("Reason"), max_length=500)

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        days = (until - timezone.localdate()).days
        if not 0 <= days <= LONGEST:
            raise forms.ValidationError(
                ngettext(
                    "Choose a day from today on, within %(n)s day.",
                    "Choose a day from today on, within %(n)s days.",
                    LONGEST,
                )
                % {"n": LONGEST}
            )
        return until


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One alarm as the page shows it."""

    line: AlarmLine
    pack: Pack
    subject: str
    seen: str
    unusual: str
    chart: AlarmChart
    examples: list[tuple[Any, str]]  # cases with their subjects
    phase: Text | None  # of the matter
    answered: tuple[Fact, ...]  # what was done, once the matter is over
    can_answer: bool
    done_form: DoneForm | None
    mute_form: MuteForm


@require_GET
@desk
def warnings(request: HttpRequest) -> HttpResponse:
    """Show the alarms that go on, or those that are over."""
    return _page(request, now=timezone.now())


@require_POST
@desk
def mute(request: HttpRequest, pk: int) -> HttpResponse:
    """Give no further alarm of a series until a day."""
    now, alarm, form = timezone.now(), _own(request, pk), MuteForm(request.POST)
    if not form.is_valid():
        return _page(request, now=now, wrong=(alarm.pk, form))
    answering.mute(alarm, **form.cleaned_data, by=person(request), now=now)
    messages.success(request, _("Muted. The alarm stays until it is over."))
    return redirect("desk_warnings")


@require_POST
@desk
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what was done about an alarm that opened no matter."""
    now, alarm, form = timezone.now(), _own(request, pk), DoneForm(request.POST)
    if not form.is_valid():
        return _page(request, now=now, wrong=(alarm.pk, form))
    if answering.note_done(alarm, form.cleaned_data["words"], by=person(request), now=now):
        messages.success(request, _("Written down."))
    else:
        messages.warning(request, _("Somebody has written down before what was done. Nothing was changed."))
    return redirect("desk_warnings")


def _own(request: HttpRequest, pk: int) -> Alarm:
    standing = reader_state_of(request, person(request), now=timezone.now()).permissions
    found = reading.alarm(standing, reading.policies_of(standing, known_packs(request)), pk)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, *, now: datetime, wrong: tuple[int, DoneForm | MuteForm] | None = None) -> HttpResponse:
    known, query = known_packs(request), asked(request)
    standing = reader_state_of(request, person(request), now=now).permissions
    mine = reading.policies_of(standing, known)
    policy, state = query.get("policy", ""), query.get("show", OPEN)
    if (policy and policy not in mine) or state not in (OPEN, OVER):
        raise NotOurs(policy or state)
    page = reading.alarms(
        standing,
        [policy] if policy else mine,
        is_over=state == OVER,
        cursor=query.get("cursor"),
        today=timezone.localdate(now),
    )
    over = {line.matter.pk: line.matter for line in page.rows if line.matter and line.matter.closed_at}
    said = said_in(standing, list(over.values())) if over else {}
    context: dict[str, Any] = {
        "alarms": [_shown(line, known[line.alarm.policy], standing, said, wrong) for line in page.rows],
        "forecasts": [(each, known[each.policy]) for each in forecast.forecasts([policy] if policy else mine)],
        "state": state,
        "states": [(OPEN, _("Going on")), (OVER, _("Over"))],
        "policy": policy,
        "wrong": wrong[0] if wrong else None,
        "several": len(mine) > 1,
        "filter_fields": [
            FilterField(
                name="policy",
                label=_("Policy"),
                value=policy,
                choices=[(id, words(dict(known[id].title))) for id in mine],
            )
        ]
        if len(mine) > 1
        else [],
        **hrefs(request, page),
    }
    return show(request, "workbench/warnings.html", "warnings", context, now=now, status=422 if wrong else 200)


def _shown(
    line: AlarmLine,
    pack: Pack,
    standing: Permissions,
    said: Mapping[int, tuple[Fact, ...]],
    wrong: tuple[int, DoneForm | MuteForm] | None,
) -> Shown:
    alarm, is_masked = line.alarm, standing.is_masked(line.alarm.policy)
    tried = wrong[1] if wrong and wrong[0] == alarm.pk else None
    can_answer = reading.may_answer(standing, alarm.policy)
    asks_done = can_answer and alarm.matter_id is None and alarm.done_at is None
    return Shown(
        line=line,
        pack=pack,
        subject=subject(alarm, pack),
        seen=seen(alarm),
        unusual=unusual(alarm),
        chart=chart(alarm.weeks),
        examples=[(each, summary(each, is_masked=is_masked)[0]) for each in line.examples],
        phase=phase_title(program_of(line.matter), line.matter.phase) if line.matter else None,
        # What was found stands above already.
        answered=tuple(each for each in said.get(alarm.matter_id or 0, ()) if each.field != pack.watch.signs),
        can_answer=can_answer,
        done_form=(tried if isinstance(tried, DoneForm) else DoneForm(auto_id=f"id_{alarm.pk}_%s"))
        if asks_done
        else None,
        mute_form=tried if isinstance(tried, MuteForm) else MuteForm(auto_id=f"id_{alarm.pk}_%s"),
    )
