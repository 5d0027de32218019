"""Terms as the search index holds them: keyed hashes, from which no word can be read without the installation's key.

A word is known by its hash; words that begin with it find it by the hashes of its beginnings, which are terms of
their own. What the index still tells without the key: which documents share a term, how many hold it, and from that,
with patience, what very frequent words may be. The order of words it does not tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache, partial
from itertools import chain

from ombud.cases.analyser import MORE, SHORTEST
from ombud.privacy import keys

SIZE = 6  # bytes of a hash: among ten million terms the odds are 1 to 5 that any two are taken for one another
KNOWN = "\ue002"  # before what a person or order is known by, which is looked for whole


def of_query(term: str) -> list[str]:
    """Return the hashes of a term of a query, one of which a document has; MORE at its end asks for whatever begins so.

    They are several only while a new master key takes another's place: part of the index is then under the old one.
    """
    return [_hashed(key, term) for key in keys.every("search")]


def forms(terms: Iterable[str]) -> list[str]:
    """Return the hashes of several terms of a document, each once."""
    known = partial(_with_beginnings, keys.current("search"))
    return list(dict.fromkeys(chain.from_iterable(map(known, terms))))


# Most words of a text were in others before it.
@lru_cache(maxsize=1 << 15)
def _with_beginnings(key: bytes, term: str) -> tuple[str, ...]:
    if KNOWN in term:
        return (_hashed(key, term),)
    first = SHORTEST if term[:1].isalnum() else SHORTEST + 1  # behind the mark of closed words
    begun = (f"{term[:end]}{MORE}" for end in range(first, len(term) + 1))
    return tuple(_hashed(key, each) for each in (term, *begun))


def _hashed(key: bytes, term: str) -> str:
    return hashlib.blake2b(term.encode(), digest_size=SIZE, key=key).hexdigest()
