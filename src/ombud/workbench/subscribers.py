"""Systems that are told of cases: entered, tried, and what became of each thing that they were told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ombud.cases.access.kept_out import admitting
from ombud.channels.models import Delivery
from ombud.channels.signing import new_secret
from ombud.channels.subscribers import delivering, kinds
from ombud.correspondence import accounts as keeping
from ombud.correspondence.carriers import AccountFailed
from ombud.correspondence.models import Account
from ombud.workbench.accounts import may_keep
from ombud.workbench.lookups import pack_in_force
from ombud.workbench.page import desk, person, show
from ombud.workbench.subscriber_form import SubscriberForm

SHOWN = 50  # deliveries of a page


@require_http_methods(["GET", "POST"])
@desk
def new(request: HttpRequest, policy: str) -> HttpResponse:
    """Enter a subscriber; the secret that we sign with is shown once."""
    return _edit(request, None, pack_in_force(policy).id)


@require_http_methods(["GET", "POST"])
@desk
def subscriber(request: HttpRequest, key: str) -> HttpResponse:
    """Show a subscriber with its log and who changed it, and change it."""
    row = _subscriber(key)
    return _edit(request, row, row.policy)


@require_POST
@desk
def secret(request: HttpRequest, key: str) -> HttpResponse:
    """Give it another secret, from the next call on."""
    may_keep(person(request))
    return _kept(request, _subscriber(key), is_new=True)


@require_POST
@desk
def attempt(request: HttpRequest, key: str) -> HttpResponse:
    """Send a ping and say what was answered; one that rests is woken."""
    may_keep(person(request))
    row = _subscriber(key)
    try:
        delivering.check(row, now=timezone.now())
    except AccountFailed as error:
        messages.error(request, _("It was called and did not take it: {words}").format(words=error))
    else:
        messages.success(request, _("It was called and took it."))
    Account.objects.filter(pk=row.pk).update(paused_until=None)
    return redirect("desk_subscriber", row.key)


@require_POST
@desk
def again(request: HttpRequest, key: str) -> HttpResponse:
    """Tell one thing again, or all that was given up."""
    may_keep(person(request))
    row, now = _subscriber(key), timezone.now()
    one, known = request.POST.get("delivery", ""), Delivery.objects.filter(account=row)
    try:
        wanted = known.filter(pk=UUID(one)) if one else known.filter(state=Delivery.State.FAILED)
    except ValueError as error:  # no id
        raise Http404 from error
    rows = list(wanted)
    for each in rows:
        delivering.again(each, now=now)
    said = ngettext("{n} is told again.", "{n} are told again.", len(rows))
    messages.success(request, said.format(n=len(rows)))
    return redirect("desk_subscriber", row.key)


def _edit(request: HttpRequest, row: Account | None, policy: str) -> HttpResponse:
    may_keep(person(request))
    form = SubscriberForm(request.POST or None, row=row, policy=policy)
    if request.method == "POST" and form.is_valid():
        return _kept(request, form.filled(), is_new=row is None)
    return _shown(request, row, policy, form=form, status=422 if form.is_bound else 200)


def _kept(request: HttpRequest, row: Account, *, is_new: bool) -> HttpResponse:
    made = new_secret() if is_new else ""
    keeping.keep(row, {kinds.SECRET: made}, by=person(request), now=timezone.now())
    # Not by a redirection: the secret stands on this page alone, in no session and in no address.
    return _shown(request, row, row.policy, secret=made) if is_new else redirect("desk_subscriber", row.key)


def _shown(request: HttpRequest, row: Account | None, policy: str, *, status: int = 200, **more: Any) -> HttpResponse:
    context: dict[str, Any] = {"row": row, "pack": pack_in_force(policy), **more}
    if row is not None and "form" in more:
        known = Delivery.objects.filter(admitting(person(request), case="case"), account=row)
        state = request.GET.get("state", "")
        shown = known.filter(state=state) if state in Delivery.State.values else known
        newest = shown.order_by("-made_at", "-id")[:SHOWN]
        numbers = dict(known.values_list("state").annotate(number=Count("pk")))
        context |= {
            "deliveries": [(each, kinds.KINDS[each.kind]) for each in newest.select_related("case")],
            "states": [(each.value, each.label, numbers.get(each.value, 0)) for each in Delivery.State],
            "state": state,
            "given_up": numbers.get(Delivery.State.FAILED, 0),
            "history": keeping.changes_of(row),
        }
    return show(request, "workbench/subscriber.html", "connections", context, now=timezone.now(), status=status)


def _subscriber(key: str) -> Account:
    row = Account.objects.filter(key=key, kind=kinds.KIND).first()
    if row is None:
        raise Http404
    return row
