"""The form of a reply template: whose it is, under which policy, and its words in each language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.correspondence import replies
from ombud.correspondence.models import ReplyTemplate
from ombud.correspondence.replies import LONGEST, TEXT, ReplyError
from ombud.interface.words_field import WordsField
from ombud.organisation.models import Person, words
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import DEPARTMENT, SUBJECT
from ombud.texts import LANGUAGES
from ombud.workbench.message_form import languages_of, name_of

MINE, TEAM = "mine", "team"
PROBLEMS = {
    "title": gettext_lazy("Give it a title by which you find it again."),
    "department": gettext_lazy("This department is none of the policy's."),
    TEXT: gettext_lazy("Write the message in one language at least."),
}


class ReplyForm(forms.Form):
    """One reply template."""

    title = WordsField(label=gettext_lazy("Title"), max_length=100)
    policy = forms.ChoiceField(label=gettext_lazy("Policy"))
    owner = forms.ChoiceField(
        label=gettext_lazy("For whom"),
        choices=[(MINE, gettext_lazy("For myself")), (TEAM, gettext_lazy("For the team"))],
    )
    department = forms.ChoiceField(
        label=gettext_lazy("Department"),
        required=False,
        help_text=gettext_lazy("Of a template for the team: who is offered it."),
    )

    def __init__(self, data: Any, *, row: ReplyTemplate, known: Mapping[str, Pack], kept: Mapping[str, Pack]) -> None:
        initial = {"title": row.title, "policy": row.policy, "department": row.department}
        initial["owner"] = TEAM if row.pk and row.owner_id is None else MINE
        super().__init__(data, initial=initial)
        self.row, self.known, self.kept = row, known, kept
        self.languages = list(
            dict.fromkeys(
                [*LANGUAGES, *row.texts, *(tag for pack in known.values() for tag in languages_of(pack, "zh"))]
            )
        )
        self._choose()
        for tag in self.languages:
            said = row.texts.get(tag, {})
            self.fields[f"{SUBJECT}_{tag}"] = WordsField(
                label=_("Subject, {language}").format(language=name_of(tag)),
                max_length=LONGEST[SUBJECT],
                required=False,
                initial=said.get(SUBJECT, ""),
            )
            self.fields[f"{TEXT}_{tag}"] = WordsField(
                label=_("Message, {language}").format(language=name_of(tag)),
                max_length=LONGEST[TEXT],
                required=False,
                initial=said.get(TEXT, ""),
                widget=forms.Textarea(attrs={"rows": 8, "dir": "auto", "lang": tag}),
            )

    def _choose(self) -> None:
        known = self.known.items()
        self.fields["policy"].choices = [(id, words(dict(pack.title))) for id, pack in known]  # type: ignore[attr-defined]
        if len(self.known) == 1:
            self.fields["policy"].widget = forms.HiddenInput()
            self.initial["policy"] = next(iter(self.known))
        if not self.kept:
            del self.fields["owner"], self.fields[DEPARTMENT]
            return
        departments = {
            id: words(dict(each.title)) for pack in self.kept.values() for id, each in pack.departments.items()
        }
        offered = [("", _("All departments")), *departments.items()]
        self.fields[DEPARTMENT].choices = offered  # type: ignore[attr-defined]

    def keep(self, by: Person, now: datetime) -> bool:
        """Keep it; where that is refused, say why at its field and return False."""
        data, row = self.cleaned_data, self.row
        is_team = data.get("owner") == TEAM
        if is_team and data["policy"] not in self.kept:
            self.add_error("owner", _("Only the policy's service department and managers keep templates for the team."))
            return False
        row.title, row.policy = data["title"], data["policy"]
        row.owner, row.department = (None, data[DEPARTMENT]) if is_team else (by, "")
        texts = {tag: {name: data[f"{name}_{tag}"] for name in (SUBJECT, TEXT)} for tag in self.languages}
        try:
            replies.keep(row, self.known[row.policy], texts, by=by, now=now)
        except ReplyError as error:
            self._refuse(error)
            return False
        return True

    def _refuse(self, error: ReplyError) -> None:
        field = f"{error.field}_{error.language or self.languages[0]}" if error.field in LONGEST else error.field
        if not error.written:
            self.add_error(field, PROBLEMS[error.field])
        elif error.meant:
            said = _("{written} stands for nothing under this policy. Did you mean {meant}?")
            self.add_error(field, said.format(written=error.written, meant="{{ " + error.meant + " }}"))
        else:
            said = _("{written} stands for nothing under this policy. The list beside says what may stand in braces.")
            self.add_error(field, said.format(written=error.written))
