"""The menu of saved views: those that are there for the reader, and with whom one may be shared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from ombud.cases.access.permissions import Permissions
from ombud.insight.saved_views import keeping
from ombud.insight.saved_views.models import SavedView
from ombud.organisation.models import MANAGER, words
from ombud.policy.model.pack import Pack
from ombud.workbench import packs

ADDRESSES = {SavedView.Page.REGISTER: "desk_register", SavedView.Page.EXPLORE: "desk_explore"}


def menu(reader: Permissions, page: str, now: datetime) -> dict[str, Any]:
    """Return what the menu of a page shows: the views that are there, and with whom one may be shared."""
    address, known = reverse(ADDRESSES[SavedView.Page(page)]), {pack.id: pack for _v, pack in packs.in_force(now=now)}
    return {
        "page": page,
        "views": [
            {
                "view": each,
                "href": f"{address}?{urlencode(sorted(each.query.items()))}",
                "is_own": each.person_id == reader.person.pk,
            }
            for each in keeping.of(reader, page)
        ],
        "roles": [(f"{policy}:{role}", _role(policy, role, known)) for policy, role in keeping.held(reader)],
    }


def _role(policy: str, role: str, known: Mapping[str, Pack]) -> str:
    if not policy:
        return _("Managers") if role == MANAGER else _("Auditors")
    pack = known.get(policy)
    if pack is None or role not in pack.roles:
        return role
    return f"{words(dict(pack.roles[role].title))} \u00b7 {words(dict(pack.title))}"
