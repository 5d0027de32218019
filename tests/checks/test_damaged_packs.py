"""No pack, whatever it says, ends in a traceback: it is refused with every mistake named, or checked.

`OMBUD_DAMAGED=200` tries 200 damaged forms of each pack instead of a few.
"""

from __future__ import annotations

import os
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from checks.damaged import damage, read, written
from ombud.checks import check, check_unreadable
from ombud.checks.findings import Report
from ombud.policy import PackError, load_sources, shipped
from ombud.texts import LANGUAGES
from shipped_packs import pack_of

pytestmark = pytest.mark.slow

TRIES = int(os.environ.get("OMBUD_DAMAGED", "4"))
SMALL = sorted((Path(__file__).parent / "packs").glob("*.yaml"))
QUICKLY_CHECKED = ["user-complaints"]  # of the large ones only what takes no second each


def outcome(sources: dict[str, str], *, in_full: bool = True) -> Report | None:
    """Return what is said of a pack; None if it loads and is not to be checked in full."""
    try:
        pack = load_sources(sources)
    except PackError as error:
        return check_unreadable("damaged", error)
    return check(pack) if in_full else None


def is_said_well(report: Report) -> bool:
    texts = [each.message for each in report.findings]
    return all(set(text) == set(LANGUAGES) and all(text.values()) for text in texts)


def shaken(tree: Any, seed: str) -> str:
    changed = deepcopy(tree)
    damage(changed, random.Random(seed))
    return written(changed)


@pytest.mark.parametrize("file", SMALL, ids=lambda file: file.stem)
def test_a_damaged_pack_is_refused_or_checked(file: Path) -> None:
    tree = read(file.read_text("utf-8"))
    for seed in range(TRIES):
        found = outcome({"pack.yaml": shaken(tree, f"{file.stem} {seed}")})
        assert found is not None
        assert is_said_well(found)


def test_a_pack_that_is_read_and_written_again_is_the_same_pack() -> None:
    text = (Path(__file__).parent / "packs" / "sound-mini.yaml").read_text("utf-8")
    pack, again = load_sources({"pack.yaml": text}), load_sources({"pack.yaml": written(read(text))})
    assert pack.hash == again.hash


def test_many_damaged_packs_still_load_so_that_the_checks_are_tried() -> None:
    tree = read((Path(__file__).parent / "packs" / "sound-mini.yaml").read_text("utf-8"))
    reports = [outcome({"pack.yaml": shaken(tree, str(seed))}) for seed in range(40)]
    assert sum(1 for each in reports if each is not None and each.version) >= 8


@pytest.mark.parametrize("name", shipped())
def test_a_damaged_shipped_pack_is_refused_or_loads(name: str) -> None:
    sources = dict(pack_of(name).sources)
    tree = read(sources["pack.yaml"])
    for seed in range(TRIES // 2):
        broken = {**sources, "pack.yaml": shaken(tree, f"{name} {seed}")}
        found = outcome(broken, in_full=name in QUICKLY_CHECKED)
        assert found is None or is_said_well(found)
