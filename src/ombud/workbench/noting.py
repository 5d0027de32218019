"""Writing down what was said elsewhere: a call, a letter, a word at the counter, a private message."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ombud.cases.access.case_access import ACT, access_case
from ombud.correspondence import attempts, composing
from ombud.correspondence.attempts import Outcome
from ombud.correspondence.conversation import TYPED_IN
from ombud.correspondence.models import Message
from ombud.interface.words_field import WordsField
from ombud.workbench.message_form import LONGEST
from ombud.workbench.page import desk, person, show

LONGEST_ACT = 200  # characters of the id of one


class NoteForm(forms.Form):
    """What was said, by whom, how and when."""

    way = forms.ChoiceField(
        label=gettext_lazy("How"), choices=[(way.value, way.label) for way in TYPED_IN], widget=forms.RadioSelect
    )
    is_out = forms.TypedChoiceField(
        label=gettext_lazy("Who spoke"),
        choices=[("in", gettext_lazy("They to us")), ("out", gettext_lazy("We to them"))],
        coerce=lambda value: value == "out",
        widget=forms.RadioSelect,
    )
    said_at = forms.DateTimeField(
        label=gettext_lazy("When it was said"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Both times are kept: when it was said and when you recorded it."),
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("What came of it"),
        required=False,
        choices=[("", gettext_lazy("They called us, or no call")), *Outcome.choices],
        help_text=gettext_lazy("Of a call of ours. Each attempt stands beside the act that it is for."),
    )
    next_try = forms.DateTimeField(
        label=gettext_lazy("Next try"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    text = WordsField(
        label=gettext_lazy("What was said"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )

    def __init__(self, data: Any = None, *, now: datetime, is_attempt: bool = False) -> None:
        first = {"way": TYPED_IN[0], "is_out": "in", "said_at": timezone.localtime(now)}
        if is_attempt:
            first |= {"is_out": "out", "outcome": Outcome.NO_ANSWER}
        super().__init__(data, initial=first)
        self._now = now

    def clean_said_at(self) -> datetime:
        """Return when it was said, which is no time to come."""
        at: datetime = self.cleaned_data["said_at"]
        if at > self._now:
            raise forms.ValidationError(_("A past time is needed here."))
        return at

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        is_call = data.get("way") == Message.Way.CALL and data.get("is_out")
        if data.get("outcome") and not is_call:
            self.add_error("outcome", _("Only a call of ours is an attempt."))
        if data.get("next_try") and not data.get("outcome"):
            self.add_error("next_try", _("Say first what came of this call."))
        elif data.get("next_try") and data["next_try"] <= self._now:
            self.add_error("next_try", _("A time to come is needed here."))
        if not data.get("text") and data.get("outcome", "") in ("", Outcome.REACHED):
            self.add_error("text", _("Write down what was said."))
        return data

    @property
    def said(self) -> dict[str, Any]:
        """Return what is written down, of a form that is valid."""
        data = dict(self.cleaned_data)
        details = attempts.details(data.pop("outcome"), data.pop("next_try"))
        return {**data, "details": details}


@require_http_methods(["GET", "POST"])
@desk
def note(request: HttpRequest, reference: str) -> HttpResponse:
    """Write down a call or a letter on a case."""
    now, reader = timezone.now(), person(request)
    accessed = access_case(reader, reference, ACT)
    if accessed.is_masked or accessed.vault.is_erased:
        raise PermissionDenied
    act = request.GET.get("for", "")  # that an attempt is for: back there afterwards
    form = NoteForm(request.POST or None, now=now, is_attempt=bool(act))
    if request.method == "POST" and form.is_valid():
        composing.note(accessed.case, by=reader, now=now, act=act[:LONGEST_ACT], **form.said)
        messages.success(request, _("Written down in the conversation."))
        there = reverse("desk_case", args=[accessed.case.reference])
        return redirect(f"{there}?{urlencode({'act': act})}#act" if act else there)
    context = {"case": accessed.case, "form": form}
    status = 422 if form.errors else 200
    return show(request, "workbench/note.html", "register", context, now=now, status=status)
