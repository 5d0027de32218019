"""The forms of directories: what one is called, where it is and how it is read; a token of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.directory.books.registry import PROVIDERS
from ombud.directory.models import Directory
from ombud.interface.words_field import WordsField
from ombud.privacy.outgoing import NotAllowed, origin_of
from ombud.workbench import account_fields

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
BOXES = ("is_on", "only_mapped", "trusts_own_mail", "invites")


class DirectoryForm(forms.Form):
    """A directory; what only address books have is left out for others."""

    name = WordsField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("What it changes is written down under it.")
    )
    client_id = WordsField(max_length=200, widget=forms.TextInput(attrs=_PLAIN))
    secret = forms.CharField(
        max_length=500, required=False, strip=True,
        widget=forms.PasswordInput(attrs={**_PLAIN, "autocomplete": "new-password"}),
    )  # fmt: skip
    url = WordsField(
        label=gettext_lazy("Address"), max_length=500, required=False, widget=forms.TextInput(attrs=_PLAIN),
        help_text=gettext_lazy("Of a server of your own that passes calls on. Empty: the provider's own."),
    )  # fmt: skip
    every = forms.TypedChoiceField(
        label=gettext_lazy("Is read"), coerce=int,
        choices=[
            (0, gettext_lazy("by hand alone")), (1, gettext_lazy("every hour")), (6, gettext_lazy("every six hours")),
            (24, gettext_lazy("every day")),
        ],
    )  # fmt: skip
    most_leaving = forms.IntegerField(
        label=gettext_lazy("Most that may leave unasked, in percent"), min_value=0, max_value=100,
        help_text=gettext_lazy("If more would, nothing is changed until somebody looked at it."),
    )  # fmt: skip
    is_on = forms.BooleanField(label=gettext_lazy("In use"), required=False)
    only_mapped = forms.BooleanField(
        label=gettext_lazy("Make accounts only for people of departments that stand for a role"), required=False
    )
    trusts_own_mail = forms.BooleanField(
        label=gettext_lazy("Know people by e-mail addresses that are not the company's mailboxes, too"), required=False,
        help_text=gettext_lazy("Only where nobody can enter one there themselves: by another's they would be them."),
    )  # fmt: skip
    invites = forms.BooleanField(
        label=gettext_lazy("Invite new people by mail to set a password"), required=False,
        help_text=gettext_lazy("Not needed where they come in by single sign-on."),
    )  # fmt: skip

    def __init__(self, data: Any, row: Directory) -> None:
        names = ("name", "client_id", "url", "every", "most_leaving", "is_on", *BOXES[1:])
        super().__init__(data, initial={name: getattr(row, name) for name in names})
        self._row = row
        provider = PROVIDERS.get(row.kind)
        if provider is None:
            for name in ("client_id", "secret", "url", "every", "most_leaving", "only_mapped", "trusts_own_mail"):
                del self.fields[name]
            return
        self.fields["client_id"].label = str(provider.id_label)
        self.fields["secret"].label = str(provider.secret_label)
        if row.secret:
            self.fields["secret"].help_text = _("One is kept; another takes its place.")
        else:
            self.fields["secret"].required = True

    @property
    def lines(self) -> list[forms.BoundField]:
        """Return the fields that are typed into."""
        return [each for each in self if each.name not in BOXES]

    @property
    def boxes(self) -> list[forms.BoundField]:
        """Return the boxes that are ticked."""
        return [self[name] for name in BOXES if name in self.fields]

    def clean_name(self) -> str:
        """Return the name. Raises ValidationError where another directory has it."""
        name = str(self.cleaned_data["name"])
        if Directory.objects.filter(name=name).exclude(pk=self._row.pk).exists():
            raise forms.ValidationError(_("There is one of this name already."))
        return name

    def clean_url(self) -> str:
        """Return the address without a slash at its end. Raises ValidationError where it is never called."""
        url = str(self.cleaned_data["url"]).rstrip("/")
        if url:
            account_fields.need_callable(url)
        return url

    def clean(self) -> dict[str, Any]:
        """Have a kept secret typed again where it would go to another server."""
        given: dict[str, Any] = super().clean() or {}
        if self._row.secret and "url" in given and not given.get("secret") and self._moves(given["url"]):
            self.add_error("secret", _("It goes to another server now. Type it again."))
        return given

    @property
    def given(self) -> Mapping[str, Any]:
        """Return what `keeping.keep` takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "secret"}

    def _moves(self, url: str) -> bool:
        own = PROVIDERS[self._row.kind].url
        try:
            return origin_of(url or own) != origin_of(self._row.url or own)
        except NotAllowed:
            return True


class TokenForm(forms.Form):
    """A token by which a directory calls."""

    name = WordsField(
        label=gettext_lazy("What it is for"), max_length=120, help_text=gettext_lazy("Such as: Entra ID, production")
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Good for"), coerce=int, initial=365,
        choices=[
            (90, gettext_lazy("90 days")), (365, gettext_lazy("a year")), (730, gettext_lazy("two years")),
            (0, gettext_lazy("until it is revoked")),
        ],
    )  # fmt: skip
