"""Telling a closed case for the library: a form that begins with its words, names struck out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.cases.access.case_access import Accessed, access_case
from ombud.insight.model_cases import choosing
from ombud.insight.model_cases.choosing import LONGEST, ModelCaseError, Retold, StillNames
from ombud.insight.model_cases.models import ModelCase
from ombud.interface.words_field import WordsField
from ombud.workbench.model_cases import PROBLEMS
from ombud.workbench.page import desk, person, show

_AREA = forms.Textarea(attrs={"rows": 10, "dir": "auto"})


class RetoldForm(forms.Form):
    """A case as others read it."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=ModelCase.Kind.choices)
    title = WordsField(label=gettext_lazy("Title"), max_length=200)
    story = WordsField(
        label=gettext_lazy("What happened"),
        max_length=LONGEST,
        widget=_AREA,
        help_text=gettext_lazy("Without names: who it was is of no matter to whoever learns from it."),
    )
    lesson = WordsField(
        label=gettext_lazy("What is learnt from it"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text=gettext_lazy("What others should copy, or never do, and why."),
    )

    def told(self) -> Retold:
        return Retold(**{name: self.cleaned_data[name] for name in ("kind", "title", "story", "lesson")})


def _initial(told: Retold) -> dict[str, str]:
    return {"kind": told.kind, "title": told.title, "story": told.story, "lesson": told.lesson}


@desk
def propose(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the form for a closed case, and keep what is proposed."""
    accessed = access_case(person(request), reference)
    if not choosing.may_choose(accessed.permissions, accessed.case.policy):
        raise PermissionDenied
    if not choosing.may_propose(accessed):
        row = ModelCase.objects.filter(case=accessed.case).order_by("-written_at").first()
        if row is None:
            raise Http404
        return redirect("desk_model_case", row.pk)
    if request.method != "POST":
        return _page(request, accessed, RetoldForm(initial=_initial(choosing.first_words(accessed))))
    return _keep(request, accessed, None)


@desk
def revise(request: HttpRequest, key: UUID) -> HttpResponse:
    """Change the words of a case that waits for approval."""
    row = ModelCase.objects.filter(pk=key, status=ModelCase.Status.PROPOSED).select_related("case").first()
    if row is None:
        raise Http404
    accessed = access_case(person(request), row.case.reference)
    if not choosing.may_choose(accessed.permissions, row.policy):
        raise PermissionDenied
    if request.method != "POST":
        told = Retold(kind=row.kind, title=row.title, story=row.story, lesson=row.lesson)
        return _page(request, accessed, RetoldForm(initial=_initial(told)))
    return _keep(request, accessed, row)


def _keep(request: HttpRequest, accessed: Accessed, row: ModelCase | None) -> HttpResponse:
    form, by, now = RetoldForm(request.POST), person(request), timezone.now()
    if not form.is_valid():
        return _page(request, accessed, form, status=422)
    try:
        if row is None:
            row = choosing.propose(accessed, form.told(), by=by, now=now)
        else:
            choosing.revise(row, accessed, form.told(), by=by, now=now)
    except StillNames as error:
        form = RetoldForm(_initial(error.without))
        form.add_error(None, PROBLEMS["names"])
        return _page(request, accessed, form, status=422)
    except ModelCaseError as error:
        form.add_error(None, PROBLEMS[str(error)])
        return _page(request, accessed, form, status=422)
    messages.success(request, _("Kept. Another person approves it."))
    return redirect("desk_model_case", row.pk)


def _page(request: HttpRequest, accessed: Accessed, form: RetoldForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"case": accessed.case, "form": form}
    return show(request, "workbench/model_case_form.html", "model_cases", context, now=timezone.now(), status=status)
