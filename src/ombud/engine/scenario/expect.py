"""Expectations of a story: how what it led to differs from what its writer worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ombud.engine.model import Refusal
from ombud.engine.scenario.run import Story, as_json
from ombud.policy.compare.words import WORDS
from ombud.policy.model.pack import Pack
from ombud.policy.values import instant
from ombud.texts import Catalogue, Text, joined, spoken

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
_WORDS = Catalogue("ombud.engine.scenario", "differences.yaml")
_NONE = ("none", "null", "", None)


def check_story(pack: Pack, story: Mapping[str, Any], language: str = "en") -> list[str]:
    """Return how a story differs from its `expect` in a language: see `story_differences`."""
    return [spoken(each, language) for each in story_differences(pack, story)]


def story_differences(pack: Pack, story: Mapping[str, Any]) -> list[Text]:
    """Return how a story differs from its `expect`, one sentence for each difference; none if it came out as told.

    An act refused without being expected is a difference too.
    """
    expect: Mapping[str, Any] = story.get("expect") or {}
    told = Story(pack, story)
    outcome = as_json(told, explained=False)
    found: list[Text] = []
    for key in ("phase", "department", "office", "handler"):
        if key in expect and _plain(expect[key]) != _plain(outcome[key]):
            found.append(_say("is", what=key, got=_said(outcome[key]), wanted=_said(expect[key])))
    for key in ("grades", "facts"):
        for name, value in (expect.get(key) or {}).items():
            if outcome[key].get(name) != value:
                found.append(_say("is", what=name, got=_said(outcome[key].get(name)), wanted=_said(value)))
    for id, wanted in (expect.get("duties") or {}).items():
        found += _duty(id, wanted, [each for each in outcome["duties"] if each["id"] == id], outcome["rungs"])
    for act, wanted in (expect.get("told") or {}).items():
        names = _told(act, outcome)
        if names != set(_as_list(wanted)):
            found.append(_say("tells", act=act, got=_said(sorted(names)), wanted=_said(_as_list(wanted))))
    for key, name in _SIDE_EFFECTS.items():
        if key in expect:
            found += _side_effects(key, name, _as_list(expect[key]), outcome[key])
    found += _lists(expect, outcome)
    return [*found, *_refused(expect, outcome, [reasons for _index, _act, reasons in told.refused])]


def _side_effects(key: str, name: str, wanted: Sequence[Any], got: Sequence[Mapping[str, Any]]) -> list[Text]:
    """Compare all that acts led to beyond the case, in order: a name, or a mapping whose keys must fit."""
    items = [item if isinstance(item, Mapping) else {name: item} for item in wanted]
    fits = len(items) == len(got) and all(
        _plain(each.get(which)) == _plain(value)
        for item, each in zip(items, got, strict=True)
        for which, value in item.items()
    )
    if fits:
        return []
    shown = [_say("by-act", what=str(each[name]), act=str(each["act"])) for each in got]
    return [_say(key, got=_row(shown), wanted=_row([_said(item) for item in wanted]))]


def _told(act: str, outcome: Mapping[str, Any]) -> set[str]:
    """Return who was told by the latest of these acts, whoever got a letter included."""
    told = [each for each in outcome["told"] if each["act"] == act]
    return {each["to"] for each in told if each["at"] == told[-1]["at"]}


def _duty(
    id: str, wanted: Any, instances: Sequence[Mapping[str, Any]], rungs: Sequence[Mapping[str, Any]]
) -> list[Text]:
    """Compare a status (of the latest instance) or a list by instance; an item may give due and other times too."""
    if isinstance(wanted, list):
        if len(wanted) != len(instances):
            return [_say("instances", duty=id, n=len(instances), wanted=len(wanted))]
        pairs = list(zip(wanted, instances, strict=True))
    elif not instances:
        return [] if wanted in _NONE else [_say("never", duty=id, wanted=_status(wanted))]
    else:
        pairs = [(wanted, instances[-1])]
    return [difference for item, each in pairs for difference in _instance(id, item, each, rungs)]


def _instance(id: str, wanted: Any, got: Mapping[str, Any], rungs: Sequence[Mapping[str, Any]]) -> list[Text]:
    which = {"duty": id, "n": got["instance"]}
    if not isinstance(wanted, Mapping):
        wanted = {"status": wanted}
    found: list[Text] = []
    for key, value in wanted.items():
        if key == "status":
            is_right = got["overdue"] if value == "overdue" else value == got["status"]
            if not is_right:
                status = "overdue" if got["overdue"] else got["status"]
                said = {"got": _status(status), "wanted": _status(value), "due": _said(got["due_at"])}
                found.append(_say("status", **which, **said))
        elif key in _INSTANTS:
            at = got[_INSTANTS[key]]
            if (None if value in _NONE else instant(value)) != (None if at is None else instant(at)):
                found.append(_say("of", **which, what=_INSTANTS[key], got=_said(at), wanted=_said(value)))
        elif key == "rungs":
            passed = [each for each in rungs if (each["duty"], each["instance"]) == (id, got["instance"])]
            found += _ladder(which, value, passed)
        elif _plain(got.get(key)) != _plain(value):
            found.append(_say("of", **which, what=key, got=_said(got.get(key)), wanted=_said(value)))
    return found


def _ladder(which: Mapping[str, Any], wanted: Any, passed: Sequence[Mapping[str, Any]]) -> list[Text]:
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
    told = {each["at"]: got[instant(each["at"])] for each in passed}
    hoped = {at: _later(names) for at, names in (wanted or {}).items()}
    return [_say("ladder", **which, got=_rungs(told), wanted=_rungs(hoped))]


def _rungs(rungs: Mapping[str, Mapping[str, str | None]]) -> Text:
    """Return who is told when, one rung after the other; with the later time of those whose quiet time it was."""
    said = []
    for at, names in rungs.items():
        who = [_say("later", who=name, at=later) if later else name for name, later in names.items()]
        said.append(_say("rung", at=at, who=_row(who)) if who else _say("rung-silent", at=at))
    return joined(said, _WORDS.entry("semicolon")) if said else _say("rungs-none")


def _told_when(wanted: Any) -> dict[str, int | None]:
    """Return whom a rung tells with the instant at which their quiet time ended, if they had to wait for that."""
    return {name: None if when is None else instant(when) for name, when in _later(wanted).items()}


def _later(wanted: Any) -> dict[str, str | None]:
    """Return whom a rung tells with that instant as it is written."""
    found: dict[str, str | None] = {}
    for each in [wanted] if isinstance(wanted, Mapping) else _as_list(wanted):
        for name, when in each.items() if isinstance(each, Mapping) else ((each, None),):
            found[name] = None if when in _NONE else when
    return found


def _lists(expect: Mapping[str, Any], outcome: Mapping[str, Any]) -> list[Text]:
    """Compare the automatic acts, all of them, and the next acts, of which the expected ones must be there."""
    found = []
    if "automatic" in expect:
        acts = [each["act"] for each in outcome["automatic"]]
        if acts != _as_list(expect["automatic"]):
            found.append(_say("automatic", got=_said(acts), wanted=_said(_as_list(expect["automatic"]))))
    if "next" in expect:
        missing = [act for act in _as_list(expect["next"]) if act not in outcome["next"]]
        if missing:
            found.append(_say("next", got=_said(outcome["next"]), wanted=_said(missing)))
    return found


def _refused(expect: Mapping[str, Any], outcome: Mapping[str, Any], why: Sequence[Sequence[Refusal]]) -> list[Text]:
    """Compare what was refused: an act's id, or {act, index, code, clauses} of which the given keys must fit."""
    wanted = _as_list(expect.get("refused"))
    got = outcome["refused"]
    found: list[Text] = []
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
            said = {"n": each["index"] + 1, "act": each["act"], "codes": _said(sorted(codes)), "wanted": _said(item)}
            found.append(_say("refused", **said))
    for each, reasons in zip(got[len(wanted) :], why[len(wanted) :], strict=True):
        whole = joined([reason.message for reason in reasons], _WORDS.entry("semicolon"))
        found.append(_say("refused-why", n=each["index"] + 1, act=each["act"], why=whole))
    return [*found, *(_say("not-refused", act=_said(item)) for item in wanted[len(got) :])]


def _say(key: str, **values: object) -> Text:
    return _WORDS.say(key, **values)


def _said(value: Any) -> Text | str:
    """Return a value as a reader may see it: several in a row, and what a mapping gives as names with values."""
    if isinstance(value, Mapping):
        return _row([_say("with", name=name, value=_said(each)) for name, each in value.items()])
    if isinstance(value, list):
        return _row([_said(each) for each in value])
    return _say("none") if value in _NONE else str(value)


def _row(parts: Sequence[Text | str]) -> Text:
    return joined(parts, _WORDS.entry("comma")) if parts else _say("none")


def _status(value: Any) -> Text | str:
    """Return the words for what became of a duty; a status that there is not stays as it is written."""
    known = WORDS.entry("statuses")
    return known[value] if isinstance(value, str) and value in known else _said(value)


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
