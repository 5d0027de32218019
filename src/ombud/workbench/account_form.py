"""The form of an account: what it is for, its servers, and secrets that are taken in and never shown again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.channels.mail import servers, tokens
from ombud.correspondence import accounts
from ombud.correspondence.models import Account
from ombud.interface.words_field import WordsField
from ombud.organisation.models import Office
from ombud.policy.model.pack import Pack
from ombud.workbench import account_fields

BY_MAIL = ("email",)  # kinds of the channels that mail comes in by
PASSWORD = "password"
SECRETS = ("password", "client_secret", "refresh_token")
PLACES = ("imap_host", "smtp_host", "provider", "tenant")  # whom the secrets are told to
TRUSTED = "trusted_servers"  # whose Authentication-Results are believed
OPTIONS = (
    "imap_host", "imap_port", "imap_security", "folder", "smtp_host", "smtp_port", "smtp_security", "user", "auth",
    "provider", "tenant", "client_id", "plus", accounts.STAFF, TRUSTED,
)  # fmt: skip
OWN = ("title", "address", "office", "takes_in", "sends", "is_active")
_SECURITY = [
    (servers.TLS, gettext_lazy("TLS from the start")),
    (servers.STARTTLS, "STARTTLS"),
    (servers.UNENCRYPTED, gettext_lazy("not encrypted: within one machine only")),
]
_SERVER = re.compile(r"[a-z0-9](?:[a-z0-9._:-]{0,251}[a-z0-9])?", re.ASCII)
_HERE = ("127.0.0.1", "localhost", "::1")
_SECRET = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class AccountForm(forms.Form):
    """One mailbox."""

    title = WordsField(label=gettext_lazy("Name that people read"), max_length=100)
    address = forms.EmailField(label=gettext_lazy("Address"))
    channel = forms.ChoiceField(
        label=gettext_lazy("Mails are complaints under"),
        required=False,
        help_text=gettext_lazy("Without one, all mails wait in the inbox."),
    )
    office = forms.ModelChoiceField(
        label=gettext_lazy("Office"), queryset=Office.objects.none(), required=False,
        empty_label=gettext_lazy("All offices"),
    )  # fmt: skip
    takes_in = forms.BooleanField(label=gettext_lazy("Mails are fetched"), required=False)
    by_itself = forms.BooleanField(label=gettext_lazy("A new mail files a complaint by itself"), required=False)
    sends = forms.BooleanField(label=gettext_lazy("Letters are sent from here"), required=False)
    staff = forms.BooleanField(label=gettext_lazy("Mail to staff is sent from here"), required=False)
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False)
    user = WordsField(
        label=gettext_lazy("User name"), required=False, help_text=gettext_lazy("If it is not the address.")
    )
    auth = forms.ChoiceField(label=gettext_lazy("Signs in by"), choices=[
        (PASSWORD, gettext_lazy("password")), (tokens.OAUTH2, "OAuth 2 (Microsoft 365, Google)"),
    ])  # fmt: skip
    password = forms.CharField(label=gettext_lazy("Password"), required=False, strip=False, widget=_SECRET)
    imap_host = WordsField(label=gettext_lazy("IMAP server"), required=False, max_length=253)
    imap_port = forms.IntegerField(label=gettext_lazy("IMAP port"), required=False, min_value=1, max_value=65535)
    imap_security = forms.ChoiceField(label=gettext_lazy("IMAP connection"), choices=_SECURITY)
    folder = WordsField(label=gettext_lazy("Folder"), required=False, max_length=200)
    trusted_servers = WordsField(
        label=gettext_lazy("Servers whose word on senders counts"), required=False, max_length=1000,
        help_text=gettext_lazy(
            "As mails that came in name them first in Authentication-Results, such as mx.example.com. What they say is "
            "forged is kept apart."
        ),
    )  # fmt: skip
    smtp_host = WordsField(
        label=gettext_lazy("SMTP server"), required=False, max_length=253,
        help_text=gettext_lazy("Without one, the mail server of the installation sends."),
    )  # fmt: skip
    smtp_port = forms.IntegerField(label=gettext_lazy("SMTP port"), required=False, min_value=1, max_value=65535)
    smtp_security = forms.ChoiceField(label=gettext_lazy("SMTP connection"), choices=_SECURITY)
    plus = forms.BooleanField(
        label=gettext_lazy("Mail to name+anything arrives too"), required=False,
        help_text=gettext_lazy("Then answers are known by their address; otherwise by a mark in the subject."),
    )  # fmt: skip
    provider = forms.ChoiceField(label=gettext_lazy("Provider of tokens"), required=False, choices=[
        ("", "\u2014"), ("microsoft", "Microsoft 365"), ("google", "Google"),
    ])  # fmt: skip
    tenant = WordsField(label=gettext_lazy("Tenant"), required=False, max_length=100)
    client_id = WordsField(label=gettext_lazy("Client id"), required=False, max_length=200)
    client_secret = forms.CharField(label=gettext_lazy("Client secret"), required=False, strip=False, widget=_SECRET)
    refresh_token = forms.CharField(label=gettext_lazy("Refresh token"), required=False, strip=False, widget=_SECRET)

    def __init__(self, data: Any, *, row: Account | None, known: Mapping[str, Pack]) -> None:
        initial: dict[str, Any] = {
            "is_active": True,
            "takes_in": True,
            "by_itself": True,
            "sends": True,
            "folder": "INBOX",
        }
        if row is not None:
            initial = {name: getattr(row, name) for name in OWN} | row.options
            initial["by_itself"] = row.files
            initial[TRUSTED] = ", ".join(row.options.get(TRUSTED) or ())
            initial["channel"] = account_fields.written(row.policy, row.channel)
        super().__init__(data, initial=initial)
        self.row = row
        account_fields.offer(self, known, BY_MAIL)
        for name in SECRETS:
            if row is not None and name in row.secrets:
                self.fields[name].help_text = _("Kept. Leave it empty to keep it.")

    @property
    def uses(self) -> list[forms.BoundField]:
        """Return the boxes that say what the account does."""
        return [self[name] for name in ("takes_in", "by_itself", "sends", accounts.STAFF, "is_active")]

    @property
    def habits(self) -> list[forms.BoundField]:
        """Return the boxes that say what its provider does."""
        return [self["plus"]]

    def clean_trusted_servers(self) -> list[str]:
        """Return the names. Raises ValidationError where one is no name of a server."""
        names = re.split(r"[\s,;\uff0c\uff1b\u3001]+", self.cleaned_data[TRUSTED].strip().lower())
        found = [name for name in dict.fromkeys(names) if name]
        if not all(map(_SERVER.fullmatch, found)):
            raise forms.ValidationError(_("Write names of servers, such as mx.example.com, with commas between."))
        return found

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("takes_in") and not data.get("imap_host"):
            self.add_error("imap_host", _("Say from which server mails are fetched."))
        for way in ("imap", "smtp"):
            host = data.get(f"{way}_host")
            if host and data.get(f"{way}_security") == servers.UNENCRYPTED and host not in _HERE:
                self.add_error(f"{way}_security", _("A password is not sent unencrypted to another machine."))
        if data.get("auth") == tokens.OAUTH2 and not data.get("provider"):
            self.add_error("provider", _("Choose who gives the tokens."))
        account_fields.ask_again(self, self.row, PLACES, SECRETS)
        return data

    def filled(self) -> tuple[Account, dict[str, Any]]:
        """Return the account, not saved, as the form says, and its secrets as they were typed."""
        data = self.cleaned_data
        row = self.row or Account(kind=accounts.MAIL)
        for name in OWN:
            setattr(row, name, data[name])
        row.files = data["by_itself"]
        row.policy, row.channel = account_fields.chosen(data["channel"])
        row.options = {**row.options, **{name: data[name] for name in OPTIONS}}
        return row, {name: data[name] for name in SECRETS}
