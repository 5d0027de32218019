"""`extends: base`: the pack's entries over those of the base, by id and whole."""

from __future__ import annotations

from ombud.policy.outsiders import for_outsiders
from ombud.policy.problems import Problems
from ombud.policy.source import Entries, Entry, Items, Node, Scalar

# Sections whose entries have ids; the others are the pack's own affair.
MERGED = (
    "clauses", "parameters", "calendars", "offices", "departments", "roles", "channels", "data", "tables", "phases",
    "acts", "chains", "duties", "periodic", "procedures", "documents", "retention",
    "exams", "ledgers", "reports", "late_entries",
)  # fmt: skip
BASE = "base"


def merge_base(pack: Entries, base: Entries, problems: Problems) -> Entries:
    """Return the pack with the base's entries that it neither drops nor writes itself."""
    base = for_outsiders(base, pack)
    drop = _dropped(pack, base, problems)
    merged = dict(pack.entries)
    for section in MERGED:
        inherited = _section(base, section)
        if not inherited:
            continue
        own = pack.entries.get(section)
        entries = dict(own.value.entries) if own and isinstance(own.value, Entries) else {}
        for id, entry in inherited.items():
            # A clause of the base keeps its own number space, so it never clashes with one of the pack.
            key = f"{BASE}:{id}" if section == "clauses" else id
            if (section, id) not in drop and key not in entries:
                entries[key] = entry
        key_node = own.key if own else Scalar(section, pack.place)
        merged[section] = Entry(key_node, Entries(entries, own.value.place if own else pack.place))
    return Entries(merged, pack.place)


def _section(pack: Entries, section: str) -> dict[str, Entry]:
    entry = pack.entries.get(section)
    return entry.value.entries if entry and isinstance(entry.value, Entries) else {}


def _dropped(pack: Entries, base: Entries, problems: Problems) -> set[tuple[str, str]]:
    """Return (section, id) for everything in `drop: {acts: [take], data: [loss]}`."""
    header = _section(pack, "pack")
    entry = header.get("drop")
    if entry is None:
        return set()
    if not isinstance(entry.value, Entries):
        problems.add(entry.value.place, '"drop" must be a mapping from sections to ids, such as {acts: [take]}.')
        return set()
    found = set()
    for section, ids in entry.value.entries.items():
        if section not in MERGED:
            problems.unknown(ids.key.place, 'section in "drop"', section, MERGED)
            continue
        inherited = _section(base, section)
        for node in _words(ids.value):
            if node.text not in inherited:
                problems.unknown(node.place, f'id in "drop" of "{section}"', node.text, inherited)
            found.add((section, node.text))
    return found


def _words(node: Node) -> list[Scalar]:
    nodes = node.items if isinstance(node, Items) else (node,)
    return [item for item in nodes if isinstance(item, Scalar)]
