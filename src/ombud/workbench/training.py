"""Training: who may do what only the trained may, the records behind it, recording and taking back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ombud.cases.errors import Forbidden
from ombud.cases.reading import queries
from ombud.cases.reading.training import EXPIRED, MISSING, REVOKED, VALID, may_record
from ombud.interface.words_field import WordsField
from ombud.organisation import training
from ombud.organisation.models import Person, TrainingRecord, words
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.register import asked

STATES = {
    VALID: ("good", gettext_lazy("passed")),
    EXPIRED: ("warn", gettext_lazy("expired")),
    MISSING: ("bad", gettext_lazy("not passed")),
    REVOKED: ("plain", gettext_lazy("taken back")),
}
PROBLEMS = {
    "exam": gettext_lazy("The policy knows no such exam."),
    "self": gettext_lazy("Nobody records their own exam. Ask a colleague."),
    "date": gettext_lazy("The exam cannot have been passed in the future."),
    "valid": gettext_lazy("It ends before it was passed. Check both dates."),
    "twice": gettext_lazy("This exam of that day is recorded already."),
    "reason": gettext_lazy("Say why it is taken back."),
    "revoked": gettext_lazy("It was taken back already."),
}


@desk
def records(request: HttpRequest) -> HttpResponse:
    """Show who passed what under one policy; whoever keeps the records enters new ones."""
    now, reader, query = timezone.now(), person(request), asked(request)
    visible = [pack for _version, pack in packs.visible(reader, now=now)]
    known = {pack.id: pack for pack in visible if pack.exams}
    pack = known.get(query.get("policy", "")) or next(iter(known.values()), None)
    context: dict[str, Any] = {"policies": [(id, words(dict(each.title))) for id, each in known.items()], "pack": pack}
    context["has_courses"] = any(each.courses for each in visible)
    status = 200
    if pack is not None:
        can_record = may_record(reader, pack.id)
        form = RecordForm(request.POST or None, pack=pack, reader=reader)
        if request.method == "POST":
            if not can_record:
                raise PermissionDenied
            if form.is_valid() and form.keep(now):
                messages.success(request, _("Recorded. The gate opens at once."))
                return redirect(f"{reverse('desk_training')}?policy={pack.id}")
            status = 422
        page = queries.training_records(reader, policy=pack.id, now=now, cursor=query.get("cursor"))
        context |= {
            "form": form if can_record else None,
            "gated": [act.title for act in pack.main.acts.values() if act.qualified],
            "roll": _roll(reader, pack, now),
            "lines": [(line, *STATES[line.status]) for line in page.rows],
            **hrefs(request, page),
        }
    return show(request, "workbench/training.html", "training", context, now=now, status=status)


@require_POST
@desk
def revoke(request: HttpRequest, record: int) -> HttpResponse:
    """Take a record back, with the reason."""
    reader = person(request)
    row = TrainingRecord.objects.filter(pk=record).first()
    if row is None:
        raise Http404
    if not may_record(reader, row.policy) or row.person == reader:
        raise PermissionDenied
    try:
        training.revoke(row, reason=request.POST.get("reason", ""), by=reader, now=timezone.now())
    except training.TrainingError as error:
        messages.error(request, PROBLEMS[str(error)])
    else:
        messages.success(request, _("Taken back. What was done under it stays."))
    return redirect(f"{reverse('desk_training')}?policy={row.policy}")


def _roll(reader: Person, pack: Pack, now: datetime) -> list[tuple[Any, str, Any]]:
    """Return where everybody stands; empty for whoever sees only their own records."""
    try:
        return [(line, *STATES[line.status]) for line in queries.training_roll(reader, policy=pack.id, now=now)]
    except Forbidden:
        return []


class RecordForm(forms.Form):
    """One exam that somebody passed."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Person"), queryset=Person.objects.none(), empty_label=gettext_lazy("Please choose")
    )
    exam = forms.ChoiceField(label=gettext_lazy("Exam"))
    passed_on = forms.DateField(
        label=gettext_lazy("Passed on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("Empty = for good"),
    )
    score = WordsField(label=gettext_lazy("Score"), required=False, max_length=40)

    def __init__(self, *args: Any, pack: Pack, reader: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pack, self.reader = pack, reader
        people = Person.objects.filter(is_active=True, memberships__policy=pack.id).exclude(pk=reader.pk)
        self.fields["person"].queryset = people.distinct().order_by("username")  # type: ignore[attr-defined]
        self.fields["exam"].choices = [  # type: ignore[attr-defined]
            (exam.id, words(dict(exam.title))) for exam in pack.exams.values()
        ]

    def keep(self, now: datetime) -> bool:
        """Record it; where that is refused, say why and return False."""
        data = self.cleaned_data
        try:
            training.record(
                data["person"],
                self.pack.id,
                data["exam"],
                passed_on=data["passed_on"],
                valid_until=data["valid_until"],
                score=data["score"],
                by=self.reader,
                now=now,
            )
        except training.TrainingError as error:
            self.add_error(None, PROBLEMS[str(error)])
            return False
        return True
