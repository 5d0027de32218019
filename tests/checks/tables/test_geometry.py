"""The geometry of decision tables against brute force: every point of a box is decided as the box says."""

from __future__ import annotations

from itertools import product

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ombud.checks.tables.geometry import ABSENT, Atom, Grid, Region
from ombud.checks.tables.grading import table_sources, winning
from ombud.policy import load_sources
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import Value

ENDS = [0, 1, 2, 3, 5]
SAMPLES = [0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6]
WORDS = ["red", "green", "blue"]


@st.composite
def intervals(draw: st.DrawFn) -> str:
    low, high = sorted(draw(st.lists(st.sampled_from(ENDS), min_size=2, max_size=2, unique=True)))
    upper = draw(st.sampled_from([f"{high})", f"{high}]", "inf)"]))
    return f"{draw(st.sampled_from('[('))}{low},{upper}"


MONEY = st.one_of(st.sampled_from(["-", "?", "2"]), intervals())
COLOUR = st.one_of(st.sampled_from(["-", "?", *WORDS]), st.lists(st.sampled_from(WORDS), min_size=1, max_size=2))
FLAG = st.sampled_from(["-", "?", "true", "false"])
ROW = st.tuples(MONEY, COLOUR, FLAG, st.sampled_from(["low", "mid", "high"]))


def pack_with(rows: list[tuple[object, ...]], hit: str) -> Pack:
    text = {
        "pack": {"id": "t", "version": "1", "effective": "2026-01-01", "title": {"zh": "t", "en": "t"}},
        "calendars": {"office": {"tz": "Asia/Shanghai", "week": {"mon-fri": ["09:00-18:00"]}}},
        "roles": {"agent": {"title": {"zh": "a", "en": "a"}}},
        "data": {
            "loss": {"type": "money", "domain": "[0,inf)", "title": {"zh": "l", "en": "l"}},
            "colour": {"type": "choice", "of": WORDS, "title": {"zh": "c", "en": "c"}},
            "flag": {"type": "bool", "title": {"zh": "f", "en": "f"}},
        },
        "tables": {
            "level": {
                "title": {"zh": "v", "en": "v"},
                "in": ["loss", "colour", "flag"],
                "hit": hit,
                "of": ["low", "mid", "high"],
                "rows": [list(row) for row in rows],
            }
        },
        "phases": {
            "new": {"start": "true", "title": {"zh": "n", "en": "n"}},
            "done": {"end": "true", "title": {"zh": "d", "en": "d"}},
        },
        "acts": {"close": {"by": "agent", "from": "new", "to": "done", "title": {"zh": "x", "en": "x"}}},
    }
    text["tables"]["level"]["of"] = {word: {"zh": word, "en": word} for word in ("low", "mid", "high")}
    text["data"]["colour"]["of"] = {word: {"zh": word, "en": word} for word in WORDS}
    return load_sources({"pack.yaml": yaml.safe_dump(text, allow_unicode=True)})


def takes(atom: Atom, value: Value) -> bool:
    if value is None or atom == ABSENT:
        return value is None and atom == ABSENT
    if atom.kind == "point":
        return bool(value == atom.low)
    if atom.kind == "open":
        return bool(atom.low < value < atom.high)
    return atom.value is value if isinstance(value, bool) else bool(atom.value == value)


def region_of(grid: Grid, regions: list[Region], point: tuple[Value, ...]) -> Region:
    [found] = [
        region
        for region in regions
        if all(
            any(takes(grid.axes[column][position], value) for position in positions)
            for column, (positions, value) in enumerate(zip(region.box, point, strict=True))
        )
    ]
    return found


@settings(max_examples=60)
@given(rows=st.lists(ROW, min_size=1, max_size=6), hit=st.sampled_from(["unique", "first", "max"]))
def test_every_point_lies_in_one_box_whose_rows_decide_as_the_table_does(
    rows: list[tuple[object, ...]], hit: str
) -> None:
    pack = pack_with(rows, hit)
    table = pack.tables["level"]
    grid = Grid(table, table_sources(pack, table), absent=table.inputs)
    regions = list(grid.regions())
    for loss, colour, flag in product([None, *SAMPLES], [None, *WORDS], [None, True, False]):
        region = region_of(grid, regions, (loss, colour, flag))
        facts: dict[str, Value] = {"colour": colour, "flag": flag}
        facts["loss"] = None if loss is None else {"amount": f"{loss:.2f}", "currency": "CNY"}
        decided = table.decide({name: value for name, value in facts.items() if value is not None})
        if not region.rows:
            assert decided is None
        elif hit == "unique":
            assert decided in {table.rows[index].output for index in region.rows}
        else:
            assert {table.rows[index].output for index in winning(table, region.rows)} == {decided}


@pytest.mark.parametrize(
    ("rows", "hits"),
    [
        ([("[0,2]", "-", "-", "low"), ("(2,inf)", "-", "-", "high")], [{0}, {1}]),
        ([("[0,2]", "-", "-", "low"), ("(3,inf)", "-", "-", "high")], [{0}, set(), {1}]),
        ([("[0,2]", "-", "-", "low"), ("[2,inf)", "-", "-", "high")], [{0}, {0, 1}, {1}]),
    ],
)
def test_neighbouring_boxes_with_the_same_rows_are_one(rows: list[tuple[object, ...]], hits: list[set[int]]) -> None:
    pack = pack_with(rows, "unique")
    table = pack.tables["level"]
    regions = sorted(Grid(table, table_sources(pack, table), absent=[]).regions(), key=lambda each: min(each.box[0]))
    assert hits == [set(region.rows) for region in regions]


def test_an_open_interval_of_whole_numbers_without_a_number_in_it_is_no_gap() -> None:
    pack = load_sources({"pack.yaml": WHOLE})
    table = pack.tables["level"]
    assert all(region.rows for region in Grid(table, table_sources(pack, table), absent=[]).regions())


WHOLE = """
pack: {id: t, version: "1", effective: 2026-01-01, title: {zh: t, en: t}}
calendars: {office: {tz: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}}}
roles: {agent: {title: {zh: a, en: a}}}
data: {people: {type: integer, domain: "[1,inf)", title: {zh: p, en: p}}}
tables:
  level: {title: {zh: v, en: v}, in: [people], of: {few: {zh: few, en: few}, many: {zh: many, en: many}},
          rows: [["[1,2]", few], ["[3,inf)", many]]}
phases: {new: {start: true, title: {zh: n, en: n}}, done: {end: true, title: {zh: d, en: d}}}
acts: {close: {by: agent, from: new, to: done, title: {zh: x, en: x}}}
"""
