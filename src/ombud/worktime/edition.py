"""An edition: which announcements, holidays and zone changes calendars are baked from, frozen and hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from ombud.worktime.announcements import ANNOUNCING, Announcement, shipped
from ombud.worktime.daysoff import KnownDays, known_days
from ombud.worktime.errors import AnnouncementError, EditionError
from ombud.worktime.prayer import Year, Years, computed_year
from ombud.worktime.spec import CalendarSpec, Prayers, country_of
from ombud.worktime.words import date_text
from ombud.worktime.zones import ZoneTable, zone_table

FIRST_YEAR = 2010
YEARS_AHEAD = 2

# Statutory days are kept further out than the horizon, for whoever must not fail there (the engine).
_MARGIN_BEFORE, _MARGIN_AFTER = 10, 20

_FORMAT = 1

Text = Mapping[str, str]
_Prayers = tuple[tuple[str, tuple[tuple[int, Year], ...]], ...]  # place -> year -> times


@dataclass(frozen=True, kw_only=True, slots=True)
class DaysOff:
    """The days off and make-up working days of one country as an edition knows them."""

    off: Mapping[date, Text]
    work: Mapping[date, str]  # make-up working day -> source
    announced: frozenset[int] | None  # None: the country announces nothing, its years are all sure


@dataclass(frozen=True, kw_only=True, eq=False)
class Edition:
    """What is known about days and zones at one moment.

    It is sure for the years 2010 to `year` + 2, except those of a country that moves working days by a yearly notice
    (the PRC, Hungary, Vietnam) whose notice is not known: these are provisional. Two editions are equal when their
    content is.
    """

    year: int
    announcements: tuple[Announcement, ...]
    frozen_days: tuple[tuple[str, KnownDays], ...] = field(default=(), repr=False)
    frozen_zones: tuple[tuple[str, ZoneTable], ...] = field(default=(), repr=False)
    frozen_prayers: _Prayers = field(default=(), repr=False)
    follows: str = ""  # the edition before it, where its content without this is that of an older one

    @classmethod
    def shipped(cls, year: int | None = None) -> Edition:
        """Return the edition of a year (of the newest announcement, if none is given) with all that is shipped."""
        known = shipped()
        return cls(year=max(entry.year for entry in known) if year is None else year, announcements=known)

    @property
    def first_year(self) -> int:
        return FIRST_YEAR

    @property
    def last_year(self) -> int:
        """The horizon."""
        return self.year + YEARS_AHEAD

    @cached_property
    def hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def text(self) -> str:
        """The text that the hash is over."""
        return json.dumps(self._content(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def id(self) -> str:
        return f"{self.year}-{self.hash[:8]}"

    def announced_years(self, country: str = "CN") -> tuple[int, ...]:
        return tuple(sorted(entry.year for entry in self.announcements if entry.country == country))

    def announcement(self, country: str, year: int) -> Announcement | None:
        """Return the announcement of a country's year, if one is known."""
        return next((each for each in self.announcements if (each.country, each.year) == (country, year)), None)

    def provisional_years(self, key: str = "CN") -> tuple[int, ...]:
        """Return the years up to the horizon whose make-up working days are not known; none where nobody moves any."""
        announced = self.days(key).announced
        years = range(self.first_year, self.last_year + 1)
        return () if announced is None else tuple(year for year in years if year not in announced)

    def check_announcement(self, announcement: Announcement) -> None:
        """Raise AnnouncementError where a make-up day is off by law: somebody mistyped it."""
        known = self._known(announcement.country)
        law = {} if known.has_moves(announcement.year) else dict(known.off)
        for day in announcement.work:
            if day in law:
                raise AnnouncementError("law", day=date_text(day), name=dict(law[day]))

    def with_announcement(self, announcement: Announcement) -> Edition:
        """Return a new edition that knows the announcement too; it replaces an earlier one for the same year."""
        kept = self.without_announcement(announcement.country, announcement.year).announcements
        later = replace(
            self,
            year=max(self.year, announcement.year - YEARS_AHEAD),
            announcements=tuple(sorted([*kept, announcement], key=lambda entry: (entry.country, entry.year))),
        )
        return replace(later, frozen_prayers=later._prayers_of(()))

    def without_announcement(self, country: str, year: int) -> Edition:
        """Return a new edition that knows no announcement of a country's year."""
        kept = (entry for entry in self.announcements if (entry.country, entry.year) != (country, year))
        return replace(self, announcements=tuple(kept))

    def with_year(self, year: int) -> Edition:
        """Return the edition of another year: the horizon moves; frozen holidays are read anew, the rest is kept."""
        moved = replace(self, year=year, frozen_days=())
        return replace(
            moved,
            frozen_days=tuple((code, moved._read(code)) for code, _ in self.frozen_days),
            frozen_prayers=moved._prayers_of(()),
        )

    def covering(self, specs: Iterable[CalendarSpec]) -> Edition:
        """Return this edition with the holidays, zones and prayer times of these calendars frozen into it.

        What is frozen already stays as it is, so a new release of a package or zone file changes no old due time.
        Returns the same edition if nothing is missing.
        """
        specs = tuple(specs)
        wanted = {key for spec in specs if (key := spec.days_key) is not None}
        codes = wanted - {code for code, _ in self.frozen_days}
        zones = {spec.tz for spec in specs} - {name for name, _ in self.frozen_zones}
        prayers = self._prayers_of(specs)
        if not codes and not zones and prayers == self.frozen_prayers:
            return self
        days = [*self.frozen_days, *((code, self._read(code)) for code in codes)]
        tables = [*self.frozen_zones, *((name, zone_table(name)) for name in zones)]
        return replace(
            self,
            frozen_days=tuple(sorted(days, key=_first)),
            frozen_zones=tuple(sorted(tables)),
            frozen_prayers=prayers,
        )

    def zone(self, name: str) -> ZoneTable:
        """Return a zone's changes; raises UnknownZoneError."""
        return next((table for known, table in self.frozen_zones if known == name), None) or zone_table(name)

    def prayers(self, place: Prayers) -> Years:
        """Return the prayer times of a place: those frozen, else four years computed now."""
        frozen = next((years for known, years in self.frozen_prayers if known == place.place), None)
        return dict(frozen) if frozen else {year: computed_year(place.place, year) for year in self.prayer_years}

    @property
    def prayer_years(self) -> range:
        """The years whose prayer times are computed day by day; four, after which the sun repeats itself."""
        return range(self.year - 1, self.last_year + 1)

    def days(self, key: str) -> DaysOff:
        """Return the days off of a country or subdivision; raises UnknownDaysError."""
        known = self._known(key)
        country = country_of(key)
        entries = sorted((entry for entry in self.announcements if entry.country == country), key=lambda e: e.year)
        announced = frozenset(entry.year for entry in entries)
        # A notice moves days and takes none away that are off by law, whether it repeats them or not. Where the package
        # has moved days of that year already, law and moves cannot be told apart, and the notice stands for all.
        replaced = frozenset(year for year in announced if known.has_moves(year))
        off: dict[date, Text] = {day: dict(text) for day, text in known.off if day.year not in replaced}
        work = {day: known.source for day in known.work if day.year not in announced}
        for entry in entries:
            off.update((day, {"zh": zh, "en": en}) for day, zh, en in entry.off)
            for day in entry.work:
                work[day] = entry.source
                off.pop(day, None)  # as notices have it that were entered before this was refused
        if known.moved_until is not None:
            return DaysOff(off=off, work=work, announced=announced.union(range(FIRST_YEAR, known.moved_until + 1)))
        return DaysOff(off=off, work=work, announced=announced if country in ANNOUNCING else None)

    def to_json(self) -> str:
        """Return the edition as text, for storage; `from_json` reads exactly the same edition again."""
        return f'{self.text[:-1]},"hash":"{self.hash}"}}'

    @classmethod
    def from_json(cls, text: str) -> Edition:
        """Return a stored edition; raises EditionError if it is unreadable or its hash does not match."""
        try:
            data = json.loads(text)
            edition = cls.from_data(data)
            stored = data["hash"]
        except (KeyError, TypeError, ValueError, AttributeError, AnnouncementError) as error:
            raise EditionError(f"the edition cannot be read: {error!r}") from error
        if stored != edition.hash:
            raise EditionError("the edition's content does not match its hash: it was changed after it was stored")
        return edition

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Edition:
        """Return the edition with this content, whatever hash stands beside it."""
        if data["format"] != _FORMAT:
            raise EditionError(f"an edition of format {data['format']} cannot be read by this version")
        return cls(
            year=int(data["year"]),
            announcements=tuple(Announcement.from_data(entry) for entry in data["announcements"]),
            frozen_days=_days_from(data["days"], data.get("moved", ())),
            frozen_zones=tuple((name, tuple((at, offset) for at, offset in rows)) for name, rows in data["zones"]),
            frozen_prayers=tuple(
                (place, tuple((year, tuple(tuple(row) for row in rows)) for year, rows in years))
                for place, years in data.get("prayers", ())
            ),
            follows=str(data.get("follows", "")),
        )

    def __eq__(self, other: object) -> bool:
        return self.hash == other.hash if isinstance(other, Edition) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.hash)

    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = {
            "format": _FORMAT,
            "year": self.year,
            "announcements": [entry.to_data() for entry in self.announcements],
            "days": [
                [key, [[day.isoformat(), dict(name)] for day, name in known.off]] for key, known in self.frozen_days
            ],
            "zones": [[name, [list(change) for change in table]] for name, table in self.frozen_zones],
        }
        # Most have none of these, and editions that were stored before there were any keep their hash.
        if moved := [(key, days) for key, days in self.frozen_days if days.moved_until is not None]:
            content["moved"] = [
                [key, days.source, days.moved_until, [day.isoformat() for day in days.work]] for key, days in moved
            ]
        if self.follows:
            content["follows"] = self.follows
        if self.frozen_prayers:
            content["prayers"] = [
                [place, [[year, [list(row) for row in rows]] for year, rows in years]]
                for place, years in self.frozen_prayers
            ]
        return content

    def _prayers_of(self, specs: Iterable[CalendarSpec]) -> _Prayers:
        """Return what is frozen with the places of these calendars and the years of this edition in it."""
        known = {place: dict(years) for place, years in self.frozen_prayers}
        places = {*known, *(spec.prayers.place for spec in specs if spec.prayers is not None)}
        found = []
        for place in sorted(places):
            years = dict(known.get(place, {}))
            years.update((year, computed_year(place, year)) for year in self.prayer_years if year not in years)
            found.append((place, tuple(sorted(years.items()))))
        return tuple(found)

    def _known(self, key: str) -> KnownDays:
        return next((days for each, days in self.frozen_days if each == key), None) or self._read(key)

    def _read(self, key: str) -> KnownDays:
        return known_days(key, self.first_year - _MARGIN_BEFORE, self.last_year + _MARGIN_AFTER)


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


def _days_from(days: Iterable[Any], moved: Iterable[Any]) -> tuple[tuple[str, KnownDays], ...]:
    """Return what was frozen from its stored form."""
    known = {key: (source, until, work) for key, source, until, work in moved}
    found = []
    for key, rows in days:
        off = tuple((date.fromisoformat(day), tuple(sorted(text.items()))) for day, text in rows)
        source, until, work = known.get(key, ("", None, ()))
        dates = tuple(date.fromisoformat(day) for day in work)
        found.append((key, KnownDays(off=off, work=dates, source=source, moved_until=until)))
    return tuple(found)
