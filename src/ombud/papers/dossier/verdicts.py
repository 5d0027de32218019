"""The verdict on each clause that a case touched: what was owed under it, until when, why then, and what came of it."""

from __future__ import annotations

from typing import Any

from ombud.cases.access.case_access import Accessed
from ombud.cases.models import Duty
from ombud.cases.reading import queries
from ombud.organisation.models import words

# The worst that came of a duty is the verdict on its clause.
_WORST = (Duty.Status.LATE, Duty.Status.OPEN, Duty.Status.PAUSED, Duty.Status.MET)


def verdicts(accessed: Accessed) -> list[dict[str, Any]]:
    """Return the clauses in the policy's order, with events and duties under each."""
    pack = accessed.state.program.pack
    clauses = {**pack.base_clauses, **pack.clauses}
    told: dict[str, dict[str, Any]] = {}

    def about(ref: str) -> dict[str, Any]:
        text = words(dict(clauses[ref].text)) if ref in clauses else ""
        return told.setdefault(ref, {"clause": ref, "text": text, "verdict": "", "events": [], "duties": []})

    for entry in queries.timeline(accessed):
        for ref in entry.clauses:
            about(ref)["events"].append(entry.seq)
    for line in _duties(accessed):
        for ref in line["clauses"]:
            about(ref)["duties"].append(line)
    for each in told.values():
        each["verdict"] = _verdict([line["status"] for line in each["duties"]])
    order = {ref: place for place, ref in enumerate(clauses)}
    return sorted(told.values(), key=lambda each: order.get(each["clause"], len(order)))


def _verdict(statuses: list[str]) -> str:
    return next((str(status) for status in _WORST if status in statuses), statuses[0] if statuses else "")


def _duties(accessed: Accessed) -> list[dict[str, Any]]:
    listed = []
    for line in queries.duties(accessed, now=accessed.rows[-1].recorded_at):
        duty = line.duty
        lateness = Duty.Status.LATE if duty.was_late else duty.status
        listed.append(
            {
                "duty": duty.duty,
                "instance": duty.instance,
                "title": words(dict(line.title)),
                "bearer": words(dict(line.bearer)),
                "clauses": duty.clauses,
                "opened_at": duty.opened_at.isoformat(),
                "due_at": duty.due_at.isoformat() if duty.due_at else None,
                "done_at": duty.done_at.isoformat() if duty.done_at else None,
                "breached_at": duty.breached_at.isoformat() if duty.breached_at else None,
                "status": str(lateness),
                "why_then": [words(dict(each)) for each in queries.explain(accessed, duty.duty, duty.instance)],
            }
        )
    return listed
