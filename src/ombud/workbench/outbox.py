"""The outbox: what waits to go out, what failed and what was given up; sent again, or given up for a reason."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ombud.cases import outbox as rows
from ombud.cases import tasks
from ombud.cases.reading.paging import NotOurs
from ombud.correspondence import resending, telling, unsettled
from ombud.correspondence.models import Message
from ombud.notices.alerts.models import Way
from ombud.workbench import packs
from ombud.workbench.page import OVERSEERS, desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.ways import runs

SOURCES = {
    unsettled.MESSAGES: gettext_lazy("Messages to people outside"),
    unsettled.ALERTS: gettext_lazy("Alerts to staff"),
    unsettled.TASKS: gettext_lazy("Notices, letters and tasks"),
}
STATES = {
    unsettled.WAITS: gettext_lazy("Waits"),
    unsettled.FAILING: gettext_lazy("Failed, tried again"),
    unsettled.GIVEN_UP: gettext_lazy("Given up"),
}
TASKS = {
    rows.TELL: gettext_lazy("Notice"),
    rows.LETTER: gettext_lazy("Letter"),
    rows.CODE: gettext_lazy("New tracking code"),
    tasks.THEN: gettext_lazy("Act after a matter"),
    tasks.COUNT: gettext_lazy("Count of a group"),
    tasks.SPREAD: gettext_lazy("Act on a group"),
    tasks.FOLLOW: gettext_lazy("Act on a member of a group"),
    tasks.MIGRATE: gettext_lazy("Move to a new version"),
}
KINDS = {
    unsettled.MESSAGES: dict(Message.Way.choices),
    unsettled.ALERTS: dict(Way.Kind.choices),
    unsettled.TASKS: TASKS,
}


@desk
def outbox(request: HttpRequest) -> HttpResponse:
    """Show what has not gone out; who runs it sends rows again, or gives them up."""
    now, reader = timezone.now(), person(request)
    if not packs.own_roles(reader) & OVERSEERS:
        raise PermissionDenied
    query = request.GET
    source, state = query.get("show", unsettled.MESSAGES), query.get("state", unsettled.GIVEN_UP)
    kind = query.get("kind", "")
    if kind and kind not in KINDS.get(source, ()):
        raise NotOurs(f"kind={kind}")
    page = unsettled.unsettled(source, state, kind=kind, cursor=query.get("cursor"), reader=reader)
    if request.method == "POST":
        if not runs(reader):
            raise PermissionDenied
        _decide(request, source)
        return redirect(request.get_full_path())
    context = {
        "source": source,
        "state": state,
        "kind": kind,
        "sources": SOURCES.items(),
        "states": STATES.items(),
        "kinds": KINDS[source].items(),
        "task_kinds": TASKS,
        "reasons": telling.FAILURES,
        "lines": page.rows,
        "given_up": unsettled.given_up(reader),
        "runs": runs(reader),
        **hrefs(request, page),
    }
    return show(request, "workbench/outbox.html", "outbox", context, now=now)


def _decide(request: HttpRequest, source: str) -> None:
    by, now = person(request), timezone.now()
    keys, reason = request.POST.getlist("row"), request.POST.get("reason", "")
    try:
        if request.POST.get("do") == "again":
            done = sum(resending.again(source, key, by=by, now=now) for key in keys)
        else:
            done = sum(resending.give_up(source, key, reason=reason, by=by, now=now) for key in keys)
    except resending.NoReason:
        messages.error(request, _("Say why it is given up."))
        return
    if done:
        messages.success(request, ngettext("Done for {n}.", "Done for {n}.", done).format(n=done))
    if done < len(keys):
        messages.warning(request, _("What has gone out meanwhile, or cannot go out, stays as it is."))
