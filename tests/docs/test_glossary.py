"""The glossary and the code use the same words: every public class is in it, and what it names is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from docs.pages import ROOT
from ombud.policy import shipped
from shipped_packs import pack_of

PACKAGE = ROOT / "src" / "ombud"
#: Whose public classes are words that everybody meets; other modules' classes are their own affair.
SPOKEN = (
    "worktime/*.py", "policy/model/*.py", "engine/model.py", "engine/state.py", "engine/admission.py",
    "engine/ladder.py", "cases/models/*.py", "cases/access/*.py", "organisation/models.py",
    "organisation/facts.py", "correspondence/models.py", "notices/models.py", "notices/alerts/models.py",
    "checks/findings.py",
)  # fmt: skip


def rows(columns: int) -> list[list[str]]:
    """Return the rows of the glossary's tables of so many columns, without their headings."""
    lines = [line for line in (ROOT / "docs/glossary.md").read_text("utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if len(row) == columns and row[0] not in ("code", "no longer", "---")]


TERMS = {code: row for row in rows(4) for code in re.findall(r"`([^`]+)`", row[0])}
RETIRED = {row[0].strip("`"): row[1].strip("`") for row in rows(2)}


@cache
def trees() -> dict[Path, ast.Module]:
    return {
        path: ast.parse(path.read_text("utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
        if "migrations" not in path.parts
    }


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def named_in(tree: ast.Module) -> Iterator[str]:
    """Yield what code names: classes, functions, parameters, variables, attributes, keywords, values of one word."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        for attribute in ("name", "arg", "attr", "id"):
            word = getattr(node, attribute, None)
            if isinstance(word, str):
                yield word


@cache
def defined_in(tree: ast.Module) -> frozenset[str]:
    """Return what a module itself gives a name to: what it takes from elsewhere is not ours to name."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias) and node.asname:
            found.add(node.asname)
    return frozenset(found)


@cache
def words_of_packs() -> frozenset[str]:
    """Return every key, and every value of one word, of the shipped packs and the base."""

    def words(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            yield from (str(key) for key in node)
            node = list(node.values())
        if isinstance(node, list):
            for each in node:
                yield from words(each)
        elif isinstance(node, str):
            yield node

    return frozenset(
        word
        for policy in shipped()
        for file, text in pack_of(policy).sources.items()
        if file.endswith(".yaml")
        for word in words(yaml.load(text, yaml.CBaseLoader))
    )


def test_every_public_class_is_in_the_glossary_in_both_languages() -> None:
    files = sorted({path for pattern in SPOKEN for path in PACKAGE.glob(pattern)})
    classes = [node.name for path in files for node in trees()[path].body if isinstance(node, ast.ClassDef)]
    assert len(classes) > 90
    missing = [name for name in classes if not name.startswith("_") and name not in TERMS]
    assert missing == []


def test_every_term_has_both_languages() -> None:
    assert len(TERMS) > 100
    assert [row for row in rows(4) if not re.search("[a-z]", row[1]) or not re.search("[\u4e00-\u9fff]", row[2])] == []


def test_every_term_of_the_code_exists() -> None:
    known = words_of_packs() | {word for tree in trees().values() for word in named_in(tree)}
    known |= {path.stem for path in trees()}
    assert [term for term in TERMS if term not in known] == []


def retired_in(path: Path, tree: ast.Module) -> list[str]:
    """Return the retired words that something in a module is named by."""
    module, defined = module_name(path), defined_in(tree)
    parts = {part.lower() for name in {*defined, path.stem} for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
    return [
        word
        for word in RETIRED
        if ("." in word and word == module) or (word[0].isupper() and word in defined) or word in parts
    ]


def test_what_is_retired_names_nothing_any_more() -> None:
    assert len(RETIRED) > 30
    found = [(module_name(path), word) for path, tree in trees().items() for word in retired_in(path, tree)]
    assert found == []


def test_what_took_its_place_is_there() -> None:
    modules = {module_name(path) for path in trees()}
    defined = {name for tree in trees().values() for name in defined_in(tree)}
    assert [now for now in RETIRED.values() if now not in (modules if "." in now else defined)] == []


@pytest.mark.parametrize(
    ("module", "code", "word"),
    [
        ("engine/new.py", "class Trial: ...", "Trial"),
        ("engine/beyond.py", "", "engine.beyond"),
        ("portal/new.py", "def new_ticket(): ...", "ticket"),
        ("portal/new.py", "def show(customer): ...", "customer"),
        ("portal/new.py", "class CustomerPage: ...", "customer"),
    ],
)
def test_a_retired_word_is_noticed(module: str, code: str, word: str) -> None:
    assert retired_in(PACKAGE / module, ast.parse(code)) == [word]
