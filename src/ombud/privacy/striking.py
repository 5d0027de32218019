"""Where a text names somebody who is known: names whole and in parts, numbers and addresses, however they are written.

Compared are letters and digits alone, folded as search folds them: case, width, accents, traditional and simplified
characters, what cannot be seen and what stands between them make no difference. Struck is rather too much than too
little: a reader who must know more gives a reason and reads the text whole.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import compress, count, pairwise
from typing import NamedTuple

from ombud.privacy.characters import EMAIL_IN_TEXT, spellings, spread

Span = tuple[int, int]

_CJK = (
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    r"\u3040-\u30ff\u31f0-\u31ff\uac00-\ud7af\u1100-\u11ff\u0e00-\u0e7f"  # kana, Hangul, Thai
)
_RUN = re.compile(rf"[{_CJK}]+")
_WORD = re.compile(rf"(?:(?![{_CJK}_\d])\w)+")
_PIECE = re.compile(r"[^\W_]+")
# Numbers long enough to be a telephone's, card's or identity number, whatever stands between the digits but a comma:
# that parts the numbers of a list, or thousands.
_NUMBER = re.compile(r"\+?\d(?:[^\w\n,;\u3001]{0,3}\d){6,}x?")
_SPELLED = re.compile("[\u96f6\u3007\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u4e24\u5e7a]{7,}")
_ANYBODYS = (_NUMBER, _SPELLED)
# What makes one character a name: before it old, young, dear, named; after it Mr, Ms, boss, teacher and the like.
_BEFORE = "\u8001\u5c0f\u963f\u59d3"
_AFTER = (
    "\u5148\u751f", "\u5973\u58eb", "\u5c0f\u59d0", "\u592a\u592a", "\u603b", "\u8001\u5e08", "\u5e08\u5085",
    "\u7ecf\u7406", "\u4e3b\u4efb", "\u67d0", "\u54e5", "\u59d0", "\u963f\u59e8", "\u540c\u5b66", "\u533b\u751f",
)  # fmt: skip
#: Words of names and addresses that are everybody's.
_COMMON = frozenset({
    "the", "of", "and", "mr", "mrs", "ms", "miss", "dr", "von", "van", "der", "den", "de", "la", "le", "du", "da",
    "bin", "al", "el", "flat", "room", "floor", "street", "road", "avenue", "lane", "house", "city", "county",
    "strasse", "str", "platz", "at", "in", "to", "for", "with", "from",
})  # fmt: skip
#: What ends whatever stands before it: a name does not go on behind a comma.
_STOPS = frozenset('\n,;:!?"\u3001\u3002\u300a\u300b\u201c\u201d\u300c\u300d')
_FEW, _NAME, _WINDOW, _DIGITS = 2, 4, 4, 6  # letters: of a part; of a whole Chinese name; of an address; of a number


class _Kept(dict[int, str | None]):
    """What `str.translate` leaves of a text: letters, digits and these signs."""

    def __init__(self, signs: Collection[str] = ()) -> None:
        self.signs = signs

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        self[code] = found = letter if letter.isalnum() or letter in self.signs else None
        return found


_KEPT, _LETTERS = _Kept(_STOPS), _Kept()


class _Known(NamedTuple):
    """What is looked for, folded."""

    runs: tuple[str, ...]  # letters one after another, whatever that is no letter stands between them
    numbers: tuple[str, ...]  # digits likewise
    words: frozenset[str]  # whole words, with an s behind them or not
    within: tuple[str, ...]  # what words of scripts that inflect or write together may hold
    initials: frozenset[str]  # single letters that are a name's where they stand alone as capitals
    single: frozenset[str]  # Chinese characters that are a name's beside a title
    alone: frozenset[str]  # names that are one character, struck wherever they stand


def struck(text: str, known: tuple[str, ...], *, also_unknown: bool = True) -> list[Span]:
    """Return the parts of a text, in order and apart, that must not be read by whom names are masked for.

    `also_unknown` strikes every address and long number, else only those that are known.
    """
    plain, places = spread(text)
    spans = list(_known(text, plain, places, _prepared(known)))
    if also_unknown:
        anybodys = (EMAIL_IN_TEXT, *_ANYBODYS) if "@" in plain else _ANYBODYS
        spans += [match.span() for each in anybodys for match in each.finditer(plain)]
    found = [(places[start], places[end - 1] + 1) for start, end in spans]
    merged: list[Span] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _known(text: str, plain: str, places: Sequence[int], known: _Known) -> Iterator[Span]:
    yield from _runs(plain, known.runs, _KEPT)
    yield from _runs(plain, known.numbers, _LETTERS)  # of a number even commas are no end
    # A text is read word by word only where something in it looks like a part of a name: hardly ever.
    if known.initials or any(word in plain for word in known.words):
        yield from _words(text, plain, places, known)
    if not (known.single.isdisjoint(plain) and known.alone.isdisjoint(plain)):
        for match in _RUN.finditer(plain):
            yield from _singles(match.group(), match.start(), known)


def _runs(plain: str, wanted: Iterable[str], kept: _Kept) -> Iterator[Span]:
    """Yield where letters stand one after another, whatever stands between them that is not kept.

    Latin letters count only where no other letter goes on: Al Lo is not in "all of".
    """
    bare = plain.translate(kept)
    found = [each for each in wanted if each in bare]
    if not found:
        return
    at = list(compress(count(), map(kept.__getitem__, map(ord, plain))))  # where each letter of `bare` stands
    for each in found:
        place = bare.find(each)
        while place >= 0:
            start, end = at[place], at[place + len(each) - 1] + 1
            if not (_goes_on(plain, start) or _goes_on(plain, end)):
                yield start, end
            place = bare.find(each, place + 1)


def _goes_on(plain: str, place: int) -> bool:
    return 0 < place < len(plain) and all(_WORD.match(each) for each in plain[place - 1 : place + 1])


def _words(text: str, plain: str, places: Sequence[int], known: _Known) -> Iterator[Span]:
    """Yield the words that are parts of names, and the capitalised word before one: a first name that nobody knows."""
    before: re.Match[str] | None = None
    for match in _WORD.finditer(plain):
        word = match.group()
        is_capital = text[places[match.start()]].isupper()
        is_part = word in known.words or (word.endswith("s") and word[:-1] in known.words)
        is_part = is_part or any(each in word for each in known.within) or (is_capital and word in known.initials)
        if is_part:
            is_name = before is not None and is_capital and text[places[before.start()]].isupper()
            if is_name and before is not None and plain[before.end() : match.start()] == " ":
                yield before.span()
            yield match.span()
        before = match


def _singles(run: str, start: int, known: _Known) -> Iterator[Span]:
    before, after = _titles()
    for place, letter in enumerate(run):
        has_title = (place > 0 and run[place - 1] in before) or run.startswith(after, place + 1)
        if letter in known.alone or (letter in known.single and has_title):
            yield start + place, start + place + 1


@cache
def _titles() -> tuple[str, tuple[str, ...]]:
    return spread(_BEFORE)[0], tuple(spread(each)[0] for each in _AFTER)


@lru_cache(maxsize=1024)
def _prepared(known: tuple[str, ...]) -> _Known:
    anywhere: dict[str, None] = {}
    words: set[str] = set()
    single: set[str] = set()
    for value in (spelling for name in known for spelling in spellings(name)):
        plain, _ = spread(value)
        if "@" in plain:
            plain = plain.replace("@", " ")
        bare = "".join(_PIECE.findall(plain))
        digits = sum(map(str.isdigit, bare))
        if digits >= _DIGITS and len(bare) - digits <= _FEW:
            anywhere |= dict.fromkeys(_windows(bare, _DIGITS))
            continue
        latin = _WORD.findall(plain)
        if len(bare) > _FEW and (len(latin) > 1 or not latin):
            anywhere[bare] = None
        is_place = digits > 0 or len(latin) > _NAME
        words |= {word for word in latin if word not in _COMMON and (not is_place or len(word) >= _NAME)}
        anywhere |= dict.fromkeys("".join(pair) for pair in pairwise(_PIECE.findall(plain)) if is_place)
        runs = _RUN.findall(plain)
        run = bare if runs and is_place else "".join(runs)
        is_name = not is_place and (len(run) <= _NAME or len(runs) > 1)  # of many peoples in parts, with a dot between
        anywhere |= dict.fromkeys(_windows(run, _FEW if is_name else _WINDOW))
        single |= set(run) if is_name and len(runs) == 1 else set()
    wanted = [each for each in anywhere if len(each) >= _FEW]
    return _Known(
        runs=tuple(each for each in wanted if not each.isdigit()),
        numbers=tuple(each for each in wanted if each.isdigit()),
        words=frozenset(word for word in words if len(word) >= _FEW),
        within=tuple(word for word in words if len(word) > _FEW and not word.isascii()),
        initials=frozenset(word for word in words if len(word) == 1),
        single=frozenset(single),
        alone=frozenset(each for value in known if len(each := spread(value.strip())[0]) == 1 and _RUN.match(each)),
    )


def _windows(run: str, size: int) -> Iterator[str]:
    """Yield all stretches of that many letters, or the whole of what is shorter."""
    yield from (run[place : place + size] for place in range(max(1, len(run) - size + 1)))
