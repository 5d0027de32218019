"""The form of a message: what is written, in which language, with which files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from ombud.cases import attachments, contents
from ombud.cases.errors import AttachmentRefused
from ombud.cases.models import Attachment
from ombud.correspondence.carriers import Enclosure
from ombud.interface.act_form import ActForm
from ombud.interface.fields import FilesField
from ombud.interface.words_field import WordsField
from ombud.organisation.models import Person
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import COMPLAINANT
from ombud.texts import code_of

LONGEST = 20_000  # characters of a message


class MessageForm(ActForm):
    """What is said to somebody outside."""

    pack_fields = ("uploads",)  # kept while the form is shown again

    subject = WordsField(label=_("Subject"), max_length=200)
    text = WordsField(label=_("Message"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"}))
    language = forms.ChoiceField(label=_("Language of the message"))
    uploads = FilesField(label=_("Files to send along"), required=False)
    case_files = forms.MultipleChoiceField(
        label=_("Files of the case to send along"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        languages: Iterable[str],
        case_files: Sequence[tuple[Attachment, str]] = (),
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, files, prefix="m", initial=initial)
        self.fields["language"].choices = [(tag, name_of(tag)) for tag in languages]  # type: ignore[attr-defined]
        self.fields["uploads"].kind = "files"  # type: ignore[attr-defined]  # as the page draws it
        self._rows = {str(row.pk): (row, name) for row, name in case_files if row.content_id}
        chosen = self.fields["case_files"]
        chosen.choices = [(key, name or key) for key, (_row, name) in self._rows.items()]  # type: ignore[attr-defined]
        if not self._rows:
            del self.fields["case_files"]

    def enclosures(self, owner: Person) -> list[Enclosure]:
        """Return the files that go along, of a form that is valid. Raises AttachmentRefused."""
        kept = self.cleaned_data.get("uploads") or []
        uploaded = attachments.wanted([each.id for each in kept], None, owner.key)
        rows = [self._rows[key] for key in self.cleaned_data.get("case_files", ())]
        rows += [(row, attachments.waiting_names([row])[0]) for row in uploaded.values()]
        return [_enclosed(row, name) for row, name in rows]


def _enclosed(row: Attachment, name: str) -> Enclosure:
    try:
        opened = attachments.content(row)
    except contents.Withheld as error:
        raise AttachmentRefused(error.code) from error
    with opened as file:
        return Enclosure(name=name or str(row.pk), content=file.read(), media_type=row.media_type)


def languages_of(pack: Pack, own: str) -> list[str]:
    """Return the languages in which a case's complainant is written to: the case's first, then those of the letters."""
    letters = [tag for each in pack.documents.values() if each.to == COMPLAINANT for tag in each.templates]
    return list(dict.fromkeys([own, *letters]))


def name_of(tag: str) -> str:
    """Return what a language calls itself."""
    try:
        return str(get_language_info(code_of(tag))["name_local"])
    except KeyError:
        return tag
