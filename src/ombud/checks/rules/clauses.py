"""The policy's clauses beside the rules that cite them: trace, and the checks that need nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ombud.checks.findings import Finding, finding
from ombud.checks.messages import phrase
from ombud.checks.wording import title_of
from ombud.policy.event_names import EventName
from ombud.policy.limitwords import parameter_text
from ombud.policy.model.approvals import Chain
from ombud.policy.model.duties import Duty
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.source import Clause, Place
from ombud.texts import Text, same


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One entry of the pack that carries out clauses."""

    kind: str
    id: str
    title: Text
    cite: tuple[str, ...]
    at: Place | None
    must_cite: bool = False  # this kind of rule does something, so that some clause has to ask for it


@dataclass(frozen=True, kw_only=True, slots=True)
class ClauseTrace:
    """One clause and what carries it out."""

    clause: Clause
    rules: tuple[Rule, ...]
    scenarios: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """Every clause of the policy with its rules and scenarios."""

    policy: str
    clauses: tuple[ClauseTrace, ...]

    @property
    def covered(self) -> int:
        """How many normative clauses some rule cites."""
        return sum(1 for each in self.clauses if each.rules and not each.clause.is_statement)

    @property
    def statements(self) -> int:
        return sum(1 for each in self.clauses if each.clause.is_statement)

    @property
    def uncovered(self) -> tuple[str, ...]:
        return tuple(each.clause.ref for each in self.clauses if not each.rules and not each.clause.is_statement)


def rules(pack: Pack) -> Iterator[Rule]:
    """Yield every entry of the pack that may cite clauses."""
    for procedure in pack.procedures.values():
        prefix = "" if procedure.id == MAIN else f"{procedure.id}."
        for act in procedure.acts.values():
            yield Rule(kind="act", id=prefix + act.id, title=act.title, cite=act.cite, at=act.at, must_cite=True)
        for chain in procedure.chains.values():
            cite = tuple(dict.fromkeys((*chain.cite, *_of_stages(chain))))
            yield Rule(kind="chain", id=prefix + chain.id, title=chain.title, cite=cite, at=chain.at, must_cite=True)
        for duty in procedure.duties.values():
            yield Rule(kind="duty", id=prefix + duty.id, title=duty.title, cite=duty.cite, at=duty.at, must_cite=True)
    for table in pack.tables.values():
        row_cites = tuple(clause for row in table.rows for clause in row.cite)
        cite = tuple(dict.fromkeys(table.cite + row_cites))
        yield Rule(kind="table", id=table.id, title=table.title, cite=cite, at=table.at, must_cite=True)
    for periodic in pack.periodic.values():
        yield Rule(
            kind="periodic", id=periodic.id, title=periodic.title, cite=periodic.cite, at=periodic.at, must_cite=True
        )
    yield from _other_rules(pack)


def _other_rules(pack: Pack) -> Iterator[Rule]:
    for field in pack.fields.values():
        yield Rule(kind="field", id=field.id, title=field.title, cite=field.cite, at=field.at)
    for channel in pack.channels.values():
        yield Rule(kind="channel", id=channel.id, title=channel.title, cite=channel.cite, at=channel.at)
    for department in pack.departments.values():
        yield Rule(kind="department", id=department.id, title=department.title, cite=department.cite, at=department.at)
    for role in pack.roles.values():
        yield Rule(kind="role", id=role.id, title=role.title, cite=role.cite, at=role.at)
    for office in pack.offices.values():
        yield Rule(kind="office", id=office.id, title=office.title, cite=office.cite, at=office.at, must_cite=True)
    for exam in pack.exams.values():
        yield Rule(kind="exam", id=exam.id, title=exam.title, cite=exam.cite, at=exam.at, must_cite=True)
    for course in pack.courses.values():
        yield Rule(kind="course", id=course.id, title=course.title, cite=course.cite, at=course.at, must_cite=True)
    for ledger in pack.ledgers.values():
        yield Rule(kind="ledger", id=ledger.id, title=ledger.title, cite=ledger.cite, at=ledger.at, must_cite=True)
    for report in pack.reports.values():
        yield Rule(kind="report", id=report.id, title=report.title, cite=report.cite, at=report.at, must_cite=True)
    for given in pack.distribution.values():
        yield Rule(kind="distribution", id=given.id, title=given.title, cite=given.cite, at=given.at, must_cite=True)
    for parameter in pack.parameters.values():
        yield Rule(kind="parameter", id=parameter.id, title=parameter.title, cite=parameter.cite, at=parameter.at)
    for document in pack.documents.values():
        yield Rule(kind="document", id=document.id, title=document.title, cite=document.cite, at=document.at)
    for kept in pack.retention.values():
        yield Rule(kind="retention", id=kept.id, title=same(kept.id), cite=kept.cite, at=kept.at)
    for calendar, cite in pack.calendar_cites.items():
        title, at = pack.calendar_titles[calendar], pack.calendar_places.get(calendar)
        yield Rule(kind="calendar", id=calendar, title=title, cite=cite, at=at)
    yield Rule(kind="counting", id="counting", title=same("counting"), cite=pack.counting_cite, at=None)
    yield Rule(kind="watch", id="watch", title=same("watch"), cite=pack.watch.cite, at=pack.watch.at)
    yield Rule(kind="causes", id="causes", title=same("causes"), cite=pack.causes.cite, at=pack.causes.at)
    yield Rule(kind="access", id="access", title=same("access"), cite=pack.access.cite, at=pack.access.at)


def trace(pack: Pack) -> Trace:
    """Return every clause with the rules that cite it and the scenarios that go through them."""
    cited: dict[str, list[Rule]] = {}
    for rule in rules(pack):
        for ref in rule.cite:
            cited.setdefault(ref, []).append(rule)
    acted = scenario_rules(pack)
    rows = []
    for clause in pack.clauses.values():
        found = tuple(cited.get(clause.ref, ()))
        doing = {rule.id for rule in found if rule.kind in ("act", "duty", "chain", "table")}
        # A field is in nearly every story, so it counts only where nothing else carries the clause out.
        names = doing or {rule.id for rule in found if rule.kind == "field"}
        scenarios = tuple(name for name, ids in acted.items() if names & ids)
        rows.append(ClauseTrace(clause=clause, rules=found, scenarios=scenarios))
    return Trace(policy=pack.id, clauses=tuple(rows))


def scenario_rules(pack: Pack) -> dict[str, set[str]]:
    """Return for each scenario the acts, chains, duties, tables and fields that its story names."""
    result: dict[str, set[str]] = {}
    for scenario in pack.scenarios:
        procedure = str(scenario.story.get("procedure") or MAIN)
        prefix = "" if procedure == MAIN else f"{procedure}."  # as rules() names what belongs to a procedure
        ids: set[str] = set()
        for entry in scenario.story.get("log", ()):
            act = str(entry.get("act", ""))
            ids |= {prefix + act, prefix + EventName.of(act).head, *map(str, entry.get("data", {}) or {})}
        expect = scenario.story.get("expect") or {}
        for name in map(str, expect.get("duties") or {}):
            ids |= {prefix + name, prefix + EventName.of(name).head}
        for part in ("grades", "facts"):
            ids |= set(map(str, expect.get(part) or {}))
        result[scenario.name] = ids
    return result


def check_clauses(pack: Pack) -> Iterator[Finding]:
    """Yield clauses without rules, rules without clauses, and what the document leaves open."""
    cited = {clause for rule in rules(pack) for clause in rule.cite}
    for clause in pack.clauses.values():
        if not clause.is_statement and clause.ref not in cited:
            values = {"ref": clause.ref, "words": shortened(clause.text)}
            yield finding("uncovered-clause", place=clause.at, clauses=[clause.ref], values=values)
    for rule in rules(pack):
        if rule.must_cite and not rule.cite:
            values = {"kind": phrase(f"kind-{rule.kind}"), "title": title_of(rule.title, rule.id)}
            yield finding("uncited-rule", place=rule.at, values=values)
    yield from _borrowed(pack)
    for parameter in pack.parameters.values():
        values = {"title": title_of(parameter.title, parameter.id), "value": parameter_text(parameter.value)}
        yield finding("open-parameter", place=parameter.at, clauses=parameter.cite, values=values)
    for clause in pack.clauses.values():
        if clause.is_completed:
            values = {"ref": clause.ref, "words": shortened(clause.text)}
            yield finding("assumed-clause", place=clause.at, clauses=[clause.ref], values=values)
    for reading in pack.readings:
        values = {"refs": list(reading.clauses), "words": shortened(reading.text)}
        yield finding("assumed-clause", variant="reading", place=reading.at, clauses=reading.clauses, values=values)


def _borrowed(pack: Pack) -> Iterator[Finding]:
    """Yield duties and approvals that count for a clause also in matters that another clause asks for.

    What is owed counts for every clause that it cites, whichever periodic duty opened its matter.
    """
    for procedure in pack.procedures.values():
        opening = [each for each in pack.periodic.values() if each.procedure == procedure.id]
        owed: list[tuple[Duty | Chain, Iterable[str]]] = [(duty, duty.cite) for duty in procedure.duties.values()]
        owed += [(chain, _of_stages(chain)) for chain in procedure.chains.values()]
        for rule, refs in owed:
            for ref in refs:
                others = [title_of(each.title, each.id) for each in opening if ref not in each.cite]
                if 0 < len(others) < len(opening):
                    values = {"title": title_of(rule.title, rule.id), "ref": ref, "periodic": others}
                    yield finding("borrowed-clause", place=rule.at, clauses=[ref], values=values)


def _of_stages(chain: Chain) -> Iterable[str]:
    """Return the clauses that the stages of an approval count for, each once."""
    return dict.fromkeys(ref for stage in chain.stages for ref in stage.cite)


def shortened(text: Text, most: int = 100) -> Text:
    """Return a text cut to a readable length."""
    return {lang: words if len(words) <= most else words[: most - 1] + "…" for lang, words in text.items()}
