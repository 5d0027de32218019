"""Full text: overlapping bigrams of our own in the database's own index, newest first, scoped inside the index.

Each case is one document. Beside its words it holds marks for whom it may be shown to; they begin
with a private-use character that the tokenizer never lets through, so no text can forge one.
Words that masked readers must not see, names above all, stand behind another such character: who
may not read them cannot find a case by them either.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from django.db import connection

MARK, CLOSED = "\ue000", "\ue001"
_CJK = (
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    r"\u3040-\u30ff\u31f0-\u31ff\uac00-\ud7af\u1100-\u11ff\u0e00-\u0e7f"  # kana, Hangul, Thai
)
# Letters and digits are \w without the underscore, as str.isalnum has them.
_RUN = re.compile(rf"((?:(?![\W_])[{_CJK}])+)|((?:(?![_{_CJK}])\w)+)")
WORD, LONGEST = 40, 12  # letters of a word that count; terms of a query that count
# PostgreSQL takes a megabyte of terms a document and fails beyond it, and with it the act that adds a word.
# What goes beyond this many bytes is not found by its words; nobody can make a case stand still by writing much.
ROOM = 400_000
_FEW = 2000  # terms that fit for certain, so that the size of most documents need not be looked at


def _runs(text: str) -> Iterator[tuple[bool, str]]:
    """Yield (is CJK, run of letters and digits), normalised: width, case and accents do not matter."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    # Character by character this took a third of the time of filing a complaint.
    accents = {ord(letter): None for letter in set(plain) if unicodedata.combining(letter)}
    if accents:
        plain = plain.translate(accents)
    for found in _RUN.finditer(unicodedata.normalize("NFC", plain)):
        yield found.lastindex == 1, found.group()


def tokens(text: str) -> list[str]:
    """Return the distinct terms of a text: words whole; of Chinese every pair of neighbours and every character."""
    found: dict[str, None] = {}
    for is_cjk, run in _runs(text):
        if is_cjk:
            found.update(dict.fromkeys(run))  # a query may be a single character
            found.update(dict.fromkeys(run[place : place + 2] for place in range(len(run) - 1)))
        else:
            found[run[:WORD]] = None
    return list(found)


def document(open_words: str, closed_words: str) -> list[str]:
    """Return the terms of what every reader of a case may read, and those that only `closed_words` hold, marked."""
    found = tokens(open_words)
    known = set(found)
    return [*found, *(CLOSED + term for term in tokens(closed_words) if term not in known)]


def terms(query: str) -> list[str]:
    """Return the terms of a query, of which the first twelve count: its words, and of Chinese its pairs."""
    found: dict[str, None] = {}
    for is_cjk, run in _runs(query):
        if is_cjk and len(run) > 1:
            found.update(dict.fromkeys(run[place : place + 2] for place in range(len(run) - 1)))
        else:
            found[run[:WORD]] = None
    return list(found)[:LONGEST]


def mark(kind: str, value: object) -> str:
    """Return the mark of a viewer or policy, spelled so that both databases take it for one word."""
    return MARK + kind + "".join(f"{byte:02x}" for byte in str(value).encode())


def fitting(document: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the marks, all of them, and of the terms as many as there is room for."""
    marks, words, room = [], [], ROOM
    for term in dict.fromkeys(document):
        if term.startswith(MARK):
            marks.append(term)
        elif (room := room - len(term.encode())) >= 0:
            words.append(term)
    return marks, words


def index_document(case_id: int, document: Sequence[str]) -> None:
    """Index a new case by its terms and marks."""
    write_many([(case_id, document)])


def write_many(documents: Sequence[tuple[int, Sequence[str]]]) -> None:
    """Index new cases: (case id, its terms and marks)."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.executemany(
                "INSERT INTO cases_search (case_id, tokens) VALUES (%s, array_to_tsvector(%s))"
                " ON CONFLICT (case_id) DO UPDATE SET tokens = excluded.tokens",
                [(case_id, sorted(words + marks)) for case_id, terms in documents for marks, words in [fitting(terms)]],
            )
        else:
            cursor.executemany(
                "INSERT INTO cases_search (rowid, tokens) VALUES (%s, %s)",
                [(case_id, " ".join(terms)) for case_id, terms in documents],
            )


def add(case_id: int, words: Sequence[str]) -> None:
    """Add terms or marks to a case's document."""
    if not words:
        return
    marks, terms = fitting(words)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "UPDATE cases_search SET tokens = tokens || array_to_tsvector(%s)"
                " || CASE WHEN length(tokens) < %s OR octet_length(tokens::text) < %s"
                " THEN array_to_tsvector(%s) ELSE ''::tsvector END WHERE case_id = %s",
                [sorted(marks), _FEW, ROOM, sorted(terms), case_id],
            )
        else:
            cursor.execute(
                "UPDATE cases_search SET tokens = tokens || ' ' || %s WHERE rowid = %s",
                [" ".join(marks + terms), case_id],
            )


def drop(case_id: int) -> None:
    """Forget a case's document."""
    key = "case_id" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete=ON")  # or the freed pages keep the words
        cursor.execute(f"DELETE FROM cases_search WHERE {key} = %s", [case_id])


def compact() -> None:
    """Merge the index, so that words of erased cases leave it for good (SQLite keeps them until then)."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO cases_search (cases_search) VALUES ('optimize')")


def find(
    query: str, *, any_of: Sequence[str], in_full: Sequence[str] | None = None, below: int | None, limit: int
) -> list[int]:
    """Return the ids of the newest cases that hold every term and one of `any_of` the marks.

    Empty `any_of` means no scope. Closed words count in cases with one of the marks `in_full`, without
    it everywhere. A query without a single letter or digit finds nothing.
    """
    wanted = terms(query)
    if not wanted:
        return []
    expression, last = _expression(wanted, any_of, in_full), 2**62 if below is None else below
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_NEWEST, [last, expression, limit])
            found = [case_id for (case_id,) in cursor.fetchall()]
            if len(found) == limit:
                return found
        cursor.execute(_POSTGRESQL if connection.vendor == "postgresql" else _SQLITE, [expression, last, limit])
        return [case_id for (case_id,) in cursor.fetchall()]


_SQLITE = "SELECT rowid FROM cases_search WHERE cases_search MATCH %s AND rowid < %s ORDER BY rowid DESC LIMIT %s"
# A cast, not to_tsquery: its parser would take words apart by rules that hang on the database's locale.
# Left alone PostgreSQL takes a word that it has no statistics of for a frequent one, and reads every case for a word
# that no case holds. So frequent words are looked for among the newest cases, and the index is asked for the rest;
# the sum keeps it from walking along the key after all.
_NEWEST = (
    "SELECT case_id FROM (SELECT case_id, tokens FROM cases_search WHERE case_id < %s ORDER BY case_id DESC LIMIT 1000)"
    " AS newest WHERE tokens @@ %s::tsquery ORDER BY case_id DESC LIMIT %s"
)
_POSTGRESQL = (
    "SELECT case_id FROM cases_search WHERE tokens @@ %s::tsquery AND case_id < %s ORDER BY case_id + 0 DESC LIMIT %s"
)


def _expression(wanted: Sequence[str], any_of: Sequence[str], in_full: Sequence[str] | None) -> str:
    # Terms hold letters, digits and marks only, so quoting them is enough.
    quote, both, either = ("'", " & ", " | ") if connection.vendor == "postgresql" else ('"', " AND ", " OR ")

    def one_of(words: Sequence[str]) -> str:
        return "(" + either.join(f"{quote}{word}{quote}" for word in words) + ")"

    is_open = both.join(f"{quote}{word}{quote}" for word in wanted)
    is_there = both.join(one_of([word, CLOSED + word]) for word in wanted)
    if in_full is None:
        found = is_there
    elif in_full:
        found = f"(({is_open}){either}({one_of(in_full)}{both}{is_there}))"
    else:
        found = is_open
    return f"{found}{both}{one_of(any_of)}" if any_of else found


CREATE = {
    "sqlite": [
        "CREATE VIRTUAL TABLE cases_search USING fts5"
        "(tokens, detail=none, tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co'\")"
    ],
    "postgresql": [
        "CREATE TABLE cases_search (case_id bigint PRIMARY KEY, tokens tsvector NOT NULL)",
        "CREATE INDEX cases_search_tokens ON cases_search USING gin (tokens)",
    ],
}
DROP = "DROP TABLE cases_search"
