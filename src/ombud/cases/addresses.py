"""The address of an authority or partner that an act names: what is on record of the same one, else the book's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ombud.engine import State
from ombud.engine.addresses import address_of
from ombud.organisation import address_book
from ombud.policy.outsiders import OF_WHOM, addressed
from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import NAME
from ombud.privacy.sealing import is_sealed


def completed(state: State, data: Mapping[str, Any], allowed: Collection[str]) -> dict[str, Any]:
    """Return submitted data with what was left empty beside a name, as far as the act takes it.

    Whoever names the same one again says of it what was said before: its address is what was said with its name.
    """
    pack, result = state.program.pack, dict(data)
    for role, fields in addressed(pack).items():
        name = data.get(fields[NAME])
        own = address_of(state, role) if name else {}
        if not own or not _is_same(own.get(NAME), name):
            continue
        for part in OF_WHOM & own.keys():
            if fields[part] in allowed and not data.get(fields[part]) and not is_sealed(own[part]):
                result[fields[part]] = own[part]
    return address_book.completed(pack, result, allowed)


def _is_same(known: object, name: object) -> bool:
    """Return whether a name is the one on record, or the first."""
    if known is None:
        return True
    return isinstance(known, str) and isinstance(name, str) and plain(known).casefold() == plain(name).casefold()
