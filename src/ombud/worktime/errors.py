"""What can go wrong with working time, each with the message that a reader needs."""

from __future__ import annotations

from ombud.worktime.words import text


class WorktimeError(Exception):
    """Working time cannot be computed."""


class SpecError(WorktimeError):
    """A calendar is written wrongly: the message says where and what to do."""


class UnknownZoneError(SpecError):
    """A time zone that the zone database does not know."""

    def __init__(self, zone: str) -> None:
        super().__init__(f"unknown time zone {zone!r}: use a name of the IANA database, such as Asia/Shanghai")


class UnknownDaysError(SpecError):
    """A country or subdivision whose public holidays are not known."""

    def __init__(self, code: str, hint: str = "") -> None:
        super().__init__(
            f"unknown holidays {code!r}: use an ISO code such as CN, DE or DE-BY" + (f" ({hint})" if hint else "")
        )


class UnknownCategoryError(SpecError):
    """A kind of days off that a country does not have."""

    def __init__(self, code: str, category: str, offered: list[str]) -> None:
        known = f"use one of {', '.join(offered)}" if offered else "its days off come from its yearly announcements"
        super().__init__(f"unknown kind of holidays {category!r} of {code}: {known}")
        self.category, self.offered = category, offered


class NeverOpenError(SpecError):
    """A calendar on which no time ever passes, so that nothing would ever fall due."""

    def __init__(self) -> None:
        super().__init__("the calendar is never open: give at least one weekday a window that is not taken out again")


class LimitError(WorktimeError):
    """A limit that a counting mode cannot count, such as hours in `next_day_close`."""


class HorizonError(WorktimeError):
    """A date outside the years that the edition of the calendar covers."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(
            f"beyond the horizon: this edition of the calendar covers the years {first} to {last}; holidays and "
            "make-up working days outside them are not known. Take a newer edition, or bake with beyond='statutory'"
        )
        self.first, self.last = first, last


class AnnouncementError(WorktimeError):
    """An announcement of days off that contradicts itself; `text` says how, in every language."""

    def __init__(self, key: str, **values: object) -> None:
        self.text = text(f"announcement_{key}", **values)
        super().__init__(self.text["en"])


class EditionError(WorktimeError):
    """A stored edition that cannot be read, or whose hash does not match its content."""
