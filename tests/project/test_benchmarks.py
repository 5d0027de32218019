"""The benchmarks begin: what they measure can be imported by then."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
INSIDE = sorted(BENCH.glob("*_inside.py"))


@pytest.mark.parametrize("path", INSIDE, ids=lambda path: path.stem)
def test_what_runs_inside_an_environment_imports_the_program_only_once_django_is_set_up(path: Path) -> None:
    """`prepare` and `setup` do that; `main` is what runs first, and other functions are called by it."""
    tree = ast.parse(path.read_text())
    at_once = [node for node in tree.body if isinstance(node, ast.ImportFrom) and _is_ours(node)]
    assert not at_once, "Django is not set up while the module is imported"
    main = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "main")
    ready = [
        node.lineno for node in ast.walk(main) if isinstance(node, ast.Call) and _name(node) in ("prepare", "setup")
    ]
    imports = [node.lineno for node in ast.walk(main) if isinstance(node, ast.ImportFrom) and _is_ours(node)]
    assert ready
    assert all(min(ready) < each for each in imports)


def _is_ours(node: ast.ImportFrom) -> bool:
    return (node.module or "").partition(".")[0] == "ombud"


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
