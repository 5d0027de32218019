"""A survey, answered by the link of its message alone: no account, no script, and nothing else of the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ombud.correspondence import survey_links
from ombud.insight.surveys import answering
from ombud.insight.surveys.models import Invitation
from ombud.insight.surveys.wording import vault_of, words_of
from ombud.policy.model.surveys import Survey
from ombud.portal.language import in_language, spoken_of
from ombud.portal.pages import moment, private
from ombud.portal.survey_form import SurveyForm

WAY = "way"  # what the link carries


@require_http_methods(["GET", "HEAD", "POST"])
@private
def survey(request: HttpRequest, key: int) -> HttpResponse:
    """Ask the questions and take the answers down; 404 where the link opens nothing, 410 where it is too late."""
    response = _answer(request, key)
    response["Referrer-Policy"] = "strict-origin"  # nobody learns what the link carries
    return response


def _answer(request: HttpRequest, key: int) -> HttpResponse:
    now = moment()
    token = (request.POST if request.method == "POST" else request.GET).get(WAY, "")
    row = answering.found(key) if survey_links.opens(key, token, now=now) else None
    asked = answering.survey_of(row) if row is not None else None
    if row is None or asked is None:
        return render(request, "portal/survey_over.html", {}, status=404)
    if not answering.is_open(row, now=now):
        return render(request, "portal/survey_over.html", {"row": row}, status=410)
    shown = {"row": row, "survey": asked, "pack": answering.pack_of(row), "token": token, "keeps": "survey"}
    if language := spoken_of(request):
        return _in_language(request, row, asked, shown, language)
    form = SurveyForm(asked, request.POST if request.method == "POST" else None, initial=_given(row, asked))
    if request.method != "POST" or not form.is_valid():
        return render(request, "portal/survey.html", {**shown, "form": form}, status=422 if form.errors else 200)
    try:
        answering.answer(row, asked, form.chosen(), form.words(), now=now)
    except answering.Over:
        return render(request, "portal/survey_over.html", {"row": row}, status=410)
    messages.success(request, _("Thank you, your answers were kept."))
    return redirect(f"{reverse('portal:survey', args=[key])}?{urlencode({WAY: token})}")


def _in_language(
    request: HttpRequest, row: Invitation, asked: Survey, shown: Mapping[str, Any], language: str
) -> HttpResponse:
    """Show the questions in another language with what was answered, nothing of which has been sent yet."""
    with translation.override(language):
        form = SurveyForm(asked, request.POST)
        form.is_valid()
        form.errors.clear()
        return in_language(render(request, "portal/survey.html", {**shown, "form": form}), language)


def _given(row: Invitation, asked: Survey) -> dict[str, str]:
    """Return what was answered before, as the form begins with it."""
    chosen, vault = dict(row.answers.values_list("question", "value")), vault_of(row)
    return {id: chosen.get(id) or words_of(row, id, vault) for id in asked.questions}
