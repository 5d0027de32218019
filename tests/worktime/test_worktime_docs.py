"""The examples in the reference are run."""

from __future__ import annotations

import doctest
from pathlib import Path

from ombud.worktime import UNITS, CalendarSpec, Mode

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "worktime.md"


def test_the_examples_print_what_they_show() -> None:
    result = doctest.testfile(str(REFERENCE), module_relative=False)
    assert result.attempted > 10
    assert result.failed == 0


def test_every_mode_its_units_and_every_field_of_a_calendar_are_documented() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    for mode in Mode:
        row = next(line for line in text.splitlines() if line.startswith(f"| `{mode}` | "))
        assert set(row.split("|")[2].replace(" ", "").split(",")) == {unit.value for unit in UNITS[mode]}
    for field in CalendarSpec.__dataclass_fields__:
        assert f"`{field}`" in text, field
