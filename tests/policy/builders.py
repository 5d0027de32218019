"""Small packs for tests, as text to change, and a case that a guard may ask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ombud.policy import load_sources
from ombud.policy.model.guards import Guard
from ombud.policy.model.pack import Pack

SMALL = Path(__file__).parent / "packs" / "small"

TINY = """\
pack: {id: tiny, version: 1.0.0, effective: 2026-01-01}
calendars:
  office: {tz: Asia/Shanghai, week: {mon-fri: "09:00-18:00"}}
roles:
  agent: {boss: manager}
  manager: {}
  complainant: {external: true}
data:
  loss: {type: money}
  injury: {type: bool}
  people: {type: integer}
  answer: {type: choice, of: [accepted, partly, rejected]}
  agreed_by: {type: date}
  topics: {type: list of choice, of: [price, delay]}
  story: {type: long text}
  new_date: {type: date}
tables:
  level:
    in: [loss, injury]
    hit: max
    of: [slight, middling, grave]
    rows: [["(5000,inf)", "-", grave], ["-", true, middling], ["-", "-", slight]]
phases: {new: {start: true}, open: {}, waiting: {}, closed: {end: true}}
acts:
  receive: {by: agent, from: new, to: open}
  note: {by: staff}
  close: {by: agent, from: open, to: closed, sets: {closed_by: actor, closed_at: instant}}
duties:
  close: {bearer: agent, after: receive, do: close, within: 3 workdays}
"""


def tiny(**changes: str) -> Pack:
    """Return the tiny pack with some of its text changed: old=new pairs are given by `change`."""
    return load_sources({"pack.yaml": TINY, **changes})


def changed(*pairs: tuple[str, str], more: str = "", files: Mapping[str, str] | None = None) -> Pack:
    """Return the tiny pack with each old text replaced by the new one and `more` sections at its end."""
    text = TINY
    for old, new in pairs:
        assert old in text, f"{old} is not in the tiny pack"
        text = text.replace(old, new, 1)
    return load_sources({"pack.yaml": text + more, **(files or {})})


def guard(condition: str) -> Guard:
    """Return the compiled condition, as the `when` of an act of the tiny pack."""
    pack = changed(("note: {by: staff}", f"note: {{by: staff, when: {condition!r}}}"))
    found = pack.main.acts["note"].when
    assert found is not None
    return found


class Asked:
    """A case that knows its facts and what was done."""

    def __init__(self, facts: Mapping[str, Any] | None = None, done: Mapping[str, int] | None = None) -> None:
        self.facts = dict(facts or {})
        self.counts = dict(done or {})

    def done(self, act: str) -> bool:
        return act in self.counts

    def done_since(self, act: str, since: str) -> bool:
        return self.counts.get(act, 0) > self.counts.get(since, 0)

    def count(self, act: str) -> int:
        return self.counts.get(act, 0)

    def is_open(self, duty: str) -> bool:
        return duty in self.counts

    def is_overdue(self, duty: str) -> bool:
        return self.counts.get(duty, 0) > 1

    def is_approved(self, chain: str) -> bool:
        return chain in self.counts


def money(amount: str, currency: str = "CNY") -> dict[str, str]:
    return {"amount": amount, "currency": currency}
