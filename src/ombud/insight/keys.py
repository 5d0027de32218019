"""How the values of dimensions read, and in which order they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from ombud.cases.reading.paging import NotOurs, by_id
from ombud.insight.measuring import TOP
from ombud.insight.scopes import DIMENSIONS, PHASE, Key, Words, is_known
from ombud.organisation import library, publishing
from ombud.organisation.models import Department, Office, Person, PolicyVersion, words
from ombud.policy.compare.naming import Names
from ombud.policy.complainant import told
from ombud.policy.model.pack import Pack

_UNSTATED = _("not stated")  # a fact without a value
_UNASSIGNED = _("not assigned")  # no department, office or person
_UNANSWERED = _("not answered yet")  # of what came of a suggestion
_AGES: dict[str, Words] = {
    "0-2": _("up to 2 days"),
    "3-7": _("3 to 7 days"),
    "8-15": _("8 to 15 days"),
    "16-30": _("16 to 30 days"),
    "31-": _("longer than 30 days"),
}
_ROWS = {"department": Department, "office": Office, "handler": Person, "version": PolicyVersion}


def pack_of(policy: str) -> Pack:
    """Return the newest pack of a policy, in whose words figures speak. Raises NotOurs where there is none."""
    version = publishing.latest(policy)
    if version is None:
        raise NotOurs(policy)
    return library.pack(version.hash)


def check(dimension: str, pack: Pack) -> None:
    """Raise NotOurs where figures of the policy cannot be taken apart by a dimension."""
    if not is_known(dimension, pack):
        raise NotOurs(dimension)


def title(dimension: str, pack: Pack) -> Words:
    """Return what a dimension is called: by the pack where it names the fact behind it."""
    if dimension == PHASE:
        return _("Phase")
    dimension = (pack.causes.field or dimension) if dimension == TOP else dimension
    fact = getattr(pack.figures, dimension, None) if dimension in DIMENSIONS else dimension
    return words(dict(Names(pack).fact(fact))) if fact else DIMENSIONS[dimension]


def age(id: str) -> Key:
    return Key(id=id, words=_AGES[id])


def time(dimension: str, begin: datetime) -> Key:
    """Return the key of a month, week or day by its first day."""
    day = begin.date()
    if dimension == "month":
        return Key(id=f"{day:%Y-%m}", words=date_format(day, "YEAR_MONTH_FORMAT"))
    return Key(id=day.isoformat(), words=date_format(day, "MONTH_DAY_FORMAT"))


def named(dimension: str, found: Iterable[Any], pack: Pack) -> dict[Any, Key]:
    """Return the key of each value found."""
    found = list(found)
    if dimension in _ROWS:
        model = _ROWS[dimension]
        rows = {row.pk: str(row) for row in model._default_manager.filter(pk__in=[each for each in found if each])}
        return {each: Key(id=str(each or ""), words=rows.get(each, _UNASSIGNED)) for each in found}
    return {each: Key(id=each, words=value_words(dimension, each, pack)) for each in found}


def one(dimension: str, id: str, pack: Pack) -> Key:
    """Return the key of one value by its id. Raises NotOurs for an id that none can have."""
    if dimension == "age":
        if id not in _AGES:
            raise NotOurs(id)
        return age(id)
    if dimension == PHASE:
        return Key(id=id, words=words(dict(Names(pack).phase(id))))
    value: Any = by_id(id or None) if dimension in _ROWS else id
    return named(dimension, [value], pack)[value]


def value_words(dimension: str, value: str, pack: Pack) -> Words:
    """Return how a value of a fact reads, in the reader's language."""
    if not value:
        asked = pack.figures.suggestion
        return _UNANSWERED if asked is not None and dimension == asked.outcome else _UNSTATED
    if dimension == TOP:
        return words(dict(pack.causes.tree[value].title)) if value in pack.causes.tree else value
    fact = getattr(pack.figures, dimension, None) if dimension in DIMENSIONS else dimension
    if dimension == "channel" and value in pack.channels:
        return words(dict(told(pack.channels[value])))  # its name alone: the title may say what it promises, too
    return words(dict(Names(pack).choice(fact or dimension, value)))


def order(dimension: str, pack: Pack) -> Callable[[tuple[Key, Any]], Any]:
    """Return by what the values of a dimension are sorted: as the pack has them where their order means something."""
    fact = getattr(pack.figures, dimension, None) if dimension in DIMENSIONS else dimension
    kind = pack.kinds.get(fact or "")
    if dimension in ("grade", "satisfaction") or (kind is not None and kind.is_ordered):
        known = list(kind.choices) if kind else []
        return lambda line: (known.index(line[0].id) if line[0].id in known else len(known), line[0].id)
    return lambda line: (-line[1].of, str(line[0].words))
