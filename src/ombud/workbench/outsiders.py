"""What forms ask of an authority or partner: a name with the address book behind it, which fills in the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ombud.interface.act_form import ActForm, fields_form
from ombud.organisation import address_book
from ombud.organisation.address_book import TAKEN
from ombud.organisation.models import Outsider
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.outsiders import NUMBER, PARTS, addressed
from ombud.policy.vocabulary import NAME
from ombud.texts import Text
from ombud.workbench import packs
from ombud.workbench.page import desk, person

THROUGH = ("regulator", "partner")  # kinds of channels through which somebody outside hands a complaint on


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """The entries that stand for a role outside, offered beside the field that asks for a name."""

    id: str
    rows: Sequence[Outsider]


@dataclass(frozen=True, kw_only=True, slots=True)
class Referrer:
    """What recording a complaint asks of one role outside, where the complaint came through it."""

    title: Text
    form: ActForm
    through: tuple[str, ...]  # the kinds of channels that it may hand a complaint on by
    books: Sequence[Book]


def referrers(pack: Pack, act: Act, data: Any) -> list[Referrer]:
    """Return what the act asks of each role outside; its fields are no part of the complaint itself."""
    found = []
    for role, fields in addressed(pack).items():
        names = [fields[part] for part in PARTS if part in fields and fields[part] in (*act.needs, *act.may)]
        if names:
            form = fields_form(pack, names, data, required=act.needs)
            through = (role,) if role in THROUGH else THROUGH
            found.append(
                Referrer(title=pack.roles[role].title, form=form, through=through, books=offer_book(form, pack))
            )
    return found


def through(found: Iterable[Referrer], kind: str) -> list[Referrer]:
    """Return those who may have handed on a complaint that came by a channel of this kind."""
    return [each for each in found if kind in each.through]


def offer_book(form: ActForm, pack: Pack) -> list[Book]:
    """Let a form's names of authorities and partners be chosen from the address book; return what is offered."""
    asked = {role: fields for role, fields in addressed(pack).items() if fields[NAME] in form.fields}
    books = []
    for role, rows in address_book.offered(asked).items():
        fields, id = asked[role], f"book_{role}"
        if fields.get(NUMBER) in form.fields and (begins := {row.prefix for row in rows if row.prefix}):
            number = form.fields[fields[NUMBER]]
            number.help_text = _("Begins with {prefixes}").format(prefixes=" / ".join(sorted(begins)))
        sent = ", ".join(f"#{form[field].id_for_label}" for field in fields.values() if field in form.fields)
        form.fields[fields[NAME]].widget.attrs |= {
            "list": id,
            "autocomplete": "off",
            "hx-post": reverse("desk_authority_fill", args=[pack.id, role]),
            "hx-trigger": "change",
            "hx-include": sent,
            "hx-swap": "none",
            "hx-sync": "this:replace",
        }
        books.append(Book(id=id, rows=rows))
    return books


@require_POST
@desk
def fill(request: HttpRequest, policy: str, role: str) -> HttpResponse:
    """Return the fields of the address with what the book says of the one that was named, in place of those shown.

    What was typed stays; what an entry of the book had filled in gives way. By POST, so that no log has the address.
    """
    known = {pack.id: pack for _version, pack in packs.visible(person(request), now=timezone.now())}
    pack = known.get(policy)
    fields = addressed(pack).get(role, {}) if pack is not None else {}
    rows = address_book.offered([role])[role] if fields else []
    row = address_book.named(rows, request.POST.get(fields[NAME], "")) if fields else None
    if row is None or pack is None:
        return HttpResponse(status=204)
    said = {fields[part]: getattr(row, part) for part in TAKEN if part in fields and fields[part] in request.POST}
    kept = {
        field: typed
        for part, field in fields.items()
        if (typed := request.POST.get(field, "").strip()) and not _is_from_book(typed, part, rows)
    }
    form = fields_form(pack, said, known={**said, **kept})
    return render(request, "workbench/_filled.html", {"fields": [_swapped(form[name]) for name in said]})


def _is_from_book(typed: str, part: str, rows: Iterable[Outsider]) -> bool:
    return part in TAKEN and any(typed.split() == str(getattr(row, part)).split() for row in rows)


def _swapped(field: BoundField) -> str:
    return field.as_widget(attrs={"hx-swap-oob": "true"})
