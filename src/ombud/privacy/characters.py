"""Characters as search and masking compare them: no width, case, accents or script variants, nothing invisible."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

# An e-mail address within a text. Chinese runs on into one without a blank. Begun anew at every letter of a long word,
# or giving letters back, it would take seconds for a text that somebody wrote for that purpose.
EMAIL_IN_TEXT = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++", re.ASCII)
# What has no shape of its own and stands inside words that were copied from chats and web pages, beside all of Cf.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
# Letters that Unicode takes for letters of their own although people type another one for them, as CLDR's Latin-ASCII.
_SPELLED = {
    "\u00e6": "ae", "\u0153": "oe", "\u00f0": "d", "\u00fe": "th", "\u0131": "i", "\u0237": "j", "\u014b": "n",
    "\u0138": "q", "\u0259": "e", "\u01dd": "e", "\u0269": "i", "\u0254": "o", "\u025b": "e", "\u0283": "s",
    "\u0292": "z", "\u0223": "ou", "\u0238": "db", "\u0239": "qp", "\ua733": "aa", "\ua735": "ao",
    "\u02bb": "", "\u02bc": "", "\u02bf": "", "\u02be": "", "\u2018": "'", "\u2019": "'", "\u02b9": "",
    # Arabic and Persian, where keyboards differ: yeh, kaf, teh marbuta; the tatweel only stretches a word.
    "\u0649": "\u064a", "\u06cc": "\u064a", "\u06a9": "\u0643", "\u0629": "\u0647", "\u06c1": "\u0647", "\u0640": "",
    "\u066b": ".", "\u066c": ",",  # of amounts in Arabic: before the fraction, between thousands
}  # fmt: skip
# A German, Nordic or Croatian letter that is written with two: not in queue, neue or Bauer, where both are spoken.
_WRITTEN_OUT = re.compile("(?<![aeq])ue|oe|ae|aa|dj")
_WRITING_OUT = str.maketrans({
    "\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue", "\u00e5": "aa", "\u00f8": "oe", "\u0111": "dj",
    "\u00c4": "Ae", "\u00d6": "Oe", "\u00dc": "Ue", "\u00c5": "Aa", "\u00d8": "Oe", "\u0110": "Dj",
})  # fmt: skip
_WITH = re.compile(r"LATIN SMALL LETTER ([A-Z]{1,2}) WITH ")
_HYPHENS = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u301c\uff5e")
# The dot in names is typed in many ways, or left out.
DOT = "\u00b7"
_DOTS = frozenset("\u0387\u2022\u2027\u2219\u22c5\u25cf\u25e6\u30fb\u16eb\u2e31\u2e33")
# Written in the same words, or names, with either; OpenCC knows them by whole phrases only, or leaves them as they are.
_ALSO = {
    "\u751a": "\u4ec0", "\u4ff1": "\u5177", "\u6c88": "\u6c89", "\u59b3": "\u4f60", "\u7260": "\u5b83",
    "\u5e33": "\u8d26", "\u87a2": "\u8367", "\u8216": "\u94fa", "\u758b": "\u5339", "\u7832": "\u70ae",
    "\u63f9": "\u80cc", "\u6425": "\u6376", "\u7c50": "\u85e4", "\u6c37": "\u51b0", "\u8e2b": "\u78b0",
    "\u540b": "\u5bf8", "\u544e": "\u5c3a", "\u9295": "\u94c1", "\u59ca": "\u59d0", "\u76cc": "\u7897",
    "\U0002363a": "\u6a4b", "\u9089": "\u908a", "\u51a8": "\u5bcc", "\u66fb": "\u6607",
    "\u6df8": "\u6e05", "\u5d8b": "\u5cf6", "\u6ff5": "\u6ff1", "\u6852": "\u6851",
    "\U0002123d": "\u571f", "\u5c2d": "\u582f",
}  # fmt: skip
_VARIANTS = files("ombud.privacy").joinpath("variants.txt")
_HAN = re.compile("[\u2e80-\u2eff\u3400-\u9fff\ufa0e-\ufa29\U00020000-\U0003ffff]")


class _Fold(dict[int, str]):
    """What a character is compared as, worked out when it is first met; `str.translate` asks for each."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _folded(chr(code))
        return found


_FOLD = _Fold()


def folded(text: str) -> str:
    """Return the text as search compares it; hyphens, dots of names and digits are spelled in one way."""
    return unicodedata.normalize("NFKC", text).translate(_FOLD)


def shortened(word: str) -> str:
    """Return a folded word without the letters that stand for an accent where keyboards have none: Mueller is Muller.

    What is folded has lost its accents already, so that words which fall together here are spellings of one name.
    """
    return _WRITTEN_OUT.sub(lambda match: match[0][:1], word)


def spellings(text: str) -> list[str]:
    """Return a name as it is written, and as who has no accents on the keyboard writes it, one way or the other."""
    composed = unicodedata.normalize("NFC", text)
    return list(dict.fromkeys([text, composed.translate(_WRITING_OUT), shortened(folded(text))]))


def spread(text: str) -> tuple[str, list[int]]:
    """Return the text folded, and for each of its letters the place in `text` that it came from, the end last."""
    if text.isascii() and len(plain := text.translate(_FOLD)) == len(text):  # all but what holds control characters
        return plain, list(range(len(text) + 1))
    alone = list(map(_ALONE.__getitem__, map(ord, text)))
    if None not in alone:
        plain = "".join(alone)  # type: ignore[arg-type]  # None is not there
        if "" not in alone and len(plain) == len(text):  # a letter for each
            return plain, list(range(len(text) + 1))
        places = [place for place, plain in enumerate(alone) for _ in plain or ""]
        return "".join(filter(None, alone)), [*places, len(text)]
    letters, places = [], []
    for start, end in _clusters(text):
        plain = folded(text[start:end])
        letters.append(plain)
        places.extend([start] * len(plain))
    return "".join(letters), [*places, len(text)]


class _Alone(dict[int, str | None]):
    """What a character is compared as where nothing around it changes that; None for those that join another one."""

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        self[code] = found = None if _joins(letter) else folded(letter)
        return found


_ALONE = _Alone()


def _joins(letter: str) -> bool:
    return bool(unicodedata.combining(letter)) or "\u1160" <= letter <= "\u11ff" or "\uff9e" <= letter <= "\uff9f"


def _clusters(text: str) -> list[tuple[int, int]]:
    """Return the stretches that fold together: a letter and what combines with it, jamo of one syllable."""
    found: list[tuple[int, int]] = []
    for place, letter in enumerate(text):
        if found and _joins(letter):
            found[-1] = (found[-1][0], place + 1)
        else:
            found.append((place, place + 1))
    return found


def _folded(letter: str) -> str:
    """Return what one character of normalised text is compared as: nothing, one letter or a few."""
    if letter in _HYPHENS:
        return "-"
    if letter in _DOTS:
        return DOT
    category = unicodedata.category(letter)
    if category == "Cf" or _INVISIBLE.match(letter) or (category == "Cc" and not letter.isspace()):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if _HAN.match(letter):
        return _simple().get(letter, letter)
    plain = unicodedata.normalize("NFKD", letter.casefold())
    bare = unicodedata.normalize("NFC", "".join(each for each in plain if not unicodedata.combining(each)))
    return "".join(_spelled(each) for each in bare)


def _spelled(letter: str) -> str:
    if letter in _SPELLED:
        return _SPELLED[letter]
    # A stroke, hook or bar is no accent to Unicode: only the name of such a letter says which one it is.
    found = _WITH.match(unicodedata.name(letter, "")) if not letter.isascii() else None
    return found[1].lower() if found else letter


@cache
def _simple() -> dict[str, str]:
    """Return for every character with another form the one that stands for all its forms.

    OpenCC's tables say which simplified characters a traditional one may become, Unicode's which rare character is an
    everyday one written otherwise. Whatever may stand for one another falls together, transitively: both sides of a
    search are folded alike, so only finding too much could be the price, and words are compared by pairs of characters.
    """
    heads: dict[str, str] = {}

    def head(letter: str) -> str:
        while (up := heads.get(letter, letter)) != letter:
            letter = up
        return letter

    def join(first: str, other: str) -> None:
        if head(other) != head(first):
            heads[head(other)] = head(first)

    for table in ("TSCharacters.txt", "TWVariants.txt", "HKVariants.txt", "JPVariants.txt"):
        for line in files("opencc").joinpath("dictionary", table).read_text("utf-8-sig").splitlines():
            form, _, others = line.partition("\t")
            same = [each for each in (*others.split(), form) if len(each) == 1]
            for other in same[1:]:
                join(same[0], other)  # the first is the usual one
    rare = [line for line in _VARIANTS.read_text("utf-8").splitlines() if not line.startswith("#")]
    for other, usual in [*(" ".join(rare).split()), *((form, usual) for form, usual in _ALSO.items())]:
        join(usual, other)
    return {letter: head(letter) for letter in heads}
