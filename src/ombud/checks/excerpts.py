"""What a check gets to see of a pack, and what it found in the same content before: an edit elsewhere leaves it true.

A check that takes long is given an excerpt that holds what it reads and nothing else, and what it finds is kept by the
content of the excerpt. So it cannot be kept too long: what is not in the excerpt, the check cannot have looked at.
Places are no content, as a line more at the top of a file moves them all; they are put right when a finding is taken up
again.
"""

from __future__ import annotations

import ast
import gc
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from hashlib import blake2b
from threading import Lock
from typing import Any

from ombud.checks.findings import Finding
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain, Stage
from ombud.policy.model.causes import Causes
from ombud.policy.model.duties import Duty
from ombud.policy.model.guards import Guard
from ombud.policy.model.limits import Limit, Rung
from ombud.policy.model.pack import Pack, Scenario
from ombud.policy.model.people import Course
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.records import Access
from ombud.policy.model.source import Place
from ombud.policy.model.watching import Watch

KEPT = 4096  # excerpts, and stories told to one, with what was found; a large policy has some three hundred
Check = Callable[[Pack], Iterable[Finding]]
_WHOLE = (Act, Chain, Duty)  # written down once for all excerpts that have them


@dataclass(frozen=True, slots=True)
class Content:
    """A value without its places, and these in order."""

    digest: str
    places: tuple[Place, ...]


Kept = tuple[tuple[int | None, Finding], ...]  # which of the content's places each finding points to
_kept: OrderedDict[str, Kept] = OrderedDict()
_told: set[str] = set()  # of these, what the process that forked this one has too
_lock = Lock()


def learnt() -> dict[str, Kept]:
    """Return what was found since the process began, or since it was last told: for whoever forked it."""
    with _lock:
        return {key: kept for key, kept in _kept.items() if key not in _told}


def learn(found: Mapping[str, Kept]) -> None:
    """Take over what another process found."""
    with _lock:
        _kept.update(found)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        _told.clear()
        _told.update(_kept)


def _owed(pack: Pack) -> dict[str, Course]:
    """Return of the courses what the clock does for each person who owes one."""
    return {id: replace(each, title={}, contents={}, cite=()) for id, each in pack.courses.items() if each.each}


class Excerpts:
    """The excerpts of one pack."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._written: dict[int, tuple[object, Content]] = {}  # the value too, so that its id is nobody else's
        self._bare = replace(
            pack, title={}, about={}, version="", clauses={}, base_clauses={}, readings=(), explanations=(),
            calendar_places={}, calendar_cites={}, counting_cite=(), procedures={}, periodic={}, documents={},
            retention={}, access=Access(unmasked=(), cite=()), scenarios=(), exams={}, ledgers={}, reports={},
            distribution={}, courses=_owed(pack), watch=Watch(), causes=Causes(), sources={}, hash="",
        )  # fmt: skip
        self.untold = replace(pack, scenarios=(), explanations=(), readings=(), sources={}, hash="")

    def timed(self, procedure: Procedure) -> Pack:
        """Return one procedure with its limits, and the calendars on which they are counted."""
        return replace(self._bare, procedures={procedure.id: procedure})

    def timeless(self, procedure: Procedure) -> Pack:
        """Return one procedure without limits: where cases can go, whatever the time."""
        bare = replace(
            procedure,
            duties={id: _timeless_duty(duty) for id, duty in procedure.duties.items()},
            chains={
                id: replace(chain, stages=tuple(map(_timeless_stage, chain.stages)))
                for id, chain in procedure.chains.items()
            },
        )
        return replace(
            self._bare,
            procedures={bare.id: bare},
            parameters={},
            calendars={},
            calendar_titles={},
            counting_calendar="",
            effective="",
        )

    def found(self, check: Check, seen: Pack, scenarios: tuple[Scenario, ...] = ()) -> list[Finding]:
        """Return what a check finds in an excerpt, told these scenarios; asked once for each content."""
        whole, stories = self._once(seen), self._content(scenarios)
        key = _key(check, whole, stories)
        places = (*whole.places, *stories.places)
        with _lock:
            kept = _kept.get(key)
            if kept is not None:
                _kept.move_to_end(key)
        if kept is None:
            at = {place: index for index, place in reversed(list(enumerate(places)))}
            # A program is compiled once for each hash, so that an excerpt needs one of its own.
            with _nothing_collected():
                told = list(check(replace(seen, hash=whole.digest, scenarios=scenarios)))
            kept = tuple((None if each.place is None else at[each.place], each) for each in told)
            with _lock:
                _kept[key] = kept
                while len(_kept) > KEPT:
                    _kept.popitem(last=False)
        return [each if index is None else replace(each, place=places[index]) for index, each in kept]

    def knows(self, check: Check, seen: Pack) -> bool:
        """Return whether an excerpt has been checked before."""
        return _key(check, self._once(seen), self._content(())) in _kept

    def _once(self, value: Any) -> Content:
        """Return the content of a value that several excerpts have, or that is asked for again."""
        known = self._written.get(id(value))
        if known is None:
            known = self._written[id(value)] = value, self._content(value)
        return known[1]

    def _content(self, value: Any) -> Content:
        out: list[str] = []
        places: list[Place] = []
        if is_dataclass(value):
            self._write_fields(value, out, places)
        else:
            self._write(value, out, places)
        return Content(blake2b("\0".join(out).encode(), digest_size=24).hexdigest(), tuple(places))

    def _write(self, value: Any, out: list[str], places: list[Place]) -> None:
        """Write a value down so that what differs reads differently; its places go elsewhere."""
        if isinstance(value, str):
            out.append(f"'{value}")
        elif isinstance(value, Place):
            places.append(value)
        elif isinstance(value, Guard):
            out += ("guard", value.source, ast.dump(value.tree))
            places.append(value.at)
        elif isinstance(value, _WHOLE):
            content = self._once(value)
            out.append(content.digest)
            places += content.places
        elif is_dataclass(value):
            self._write_fields(value, out, places)
        elif isinstance(value, Mapping):
            out.append(f"{{{len(value)}")
            for name, each in value.items():
                self._write(name, out, places)
                self._write(each, out, places)
        elif isinstance(value, tuple | list):
            out.append(f"[{len(value)}")
            for each in value:
                self._write(each, out, places)
        elif isinstance(value, frozenset | set):
            out += (f"({len(value)}", *sorted(map(repr, value)))
        elif not callable(value):  # what is compiled says no more than what it was compiled from
            out.append(f"={value!r}")

    def _write_fields(self, value: Any, out: list[str], places: list[Place]) -> None:
        out.append(type(value).__name__)
        for name in _names(type(value)):
            self._write(getattr(value, name), out, places)


def _key(check: Check, whole: Content, stories: Content) -> str:
    return f"{check.__module__}.{check.__qualname__} {whole.digest} {stories.digest}"


_fields: dict[type[Any], tuple[str, ...]] = {}


def _names(kind: type[Any]) -> tuple[str, ...]:
    if kind not in _fields:
        _fields[kind] = tuple(each.name for each in fields(kind))
    return _fields[kind]


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Leave the garbage collector off: a check builds large graphs, all alive, and collecting them is a third of it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_NO_LIMIT = Limit(at=Place("", 0, 0))


def _timeless_duty(duty: Duty) -> Duty:
    return replace(duty, limit=_NO_LIMIT, react=None, breach=tuple(map(_timeless_rung, duty.breach)))


def _timeless_stage(stage: Stage) -> Stage:
    return replace(stage, within=None, breach=tuple(map(_timeless_rung, stage.breach)))


def _timeless_rung(rung: Rung) -> Rung:
    return replace(rung, offset=None, every=None)
