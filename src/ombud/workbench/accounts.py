"""Mailboxes and accounts at providers of messages: what comes in and goes out there, how they are, and a test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ombud.channels import hook_address, providers
from ombud.channels.mail import testing
from ombud.channels.registry import CONNECTIONS, PROVIDERS
from ombud.correspondence import accounts as keeping
from ombud.correspondence.carriers import AccountFailed
from ombud.correspondence.models import Account, Message
from ombud.organisation.models import ADMINISTRATOR, MANAGER, Person
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.account_form import AccountForm
from ombud.workbench.page import OVERSEERS, desk, person, show
from ombud.workbench.provider_form import ProviderForm

KEEPERS = frozenset({MANAGER, ADMINISTRATOR})


@require_safe
@desk
def accounts(request: HttpRequest) -> HttpResponse:
    """List the accounts with what waits there."""
    now, held = timezone.now(), packs.own_roles(person(request))
    if not held & OVERSEERS:
        raise PermissionDenied
    queued = Count("messages", filter=Q(messages__state=Message.State.QUEUED))
    rows = (
        Account.objects.exclude(kind__in=CONNECTIONS).select_related("office").annotate(queued=queued).order_by("key")
    )
    titles = {pack.id: pack.title for _version, pack in packs.in_force(now=now)}
    context: dict[str, Any] = {
        "rows": [(row, titles.get(row.policy)) for row in rows],
        "can_keep": bool(held & KEEPERS),
        "own": keeping.INSTALLATIONS,
        "kinds": [(kind, provider.title) for kind, provider in PROVIDERS.items()],
    }
    return show(request, "workbench/accounts.html", "accounts", context, now=now)


@desk
def new(request: HttpRequest) -> HttpResponse:
    """Enter an account."""
    return _edit(request, None, kind=request.GET.get("kind", keeping.MAIL))


@desk
def account(request: HttpRequest, key: str) -> HttpResponse:
    """Show an account with who changed it, and change it."""
    row = _account(key)
    return redirect("desk_telephone", key) if row.kind == keeping.TELEPHONE else _edit(request, row, kind=row.kind)


@require_POST
@desk
def test(request: HttpRequest, key: str) -> HttpResponse:
    """Sign in at the account's servers or its provider and say what they answered; an account that rests is woken."""
    row = _account(key)
    may_keep(person(request))
    for way, words in _tried(row).items():
        if words:
            messages.error(request, _("{way}: {words}").format(way=way, words=words))
        else:
            messages.success(request, _("{way}: signed in.").format(way=way))
    Account.objects.filter(pk=row.pk).update(paused_until=None)
    return redirect("desk_account", row.key)


def _tried(row: Account) -> dict[str, str]:
    """Return {what was tried: what went wrong, empty where we were let in}."""
    if row.kind not in PROVIDERS:
        return testing.tried(row)
    provider = PROVIDERS[row.kind]
    try:
        provider.check(providers.held(provider, row, now=timezone.now()))
    except AccountFailed as error:
        return {str(provider.title): str(error)}
    return {str(provider.title): ""}


def _edit(request: HttpRequest, row: Account | None, *, kind: str) -> HttpResponse:
    reader, now, status = person(request), timezone.now(), 200
    may_keep(reader)
    known = {pack.id: pack for _version, pack in packs.in_force(now=now)}
    form = _form(request.POST or None, row, kind, known)
    if request.method == "POST":
        if form.is_valid():
            return _keep(request, form, reader, now)
        status = 422
    context: dict[str, Any] = {
        "form": form,
        "row": row,
        "provider": PROVIDERS.get(kind),
        "hook": hook_address.of(row) if row is not None and kind in PROVIDERS else "",
        "history": keeping.changes_of(row) if row else [],
    }
    return show(request, "workbench/account.html", "accounts", context, now=now, status=status)


def _form(data: Any, row: Account | None, kind: str, known: Mapping[str, Pack]) -> AccountForm | ProviderForm:
    if kind == keeping.MAIL:
        return AccountForm(data, row=row, known=known)
    if kind not in PROVIDERS:
        raise Http404
    return ProviderForm(data, kind=kind, provider=PROVIDERS[kind], row=row, known=known)


def _keep(request: HttpRequest, form: AccountForm | ProviderForm, reader: Person, now: datetime) -> HttpResponse:
    row, secrets = form.filled()
    keeping.keep(row, secrets, by=reader, now=now)
    messages.success(request, _("Saved. Test whether it lets us in."))
    return redirect("desk_account", row.key)


def _account(key: str) -> Account:
    row = Account.objects.filter(key=key).exclude(key=keeping.INSTALLATIONS).exclude(kind__in=CONNECTIONS).first()
    if row is None:
        raise Http404
    return row


def may_keep(reader: Person) -> None:
    """Raise PermissionDenied unless the person sets accounts up."""
    if not packs.own_roles(reader) & KEEPERS:
        raise PermissionDenied
