"""Writing the starter pack: templates with the answers put in, comments in one language, only the parts that apply."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from ombud.policy.limitwords import length_text
from ombud.policy.starter.answers import Answers, Length
from ombud.policy.starter.words import WORDS, listed, quoted, resource, say
from ombud.texts import Text
from ombud.worktime import Unit

_HOLE = re.compile(r"<<(\w+)>>")
_COMMENT = re.compile(r"#(zh|en) ?(.*)")
_IF, _ELSE, _END = re.compile(r"%if (\w+)"), "%else", "%end"
PORTAL = ("web", "app")
TUESDAY = 1
MINUTES_APART = 2  # between the steps of a story: all of them fit into the shortest limit


def starter_files(answers: Answers, language: str) -> dict[str, str]:
    """Return the pack's files by name; the comments are in `language`, everything else in all languages."""
    values = {**_pack_values(answers), **_story_values(answers, language)}
    flags = {"grades": bool(answers.grades), "approval": answers.approval}
    letters = yaml.load(resource("letters.yaml"), Loader=yaml.BaseLoader)
    return {
        "pack.yaml": _filled(resource("pack.template"), values, flags, language),
        "scenarios/first.yaml": _filled(resource("scenarios.template"), values, flags, language),
        **{f"letters/{name}.md": text for name, text in letters.items()},
    }


def _filled(template: str, values: Mapping[str, str], flags: Mapping[str, bool], language: str) -> str:
    lines = _commented(_chosen(template.splitlines(), flags), language)
    return "\n".join(_HOLE.sub(lambda hole: values[hole[1]], line) for line in lines) + "\n"


def _chosen(lines: Sequence[str], flags: Mapping[str, bool]) -> Iterator[str]:
    """Yield the lines outside parts that do not apply."""
    open_parts: list[bool] = []
    for line in lines:
        if begins := _IF.fullmatch(line):
            open_parts.append(flags[begins[1]])
        elif line == _ELSE:
            open_parts[-1] = not open_parts[-1]
        elif line == _END:
            open_parts.pop()
        elif all(open_parts):
            yield line


def _commented(lines: Iterator[str], language: str) -> Iterator[str]:
    for line in lines:
        comment = _COMMENT.fullmatch(line)
        if comment is None:
            yield line
        elif comment[1] == language:
            indent = comment[2][: len(comment[2]) - len(comment[2].lstrip())]
            yield f"{indent}# {comment[2].lstrip('# ')}"


def _pack_values(answers: Answers) -> dict[str, str]:
    service, others = answers.departments[0], answers.departments[1:]
    grades = grade_ids(answers)
    title_of = WORDS.entries["grades"]
    clauses = _clauses(answers)
    return {
        **{f"{key}_{language}": quoted(text[language]) for key, text in clauses.items() for language in ("zh", "en")},
        "id": answers.id,
        "effective": answers.effective.isoformat(),
        "title_zh": quoted(answers.title_zh),
        "title_en": quoted(answers.title_en),
        "zone": answers.zone,
        "days": quoted(answers.days),
        "hours": ", ".join(f'"{each}"' for each in answers.hours),
        "holidays": f", days: {answers.holidays}" if answers.holidays else "",
        "day": _standard_day(answers.hours),
        "service": service.id,
        "departments": "\n".join(
            f"  {each.id}: {{{'service: true, ' if each is service else ''}title: {_title(each.title)}, cite: \"2.2\"}}"
            for each in answers.departments
        ),
        "channels": "\n".join(_channel(each) for each in answers.channels),
        "categories": "\n".join(
            f"      {each.id}: {_title(WORDS.entries['other'] if each is service else each.title)}"
            for each in (*others, service)
        ),
        "department_rows": "\n".join(f"      - [{each.id}, {each.id}]" for each in (*others, service)),
        "grade_titles": ", ".join(f"{each}: {_title(title_of[each])}" for each in grades),
        "grade_rows": "\n".join(
            f"      - [{_cell(amount)}, {each}]"
            for each, amount in zip(grades, (None, *answers.grades), strict=True)
        ),
        "mildest": grades[0],
        "gravest": grades[-1],
        "register_limit": answers.register.written,
        "register_warning": _warning([answers.register]),
        "propose_limit": _limit(answers.propose, grades),
        "propose_warning": _warning(answers.propose),
        "answer_limit": answers.answer.written,
        "carry_out_limit": _limit(answers.carry_out, grades),
        "carry_out_warning": _warning(answers.carry_out),
    }  # fmt: skip


def grade_ids(answers: Answers) -> tuple[str, ...]:
    """Return the grades from mild to grave."""
    known = tuple(WORDS.entries["grades"])
    return known[: len(answers.grades)] + known[-1:] if answers.grades else known[:1]


def _clauses(answers: Answers) -> dict[str, Text]:
    grades = grade_ids(answers)
    title_of = WORDS.entries["grades"]
    graver = zip(grades[1:], answers.grades, strict=True)
    names = [say("clauses", "above", amount=str(amount), grade=title_of[each]) for each, amount in graver]
    approval = say("clauses", "approval")
    if answers.grades:
        approval = say("clauses", "approval_graded", grade=title_of[grades[-1]])
    return {
        "channels": say("clauses", "channels", names=listed([WORDS.entries["channels"][c] for c in answers.channels])),
        "register": say("clauses", "register", limit=_length(answers.register)),
        "grades": say("clauses", "grades", names=listed([*names, say("clauses", "upto", grade=title_of[grades[0]])])),
        "propose": say("clauses", "propose", limit=_graded(answers.propose, grades)),
        "approval": approval,
        "answer": say("clauses", "answer", limit=_length(answers.answer)),
        "carry_out": say("clauses", "carry_out", limit=_graded(answers.carry_out, grades)),
    }


def _length(length: Length) -> Text:
    return length_text(length.n, length.unit, length.mode)


def _graded(lengths: Sequence[Length], grades: Sequence[str]) -> Text:
    if len(lengths) == 1:
        return _length(lengths[0])
    title_of = WORDS.entries["grades"]
    pairs = zip(lengths, grades, strict=True)
    return listed([say("clauses", "graded", limit=_length(each), grade=title_of[grade]) for each, grade in pairs], "or")


def _limit(lengths: Sequence[Length], grades: Sequence[str]) -> str:
    if len(lengths) == 1:
        return lengths[0].written
    cases = [f"{grade}: {each.written}" for each, grade in zip(lengths[1:], grades[1:], strict=True)]
    return f"{{by: severity, {', '.join(reversed(cases))}, else: {lengths[0].written}}}"


def _warning(lengths: Sequence[Length]) -> str:
    """Return how long before the shortest of the limits its bearer is warned."""
    shortest = min(lengths, key=lambda each: each.seconds)
    if shortest.unit in (Unit.MINUTE, Unit.HOUR):
        return "10 min" if shortest.seconds < 3600 else "15 min" if shortest.seconds < 8 * 3600 else "1 h"
    return "2 h" if shortest.seconds <= 86400 else "1 workday"


def _cell(amount: int | None) -> str:
    return '"-"' if amount is None else f'"({amount},inf)"'


def _channel(key: str) -> str:
    known = WORDS.entries["channels"][key]
    start = f"  {key}:"
    if key not in PORTAL:
        return f'{start} {{kind: {known["kind"]}, title: {_title(known)}, cite: "1.1"}}'
    what, who = WORDS.entries["forms"]["what"], WORDS.entries["forms"]["who"]
    return "\n".join((
        start,
        f"    kind: {known['kind']}",
        "    portal: true",
        f"    title: {_title(known)}",
        "    form:",
        f"      - {{title: {_title(what)}, fields: [subject, narrative, occurred_on, loss, demand, evidence]}}",
        f"      - {{title: {_title(who)}, fields: [name, phone, email]}}",
        '    cite: "1.1"',
    ))  # fmt: skip


def _title(text: Text) -> str:
    return f"{{zh: {quoted(text['zh'])}, en: {quoted(text['en'])}}}"


def _standard_day(windows: Sequence[str]) -> str:
    """Return the open time of a day, as the length of a standard day; 8 h where the windows cannot be read."""
    minutes = 0
    for window in windows:
        match = re.fullmatch(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)", window)
        if match is None:
            return "8 h"  # loading the pack says what is wrong with it
        start_hour, start, end_hour, end = map(int, match.groups())
        minutes += (end_hour * 60 + end) - (start_hour * 60 + start)
    if minutes <= 0:
        return "8 h"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def _story_values(answers: Answers, language: str) -> dict[str, str]:
    """Return what the stories hold: names in the owner's language, steps some minutes apart on a Tuesday morning."""
    day = answers.effective + timedelta(days=(TUESDAY - answers.effective.weekday()) % 7)
    opening = re.match(r"(\d\d?):(\d\d)", answers.hours[0])
    hour, minute = (int(opening[1]), int(opening[2])) if opening and int(opening[1]) < 24 else (9, 0)
    begins = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(answers.zone))
    longest = max(each.seconds for each in (answers.register, answers.answer, *answers.carry_out))
    words: Mapping[str, Any] = WORDS.entries["story"]
    department = answers.departments[min(1, len(answers.departments) - 1)].id
    return {
        **{f"t{n}": (begins + timedelta(minutes=n * MINUTES_APART)).isoformat("T", "minutes") for n in range(7)},
        # Working days are at most some five times as long as they are counted here.
        "much_later": (begins + timedelta(seconds=5 * longest, days=60)).isoformat("T", "minutes"),
        "time_limit": (day + timedelta(days=7)).isoformat(),
        **{name: quoted(words[name][language]) for name in ("in_time", "subject", "measures", "done")},
        **{
            f"{name}_name": quoted(words[name][language])
            for name in ("grave", "own", "rejected", "silent", "forgotten")
        },
        "channel": answers.channels[0],
        "category": department,
        "department": department,
        "loss": f", loss: {answers.grades[0]} CNY" if answers.grades else "",
        "grave_loss": str(answers.grades[-1] + 1) if answers.grades else "",
    }
