"""Authorities and partners: the address book that cases take their addresses from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ombud.interface import countries
from ombud.interface.words_field import WordsField
from ombud.organisation import address_book, changes, staff
from ombud.organisation.models import AUDITOR, Office, Outsider, Person, words
from ombud.policy.outsiders import outside_roles
from ombud.policy.plain_text import storable
from ombud.texts import LANGUAGES, Text
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show

#: What somebody outside is called under a role that no policy in force has.
USUAL = {"regulator": gettext_lazy("Authority"), "partner": gettext_lazy("Partner")}
PROBLEMS = {
    "role": gettext_lazy("Choose whom the entry stands for."),
    "names": gettext_lazy("Give its name in one language at least."),
    "country": gettext_lazy("Choose a country from the list."),
    "email": gettext_lazy("Please give a whole e-mail address such as name@example.com"),
    "twice": gettext_lazy("There is an entry of this name already. Change that one."),
}
NAMES = {"names": "name_zh", "twice": "name_zh"}  # where a problem of names is said


@require_safe
@desk
def authorities(request: HttpRequest) -> HttpResponse:
    """List the address book, narrowed by words."""
    now, reader = timezone.now(), person(request)
    can_keep = may_keep(reader, now=now)
    if not can_keep and AUDITOR not in packs.own_roles(reader):
        raise PermissionDenied
    query, titles = storable(request.GET.get("q", "")).strip(), role_titles(now=now)
    rows = [(row, titles.get(row.role, row.role), place_of(row)) for row in address_book.entries(query)]
    context: dict[str, Any] = {"rows": rows, "query": query, "can_keep": can_keep}
    return show(request, "workbench/authorities.html", "authorities", context, now=now)


@desk
def new(request: HttpRequest) -> HttpResponse:
    """Enter an authority or partner."""
    return _edit(request, None)


@desk
def authority(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one entry with who changed it, and change it."""
    return _edit(request, _entry(pk))


@require_POST
@desk
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire an entry, or offer it again."""
    reader, now, row = person(request), timezone.now(), _entry(pk)
    if not may_keep(reader, now=now):
        raise PermissionDenied
    address_book.offer(row, is_active="again" in request.POST, by=reader, now=now)
    messages.success(
        request, _("Offered again.") if row.is_active else _("Retired. Cases keep the address that they have.")
    )
    return redirect("desk_authority", row.pk)


def may_keep(reader: Person, *, now: datetime) -> bool:
    """Return whether the person keeps the address book: managers, and the service department of a policy."""
    held = staff.holdings_of(reader)
    return packs.is_manager(reader) or any(packs.serves(held, pack) for _version, pack in packs.in_force(now=now))


def role_titles(*, now: datetime) -> dict[str, str]:
    """Return the roles that an entry may stand for: those outside under the policies in force, and the usual ones."""
    titles = {role: str(word) for role, word in USUAL.items()}
    for _version, pack in packs.in_force(now=now):
        titles |= {role: words(dict(pack.roles[role].title)) for role in outside_roles(pack)}
    return titles


def place_of(row: Outsider) -> str:
    """Return where an entry is: the office that it is for, and its country."""
    return " · ".join(filter(None, [str(row.office or ""), countries.name(row.country) if row.country else ""]))


def _entry(pk: int) -> Outsider:
    row = Outsider.objects.select_related("office").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _edit(request: HttpRequest, row: Outsider | None) -> HttpResponse:
    reader, now, status = person(request), timezone.now(), 200
    if not may_keep(reader, now=now):
        raise PermissionDenied
    titles = role_titles(now=now)
    form = OutsiderForm(request.POST or None, row=row, titles=titles)
    if request.method == "POST":
        if form.is_valid() and form.keep(reader, now):
            messages.success(request, _("Saved. Cases keep the address that they have."))
            return redirect("desk_authorities")
        status = 422
    history = steps(row, titles) if row else []
    context: dict[str, Any] = {"form": form, "row": row, "history": history}
    return show(request, "workbench/authority.html", "authorities", context, now=now, status=status)


def steps(row: Outsider, titles: Mapping[str, str]) -> list[tuple[Any, list[tuple[str, str, str]]]]:
    """Return each change of an entry, newest first, with (field, before, after) of what it changed."""
    found: list[tuple[Any, list[tuple[str, str, str]]]] = []
    before: dict[str, Any] = {}
    for change in changes.of(row):
        after = dict(change.content or {})
        lines = [
            (_field_title(name), _said(name, before.get(name), titles), _said(name, value, titles))
            for name, value in after.items()
            if before.get(name) != value and (before or value)
        ]
        found.append((change, lines))
        before = after
    return found[::-1]


def _field_title(name: str) -> str:
    return str(next(each.verbose_name for each in Outsider._meta.fields if each.attname == name))


def _said(name: str, value: Any, titles: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "names":
        text: Text = value or {}
        return " / ".join(text.values())
    if name == "country" and value:
        return countries.name(value)
    if name == "role" and value:
        return titles.get(value, value)
    if name == "office_id" and value:
        return str(Office.objects.filter(pk=value).first() or value)
    return str(value or "")


class OutsiderForm(forms.Form):
    """One entry of the address book."""

    role = forms.ChoiceField(label=gettext_lazy("Stands for"))
    name_zh = WordsField(label=gettext_lazy("Name in Chinese"), max_length=200, required=False)
    name_en = WordsField(label=gettext_lazy("Name in English"), max_length=200, required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country or region"), required=False)
    office = forms.ModelChoiceField(
        label=gettext_lazy("For the cases of"),
        queryset=Office.objects.none(),
        required=False,
        empty_label=gettext_lazy("All offices"),
    )
    contact = WordsField(label=gettext_lazy("Contact person"), max_length=200, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = WordsField(label=gettext_lazy("Phone"), max_length=100, required=False)
    address = WordsField(label=gettext_lazy("Postal address"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    begins = WordsField(
        label=gettext_lazy("Its reference numbers begin with"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Shown where its number is typed, such as BNetzA-"),
    )

    def __init__(self, data: Any, *, row: Outsider | None, titles: dict[str, str]) -> None:
        initial: dict[str, Any] = {}
        if row is not None:
            initial = {name: getattr(row, name) for name in self.base_fields if hasattr(row, name)}
            initial |= {f"name_{tag}": name for tag, name in row.names.items()} | {"begins": row.prefix}
        super().__init__(data, initial=initial)
        self.row = row
        nothing = [("", _("Please choose"))]
        self.fields["role"].choices = nothing + list(titles.items())  # type: ignore[attr-defined]
        self.fields["country"].choices = nothing + countries.choices()  # type: ignore[attr-defined]
        self.fields["country"].widget.attrs["data-search"] = _("Type to search")
        self.fields["office"].queryset = Office.objects.order_by("key")  # type: ignore[attr-defined]
        self.fields["email"].error_messages["invalid"] = PROBLEMS["email"]

    def keep(self, by: Person, now: datetime) -> bool:
        """Keep it; where that is refused, say why at its field and return False."""
        data = dict(self.cleaned_data)
        names = {tag: data.pop(f"name_{tag}") for tag in LANGUAGES}
        try:
            address_book.keep(self.row, {**data, "names": names, "prefix": data.pop("begins")}, by=by, now=now)
        except address_book.BookError as error:
            code = str(error)
            self.add_error(NAMES.get(code, code), PROBLEMS.get(code, _("This is too long.")))
            return False
        return True
