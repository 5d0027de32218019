"""Words of texts and of queries as the full-text index knows them: one analyser, whatever the database.

A text becomes terms: words whole, in parts and joined, English ones by their stem too; of Chinese every pair of
neighbours; amounts as numbers, those in myriads too. A query becomes groups of which each must be found, in one of the
ways that its words may have been written in, and phrases, of which the index knows the pairs only: whoever reads the
text asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from snowballstemmer.english_stemmer import EnglishStemmer

from ombud.cases import myriads
from ombud.privacy.characters import DOT, EMAIL_IN_TEXT, folded, shortened, spread
from ombud.privacy.contacts import EXTENSION, at_home

WORD, LONGEST = 40, 12  # letters of a word that count; groups of a query that count
TYPED = 400  # characters of a query that are read
SHORTEST = 3  # letters from which a word of a query finds longer words that begin with it
MORE = "*"  # at the end of a term: whatever begins so
_PARTS = 12  # parts of a code beyond which it is not taken apart: nobody remembers a piece of a checksum

Alternative = tuple[str, ...]  # terms that are all there
Group = tuple[Alternative, ...]  # one of them is enough
Exact = Callable[[str], Iterable[str]]  # a piece of a query -> terms that say the same of a person or an order

_CJK = (
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    r"\u3040-\u30ff\u31f0-\u31ff\uac00-\ud7af\u1100-\u11ff\u0e00-\u0e7f"  # kana, Hangul, Thai
)
# Letters and digits are \w without the underscore, as str.isalnum has them.
_C, _L = rf"(?:(?![\W_])[{_CJK}])", rf"(?:(?![_{_CJK}])\w)"
# What joins the pieces of one word: KT-2000X, O'Brien, 1,299.50, U.S.A.; but not "leaks.The" or "red,blue".
_JOIN = rf"(?:[-'{DOT}/_&]|(?<=\d)[.,](?=\d)|(?<!{_L}{_L})\.(?={_L}(?!{_L})))"
# The dot in a name is left out, spaced, or typed as a full stop or hyphen.
_HAN = rf"{_C}(?:(?:[.-]|[ ]?{DOT}[ ]?)?{_C})*"
_RUN = re.compile(rf"(?P<run>{_HAN})|(?P<code>{_L}+(?:{_JOIN}{_L}+)*)")
# A number in groups: a telephone, an account, an amount with blanks; not a part of a longer code.
_GROUPED = re.compile(rf"(?<!{_L})(?<![-/.])\+?\(?\d+\)?(?:[ ()./-]{{1,2}}\d+)+(?:,\d{{1,2}})?(?!{_L})")
_PART = re.compile(r"\d+|[^\W\d_]+")
_PIECE = re.compile(r"[^\W_]+")
# In a query a blank beside a digit may be one that the text does not have, or has as a hyphen.
_CODE = re.compile(rf"{_L}+(?:(?:{_JOIN}|(?<=\d) (?={_L})|(?<={_L}) (?=\d)){_L}+)*")
_ASKED = re.compile(rf"(?P<run>{_HAN})|(?P<code>{_CODE.pattern})")
_NUMBER = re.compile(rf"(?<!{_L})(?:tel: ?)?([+(]*\d(?:[\d ()./,'-]*\d)?)(?:\)?{folded(EXTENSION)})?(?!{_L})")
_DECIMAL = re.compile(rf"(?<!\d)\d++(?:[.,'{DOT}]\d++)++")
# What an excerpt is taken from: a stretch of a line that ends with a word.
_STRETCH = re.compile(r".{1,160}(?!\w)|.{1,160}")
_EXCERPT, _BEFORE, _CUT = 70, 24, "\u2026"  # letters from the first hit, and before it
_FEW = 5  # digits from which a number may be a telephone's
_POINTS = ((",", "."), (".", ","), ("'", "."), (" ", "."), (" ", ","))  # between thousands, before the fraction
_AMOUNTS = [
    (each, re.compile(rf"(\d{{1,3}}(?:[{each}]\d{{2,3}})*[{each}]\d{{3}}|\d+)(?:[{point}](\d+))?"))
    for each, point in _POINTS
]


def tokens(text: str) -> list[str]:
    """Return the distinct terms of a text."""
    found: dict[str, None] = {}
    for _, places in _found(folded(text)):
        for _, _, term in places:
            found[term] = None
    return list(found)


def terms(query: str, exact: Exact = lambda _: ()) -> list[Group]:
    """Return what must be found for a query: twelve groups at most. Nothing for one without a letter or digit.

    `exact` adds the terms by which a telephone number, address or order number is known, however it is written.
    """
    found, words = _taken_apart(query, exact)
    alone: list[Group] = []
    for match in words:
        if match["run"]:
            run = _bare(match["run"])
            found.extend(((run[place : place + 2],),) for place in range(len(run) - 1))
            alone += [((run,),)] if len(run) == 1 else []
        else:
            found.append(_code(match["code"], exact))
    # A character beside others stands in no index by itself: the phrases ask for it.
    return list(dict.fromkeys(found or alone))[:LONGEST]


def is_single(query: str) -> bool:
    """Return whether a query is nothing but Chinese characters that stand alone, which no index knows."""
    groups, words = _taken_apart(query, lambda _: ())
    return bool(words) and not groups and all(match["run"] and len(_bare(match["run"])) == 1 for match in words)


def phrases(query: str) -> list[str]:
    """Return the runs of Chinese in a query that are no pair: their letters must stand beside each other in a text."""
    _, words = _taken_apart(query, lambda _: ())
    runs = [_bare(match["run"]) for match in words if match["run"]]
    return list(dict.fromkeys(run for run in runs if len(run) != 2))


def holds(text: str, phrases: Iterable[str]) -> set[str]:
    """Return which of the phrases stand in a text, over the end of a line or not."""
    runs, before = [""], 0
    plain = folded(text)
    for match in _RUN.finditer(plain):
        if match["run"] is not None:
            is_broken = before > 0 and plain[before : match.start()].isspace()
            runs[-1:] = [runs[-1] + _bare(match["run"])] if is_broken else [runs[-1], _bare(match["run"])]
            before = match.end()
    return {phrase for phrase in phrases if any(phrase in run for run in runs)}


def _taken_apart(query: str, exact: Exact) -> tuple[list[Group], list[re.Match[str]]]:
    """Return the groups of the addresses and numbers in a query, and the words of the rest."""
    rest = folded(query[:TYPED])
    found: list[Group] = []
    for pattern, read in ((EMAIL_IN_TEXT, _address), (myriads.ASKED, _sum), (_NUMBER, _number)):
        kept, place = [], 0
        for match in pattern.finditer(rest):
            if group := read(match, exact):
                found.append(group)
                kept.append(rest[place : match.start()])
                place = match.end()
        rest = "\n".join([*kept, rest[place:]])
    return found, list(_ASKED.finditer(rest))


def marked(text: str, query: Sequence[Group]) -> list[tuple[str, bool]]:
    """Return the text in pieces, each with whether the query finds it there."""
    plain, places = spread(text)
    stretches = [(places[start], places[end], term) for start, end, term in _placed(plain)] if query else []
    single = {term for group in query for alternative in group for term in alternative if len(term) == 1}
    stretches += [(places[at], places[at + 1], letter) for at, letter in enumerate(plain) if letter in single]
    hits = [False] * len(text)
    for first, last in (place for group in query for place in _hits(group, stretches)):
        hits[first:last] = [True] * (last - first)
    found: list[tuple[str, bool]] = []
    for letter, is_hit in zip(text, hits, strict=True):
        if found and found[-1][1] == is_hit:
            found[-1] = (found[-1][0] + letter, is_hit)
        else:
            found.append((letter, is_hit))
    return found


def excerpt(text: str, query: Sequence[Group]) -> list[tuple[str, bool]]:
    """Return a few words around the first place in a text where the query finds something, marked as `marked` does."""
    # Most pieces hold nothing of a query, which is seen much faster than where it is.
    begun = {_bare(term)[:SHORTEST] for group in query for alternative in group for term in alternative}
    for match in _STRETCH.finditer(text):
        plain = folded(match.group())
        bare = _bare(plain)
        short = shortened(bare)
        if not any(each and (each in bare or each in short) for each in begun) and not any(myriads.sums(plain)):
            continue
        pieces = marked(match.group().strip(), query)
        if any(is_hit for _, is_hit in pieces):
            return _cut(pieces)
    return []


def _cut(pieces: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Return the pieces without what is too far from the first hit."""
    hit = next(number for number, (_, is_hit) in enumerate(pieces) if is_hit)
    before = "".join(letters for letters, _ in pieces[:hit])
    found = [(before if len(before) <= _BEFORE else _CUT + before[-_BEFORE:], False)] if before else []
    room = _EXCERPT
    for letters, is_hit in pieces[hit:]:
        found.append((letters if len(letters) <= room else letters[:room] + _CUT, is_hit))
        if (room := room - len(letters)) <= 0:
            break
    return found


def _hits(group: Group, stretches: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int]]:
    """Yield where a group is found: in one word if it can be, else the pieces of a code, if all of them are there."""

    def places(term: str) -> list[tuple[int, int]]:
        begun = term.removesuffix(MORE)
        is_whole = begun == term
        return [
            (first, last)
            for first, last, known in stretches
            if (known == term if is_whole else known.startswith(begun))
        ]

    found = [[places(term) for term in alternative] for alternative in group]
    whole = [each for each in found if all(each)]
    for each in [each for each in whole if len(each) == 1] or whole:
        yield from (place for several in each for place in several)


_Places = Iterable[tuple[int, int, str]]  # terms, each with where it begins and ends


def _placed(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the terms of a folded text, each with where it stands, some several times."""
    for at, found in _found(text):
        yield from ((at + start, at + end, term) for start, end, term in found)


def _found(text: str) -> Iterator[tuple[int, _Places]]:
    """Yield the terms of a folded text, those of a word together, with what is to be added to their places."""
    before = 0  # where a run of Chinese ended, if nothing but blanks came since
    for match in _RUN.finditer(text):
        if match["run"] is None:
            code = match["code"]
            yield match.start(), _of_word(code) if len(code) <= WORD else _terms_of(code)
            continue
        letters = [(match.start() + n, letter) for n, letter in enumerate(match["run"]) if letter.isalnum()]
        if before and text[before : match.start()].isspace():  # a line that was broken, a name that was spaced out
            letters.insert(0, (before - 1, text[before - 1]))
        yield 0, [(place, place + 1, letter) for place, letter in letters if len(letters) == 1]
        yield 0, [(place, end + 1, letter + following) for (place, letter), (end, following) in pairwise(letters)]
        before = match.end()
    for match in _GROUPED.finditer(text):
        yield 0, _joined(match.group(), match.start(), _PIECE)
        yield 0, [(match.start(), match.end(), each) for each in _amounts(match.group())]
    yield 0, myriads.sums(text)
    if "@" in text:
        yield 0, [(match.start(), match.end(), _bare(match.group())[:WORD]) for match in EMAIL_IN_TEXT.finditer(text)]


# Most words of a text were in others before it; a long one is a key or a trick, and is not kept.
@lru_cache(maxsize=1 << 15)
def _of_word(code: str) -> tuple[tuple[int, int, str], ...]:
    """Return the terms of a word with all that is joined to it, each with where it stands in it."""
    return tuple(_terms_of(code))


def _terms_of(code: str) -> Iterator[tuple[int, int, str]]:
    for match in _PIECE.finditer(code):
        yield from ((match.start(), match.end(), each) for each in _forms(match.group()))
    yield from _joined(code, 0, _PART)
    for match in _DECIMAL.finditer(code):  # with a currency before or behind it or not
        yield from ((match.start(), match.end(), each) for each in _amounts(match.group()))


def _forms(word: str) -> tuple[str, ...]:
    """Return a word as it stands, its stem, and how it is spelled with an accent that it may be written without."""
    word = word[:WORD]
    return tuple(dict.fromkeys((word, _stem(word), shortened(word))))


def _joined(code: str, at: int, pattern: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the parts of a code, and joined whatever follows each: a query finds all that begins with it."""
    parts = [(match.start(), match.end(), match.group()) for match in pattern.finditer(code)]
    if len(parts) == 1:
        return
    if len(parts) > _PARTS:
        parts = [(0, len(code), "".join(part for _, _, part in parts))]
    for number, (start, end, part) in enumerate(parts):
        yield at + start, at + end, part[:WORD]
        for each in _forms("".join(part for _, _, part in parts[number:])):
            yield at + start, at + parts[-1][1], each


def _amounts(written: str) -> list[str]:
    """Return the numbers that digits with separators may mean: 1,299.50 is 1299.5, and 1.299 also 1299."""
    if written.isdigit() or not written[0].isdigit():
        return []
    found = []
    for between, pattern in _AMOUNTS:
        if match := pattern.fullmatch(written):
            whole = match[1].replace(between, "").lstrip("0") or "0"
            part = (match[2] or "").rstrip("0")
            found.append(f"{whole}{DOT}{part}"[:WORD] if part else whole[:WORD])
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    """Return the stem of an English word; of others, in letters without accents, what the same rules make of them."""
    if not (word.isascii() and word.isalpha()):
        return word
    stem: str = EnglishStemmer().stemWord(word)  # holds what it works on, so no two threads may share one
    return stem


def _more(word: str) -> str:
    return word[:WORD] + MORE if len(word) >= SHORTEST else word


def _group(*alternatives: Iterable[str]) -> Group:
    return tuple(dict.fromkeys(tuple(dict.fromkeys(each)) for each in alternatives))


def _code(code: str, exact: Exact) -> Group:
    """Return the ways in which a word, or a code of several pieces, may be written: joined, apart, by its stem."""
    pieces, parts = _PIECE.findall(code), _PART.findall(code)
    whole, amount = "".join(pieces), _DECIMAL.search(code)
    beside = [_more(word) for word in _PART.findall(_DECIMAL.sub(" ", code))] if amount else []
    return _group(
        [_more(whole)],
        [_stem(whole[:WORD])],
        [_more(piece) for piece in pieces],
        [_stem(piece[:WORD]) for piece in pieces],
        [shortened(piece[:WORD]) for piece in pieces],
        *([[_more(part) for part in parts]] if len(parts) <= _PARTS else []),
        *([*beside, each] for each in (_amounts(amount.group()) if amount else ())),
        *([term] for term in exact(code)),
    )


def _number(match: re.Match[str], exact: Exact) -> Group:
    """Return the ways in which a number may be written, or nothing for one that is a word like others."""
    number = match[1]  # without the extension behind it
    pieces = _PIECE.findall(number)
    digits = "".join(pieces)
    amounts = _amounts(number)
    if len(digits) < _FEW and not amounts:
        return ()
    return _group(
        [_more(digits)],
        [_more(piece) for piece in pieces],
        *([amount] for amount in amounts),
        *([_more(each)] for each in at_home(number)),
        *([term] for term in exact(match.group())),
    )


def _sum(match: re.Match[str], _: Exact) -> Group:
    return _group([myriads.asked(match.group())])


def _address(match: re.Match[str], exact: Exact) -> Group:
    return _group([_more(_bare(match.group()))], *([term] for term in exact(match.group())))


def _bare(code: str) -> str:
    return "".join(_PIECE.findall(code))
