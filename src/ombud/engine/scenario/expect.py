"""Expectations of a story: how what it led to differs from what its writer worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ombud.engine.scenario.run import Story, as_json
from ombud.policy.model.pack import Pack
from ombud.policy.values import instant

_INSTANTS = {
    "due": "due_at",
    "due_at": "due_at",
    "done": "done_at",
    "done_at": "done_at",
    "opened": "opened_at",
    "opened_at": "opened_at",
    "breached": "breached_at",
    "breached_at": "breached_at",
}
_SIDE_EFFECTS = {"reports": "code", "openings": "procedure", "records": "ledger"}  # with what a bare word names
_NONE = ("none", "null", "", None)


def check_story(pack: Pack, story: Mapping[str, Any]) -> list[str]:
    """Return how a story differs from its `expect`, one sentence for each difference; none if it came out as told.

    An act refused without being expected is a difference too.
    """
    expect: Mapping[str, Any] = story.get("expect") or {}
    outcome = as_json(Story(pack, story), explained=False)
    found = []
    for key in ("phase", "department", "office", "handler"):
        if key in expect and _plain(expect[key]) != _plain(outcome[key]):
            found.append(f"{key} is {outcome[key]}, expected {expect[key]}")
    for key in ("grades", "facts"):
        for name, value in (expect.get(key) or {}).items():
            if outcome[key].get(name) != value:
                found.append(f"{name} is {outcome[key].get(name)}, expected {value}")
    for id, wanted in (expect.get("duties") or {}).items():
        found += _duty(id, wanted, [each for each in outcome["duties"] if each["id"] == id], outcome["rungs"])
    for act, wanted in (expect.get("told") or {}).items():
        names = _told(act, outcome)
        if names != set(_as_list(wanted)):
            found.append(f"{act} tells {sorted(names)}, expected {wanted}")
    for key, name in _SIDE_EFFECTS.items():
        if key in expect:
            found += _side_effects(key, name, _as_list(expect[key]), outcome[key])
    found += _lists(expect, outcome)
    return [*found, *_refused(expect, outcome)]


def _side_effects(key: str, name: str, wanted: Sequence[Any], got: Sequence[Mapping[str, Any]]) -> list[str]:
    """Compare all that acts led to beyond the case, in order: a name, or a mapping whose keys must fit."""
    items = [item if isinstance(item, Mapping) else {name: item} for item in wanted]
    fits = len(items) == len(got) and all(
        _plain(each.get(which)) == _plain(value)
        for item, each in zip(items, got, strict=True)
        for which, value in item.items()
    )
    shown = [{which: each[which] for which in (name, "act")} for each in got]
    return [] if fits else [f"{key} are {shown}, expected {list(wanted)}"]


def _told(act: str, outcome: Mapping[str, Any]) -> set[str]:
    """Return who was told by the latest of these acts, whoever got a letter included."""
    told = [each for each in outcome["told"] if each["act"] == act]
    return {each["to"] for each in told if each["at"] == told[-1]["at"]}


def _duty(
    id: str, wanted: Any, instances: Sequence[Mapping[str, Any]], rungs: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Compare a status (of the latest instance) or a list by instance; an item may give due and other times too."""
    if isinstance(wanted, list):
        if len(wanted) != len(instances):
            return [f"{id} has {len(instances)} instances, expected {len(wanted)}"]
        pairs = list(zip(wanted, instances, strict=True))
    elif not instances:
        return [] if wanted in _NONE else [f"{id} was never opened, expected {wanted}"]
    else:
        pairs = [(wanted, instances[-1])]
    return [difference for item, each in pairs for difference in _instance(id, item, each, rungs)]


def _instance(id: str, wanted: Any, got: Mapping[str, Any], rungs: Sequence[Mapping[str, Any]]) -> list[str]:
    name = f"{id} ({got['instance']})"
    if not isinstance(wanted, Mapping):
        wanted = {"status": wanted}
    found = []
    for key, value in wanted.items():
        if key == "status":
            is_right = got["overdue"] if value == "overdue" else value == got["status"]
            if not is_right:
                status = "overdue" if got["overdue"] else got["status"]
                found.append(f"{name} is {status} (due {got['due_at']}), expected {value}")
        elif key in _INSTANTS:
            at = got[_INSTANTS[key]]
            if (None if value in _NONE else instant(value)) != (None if at is None else instant(at)):
                found.append(f"{name}: {_INSTANTS[key]} is {at}, expected {value}")
        elif key == "rungs":
            passed = [each for each in rungs if (each["duty"], each["instance"]) == (id, got["instance"])]
            found += _ladder(name, value, passed)
        elif _plain(got.get(key)) != _plain(value):
            found.append(f"{name}: {key} is {got.get(key)}, expected {value}")
    return found


def _ladder(name: str, wanted: Any, passed: Sequence[Mapping[str, Any]]) -> list[str]:
    """Compare the rungs that have passed: instant -> who was told, and the act that was done.

    Who was told only when their quiet time ended is written with that instant: {head: 2026-03-04T07:00+08:00}.
    """
    got: dict[int, dict[str, str | None]] = {}
    for each in passed:
        later = each.get("told_later", {})
        got.setdefault(instant(each["at"]), {}).update({told: later.get(told) for told in each["tells"]})
    expected = {instant(at): _told_when(names) for at, names in (wanted or {}).items()}
    if {at: _told_when(names) for at, names in got.items()} == expected:
        return []
    rungs = {
        each["at"]: ", ".join(
            f"{told} (at {when})" if when else told for told, when in got[instant(each["at"])].items()
        )
        for each in passed
    }
    return [f"{name}: rungs are {rungs}, expected {wanted}"]


def _told_when(wanted: Any) -> dict[str, int | None]:
    """Return whom a rung tells with the instant at which their quiet time ended, if they had to wait for that."""
    found: dict[str, int | None] = {}
    for each in [wanted] if isinstance(wanted, Mapping) else _as_list(wanted):
        for name, when in each.items() if isinstance(each, Mapping) else ((each, None),):
            found[name] = None if when in _NONE else instant(when)
    return found


def _lists(expect: Mapping[str, Any], outcome: Mapping[str, Any]) -> list[str]:
    """Compare the automatic acts, all of them, and the next acts, of which the expected ones must be there."""
    found = []
    if "automatic" in expect:
        acts = [each["act"] for each in outcome["automatic"]]
        if acts != _as_list(expect["automatic"]):
            found.append(f"automatic is {acts}, expected {_as_list(expect['automatic'])}")
    if "next" in expect:
        missing = [act for act in _as_list(expect["next"]) if act not in outcome["next"]]
        if missing:
            found.append(f"next is {outcome['next']}, without the expected {missing}")
    return found


def _refused(expect: Mapping[str, Any], outcome: Mapping[str, Any]) -> list[str]:
    """Compare what was refused: an act's id, or {act, index, code, clauses} of which the given keys must fit."""
    wanted = _as_list(expect.get("refused"))
    got = outcome["refused"]
    found = []
    for item, each in zip(wanted, got, strict=False):
        keys = item if isinstance(item, Mapping) else {"act": item}
        codes = {reason["code"] for reason in each["reasons"]}
        clauses = {clause for reason in each["reasons"] for clause in reason["clauses"]}
        fits = (
            keys.get("act", each["act"]) == each["act"]
            and str(keys.get("index", each["index"])) == str(each["index"])
            and set(_as_list(keys.get("code"))) <= codes
            and set(_as_list(keys.get("clauses"))) <= clauses
        )
        if not fits:
            found.append(f"step {each['index'] + 1}, {each['act']}, is refused ({sorted(codes)}), expected {item}")
    for each in got[len(wanted) :]:
        reasons = "; ".join(reason["message"] for reason in each["reasons"])
        found.append(f"step {each['index'] + 1}, {each['act']}, is refused: {reasons}")
    return [*found, *(f"{item} is not refused" for item in wanted[len(got) :])]


def _as_list(value: Any) -> list[Any]:
    if value in _NONE:
        return []
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> Any:
    """Return a value as the strict reading of a story gives it: everything a string."""
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value in _NONE else str(value)
