"""Telephone systems that tell of their calls: entered here, with the secret that they sign with, shown once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ombud.channels.signing import new_secret
from ombud.channels.telephone import signing
from ombud.correspondence import accounts as keeping
from ombud.correspondence.models import Account
from ombud.workbench import packs
from ombud.workbench.accounts import may_keep
from ombud.workbench.page import desk, person, show
from ombud.workbench.telephone_form import TelephoneForm


@require_http_methods(["GET", "POST"])
@desk
def new(request: HttpRequest) -> HttpResponse:
    """Enter a telephone system; its secret is shown once."""
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
@desk
def telephone(request: HttpRequest, key: str) -> HttpResponse:
    """Show a telephone system with who changed it, and change it."""
    return _edit(request, _account(key))


@require_POST
@desk
def secret(request: HttpRequest, key: str) -> HttpResponse:
    """Give it another secret; with the one before nobody is let in any more."""
    may_keep(person(request))
    return _kept(request, _account(key), is_new=True)


def _edit(request: HttpRequest, row: Account | None) -> HttpResponse:
    may_keep(person(request))
    known = {pack.id: pack for _version, pack in packs.in_force(now=timezone.now())}
    form = TelephoneForm(request.POST or None, row=row, known=known)
    if request.method == "POST" and form.is_valid():
        return _kept(request, form.filled(), is_new=row is None)
    return _shown(request, row, form=form, status=422 if form.is_bound else 200)


def _kept(request: HttpRequest, row: Account, *, is_new: bool) -> HttpResponse:
    made = new_secret() if is_new else ""
    keeping.keep(row, {signing.SECRET: made}, by=person(request), now=timezone.now())
    # Not by a redirection: the secret stands on this page alone, in no session and in no address.
    return _shown(request, row, secret=made) if is_new else redirect("desk_telephone", row.key)


def _shown(request: HttpRequest, row: Account | None, *, status: int = 200, **more: Any) -> HttpResponse:
    address = settings.OMBUD_BASE_URL + reverse("call", args=[row.key]) if row is not None and row.key else ""
    history = keeping.changes_of(row) if row is not None else []
    context: dict[str, Any] = {"row": row, "address": address, "history": history, **more}
    return show(request, "workbench/telephone.html", "accounts", context, now=timezone.now(), status=status)


def _account(key: str) -> Account:
    row = Account.objects.filter(key=key, kind=keeping.TELEPHONE).first()
    if row is None:
        raise Http404
    return row
