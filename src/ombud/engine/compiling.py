"""From a pack and a calendar edition to a program."""

from __future__ import annotations

from functools import lru_cache

from ombud.engine.program import Program
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.worktime import Calendar, Edition, bake

_KEPT = 64
_compiled: dict[tuple[str, str, str], Program] = {}


def calendars_of(pack: Pack, edition: Edition) -> dict[str, Calendar]:
    """Return the pack's calendars under an edition; beyond its years they go on with statutory days, provisionally."""
    return {id: bake(spec, edition=edition, beyond="statutory") for id, spec in pack.calendars.items()}


def compile_program(pack: Pack, edition: Edition | None = None, procedure: str = MAIN) -> Program:
    """Return the program of a pack's procedure under an edition (the shipped one); compiled once for each."""
    edition = edition or shipped_edition()
    key = (pack.hash, edition.id, procedure)
    program = _compiled.get(key)
    if program is None:
        if len(_compiled) >= _KEPT:
            _compiled.clear()
        program = _compiled[key] = Program(pack, procedure, calendars_of(pack, edition), edition.id)
    return program


@lru_cache(maxsize=1)
def shipped_edition() -> Edition:
    """Return the edition with all announcements that come with the program."""
    return Edition.shipped()
