"""What happened to how somebody signs in: written down, shown to them, and mailed."""

from __future__ import annotations

from datetime import datetime, timedelta

from ombud.organisation.models import Person
from ombud.signin.models import Happening

SHOWN = 20
KEPT = timedelta(days=730)


def note(person: Person, kind: Happening.Kind, *, now: datetime, about: str = "", by: Person | None = None) -> None:
    """Write down what happened; it goes out by mail to who has an address."""
    Happening.objects.create(
        person=person, kind=kind, about=about[:200], by=by, at=now, available_at=now if person.email else None
    )


def of(person: Person) -> list[Happening]:
    """Return what happened lately, newest first."""
    return list(Happening.objects.filter(person=person).select_related("by").order_by("-id")[:SHOWN])


def tidy(*, now: datetime) -> int:
    """Remove what happened long ago and return how much."""
    return Happening.objects.filter(at__lt=now - KEPT).delete()[0]
