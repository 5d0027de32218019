"""The form of an account at a provider of messages: what the provider asks for, secrets never shown again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.channels.providers import Entry, Provider
from ombud.correspondence.models import Account
from ombud.interface.words_field import WordsField
from ombud.organisation.models import Office
from ombud.policy.model.pack import Pack
from ombud.workbench import account_fields

BY_MESSAGE = ("messaging", "social", "app", "phone", "other")  # kinds of the channels that messages come in by
OWN = ("title", "address", "office", "sends", "is_active")
_SECRET = {"autocomplete": "new-password"}


class ProviderForm(forms.Form):
    """One account at a provider."""

    title = WordsField(label=gettext_lazy("Name that people read"), max_length=100)
    address = WordsField(
        label=gettext_lazy("Number or name there"), max_length=254, required=False,
        help_text=gettext_lazy("As people find it: it is shown beside the channel."),
    )  # fmt: skip
    channel = forms.ChoiceField(
        label=gettext_lazy("Messages belong to"), required=False,
        help_text=gettext_lazy("Who sees them in the inbox, and what they become complaints under."),
    )  # fmt: skip
    office = forms.ModelChoiceField(
        label=gettext_lazy("Office"), queryset=Office.objects.none(), required=False,
        empty_label=gettext_lazy("All offices"),
    )  # fmt: skip
    asks = forms.BooleanField(label=gettext_lazy("Senders are asked whether it is a complaint"), required=False,
        help_text=gettext_lazy("Who says yes files it by themselves; otherwise an agent does."),
    )  # fmt: skip
    sends = forms.BooleanField(label=gettext_lazy("Answers are sent from here"), required=False)
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False)

    def __init__(
        self, data: Any, *, kind: str, provider: Provider, row: Account | None, known: Mapping[str, Pack]
    ) -> None:
        initial: dict[str, Any] = {"is_active": True, "sends": True}
        initial |= {entry.name: entry.usual for entry in provider.entries if entry.usual}
        if row is not None:
            initial |= {name: getattr(row, name) for name in OWN} | row.options
            initial["asks"] = row.files
            initial["channel"] = account_fields.written(row.policy, row.channel)
        super().__init__(data, initial=initial)
        self.row, self._kind, self._entries = row, kind, provider.entries
        account_fields.offer(self, known, BY_MESSAGE)
        for entry in provider.entries:
            self.fields[entry.name] = _field(entry, is_kept=row is not None and entry.name in row.secrets)

    @property
    def uses(self) -> list[forms.BoundField]:
        """Return the boxes that say what the account does."""
        return [self[name] for name in ("asks", "sends", "is_active")]

    @property
    def entered(self) -> list[forms.BoundField]:
        """Return the fields that the provider asks for."""
        return [self[entry.name] for entry in self._entries]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        places = [entry.name for entry in self._entries if entry.is_address]
        for name in places:
            if url := data.get(name):
                try:
                    account_fields.need_callable(url)
                except forms.ValidationError as error:
                    self.add_error(name, error)
        account_fields.ask_again(self, self.row, places, [entry.name for entry in self._entries if entry.is_secret])
        return data

    def filled(self) -> tuple[Account, dict[str, Any]]:
        """Return the account, not saved, as the form says, and its secrets as they were typed."""
        data = self.cleaned_data
        row = self.row or Account(kind=self._kind)
        row.files = data["asks"]
        for name in OWN:
            setattr(row, name, data[name])
        row.policy, row.channel = account_fields.chosen(data["channel"])
        row.options = {**row.options, **{each.name: data[each.name] for each in self._entries if not each.is_secret}}
        return row, {each.name: data[each.name] for each in self._entries if each.is_secret}


def _field(entry: Entry, *, is_kept: bool) -> forms.Field:
    """Return the field of one entry; a secret that is kept need not be typed again."""
    asked: dict[str, Any] = {"label": entry.label, "help_text": entry.help, "required": entry.is_needed}
    if entry.is_secret:
        if is_kept:
            asked |= {"help_text": _("Kept. Leave it empty to keep it."), "required": False}
        return forms.CharField(strip=False, max_length=4000, widget=forms.PasswordInput(attrs=_SECRET), **asked)
    if entry.choices:
        return forms.ChoiceField(choices=entry.choices, **asked)
    widget = forms.Textarea(attrs={"rows": 4}) if entry.is_long else forms.TextInput()
    checks = [_need_json(entry)] if entry.is_json else []
    return WordsField(max_length=4000, widget=widget, validators=checks, **asked)


def _need_json(entry: Entry) -> Callable[[str], None]:
    """Return what refuses anything but JSON of the kind that is usual; what is filled in later stands within quotes."""
    kind = type(json.loads(entry.usual))

    def check(said: str) -> None:
        try:
            is_right = isinstance(json.loads(said), kind)
        except ValueError:
            is_right = False
        if not is_right:
            raise forms.ValidationError(_("Write JSON such as {example}").format(example=entry.usual))

    return check
