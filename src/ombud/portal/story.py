"""What happened in a case and what is known of it, as its complainant may read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ombud.cases.access.case_access import Accessed
from ombud.cases.reading import queries
from ombud.cases.reading.queries import Shown
from ombud.interface.fact_text import fact_text
from ombud.interface.lists import listed
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import COMPLAINANT
from ombud.portal.pages import RESERVED

WORDS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.FILES})


def timeline(found: Accessed, pack: Pack, files: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the public events, newest first; what was filed stands in a part of its own."""
    acts = pack.procedures[found.case.procedure].acts
    entries = []
    for entry in reversed(queries.timeline(found)):
        act, is_own = acts.get(entry.act), entry.actor_key == COMPLAINANT
        # How staff grade a case is for them; what they tell or do is for the complainant.
        is_told = is_own or (act is not None and (act.contacts == COMPLAINANT or bool(act.outcomes)))
        told = [each for each in entry.facts if is_told or _is_words(pack, each)]
        said = said_in(told, pack, files) if entry.seq > 1 else ()
        entries.append({"entry": entry, "said": said, "is_own": is_own})
    return entries


def told_by_complainant(found: Accessed) -> list[Shown]:
    """Return what is known now of the fields that the complaint, or the complainant later, filled in."""
    entries = [entry for entry in queries.timeline(found) if entry.seq == 1 or entry.actor_key == COMPLAINANT]
    own = {shown.field for entry in entries for shown in entry.facts}
    return [shown for shown in queries.facts(found) if shown.field in own]


def last_told(found: Accessed, pack: Pack) -> dict[str, Any] | None:
    """Return the newest event by which staff spoke to the complainant: what an answer answers."""
    acts = pack.procedures[found.case.procedure].acts
    for each in timeline(found, pack, {}):
        act = acts.get(each["entry"].act)
        if act is not None and act.contacts == COMPLAINANT and each["said"] and not each["is_own"]:
            return each
    return None


def _is_words(pack: Pack, shown: Shown) -> bool:
    field = pack.fields.get(shown.field)
    return field is not None and field.type in WORDS


def said_in(facts: Iterable[Shown], pack: Pack, files: Mapping[str, str]) -> tuple[tuple[object, str], ...]:
    """Return title and words of every fact that the complainant knows or is told."""
    found = []
    for shown in facts:
        field = pack.fields.get(shown.field)
        # Who works on it is the organisation's own affair.
        is_whom = field is not None and FieldType.PERSON in (field.type, field.item)
        if field is None or is_whom or shown.field in RESERVED or shown.value in (None, "", []):
            continue
        if field.type is FieldType.FILES:
            names = [files.get(file["id"] if isinstance(file, Mapping) else str(file), "") for file in shown.value]
            found.append((shown.title, listed(filter(None, names))))
        else:
            found.append((shown.title, fact_text(field, shown.value, names=shown.names)))
    return tuple(found)
