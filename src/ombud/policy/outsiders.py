"""What a case keeps of each role outside beside the complainant: whom there it goes to, and their own number for it.

The base says it once, for any such role (its section `outsiders`); written out for the roles of a pack it becomes
fields and acts like all others. So which fields hold an address is told by their ids alone: `regulator_email`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from ombud.policy.model.pack import Pack
from ombud.policy.source import Entries, Entry, Items, Node, Scalar
from ombud.policy.vocabulary import ADDRESS, COMPLAINANT, EMAIL, NAME, PHONE
from ombud.texts import OTHERWISE, spoken

SECTION = "outsiders"  # of the base
CONTACT, NUMBER, BY = "contact", "reference", "by"  # who answers there, their own number, when they want an answer
PARTS: Final = (NAME, CONTACT, EMAIL, PHONE, ADDRESS, NUMBER, BY)
#: What changes with whom it goes to; the day that they set is the case's.
OF_WHOM: Final = frozenset(PARTS) - {BY}
_ROLE, _TITLE = "{role}", "{title}"


def outside_roles(pack: Pack) -> tuple[str, ...]:
    """Return the roles outside the organisation that are not the complainant's."""
    return tuple(id for id, role in pack.roles.items() if role.is_external and id != COMPLAINANT)


def address_fields(pack: Pack, role: str) -> Mapping[str, str]:
    """Return part -> field for what a case keeps of a role outside; nothing where the pack has no such fields."""
    found = {part: f"{role}_{part}" for part in PARTS}
    return {part: field for part, field in found.items() if field in pack.fields} if role != COMPLAINANT else {}


def addressed(pack: Pack) -> Mapping[str, Mapping[str, str]]:
    """Return role -> part -> field, for every role outside whose address a case keeps."""
    found = {role: address_fields(pack, role) for role in outside_roles(pack)}
    return {role: fields for role, fields in found.items() if NAME in fields}


def address_act(role: str) -> str:
    """Return the act by which a case is told where a role outside is written to."""
    return f"address_{role}"


def part_of(pack: Pack, field: str) -> str | None:
    """Return which part of somebody's address a field holds, where it does: email for regulator_email."""
    for fields in addressed(pack).values():
        for part, own in fields.items():
            if own == field:
                return part
    return None


def addressed_by(pack: Pack, given: Collection[str]) -> tuple[str, ...]:
    """Return the roles outside of whose address these fields say something."""
    fields = addressed(pack)
    return tuple(role for role in fields if any(fields[role].get(part) in given for part in OF_WHOM))


def fields_of_others(pack: Pack, role: str) -> frozenset[str]:
    """Return the fields that are not for this role outside, neither to say nor to read: where others are written to."""
    return frozenset(field for other, fields in addressed(pack).items() if other != role for field in fields.values())


def for_outsiders(base: Entries, pack: Entries) -> Entries:
    """Return the base with what it says of any role outside written out for each that the pack has."""
    entries = dict(base.entries)
    template = entries.pop(SECTION, None)
    sections = template.value.entries if template is not None and isinstance(template.value, Entries) else {}
    for role, titles in _roles(pack):
        for section, said in sections.items():
            own = entries.get(section)
            known = own.value.entries if own is not None and isinstance(own.value, Entries) else {}
            new = _written_out(said.value, role, titles, "")
            if isinstance(new, Entries):
                entries[section] = Entry(said.key, Entries({**known, **new.entries}, new.place))
    return Entries(entries, base.place)


def _roles(pack: Entries) -> list[tuple[str, Mapping[str, str]]]:
    """Return id and titles of the roles outside that a pack declares, but for the complainant."""
    section = pack.entries.get("roles")
    declared = section.value.entries if section is not None and isinstance(section.value, Entries) else {}
    return [
        (id, _titles(entry.value, id))
        for id, entry in declared.items()
        if id != COMPLAINANT and is_outside(entry.value)
    ]


def is_outside(role: Node) -> bool:
    """Return whether a role as it is written is outside the organisation."""
    entry = role.entries.get("external") if isinstance(role, Entries) else None
    return entry is not None and isinstance(entry.value, Scalar) and entry.value.text in ("true", "yes")


def _titles(role: Node, id: str) -> Mapping[str, str]:
    entry = role.entries.get("title") if isinstance(role, Entries) else None
    said = entry.value.entries if entry is not None and isinstance(entry.value, Entries) else {}
    known = {tag: each.value.text for tag, each in said.items() if isinstance(each.value, Scalar)}
    words = id.replace("_", " ")
    english = spoken(known, OTHERWISE) or words
    return {**known, OTHERWISE: english[:1].lower() + english[1:]}


def _written_out(node: Node, role: str, titles: Mapping[str, str], tag: str) -> Node:
    """Return a part of the base with role and title put in, the title in the language that it stands in."""
    if isinstance(node, Scalar):
        text = node.text.replace(_ROLE, role).replace(_TITLE, titles.get(tag, role))
        return Scalar(text, node.place, node.is_plain)
    if isinstance(node, Items):
        return Items(tuple(_written_out(each, role, titles, tag) for each in node.items), node.place)
    return Entries(
        {
            (id := key.replace(_ROLE, role)): Entry(
                Scalar(id, entry.key.place, entry.key.is_plain), _written_out(entry.value, role, titles, key)
            )
            for key, entry in node.entries.items()
        },
        node.place,
    )
