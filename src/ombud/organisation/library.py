"""The engine's library over the database: packs from their stored sources, programs compiled once a process."""

from __future__ import annotations

from functools import lru_cache

from ombud.engine import Program
from ombud.organisation import editions
from ombud.organisation.models import CalendarEdition, PolicyVersion
from ombud.policy import load_sources
from ombud.policy.model.pack import Pack
from ombud.worktime import Calendar, bake


class Tampered(Exception):
    """The stored sources of a policy version do not have its hash any more."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@lru_cache(maxsize=256)
def pack(pack_hash: str) -> Pack:
    """Return a published pack. Raises PolicyVersion.DoesNotExist, Tampered."""
    loaded = load_sources(PolicyVersion.objects.values_list("sources", flat=True).get(hash=pack_hash))
    if loaded.hash != pack_hash:
        raise Tampered
    return loaded


@lru_cache(maxsize=256)
def _calendars(pack_hash: str, edition: str) -> dict[str, Calendar]:
    # Beyond the horizon the engine takes statutory days: filing never fails for a calendar.
    known = editions.read(edition)
    return {key: bake(spec, edition=known, beyond="statutory") for key, spec in pack(pack_hash).calendars.items()}


@lru_cache(maxsize=512)
def _program(pack_hash: str, edition: str, procedure: str) -> Program:
    return Program(pack(pack_hash), procedure, _calendars(pack_hash, edition), edition)


class _Library:
    """What the engine asks when a case changes version or edition."""

    def program(self, pack_hash: str, edition: str, procedure: str) -> Program:
        return _program(pack_hash, edition, procedure)


library = _Library()


# Versions and editions never change, so what is known of them by number or hash is kept as well.


@lru_cache(maxsize=1024)
def hash_of(version_id: int) -> str:
    """Return the hash of a PolicyVersion.pk."""
    return PolicyVersion.objects.values_list("hash", flat=True).get(pk=version_id)


@lru_cache(maxsize=1024)
def version_of(pack_hash: str) -> int:
    """Return the PolicyVersion.pk of a hash."""
    return PolicyVersion.objects.values_list("pk", flat=True).get(hash=pack_hash)


@lru_cache(maxsize=1024)
def name_of(edition_id: int) -> str:
    """Return the edition that a CalendarEdition.pk holds."""
    return CalendarEdition.objects.values_list("edition", flat=True).get(pk=edition_id)


@lru_cache(maxsize=1024)
def edition_of(edition: str) -> int:
    """Return the CalendarEdition.pk of an edition."""
    return CalendarEdition.objects.values_list("pk", flat=True).get(edition=edition)


@lru_cache(maxsize=256)
def version(version_id: int, pack_hash: str) -> PolicyVersion:
    """Return the row of a published version without its sources; it is shared, so nobody changes it.

    The hash is part of the key: where publishing was rolled back, the next version gets the same number.
    """
    return PolicyVersion.objects.defer("sources").get(pk=version_id)


def forget() -> None:
    """Forget which numbers versions and editions have: for tests, whose database begins anew.

    What was compiled stays: it is kept by hash, and a hash means the same in every database.
    """
    for cached in (hash_of, version_of, name_of, edition_of, version, editions.stored):
        cached.cache_clear()
