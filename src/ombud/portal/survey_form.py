"""The form of a survey: a row of buttons for each scale, the answers of a choice, room for words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from ombud.insight.surveys.wording import LONGEST
from ombud.interface.words_field import WordsField
from ombud.organisation.models import words
from ombud.policy.model.surveys import Question, Survey


class SurveyForm(forms.Form):
    """The questions of a survey in the reader's language."""

    def __init__(self, survey: Survey, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.survey = survey
        self.fields = {question.id: _field(question) for question in survey.questions.values()}

    def chosen(self) -> Mapping[str, str]:
        """Return what was chosen, by question."""
        return self._given(is_free=False)

    def words(self) -> Mapping[str, str]:
        """Return the free words, by question."""
        return self._given(is_free=True)

    def _given(self, *, is_free: bool) -> dict[str, str]:
        return {
            id: self.cleaned_data[id]
            for id, question in self.survey.questions.items()
            if self.cleaned_data.get(id) and is_free == (not question.answers)
        }


def _field(question: Question) -> forms.Field:
    label, help = words(dict(question.title)), words(dict(question.help))
    if not question.answers:
        text = WordsField(
            label=label,
            help_text=help,
            required=question.is_needed,
            max_length=LONGEST,
            widget=forms.Textarea(attrs={"rows": 4}),
        )
        text.kind = "long_text"  # type: ignore[attr-defined]  # how components/field.html draws it
        return text
    chosen = forms.ChoiceField(
        label=label,
        help_text=help or _ends(question),
        required=question.is_needed,
        choices=[(answer, words(dict(question.of[answer])) if question.of else answer) for answer in question.answers],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose an answer.")},
    )
    chosen.kind = "integer" if question.points else "choice"  # type: ignore[attr-defined]
    return chosen


def _ends(question: Question) -> str:
    """Return what the ends of a scale mean."""
    if not question.points:
        return ""
    least, most = words(dict(question.least)), words(dict(question.most))
    if least and most:
        return _("From 1 ({least}) to {points} ({most})").format(least=least, points=question.points, most=most)
    return _("1 is the lowest and {points} the highest.").format(points=question.points)
