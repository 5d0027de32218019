"""Look-up sources: entered, changed, and tried with a value before anybody leans on them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ombud.channels.lookups import asking, sources
from ombud.channels.lookups.asking import LookUpFailed
from ombud.correspondence import accounts as keeping
from ombud.correspondence.models import Account
from ombud.organisation.models import words
from ombud.policy.model.pack import Pack
from ombud.workbench import looking_up, packs
from ombud.workbench.accounts import may_keep
from ombud.workbench.lookup_form import LookUpForm
from ombud.workbench.page import desk, person, show


@require_http_methods(["GET", "POST"])
@desk
def new(request: HttpRequest, policy: str) -> HttpResponse:
    """Enter a source for a policy."""
    return _edit(request, None, pack_in_force(policy))


@require_http_methods(["GET", "POST"])
@desk
def lookup(request: HttpRequest, key: str) -> HttpResponse:
    """Show a source with who changed it, and change it."""
    row = _source(key)
    return _edit(request, row, pack_in_force(row.policy))


@require_POST
@desk
def attempt(request: HttpRequest, key: str) -> HttpResponse:
    """Ask the source with values that were typed for it, and show what it answers and what that would fill."""
    may_keep(person(request))
    row, now = _source(key), timezone.now()
    Account.objects.filter(pk=row.pk).update(paused_until=None)
    row.paused_until = None  # whoever tries it wakes it
    source, pack = sources.source_of(row), pack_in_force(row.policy)
    context: dict[str, Any] = {"source": source}
    typed = {name: request.POST.get(f"value-{name}", "").strip() for name in source.asks_for}
    try:
        answered = asking.ask(row, source, typed, now=now)
    except LookUpFailed as error:
        context["failure"] = looking_up.failure_words(error, pack)
    else:
        found, unfit = looking_up.values_of(pack, source, answered.content, at=now)
        silent = [name for name in source.fills if name not in found and name not in unfit]
        context |= {
            "rows": looking_up.rows_of(pack, found),
            "unfit": list(unfit.values()),
            "silent": [words(dict(pack.fields[name].title)) for name in silent if name in pack.fields],
            "answer": looking_up.written(answered.content),
        }
    return render(request, "workbench/_lookup_tried.html", context)


def _edit(request: HttpRequest, row: Account | None, pack: Pack) -> HttpResponse:
    may_keep(person(request))
    now = timezone.now()
    form = LookUpForm(request.POST or None, row=row, pack=pack)
    if request.method == "POST" and form.is_valid():
        filled, secrets = form.filled()
        keeping.keep(filled, secrets, by=person(request), now=now)
        messages.success(request, _("Saved. Try it with a value."))
        return redirect("desk_lookup", filled.key)
    asks_for = sources.source_of(row).asks_for if row is not None else ()
    context: dict[str, Any] = {
        "form": form,
        "row": row,
        "pack": pack,
        "asks_for": [(name, words(dict(pack.fields[name].title))) for name in asks_for if name in pack.fields],
        "history": keeping.changes_of(row) if row is not None else [],
    }
    return show(request, "workbench/lookup.html", "connections", context, now=now, status=422 if form.is_bound else 200)


def pack_in_force(policy: str) -> Pack:
    """Return the policy that a connection is entered for. Raises Http404 where it is not in force."""
    found = next((pack for _version, pack in packs.in_force(now=timezone.now()) if pack.id == policy), None)
    if found is None:
        raise Http404
    return found


def _source(key: str) -> Account:
    row = Account.objects.filter(key=key, kind=sources.KIND).first()
    if row is None:
        raise Http404
    return row
