"""Conditions: what they mean, and that the compiled ones equal a naive reading."""

import ast
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.builders import Asked, guard, money


@pytest.mark.parametrize(
    ("condition", "facts", "holds"),
    [
        ("injury", {"injury": True}, True),
        ("injury", {}, False),
        ("not injury", {}, True),
        ("injury == true", {"injury": True}, True),
        ("injury == false", {}, False),
        ("injury != true", {}, False),
        ("injury != true", {"injury": False}, True),
        ("answer == accepted", {"answer": "accepted"}, True),
        ("answer == 'accepted'", {"answer": "accepted"}, True),
        ("answer != accepted", {}, False),
        ("answer in [accepted, partly]", {"answer": "partly"}, True),
        ("answer not in [accepted]", {}, False),
        ("answer not in (accepted,)", {"answer": "partly"}, True),
        ("price in topics", {"topics": ["price"]}, True),
        ("price not in topics", {}, False),
        ("loss > 5000", {"loss": money("5000.01")}, True),
        ("loss > 5000", {"loss": money("5000.00")}, False),
        ("loss >= '5000 CNY'", {"loss": money("5000.00")}, True),
        ("loss > 1", {"loss": money("9000.00", "USD")}, False),
        ("loss > 5000", {"loss": {**money("636.94", "EUR"), "rate": "7.85"}}, False),
        ("loss > 5000", {"loss": {**money("636.95", "EUR"), "rate": "7.85"}}, True),
        ("0 < people <= 3", {"people": 3}, True),
        ("0 < people <= 3", {"people": 4}, False),
        ("people > -1", {"people": 0}, True),
        ("level >= middling", {"level": "grave"}, True),
        ("level >= middling", {"level": "slight"}, False),
        ("known(loss) and not known(people)", {"loss": money("1.00")}, True),
        ("known(story)", {"story": "sealed"}, True),
        ("agreed_by >= '2026-03-01'", {"agreed_by": "2026-03-02"}, True),
        ("closed_by == closed_by", {"closed_by": "p1"}, True),
    ],
)
def test_a_condition_over_facts_means(condition: str, facts: dict[str, Any], holds: bool):
    assert guard(condition).holds(Asked(facts)) is holds


@pytest.mark.parametrize(
    ("condition", "done", "holds"),
    [
        ("done(receive)", {"receive": 1}, True),
        ("not done(receive)", {}, True),
        ("count(note) >= 2", {"note": 2}, True),
        ("count(note) < 2", {}, True),
        ("done_since(note, receive)", {"note": 2, "receive": 1}, True),
        ("open(close)", {"close": 1}, True),
        ("overdue(close)", {"close": 1}, False),
        ("overdue(close) or done(note)", {"close": 2}, True),
    ],
)
def test_a_condition_over_the_log_means(condition: str, done: dict[str, int], holds: bool):
    assert guard(condition).holds(Asked(done=done)) is holds


def test_a_condition_says_what_it_reads():
    found = guard("done(receive) and (level == grave or open(close)) and known(loss)")
    assert found.names == {"level", "loss"}
    assert found.acts == {"receive"}
    assert found.duties == {"close"}


def test_the_normal_form_has_values_where_the_author_wrote_words():
    tree = guard("answer == accepted and loss > 5000").tree
    assert [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)] == ["accepted", Decimal("5000.00")]


ABSENT = object()
FACTS = {
    "injury": st.sampled_from([ABSENT, True, False]),
    "answer": st.sampled_from([ABSENT, "accepted", "partly", "rejected"]),
    "people": st.sampled_from([ABSENT, 0, 1, 2, 3]),
    "loss": st.sampled_from([ABSENT, "0.00", "4999.99", "5000.00", "5000.01"]),
    "level": st.sampled_from([ABSENT, "slight", "middling", "grave"]),
}
ORDERS = ["==", "!=", "<", "<=", ">", ">="]
LEVELS = ["slight", "middling", "grave"]

leaves = st.one_of(
    st.just(("bool", "injury")),
    st.tuples(st.just("known"), st.sampled_from(list(FACTS))),
    st.tuples(st.just("people"), st.sampled_from(ORDERS), st.integers(-1, 4)),
    st.tuples(st.just("loss"), st.sampled_from(ORDERS), st.sampled_from([0, 5000])),
    st.tuples(st.just("answer"), st.sampled_from(["==", "!="]), st.sampled_from(["accepted", "partly"])),
    st.tuples(st.just("level"), st.sampled_from(ORDERS), st.sampled_from(LEVELS)),
    st.tuples(st.just("in"), st.sampled_from(["in", "not in"]), st.lists(st.sampled_from(["accepted", "rejected"]))),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(st.tuples(st.just("not"), inner), st.tuples(st.sampled_from(["and", "or"]), inner, inner)),
    max_leaves=6,
)


def written(tree: Any) -> str:
    match tree:
        case ("bool", name):
            return name
        case ("known", name):
            return f"known({name})"
        case ("not", inner):
            return f"not ({written(inner)})"
        case ("and" | "or" as word, left, right):
            return f"({written(left)}) {word} ({written(right)})"
        case ("in", word, values):
            return f"answer {word} [{', '.join(values)}]"
        case (name, sign, value):
            return f"{name} {sign} {value}"
    raise AssertionError(tree)


def naive(tree: Any, facts: dict[str, Any]) -> bool:
    match tree:
        case ("bool", name):
            return facts.get(name) is True
        case ("known", name):
            return name in facts
        case ("not", inner):
            return not naive(inner, facts)
        case ("and", left, right):
            return naive(left, facts) and naive(right, facts)
        case ("or", left, right):
            return naive(left, facts) or naive(right, facts)
        case ("in", word, values):
            return "answer" in facts and (facts["answer"] in values) is (word == "in")
        case (name, sign, value):
            if name not in facts:
                return False
            left: Any = facts[name]
            if name == "loss":
                left = Decimal(left["amount"])
            if name == "level":
                left, value = LEVELS.index(left), LEVELS.index(value)
            return {
                "==": left == value, "!=": left != value, "<": left < value,
                "<=": left <= value, ">": left > value, ">=": left >= value,
            }[sign]  # fmt: skip
    raise AssertionError(tree)


@settings(max_examples=60)
@given(conditions, st.lists(st.fixed_dictionaries(FACTS), min_size=1, max_size=20))
def test_a_compiled_condition_equals_a_naive_reading(tree: Any, cases: list[dict[str, Any]]):
    compiled = guard(written(tree))
    for case in cases:
        facts = {name: value for name, value in case.items() if value is not ABSENT}
        if "loss" in facts:
            facts["loss"] = money(facts["loss"])
        assert compiled.holds(Asked(facts)) is naive(tree, facts)
