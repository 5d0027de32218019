"""What staff wrote and did not send, as it lies sealed in their session: it goes with whom it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ombud.cases.keeping.erasure import ERASURE
from ombud.cases.models import Removal
from ombud.privacy.sealing import HouseVault
from ombud.signin.models import Session
from ombud.signin.session_store import SessionStore

SLOT = "unsent"  # of the session
LOOKED_BACK = timedelta(days=30)  # for erasures: no clock stands still for so long


def sealed(unsent: Mapping[str, Any], *, now: datetime) -> dict[str, str]:
    """Return what a form sent, whose `action` is the address that it went to, as the session may hold it."""
    return _vault().seal(0, SLOT, {**unsent, "at": now.timestamp()})


def opened(token: dict[str, str]) -> dict[str, Any]:
    """Return what was sealed. Raises Tampered."""
    return dict(_vault().open(0, SLOT, token))


def forget_erased(*, now: datetime) -> int:
    """Forget what anybody had written on pages of cases before their complainant was erased; return how many."""
    recent = Removal.objects.filter(kind=ERASURE, removed_at__gte=now - LOOKED_BACK)
    erased = dict(recent.order_by("removed_at").values_list("reference", "removed_at"))
    if not erased:
        return 0
    forgotten = 0
    for row in Session.objects.filter(expire_date__gt=now).iterator():
        token = row.get_decoded().get(SLOT)
        if token is not None and _is_about(opened(token), erased):
            store = SessionStore(row.session_key)
            del store[SLOT]
            store.save()
            forgotten += 1
    return forgotten


def _is_about(unsent: Mapping[str, Any], erased: Mapping[str, datetime]) -> bool:
    """Return whether it was written on a page of a case that was erased since."""
    removed = [at for place in unsent["action"].split("/") if (at := erased.get(place)) is not None]
    return any(unsent.get("at", 0) <= at.timestamp() for at in removed)


def _vault() -> HouseVault:
    return HouseVault("drafts", SLOT)
