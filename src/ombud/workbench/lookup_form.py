"""The form of a look-up source: its address with fields in it, its headers, what fills which field, in which forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.channels.lookups import sources
from ombud.channels.lookups.sources import HEADERS, Unusable
from ombud.correspondence.models import Account
from ombud.interface.words_field import WordsField
from ombud.organisation.models import words
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.procedure import outsiders_act
from ombud.policy.vocabulary import EVIDENCE, MACHINES, RECEIVE
from ombud.privacy.outgoing import origin_of
from ombud.workbench import account_fields
from ombud.workbench.account_fields import called

ASKED_BY = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.CHOICE, FieldType.DATE, FieldType.INTEGER})
NEVER_FILLED = frozenset({FieldType.FILES, FieldType.PERSON, FieldType.CASE})


class LookUpForm(forms.Form):
    """One source."""

    title = WordsField(
        label=gettext_lazy("Name on the button"), max_length=100, help_text=gettext_lazy("Such as: order in the ERP")
    )
    url = WordsField(
        label=gettext_lazy("Address"), max_length=1000,
        help_text=gettext_lazy("With fields of the policy in braces, such as https://erp.example.com/orders/{object}"),
    )  # fmt: skip
    headers = forms.CharField(
        label=gettext_lazy("Headers"), required=False, strip=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("One a line, such as Authorization: Bearer abc. Kept sealed, and not shown again."),
    )  # fmt: skip
    fills = WordsField(
        label=gettext_lazy("What fills which field"), max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line: field = path in the answer, such as loss = data.total, or words with paths in braces, such as "
            "order_check = Order {data.number} of {data.date}: {data.items.0.name}"
        ),
    )  # fmt: skip
    acts = forms.MultipleChoiceField(label=gettext_lazy("Offered in the forms of"), widget=forms.CheckboxSelectMultiple)
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False)

    def __init__(self, data: Any, *, row: Account | None, pack: Pack) -> None:
        initial: dict[str, Any] = {"is_active": True}
        if row is not None:
            initial = {"title": row.title, "is_active": row.is_active} | row.options
        super().__init__(data, initial=initial)
        self.row, self._pack = row, pack
        self.fields["acts"].choices = [  # type: ignore[attr-defined]
            (act.id, words(dict(act.title))) for act in _acts_of_staff(pack)
        ]
        if row is not None and HEADERS in row.secrets:
            self.fields["headers"].help_text = _("Kept. Leave it empty to keep it.")

    @property
    def known(self) -> list[tuple[str, str]]:
        """Return the policy's fields that may stand in the address or be filled, with their titles."""
        kinds = [each for each in self._pack.fields.values() if each.type not in NEVER_FILLED]
        return [(each.id, words(dict(each.title))) for each in kinds]

    def clean_url(self) -> str:
        """Return the address. Raises ValidationError where it leads nowhere, or what is typed decides where."""
        url = str(self.cleaned_data["url"])
        account_fields.need_callable(url)
        asked = sources.PLACE.findall(url)
        if not asked:
            raise forms.ValidationError(_("Put a field of the policy in braces, which says what is looked up."))
        for name in asked:
            if name not in self._pack.fields or self._pack.fields[name].type not in ASKED_BY:
                raise forms.ValidationError(
                    _("The policy has no field {name} that could stand there.").format(name=name)
                )
        return url

    def clean_headers(self) -> str:
        """Return the headers as they were typed."""
        try:
            sources.headers_of(self.cleaned_data["headers"])
        except Unusable as error:
            raise forms.ValidationError(_("Write one header a line, as Name: value, in plain letters.")) from error
        return str(self.cleaned_data["headers"])

    def clean_fills(self) -> str:
        """Return the lines as they were typed."""
        said = {
            "line": _("“{line}” is not of the form: field = path"),
            "twice": _("“{line}” fills a field that another line fills already."),
            "path": _("“{line}” holds a path that is none: names with dots between them, such as data.items.0.name"),
        }
        try:
            found = sources.fills_of(self.cleaned_data["fills"])
        except Unusable as error:
            raise forms.ValidationError(said[error.code].format(line=error.line)) from error
        for name in found:
            if name not in self._pack.fields or self._pack.fields[name].type in NEVER_FILLED:
                raise forms.ValidationError(_("The policy has no field {name} that could be filled.").format(name=name))
        return str(self.cleaned_data["fills"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        before, url = str(self.initial.get("url") or ""), str(data.get("url") or "")
        if url and before and origin_of(called(before)) != origin_of(called(url)):
            account_fields.ask_again(self, self.row, ["url"], [HEADERS])
        return data

    def filled(self) -> tuple[Account, Mapping[str, str]]:
        """Return the source, not saved, as the form says, and its headers as they were typed."""
        data = self.cleaned_data
        row = self.row or Account(kind=sources.KIND, policy=self._pack.id, takes_in=False, sends=False, files=False)
        row.title, row.is_active, row.address = data["title"], data["is_active"], ""
        row.options = {name: data[name] for name in ("url", "fills", "acts")}
        return row, {HEADERS: data["headers"].strip()}


def _acts_of_staff(pack: Pack) -> list[Act]:
    """Return the acts whose forms staff fill in; a complaint is recorded by them too, whoever else may file one."""
    return [
        act
        for act in pack.main.acts.values()
        if {*act.needs, *act.may} - {EVIDENCE}
        and not MACHINES.issuperset(act.by)
        and (act.id == RECEIVE or not outsiders_act(pack, act.by))
    ]
