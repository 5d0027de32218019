"""The inbox: what came in and is nobody's yet, what is suspect, what was settled."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.reading.paging import NotOurs
from ombud.channels import arrived, holding, sorting
from ombud.channels.telephone import receiving
from ombud.correspondence import inbox
from ombud.organisation.models import words
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.register import FilterField, asked

TITLES = {
    inbox.WAITING: gettext_lazy("Waiting"),
    inbox.QUARANTINE: gettext_lazy("Quarantine"),
    inbox.SETTLED: gettext_lazy("Settled"),
}
EMPTY = {
    inbox.WAITING: (
        gettext_lazy("Nothing waits"),
        gettext_lazy("What comes in and files no complaint by itself waits here for somebody to say whose it is."),
    ),
    inbox.QUARANTINE: (
        gettext_lazy("Nothing is in quarantine"),
        gettext_lazy("Who answers to a case that they do not belong to, or is not who they say, is kept apart here."),
    ),
    inbox.SETTLED: (
        gettext_lazy("Nothing was settled yet"),
        gettext_lazy("What became a complaint, was attached to a case, answered or put aside is found here."),
    ),
}
WHY: dict[str, str | Promise] = {
    sorting.STRANGER: gettext_lazy("The sender is not known to the case that they answer to."),
    sorting.FORGED: gettext_lazy("Our mail server says that the sender is not who they say they are."),
    sorting.TOO_MANY: gettext_lazy("So much came from this sender within the hour that people look first."),
    sorting.INCOMPLETE: gettext_lazy("Something that the policy needs for a complaint is missing."),
    sorting.ASKED: gettext_lazy("They were asked whether it is a complaint, and have not said yes."),
    sorting.NOT_FILED: gettext_lazy("This account files no complaints by itself."),
    sorting.ERASED: gettext_lazy("The personal data of the case that it answers to is erased."),
    receiving.CALLED: gettext_lazy("A call that nobody has recorded yet."),
    receiving.MISSED: gettext_lazy("Nobody answered this call: it is to be called back."),
    sorting.UNANSWERED: gettext_lazy(
        "It asks not to be answered by a machine: a list, or an address that nobody reads."
    ),
    arrived.UNREADABLE: gettext_lazy("It could not be sorted. Look at it as it came."),
    sorting.SEVERAL: gettext_lazy("A complaint was filed from it before."),
}


@require_GET
@desk
def messages(request: HttpRequest) -> HttpResponse:
    """Show one page of a tab, narrowed to an account or a policy."""
    now, reader, query = timezone.now(), person(request), asked(request)
    permissions = permissions_of(reader)
    known = inbox.policies_of(permissions)
    if not known:
        raise PermissionDenied
    tab = query.get("show", inbox.WAITING)
    if tab not in inbox.TABS:
        raise NotOurs(f"show={tab}")
    narrowed = {name: query.get(name, "") for name in ("account", "policy")}
    filter_fields = _filter_fields(narrowed, permissions, known)
    page = inbox.page(permissions, tab, cursor=query.get("cursor"), **narrowed)
    counts = inbox.counts(permissions)
    context: dict[str, Any] = {
        "lines": [(line, WHY.get(str(line.details.get("why", "")), "")) for line in page.rows],
        "tab": tab,
        "tabs": [(key, TITLES[key], counts.get(key, 0)) for key in inbox.TABS],
        "empty": EMPTY[tab],
        "filter_fields": [field for field in filter_fields if len(field.choices) > 1],
        "held": holding.of_policies(known).count(),
        **hrefs(request, page),
    }
    return show(request, "workbench/inbox.html", "inbox", context, now=now)


def _filter_fields(narrowed: dict[str, str], permissions: Permissions, known: frozenset[str]) -> list[FilterField]:
    accounts = [(each.key, str(each)) for each in inbox.accounts_of(permissions)]
    titles = {version.policy: pack.title for version, pack in packs.in_force(now=timezone.now())}
    policies = [(each, words(dict(titles[each]))) for each in sorted(known) if each in titles]
    fields = [("account", _("Account"), accounts), ("policy", _("Policy"), policies)]
    for name, _label, choices in fields:
        if narrowed[name] and narrowed[name] not in dict(choices):
            raise NotOurs(f"{name}={narrowed[name]}")
    return [
        FilterField(name=name, label=label, value=narrowed[name], choices=choices) for name, label, choices in fields
    ]
