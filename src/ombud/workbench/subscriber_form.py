"""The form of a subscriber: the address that is told, and of what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ombud.channels.subscribers import kinds, noting
from ombud.correspondence.models import Account
from ombud.interface.words_field import WordsField
from ombud.workbench import account_fields


class SubscriberForm(forms.Form):
    """One system that is told of cases."""

    title = WordsField(label=gettext_lazy("Name that people read"), max_length=100)
    url = WordsField(
        label=gettext_lazy("Address that is called"), max_length=1000,
        help_text=gettext_lazy("Of the other system, such as https://crm.example.com/hooks/complaints"),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("It is told when"), choices=list(kinds.KINDS.items()), widget=forms.CheckboxSelectMultiple
    )
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False)

    def __init__(self, data: Any, *, row: Account | None, policy: str) -> None:
        initial: dict[str, Any] = {"is_active": True, "kinds": list(kinds.KINDS)}
        if row is not None:
            initial = {"title": row.title, "is_active": row.is_active} | row.options
        super().__init__(data, initial=initial)
        self.row, self._policy = row, policy

    def clean_url(self) -> str:
        """Return the address. Raises ValidationError where the program would not call it."""
        url = str(self.cleaned_data["url"])
        account_fields.need_callable(url)
        return url

    def filled(self) -> Account:
        """Return the subscriber, not saved, as the form says; a new one is told of what happens from now on."""
        data = self.cleaned_data
        # `takes_in` has `carrying` give it a thread of its own.
        row = self.row or Account(
            kind=kinds.KIND, policy=self._policy, takes_in=True, sends=False, files=False,
            place={noting.PLACE: noting.newest()},
        )  # fmt: skip
        row.title, row.is_active = data["title"], data["is_active"]
        row.options = {"url": data["url"], "kinds": data["kinds"]}
        return row
