"""Words that stand in the same texts are one thing: of each such set one word is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping

_ALIKE = 0.8  # share of their texts that two words have in common: one thing


def apart(found: Mapping[str, Collection[int]]) -> list[str]:
    """Return the words, in most texts first, without those whose texts another one has too.

    The pairs of neighbours of a longer Chinese word are one thing.
    """
    kept: list[tuple[str, set[int]]] = []
    for word in sorted(found, key=lambda each: (-len(found[each]), each)):
        mine = set(found[word])
        if all(len(mine & other) < _ALIKE * len(mine | other) for _word, other in kept):
            kept.append((word, mine))
    return [word for word, _texts in kept]
