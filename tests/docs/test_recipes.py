"""The recipes of CONTRIBUTING.md are walked: what they name is there, and no place that the code needs is left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from docs.pages import ROOT, blocks
from ombud.checks.messages import WORDS

PAGE = ROOT / "CONTRIBUTING.md"
RECIPES = ("A field type", "A channel", "A messaging way", "A page", "A check")
#: What stands for `<name>` and `<code>`: something of the kind that is there already.
EXAMPLES = {
    "A channel": {"<name>": "intake"},
    "A page": {"<name>": "rates"},
    "A check": {"<name>": "records", "<code>": "own-pause"},
}


def section(recipe: str, page: str) -> str:
    """Return a recipe's text, with examples for what is to be named."""
    text = page.partition(f"### {recipe}\n")[2].partition("\n### ")[0]
    for hole, example in EXAMPLES.get(recipe, {}).items():
        text = text.replace(hole, example)
    return text


def items(text: str) -> list[list[str]]:
    """Return for each entry of a recipe's lists what stands in it as code."""
    return [re.findall(r"`([^`]+)`", entry) for entry in re.split(r"^(?:\d+\.|-) ", text, flags=re.MULTILINE)[1:]]


def is_path(word: str) -> bool:
    return bool(re.fullmatch(r"[\w.-]+(?:/[\w.-]*)+", word))


def absent(text: str) -> list[str]:
    """Return the paths that do not exist, and the names that stand in none of the files of their entry."""
    found = []
    for words in items(text):
        paths = [ROOT / word for word in words if is_path(word)]
        found += [str(path.relative_to(ROOT)) for path in paths if not path.exists()]
        contents = [path.read_text("utf-8") for path in paths if path.is_file()]
        for word in words:
            is_name = not is_path(word) and not word.startswith(("make ", "OMBUD_"))
            if is_name and not any(re.search(rf"(?<!\w){re.escape(word)}", content) for content in contents):
                found.append(word)
    return found


def named(text: str) -> set[str]:
    """Return the files that a recipe names."""
    return {word for words in items(text) for word in words if is_path(word)}


@cache
def sources() -> dict[str, str]:
    """Return the texts of the program: code, templates and catalogues, without packs, demo data and migrations."""
    package = ROOT / "src" / "ombud"
    return {
        str(path.relative_to(ROOT)): path.read_text("utf-8")
        for pattern in ("*.py", "*.html", "*.yaml")
        for path in sorted(package.rglob(pattern))
        if not {"packs", "migrations"} & set(path.relative_to(package).parts)
    }


@cache
def mentioning(pattern: str) -> frozenset[str]:
    found = re.compile(pattern)
    return frozenset(name for name, text in sources().items() if found.search(text))


def places_of_field_types() -> frozenset[str]:
    """Every module that asks for the type of a field."""
    return mentioning(r"\bFieldType\.[A-Z]")


def places_of_channels() -> frozenset[str]:
    """Every module that knows a kind of channel, or through which complaints come in."""
    kinds = mentioning(r"\bCHANNEL_KINDS\b|\b(?:channel|c)\.kind\b")
    return kinds | mentioning(r"\bfrom ombud\.channels(?:\.intake)? import (?:receive|intake)\b|\bintake\.receive\(")


def places_of_messaging_ways() -> frozenset[str]:
    """Every module that lists the providers, or what carries and hears the messages of each."""
    lists = mentioning(r"\bPROVIDERS: |\bMESSAGE_(?:CARRIERS|RECEIVERS|WINDOWS) = |\bclass Provider:")
    books = {name for name in sources() if name.startswith("src/ombud/directory/")}  # have providers of their own
    return lists - books | {name for name in sources() if name == "src/ombud/channels/payload.py"}


def places_of_a_page() -> frozenset[str]:
    """Every file of the program and its tests that knows the example by its address, its template or its module."""
    template = "src/ombud/workbench/templates/workbench/rates.html"
    assert template in sources()
    tests = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in (ROOT / "tests/workbench").glob("*.py")}
    trying = {name for name, text in tests.items() if "/desk/rates/" in text}
    return mentioning(r"desk_rates\b|workbench/rates\.html|\brates\.rates\b") | {template} | trying


def places_of_a_check() -> frozenset[str]:
    """Every module that lists the codes of findings, or calls a check of a pack or of its ways."""
    own = {name for name in sources() if name.startswith("src/ombud/checks/")}
    calls = mentioning(r"\bfrom ombud\.checks\.[\w.]+ import (?:[\w, ]|\([^)]*)*\bcheck_")
    codes = "|".join(sorted({key.partition("/")[0] for key in WORDS.entries} - {"phrases"}))
    lists = mentioning(rf'"(?:{codes})", "(?:{codes})"') | mentioning(r"^own-pause:|\nown-pause:")
    return calls & own | lists & own


NEEDED: dict[str, Callable[[], frozenset[str]]] = {
    "A field type": places_of_field_types,
    "A channel": places_of_channels,
    "A messaging way": places_of_messaging_ways,
    "A page": places_of_a_page,
    "A check": places_of_a_check,
}


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


def needed(recipe: str) -> frozenset[str]:
    found = NEEDED[recipe]()
    assert len(found) >= 4
    return found


@pytest.mark.parametrize("recipe", RECIPES)
def test_what_a_recipe_names_is_there(recipe: str, page: str) -> None:
    text = section(recipe, page)
    assert len(items(text)) >= 6
    assert absent(text) == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_leaves_out_no_place(recipe: str, page: str) -> None:
    assert sorted(needed(recipe) - named(section(recipe, page))) == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_that_leaves_a_place_out_is_noticed(recipe: str, page: str) -> None:
    text = section(recipe, page)
    for place in needed(recipe):
        assert needed(recipe) - named(text.replace(f"`{place}`", "it")) == {place}


def test_a_file_or_a_name_that_is_not_there_is_noticed(page: str) -> None:
    wrong = page.replace("`src/ombud/policy/values.py`", "`src/ombud/policy/no_such.py`").replace("`ICONS`", "`IMAGES`")
    assert "src/ombud/policy/no_such.py" in absent(section("A field type", wrong))
    assert absent(section("A channel", wrong)) == ["IMAGES"]


def test_the_commands_are_those_of_the_readme() -> None:
    def commands(path: Path) -> set[str]:
        return set(re.findall(r"^(make [\w-]+|\.ci/run)", "\n".join(blocks(path, "")), re.MULTILINE))

    assert commands(PAGE) <= commands(ROOT / "README.md")
