"""Yearly announcements of days off and make-up working days, with their source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from ombud.worktime.daysoff import weekend_of
from ombud.worktime.errors import AnnouncementError
from ombud.worktime.words import date_text

Text = Mapping[str, str]
_Stretch = tuple[str, date, date]  # name, first day, last day

#: Countries whose working days are not known before they are announced, year by year.
ANNOUNCING = frozenset({"CN"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """What one year's notice says: the days off, the make-up working days, and where it is written."""

    country: str = "CN"
    year: int
    source: str  # number of the notice
    off: tuple[tuple[date, str, str], ...]  # day, Chinese name, English name
    work: tuple[date, ...]  # make-up working days

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise AnnouncementError("source")
        off = {day for day, _, _ in self.off}
        if not off:
            raise AnnouncementError("empty", year=self.year)
        if both := sorted(off & set(self.work)):
            raise AnnouncementError("both", day=both[0])
        for day in sorted(off | set(self.work)):
            # A notice may reach into the last days of the year before, never further.
            if not date(self.year - 1, 12, 20) <= day <= date(self.year, 12, 31):
                raise AnnouncementError("elsewhere", day=day, year=self.year)

    def to_data(self) -> dict[str, Any]:
        return {
            "country": self.country,
            "year": self.year,
            "source": self.source,
            "off": [[day.isoformat(), zh, en] for day, zh, en in self.off],
            "work": [day.isoformat() for day in self.work],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Announcement:
        try:
            return cls(
                country=str(data.get("country", "CN")),
                year=int(data["year"]),
                source=str(data["source"]),
                off=tuple(sorted((date.fromisoformat(day), str(zh), str(en)) for day, zh, en in data["off"])),
                work=tuple(sorted(date.fromisoformat(day) for day in data["work"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise AnnouncementError("unreadable", error=repr(error)) from error


def announce(
    year: int, source: str, off: Iterable[tuple[str, date, date]], work: Iterable[date], *, country: str = "CN"
) -> Announcement:
    """Return an announcement from stretches of days off (name, first day, last day) and make-up working days.

    A name is a key of the shipped names (`spring_festival`) or words of one's own. Raises AnnouncementError where a day
    is in two stretches, a make-up day is no day of the weekend, or the announcement contradicts itself otherwise.
    """
    names = _read()["names"]
    days: dict[date, tuple[date, str, str]] = {}
    stretches: dict[date, _Stretch] = {}
    for stretch in off:
        name, first, last = stretch
        if last < first:
            raise AnnouncementError("backwards", name=name, first=first, last=last)
        text = names.get(name, {"zh": name, "en": name})
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            if day in stretches:
                raise AnnouncementError("overlap", one=_shown(stretches[day]), other=_shown(stretch), day=day)
            stretches[day], days[day] = stretch, (day, text["zh"], text["en"])
    made_up = sorted(set(work))
    for day in made_up:
        # Nobody makes up for a day off on a day that is worked anyway: another date was meant.
        if day not in days and day.weekday() not in weekend_of(country):
            raise AnnouncementError("worked", day=date_text(day))
    return Announcement(
        country=country,
        year=year,
        source=source,
        off=tuple(days[day] for day in sorted(days)),
        work=tuple(made_up),
    )


def _shown(stretch: _Stretch) -> str:
    name, first, last = stretch
    return f"{name} ({first} \u2013 {last})"


@lru_cache(maxsize=1)
def shipped() -> tuple[Announcement, ...]:
    """Return the announcements that come with the package, oldest first."""
    data = _read()
    return tuple(
        announce(
            int(year),
            ", ".join(notice["number"] for notice in entry["notices"]),
            [
                (stretch["name"], date.fromisoformat(stretch["from"]), date.fromisoformat(stretch["to"]))
                for stretch in entry["off"]
            ],
            [date.fromisoformat(day) for day in entry["work"]],
            country=data["country"],
        )
        for year, entry in data["years"].items()
    )


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    text = files("ombud.worktime").joinpath("data/cn.yaml").read_text(encoding="utf-8")
    # BaseLoader keeps every scalar a string: dates are parsed by us, nothing is guessed.
    data: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return data
