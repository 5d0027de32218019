"""The form of a provider of single sign-on; it is asked whether it is one before it is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.interface.words_field import WordsField
from ombud.organisation.models import Person
from ombud.privacy import outgoing
from ombud.signin.claims import SignOnError
from ombud.signin.models import Provider
from ombud.signin.providers.saml import metadata
from ombud.signin.providers.saml.xml import MOST
from ombud.signin.registry import WAYS
from ombud.signin.ways import Entered, Trip

PROBLEMS = {
    "address": gettext_lazy("This address is not called: it must be https and lead to the open internet."),
    "silent": gettext_lazy("Nobody answers at this address."),
    "refused": gettext_lazy("There is no OpenID provider at this address."),
    "answer": gettext_lazy("There is no OpenID provider at this address."),
    "discovery": gettext_lazy("The provider does not say where it is asked."),
    "issuer": gettext_lazy("The provider calls itself otherwise. Copy its issuer exactly, its last slash too."),
    "metadata": gettext_lazy("This is no metadata of one SAML provider that is reached by redirection."),
    "document": gettext_lazy("This is no metadata of one SAML provider that is reached by redirection."),
    "certificate": gettext_lazy("A certificate in it cannot be read."),
}
COLUMNS = ("issuer", "client_id", "secret")  # of a provider itself; what else is entered is one of its details
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}


class ProviderForm(forms.Form):
    """What a provider is called, where it is, and who we are there."""

    name = WordsField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("As people know it: it stands on the button.")
    )
    key = forms.SlugField(
        label=gettext_lazy("Short name in addresses"), max_length=40, widget=forms.TextInput(attrs=_PLAIN),
        help_text=gettext_lazy("Letters and digits. It stays: the provider must know the address that it is part of."),
    )  # fmt: skip
    is_on = forms.BooleanField(label=gettext_lazy("In use"), required=False)
    is_enough = forms.BooleanField(
        label=gettext_lazy("It asks for a second factor itself, so we ask for none"), required=False
    )
    takes_addresses = forms.BooleanField(
        label=gettext_lazy("The organisation gives out the e-mail addresses there: people are found by them"),
        required=False,
    )
    makes_accounts = forms.BooleanField(
        label=gettext_lazy("Make an account, without any role, for whoever has none"), required=False
    )

    def __init__(self, data: Any, row: Provider, files: Any = None) -> None:
        self._row, self._way = row, WAYS[row.kind]
        names = ("name", "key", "issuer", "client_id", "is_on", "is_enough", "makes_accounts", "takes_addresses")
        initial = {**{name: getattr(row, name) for name in names}, **row.details}
        super().__init__(data, files, initial=initial)
        if row.pk:
            del self.fields["key"]
        for each in self._way.entered:
            self.fields[each.name] = self._field(each)
        if row.kind == Provider.Kind.SAML:
            self.fields["document"] = forms.FileField(
                label=_("Or its metadata as a file"), required=False, max_length=200
            )
        for name, kinds in _BOXES.items():
            if row.kind not in kinds:
                del self.fields[name]

    def _field(self, each: Entered) -> forms.Field:
        is_kept = each.is_secret and bool(self._row.secret)
        widget: forms.TextInput | forms.PasswordInput = forms.TextInput(attrs=_PLAIN)
        if each.is_secret:
            widget = forms.PasswordInput(attrs={**_PLAIN, "autocomplete": "new-password"})
        kind = forms.CharField if each.is_secret else WordsField
        return kind(
            label=str(each.label), max_length=500, required=not each.is_optional and not is_kept, widget=widget,
            help_text=_("A secret is kept; another takes its place.") if is_kept else str(each.help),
            initial=each.default or None,
        )  # fmt: skip

    @property
    def lines(self) -> list[forms.BoundField]:
        """Return the fields that are typed into."""
        return [each for each in self if each.name not in (*_BOXES, "is_on", "is_enough")]

    @property
    def boxes(self) -> list[forms.BoundField]:
        """Return the boxes that are ticked."""
        return [self[name] for name in ("is_on", "is_enough", *_BOXES) if name in self.fields]

    def clean(self) -> dict[str, Any]:
        """Return what is kept, as the provider's row has it; it is asked first who it is."""
        given = super().clean() or {}
        if given.get("key") and Provider.objects.filter(key=given["key"]).exists():
            self.add_error("key", _("There is one of this name already."))
        if not self.errors:
            self._ask(given)
        if "key" in given:
            self._row.key = given["key"]
        details = {each.name: given.get(each.name, "") for each in self._way.entered if each.name not in COLUMNS}
        empty = dict.fromkeys(("issuer", "client_id", "secret"), "")
        boxes = dict.fromkeys(("takes_addresses", "makes_accounts"), False)
        return {**empty, **boxes, "kind": self._row.kind, "details": details, **given}

    def _ask(self, given: dict[str, Any]) -> None:
        for name in self._way.hosts:
            given[name] = given[name].rstrip("/")
            try:
                outgoing.judge(given[name])
            except outgoing.NotAllowed:
                self.add_error(name, str(PROBLEMS["address"]))
        field = "issuer"
        try:
            if self._row.kind == Provider.Kind.SAML:
                field = "document" if given.get("document") else "metadata"
                self._read(given)
            elif self._way.check is not None:
                self._way.check(_trip(given))
        except SignOnError as error:
            self.add_error(field, str(PROBLEMS.get(error.code, PROBLEMS["metadata"])))

    def _read(self, given: dict[str, Any]) -> None:
        """Take a SAML provider's own word for what it is: from a file, else from its address. Raises SignOnError."""
        file = given.pop("document", None)
        kept = {name: self._row.details[name] for name in ("sso", "certificates") if name in self._row.details}
        if not file and not given["metadata"]:
            if not kept:
                self.add_error("metadata", _("Enter the address of its metadata, or choose the file."))
            given |= {"issuer": self._row.issuer, "details": {**kept, "metadata": ""}}
            return
        idp = metadata.read(_content(file) if file else metadata.fetch(given["metadata"]))
        found = {"sso": idp.sso, "certificates": list(idp.certificates), "metadata": given["metadata"]}
        given |= {"issuer": idp.entity, "details": found}


def _content(file: UploadedFile[Any]) -> bytes:
    return bytes(file.read(MOST + 1))


def _trip(given: dict[str, Any]) -> Trip:
    return Trip(
        issuer=given["issuer"], client_id=given.get("client_id", ""), secret="", details={}, back="", entity="",
        is_asked_again=False, now=timezone.now(),
    )  # fmt: skip


_KINDS = Provider.Kind
#: Boxes that not every kind has: only where addresses are said can people be found, or accounts made, by them.
_BOXES = {
    "takes_addresses": {_KINDS.SAML, _KINDS.FEISHU},
    "makes_accounts": {_KINDS.OPENID, _KINDS.SAML, _KINDS.FEISHU},
}


class ConnectForm(forms.Form):
    """Who somebody is at a provider."""

    person = forms.ModelChoiceField(label=gettext_lazy("Person"), queryset=Person.objects.none())
    subject = WordsField(
        label=gettext_lazy("What the provider calls them"), max_length=255, widget=forms.TextInput(attrs=_PLAIN),
        help_text=gettext_lazy("Who signs in unknown is shown it: their unionId, userid or NameID."),
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        people = Person.objects.filter(is_active=True).order_by("name", "username")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
