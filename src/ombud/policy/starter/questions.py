"""The questions in the order in which they are asked, each with a default that fits the answers before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ombud.policy.calendars import read_calendars
from ombud.policy.header import PACK_ID
from ombud.policy.problems import Problems
from ombud.policy.source import read as read_yaml
from ombud.policy.starter import answers as read
from ombud.policy.starter.answers import Answers, wrong
from ombud.policy.starter.words import WORDS, quoted, say
from ombud.policy.symbol_table import SymbolTable
from ombud.texts import Text

# Where a zone leaves little doubt whose holidays count, and which days are worked.
HOLIDAYS = {
    "Asia/Shanghai": "CN", "Asia/Hong_Kong": "HK", "Asia/Singapore": "SG", "Asia/Tokyo": "JP", "Europe/Berlin": "DE",
    "Europe/London": "GB", "Europe/Paris": "FR", "America/New_York": "US", "Asia/Riyadh": "SA", "Asia/Dubai": "AE",
}  # fmt: skip
SUNDAY_TO_THURSDAY = ("Asia/Riyadh",)

Earlier = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One question; its flag on the command line is `--KEY` with hyphens."""

    key: str
    read: Callable[[str, Earlier], Any]  # raises AnswerError
    default: Callable[[Earlier], str]

    @property
    def text(self) -> Text:
        """Return the question in words."""
        return say("questions", self.key, known=", ".join(WORDS.entries["channels"]))


def _plain(parse: Callable[[str], Any]) -> Callable[[str, Earlier], Any]:
    return lambda given, _earlier: parse(given)


def _always(value: str) -> Callable[[Earlier], str]:
    return lambda _earlier: value


def _worded(key: str) -> Callable[[Earlier], str]:
    return lambda _earlier: str(WORDS.entries["defaults"][key])


def _days(given: str, earlier: Earlier) -> str:
    days = read.words(given)
    _check_calendar(given, zone=earlier["zone"], days=days)
    return days


def _hours(given: str, earlier: Earlier) -> tuple[str, ...]:
    hours = tuple(read.parts(given))
    _check_calendar(given, zone=earlier["zone"], days=earlier["days"], hours=hours)
    return hours


def _holidays(given: str, earlier: Earlier) -> str | None:
    holidays = read.none_or_word(given)
    if holidays is not None:
        _check_calendar(given, zone=earlier["zone"], holidays=holidays)
    return holidays


def _check_calendar(
    given: str, *, zone: str, days: str = "mon-fri", hours: tuple[str, ...] = ("09:00-18:00",), holidays: str = ""
) -> None:
    """Raise AnswerError with what the loader says of such a calendar."""
    problems = Problems()
    windows = ", ".join(quoted(each) for each in hours)
    text = f"office: {{tz: {quoted(zone)}, week: {{{quoted(days)}: [{windows}]}}"
    node = read_yaml(f"{text}, days: {quoted(holidays)}}}" if holidays else f"{text}}}", "", problems)
    if not problems.found:
        read_calendars(node, SymbolTable(problems=problems))
    if problems.found:
        raise wrong("calendar", given, why=problems.found[0].message)


def _each_grade(given: str, earlier: Earlier) -> Any:
    return read.lengths(given, len(earlier["grades"]) + 1)


def _by_grade(*limits: str) -> Callable[[Earlier], str]:
    return lambda earlier: ", ".join(limits[: len(earlier["grades"]) + 1])


QUESTIONS = (
    Question(key="title_zh", read=_plain(read.words), default=_worded("title_zh")),
    Question(key="title_en", read=_plain(read.words), default=_worded("title_en")),
    Question(key="effective", read=_plain(read.day), default=lambda earlier: earlier["today"].isoformat()),
    Question(key="departments", read=_plain(read.departments), default=_worded("departments")),
    Question(key="channels", read=_plain(read.channels), default=_always("web, phone, email")),
    Question(key="grades", read=_plain(read.amounts), default=_always("5000")),
    Question(key="register", read=_plain(read.length), default=_always("2 h")),
    Question(key="propose", read=_each_grade, default=_by_grade("3 workdays", "5 workdays", "10 workdays")),
    Question(key="approval", read=_plain(read.yes_no), default=_always("yes")),
    Question(key="answer", read=_plain(read.length), default=_always("15 natural days")),
    Question(key="carry_out", read=_each_grade, default=_by_grade("5 workdays", "10 workdays", "15 workdays")),
    Question(key="zone", read=_plain(read.zone), default=_always("Asia/Shanghai")),
    Question(
        key="days",
        read=_days,
        default=lambda earlier: "sun-thu" if earlier["zone"] in SUNDAY_TO_THURSDAY else "mon-fri",
    ),
    Question(key="hours", read=_hours, default=_always("09:00-18:00")),
    Question(
        key="holidays",
        read=_holidays,
        default=lambda earlier: HOLIDAYS.get(earlier["zone"], "none"),
    ),
)


def checked_id(name: str) -> str:
    """Return the policy's id for a folder of this name. Raises AnswerError."""
    if not PACK_ID.fullmatch(name):
        raise wrong("id", name)
    return name


def answered(name: str, ask: Callable[[Question, str, Callable[[str], Any]], Any], *, today: date) -> Answers:
    """Return the answers that `ask` gets, given a question, its default and how to read an answer."""
    found: dict[str, Any] = {"id": checked_id(name), "today": today}
    for question in QUESTIONS:
        # Bound here, since `ask` may call it again after a wrong answer.
        def take(given: str, question: Question = question) -> Any:
            return question.read(given, found)

        found[question.key] = ask(question, question.default(found), take)
    del found["today"]
    return Answers(**found)
