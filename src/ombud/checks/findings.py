"""What a check says: a finding, and the report that holds all findings of a pack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from ombud.checks.messages import say
from ombud.policy.model.source import Explanation, Place
from ombud.texts import Text


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that the policy's owner should look at."""

    code: str
    severity: Severity
    clauses: tuple[str, ...]
    place: Place | None
    message: Text
    witness: Text = field(default_factory=dict)  # shortest path, interval or date that shows it
    question: Text = field(default_factory=dict)  # what to ask the policy's owner
    explained: Text | None = None  # the pack's own answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All findings of one pack, gravest first."""

    policy: str
    version: str
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        """Return how many findings of this severity stand unanswered."""
        return sum(1 for each in self.findings if each.severity is severity and each.explained is None)

    @property
    def errors(self) -> int:
        return self.count(Severity.ERROR)

    @property
    def warnings(self) -> int:
        return self.count(Severity.WARNING)

    @property
    def notes(self) -> int:
        return self.count(Severity.NOTE)


ERRORS = frozenset({
    "schema", "unknown-name", "uncovered-clause", "uncited-rule", "gap", "conflict", "deadlock", "unreachable",
    "dead-end", "undischargeable", "idle-phase", "unowned", "auto-loop", "boss-cycle", "scenario",
    "limit-beyond-calendar", "intricate-table", "endless-check",
})  # fmt: skip
NOTES = frozenset({"open-parameter", "assumed-clause", "approval-skipped"})


def severity_of(code: str) -> Severity:
    """Return the severity of a check's findings; what is no error and no note is a warning."""
    if code in ERRORS:
        return Severity.ERROR
    return Severity.NOTE if code in NOTES else Severity.WARNING


def finding(
    code: str,
    *,
    place: Place | None,
    clauses: Iterable[str] = (),
    variant: str = "",
    witness: Text | None = None,
    values: Mapping[str, object] | None = None,
) -> Finding:
    """Return a finding whose words come from the catalogue entry `code` or `code/variant`."""
    key = f"{code}/{variant}" if variant else code
    filled = dict(values or {})
    return Finding(
        code=code,
        severity=severity_of(code),
        clauses=tuple(dict.fromkeys(clauses)),
        place=place,
        message=say(key, "message", filled),
        witness=witness if witness is not None else say(key, "witness", filled),
        question=say(key, "question", filled),
    )


def answered(findings: Iterable[Finding], explanations: Iterable[Explanation]) -> list[Finding]:
    """Return the findings with the pack's answers put to the warnings; an answer to nothing is a finding too.

    An answer names the check and every clause of the warning, so that it cannot silence another one by chance.
    """
    result: list[Finding] = []
    pending = list(explanations)
    used: set[int] = set()
    for each in findings:
        answer = None
        if each.severity is Severity.WARNING:
            for index, entry in enumerate(pending):
                if entry.code == each.code and set(each.clauses) <= set(entry.clauses):
                    answer = entry.because
                    used.add(index)
                    break
        result.append(replace(each, explained=answer) if answer else each)
    for index, entry in enumerate(pending):
        if index not in used:
            values = {"code": entry.code, "clauses": list(entry.clauses)}
            result.append(finding("unused-explanation", place=entry.at, clauses=entry.clauses, values=values))
    return result


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings by severity, then file and line."""
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}

    def key(each: Finding) -> tuple[int, str, int, str]:
        place = each.place
        return rank[each.severity], place.file if place else "", place.line if place else 0, each.code

    return tuple(sorted(findings, key=key))


def packed(report: Report) -> dict[str, Any]:
    """Return a report as plain JSON values, to be kept."""
    return asdict(report)


def unpacked(kept: Mapping[str, Any]) -> Report:
    """Return the report that `packed` made plain."""
    findings = (
        Finding(
            **{
                **each,
                "severity": Severity(each["severity"]),
                "clauses": tuple(each["clauses"]),
                "place": Place(**each["place"]) if each["place"] else None,
            }
        )
        for each in kept["findings"]
    )
    return Report(policy=kept["policy"], version=kept["version"], findings=tuple(findings))
