"""Logs of every event schema fold to what they meant when they were written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.telling import Case
from ombud.engine import Event, fold

GOLDEN = sorted((Path(__file__).parent / "golden").glob("schema_*.json"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_log_still_means_the_same(path: Path) -> None:
    golden = json.loads(path.read_text("utf-8"))
    events = [Event(**entry) for entry in golden["events"]]
    assert {event.schema for event in events} == {golden["schema"]}
    state = fold(Case().program, events)
    duties = [
        [view.duty, view.instance, view.revision, view.status, view.due_at, view.done_at, view.breached_at]
        for view in state.duties()
    ]
    assert state.phase == golden["phase"]
    assert state.facts == golden["facts"]
    assert duties == golden["duties"]


def test_the_newest_golden_log_is_the_schema_of_new_events() -> None:
    told = Case().do("receive", "03-03 09:00")
    assert GOLDEN[-1].stem == f"schema_{told.events[0].schema}"


def test_every_reserved_event_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/events.md").read_text("utf-8")
    for name in ("rung", "open", "migrate", "recalendar", "reissue", "CHAIN.approve", "CHAIN.reject"):
        assert f"### `{name}`" in page
