"""Step 2: may this act be performed? Every failed condition is found, each with its clauses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ombud.engine.due import due_unextended, extension
from ombud.engine.four_eyes import excluded_by, excluded_from
from ombud.engine.late_reason import LATE_REASON_FIELD
from ombud.engine.limits import cap_of
from ombud.engine.local_time import end_moment, moment
from ombud.engine.merging import arrive, merge_facts, outdated
from ombud.engine.messages import joined, say
from ombud.engine.model import Actor, Refusal, Staff, Submission
from ombud.engine.pauses import earliest
from ombud.engine.powers import EXTEND, TRANSFER
from ombud.engine.program import ActPlan, ChainPlan
from ombud.engine.roles import approver_roles, is_outsider, is_role_of_case, is_stranger, roles_text
from ombud.engine.state import OPEN, PENDING, Instance, State
from ombud.engine.value_errors import Unfit, is_own_text, value_of
from ombud.policy.event_names import APPROVE
from ombud.policy.limitwords import limit_text
from ombud.policy.model.acts import Act, Condition, Power
from ombud.policy.model.guards import Guard
from ombud.policy.model.limits import Limit
from ombud.policy.model.values import Value
from ombud.policy.outsiders import fields_of_others
from ombud.policy.values import is_blank
from ombud.policy.vocabulary import CLOCK, DEPARTMENT, HANDLER, LATE_REASON, OFFICE, REASON, SYSTEM
from ombud.texts import Text

_VERDICT_DATA = frozenset({"run", "stage", REASON})


class Admission:
    """One act tried on a state that stays as it is: the data as values, and what stands in the way."""

    def __init__(
        self, state: State, submission: Submission, staff: Staff | None = None, *, in_order: bool = True
    ) -> None:
        self.state, self.submission, self.staff, self.in_order = state, submission, staff, in_order
        self.refusals: list[Refusal] = []
        self.unmet: list[Condition] = []  # those behind the refusals "guard", in their order
        self.data: dict[str, Value] = {}
        self.outdated: list[str] = []  # what was said anew since it happened
        self.late_reason = ""
        plan = state.program.acts.get(submission.act)
        self.plan = plan
        if plan is None:
            self.refuse("unknown-act", say("unknown-act", act=submission.act))
            return
        self.clauses = plan.act.cite if plan.act else plan.chain.chain.cite if plan.chain else ()
        self.title: Text = state.program.title_of(plan.id)
        self._read_data(plan)
        if plan.chain is not None:
            self._check_verdict(plan, plan.chain)
        else:
            self._check_act(plan)
        self._check_time(plan)

    def refuse(self, code: str, message: Text, field: str | None = None, clauses: tuple[str, ...] = ()) -> None:
        clauses = clauses or getattr(self, "clauses", ())
        self.refusals.append(Refusal(code=code, message=message, clauses=clauses, field=field))

    # Step 1: the data

    def _read_data(self, plan: ActPlan) -> None:
        act, pack = plan.act, self.state.program.pack
        needs, may = (act.needs, act.may) if act else verdict_fields(self.state, plan)
        allowed = {*needs, *may} if act else {*needs, *may, *_VERDICT_DATA}
        if is_outsider(pack, role := self.submission.actor.role):
            allowed -= fields_of_others(pack, role)  # or a complainant could have the regulator's letters sent home
        for name, raw in self.submission.data.items():
            field = pack.fields.get(name)
            if name == LATE_REASON and self.submission.occurred < self.submission.recorded:
                self._read_late_reason(raw)
            elif name not in allowed or (act and field is None):
                words = field.title if field else {"zh": name, "en": name}
                self.refuse("unknown-field", say("unknown-field", act=self.title, field=words), name)
            elif is_blank(raw):
                continue
            elif field is None or (self.submission.actor.person == SYSTEM and is_own_text(field, raw)):
                self.data[name] = raw
            else:
                try:
                    self.data[name] = value_of(pack, field, raw, at=self.submission.occurred)
                except Unfit as error:
                    self.refuse("value", error.text, name)

    def _read_late_reason(self, raw: Any) -> None:
        """Read why it is entered late: said of the event, so never among the data that become facts."""
        try:
            self.late_reason = "" if is_blank(raw) else value_of(self.state.program.pack, LATE_REASON_FIELD, raw, at=0)
        except Unfit as error:
            self.refuse("value", error.text, LATE_REASON)

    @property
    def said(self) -> dict[str, Value]:
        """Return what the event keeps: the data, and why it was entered late."""
        return {**self.data, LATE_REASON: self.late_reason} if self.late_reason else self.data

    # Step 2: the conditions

    def _check_act(self, plan: ActPlan) -> None:
        act, actor = plan.act, self.submission.actor
        assert act is not None, "verdicts are checked elsewhere"
        if not self._is_machine(plan):
            self._check_recused()
            self._check_role(act.by)
        self._check_phase(plan.from_phases)
        if act.distinct_from and (other := _against(excluded_by(self.state, act.distinct_from), actor)):
            self._refuse_other("four-eyes", other)
        if act.same_as is not None and self.state.last_actor(act.same_as) not in (None, *actor.hands):
            self._refuse_other("same-as", act.same_as)
        program, facts, said = self.state.program, dict(self.state.facts), dict(self.state.said)
        at = self.submission.occurred
        if self.state.seq == 0:
            arrive(facts, said, at, person=actor.principal, department=actor.department, office=actor.office)
        if self.in_order and at < self.submission.recorded:
            self.outdated = outdated(facts, said, plan, self.data, at, program.pack)
        merge_facts(
            program,
            facts,
            said,
            plan,
            self.data,
            person=actor.principal,
            role=actor.role,
            department=actor.department,
            office=actor.office,
            at=at,
            in_order=False,  # it is judged by what it says itself, whatever was said since
        )
        self._check_needs(plan, facts)
        if act.qualified is not None:
            self._check_exam(act, act.qualified, facts)
        if act.affects:
            self._check_powers(act.affects, facts)
        if self.state.keeps_anybody_out:
            self._check_chosen(act, facts)
        for condition in act.conditions:
            if not self._holds_with(facts, condition.guard):
                source = {"zh": condition.guard.source, "en": condition.guard.source}
                self.unmet.append(condition)
                words = condition.why or say("guard", act=self.title, condition=source)
                self.refuse("guard", words, clauses=condition.cite)

    def _is_machine(self, plan: ActPlan) -> bool:
        actor, act = self.submission.actor, plan.act
        if actor.person != SYSTEM or act is None:
            return False
        return act.is_auto or (actor.role == CLOCK and CLOCK in act.by)

    def _check_role(self, by: tuple[str, ...]) -> None:
        actor, state = self.submission.actor, self.state
        people = tuple(role for role in by if role not in (CLOCK, SYSTEM))
        if not people:
            self.refuse("role", say("machine", act=self.title))
        elif HANDLER in people and actor.principal == state.handler:
            return
        elif actor.role not in people:
            pack = state.program.pack
            mine = pack.roles[actor.role].title if actor.role in pack.roles else {"zh": actor.role, "en": actor.role}
            self.refuse("role", say("role", act=self.title, roles=roles_text(pack, people), role=mine))
        else:
            self._check_place(actor.role)

    def _check_place(self, role: str) -> None:
        """Refuse the right role in the wrong department, or held by somebody who does not handle this case."""
        problem = is_role_of_case(self.state, self.submission.actor, role)
        if problem == DEPARTMENT:
            departments = self.state.program.pack.departments
            id = self.state.program.pack.roles[role].department or self.state.department or ""
            words = departments[id].title if id in departments else {"zh": id, "en": id}
            self.refuse("department", say("department", act=self.title, department=words))
        elif problem == OFFICE:
            office = self.state.program.pack.offices.get(self.state.office or "")
            place = office.title if office else {"zh": self.state.office or "", "en": self.state.office or ""}
            self.refuse("office", say("office", act=self.title, office=place))
        elif problem == HANDLER:
            self.refuse("handler", say("handler", act=self.title))

    def _check_phase(self, phases: frozenset[str]) -> None:
        state = self.state
        if state.phase in phases:
            return
        known = state.program.procedure.phases
        words = known[state.phase].title
        if state.ended:
            self.refuse("ended", say("ended", act=self.title, phase=words))
        else:
            wanted = joined([phase.title for id, phase in known.items() if id in phases])
            self.refuse("phase", say("phase", act=self.title, phase=words, phases=wanted))

    def _check_needs(self, plan: ActPlan, facts: Mapping[str, Value]) -> None:
        act, pack = plan.act, self.state.program.pack
        assert act is not None, "only acts of the pack need anything"
        refused = {refusal.field for refusal in self.refusals}
        set_here = {setting.fact for setting in act.sets}
        for name in act.needs:
            is_old = name in plan.anew and name not in set_here
            is_there = name in self.data or (facts.get(name) is not None and not is_old)
            if not is_there and name in pack.documents:
                is_there = any(each in self.state.log for each in pack.documents[name].after)
            if is_there or name in refused:
                continue
            if name in pack.documents:
                self.refuse("needs", say("needs-document", document=pack.documents[name].title), name)
            else:
                self.refuse("needs", say("needs", field=pack.fields[name].title), name)

    # Who may act, or be named

    def _check_recused(self) -> None:
        if not self.state.recused.isdisjoint(self.submission.actor.hands):
            self.refuse("recused", say("recused"), clauses=self._recusing())
        elif is_stranger(self.state, self.submission.actor):
            self.refuse("confidential", say("confidential"))

    def _recusing(self) -> tuple[str, ...]:
        """Return the clauses by which people were recused in this case."""
        plans = [plan for plan in self.state.program.acts.values() if plan.recuses and plan.id in self.state.log]
        return tuple(dict.fromkeys(ref for plan in plans if plan.act for ref in plan.act.cite))

    def _check_chosen(self, act: Act, facts: Mapping[str, Value]) -> None:
        """Refuse to give the case, or a duty, to somebody who is kept out of it."""
        named = [setting.value for setting in act.sets if setting.fact == HANDLER and setting.kind == "name"]
        named += [power.to for power in act.affects if power.kind == TRANSFER]
        for name in named:
            value = facts.get(name)
            if isinstance(value, str) and value in self.state.recused:
                words = self.title_of(name)
                self.refuse("recused", say("recused-named", field=words), name, clauses=self._recusing())
            elif isinstance(value, str) and not self.state.admitted(frozenset({value})):
                self.refuse("confidential", say("confidential-named", field=self.title_of(name)), name)

    def _check_exam(self, act: Act, exam_id: str, facts: Mapping[str, Value]) -> None:
        """Refuse people who have not passed the exam: the actor, and whoever the act makes handler."""
        staff, actor, at = self.staff, self.submission.actor, self.submission.occurred
        if staff is None:
            return
        pack = self.state.program.pack
        exam, role = pack.exams[exam_id], pack.roles.get(actor.role)
        clauses = tuple(dict.fromkeys((*act.cite, *exam.cite)))
        is_staff = actor.person != SYSTEM and role is not None and not role.is_external
        if is_staff and not staff.is_qualified(actor.person, exam_id, at):
            self.refuse("qualified", say("qualified", act=self.title, exam=exam.title), clauses=clauses)
        for setting in act.sets:
            if setting.fact != HANDLER or (setting.kind != "name" and actor.behalf is None):
                continue
            # Of what a deputy takes the absent person becomes handler.
            field = setting.value if setting.kind == "name" else HANDLER
            person = facts.get(field)
            if isinstance(person, str) and not staff.is_qualified(person, exam_id, at):
                words = say("qualified-named", field=self.title_of(field), exam=exam.title)
                self.refuse("qualified", words, field, clauses=clauses)

    def title_of(self, field: str) -> Text:
        if field in (HANDLER, DEPARTMENT, OFFICE):
            return say(f"fact-{field}")
        known = self.state.program.pack.fields.get(field)
        return known.title if known else {"zh": field, "en": field}

    # Powers over duties

    def _check_powers(self, powers: tuple[Power, ...], facts: Mapping[str, Value]) -> None:
        """Refuse an extension of what is not open, to a date before it is due, or after it was due."""
        extensions = [power for power in powers if power.kind == EXTEND]
        if extensions and not any(power.duty in self.state.open for power in extensions):
            titles = joined([self.state.program.duties[power.duty].title for power in extensions])
            self.refuse("extend", say("extend-nothing", duty=titles))
        for power in extensions:
            for instance in self.state.owed(power.duty):
                self._check_extension(instance, power, facts.get(power.to or ""))

    def _check_extension(self, instance: Instance, power: Power, value: Value) -> None:
        due, state, field = instance.due, self.state, power.to or ""
        if due is None:
            return
        title, at = instance.plan.title, end_moment(state, due, instance.limit)
        if instance.status == OPEN and self.submission.occurred > due:
            self.refuse("extend", say("extend-passed", duty=title, at=at))
        elif value is not None and (longer := extension(state, instance, value).at) < due:
            self.refuse("extend", say("extend-earlier", field=self.title_of(field), duty=title, at=at), field)
        elif value is not None and power.at_most is not None:
            self._check_cap(instance, field, power.at_most, longer)

    def _check_cap(self, instance: Instance, field: str, at_most: Limit, longer: int) -> None:
        """Refuse what all extensions together may not reach: so long after the time that the duty itself has."""
        program = self.state.program
        own = due_unextended(self.state, instance, self.submission.occurred)
        if own is None:
            return
        cap = cap_of(at_most, instance.limit, program.pack, program.calendars).instant(own, instance.limit)
        if longer > cap:
            length, at = limit_text(at_most, program.pack), end_moment(self.state, cap, instance.limit)
            words = say("extend-too-far", field=self.title_of(field), duty=instance.plan.title, length=length, at=at)
            self.refuse("extend", words, field)

    def _holds_with(self, facts: dict[str, Value], guard: Guard) -> bool:
        """Return whether the guard holds on the trial facts, everything else being as before the act."""
        state = self.state
        before, at = state.facts, state.at
        state.facts, state.at = facts, self.submission.occurred
        try:
            return bool(guard.holds(state))
        finally:
            state.facts, state.at = before, at

    def _refuse_other(self, code: str, other: str) -> None:
        self.refuse(code, say(code, act=self.title, other=self.state.program.title_of(other)))

    def _check_time(self, plan: ActPlan) -> None:
        occurred = self.submission.occurred
        if occurred > self.submission.recorded:
            self.refuse("order", say("future"))
        if self.state.phase in plan.from_phases and plan.verdict is None:
            bound = earliest(self.state, plan.from_phases)
            if bound is not None and occurred < bound:
                self._refuse_order(bound)

    def _refuse_order(self, bound: int) -> None:
        """Refuse what happened before the case came to where it is possible: a wrong time, or a clock set back."""
        state, now = self.state, self.submission.recorded
        if bound <= now:
            self.refuse("order", say("order", act=self.title, at=moment(state, bound)))
            return
        last = max(state.recorded, bound)
        hours, minutes = divmod(-(-(last - now) // 60), 60)
        self.refuse(
            "clock-behind",
            say(
                "clock-behind",
                act=self.title,
                last=moment(state, last),
                now=moment(state, now),
                span=say("span", hours=str(hours), minutes=str(minutes)),
                until=moment(state, -(-bound // 60) * 60),
            ),
        )

    # Verdicts on a chain's run

    def _check_verdict(self, plan: ActPlan, chain: ChainPlan) -> None:
        state, occurred = self.state, self.submission.occurred
        run = state.runs.get(chain.id)
        if run is None or run.status != PENDING:
            self._check_phase(plan.from_phases)
            self.refuse("no-run", say("no-run", chain=chain.chain.title))
            return
        if not run.is_displaced or state.ended:
            self._check_phase(plan.from_phases)
        seen: Any = self.data.pop("run", run.number)
        if str(seen) != str(run.number):
            self.refuse("stale-run", say("stale-run"))
        elif str(self.data.pop("stage", run.stage + 1)) != str(run.stage + 1):
            self.refuse("stale-run", say("stale-stage"))
        if occurred < run.reached_at:
            self._refuse_order(run.reached_at)
        self._check_recused()
        self._check_approver(chain, chain.stages[run.stage].role)
        for name in verdict_fields(state, plan)[0]:
            if name not in self.data and all(each.field != name for each in self.refusals):
                self.refuse("needs", say("needs", field=self.title_of(name)), name)
        if plan.verdict == APPROVE and chain.powers:
            self._check_powers(chain.powers, {**state.facts, **self.data})
        if not run.deputies.union(run.approvers).isdisjoint(self.submission.actor.hands):
            self.refuse("four-eyes", say("approved-already"))
        self.data = {"run": run.number, "stage": run.stage + 1, **self.data}

    def _check_approver(self, chain: ChainPlan, role: str) -> None:
        actor, state, pack = self.submission.actor, self.state, self.state.program.pack
        excluded = excluded_from(state, chain)
        roles = approver_roles(state, role, excluded, self.staff)
        if actor.role not in roles:
            mine = pack.roles[actor.role].title if actor.role in pack.roles else {"zh": actor.role, "en": actor.role}
            self.refuse("role", say("role", act=self.title, roles=roles_text(pack, roles), role=mine))
        else:
            self._check_place(actor.role)
        if (other := _against(excluded, actor)) is not None:
            if other == chain.chain.verdicts[0] and other not in chain.chain.distinct_from:
                self.refuse("four-eyes", say("approved-earlier"))
            else:
                self._refuse_other("four-eyes", other)


def _against(excluded: Mapping[str, str], actor: Actor) -> str | None:
    """Return the act that stands against somebody, or against whom they stand in for."""
    return next((excluded[each] for each in actor.hands if each in excluded), None)


def verdict_fields(state: State, plan: ActPlan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a verdict needs and may take: approving brings what its stage asks for, rejecting a reason."""
    reason = tuple(name for name in (REASON,) if name in state.program.pack.fields)
    run = state.runs.get(plan.chain.id) if plan.chain else None
    if plan.chain is None or plan.verdict != APPROVE or run is None or run.status != PENDING:
        return (), reason
    stage = plan.chain.stages[run.stage]
    return stage.needs, tuple(dict.fromkeys((*stage.may, *(name for name in reason if name not in stage.needs))))
