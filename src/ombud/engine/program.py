"""A pack's procedure compiled for one calendar edition: what each act touches is known before it happens."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Protocol
from zoneinfo import ZoneInfo

from ombud.engine.errors import ProcedureError
from ombud.engine.limits import LimitPlan, RungPlan
from ombud.engine.messages import say
from ombud.engine.watched import Watched
from ombud.policy.event_names import VERDICTS, event_name
from ombud.policy.model.acts import Act, Power, Setting
from ombud.policy.model.approvals import Chain, Stage
from ombud.policy.model.duties import Bearer, Duty
from ombud.policy.model.guards import Guard
from ombud.policy.model.limits import Limit, Rung
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.tables import Table
from ombud.policy.model.values import Field, Value
from ombud.policy.procedure import act_of, is_external, proposed, waits_in
from ombud.policy.vocabulary import BOSS, HANDLER, REASON, TRIGGER
from ombud.texts import Text
from ombud.worktime import Calendar

_REMEMBERED = 4096  # sets of facts that changed together


class Library(Protocol):
    """Where the engine finds another program when a log changes version or calendar edition."""

    def program(self, pack_hash: str, edition: str, procedure: str) -> Program: ...


class ActPlan:
    """One act: which events it makes, where it leads, what it may carry. Verdicts of chains are acts too."""

    __slots__ = (
        "act",
        "anew",
        "chain",
        "choice",
        "choices",
        "early_sets",
        "from_phases",
        "id",
        "is_watched",
        "keys",
        "late_sets",
        "outcome_keys",
        "powers",
        "recuses",
        "resets",
        "starts",
        "to",
        "verdict",
    )

    def __init__(self, act: Act, fields: Mapping[str, Field], tables: Mapping[str, Table]) -> None:
        self.act: Act | None = act
        self.id = act.id
        self.from_phases = frozenset(act.from_phases)
        self.to, self.choice, self.choices = act.to, act.choice, act.choices
        self.keys: tuple[str, ...] = (act.id,)
        self.outcome_keys: dict[str, tuple[str, ...]] = {
            each: (act.id, event_name(act.id, each)) for each in act.choices
        }
        # What is copied from another fact or a table waits until the tables have been read; the handler, whom a new
        # department or office clears, comes last.
        late = sorted((each for each in act.sets if _is_late(each)), key=lambda each: each.fact == HANDLER)
        self.early_sets = tuple(each for each in act.sets if not _is_late(each))
        self.late_sets = tuple(late)
        self.starts, self.resets, self.recuses = act.starts, act.resets, act.recuses
        self.powers: tuple[Power, ...] = () if act.starts else act.affects  # else the approval has them
        # What decides the phase, or changes what is owed, must be said anew: an old answer is not this answer.
        anew = {name for name in act.needs if name in fields and fields[name].is_anew}
        self.anew = frozenset({act.choice, *anew, *(power.to for power in act.affects)})
        self.chain: ChainPlan | None = None
        self.verdict: str | None = None
        self.is_watched = False  # four eyes look at it


class VerdictPlan(ActPlan):
    """CHAIN.approve or CHAIN.reject, which no pack writes down."""

    __slots__ = ()

    def __init__(self, chain: ChainPlan, verdict: str) -> None:
        self.act = None
        self.id = event_name(chain.id, verdict)
        self.from_phases = chain.phases
        self.to, self.choice, self.choices = None, None, {}
        self.keys, self.outcome_keys = (self.id,), {}
        self.early_sets, self.late_sets = (), ()
        self.starts, self.resets, self.recuses, self.powers, self.anew = None, None, (), (), frozenset()
        self.chain, self.verdict, self.is_watched = chain, verdict, False


class DutyPlan:
    """One duty, or one stage of an approval, ready to be opened."""

    __slots__ = (
        "anchor", "anchor_is_field", "asks", "bearer", "clauses", "do", "early", "follows", "id", "if_past",
        "index", "is_outsiders", "limit", "pause", "react", "reads", "recurs", "remembers_trigger",
        "retrigger", "rungs", "stage", "then", "title", "until", "where",
    )  # fmt: skip

    def __init__(
        self,
        index: int,
        duty: Duty,
        limit: LimitPlan,
        react: LimitPlan | None,
        rungs: tuple[RungPlan, ...],
        outsiders: bool,
    ) -> None:
        self.index, self.id, self.title, self.clauses = index, duty.id, duty.title, duty.cite
        self.bearer, self.do, self.until, self.pause = duty.bearer, duty.do, duty.until, frozenset(duty.pause)
        self.where: Guard | None = duty.where
        self.limit: LimitPlan | None = limit
        self.react = react
        self.rungs = rungs
        self.recurs: str | None = duty.recurs_from if duty.is_recurring else None
        self.anchor, self.anchor_is_field = duty.anchor, duty.anchor_is_field
        self.if_past, self.early, self.retrigger, self.then = duty.if_past, duty.early, duty.retrigger, duty.then
        self.is_outsiders = outsiders
        self.stage: tuple[str, int] | None = None
        self.follows: tuple[str, ...] = ()
        reads = set(limit.reads)
        if duty.anchor and duty.anchor_is_field:
            reads.add(duty.anchor)
        if duty.where:
            reads |= duty.where.names
        self.reads = frozenset(reads)  # a change of one of these facts has the duty looked at again
        self.asks = (duty.where.acts if duty.where else frozenset()) | limit.acts  # and so has one of these acts
        self.remembers_trigger = duty.where is not None or duty.anchor == TRIGGER  # regrading may open it later


class StageDutyPlan(DutyPlan):
    """The duty CHAIN.N of an approval's stage."""

    __slots__ = ("sole_title",)  # of the duty where no other stage of its run applies

    def __init__(
        self, index: int, chain: Chain, number: int, stage: Stage, limit: LimitPlan | None, rungs: tuple[RungPlan, ...]
    ) -> None:
        self.index, self.id = index, chain.stage_duty(number)
        self.title = stage.title or {language: f"{words} {number}" for language, words in chain.title.items()}
        self.sole_title = stage.title or chain.title
        self.clauses, self.bearer = stage.cite, Bearer(kind="role", name=stage.role)
        self.do = chain.verdicts
        self.until, self.pause, self.where, self.limit, self.rungs = (), frozenset(), None, limit, rungs
        self.react: LimitPlan | None = None
        self.recurs, self.anchor, self.anchor_is_field = None, None, False
        self.if_past, self.early, self.retrigger, self.then = "overdue", False, "stack", None
        self.is_outsiders = False
        self.stage = (chain.id, number - 1)
        self.follows = ()
        self.reads, self.remembers_trigger = limit.reads if limit else frozenset(), False
        self.asks = frozenset()


class ChainPlan:
    """One approval: its stages with their duties, and what makes it void."""

    __slots__ = (
        "approval", "asks", "chain", "duties", "id", "needs", "phases", "powers", "reads", "rejection", "stages",
        "start",
    )  # fmt: skip

    def __init__(self, chain: Chain, procedure: Procedure, duties: tuple[StageDutyPlan, ...]) -> None:
        self.id, self.chain, self.stages, self.duties = chain.id, chain, chain.stages, duties
        self.approval, self.rejection = chain.approval, chain.rejection
        self.start, self.powers = chain.starts, procedure.acts[chain.starts].affects
        self.needs = proposed(procedure, chain)  # a change of one of these voids the approval
        guards = [stage.where for stage in chain.stages if stage.where]
        self.reads = self.needs.union(*(guard.names for guard in guards))
        self.asks = frozenset[str]().union(*(guard.acts for guard in guards))
        self.phases = frozenset(waits_in(procedure, chain))


class Effect:
    """What one set of simultaneous events does to duties."""

    __slots__ = ("discharges", "ends", "opens", "watched")

    def __init__(self, program: Program, keys: Iterable[str]) -> None:
        wanted = set(keys)
        duties = [plan for plan in program.duties.values() if plan.stage is None]
        self.discharges = tuple(plan for plan in duties if wanted.intersection(plan.do))
        self.ends = tuple(plan for plan in duties if wanted.intersection(plan.until))
        self.opens = tuple(plan for plan in duties if wanted.intersection(program.after[plan.id]))
        self.watched = tuple(plan for plan in duties if wanted.intersection(plan.asks))


class Program:
    """A compiled procedure. Immutable, shared by all cases under the same version and calendar edition."""

    def __init__(self, pack: Pack, procedure_id: str, calendars: Mapping[str, Calendar], edition: str) -> None:
        procedure = pack.procedures.get(procedure_id)
        if procedure is None:
            raise ProcedureError(f'{pack.id} {pack.version} has no procedure "{procedure_id}"')
        self.pack, self.procedure, self.edition, self.calendars = pack, procedure, edition, calendars
        self.calendar = calendars[pack.counting_calendar]
        self.zone = ZoneInfo(pack.calendars[pack.counting_calendar].tz)
        self.start_phase = next(phase.id for phase in procedure.phases.values() if phase.is_start)
        self.end_phases = frozenset(phase.id for phase in procedure.phases.values() if phase.is_end)
        late = pack.late_entries
        self.late_report = self._on_own_calendar(late.report)
        self.late_decide = self._on_own_calendar(late.decide) if late.decide else None
        self.tables = _in_order(pack.tables)
        self.first_facts = _first_facts(self.tables)
        self.table_reads = frozenset(name for table in self.tables for name in table.inputs)
        self.acts: dict[str, ActPlan] = {
            id: ActPlan(act, pack.fields, pack.tables) for id, act in procedure.acts.items()
        }
        self._roles = {id: act.by for id, act in procedure.acts.items()}
        self.after = {id: duty.after for id, duty in procedure.duties.items()}
        self.duties: dict[str, DutyPlan] = {}
        self.chains: dict[str, ChainPlan] = {}
        self.automatic = tuple(act for act in procedure.acts.values() if act.is_auto)
        for duty in procedure.duties.values():
            self._add_duty(duty)
        for chain in procedure.chains.values():
            self._add_chain(chain)
        self.watched = Watched(procedure, {id: plan.anew | {REASON} for id, plan in self.acts.items()})
        for each in self.acts.values():
            each.is_watched = self.watched.concerns(each.id, each.resets)
        self._readers = self._find_readers()
        self._touched: dict[frozenset[str], tuple[DutyPlan, ...]] = {}
        self.following = tuple(plan for plan in self.duties.values() if plan.stage is not None and plan.limit is None)
        self.pausing = frozenset(phase for plan in self.duties.values() for phase in plan.pause)
        self.documents = {
            act: tuple(each for each in pack.documents.values() if act in each.after)
            for act in {name for each in pack.documents.values() for name in each.after}
        }
        self._effects: dict[tuple[str, ...], Effect] = {}

    def effect(self, keys: tuple[str, ...]) -> Effect:
        """Return what the events together do to duties; computed once for each set of them."""
        effect = self._effects.get(keys)
        if effect is None:
            effect = self._effects[keys] = Effect(self, keys)
        return effect

    def touched(self, changed: Collection[str]) -> tuple[DutyPlan, ...]:
        """Return the duties that read one of the changed facts, in file order."""
        names = frozenset(changed)
        plans = self._touched.get(names)
        if plans is None:
            found = {plan.index: plan for name in names for plan in self._readers.get(name, ())}
            if len(self._touched) > _REMEMBERED:
                self._touched.clear()
            plans = self._touched[names] = tuple(found[index] for index in sorted(found))
        return plans

    def title_of(self, act: str) -> Text:
        """Return the words for an act, a verdict included."""
        plan = self.acts.get(act)
        if plan is None:
            return {"zh": act, "en": act}
        if plan.act is not None:
            return plan.act.title
        assert plan.chain is not None, "an act without a pack entry is a verdict"
        return say(f"verdict-{plan.verdict}", chain=plan.chain.chain.title)

    def _limit(self, limit: Limit, bearer: Bearer | None = None) -> LimitPlan:
        return LimitPlan(limit, self.pack, self.calendars, bearer, self._roles)

    def _on_own_calendar(self, limit: Limit) -> LimitPlan:
        """Return a limit counted for every case alike, on the calendar that it names or the policy's default."""
        return LimitPlan(replace(limit, whose=None), self.pack, self.calendars)

    def _add_duty(self, duty: Duty) -> None:
        limit = self._limit(duty.limit, duty.bearer)
        rungs = self._ladder(duty.breach)
        if duty.then and not any(_is_at_due(rung) for rung in duty.breach):
            # Reparation begins at the moment of the breach, so that moment must be an event.
            rungs = (*rungs, RungPlan(len(rungs), tell=()))
        react = self._limit(duty.react, duty.bearer) if duty.react else None
        outsiders = is_external(self.pack, self.procedure, duty.bearer)
        self.duties[duty.id] = DutyPlan(len(self.duties), duty, limit, react, rungs, outsiders)

    def _add_chain(self, chain: Chain) -> None:
        waiting = self._awaiting(chain)
        stages = []
        for number, stage in enumerate(chain.stages, 1):
            rungs = self._ladder(stage.breach) or (RungPlan(0, tell=(BOSS,)),)
            bearer = Bearer(kind="role", name=stage.role)
            within = self._limit(stage.within, bearer) if stage.within else None
            plan = StageDutyPlan(len(self.duties), chain, number, stage, within, rungs)
            if stage.within is None:
                plan.follows = waiting
            self.duties[plan.id] = plan
            stages.append(plan)
        self.chains[chain.id] = chain_plan = ChainPlan(chain, self.procedure, tuple(stages))
        for verdict in VERDICTS:
            decision = VerdictPlan(chain_plan, verdict)
            self.acts[decision.id] = decision

    def _awaiting(self, chain: Chain) -> tuple[str, ...]:
        """Return the duties that wait for the approval: discharged by it, or else by acts that all ask for it."""
        duties = [plan for plan in self.duties.values() if plan.stage is None]
        direct = tuple(plan.id for plan in duties if chain.approval in plan.do)
        return direct or tuple(plan.id for plan in duties if all(self._asks_for(name, chain.id) for name in plan.do))

    def _asks_for(self, event: str, chain: str) -> bool:
        act = act_of(self.procedure, event)
        return act is not None and act.when is not None and chain in act.when.chains

    def _ladder(self, rungs: tuple[Rung, ...]) -> tuple[RungPlan, ...]:
        return tuple(
            RungPlan(
                index,
                tell=rung.tell,
                act=rung.act,
                offset=self._limit(rung.offset) if rung.offset else None,
                is_before=rung.is_before,
                every=self._limit(rung.every) if rung.every else None,
            )
            for index, rung in enumerate(rungs)
        )

    def _find_readers(self) -> dict[str, tuple[DutyPlan, ...]]:
        """Return, for each fact, the duties to look at again when it changes."""
        names = {name for plan in self.duties.values() for name in plan.reads}
        return {name: tuple(plan for plan in self.duties.values() if name in plan.reads) for name in names}


def _is_late(setting: Setting) -> bool:
    return setting.kind == "name" or setting.fact == HANDLER


def _is_at_due(rung: Rung) -> bool:
    return rung.every is None and (rung.offset is None or not rung.offset.length)


def _first_facts(tables: tuple[Table, ...]) -> dict[str, Value]:
    """Return what the tables say while nothing is known yet: rows may match absent values."""
    facts: dict[str, Value] = {}
    for table in tables:
        output = table.decide(facts)
        if output is not None:
            facts[table.id] = output
    return facts


def _in_order(tables: Mapping[str, Table]) -> tuple[Table, ...]:
    """Return the tables so that each comes after those whose outputs it reads (the loader refuses circles)."""
    ordered: list[Table] = []
    seen: set[str] = set()

    def visit(table: Table) -> None:
        if table.id in seen:
            return
        seen.add(table.id)
        for name in table.inputs:
            if name in tables:
                visit(tables[name])
        ordered.append(table)

    for table in tables.values():
        visit(table)
    return tuple(ordered)
