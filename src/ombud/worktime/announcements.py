"""Yearly announcements of days off and make-up working days, with their source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from ombud.worktime.errors import AnnouncementError

Text = Mapping[str, str]

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
            raise AnnouncementError("an announcement needs its source, such as the number of the notice")
        off = {day for day, _, _ in self.off}
        if not off:
            raise AnnouncementError(f"the announcement for {self.year} names no day off")
        if both := sorted(off & set(self.work)):
            raise AnnouncementError(f"{both[0]} is both a day off and a make-up working day")
        for day in sorted(off | set(self.work)):
            # A notice may reach into the last days of the year before, never further.
            if not date(self.year - 1, 12, 20) <= day <= date(self.year, 12, 31):
                raise AnnouncementError(f"{day} does not belong into the announcement for {self.year}")

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
            raise AnnouncementError(f"the announcement cannot be read: {error!r}") from error


def announce(
    year: int, source: str, off: Iterable[tuple[str, date, date]], work: Iterable[date], *, country: str = "CN"
) -> Announcement:
    """Return an announcement from stretches of days off (name, first day, last day) and make-up working days.

    A name is a key of the shipped names (`spring_festival`) or words of one's own.
    """
    names = _read()["names"]
    days: dict[date, tuple[date, str, str]] = {}
    for name, first, last in off:
        if last < first:
            raise AnnouncementError(f"{name}: the stretch from {first} to {last} ends before it begins")
        text = names.get(name, {"zh": name, "en": name})
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            days[day] = (day, text["zh"], text["en"])
    return Announcement(
        country=country,
        year=year,
        source=source,
        off=tuple(days[day] for day in sorted(days)),
        work=tuple(sorted(set(work))),
    )


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
