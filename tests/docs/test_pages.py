"""Documentation cannot rot: what a page names must be there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from docs.pages import PAGES, READMES, ROOT, anchors, blocks, code, links, name, prose
from ombud.project.command import COMMANDS

EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=name)
POLICY_COMMANDS = {"list", "new", "diff", "check", "trace", "mutate", "replay", "diagram"}


@EVERY_PAGE
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    dead = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


@EVERY_PAGE
def test_every_command_exists(page: Path) -> None:
    named = set(re.findall(r"(?:^|[\s/'\"])ombud ([a-z]+)", code(page), re.MULTILINE))
    assert named - set(COMMANDS) == set()
    policies = set(re.findall(r"ombud policy ([a-z]+)", code(page)))
    assert policies - POLICY_COMMANDS == set()


@EVERY_PAGE
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|\s)make ([a-z-]+)", code(page), re.MULTILINE))
    assert named - targets == set()


@EVERY_PAGE
def test_every_setting_exists(page: Path) -> None:
    reference = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    known = set(re.findall(r"^\| `([A-Z_]+)`", reference, re.MULTILINE))
    named = set(re.findall(r"\b(?:OMBUD_[A-Z_]+|DATABASE_URL)\b", page.read_text("utf-8")))
    assert {setting.removesuffix("_FILE") for setting in named} - known == set()


@EVERY_PAGE
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"`((?:src|docs|tests|locale)/[\w./-]+)`", prose(page)))
    named |= {
        word for block in blocks(page, "") for word in re.findall(r"\b(?:src/ombud|docs|tests|locale)/[\w./]*", block)
    }
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_page_is_in_the_index_or_reached_from_it() -> None:
    seen, waiting = set(), [ROOT / "docs/index.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        waiting += [(page.parent / link.partition("#")[0]).resolve() for link in links(page) if "://" not in link]
    assert [name(page) for page in PAGES if page not in seen and page not in READMES] == []


def test_pictures_are_small() -> None:
    heavy = [name(picture) for picture in (ROOT / "docs/images").glob("*.png") if picture.stat().st_size > 300_000]
    assert heavy == []


def test_both_readmes_have_the_same_parts_commands_and_accounts() -> None:
    english, chinese = READMES
    sections = [len(re.findall(r"^## ", page.read_text("utf-8"), re.MULTILINE)) for page in READMES]
    assert sections[0] == sections[1]

    def commands(page: Path) -> list[str]:
        found = re.findall(r"^(make [\w-]+|\.ci/run)", "\n".join(blocks(page, "")), re.MULTILINE)
        return [each for each in found if each]

    assert commands(english) == commands(chinese)
    assert {link for link in links(english) if "images" not in link and "README" not in link} - set(links(chinese)) <= {
        "docs/explanation/architecture.md"
    }


ROOMS = [
    str(path.relative_to(ROOT / "src/ombud"))
    for path in sorted((ROOT / "src/ombud").rglob("*"))
    if (path / "__init__.py").exists() and path.name not in ("migrations", "templatetags")
]
# They belong to one thing, found with it.
ELSEWHERE = {"channels/importer", "project/demo", "project/postgresql", "project/sqlite"}


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in ELSEWHERE])
def test_architecture_and_readmes_know_every_room(room: str) -> None:
    outer, _, inner = room.partition("/")
    architecture = (ROOT / "docs/explanation/architecture.md").read_text("utf-8")
    assert re.search(rf"\b{outer} +[a-zA-Z]", architecture)
    assert not inner or re.search(rf"`{outer}/`.*`{inner}/`", architecture)
    for page in READMES:
        assert f"src/ombud/{outer}/" in page.read_text("utf-8")


def test_the_layers_are_told_as_they_are_enforced() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    enforced = [re.findall(r"\w+", layer) for layer in contracts[0]["layers"]]
    told = blocks(ROOT / "docs/explanation/architecture.md", "")[0].splitlines()
    there = {room.partition("/")[0] for room in ROOMS} | {"texts", "lifeline"}
    order = [name for line in told for name in re.findall(r"(?:^|\| +)([a-z]+)(?= {2,}|  | )", line) if name in there]
    assert order == [name for layer in enforced for name in layer if name in there]


def test_comments_name_modules_that_are_there() -> None:
    there = [f"/{path.relative_to(ROOT)}" for folder in ("src", "tests") for path in (ROOT / folder).rglob("*.py")]
    dead = [
        f"{path.relative_to(ROOT)}: {named}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        for named in re.findall(r"(?<![\w./<*-])(?:[a-z_]+/)*[a-z_]+\.py\b", path.read_text("utf-8"))
        if not any(file.endswith(f"/{named}") for file in there)
    ]
    assert dead == []
