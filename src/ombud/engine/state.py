"""A case as its events left it: one private draft, changed in place, cheap to copy."""

from __future__ import annotations

from typing import Any, NamedTuple

from ombud.engine.case_facts import LastEvent
from ombud.engine.limits import LimitPlan
from ombud.engine.model import DutyView
from ombud.engine.program import DutyPlan, Program
from ombud.policy.model.duties import Bearer
from ombud.policy.model.values import Value
from ombud.policy.vocabulary import CHANNEL, DEPARTMENT, HANDLER, OFFICE
from ombud.texts import Text

OPEN, PAUSED, MET, LATE = "open", "paused", "met", "late"
ENDED, CANCELLED, WAIVED = "ended", "cancelled", "waived"
PENDING, VOID = "pending", "void"


class Floor(NamedTuple):
    """Before which an instance is not due: an instant as it was at the finding; pauses since then move it on."""

    at: int
    found: int | None  # None: by the reading of schema 1, in which only a pause that holds the instant moves it


class Instance:
    """One time that a duty is owed. `due` is kept while paused too: the due time so far.

    What most instances never touch are defaults of the class: opening and copying are on the hot path of replay.
    """

    bearer: Bearer | None = None  # who owes it, where it was transferred
    title: Text | None = None  # where it is not the duty's: the only stage of an approval has no number
    revision = 1
    status = OPEN
    limit: LimitPlan | None = None
    due: int | None = None
    extended: tuple[str, Value] | None = None  # the field and its date or instant, before which it is not due
    not_due_before: Floor | None = None
    is_provisional = False
    done_at: int | None = None
    breached_at: int | None = None
    closed_seq = 0
    was_regraded = False  # ended by regrading, so it may be reopened
    was_past = False  # opened past due: of the silent rungs the gravest still passes
    times = 1  # how many limits long: occurrence k of a schedule is due after k of them
    fired: tuple[int, ...] = ()  # rungs passed at this revision
    repeats: tuple[tuple[int, int], ...] = ()  # (rung, times passed) of the repeating ones

    def __init__(self, plan: DutyPlan, number: int, at: int, seq: int, anchor: int, found: int) -> None:
        self.plan = plan
        self.number = number
        self.opened_at = at
        self.opened_seq = seq
        self.answerable_from = at  # of the latest restart: an act before it discharges nothing
        self.anchor = anchor  # what the limit is counted from
        self.rungs_from = found  # rungs of this revision with an earlier instant are silent
        self.resumed_at = found  # what a pause or another calendar brought forward passes no earlier

    def copy(self) -> Instance:
        twin = _new(Instance)
        twin.__dict__.update(self.__dict__)
        return twin

    def snapshot(self) -> dict[str, Any]:
        """Return everything that is known about the instance as plain data."""
        data = {name: getattr(self, name) for name in _SHOWN}
        limit = self.limit
        return {
            "duty": self.plan.id,
            "bearer": None if self.bearer is None else [self.bearer.kind, self.bearer.name],
            "limit": str(limit.limit.at) if limit else None,
            "calendar": limit.owner.id if limit and limit.owner else None,
            **data,
        }


_new = object.__new__
_SHOWN = (
    "number", "revision", "status", "opened_at", "opened_seq", "answerable_from", "anchor", "due", "extended",
    "not_due_before", "is_provisional", "done_at", "breached_at", "closed_seq", "was_regraded", "was_past", "times",
    "rungs_from", "resumed_at", "fired", "repeats",
)  # fmt: skip


class Awaited(NamedTuple):
    """The rung whose act was refused and is tried again, while its duty is owed and due at the same time."""

    duty: str
    instance: int
    revision: int


class Schedule:
    """A duty that recurs by schedule: the occurrence opened last, and when the next one opens."""

    __slots__ = ("anchor", "due", "is_paused", "limit", "occurrence")

    def __init__(self, anchor: int, limit: LimitPlan, occurrence: int = 1, due: int = 0, paused: bool = False) -> None:
        self.anchor, self.limit, self.occurrence, self.due, self.is_paused = anchor, limit, occurrence, due, paused

    def copy(self) -> Schedule:
        return Schedule(self.anchor, self.limit, self.occurrence, self.due, self.is_paused)


class ApprovalRun:
    """One run of an approval."""

    __slots__ = (
        "approvers",
        "deputies",
        "given",
        "givers",
        "ifs",
        "is_displaced",
        "number",
        "reached_at",
        "stage",
        "status",
    )

    def __init__(self, number: int, ifs: tuple[bool, ...]) -> None:
        self.number, self.ifs = number, ifs
        self.status = PENDING  # pending, approved, rejected, void
        self.stage = -1  # index of the stage that it waits for
        self.given: frozenset[int] = frozenset()
        self.approvers: tuple[str, ...] = ()  # of the present stage
        self.deputies: frozenset[str] = frozenset()  # who decided the present stage for one of them
        self.givers: frozenset[str] = frozenset()  # who approved the stages given
        self.reached_at = 0
        self.is_displaced = False  # begun again by regrading, perhaps far from the phase that it belongs to

    def copy(self) -> ApprovalRun:
        twin = ApprovalRun(self.number, self.ifs)
        twin.status, twin.stage, twin.given, twin.approvers = self.status, self.stage, self.given, self.approvers
        twin.reached_at, twin.is_displaced, twin.givers = self.reached_at, self.is_displaced, self.givers
        twin.deputies = self.deputies
        return twin


class State:
    """A case. Readable by guards (`policy.model.guards.Reader`); written only by the engine."""

    __slots__ = (
        "at",
        "confidants",
        "facts",
        "found",
        "hands",
        "has_paused",
        "instances",
        "is_history",
        "last",
        "log",
        "made",
        "open",
        "performers",
        "phase",
        "program",
        "recorded",
        "recused",
        "refused",
        "round",
        "runs",
        "said",
        "schedules",
        "schema",
        "seq",
        "stays",
        "triggers",
        "writers",
    )

    def __init__(self, program: Program, *, office: str | None = None) -> None:
        self.program = program
        self.seq = 0
        self.at = 0  # occurrence of the event being looked at: what `overdue` in a guard compares with
        self.recorded = 0  # latest instant of recording
        self.found = 0  # when what the event being looked at changes was found
        self.schema = 0  # by which that event is read
        self.is_history = False  # that is schema 1
        self.last: tuple[str, tuple[str, ...]] | None = None  # the act that a person performed last, and by whose hands
        self.phase = program.start_phase
        self.stays: list[tuple[str, int | None]] = [(program.start_phase, None)]  # phases with their beginnings
        self.has_paused = self.phase in program.pausing  # any clock may have stood still: else no pauses to look for
        self.facts: dict[str, Value] = program.first_facts.copy()
        if office is not None:
            self.facts[OFFICE] = office
        self.said: dict[str, int] = {}  # when each fact was said that holds, or cleared
        self.log: dict[str, LastEvent] = {}
        self.instances: list[Instance] = []  # in order of opening; closed ones never change, copies share them
        self.open: dict[str, tuple[int, ...]] = {}  # duty -> indices into `instances`
        self.made: dict[str, int] = {}  # duty -> instances ever
        self.triggers: dict[str, tuple[int, int]] = {}  # watched duty -> (seq, occurred) of its latest trigger
        self.schedules: dict[str, Schedule] = {}
        self.runs: dict[str, ApprovalRun] = {}
        self.recused: frozenset[str] = frozenset()  # people who have nothing more to do with the case
        self.confidants: frozenset[str] = frozenset()  # who alone may know of the case; nobody: it is not confidential
        self.refused: dict[str, Awaited] = {}  # acts of rungs that were refused and are tried again
        self.round = 1  # engine.four_eyes
        self.hands: dict[str, tuple[str, ...]] = {}  # act that others keep apart from -> who performed it this round
        self.performers: dict[str, tuple[str, ...]] = {}  # act that recuses -> who of ours performed it this round
        self.writers: dict[str, tuple[int, tuple[str, ...]]] = {}  # field of such an act -> (round, who changed it)

    def copy(self) -> State:
        """Return a state that shares nothing which can change."""
        twin = object.__new__(State)
        twin.program, twin.seq, twin.at = self.program, self.seq, self.at
        twin.found, twin.schema, twin.is_history, twin.last = self.found, self.schema, self.is_history, self.last
        twin.recorded, twin.phase, twin.stays = self.recorded, self.phase, self.stays.copy()
        twin.has_paused, twin.recused, twin.confidants = self.has_paused, self.recused, self.confidants
        twin.facts, twin.said, twin.log = self.facts.copy(), self.said.copy(), self.log.copy()
        twin.refused = self.refused.copy() if self.refused else {}
        twin.round, twin.hands, twin.writers = self.round, self.hands.copy(), self.writers.copy()
        twin.performers = self.performers.copy() if self.performers else {}
        twin.instances, twin.open, twin.made = self.instances.copy(), self.open.copy(), self.made.copy()
        instances = twin.instances
        for indices in self.open.values():
            for index in indices:
                instances[index] = instances[index].copy()
        twin.triggers = self.triggers.copy()
        twin.schedules = {id: schedule.copy() for id, schedule in self.schedules.items()} if self.schedules else {}
        twin.runs = {id: run.copy() for id, run in self.runs.items()} if self.runs else {}
        return twin

    def become(self, other: State) -> None:
        """Take over everything from another state, which must not be used afterwards."""
        for name in self.__slots__:
            setattr(self, name, getattr(other, name))

    # What a guard may ask (policy.model.guards.Reader)

    def done(self, act: str) -> bool:
        return act in self.log

    def done_since(self, act: str, since: str) -> bool:
        mine, other = self.log.get(act), self.log.get(since)
        return mine is not None and (other is None or mine[1:3] > other[1:3])  # by occurrence, then by seq

    def count(self, act: str) -> int:
        entry = self.log.get(act)
        return entry.times if entry else 0

    def is_open(self, duty: str) -> bool:
        return duty in self.open

    def is_overdue(self, duty: str) -> bool:
        return any(each.status == OPEN and each.due is not None and self.at > each.due for each in self.owed(duty))

    def is_passed(self, duty: str) -> bool:
        latest = next((each for each in reversed(self.instances) if each.plan.id == duty), None)
        return latest is not None and latest.status != PAUSED and latest.due is not None and self.at > latest.due

    def is_approved(self, chain: str) -> bool:
        run = self.runs.get(chain)
        return run is not None and run.status == "approved"

    # What others read

    @property
    def department(self) -> str | None:
        return self.facts.get(DEPARTMENT)

    @property
    def office(self) -> str | None:
        return self.facts.get(OFFICE)

    @property
    def handler(self) -> str | None:
        return self.facts.get(HANDLER)

    @property
    def channel(self) -> str | None:
        return self.facts.get(CHANNEL)

    @property
    def grades(self) -> dict[str, Value]:
        """The outputs of the tables."""
        return {table.id: self.facts[table.id] for table in self.program.tables if table.id in self.facts}

    @property
    def ended(self) -> bool:
        return self.phase in self.program.end_phases

    @property
    def keeps_anybody_out(self) -> bool:
        return bool(self.recused or self.confidants)

    def admitted(self, people: frozenset[str]) -> frozenset[str]:
        """Return those of our people who have not been taken out of the case and, if it is confidential, are named."""
        inside = people & self.confidants if self.confidants else people
        return inside - self.recused

    def owed(self, duty: str) -> list[Instance]:
        """Return the open and paused instances of a duty."""
        return [self.instances[index] for index in self.open.get(duty, ())]

    def all_owed(self) -> list[Instance]:
        """Return every open and paused instance, in order of opening."""
        return [self.instances[index] for index in sorted(i for indices in self.open.values() for i in indices)]

    def last_actor(self, act: str) -> str | None:
        entry = self.log.get(act)
        return entry.actor if entry else None

    def duties(self) -> tuple[DutyView, ...]:
        """Return every instance ever, in order of opening."""
        return tuple(_view(each) for each in self.instances)

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state as plain data, for comparison."""
        return {
            "edition": self.program.edition,
            "pack": self.program.pack.hash,
            "seq": self.seq,
            "recorded": self.recorded,
            "phase": self.phase,
            "stays": [list(stay) for stay in self.stays],
            "facts": {name: self.facts[name] for name in sorted(self.facts)},
            "log": {name: list(self.log[name]) for name in sorted(self.log)},
            "instances": [each.snapshot() for each in self.instances],
            "open": {name: list(self.open[name]) for name in sorted(self.open)},
            "triggers": {name: list(self.triggers[name]) for name in sorted(self.triggers)},
            "schedules": {
                name: [each.anchor, each.occurrence, each.due, each.is_paused]
                for name, each in sorted(self.schedules.items())
            },
            "recused": sorted(self.recused),
            "confidants": sorted(self.confidants),
            "said": {name: self.said[name] for name in sorted(self.said)},
            "refused": {name: list(self.refused[name]) for name in sorted(self.refused)},
            "last": self.last and (self.last[0], *self.last[1]),
            "round": self.round,
            "hands": {name: list(self.hands[name]) for name in sorted(self.hands)},
            "performers": {name: list(who) for name, who in sorted(self.performers.items())},
            "writers": {name: [round, list(who)] for name, (round, who) in sorted(self.writers.items())},
            "runs": {
                name: [
                    each.number,
                    each.status,
                    each.stage,
                    sorted(each.given),
                    list(each.approvers),
                    list(each.ifs),
                    sorted(each.givers),
                    *([sorted(each.deputies)] if each.deputies else []),
                ]
                for name, each in sorted(self.runs.items())
            },
        }


def _view(each: Instance) -> DutyView:
    plan = each.plan
    return _new_view(
        DutyView,
        (
            plan.id,
            each.number,
            each.revision,
            each.title or plan.title,
            plan.clauses,
            each.bearer or plan.bearer,
            plan.do,
            each.status,
            each.opened_at,
            each.opened_seq,
            None if each.status == PAUSED else each.due,
            each.done_at,
            each.breached_at,
            each.is_provisional,
            each.limit.limit if each.limit else None,
            plan.is_outsiders,
        ),
    )


_new_view = tuple.__new__
