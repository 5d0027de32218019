"""Full text: each case a document of terms in the database's own index, newest receipt first, scoped inside it.

Of its words a document holds keyed hashes, in no order: see `blind_terms`.
Beside its words a document holds marks: for whom the case may be shown to, and where it stands, so that every
filter is one more term to the index. Marks begin with a private-use character that the analyser never lets through,
so no text can forge one. Words that masked readers must not see, names above all, stand behind another such
character: who may not read them cannot find a case by them either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from ombud.cases import blind_terms
from ombud.cases.analyser import Group, tokens
from ombud.cases.blind_terms import KNOWN
from ombud.cases.bulk_sql import Filled, Insert, write_together
from ombud.organisation.round_trips import vendor
from ombud.privacy import freed_pages

MARK, CLOSED = "\ue000", "\ue001"
# PostgreSQL takes a megabyte of terms a document and fails beyond it, and with it the act that adds a word.
# What goes beyond this many bytes is not found by its words; nobody can make a case stand still by writing much.
ROOM = 400_000
_BYTES = 2 * blind_terms.SIZE  # of a hash as it is written
_STEP = 500  # pages of the index that are merged before others may write
_FEW = 2000  # terms that fit for certain, so that the size of most documents need not be looked at

#: Fields of a case that lists are filtered by -> the kind of mark that says their value.
FILTERED: Mapping[str, str] = {
    "policy": "q", "procedure": "c", "channel": "h", "phase": "f", "department": "d", "office": "e", "handler": "p",
}  # fmt: skip
POLICY, VIEWER, GRADE, OPENNESS = FILTERED["policy"], "v", "g", "o"

# A document's key puts cases in the order of their receipt: the second, then the case. 28 bits are 268 million cases.
_BITS = 28
_EARLIEST, _LATEST = -(1 << 34), (1 << 35) - 1  # seconds that fit a key: from 1425 to 3058


def key_of(received_at: datetime, case_id: int) -> int:
    """Return the key of a case's document."""
    assert case_id < 1 << _BITS, "a key has room for so many cases"
    return bound(received_at, case_id)


def bound(at: datetime, case_id: int = 0) -> int:
    """Return the key that older cases are below, whatever an address asks for."""
    return min(max(int(at.timestamp()), _EARLIEST), _LATEST) << _BITS | min(case_id, (1 << _BITS) - 1)


def place_of(key: int) -> tuple[datetime, int]:
    """Return when the case of a document was received, to the second, and its id."""
    return datetime.fromtimestamp(key >> _BITS, UTC), key & ((1 << _BITS) - 1)


def document(open_words: str, closed_words: str) -> list[str]:
    """Return the terms of what every reader of a case may read, and those that only `closed_words` hold, marked."""
    found = tokens(open_words)
    known = set(found)
    return [*found, *(CLOSED + term for term in tokens(closed_words) if term not in known)]


def known_as(kind: str, digest: str) -> str:
    """Return the term by which a telephone number, address or order number finds its cases; see privacy.blind."""
    return KNOWN + kind[0] + digest[:24]


def mark(kind: str, value: object) -> str:
    """Return the mark of a viewer, policy or state, spelled so that both databases take it for one word."""
    return MARK + kind + str(value).encode().hex()


def fitting(document: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the marks, all of them, and of the terms' hashes as many as there is room for, in no order that tells."""
    each = dict.fromkeys(document)
    words = blind_terms.forms([term for term in each if term[:1] != MARK])
    return [term for term in each if term[:1] == MARK], sorted(words[: ROOM // _BYTES])


def index_document(key: int, document: Sequence[str]) -> None:
    """Index a new case by its terms and marks."""
    write_many([(key, ready(document))])


Ready = str  # a document as both databases take it: its terms and marks, a blank between them


def ready(document: Sequence[str]) -> Ready:
    """Return terms and marks as they are written: whatever can be done before others wait for the lock."""
    marks, words = fitting(document)
    return " ".join(words + marks)


def write_many(documents: Sequence[tuple[int, Ready]]) -> None:
    """Index new cases: (key, terms and marks made ready)."""
    write_together([], beside=[filled(documents)])


def filled(documents: Sequence[tuple[int, Ready]]) -> Filled:
    """Return what indexes new cases, to be written with the rest of them."""
    return _INSERT[vendor()], [list(each) for each in documents]


_INSERT = {
    "postgresql": Insert(
        "INSERT INTO cases_search (key, tokens) VALUES",
        "(%s, array_to_tsvector(string_to_array(%s, ' ')))",  # the driver takes a list apart in Python
        " ON CONFLICT (key) DO UPDATE SET tokens = excluded.tokens",
    ),
    "sqlite": Insert("INSERT INTO cases_search (rowid, tokens) VALUES", "(%s, %s)"),
}


def change(key: int, *, fresh: Sequence[str], gone: Collection[str] = ()) -> None:
    """Add terms and marks to a case's document, and take marks away that hold no more."""
    if not fresh and not gone:
        return
    marks, words = fitting(fresh)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "UPDATE cases_search SET tokens = ts_delete(tokens, %s::text[]) || array_to_tsvector(%s)"
                " || CASE WHEN length(tokens) < %s OR octet_length(tokens::text) < %s"
                " THEN array_to_tsvector(%s) ELSE ''::tsvector END WHERE key = %s",
                [list(gone), sorted(marks), _FEW, ROOM, sorted(words), key],
            )
            return
        # A mark stands between blanks and only once, so that one replacement takes it away.
        kept = "' ' || tokens || ' '"
        for _ in gone:
            kept = f"replace({kept}, %s, ' ')"
        cursor.execute(
            f"UPDATE cases_search SET tokens = trim({kept}) || %s || iif(length(tokens) < %s, %s, '') WHERE rowid = %s",
            [*(f" {mark} " for mark in gone), _listed(marks), ROOM, _listed(words), key],
        )


def _listed(terms: Sequence[str]) -> str:
    return "".join(f" {term}" for term in terms)


def drop(key: int) -> None:
    """Forget a case's document."""
    column = "key" if connection.vendor == "postgresql" else "rowid"
    freed_pages.overwrite()  # or the freed pages keep the words
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM cases_search WHERE {column} = %s", [key])


def clear() -> None:
    """Forget every document."""
    freed_pages.overwrite()
    with connection.cursor() as cursor:
        for statement in (DROP, *CREATE[connection.vendor]):
            cursor.execute(statement)


def compact() -> None:
    """Merge the index, so that terms of erased cases leave it for good (SQLite keeps them until then).

    In steps, each a short transaction of its own: a large index takes seconds, and nobody is to wait for all of them.
    """
    if connection.vendor != "sqlite":
        return
    freed_pages.overwrite()
    with connection.cursor() as cursor:
        pages = -_STEP  # the sign begins it anew, whatever was merged before
        while True:
            before = _changes(cursor)
            cursor.execute("INSERT INTO cases_search (cases_search, rank) VALUES ('merge', %s)", [pages])
            if _changes(cursor) - before < 2:  # as its manual says: nothing was left to merge
                return
            pages = _STEP


def _changes(cursor: Any) -> int:
    cursor.execute("SELECT total_changes()")
    (found,) = cursor.fetchone()
    return int(found)


def find(
    query: Sequence[Group],
    *,
    any_of: Sequence[str] = (),
    all_of: Sequence[str] = (),
    in_full: Sequence[str] | None = None,
    since: int | None = None,
    below: int | None = None,
    limit: int,
) -> list[int]:
    """Return the keys of the newest documents that hold every group, all of the marks `all_of` and one of `any_of`.

    Empty `any_of` means no scope. Closed words count in documents with one of the marks `in_full`, without it
    everywhere. `since` and `below` bound the keys. A query without a single letter or digit finds nothing.
    """
    if not query:
        return []
    expression = _expression(query, any_of, all_of, in_full)
    first, last = -(2**62) if since is None else since, 2**63 - 1 if below is None else below
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_NEWEST, [last, first, expression, limit])
            found = [key for (key,) in cursor.fetchall()]
            if len(found) == limit:
                return found
        cursor.execute(_POSTGRESQL if connection.vendor == "postgresql" else _SQLITE, [expression, last, first, limit])
        return [key for (key,) in cursor.fetchall()]


_SQLITE = (
    "SELECT rowid FROM cases_search WHERE cases_search MATCH %s AND rowid < %s AND rowid >= %s"
    " ORDER BY rowid DESC LIMIT %s"
)
# A cast, not to_tsquery: its parser would take words apart by rules that hang on the database's locale.
# Left alone PostgreSQL takes a word that it has no statistics of for a frequent one, and reads every case for a word
# that no case holds. So frequent words are looked for among the newest cases, and the index is asked for the rest;
# the sum keeps it from walking along the key after all.
_NEWEST = (
    "SELECT key FROM (SELECT key, tokens FROM cases_search WHERE key < %s AND key >= %s ORDER BY key DESC LIMIT 1000)"
    " AS newest WHERE tokens @@ %s::tsquery ORDER BY key DESC LIMIT %s"
)
_POSTGRESQL = (
    "SELECT key FROM cases_search WHERE tokens @@ %s::tsquery AND key < %s AND key >= %s ORDER BY key + 0 DESC LIMIT %s"
)


def _expression(
    query: Sequence[Group], any_of: Sequence[str], all_of: Sequence[str], in_full: Sequence[str] | None
) -> str:
    """Return what to look for in the database's own words; hashes and marks need no more than quoting."""
    quote, both, either = ("'", " & ", " | ") if connection.vendor == "postgresql" else ('"', " AND ", " OR ")

    def one_of(found: Sequence[str]) -> str:
        return found[0] if len(found) == 1 else "(" + either.join(found) + ")"

    def word(term: str) -> str:
        known_by = [term] if term.startswith(MARK) else blind_terms.of_query(term)
        return one_of([f"{quote}{each}{quote}" for each in known_by])

    def every(found: Sequence[str]) -> str:
        return found[0] if len(found) == 1 else "(" + both.join(found) + ")"

    def there(*before: str) -> str:
        """Return that every group is there, its terms as they are or behind a mark."""
        found = [
            [every([one_of([word(mark + term) for mark in before]) for term in alternative]) for alternative in group]
            for group in query
        ]
        return every([one_of(list(dict.fromkeys(group))) for group in found])

    if in_full is None:
        found = there("", CLOSED)
    elif in_full:
        found = one_of([there(""), every([one_of([word(each) for each in in_full]), there("", CLOSED)])])
    else:
        found = there("")
    scope = [one_of([word(each) for each in any_of])] if any_of else []
    return both.join([found, *(word(each) for each in all_of), *scope])


CREATE = {
    # Hashes and marks are words already: all but ASCII is a letter to this tokenizer, and a blank is none.
    "sqlite": ["CREATE VIRTUAL TABLE cases_search USING fts5 (tokens, detail=none, tokenize='ascii')"],
    "postgresql": [
        "CREATE TABLE cases_search (key bigint PRIMARY KEY, tokens tsvector NOT NULL)",
        "CREATE INDEX cases_search_tokens ON cases_search USING gin (tokens)",
    ],
}
#: What holds a row for each document, cheap to count: FTS5 would read every document of its own.
ROWS = {"sqlite": "cases_search_docsize", "postgresql": "cases_search"}
DROP = "DROP TABLE IF EXISTS cases_search"
