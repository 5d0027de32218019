"""Offices: the rows of the places that packs name, and which of them a complaint belongs to."""

from __future__ import annotations

from ombud.organisation.models import Office
from ombud.policy.model import Pack


def sync(pack: Pack) -> None:
    """Make a row of every office of the pack; one that a new version drops keeps its row, since cases name it."""
    for key, office in pack.offices.items():
        Office.objects.update_or_create(key=key, defaults={"name": dict(office.title), "tz": zone_of(pack, key)})


def zone_of(pack: Pack, office: str) -> str:
    """Return the time zone of an office: that of its calendar, else of the policy's."""
    return pack.calendars[pack.offices[office].calendar or pack.counting_calendar].tz


def of_country(pack: Pack, country: object) -> str | None:
    """Return the office that serves a country; None where no office names it, or several do."""
    found = [key for key, office in pack.offices.items() if country in office.countries]
    return found[0] if len(found) == 1 else None
