"""Packs damaged at random: keys dropped, doubled or swapped, names and conditions put where they do not belong."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import yaml

Where = tuple[Any, Any]  # a mapping or list, and a key or index in it

TEXTS = frozenset({"zh", "en", "title", "help", "why", "because", "version", "id", "effective"})
WRAPS = ("not ({0})", "({0}) or ({1})", "({0}) and ({1})", "({1})", "({0}) and not ({1})")
LIMITS = ("1 min", "3 workdays", "30 natural days", "2 h", "8 weeks", "1 month", "3 years", "400 years", "0 h")
RULES = frozenset({"acts", "chains", "duties", "phases", "tables", "procedures", "roles"})


def read(text: str) -> Any:
    """Return a pack as the loader reads it: every value is text."""
    return yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))


def written(tree: Any) -> str:
    """Return a pack's text; `Dumper` writes no aliases, which the loader refuses."""
    return yaml.dump(tree, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=10_000)


class _Plain(getattr(yaml, "CDumper", yaml.Dumper)):  # type: ignore[misc]  # the faster one, where it is there
    def ignore_aliases(self, data: Any) -> bool:
        return True


def damage(tree: Any, dice: random.Random) -> None:
    """Change a pack in one to three places."""
    for _ in range(dice.choice((1, 1, 2, 3))):
        places = [each for each in _places(tree) if each[1] not in TEXTS]
        dice.choice((_change, _change, _change, _drop, _double, _swap, _condition, _condition))(places, dice)


def _places(tree: Any, inside: bool = False) -> Iterator[Where]:
    """Yield every place in what the rules say; clauses, calendars and texts are left alone."""
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in list(entries):
        within = inside or key in RULES
        if within:
            yield tree, key
        yield from _places(value, within)


def _alike(place: Where, places: list[Where]) -> list[Where]:
    """Return the places with the same key, or in lists."""
    return [
        each for each in places if each[1] == place[1] or (isinstance(each[0], list) and isinstance(place[0], list))
    ]


def _change(places: list[Where], dice: random.Random) -> None:
    """Write at one place what stands at another with the same key."""
    holder, key = place = dice.choice(places)
    other, where = dice.choice(_alike(place, places))
    holder[key] = (
        dice.choice(LIMITS) if key in ("within", "every", "at") and dice.random() < 0.3 else deepcopy(other[where])
    )


def _drop(places: list[Where], dice: random.Random) -> None:
    holder, key = dice.choice(places)
    del holder[key]


def _double(places: list[Where], dice: random.Random) -> None:
    """Give one entry of a mapping what another one says, or add it under a new name."""
    maps = [holder for holder, _ in places if isinstance(holder, dict) and len(holder) > 1]
    holder = dice.choice(maps)
    one, other = dice.sample(list(holder), 2)
    holder[dice.choice((one, f"{one}_too"))] = deepcopy(holder[other])


def _swap(places: list[Where], dice: random.Random) -> None:
    holder, key = place = dice.choice(places)
    other, where = dice.choice(_alike(place, places))
    holder[key], other[where] = deepcopy(other[where]), deepcopy(holder[key])


def _condition(places: list[Where], dice: random.Random) -> None:
    """Put another event, or another condition, into a condition."""
    conditions = [each for each in places if each[1] in ("when", "where", "if") and isinstance(each[0][each[1]], str)]
    acts = [key for holder, key in places if isinstance(holder[key], dict) and "by" in holder[key]]
    duties = [key for holder, key in places if isinstance(holder[key], dict) and "bearer" in holder[key]]
    if not conditions:
        return _change(places, dice)
    holder, key = dice.choice(conditions)
    asked = [holder[key] for holder, key in conditions]
    asked += [f"done({each})" for each in acts] + [f"count({each}) >= 2" for each in acts]
    asked += [f"open({each})" for each in duties] + [f"overdue({each})" for each in duties]
    if acts and dice.random() < 0.5:
        holder[key] = re.sub(r"(?<=\()\w+(?=[,)])", lambda _: dice.choice(acts), holder[key])
    else:
        holder[key] = dice.choice(WRAPS).format(holder[key], dice.choice(asked))
    return None
