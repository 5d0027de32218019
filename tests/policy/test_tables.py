"""Decision tables: cells, hits, order, and that the compiled ones equal a naive reading."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ombud.policy.model.tables import Cell, Table
from policy.builders import changed, money, tiny

TABLE = """\
  level:
    in: [loss, injury]
    hit: max
    of: [slight, middling, grave]
    rows: [["(5000,inf)", "-", grave], ["-", true, middling], ["-", "-", slight]]
"""


def table(text: str) -> Table:
    pack = changed((TABLE, f"  level: {text}\n"))
    return pack.tables["level"]


def test_the_gravest_row_wins_under_max():
    level = tiny().tables["level"]
    assert level.decide({}) == "slight"
    assert level.decide({"injury": True}) == "middling"
    assert level.decide({"injury": True, "loss": money("5000.01")}) == "grave"
    assert level.decide({"injury": True, "loss": money("5000.00")}) == "middling"


def test_max_does_not_hang_on_the_order_of_rows():
    level = table('{in: [injury], hit: max, of: [slight, grave], rows: [["-", slight], [true, grave]]}')
    assert level.decide({"injury": True}) == "grave"


def test_a_dash_matches_an_absent_value_and_a_question_mark_only_that():
    level = table('{in: [injury], hit: first, rows: [["?", 1], [true, 2], ["-", 3]]}')
    assert [level.decide({}), level.decide({"injury": True}), level.decide({"injury": False})] == [1, 2, 3]


def test_no_row_is_no_output():
    assert table("{in: [people], rows: [[1, alone]]}").decide({"people": 2}) is None


def test_a_cell_may_list_values():
    level = table("{in: [answer], rows: [[[accepted, partly], yes_please], [rejected, no_thanks]]}")
    assert level.decide({"answer": "partly"}) == "yes_please"
    assert level.decide({"answer": "rejected"}) == "no_thanks"


def test_money_of_another_currency_without_its_rate_is_no_amount():
    assert tiny().tables["level"].decide({"loss": money("9000.00", "USD")}) == "slight"


def test_money_of_another_currency_is_decided_at_its_rate():
    # 694.44 x 7.2 = 4999.968; 694.45 x 7.2 = 5000.04: above 5000.
    assert tiny().tables["level"].decide({"loss": {**money("694.44", "USD"), "rate": "7.2"}}) == "slight"
    assert tiny().tables["level"].decide({"loss": {**money("694.45", "USD"), "rate": "7.2"}}) == "grave"


def test_a_row_may_cite_its_clause():
    pack = changed(
        (TABLE, '  level: {in: [injury], rows: [{row: ["-", 1], cite: "1.3"}]}\n'),
        more='clauses: {"1.3": {zh: 一级, en: One}}\n',
    )
    assert pack.tables["level"].rows[0].cite == ("1.3",)


def test_tables_that_read_others_come_after_them():
    pack = changed(
        (TABLE, '  last: {in: [level], rows: [[1, yes_please]]}\n  level: {in: [injury], rows: [["-", 1]]}\n')
    )
    assert pack.table_order == ("level", "last")
    assert pack.tables["last"].decide({"level": 1}) == "yes_please"


@pytest.mark.parametrize(
    ("rows", "choices", "is_ordered"),
    [
        ('[["-", 2], [true, 1]]', ("1", "2"), True),
        ('[["-", b], [true, a]]', ("b", "a"), False),
    ],
)
def test_the_outputs_say_what_a_table_gives(rows: str, choices: tuple[str, ...], is_ordered: bool):
    kind = changed((TABLE, f"  level: {{in: [injury], hit: first, rows: {rows}}}\n")).kinds["level"]
    assert (kind.choices, kind.is_ordered) == (choices, is_ordered)


NUMBERS = ["0", "0.01", "199.99", "200", "200.01", "5000"]
interval_cells = st.tuples(
    st.sampled_from("[("),
    st.sampled_from(["-inf", *NUMBERS]),
    st.sampled_from([*NUMBERS, "inf"]),
    st.sampled_from("])"),
).filter(lambda c: "inf" in c[1] + c[2] or Decimal(c[1]) < Decimal(c[2]))
loss_cells = st.one_of(st.sampled_from(["-", "?"]), interval_cells.map(lambda c: f"{c[0]}{c[1]},{c[2]}{c[3]}"))
injury_cells = st.sampled_from(["-", "?", "true", "false"])
answer_cells = st.sampled_from(["-", "?", "accepted", "rejected"])
rows = st.lists(st.tuples(loss_cells, injury_cells, answer_cells, st.sampled_from("1234")), min_size=1, max_size=6)


def matches(cell: Cell, value: Any) -> bool:
    if cell.kind == "any":
        return True
    if value is None or cell.kind == "absent":
        return value is None and cell.kind == "absent"
    if cell.kind in ("is", "in"):
        return value in cell.values
    above = cell.low is None or value > cell.low or (cell.low_closed and value == cell.low)
    below = cell.high is None or value < cell.high or (cell.high_closed and value == cell.high)
    return above and below


@settings(max_examples=60)
@given(
    rows,
    st.sampled_from(["first", "max"]),
    st.lists(
        st.tuples(
            st.sampled_from([None, *NUMBERS, "4999.99"]),
            st.sampled_from([None, True, False]),
            st.sampled_from([None, "accepted", "partly", "rejected"]),
        ),
        min_size=1,
        max_size=20,
    ),
)
def test_a_compiled_table_equals_a_naive_reading(rows: list[tuple[str, ...]], hit: str, cases: list[tuple[Any, ...]]):
    text = ", ".join("[" + ", ".join(f'"{cell}"' for cell in row) + "]" for row in rows)
    level = table(f"{{in: [loss, injury, answer], hit: {hit}, rows: [{text}]}}")
    for loss, injury, answer in cases:
        values = (None if loss is None else Decimal(loss), injury, answer)
        hits = [
            row.output
            for row in level.rows
            if all(matches(cell, value) for cell, value in zip(row.cells, values, strict=True))
        ]
        wanted = None if not hits else max(hits) if hit == "max" else hits[0]
        facts = {"loss": None if loss is None else money(loss), "injury": injury, "answer": answer}
        assert level.decide({name: value for name, value in facts.items() if value is not None}) == wanted
