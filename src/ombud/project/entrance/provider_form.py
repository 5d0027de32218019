"""The form of a provider of single sign-on; it is asked whether it is one before it is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.signin import openid
from ombud.signin.models import Provider
from ombud.signin.openid import OpenIdError

PROBLEMS = {
    "address": gettext_lazy("This address is not called: it must be https and lead to the open internet."),
    "silent": gettext_lazy("Nobody answers at this address."),
    "refused": gettext_lazy("There is no OpenID provider at this address."),
    "answer": gettext_lazy("There is no OpenID provider at this address."),
    "discovery": gettext_lazy("The provider does not say where it is asked."),
    "issuer": gettext_lazy("The provider calls itself otherwise. Copy its issuer exactly, its last slash too."),
}
BOXES = ("is_on", "is_enough", "makes_accounts")
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}


class ProviderForm(forms.Form):
    """What a provider is called, where it is, and who we are there."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("As people know it: it stands on the button.")
    )
    key = forms.SlugField(
        label=gettext_lazy("Short name in addresses"), max_length=40, widget=forms.TextInput(attrs=_PLAIN),
        help_text=gettext_lazy("Letters and digits. It stays: the provider must know the address that it is part of."),
    )  # fmt: skip
    issuer = forms.CharField(label=gettext_lazy("Issuer"), max_length=500, widget=forms.TextInput(attrs=_PLAIN))
    client_id = forms.CharField(label=gettext_lazy("Client ID"), max_length=300, widget=forms.TextInput(attrs=_PLAIN))
    secret = forms.CharField(
        label=gettext_lazy("Client secret"), max_length=500, required=False, strip=True,
        widget=forms.PasswordInput(attrs={**_PLAIN, "autocomplete": "new-password"}),
    )  # fmt: skip
    is_on = forms.BooleanField(label=gettext_lazy("In use"), required=False)
    is_enough = forms.BooleanField(
        label=gettext_lazy("It asks for a second factor itself, so we ask for none"), required=False
    )
    makes_accounts = forms.BooleanField(
        label=gettext_lazy("Make an account, without any role, for whoever has none"), required=False
    )

    def __init__(self, data: Any, row: Provider) -> None:
        names = ("name", "key", "issuer", "client_id", "is_on", "is_enough", "makes_accounts")
        super().__init__(data, initial={name: getattr(row, name) for name in names})
        self._row = row
        if row.pk:
            del self.fields["key"]
        if row.secret:
            self.fields["secret"].help_text = _("One is kept; another takes its place.")

    @property
    def lines(self) -> list[forms.BoundField]:
        """Return the fields that are typed into."""
        return [each for each in self if each.name not in BOXES]

    @property
    def boxes(self) -> list[forms.BoundField]:
        """Return the boxes that are ticked."""
        return [self[name] for name in BOXES]

    def clean(self) -> dict[str, Any]:
        """Ask the provider who it is."""
        given = super().clean() or {}
        if given.get("key") and Provider.objects.filter(key=given["key"]).exists():
            self.add_error("key", _("There is one of this name already."))
        if "issuer" in given and not self.errors:
            try:
                openid.discover(given["issuer"])
            except OpenIdError as error:
                self.add_error("issuer", str(PROBLEMS[error.code]))
        if "key" in given:
            self._row.key = given["key"]
        return given
