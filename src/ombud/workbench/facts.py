"""What complainants' pages say of the company: how each channel is reached, its name, its privacy notice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ombud.interface.words_field import WordsField
from ombud.organisation import changes, company
from ombud.organisation.company import LinkError
from ombud.organisation.models import Change, Person, words
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.accounts import may_keep
from ombud.workbench.house_form import HouseForm
from ombud.workbench.page import OVERSEERS, desk, person, show

CHANGES = 20
_WORDS = {"rows": 2, "dir": "auto"}


class ReachForm(forms.Form):
    """How the channels of one policy are reached."""

    def __init__(self, data: Any, pack: Pack) -> None:
        known = company.of_policy(pack.id)
        super().__init__(data)
        self.pack = pack
        for channel in pack.channels.values():
            row, title = known.get(channel.id), words(dict(channel.title))
            self.fields[f"text-{channel.id}"] = WordsField(
                label=title, required=False, max_length=500, widget=forms.Textarea(attrs=_WORDS),
                initial=row.text if row is not None else channel.reach,
                help_text=_("Numbers, addresses, names of accounts, hours that the policy does not say."),
            )  # fmt: skip
            self.fields[f"link-{channel.id}"] = WordsField(
                label=_("Link, also shown as a QR code"), required=False, max_length=500,
                initial=row.link if row is not None else "",
            )  # fmt: skip

    def keep(self, *, by: Person, now: datetime) -> None:
        """Keep what was typed. Raises LinkError."""
        said = self.cleaned_data
        given = {each: (said[f"text-{each}"], said[f"link-{each}"]) for each in self.pack.channels}
        company.keep(self.pack.id, given, by=by, now=now)


@require_http_methods(["GET", "POST"])
@desk
def facts(request: HttpRequest) -> HttpResponse:
    """Show, and change, what the company says of itself; of a policy where one is chosen, else of the company."""
    now, reader = timezone.now(), person(request)
    held = packs.own_roles(reader)
    if not held & OVERSEERS:
        raise PermissionDenied
    known = {pack.id: pack for _version, pack in packs.in_force(now=now)}
    pack = known.get(request.GET.get("policy", ""))
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ReachForm(data, pack) if pack else HouseForm(data, files, company.house())
    if request.method == "POST":
        may_keep(reader)
        if form.is_valid() and _is_kept(form, reader, now):
            messages.success(request, _("Saved. It stands on the complainants' pages."))
            return redirect(request.get_full_path())
    context = {"form": form, "pack": pack, "packs": known.values(), "history": _history(pack)}
    status = 422 if form.errors else 200
    return show(request, "workbench/facts.html", "facts", context, now=now, status=status)


def _is_kept(form: ReachForm | HouseForm, reader: Person, now: datetime) -> bool:
    try:
        form.keep(by=reader, now=now)
    except LinkError as error:
        form.add_error(f"link-{error}", _("A link such as https://... is needed here."))
        return False
    return True


def _history(pack: Pack | None) -> list[Change]:
    """Return who changed it, newest first."""
    if pack is None:
        return list(reversed(changes.of(company.house())))[:CHANGES]
    rows = Change.objects.filter(kind="reach", key__startswith=f"{pack.id}/")
    return list(rows.select_related("by").order_by("-id")[:CHANGES])
