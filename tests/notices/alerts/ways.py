"""Ways for tests: to a stand-in of a provider, in use, telling everything at once."""

from __future__ import annotations

from typing import Any

from ombud.notices.alerts import addresses
from ombud.notices.alerts.models import Way
from ombud.notices.alerts.wording import TOPICS
from ombud.organisation.models import Person


def make_way(
    person: Person | None, kind: str = Way.Kind.WECOM, address: str = "", secret: str = "", **given: Any
) -> Way:
    """Return a way of a person, or with `policy` and more of a group."""
    usual = {"topics": list(TOPICS), "language": "en", "tz": "Asia/Shanghai"}
    way = Way(person=person, kind=kind, **{**usual, **given})
    addresses.put(way, address or "lin@example.com", secret)
    way.save()
    return way
