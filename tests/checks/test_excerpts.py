"""What is checked anew after an edit, and what is remembered: the same findings as from the beginning."""

from __future__ import annotations

import gc
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from time import process_time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ombud.checks import QUICK, check, findings, once_each
from ombud.checks import excerpts as remembered
from ombud.checks.excerpts import Excerpts
from ombud.checks.findings import Finding, ordered
from ombud.checks.outsiders import check_silences
from ombud.checks.quick import check_typed
from ombud.checks.rules.reachability import check_reachability
from ombud.checks.scenarios import check_scenarios
from ombud.checks.timing.horizon import check_horizon
from ombud.checks.timing.limits import check_limits
from ombud.policy import PackError, load, load_sources, shipped
from ombud.policy.model.pack import Pack

PACKS = Path(__file__).parent / "packs"
TEXTS = [file.read_text("utf-8") for file in sorted(PACKS.glob("*.yaml"))]
SCENARIO = """
scenarios:
  - {name: told, log: [{at: "2026-03-03T09:00+08:00", act: receive, by: desk, data: {channel: phone, grave: no,
     loss: 1 CNY}}], expect: {duties: {register: {status: open, due_at: "2026-03-04T18:00+08:00"}}}}
"""


def afresh(pack: Pack) -> tuple[Finding, ...]:
    """Return what the same checks say of the whole pack, nothing left out and nothing remembered."""
    found = [*(each for run in QUICK for each in run(pack))]
    found += [*check_silences(pack), *check_reachability(pack)]
    uncounted = list(check_horizon(pack))
    timed = [] if uncounted else [*once_each(check_limits(pack)), *check_scenarios(pack)]
    return ordered([*found, *uncounted, *timed])


EDITS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\n", ("\n# a line more\n", "\n\n")),
    (r"\b\d+(?= (?:workdays?|h|natural days)\b)", ("1", "2", "7", "30", "30000")),
    (r"(?<=en: )[A-Z]\w*", ("Other", "Word")),
    (r"bearer: \w+", ("bearer: desk", "bearer: head", "bearer: agent")),
    (r"after: \w+", ("after: receive", "after: register", "after: propose")),
    (r"pause: \w+", ("pause: open", "pause: answering")),
    (r'when: "[^"]*"', ('when: "done(register)"', 'when: "not done(tell)"')),
    (r"tell: boss", ("tell: bearer", "tell: head")),
    (r'cite: "\d"', ('cite: "1"', 'cite: "2"')),
    (r"\d\d:00(?=-)", ("08:00", "10:00")),
    (r"\n  \w+: \{title[^\n]*", ("",)),
    (r"T09:00", ("T10:00", "T23:00")),
)


@st.composite
def edit(draw: st.DrawFn) -> tuple[str, str, int]:
    pattern, instead = draw(st.sampled_from(EDITS))
    return pattern, draw(st.sampled_from(instead)), draw(st.integers(0, 60))


def edited(text: str, pattern: str, instead: str, which: int) -> str:
    found = list(re.finditer(pattern, text))
    if not found:
        return text
    at = found[which % len(found)]
    return text[: at.start()] + instead + text[at.end() :]


@settings(max_examples=60)
@given(
    text=st.sampled_from([*TEXTS, (PACKS / "limits.yaml").read_text("utf-8") + SCENARIO]),
    edits=st.lists(edit(), max_size=4),
)
def test_after_any_edits_the_same_is_found_as_from_the_beginning(text: str, edits: list[tuple[str, str, int]]) -> None:
    for step in (None, *edits):
        text = text if step is None else edited(text, *step)
        try:
            pack = load_sources({"pack.yaml": text})
        except PackError:
            continue
        assert ordered(findings(pack)) == afresh(pack)


@pytest.mark.parametrize("name", shipped())
def test_what_is_left_out_of_the_excerpts_says_nothing_of_a_shipped_policy(name: str) -> None:
    pack = load(name)
    first = ordered(findings(pack))
    assert first == afresh(pack)
    assert ordered(findings(pack)) == first


def counted(monkeypatch: pytest.MonkeyPatch, edits: Iterable[tuple[str, str]]) -> list[str]:
    """Return the checks that an edit has run again, the policy having been checked before it."""
    text = (PACKS / "limits.yaml").read_text("utf-8") + SCENARIO
    check(load_sources({"pack.yaml": text}))
    run: list[str] = []
    for each in (check_reachability, check_limits, check_scenarios):

        def noted(pack: Pack, each: object = each, name: str = each.__name__) -> Iterable[Finding]:
            run.append(name)
            return each(pack)  # type: ignore[operator]

        noted.__module__, noted.__qualname__ = each.__module__, each.__qualname__
        monkeypatch.setattr(f"ombud.checks.{each.__name__}", noted)
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    check(load_sources({"pack.yaml": text}))
    return run


@pytest.mark.parametrize(
    ("old", "new", "run"),
    [
        ("clauses:\n", "# a remark\n\nclauses:\n", []),
        ("Complaints are received,", "Complaints are taken,", ["check_scenarios"]),  # a refusal may quote it
        ("do: tell, within: 1 workday", "do: tell, within: 2 workdays", ["check_limits", "check_scenarios"]),
        ("T09:00", "T10:00", ["check_scenarios"]),
        (
            'when: "done_since(tell, answer)"',
            'when: "done(tell)"',
            ["check_reachability", "check_limits", "check_scenarios"],
        ),
    ],
)
def test_only_what_an_edit_touches_is_checked_anew(
    monkeypatch: pytest.MonkeyPatch, old: str, new: str, run: list[str]
) -> None:
    assert counted(monkeypatch, [(old, new)]) == run


def test_places_follow_the_text() -> None:
    text = (PACKS / "contradictory-limits.yaml").read_text("utf-8")
    [before], [after] = (list(findings(load_sources({"pack.yaml": each}))) for each in (text, f"# more\n{text}"))
    assert before.place is not None
    assert after.place is not None
    assert after.place.line == before.place.line + 1


def test_what_was_found_long_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "KEPT", 2)
    pack = load_sources({"pack.yaml": TEXTS[0]})
    seen = Excerpts(pack)
    for _ in range(2):
        for procedure in pack.procedures.values():
            seen.found(check_reachability, seen.timeless(procedure))
            seen.found(check_limits, seen.timed(procedure))
            seen.found(check_scenarios, seen.untold)
    assert len(remembered._kept) <= 2


def seconds(run: Callable[[], object]) -> float:
    """Return the processor time that it takes, without that of looking through what other tests have left behind."""
    gc.collect()
    gc.freeze()
    try:
        begun = process_time()
        run()
        return process_time() - begun
    finally:
        gc.unfreeze()


def _type(sources: dict[str, str]) -> None:
    check_typed(load_sources(sources), (), whole=False)


def test_the_largest_policy_is_checked_and_edited_in_good_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against reading its text with PyYAML, which takes 0.19 s on a quiet machine: 5 s for all, 1 s for an edit."""
    monkeypatch.setattr(remembered, "_kept", OrderedDict())
    pack = load("overseas-customers")
    sources = {name: text for name, text in pack.sources.items() if not name.startswith("base")}
    text = sources["pack.yaml"]
    floor = seconds(lambda: yaml.load(text, Loader=yaml.SafeLoader))
    assert seconds(lambda: check(pack)) < 26 * floor
    edits = (
        ("clauses:\n", "# a line more\nclauses:\n"),
        ("within: head_decides_within", "within: 3 workdays"),
        ('when: "', 'when: "known(channel) and '),
    )
    for old, new in edits:
        assert old in text
        edited = {**sources, "pack.yaml": text.replace(old, new, 1)}
        assert seconds(partial(_type, edited)) < 5 * floor
