"""Write the golden log of the present event schema: `python tests/engine/golden/make.py`, then read the diff.

A log of an older schema is never written again: it stays, and the engine must go on folding it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from engine.telling import Case  # noqa: E402  # found only once the tests are on the path

SCHEMA = 4


def history() -> Case:
    """Return a case that has seen every kind of event of the schema."""
    told = Case().do("receive", "03-03 09:00", loss="200 CNY", kind="body", happened_on="2026-02-20")
    told.do("greet", "03-03 11:30").do("route", "03-03 11:40").do("take", "03-03 11:50", "dept")
    told.do("ask", "03-03 15:00").do("supply", "03-05 10:00", "customer", loss="5000")
    told.do("report", "03-05 16:00")
    told.do("look", "03-06 09:00", "dept", recorded="03-06 10:00", late_reason="seen on the way")
    told.do("propose", "03-06 11:00", "dept", plan_text="new gearbox").do("plan.reject", "03-06 12:00", "head")
    told.do("propose", "03-06 14:00", "dept", plan_text="new car").do("plan.approve", "03-06 15:00", "head")
    told.do("plan.approve", "03-09 10:00", "chief")
    return told.do("answer", "03-16 10:00", "customer", answer="accepted")


def as_json() -> str:
    told = history()
    events = [
        {
            "seq": event.seq,
            "act": event.act,
            "occurred": event.occurred,
            "recorded": event.recorded,
            "actor": event.actor,
            "role": event.role,
            "department": event.department,
            "office": event.office,
            "data": event.data,
            "schema": event.schema,
        }
        for event in told.events
    ]
    duties = [
        [view.duty, view.instance, view.revision, view.status, view.due_at, view.done_at, view.breached_at]
        for view in told.state.duties()
    ]
    lines = ",\n".join("  " + json.dumps(event, ensure_ascii=False) for event in events)
    owed = ",\n".join("  " + json.dumps(duty) for duty in duties)
    facts = json.dumps(told.state.facts, ensure_ascii=False, sort_keys=True)
    return (
        f'{{"schema": {SCHEMA},\n "events": [\n{lines}\n ],\n "phase": "{told.state.phase}",\n "facts": {facts},\n'
        f' "duties": [\n{owed}\n ]}}\n'
    )


if __name__ == "__main__":
    (HERE / f"schema_{SCHEMA}.json").write_text(as_json(), "utf-8")
