"""The field in which a code is typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import pgettext_lazy

_TYPED = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}


class CodeForm(forms.Form):
    """A code of an app, or a recovery code."""

    recovery_or_code = forms.CharField(
        label=pgettext_lazy("second factor", "Code"),
        max_length=40,
        widget=forms.TextInput(attrs={**_TYPED, "autofocus": True}),
    )

    def __init__(self, data: Any, *, is_of_app: bool = False) -> None:
        super().__init__(data)
        if is_of_app:  # a phone shows its digits
            self.fields["recovery_or_code"].widget.attrs["inputmode"] = "numeric"

    @property
    def code(self) -> str:
        """Return what was typed."""
        return str(self.cleaned_data["recovery_or_code"])

    def refuse(self, words: str) -> None:
        """Say what is wrong with it."""
        self.add_error("recovery_or_code", words)
