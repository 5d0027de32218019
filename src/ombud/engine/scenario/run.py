"""Stories: dated acts told to a pack, what they lead to, and how that differs from what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from ombud.engine.available_acts import possible_acts
from ombud.engine.compiling import compile_program
from ombud.engine.distribution import owing, rule_for
from ombud.engine.explain import explain_instance
from ombud.engine.ladder import next_wake
from ombud.engine.local_time import iso, zone_of
from ombud.engine.model import CLOCK_ACTOR, Actor, Event, Matter, Notification, Outcome, Record, Refusal, Submission
from ombud.engine.program import Program
from ombud.engine.roles import department_of
from ombud.engine.scenario.people import People
from ombud.engine.state import OPEN, Instance, State
from ombud.engine.step import ENFORCE, OBSERVE, advance, allot, begin, step
from ombud.policy.model.duties import Bearer
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.values import instant
from ombud.policy.vocabulary import ACTOR, CLOCK, OFFICE, SYSTEM
from ombud.texts import spoken


class Story:
    """A story being told: the state so far and everything that came out of it."""

    def __init__(
        self, pack: Pack, story: Mapping[str, Any], *, now: int | str | None = None, mode: str = ENFORCE
    ) -> None:
        self.program: Program = compile_program(pack, procedure=story.get("procedure") or MAIN)
        self.state: State = begin(self.program, office=story.get("office"))
        self.staff = StandIns(self.program)
        self.mode = mode
        self.events: list[Event] = []
        self.notifications: list[Notification] = []
        self.refused: list[tuple[int, str, tuple[Refusal, ...]]] = []
        self.reports: list[tuple[int, str, Refusal]] = []
        self.openings: list[Matter] = []
        self.records: list[Record] = []
        self.told_until: int | None = None  # when the last step was written down, done or refused
        log = list(story.get("log") or ())
        self.staff.unqualified = frozenset(story.get("unqualified") or ())
        self.people = People(story.get("people") or {})
        self.staff.join(self.people.known)
        for entry in log:
            self.staff.remember(entry["by"])
        for index, entry in enumerate(log):
            self._tell(index, entry)
        now = story.get("now") if now is None else now
        self.now = instant(now) if now is not None else max(self.state.recorded, self.state.at, self.told_until or 0)
        self._keep(advance(self.state, self.now, mode=self.mode, staff=self.staff))
        self._distribute(self.now)

    def _tell(self, index: int, entry: Mapping[str, Any]) -> None:
        occurred = instant(entry["at"])
        recorded = instant(entry["recorded"]) if entry.get("recorded") else occurred
        self.told_until = max(recorded, self.told_until or recorded)
        # Who a bare role is depends on the department at that moment, so time must have passed first.
        now = occurred if self.mode == OBSERVE else recorded
        draft, wake = self.state, next_wake(self.state)
        if wake is not None and wake < now:
            draft = draft.copy()
            advance(draft, now, mode=self.mode, staff=self.staff)
        submission = Submission(
            act=entry["act"],
            actor=self.staff.actor(draft, entry["by"]),
            occurred=occurred,
            recorded=recorded,
            data=entry.get("data") or {},
        )
        outcome = step(self.state, submission, mode=self.mode, staff=self.staff)
        self._keep(outcome)
        self.reports += [(index, submission.act, report) for report in outcome.reports]
        if reasons := outcome.refused or outcome.deviations:
            self.refused.append((index, submission.act, reasons))
        self._distribute(recorded)

    def _distribute(self, now: int) -> None:
        """Give the case to somebody of the story by rule of the policy, as the clock does within moments."""
        rule = rule_for(self.state, owing(self.state)) if self.people.known else None
        for to, said in self.people.offered(rule, self.state, now) if rule is not None else ():
            outcome = allot(
                self.state, to, by=CLOCK_ACTOR, at=max(now, self.state.recorded), data=said, staff=self.staff
            )
            if not outcome.refused:
                self._keep(outcome)
                return

    def _keep(self, outcome: Outcome) -> None:
        self.events += outcome.events
        self.notifications += outcome.notifications
        self.openings += outcome.openings
        self.records += outcome.records


class StandIns:
    """The staff of a story: those whom it names; one person for each role and department that it names nobody for."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.named: dict[str, set[tuple[str, str | None, str | None]]] = {}
        self.bare: set[str] = set()
        self.unqualified: frozenset[str] = frozenset()  # who has passed no exam; everybody else has passed them all

    def join(self, people: Mapping[str, Mapping[str, Any]]) -> None:
        """Let the people whom a story describes hold their roles."""
        for person, known in people.items():
            place = (person, known.get("department"), known.get("office"))
            self.named.setdefault(known["role"], set()).add(place)

    def remember(self, by: str | Mapping[str, str]) -> None:
        if isinstance(by, str) or not by.get("person"):
            self.bare.add(by if isinstance(by, str) else by["role"])
        else:
            self.named.setdefault(by["role"], set()).add((by["person"], by.get("department"), by.get("office")))

    def actor(self, state: State, by: str | Mapping[str, str]) -> Actor:
        """Return who acts, given a bare role or a mapping of role, person, department and office."""
        written: Mapping[str, str] = {"role": by} if isinstance(by, str) else by
        role = written["role"]
        if role in (CLOCK, SYSTEM):
            return Actor(person=SYSTEM, role=role, department=written.get("department"), office=written.get("office"))
        department = written.get("department") or department_of(state, role)
        office = written.get("office") or state.office
        return Actor(
            person=written.get("person") or stand_in(role, department, self._office(role, office)),
            role=role,
            department=department,
            office=office,
        )

    def _office(self, role: str, office: str | None) -> str | None:
        """Return the office where the role is one of an office."""
        known = self.program.pack.roles.get(role)
        return office if known is not None and known.of == OFFICE else None

    def holders(self, role: str, department: str | None, office: str | None) -> frozenset[str]:
        named = {
            person
            for person, place, base in self.named.get(role, ())
            if (department in (None, place) or place is None) and (office in (None, base) or base is None)
        }
        is_filled = role in self.bare or role not in self.named
        return frozenset({stand_in(role, department, self._office(role, office)), *named} if is_filled else named)

    def is_qualified(self, person: str, exam: str, at: int) -> bool:
        return person not in self.unqualified


def stand_in(role: str, department: str | None, office: str | None = None) -> str:
    """Return the one person who holds a role in a department or an office, where a story names nobody."""
    return "@".join(each for each in (role, department, office) if each)


def replay_story(
    pack: Pack,
    story: Mapping[str, Any],
    now: int | str | None = None,
    mode: str = ENFORCE,
    *,
    language: str = "en",
) -> dict[str, Any]:
    """Return what a story leads to, as `ombud policy replay --json` prints it.

    Rungs pass while it is told. Messages are in `language`; times have the offset of the case's office,
    those of a duty that of the calendar on which its limit counts.
    """
    return as_json(Story(pack, story, now=now, mode=mode), language)


def as_json(told: Story, language: str = "en", *, explained: bool = True) -> dict[str, Any]:
    """Return a story told to its end as plain data; the explanations take half of the time and can be left out."""
    state, zone = told.state, zone_of(told.state)
    tables = {table.id for table in told.program.tables}
    return {
        "phase": state.phase,
        "grades": state.grades,
        "facts": {name: value for name, value in state.facts.items() if name not in tables},
        "department": state.department,
        "office": state.office,
        "handler": state.handler,
        "now": iso(told.now, zone),
        "duties": [_duty(told, each, language, explained=explained) for each in state.instances],
        "refused": [
            {
                "index": index,
                "act": act,
                "performed": told.mode == OBSERVE,
                "reasons": [_reason(reason, language) for reason in reasons],
            }
            for index, act, reasons in told.refused
        ],
        "reports": [{"index": index, "act": act, **_reason(each, language)} for index, act, each in told.reports],
        "openings": [
            {"act": each.act, "procedure": each.procedure, "at": iso(each.at, zone)} for each in told.openings
        ],
        "records": [
            {"act": each.act, "ledger": each.ledger, "person": each.person, "points": each.points}
            for each in told.records
        ],
        "next": possible_acts(state, told.now),
        "automatic": [
            {"act": event.act, "at": iso(event.occurred, zone)}
            for event in told.events
            if event.actor == SYSTEM and event.act in told.program.acts
        ],
        "rungs": [
            {
                "duty": event.data["duty"],
                "instance": event.data["instance"],
                "rung": event.data["rung"],
                "at": iso(event.occurred, zone),
                "tells": _told_by(told, event),
                **_told_later(told, event, zone),
                **({"refused": event.data["refused"]} if "refused" in event.data else {}),
            }
            for event in told.events
            if event.act == "rung"
        ],
        "told": [
            {"act": tell.act, "to": tell.to.name, "at": iso(tell.at, zone), "document": tell.document}
            for tell in told.notifications
            if tell.why in ("act", "document")
        ],
    }


def _tells_of(told: Story, rung: Event) -> list[Notification]:
    which = (rung.data["duty"], rung.data["instance"], rung.data["rung"], rung.occurred)
    return [each for each in told.notifications if (each.duty, each.instance, each.rung, each.at) == which]


def _told_by(told: Story, rung: Event) -> list[str]:
    """Return whom a rung told, and the act that it performed."""
    names = [each.to.name for each in _tells_of(told, rung)]
    return [*dict.fromkeys(names), *([rung.data["act"]] if "act" in rung.data else [])]


def _told_later(told: Story, rung: Event, zone: ZoneInfo) -> dict[str, dict[str, str | None]]:
    """Return who was told only when their quiet time ended, and when that was; nothing where nobody was."""
    later = {each.to.name: iso(each.not_before, zone) for each in _tells_of(told, rung) if each.not_before}
    return {"told_later": later} if later else {}


def _duty(told: Story, each: Instance, language: str, *, explained: bool) -> dict[str, Any]:
    zone = zone_of(told.state, each.limit)
    due = None if each.status == "paused" else each.due
    is_overdue = each.status == OPEN and due is not None and told.now > due
    breached_at = due if each.breached_at is None and is_overdue else each.breached_at
    return {
        "id": each.plan.id,
        "instance": each.number,
        "clauses": list(each.plan.clauses),
        "bearer": written(each.plan.bearer),
        "opened_at": iso(each.opened_at, zone),
        "due_at": iso(due, zone),
        "done_at": iso(each.done_at, zone),
        "breached_at": iso(breached_at, zone),
        "status": each.status,
        "overdue": is_overdue,
        "provisional": each.is_provisional,
        **({"explanation": _explanation(told, each, language)} if explained else {}),
    }


def _explanation(told: Story, each: Instance, language: str) -> list[str]:
    return [spoken(line, language) for line in explain_instance(told.state, each)]


def _reason(reason: Refusal, language: str) -> dict[str, Any]:
    return {
        "code": reason.code,
        "message": spoken(reason.message, language),
        "clauses": list(reason.clauses),
        "field": reason.field,
    }


def written(bearer: Bearer) -> str:
    """Return a bearer as packs write it."""
    return f"actor({bearer.name})" if bearer.kind == ACTOR else bearer.name
