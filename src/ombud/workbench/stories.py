"""A policy's scenarios as stories for its owner: dated sentences, then what was expected and what came out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ombud.checks import apart
from ombud.engine import story_differences
from ombud.engine.allotting import TO
from ombud.engine.distribution import RULE
from ombud.engine.local_time import zone_of
from ombud.engine.model import Event
from ombud.engine.scenario.run import Story, as_json
from ombud.interface.fact_text import fact_text
from ombud.interface.lists import listed, set_apart, told_of
from ombud.organisation.models import words
from ombud.policy.compare.describing import rung_text
from ombud.policy.compare.naming import Names
from ombud.policy.compare.words import say, value
from ombud.policy.event_names import ALLOT, OPENED, RUNG, EventName
from ombud.policy.model.pack import Pack, Scenario
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.values import FieldType
from ombud.policy.procedure import chain_of
from ombud.policy.values import instant
from ombud.policy.vocabulary import HANDLER, OFFICE, SYSTEM
from ombud.texts import Text
from ombud.worktime.ending import ending_text


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One sentence of a story."""

    at: datetime  # in the zone of the case's office
    kind: str  # act, auto, rung, opened, refused
    who: str
    what: str
    facts: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    recorded: datetime | None = None  # where it was written down later


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One expectation and what came out."""

    what: str
    expected: str
    actual: str
    is_right: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Tale:
    """A scenario told to its end."""

    scenario: Scenario
    lines: tuple[Line, ...]
    results: tuple[Result, ...]
    differences: tuple[Text, ...]  # as the checks say them; empty where it came out as expected
    now: datetime
    zone: str


def differences(pack: Pack) -> list[tuple[Scenario, list[Text]]]:
    """Return every scenario with how it differs from what it expects."""
    return [(scenario, story_differences(pack, scenario.story)) for scenario in pack.scenarios]


def tale_of_draft(pack: Pack, scenario: Scenario, *, policy: str, owner: str) -> dict[str, Any]:
    """Return a draft's scenario as a page shows it: told apart first, and here once it is known to come to an end."""
    try:
        tried = apart.tell_stories(pack.sources, policy=policy, owner=owner, name=scenario.name)
    except apart.Failed:
        return {"is_failed": True}
    return {"is_ended": True} if tried.is_ended else {"tale": tell(pack, scenario)}


def differences_of_draft(pack: Pack, *, policy: str, owner: str) -> list[tuple[Scenario, list[Text]]] | None:
    """Return what `differences` does, told apart under limits; None where it does not come to an end, or failed."""
    try:
        found = apart.tell_stories(pack.sources, policy=policy, owner=owner).differences
    except apart.Failed:
        return None
    return None if found is None else [(each, list(found.get(each.name, ()))) for each in pack.scenarios]


def tell(pack: Pack, scenario: Scenario) -> Tale:
    """Return a scenario as a story in the reader's language."""
    told = Story(pack, scenario.story)
    names = Names(pack, pack.procedures[scenario.story.get("procedure") or MAIN])
    teller = _Teller(told, names)
    return Tale(
        scenario=scenario,
        lines=tuple(teller.lines(scenario.story.get("log") or ())),
        results=tuple(teller.results(scenario.story)),
        differences=tuple(story_differences(pack, scenario.story)),
        now=teller.moment(told.now),
        zone=zone_of(told.state).key,
    )


class _Teller:
    def __init__(self, told: Story, names: Names) -> None:
        self.told, self.names, self.pack = told, names, names.pack
        self.zone: ZoneInfo = zone_of(told.state)

    def moment(self, at: int) -> datetime:
        return datetime.fromtimestamp(at, self.zone)

    def lines(self, log: Any) -> Iterator[Line]:
        """Yield what happened in the order in which it was written down, refused steps among it."""
        refused = [
            (instant(log[index].get("recorded") or log[index]["at"]), self._refused(log[index], act, why))
            for index, act, why in self.told.refused
        ]
        for event in self.told.events:
            while refused and refused[0][0] < event.recorded:
                yield refused.pop(0)[1]
            yield self._line(event)
        yield from (line for _at, line in refused)

    def _refused(self, entry: Mapping[str, Any], act: str, why: Any) -> Line:
        by = entry["by"]
        role = by if isinstance(by, str) else by["role"]
        return Line(
            at=self.moment(instant(entry["at"])),
            kind="refused",
            who=words(dict(self.names.role(role))),
            what=words(dict(self.names.event(act))),
            reasons=tuple(words(dict(each.message)) for each in why),
        )

    def _line(self, event: Event) -> Line:
        at = self.moment(event.occurred)
        if event.act == RUNG:
            return Line(at=at, kind="rung", who=words(dict(self.names.owed(event.data["duty"]))),
                        what=self._rung(event.data))  # fmt: skip
        if event.act == OPENED:
            return Line(at=at, kind="opened", who=words(dict(self.names.owed(event.data["duty"]))),
                        what=_("owed anew"))  # fmt: skip
        if event.act == ALLOT:
            rule = self.pack.distribution[event.data[RULE]]
            return Line(at=at, kind="auto", who=words(dict(rule.title)),
                        what=_("given to {person}").format(person=event.data[TO]))  # fmt: skip
        is_automatic = event.actor == SYSTEM
        return Line(
            at=at,
            kind="auto" if is_automatic else "act",
            who="" if is_automatic else self._who(event),
            what=words(dict(self.names.event(event.act))),
            facts=tuple(self._facts(event.data)),
            recorded=self.moment(event.recorded) if event.recorded > event.occurred else None,
        )

    def _who(self, event: Event) -> str:
        role = words(dict(self.names.role(event.role)))
        is_stand_in = event.actor in (event.role, f"{event.role}@{event.department}")
        return role if is_stand_in else f"{role} {event.actor}"

    def _rung(self, data: Mapping[str, Any]) -> str:
        plan = self.told.program.duties.get(data["duty"])
        if plan is None or data["rung"] >= len(plan.rungs):
            return ""
        duty = self.names.procedure.duties.get(data["duty"])
        chain, stage = chain_of(self.names.procedure, data["duty"]), EventName.of(data["duty"]).stage
        ladder = duty.breach if duty else chain.stages[stage - 1].breach if chain and stage else ()
        if data["rung"] >= len(ladder):
            return words(dict(value("tell", when=value("at_due"), who=value("boss"))))  # a stage's usual ladder
        return words(dict(rung_text(ladder[data["rung"]], self.names)))

    def _facts(self, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, given in data.items():
            field = self.pack.fields.get(name)
            if field is not None and given is not None:
                yield words(dict(field.title)), self._value(name, given)

    def _value(self, name: str, given: Any) -> str:
        field = self.pack.fields.get(name)
        if given is None:
            return _("not given")
        if field is None or isinstance(given, bool):
            return words(dict(self.names.choice(name, str(given).lower() if isinstance(given, bool) else str(given))))
        if field.type is FieldType.DEPARTMENT and isinstance(given, str):
            return words(dict(self.names.department(given)))
        return fact_text(field, given)

    def results(self, story: Mapping[str, Any]) -> Iterator[Result]:
        """Yield each expectation beside what came out."""
        expect: Mapping[str, Any] = story.get("expect") or {}
        outcome = as_json(self.told, explained=False)
        phase, department = self.names.phase, self.names.department
        named: tuple[tuple[str, str, Any], ...] = (
            ("phase", _("Phase"), phase),
            ("department", _("Department"), department),
        )
        for key, title, name in named:
            if key in expect:
                wanted, got = str(expect[key] or ""), outcome[key] or ""
                yield Result(what=title, expected=_said(name(wanted)), actual=_said(name(got)), is_right=wanted == got)
        for key in ("grades", "facts"):
            for name, wanted in (expect.get(key) or {}).items():
                got = outcome[key].get(name)
                title = words(dict(self.names.fact(name)))
                yield Result(
                    what=title,
                    expected=self._value(name, wanted),
                    actual=self._value(name, got),
                    is_right=wanted == got,
                )
        for duty, wanted in (expect.get("duties") or {}).items():
            yield from self._duty(duty, wanted, [each for each in outcome["duties"] if each["id"] == duty])
        yield from self._rest(story, expect)

    def _duty(self, duty: str, wanted: Any, found: list[Mapping[str, Any]]) -> Iterator[Result]:
        title = words(dict(self.names.owed(duty)))
        many = wanted if isinstance(wanted, list) else [wanted]
        latest = found if isinstance(wanted, list) else found[-1:]
        for index in range(max(len(many), len(latest))):
            item = many[index] if index < len(many) else None
            got = latest[index] if index < len(latest) else None
            name = f"{title} ({index + 1})" if len(many) > 1 else title
            keys = item if isinstance(item, Mapping) else {"status": item}
            status, due = keys.get("status"), keys.get("due_at") or keys.get("due")
            actual = "overdue" if got and got["overdue"] and status == "overdue" else got["status"] if got else None
            if status is not None or got is None or item is None:
                yield Result(
                    what=name, expected=_status(status), actual=_status(actual), is_right=(status or None) == actual
                )
            if due not in (None, "", "none"):
                at = got["due_at"] if got else None
                yield Result(
                    what=_("{duty}: due").format(duty=name),
                    expected=self._at(due),
                    actual=self._at(at) if at else _("not owed"),
                    is_right=at is not None and instant(at) == instant(due),
                )

    def _at(self, written: str) -> str:
        return ending_text(self.moment(instant(written)))

    def _rest(self, story: Mapping[str, Any], expect: Mapping[str, Any]) -> Iterator[Result]:
        """Yield what is expected of refused, automatic and possible acts, of who holds the case and of who is told."""
        titles = {
            "refused": _("Refused"), "automatic": _("By itself"), "next": _("Possible next"), "handler": _("Handler"),
            "office": _("Office"), "told": _("Told"),
        }  # fmt: skip
        for key in expect:
            if key not in titles or expect[key] in (None, "", []):
                continue
            only = {name: expect[name] for name in {key, "refused"} if name in expect}
            wrong = [_said(each) for each in story_differences(self.pack, {**story, "expect": only})]
            expected = self._named(key, expect[key])
            yield Result(what=titles[key], expected=expected, actual=set_apart(wrong) or expected, is_right=not wrong)

    def _named(self, key: str, given: Any) -> str:
        if isinstance(given, Mapping):
            told = ((words(dict(self.names.event(act))), self._roles(who)) for act, who in given.items())
            return set_apart(told_of(*each) for each in told)
        items = given if isinstance(given, list) else [given]
        acts = [item.get("act", "") if isinstance(item, Mapping) else str(item) for item in items]
        if key in (HANDLER, OFFICE):
            return listed(acts)
        return listed(words(dict(self.names.event(act))) for act in acts)

    def _roles(self, who: Any) -> str:
        return listed(words(dict(self.names.role(each))) for each in (who if isinstance(who, list) else [who]))


def _said(text: Text) -> str:
    return words(dict(text))


def _status(status: str | None) -> str:
    return words(dict(say("statuses", status))) if status else _("not owed")
