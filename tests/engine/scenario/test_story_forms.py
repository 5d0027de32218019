"""Whatever a story says anywhere: it is told, or its mistakes are named with their places; never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from checks.damaged import read, written
from engine.telling import pack_of
from ombud.engine import check_story, replay_story
from ombud.policy import PackError
from ombud.policy.stories import story_for

pytestmark = pytest.mark.slow

STORY = read("""
name: told in full
people: {wang: {role: dept, department: repair, languages: [en], away: ["2026-03-04"], open: 2}}
unqualified: [li]
note: a note
now: "2026-03-05T09:00+08:00"
log:
  - {at: "2026-03-03T09:00+08:00", act: receive, by: desk}
  - {at: "2026-03-03T09:10+08:00", recorded: "2026-03-03T09:20+08:00", act: route,
     by: {role: desk, person: wang, department: repair}, data: {kind: body}}
expect:
  phase: new
  department: none
  handler: none
  grades: {level: high}
  facts: {kind: body}
  duties: {look: [{status: open, due_at: "2026-03-06T18:00+08:00", bearer: dept, provisional: false,
                   rungs: {"2026-03-06T18:00+08:00": [head, {chief: "2026-03-07T07:00+08:00"}]}}]}
  refused: [{act: route, index: 1, code: [phase], clauses: ["1"]}, close]
  next: [route]
  automatic: []
  told: {route: [dept]}
  reports: [{act: route, code: backdated}]
  openings: []
  records: [{ledger: marks, person: li, points: 1, act: route}]
""")
ODD: tuple[Any, ...] = (
    "", "x", "1969-01-01T00:00+08:00", [], [[]], {}, {"x": ["y"]}, [{"x": [{}]}],
)  # fmt: skip


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in list(entries):
        yield tree, key
        yield from places(value)


def odd_stories() -> Iterator[Any]:
    """Yield the story with something odd at each of its places, one at a time."""
    for number in range(sum(1 for _ in places(STORY))):
        for odd in ODD:
            story = deepcopy(STORY)
            holder, key = list(places(story))[number]
            holder[key] = deepcopy(odd)
            yield story


def test_the_story_is_sound_before_anything_odd_stands_in_it() -> None:
    assert replay_story(pack_of(), story_for(pack_of(), written(STORY), "story.yaml"))["phase"] == "work"


def test_an_odd_story_is_told_and_compared_or_refused_with_its_places() -> None:
    pack, refused, told = pack_of(), 0, 0
    for written_so in map(written, odd_stories()):
        try:
            story = story_for(pack, written_so, "story.yaml")
            replay_story(pack, story)
            check_story(pack, story)
        except PackError as error:
            refused += all(each.place.file == "story.yaml" and each.message for each in error.problems)
        else:
            told += 1
    assert min(refused, told) > 20
