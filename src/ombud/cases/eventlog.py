"""Events between the engine and the database: personal values sealed, files described, everything hash-chained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ombud.cases.bulk_sql import new_row, rows_of_cases
from ombud.cases.models import Attachment, Case, Event
from ombud.engine import model as engine
from ombud.organisation import library as packs
from ombud.policy.event_names import BESIDE, RESERVED_EVENTS
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import Field, FieldType
from ombud.policy.vocabulary import COMPLAINANTS, EMAIL, LATE_REASON, NAMING, REASON, SUBJECT
from ombud.privacy.sealing import Vault, is_sealed, stand_in

_written = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode
_FREE = {FieldType.TEXT, FieldType.LONG_TEXT}


def is_personal(field: Field) -> bool:
    """Return whether a field's values are sealed: those marked personal, and all free text, which may name anybody.

    Files are not: events keep their hash, size and type for proof; their names are sealed apart.
    """
    if field.type == FieldType.FILES:
        return False
    return field.is_personal or field.type in _FREE or (field.type == FieldType.LIST and field.item in _FREE)


#: Fields whose values free text may repeat; masked readers see it without them.
_REPEATED = (*NAMING, COMPLAINANTS)


def naming(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names and numbers among a case's facts."""
    found: list[str] = []
    for name in _REPEATED:
        value = facts.get(name)
        found += [each for each in (value if isinstance(value, list | tuple) else [value]) if isinstance(each, str)]
    return tuple(found)


def is_story(field: Field) -> bool:
    """Return whether a personal field's words say what happened: masked readers see them, without whom they name."""
    return field.type == FieldType.LONG_TEXT or field.id == SUBJECT


@lru_cache(maxsize=256)
def personal_fields(pack_hash: str) -> frozenset[str]:
    """Return the ids of the fields whose values are sealed."""
    pack = packs.pack(pack_hash)
    # A guard or table that reads a text field must read the same after erasure: such a field is no free text.
    read = {name for table in pack.tables.values() for name in table.inputs}
    for procedure in pack.procedures.values():
        guards = [act.when for act in procedure.acts.values()] + [duty.where for duty in procedure.duties.values()]
        guards += [stage.where for chain in procedure.chains.values() for stage in chain.stages]
        read |= {name for guard in guards if guard for name in guard.names}
    return frozenset(
        id
        for id, field in pack.fields.items()
        if (field.is_personal and field.type != FieldType.FILES) or (is_personal(field) and id not in read)
    )


@lru_cache(maxsize=256)
def file_fields(pack_hash: str) -> frozenset[str]:
    """Return the ids of the fields that hold files."""
    return frozenset(id for id, field in packs.pack(pack_hash).fields.items() if field.type == FieldType.FILES)


def named_files(pack: Pack, data: Mapping[str, Any]) -> list[Any]:
    """Return the ids of the files that a submission names."""
    found: list[Any] = []
    for name in file_fields(pack.hash) & data.keys():
        value = data[name]
        found.extend(value if isinstance(value, list | tuple) else [value])
    return found


def encode(
    event: engine.Event, case: Case, *, pack: Pack, vault: Vault, files: Mapping[str, Attachment], previous: str
) -> Event:
    """Return the row, not saved, of an event as it goes into the log after `previous`."""
    from ombud.cases.attachments import described

    data = dict(event.data)
    if event.act in BESIDE:
        for name in {REASON, EMAIL} & data.keys():  # a reason may say how a person was known
            data[name] = vault.seal(event.seq, name, data[name])
    if event.act not in RESERVED_EVENTS:
        personal, holding = personal_fields(pack.hash), file_fields(pack.hash)
        for name, value in event.data.items():
            if (name in personal or name == LATE_REASON) and not is_sealed(value):
                data[name] = vault.seal(event.seq, name, value)
            elif name in holding:
                data[name] = [described(files[str(key)]) for key in (value if isinstance(value, list) else [value])]
    row = new_row(
        Event,
        case=case,
        seq=event.seq,
        act=event.act,
        occurred=event.occurred,
        recorded=event.recorded,
        actor=event.actor,
        role=event.role,
        department=event.department,
        office=event.office,
        data=data,
        schema=event.schema,
        previous=previous,
    )
    row.hash = link(row, case.reference)
    return row


def link(row: Event, reference: str) -> str:
    """Return the hash that chains the row to the one before, over exactly what is stored."""
    return hashlib.sha256(linked_text(row, reference).encode()).hexdigest()


def linked_text(row: Event, reference: str) -> str:
    """Return the text that an event's hash is over."""
    content = [
        reference, row.seq, row.act, row.occurred, row.recorded, row.actor, row.role, row.department, row.office,
        row.data, row.schema, row.previous,
    ]  # fmt: skip
    return _written(content)


def decode(row: Event, vault: Vault | None) -> engine.Event:
    """Return the event as the engine reads it; without a vault personal values stay shut."""
    data: dict[str, Any] = {}
    for name, value in row.data.items():
        if is_sealed(value):
            data[name] = vault.open(row.seq, name, value) if vault else stand_in(value)
        elif isinstance(value, list) and value and isinstance(value[0], dict) and "sha256" in value[0]:
            data[name] = [each["id"] for each in value]
        else:
            data[name] = value
    return engine.Event(
        row.seq, row.act, row.occurred, row.recorded, row.actor, row.role, row.department, row.office, data, row.schema
    )


def texts_in(pack: Pack, event: engine.Event) -> Iterator[tuple[Field, str]]:
    """Yield what people said in an event, field by field: what search finds a case by."""
    if event.act in RESERVED_EVENTS:
        return
    for name, value in event.data.items():
        field = pack.fields.get(name)
        if field is None or field.type in (FieldType.FILES, FieldType.PERSON, FieldType.CHOICE):
            continue
        yield from ((field, each) for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))


def rows_of(case: Case) -> list[Event]:
    """Return the case's events, oldest first."""
    return rows_of_cases(Event, [case.pk], order="seq")


def stored_files(row: Event) -> list[dict[str, Any]]:
    """Return what a stored event says of the files that it names."""
    return [
        each
        for value in row.data.values()
        if isinstance(value, list)
        for each in value
        if isinstance(each, dict) and "sha256" in each
    ]


def broken_at(rows: Iterable[Event], reference: str) -> int | None:
    """Return the number of the first event that is missing or does not fit the chain, or None."""
    previous = ""
    for number, row in enumerate(rows, 1):
        if row.seq != number or row.previous != previous or row.hash != link(row, reference):
            return number
        previous = row.hash
    return None


def decoded(rows: Sequence[Event], vault: Vault | None) -> list[engine.Event]:
    return [decode(row, vault) for row in rows]
