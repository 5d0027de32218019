"""The pack reference names every key that the loader reads, and none that it does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ombud.policy import acts, calendars, data, duties, header, limits, loader, papers, people, powers, stories

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "pack.md"

# The table in the reference (its heading, and which of the tables under it) -> what the loader reads.
TABLES = {
    "## Top level/key": loader.KEYS,
    "## `pack`/key": header.PACK_KEYS,
    "## `clauses`/key": ("zh", "en", "kind", "from", "quote", "source"),
    "## `parameters`, `readings`, `explain`/key of a parameter": ("title", "value", "cite"),
    "## `parameters`, `readings`, `explain`/key of a reading": ("clauses", "text"),
    "## `parameters`, `readings`, `explain`/key of an explanation": ("code", "clauses", "because"),
    "## `counting`/key": header.COUNTING_KEYS,
    "## `calendars`/key": calendars.KEYS,
    "## `offices`, `departments`, `roles`/key of an office": people.OFFICE_KEYS,
    "## `offices`, `departments`, `roles`/key of a department": people.DEPARTMENT_KEYS,
    "## `offices`, `departments`, `roles`/key of a role": people.ROLE_KEYS,
    "## `channels`/key": people.CHANNEL_KEYS,
    "## `data`/key": data.KEYS,
    "## `tables`/key": ("title", "of", "in", "hit", "rows", "cite"),
    "## `phases`/key": ("title", "start", "end"),
    "## `acts`/key": acts.KEYS,
    "## `acts`/key of a condition": acts.CONDITION_KEYS,
    "## `acts`/key of affects": powers.POWER_KEYS,
    "## `acts`/key of opens": powers.OPENING_KEYS,
    "## `acts`/key of spreads": powers.SPREADING_KEYS,
    "## `acts`/key of records": powers.RECORDING_KEYS,
    "## `duties`/key": duties.DUTY_KEYS,
    "## `duties`/key of a limit": limits.LIMIT_KEYS,
    "## `duties`/key of a rung": ("at", "every", "tell", "act"),
    "## `chains`/key": duties.CHAIN_KEYS,
    "## `chains`/key of a stage": duties.STAGE_KEYS,
    "## `periodic` and `procedures`/key of a periodic duty": papers.PERIODIC_KEYS,
    "## `periodic` and `procedures`/key of a procedure": ("title", *loader.PROCEDURE_KEYS),
    "## `documents`, `retention`, `access`, `exams`, `ledgers`/key of a document": papers.DOCUMENT_KEYS,
    "## `documents`, `retention`, `access`, `exams`, `ledgers`/key of a retention": papers.RETENTION_KEYS,
    "## `documents`, `retention`, `access`, `exams`, `ledgers`/key of access": people.ACCESS_KEYS,
    "## `documents`, `retention`, `access`, `exams`, `ledgers`/key of an exam or ledger": people.TITLED_KEYS,
    "## `scenarios`/key of a scenario": stories.KEYS,
    "## `scenarios`/key of a step": stories.LOG_KEYS,
    "## `scenarios`/key of by": stories.BY_KEYS,
    "## `scenarios`/key of expect": stories.EXPECT_KEYS,
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
