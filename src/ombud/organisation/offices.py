"""Offices: the rows of the places that packs name, and which of them a complaint belongs to."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global

from ombud.organisation.models import Office
from ombud.policy.model.pack import Pack
from ombud.worktime import CalendarSpec
from ombud.worktime.zones import zones_of_places


def sync(pack: Pack) -> None:
    """Make a row of every office of the pack; one that a new version drops keeps its row, since cases name it."""
    for key, office in pack.offices.items():
        Office.objects.update_or_create(key=key, defaults={"name": dict(office.title), "tz": zone_of(pack, key)})


def zone_of(pack: Pack, office: str) -> str:
    """Return the time zone of an office: that of its calendar, else of the policy's."""
    return calendar_of(pack, office).tz


def calendar_of(pack: Pack, office: str | None) -> CalendarSpec:
    """Return when an office works; without one, when the policy counts."""
    known = pack.offices.get(office or "")
    return pack.calendars[(known.calendar if known is not None else None) or pack.counting_calendar]


def zone_of_case(pack: Pack, office: str | None) -> ZoneInfo:
    """Return the clock of a case's office; without an office, that of the policy."""
    return ZoneInfo(calendar_of(pack, office).tz)


def zone_of_country(country: object, *, now: datetime) -> str:
    """Return the time zone of a country whose clocks all show the same, all year; nothing for one with several."""
    return _zone_of_country(country, now.year) if isinstance(country, str) and country else ""


@lru_cache(maxsize=300)
def _zone_of_country(country: str, year: int) -> str:
    territories = get_global("zone_territories")
    found = [name for name in zones_of_places() if territories.get(name) == country]
    days = [datetime(year, month, 15, tzinfo=UTC) for month in (1, 4, 7, 10)]  # either side of every summer time
    clocks = {tuple(day.astimezone(ZoneInfo(name)).utcoffset() for day in days) for name in found}
    return found[0] if len(clocks) == 1 else ""


def of_country(pack: Pack, country: object) -> str | None:
    """Return the office that serves a country; None where no office names it, or several do."""
    found = [key for key, office in pack.offices.items() if country in office.countries]
    return found[0] if len(found) == 1 else None


def region_of(pack: Pack, office: str | None, country: object = None) -> str | None:
    """Return the country (ISO 3166) whose numbers need no country's code in a case.

    It is the complainant's own, else the only one that the office serves, else that of the office's time zone.
    """
    if isinstance(country, str) and country:
        return country
    known = pack.offices.get(office or "")
    if known is not None and len(known.countries) == 1:
        return known.countries[0]
    zone = zone_of(pack, known.id) if known is not None else pack.calendars[pack.counting_calendar].tz
    found: str | None = get_global("zone_territories").get(zone)
    return found


def regions_of(pack: Pack) -> tuple[str, ...]:
    """Return the countries that complaints under the policy come from, as far as the pack tells."""
    named = [country for office in pack.offices.values() for country in office.countries]
    zones = [region_of(pack, None), *(region_of(pack, office) for office in pack.offices)]
    return tuple(dict.fromkeys(each for each in (*zones, *named) if each))
