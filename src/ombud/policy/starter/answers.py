"""What somebody answers about a policy to be begun, each answer read from the words that were typed."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ombud.policy.limits import read_length
from ombud.policy.mapping_reader import ID
from ombud.policy.starter.words import WORDS, say
from ombud.texts import Text
from ombud.worktime import Mode, Unit

MAX_AMOUNTS = 2
SHORTEST = 30 * 60  # seconds: the stories of the starter pack do several things within one limit
SECONDS = {
    Unit.MINUTE: 60, Unit.HOUR: 3600, Unit.WORKDAY: 86400, Unit.DAY: 86400, Unit.WEEK: 7 * 86400,
    Unit.MONTH: 30 * 86400, Unit.YEAR: 365 * 86400,
}  # fmt: skip


class AnswerError(ValueError):
    """An answer cannot be used; `text` says why in every language."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text["en"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A department to be."""

    id: str
    title: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Length:
    """A time limit as typed, and what it means."""

    written: str
    n: int
    unit: Unit
    mode: Mode | None

    @property
    def seconds(self) -> int:
        """Return about how long it is."""
        return self.n * SECONDS[self.unit]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """Everything that the starter pack hangs on."""

    id: str
    title_zh: str
    title_en: str
    effective: date
    departments: tuple[Place, ...]  # customer service first
    channels: tuple[str, ...]
    grades: tuple[int, ...]  # amounts above which the next grade begins; none = one grade
    register: Length
    propose: tuple[Length, ...]  # one for all grades, or one for each
    approval: bool
    answer: Length
    carry_out: tuple[Length, ...]
    zone: str
    days: str
    hours: tuple[str, ...]
    holidays: str | None


def wrong(key: str, given: str = "", **values: Text | str) -> AnswerError:
    return AnswerError(say("wrong", key, given=given, **values))


def words(given: str) -> str:
    if not given.strip():
        raise wrong("empty")
    return given.strip()


def day(given: str) -> date:
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        raise wrong("date", given) from None


def departments(given: str) -> tuple[Place, ...]:
    """Return the departments written as `service=Chinese/English`, separated by commas."""
    found: dict[str, Place] = {}
    for part in parts(given):
        match = re.fullmatch(r"([^=]+)=([^/]+)/(.+)", part)
        if not match:
            raise wrong("department", part)
        key, zh, en = (each.strip() for each in match.groups())
        if not ID.match(key) or keyword.iskeyword(key) or not (zh and en):
            raise wrong("department", part)
        if key in found:
            raise wrong("twice", key)
        found[key] = Place(id=key, title={"zh": zh, "en": en})
    return tuple(found.values())


def channels(given: str) -> tuple[str, ...]:
    known = WORDS.entries["channels"]
    found = parts(given)
    for each in found:
        if each not in known:
            raise wrong("channel", each, known=", ".join(known))
    return tuple(dict.fromkeys(found))


def amounts(given: str) -> tuple[int, ...]:
    """Return the amounts that separate the grades; none for one grade."""
    if given.strip().lower() == "none":
        return ()
    found = parts(given)
    if not all(each.isdecimal() for each in found):
        raise wrong("amount", given)
    numbers = [int(each) for each in found]
    if len(numbers) > MAX_AMOUNTS or numbers != sorted(set(numbers)):
        raise wrong("amount", given)
    return tuple(numbers)


def length(given: str) -> Length:
    written = " ".join(given.split())
    try:
        n, unit, mode = read_length(written)
    except ValueError as error:
        raise wrong("limit", given, why=str(error)) from None
    if n == 0:
        raise wrong("zero", given)
    found = Length(written=written, n=n, unit=unit, mode=mode)
    if found.seconds < SHORTEST:
        raise wrong("short", given)
    return found


def lengths(given: str, grades: int) -> tuple[Length, ...]:
    """Return one limit for all grades, or one for each of them; the last one counts for those that got none."""
    found = tuple(length(part) for part in parts(given))
    if len(found) > grades:
        raise wrong("many", given, count=str(len(found)), grades=str(grades))
    if len(found) == 1:
        return found
    return found + found[-1:] * (grades - len(found))


def yes_no(given: str) -> bool:
    known = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
    if given.strip().lower() not in known:
        raise wrong("yes_no", given)
    return known[given.strip().lower()]


def zone(given: str) -> str:
    try:
        return ZoneInfo(given.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones, such as "Europe", is an OSError
        raise wrong("zone", given) from None


def none_or_word(given: str) -> str | None:
    found = words(given)
    return None if found.lower() == "none" else found


def parts(given: str) -> Sequence[str]:
    """Return what stands between commas, Chinese ones too."""
    found = [part.strip() for part in re.split("[,\uff0c\u3001]", given) if part.strip()]
    if not found:
        raise wrong("empty")
    return found
