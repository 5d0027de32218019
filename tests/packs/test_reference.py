"""The pack reference names every key that the loader reads, and none that it does not."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ombud import policy
from ombud.policy import (
    acts,
    calendars,
    causes,
    courses,
    data,
    distribution,
    documents,
    duties,
    figures,
    header,
    late_entries,
    limits,
    loader,
    people,
    powers,
    reports,
    stories,
    suggestions,
    surveys,
    tables,
    watching,
)

MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        acts,
        calendars,
        causes,
        courses,
        data,
        distribution,
        duties,
        figures,
        header,
        late_entries,
        limits,
        loader,
        documents,
        people,
        powers,
        reports,
        stories,
        suggestions,
        surveys,
        tables,
        watching,
    )
}
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "pack.md"

# What is expected of reports, other matters and ledgers stands in one table.
LISTED = (*stories.REPORT_KEYS, *stories.OPENED_KEYS, *stories.RECORD_KEYS)

# The table in the reference (its heading, and which of the tables under it) -> what the loader reads.
TABLES = {
    "## Top level/key": loader.KEYS,
    "## `pack`/key": header.PACK_KEYS,
    "## `clauses`/key": header.CLAUSE_KEYS,
    "## `parameters`, `readings`, `explain`/key of a parameter": header.PARAMETER_KEYS,
    "## `parameters`, `readings`, `explain`/key of a reading": header.READING_KEYS,
    "## `parameters`, `readings`, `explain`/key of an explanation": header.EXPLANATION_KEYS,
    "## `counting`/key": header.COUNTING_KEYS,
    "## `calendars`/key": calendars.KEYS,
    "## `offices`, `departments`, `roles`/key of an office": people.OFFICE_KEYS,
    "## `offices`, `departments`, `roles`/key of a department": people.DEPARTMENT_KEYS,
    "## `offices`, `departments`, `roles`/key of a role": people.ROLE_KEYS,
    "## `channels`/key": people.CHANNEL_KEYS,
    "## `channels`/key of a step": people.STEP_KEYS,
    "## `data`/key": data.KEYS,
    "## `data`/key of beyond": data.BEYOND_KEYS,
    "## `tables`/key": tables.KEYS,
    "## `tables`/key of a row": tables.ROW_KEYS,
    "## `phases`/key": acts.PHASE_KEYS,
    "## `acts`/key": acts.KEYS,
    "## `acts`/key of a condition": acts.CONDITION_KEYS,
    "## `acts`/key of affects": powers.POWER_KEYS,
    "## `acts`/key of opens": powers.OPENING_KEYS,
    "## `acts`/key of spreads": powers.SPREADING_KEYS,
    "## `acts`/key of records": powers.RECORDING_KEYS,
    "## `duties`/key": duties.DUTY_KEYS,
    "## `duties`/key of a limit": limits.LIMIT_KEYS,
    "## `duties`/key of a comparison": limits.ORDERS,
    "## `duties`/key of a date": limits.DATE_KEYS,
    "## `duties`/key of a rung": limits.RUNG_KEYS,
    "## `chains`/key": duties.CHAIN_KEYS,
    "## `chains`/key of a stage": duties.STAGE_KEYS,
    "## `periodic` and `procedures`/key of a periodic duty": documents.PERIODIC_KEYS,
    "## `periodic` and `procedures`/key of a procedure": loader.TITLED_PROCEDURE_KEYS,
    "## `documents`, `retention`, `access`, `exams`, `ledgers`/key of a document": documents.DOCUMENT_KEYS,
    "## `documents`, `retention`, `access`, `exams`, `ledgers`/key of a retention": documents.RETENTION_KEYS,
    "## `documents`, `retention`, `access`, `exams`, `ledgers`/key of access": people.ACCESS_KEYS,
    "## `documents`, `retention`, `access`, `exams`, `ledgers`/key of an exam or ledger": people.TITLED_KEYS,
    "## `late_entries`/key": late_entries.LATE_ENTRY_KEYS,
    "## `figures`/key": figures.FIGURES_KEYS,
    "## `distribution`/key of a rule": distribution.DISTRIBUTION_KEYS,
    "## `watch`/key": watching.WATCH_KEYS,
    "## `surveys`/key of a survey": surveys.SURVEY_KEYS,
    "## `surveys`/key of a question": surveys.QUESTION_KEYS,
    "## `surveys`/key of bad": surveys.BAD_KEYS,
    "## `courses`/key of a course": courses.COURSE_KEYS,
    "## `courses`/key of each": courses.EACH_KEYS,
    "## `figures`/key of suggestion": suggestions.SUGGESTION_KEYS,
    "## `causes`/key of causes": causes.CAUSES_KEYS,
    "## `causes`/key of a cause": causes.CAUSE_KEYS,
    "## `reports`/key of a report": reports.REPORT_KEYS,
    "## `reports`/key of a section": reports.SECTION_KEYS,
    "## `scenarios`/key of a scenario": stories.KEYS,
    "## `scenarios`/key of a person": stories.PERSON_KEYS,
    "## `scenarios`/key of a step": stories.LOG_KEYS,
    "## `scenarios`/key of by": stories.BY_KEYS,
    "## `scenarios`/key of expect": stories.EXPECT_KEYS,
    "## `scenarios`/key of an expected duty": stories.DUTY_KEYS,
    "## `scenarios`/key of an expected refusal": stories.REFUSAL_KEYS,
    "## `scenarios`/key of an expected report, matter or entry": LISTED,
}


def documented() -> dict[str, set[str]]:
    """Return the keys in the first column of each table of keys."""
    found: dict[str, set[str]] = {}
    heading, table = "", None
    for line in REFERENCE.read_text("utf-8").splitlines():
        if line.startswith("## "):
            heading, table = line, None
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if not cells:
            table = None
        elif table is None:
            table = f"{heading}/{cells[0]}"
            found[table] = set()
        else:
            found[table] |= set(re.findall(r"`([a-z_]+)`", cells[0]))
    return {name: keys for name, keys in found.items() if "/key" in name}


@pytest.mark.parametrize("table", TABLES)
def test_the_reference_names_the_keys_that_the_loader_reads(table: str) -> None:
    assert documented()[table] == set(TABLES[table])


def test_the_reference_has_no_table_that_is_not_compared() -> None:
    assert set(documented()) == set(TABLES)


def key_sets() -> Iterator[tuple[str, str]]:
    """Yield (module, expression) of what each reading of a mapping in the loader takes as its keys."""
    for file in sorted(Path(policy.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "MappingReader":
                yield file.stem, ast.unparse(node.args[3])


# A mapping whose keys are the values of a choice, the fields of an act, a clause's text in further languages, and what
# stands in `LISTED`.
FREE = {
    ("acts", "node.entries"): None,
    ("asking", "taken"): None,
    ("header", "(*CLAUSE_KEYS, *languages)"): header.CLAUSE_KEYS,
    ("stories", "keys"): LISTED,
}


def test_the_loader_reads_no_mapping_that_the_reference_does_not_describe() -> None:
    described = [id(keys) for keys in TABLES.values()]
    found = list(key_sets())
    assert len(found) > 30
    for module, expression in found:
        keys = FREE[module, expression] if (module, expression) in FREE else getattr(MODULES[module], expression)
        assert keys is None or id(keys) in described, f"{module}: {expression}"


# A pack of the base alone: what it does not write itself comes from there.
BARE = """\
pack: {id: bare, version: 1.0.0, effective: 2026-01-01, extends: base}
calendars: {office: {tz: Asia/Shanghai, week: 24x7}}
roles: {desk: {}}
phases: {new: {start: true}, open: {}, over: {end: true}}
acts: {receive: {by: desk, from: new, to: open}, close: {by: desk, from: open, to: over}}
"""


def rows_under(first: str) -> list[list[str]]:
    """Return the cells of the table whose first heading is this, row by row."""
    lines = REFERENCE.read_text("utf-8").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = itertools.takewhile(lambda line: line.startswith("|"), lines[begin + 2 :])
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def words_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_reference_lists_the_fields_of_the_base_with_their_types_and_values() -> None:
    listed = {}
    for names, type, values in rows_under("fields of the base"):
        kind = words_in(type)[0].replace(" ", "_")
        for name in words_in(names):
            listed[name] = (kind, words_in(values), "personal" in values, "anew" in values)
    base = {}
    for field in policy.load_sources({"pack.yaml": BARE}).fields.values():
        values = [*field.of] or ["past"] * field.is_past or [field.domain] * (field.domain is not None)
        base[field.id] = (str(field.type), values, field.is_personal, field.is_anew)
    assert listed == base


def test_the_reference_lists_the_acts_of_the_base_with_who_does_them_and_what_they_take() -> None:
    listed = {words_in(row[0])[0]: tuple(words_in(cell) for cell in row[1:4]) for row in rows_under("act of the base")}
    acts = policy.load_sources({"pack.yaml": BARE}).main.acts
    staff = {"desk": "staff"}  # the bare pack's only role
    base = {
        id: ([staff.get(role, role) for role in act.by], [*act.needs], [*act.may])
        for id, act in acts.items()
        if id not in ("receive", "close")
    }
    assert listed == base
    assert {act.from_phases for id, act in acts.items() if id in base} == {("open",)}
