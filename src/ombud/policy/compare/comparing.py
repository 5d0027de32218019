"""Comparing two packs: every section by id, every rule attribute by attribute, gathered by clause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from ombud.policy.compare.describing import EVERYWHERE, describe
from ombud.policy.compare.model import ADDED, CHANGED, GONE, Change, ClauseChange, Comparison, Detail, Side
from ombud.policy.compare.naming import Names
from ombud.policy.compare.rows import row_text
from ombud.policy.compare.words import value
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Chain
from ombud.policy.model.duties import Duty
from ombud.policy.model.guards import Guard
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN, Procedure
from ombud.policy.model.source import Clause, Place
from ombud.policy.model.tables import Table
from ombud.policy.vocabulary import OWN_FACTS
from ombud.texts import Text, same, spoken

# Not compared: ids, places, and what is computed from something that is compared.
LEFT_OUT = frozenset({"id", "at", "decide", "when", "anchor_is_field", "ref", "parameter"})
SECTIONS = {
    "parameter": "parameters", "department": "departments", "office": "offices", "role": "roles",
    "channel": "channels", "field": "fields", "table": "tables", "periodic": "periodic", "document": "documents",
    "retention": "retention", "exam": "exams", "course": "courses", "ledger": "ledgers", "report": "reports",
    "survey": "surveys", "distribution": "distribution",
}  # fmt: skip
PARTS = {"phase": "phases", "act": "acts", "chain": "chains", "duty": "duties"}
HEAD = ("title", "about", "called", "effective", "on_upgrade", "currency", "reference_prefix")


def compare(before: Pack, after: Pack) -> Comparison:
    """Return what differs between two packs, by clause; places, comments and the order of entries do not count."""
    changes = tuple(_changes(before, after))
    clauses = tuple(_clauses(before, after, changes))
    return Comparison(
        before=_side(before),
        after=_side(after),
        clauses=clauses,
        elsewhere=tuple(change for change in changes if not change.clauses),
        all=changes,
    )


def _side(pack: Pack) -> Side:
    return Side(id=pack.id, version=pack.version, title=pack.title, hash=pack.hash)


def _clauses(before: Pack, after: Pack, changes: Sequence[Change]) -> Iterator[ClauseChange]:
    old, new = {**before.clauses, **before.base_clauses}, {**after.clauses, **after.base_clauses}
    for ref in dict.fromkeys([*new, *old]):
        was, now = old.get(ref), new.get(ref)
        found = _details(was, now, Names(before), Names(after)) if was and now else ()
        mine = tuple(change for change in changes if ref in change.clauses)
        verb = ADDED if was is None else GONE if now is None else CHANGED if found else None
        if verb or mine:
            others = tuple(each for each in found if each.attribute != "text")
            yield ClauseChange(
                ref=ref, verb=verb, before=_words(was), after=_words(now), details=others, changes=mine
            )  # fmt: skip


def _words(clause: Clause | None) -> Text | None:
    return clause.text if clause else None


def _changes(before: Pack, after: Pack) -> Iterator[Change]:
    names = Names(before), Names(after)
    yield from _head(before, after)
    for kind, section in SECTIONS.items():
        old, new = getattr(before, section), getattr(after, section)
        if kind == "field":
            old, new = ({id: each for id, each in side.items() if id not in OWN_FACTS} for side in (old, new))
        yield from _entries(kind, old, new, names, None)
    yield from _calendars(before, after)
    yield from _listed("reading", before.readings, after.readings, names)
    yield from _listed("explanation", before.explanations, after.explanations, names)
    yield from _one("access", "access", before.access, after.access, names, None, value("none"))
    late = before.late_entries, after.late_entries
    yield from _one("late_entries", "late_entries", *late, names, None, value("none"))
    yield from _one("figures", "figures", before.figures, after.figures, names, None, value("none"))
    yield from _one("watch", "watch", before.watch, after.watch, names, None, value("none"))
    yield from _one("causes", "causes", before.causes, after.causes, names, None, value("none"))
    yield from _procedures(before, after)
    yield from _scenarios(before, after)


def _head(before: Pack, after: Pack) -> Iterator[Change]:
    names = Names(before), Names(after)
    details = [_detail(key, getattr(before, key), getattr(after, key), names) for key in HEAD]
    found = tuple(each for each in details if each is not None)
    if found:
        yield Change(verb=CHANGED, kind="policy", id=after.id, procedure=None, title=after.title, clauses=(),
                     details=found)  # fmt: skip
    counting = _detail("counting_calendar", before.counting_calendar, after.counting_calendar, names)
    cite = _detail("cite", before.counting_cite, after.counting_cite, names)
    if counting or cite:
        clauses = tuple(dict.fromkeys([*before.counting_cite, *after.counting_cite]))
        yield Change(verb=CHANGED, kind="counting", id="counting", procedure=None, title=same("counting"),
                     clauses=clauses, details=tuple(each for each in (counting, cite) if each))  # fmt: skip


def _procedures(before: Pack, after: Pack) -> Iterator[Change]:
    for id in dict.fromkeys([*before.procedures, *after.procedures]):
        old, new = before.procedures.get(id), after.procedures.get(id)
        if id != MAIN and (old is None or new is None):
            known = old or new
            assert known is not None, "it is in one of them"
            cites = _cites_of(known)
            yield Change(verb=ADDED if old is None else GONE, kind="procedure", id=id, procedure=None,
                         title=known.title, clauses=cites, before=old.at if old else None,
                         after=new.at if new else None)  # fmt: skip
            continue
        assert old is not None, "the main procedure is in every pack"
        assert new is not None, "the main procedure is in every pack"
        names = Names(before, old), Names(after, new)
        for kind, part in PARTS.items():
            yield from _entries(kind, getattr(old, part), getattr(new, part), names, id)


def _cites_of(procedure: Procedure) -> tuple[str, ...]:
    parts: tuple[Mapping[str, Act | Chain | Duty], ...] = (procedure.acts, procedure.chains, procedure.duties)
    return tuple(dict.fromkeys(ref for part in parts for rule in part.values() for ref in rule.cite))


def _entries(
    kind: str, old: Mapping[str, Any], new: Mapping[str, Any], names: tuple[Names, Names], procedure: str | None
) -> Iterator[Change]:
    for id in dict.fromkeys([*new, *old]):
        yield from _one(kind, id, old.get(id), new.get(id), names, procedure, same(id))


def _one(
    kind: str, id: str, old: Any, new: Any, names: tuple[Names, Names], procedure: str | None, untitled: Text
) -> Iterator[Change]:
    """Yield the change of one entry, if it changed."""
    details = _details(old, new, *names) if old is not None and new is not None else ()
    if old is not None and new is not None and not details:
        return
    known = new if new is not None else old
    cites: list[str] = [ref for side in (old, new) for ref in getattr(side, "cite", ())]
    yield Change(
        verb=ADDED if old is None else GONE if new is None else CHANGED,
        kind=kind,
        id=id,
        procedure=procedure,
        title=getattr(known, "title", None) or untitled,
        clauses=tuple(dict.fromkeys(cites)),
        details=details or _whole(known, names[1] if new is not None else names[0], is_new=new is not None),
        before=old.at if old is not None else None,
        after=new.at if new is not None else None,
    )


def _whole(entry: Any, names: Names, *, is_new: bool) -> tuple[Detail, ...]:
    """Return what an owner asks first about a rule that was added or is gone: who owes it, and within what time."""
    found = []
    for attribute in ("bearer", "by", "role", "limit", "value", "keep"):
        text = describe(attribute, getattr(entry, attribute, None), names, entry)
        if text is not None:
            found.append(Detail(attribute=attribute, before=None if is_new else text, after=text if is_new else None))
    return tuple(found)


def _details(old: Any, new: Any, before: Names, after: Names) -> tuple[Detail, ...]:
    found: list[Detail] = []
    for each in fields(new):
        if each.name in LEFT_OUT:
            continue
        was, now = _asked(old, each.name, before), _asked(new, each.name, after)
        if each.name == "rows" and isinstance(new, Table):
            found += _rows(old, new, before, after)
        elif plain(was) != plain(now):
            detail = _described(each.name, (old, was), (new, now), before, after)
            if detail is not None:
                found.append(detail)
    return tuple(found)


def _asked(entry: Any, attribute: str, names: Names) -> Any:
    """Return an attribute; phases that are all those between start and end stay so when one is added."""
    given = getattr(entry, attribute)
    if attribute == "from_phases" and isinstance(entry, Act):
        between = {phase.id for phase in names.procedure.phases.values() if not phase.is_start and not phase.is_end}
        return EVERYWHERE if set(given) == between else given
    return given


def _described(
    attribute: str, old: tuple[Any, Any], new: tuple[Any, Any], before: Names, after: Names
) -> Detail | None:
    was, now = describe(attribute, old[1], before, old[0]), describe(attribute, new[1], after, new[0])
    if was == now:
        return _beneath(attribute, old[1], new[1], was, now)
    return Detail(attribute=attribute, before=was, after=now)


def _beneath(attribute: str, old: Any, new: Any, was: Text | None, now: Text | None) -> Detail | None:
    """Return a difference that the titles do not show, such as another role of the same title, by ids and values."""
    first, second = _leaves(plain(old)), _leaves(plain(new))
    before, after = [each for each in first if each not in second], [each for each in second if each not in first]
    if not before and not after and first == second:
        return None
    return Detail(attribute=attribute, before=_marked(was, before or first), after=_marked(now, after or second))


def _leaves(given: Any) -> list[str]:
    if isinstance(given, dict | list):
        return [leaf for each in (given.values() if isinstance(given, dict) else given) for leaf in _leaves(each)]
    return [] if given is None else [str(given)]


def _marked(text: Text | None, words: list[str]) -> Text:
    return value("outcome", title=text or value("none"), value=", ".join(words))


def _detail(attribute: str, old: Any, new: Any, names: tuple[Names, Names]) -> Detail | None:
    if plain(old) == plain(new):
        return None
    return Detail(attribute=attribute, before=describe(attribute, old, names[0]),
                  after=describe(attribute, new, names[1]))  # fmt: skip


def _rows(old: Table, new: Table, before: Names, after: Names) -> Iterator[Detail]:
    was = [row_text(row, old, before) for row in old.rows]
    now = [row_text(row, new, after) for row in new.rows]
    gone, come = _left(was, now), _left(now, was)
    # A single row on either side is most likely the same one, changed.
    if len(gone) == len(come) == 1:
        yield Detail(attribute="rows", before=gone[0], after=come[0])
        return
    for each in gone:
        yield Detail(attribute="rows", before=each, after=None)
    for each in come:
        yield Detail(attribute="rows", before=None, after=each)
    if not gone and not come and [spoken(one, "en") for one in was] != [spoken(one, "en") for one in now]:
        yield Detail(attribute="order", before=value("none"), after=value("none"))


def _left(texts: Iterable[Text], others: Iterable[Text]) -> list[Text]:
    """Return the texts that the others lack."""
    known = Counter(tuple(sorted(other.items())) for other in others)
    found = []
    for text in texts:
        key = tuple(sorted(text.items()))
        if known[key]:
            known[key] -= 1
        else:
            found.append(text)
    return found


def _listed(kind: str, old: Sequence[Any], new: Sequence[Any], names: tuple[Names, Names]) -> Iterator[Change]:
    """Yield the readings or answers that came or went; one with the same clauses and code counts as changed."""
    was, now = ({(getattr(each, "code", ""), each.clauses, n): each for n, each in _numbered(side)} for side in
                (old, new))  # fmt: skip
    for key in dict.fromkeys([*now, *was]):
        first, second = was.get(key), now.get(key)
        for change in _one(kind, f"{key[0]} {', '.join(key[1])}".strip(), first, second, names, None, same(key[0])):
            known: Any = second or first
            text: Text = known.text if kind == "reading" else known.because
            detail = Detail(attribute="text", before=None if first is None else text,
                            after=None if second is None else text)  # fmt: skip
            yield Change(verb=change.verb, kind=kind, id=change.id, procedure=None, title=text, clauses=tuple(key[1]),
                         details=change.details or (detail,), before=change.before, after=change.after)  # fmt: skip


def _numbered(entries: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Yield the entries with how many of the same kind stood before: two readings may concern the same clauses."""
    seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for each in entries:
        key = (getattr(each, "code", ""), each.clauses)
        yield seen[key], each
        seen[key] += 1


def _calendars(before: Pack, after: Pack) -> Iterator[Change]:
    names = Names(before), Names(after)
    for id in dict.fromkeys([*after.calendars, *before.calendars]):
        old, new = before.calendars.get(id), after.calendars.get(id)
        details: tuple[Detail, ...] = ()
        if old is not None and new is not None:
            called, details = (before.calendar_titles[id], after.calendar_titles[id]), _details(old, new, *names)
            if called[0] != called[1]:
                details = (Detail(attribute="title", before=called[0], after=called[1]), *details)
        if old is not None and new is not None and not details:
            continue
        cites = dict.fromkeys([*before.calendar_cites.get(id, ()), *after.calendar_cites.get(id, ())])
        yield Change(
            verb=ADDED if old is None else GONE if new is None else CHANGED, kind="calendar", id=id, procedure=None,
            title=(after if new is not None else before).calendar_titles[id], clauses=tuple(cites), details=details,
            before=before.calendar_places.get(id),
            after=after.calendar_places.get(id),
        )  # fmt: skip


def _scenarios(before: Pack, after: Pack) -> Iterator[Change]:
    was, now = ({each.name: each for each in side.scenarios} for side in (before, after))
    for name in dict.fromkeys([*now, *was]):
        old, new = was.get(name), now.get(name)
        if old is not None and new is not None and old.story == new.story:
            continue
        known = new or old
        assert known is not None, "it is in one of them"
        yield Change(
            verb=ADDED if old is None else GONE if new is None else CHANGED, kind="scenario", id=name, procedure=None,
            title=same(name), clauses=tuple(known.story.get("cite") or ()), before=old.at if old else None,
            after=new.at if new else None,
        )  # fmt: skip


def plain(given: Any) -> Any:
    """Return a value without places and compiled parts, so that two loads of the same words are equal."""
    if isinstance(given, Guard):
        return given.source
    if isinstance(given, Place) or callable(given):
        return None
    if is_dataclass(given) and not isinstance(given, type):
        return {each.name: plain(getattr(given, each.name)) for each in fields(given) if each.name not in LEFT_OUT}
    if isinstance(given, Mapping):
        return {key: plain(each) for key, each in given.items()}
    if isinstance(given, tuple | list):
        return [plain(each) for each in given]
    return given
