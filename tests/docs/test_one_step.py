"""The page on the one step lists what an act does in the order in which the engine does it."""

from __future__ import annotations

import ast
import re

from docs.pages import ROOT

PAGE = (ROOT / "docs/explanation/one-step.md").read_text("utf-8")
ENGINE = ROOT / "src" / "ombud" / "engine"


def called_in(module: str, function: str) -> list[str]:
    """Return what a function calls of the engine's own functions, in the order of the first call."""
    tree = ast.parse((ENGINE / f"{module}.py").read_text("utf-8"))
    [body] = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == function]
    calls = [node for node in ast.walk(body) if isinstance(node, ast.Call)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    own |= {
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ombud.engine.")
        for alias in node.names
    }
    names = [call.func.id for call in calls if isinstance(call.func, ast.Name)]
    return list(dict.fromkeys(name for name in names if name in own))


def test_an_event_is_applied_in_the_order_of_the_page() -> None:
    part = PAGE.partition("\n## The act\n")[2].partition("\n## ")[0]
    helpers = {"_powers", "chosen"}  # gather what is given to others
    listed = re.findall(r"`(\w+)`", part.partition("\nWherever")[0].replace("`sets`", "").replace("`until`", ""))
    assert [name for name in listed if name != "after"] == [
        name for name in called_in("apply", "_apply_act") if name not in helpers
    ]


def test_the_parts_come_in_the_order_of_the_step() -> None:
    parts = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert parts == ["Before", "The act", "After"]
    body = (ENGINE / "step.py").read_text("utf-8").partition("\ndef step(")[2].partition("\ndef ")[0]
    order = [
        "pass_time(",
        "Admission(",
        "late_refusals(",
        "happening.act(",
        "happening.automatic(",
        "outcome(deviations",
    ]
    assert [body.index(each) for each in order] == sorted(body.index(each) for each in order)
