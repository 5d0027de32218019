"""How a case stands under one version of a policy and how it would stand under another: stories and running cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ombud.engine import State
from ombud.engine.available_acts import possible_acts
from ombud.engine.local_time import zone_of
from ombud.engine.scenario.run import Story
from ombud.policy.compare.naming import Names, each
from ombud.policy.compare.words import listed, say
from ombud.policy.model.duties import Bearer
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.source import Place
from ombud.texts import Text, same
from ombud.worktime.ending import ending_text


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """One duty of a case, as far as versions may differ in it."""

    status: str  # as DutyView, and overdue
    due: int | None
    bearer: Bearer


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseOutcome:
    """How a case stands: all that its owner would notice."""

    phase: str
    grades: Mapping[str, Any]
    duties: Mapping[tuple[str, int], Owed]
    next: tuple[str, ...]
    refused: tuple[str, ...] = ()  # acts of a story


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One thing that comes out differently; None on a side that has nothing of the kind."""

    what: Text
    before: Text | None
    after: Text | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryDifference:
    """A scenario that ends differently under the other version."""

    name: str
    place: Place
    clauses: tuple[str, ...]
    differences: tuple[Difference, ...] = field(default_factory=tuple)


def outcome_of(state: State, now: int, *, refused: tuple[str, ...] = (), only_owed: bool = False) -> CaseOutcome:
    """Return how a case stands at `now`; with `only_owed` what is closed already is left out."""
    duties = {
        (each.duty, each.instance): Owed(
            status="overdue" if each.is_overdue(now) else each.status, due=each.due_at, bearer=each.bearer
        )
        for each in state.duties()
        if not only_owed or each.status in ("open", "paused")
    }
    return CaseOutcome(
        phase=state.phase,
        grades=dict(state.grades),
        duties=duties,
        next=tuple(possible_acts(state, now)) if state.phase in state.program.procedure.phases else (),
        refused=refused,
    )


def differing_stories(before: Pack, after: Pack) -> tuple[StoryDifference, ...]:
    """Return the scenarios of the earlier version that end differently under the later one, each with what differs."""
    found = []
    for scenario in before.scenarios:
        procedure = scenario.story.get("procedure") or MAIN
        if procedure not in after.procedures:
            what = say("outcomes", "untellable", procedure=before.procedures[procedure].title)
            differences: tuple[Difference, ...] = (Difference(what=what, before=None, after=None),)
        else:
            names = Names(before, before.procedures[procedure]), Names(after, after.procedures[procedure])
            tellings = [Story(pack, scenario.story) for pack in (before, after)]
            was, now = (_told(each) for each in tellings)
            differences = tuple(differences_of(was, now, *names, zone_of(tellings[0].state)))
        if differences:
            found.append(
                StoryDifference(
                    name=scenario.name,
                    place=scenario.at,
                    clauses=tuple(scenario.story.get("cite") or ()),
                    differences=differences,
                )
            )
    return tuple(found)


def packed_stories(stories: Iterable[StoryDifference]) -> list[dict[str, Any]]:
    """Return stories that differ as plain JSON values, to be told by another process."""
    return [asdict(each) for each in stories]


def unpacked_stories(told: Iterable[Mapping[str, Any]]) -> tuple[StoryDifference, ...]:
    """Return the stories that `packed_stories` made plain."""
    return tuple(
        StoryDifference(
            name=each["name"],
            place=Place(**each["place"]),
            clauses=tuple(each["clauses"]),
            differences=tuple(Difference(**one) for one in each["differences"]),
        )
        for each in told
    )


def _told(story: Story) -> CaseOutcome:
    return outcome_of(story.state, story.now, refused=tuple(act for _index, act, _why in story.refused))


def differences_of(
    before: CaseOutcome, after: CaseOutcome, names_before: Names, names_after: Names, zone: ZoneInfo
) -> Iterator[Difference]:
    """Yield what is different between two standings, in the words of each side's policy."""
    if before.phase != after.phase:
        yield Difference(
            what=say("outcomes", "phase"), before=names_before.phase(before.phase), after=names_after.phase(after.phase)
        )
    for table in dict.fromkeys([*before.grades, *after.grades]):
        was, now = before.grades.get(table), after.grades.get(table)
        if was != now:
            yield Difference(
                what=(names_after if table in names_after.pack.tables else names_before).fact(table),
                before=None if was is None else names_before.choice(table, str(was)),
                after=None if now is None else names_after.choice(table, str(now)),
            )
    for key in dict.fromkeys([*before.duties, *after.duties]):
        yield from _duty(key, before.duties.get(key), after.duties.get(key), names_before, names_after, zone)
    for what, was_acts, now_acts in (("next", before.next, after.next), ("refused", before.refused, after.refused)):
        gone, come = [a for a in was_acts if a not in now_acts], [a for a in now_acts if a not in was_acts]
        if gone or come:
            yield Difference(
                what=say("outcomes", what),
                before=each(names_before.event, gone) if gone else None,
                after=each(names_after.event, come) if come else None,
            )


def _duty(
    key: tuple[str, int], was: Owed | None, now: Owed | None, before: Names, after: Names, zone: ZoneInfo
) -> Iterator[Difference]:
    """Yield how one duty differs: a duty that is new or gone, its status, its due time, who owes it."""
    names = after if now is not None else before
    title = names.owed(key[0])
    if was is None or now is None:
        yield Difference(
            what=say("outcomes", "duty", duty=title), before=_whole(was, zone), after=_whole(now, zone)
        )  # fmt: skip
        return
    if was.status != now.status:
        yield Difference(
            what=say("outcomes", "status", duty=title),
            before=say("statuses", was.status),
            after=say("statuses", now.status),
        )
    if was.due != now.due:
        yield Difference(
            what=say("outcomes", "due", duty=title), before=_due(was, zone), after=_due(now, zone)
        )  # fmt: skip
    if was.bearer != now.bearer:
        yield Difference(
            what=say("outcomes", "bearer", duty=title),
            before=before.bearer(was.bearer),
            after=after.bearer(now.bearer),
        )


def _whole(owed: Owed | None, zone: ZoneInfo) -> Text:
    if owed is None:
        return say("outcomes", "not_there")
    return listed([say("statuses", owed.status), _due(owed, zone)])


def _due(owed: Owed, zone: ZoneInfo) -> Text:
    if owed.due is None:
        return say("outcomes", "paused")
    return same(ending_text(datetime.fromtimestamp(owed.due, zone)))
