"""What runs beside complaints lived through: matters that a case opened, and the occurrences of periodic duties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ombud.cases.commands import pass_time, perform
from ombud.cases.models import Case
from ombud.clock import tasks
from ombud.clock.occurrences import Planned, between
from ombud.clock.periodic import open_one
from ombud.organisation import editions
from ombud.organisation.models import PolicyVersion
from ombud.project.demo.steps import OWNER, Telling, actor_of, data_of, steps_of

#: `newest`: the paths of the newest occurrences, newest first; `before`: those of all before, over and over again.
Ways = Mapping[str, Sequence[str]]


def tell_matters(telling: Telling, parent: Case, path: str, said: Mapping[str, Any]) -> None:
    """Live through what a case has opened: its path names a way for each, in the order of opening."""
    names = telling.paths[path].get("matters", ())
    for child, name in zip(parent.children.order_by("pk"), names, strict=False):
        tell_matter(telling, child, name, said)


def tell_matter(telling: Telling, case: Case, path: str, said: Mapping[str, Any]) -> None:
    """Live through one matter from its beginning until now; what its path says of later has not happened yet."""
    began = at = case.received_at
    for step in steps_of(path, telling.paths):
        then = began + timedelta(minutes=step.minute)
        if then >= telling.now:
            break
        at = then
        data = data_of(step, said, telling, at)
        actor = actor_of(telling.pack.id, step, case)
        case = perform(case, step.act, actor=actor, at=at, now=at, data=data, owner=OWNER).case
    tasks.run(now=at)
    tell_matters(telling, case, path, said)
    pass_time(case.pk, now=telling.now)


def tell_periodic(
    telling: Telling, version: PolicyVersion, ways: Mapping[str, Mapping[str, Any]], *, since: datetime
) -> None:
    """Live through every occurrence of the policy's periodic duties since then, oldest first.

    `ways` gives the ways of each duty: one for all its occurrences, or one by office and `else`.
    """
    row = editions.current()
    assert row is not None, "publishing makes one"
    known = editions.read(row.edition)
    due: list[tuple[Planned, str]] = []
    for periodic in telling.pack.periodic.values():
        days = since.astimezone(UTC).date(), telling.now.astimezone(UTC).date() + timedelta(days=1)
        planned = [each for each in between(telling.pack, periodic, known, *days) if since <= each.at <= telling.now]
        due += _with_ways(planned, ways[periodic.id])
    for each, path in sorted(due, key=lambda pair: pair[0].at):
        if (case := open_one(version, each, now=each.at)) is not None:
            tell_matter(telling, case, path, {})


def _with_ways(planned: Sequence[Planned], ways: Mapping[str, Any]) -> list[tuple[Planned, str]]:
    """Return the occurrences of one duty with their paths; each office or department counts its own."""
    number: dict[tuple[str | None, str | None], int] = defaultdict(int)
    found = []
    for each in sorted(planned, key=lambda each: each.at, reverse=True):
        place = each.office, each.department
        mine: Ways = ways if "before" in ways else ways.get(each.office or "", ways["else"])
        newest, before = mine.get("newest", ()), mine["before"]
        ago, number[place] = number[place], number[place] + 1
        found.append((each, newest[ago] if ago < len(newest) else before[(ago - len(newest)) % len(before)]))
    return found
