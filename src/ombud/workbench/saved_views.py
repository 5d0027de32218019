"""Keeping a view of the register or of Explore, and letting one go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ombud.cases.reading.paging import NotOurs
from ombud.insight.exports.asking import SEARCHED
from ombud.insight.saved_views import keeping
from ombud.insight.saved_views.models import SavedView
from ombud.organisation.models import Person
from ombud.workbench.explore import chosen
from ombud.workbench.figures import asked_of, packs_known_to
from ombud.workbench.page import desk, person
from ombud.workbench.paging import PAGING
from ombud.workbench.reader_state import reader_state_of
from ombud.workbench.register import filters_of
from ombud.workbench.saved_view_menu import ADDRESSES


@require_POST
@desk
def keep(request: HttpRequest) -> HttpResponse:
    """Keep how a page is narrowed, and lead back to it."""
    now, reader, page = timezone.now(), person(request), request.POST.get("page", "")
    if page not in ADDRESSES:
        raise NotOurs(page)
    said = dict(parse_qsl(request.POST.get("query", "")[:4000]))
    query = {name: value.strip() for name, value in said.items() if value.strip() and name not in PAGING}
    _CHECKS[SavedView.Page(page)](query, reader, now)
    policy, _colon, role = request.POST.get("role", "").partition(":")
    try:
        view = keeping.keep(
            reader_state_of(request, reader, now=now).permissions,
            page,
            request.POST.get("name", ""),
            query,
            with_role=(policy, role) if role else None,
            leave_out=(SEARCHED,),
            now=now,
        )
    except keeping.NotKept as error:
        messages.warning(request, _WHY[error.why]())
    else:
        messages.success(request, _("Kept: {name}").format(name=view.name))
        if SEARCHED in query:
            messages.info(request, _("Words that were searched for are not kept: they may name somebody."))
    return redirect(f"{reverse(ADDRESSES[SavedView.Page(page)])}?{urlencode(query)}")


@require_POST
@desk
def remove(request: HttpRequest, key: int) -> HttpResponse:
    """Let a view of the reader's own go."""
    reader = reader_state_of(request, person(request), now=timezone.now()).permissions
    page = SavedView.objects.filter(pk=key, person=reader.person).values_list("page", flat=True).first()
    keeping.remove(reader, key)
    messages.success(request, _("The view is gone."))
    return redirect(ADDRESSES[SavedView.Page(page or "")])


def _explored(query: dict[str, str], reader: Person, now: datetime) -> None:
    known = packs_known_to(reader, now)
    if not known:
        raise NotOurs("policy")
    chosen(asked_of(query, known, now))


def _registered(query: dict[str, str], reader: Person, now: datetime) -> None:
    filters_of(query, reader)


#: What raises NotOurs for an address that the page would not show.
_CHECKS: Mapping[str, Callable[[dict[str, str], Person, datetime], None]] = {
    SavedView.Page.REGISTER: _registered,
    SavedView.Page.EXPLORE: _explored,
}
_WHY: Mapping[str, Callable[[], str]] = {
    keeping.NAMELESS: lambda: _("A view needs a name."),
    keeping.TOO_MANY: lambda: _("You have as many views as one may have. Let one go first."),
}
