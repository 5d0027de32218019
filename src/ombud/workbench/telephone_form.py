"""The form of a telephone system: its number, what its calls and voicemails are under a policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.correspondence import accounts
from ombud.correspondence.models import Account
from ombud.interface.languages import own_name
from ombud.interface.words_field import WordsField
from ombud.organisation.models import Office
from ombud.policy.model.pack import Pack
from ombud.texts import tag_of
from ombud.workbench import account_fields

BY_PHONE = ("phone",)  # kinds of the channels that calls come in by
OWN = ("title", "address", "office", "is_active")


class TelephoneForm(forms.Form):
    """One telephone system, or one number of it."""

    title = WordsField(label=gettext_lazy("Name that people read"), max_length=100)
    address = WordsField(label=gettext_lazy("Number that people call"), max_length=60)
    channel = forms.ChoiceField(label=gettext_lazy("Calls are complaints under"))
    voicemail = forms.ChoiceField(
        label=gettext_lazy("Voicemails are complaints under"),
        required=False,
        help_text=gettext_lazy("Of the same policy. A policy may answer voicemails within another time than calls."),
    )
    office = forms.ModelChoiceField(
        label=gettext_lazy("Office"), queryset=Office.objects.none(), required=False,
        empty_label=gettext_lazy("All offices"),
    )  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("Language of the callers"))
    by_itself = forms.BooleanField(label=gettext_lazy("A voicemail files a complaint by itself"), required=False)
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False)

    def __init__(self, data: Any, *, row: Account | None, known: Mapping[str, Pack]) -> None:
        initial: dict[str, Any] = {"is_active": True, "by_itself": True, "language": "zh"}
        if row is not None:
            initial = {name: getattr(row, name) for name in OWN} | {"by_itself": row.files} | row.options
            initial["channel"] = account_fields.written(row.policy, row.channel)
            initial["voicemail"] = account_fields.written(row.policy, row.options.get("voicemail", ""))
        super().__init__(data, initial=initial)
        self.row = row
        channels = account_fields.channels(known, BY_PHONE)
        self.fields["channel"].choices = channels  # type: ignore[attr-defined]
        self.fields["voicemail"].choices = [("", _("As calls")), *channels]  # type: ignore[attr-defined]
        self.fields["language"].choices = [(tag_of(code), own_name(code)) for code, _name in settings.LANGUAGES]  # type: ignore[attr-defined]
        self.fields["office"].queryset = Office.objects.order_by("key")  # type: ignore[attr-defined]

    @property
    def uses(self) -> list[forms.BoundField]:
        """Return the boxes that say what the account does."""
        return [self["by_itself"], self["is_active"]]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        voicemail = str(data.get("voicemail", ""))
        if voicemail and account_fields.chosen(voicemail)[0] != account_fields.chosen(str(data.get("channel", "")))[0]:
            self.add_error("voicemail", _("Choose a channel of the same policy."))
        return data

    def filled(self) -> Account:
        """Return the account, not saved, as the form says."""
        data = self.cleaned_data
        row = self.row or Account(kind=accounts.TELEPHONE, sends=False)
        for name in OWN:
            setattr(row, name, data[name])
        row.files = data["by_itself"]
        row.policy, row.channel = account_fields.chosen(data["channel"])
        row.options = {
            **row.options,
            "voicemail": account_fields.chosen(data["voicemail"])[1],
            "language": data["language"],
        }
        return row
