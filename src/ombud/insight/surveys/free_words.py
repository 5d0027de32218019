"""Free words of a survey, grouped by the words that several of them share, so that many can be read at a glance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ombud.cases import analyser
from ombud.cases.models import Case
from ombud.insight.alike import apart
from ombud.insight.surveys.results import Wanted, words_of_span
from ombud.insight.surveys.wording import vault_of, words_of

MOST = 300  # texts that are opened, the newest
GROUPS, LEAST = 8, 3  # groups that are shown; texts that make one
_COMMON = 0.6  # a word in a larger share of the texts tells none of them apart
_SHORTEST = 4  # letters of a word that is written in letters
_EMPTY = frozenset({
    "about", "after", "again", "also", "because", "been", "could", "from", "have", "into", "just", "more", "much",
    "only", "should", "some", "than", "that", "their", "them", "then", "there", "they", "this", "very", "were", "what",
    "when", "which", "will", "with", "would", "your",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """What one complainant wrote."""

    case: Case
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Texts that share a word; without one, those that share none with others."""

    word: str
    texts: tuple[Text, ...]


def groups(wanted: Wanted, question: str) -> list[Group]:
    """Return what was written in answer to a question, the largest groups first, the rest in one without a word."""
    texts = []
    for row in words_of_span(wanted, most=MOST):
        if words := words_of(row, question, vault_of(row)):
            texts.append(Text(case=row.case, words=words))
    return grouped(texts)


def grouped(texts: Sequence[Text]) -> list[Group]:
    """Return the texts by a word that enough of them share; each stands in one group."""
    found: dict[str, set[int]] = defaultdict(set)
    for number, text in enumerate(texts):
        for word in set(analyser.tokens(text.words)):
            if _tells(word):
                found[word].add(number)
    most = max(LEAST, _COMMON * len(texts))
    many = {word: places for word, places in found.items() if LEAST <= len(places) <= most}
    kept: list[Group] = []
    left = set(range(len(texts)))
    for word in apart(many):
        mine = many[word] & left
        if len(mine) >= LEAST and len(kept) < GROUPS:
            kept.append(Group(word=word, texts=tuple(texts[place] for place in sorted(mine))))
            left -= mine
    rest = [Group(word="", texts=tuple(texts[place] for place in sorted(left)))] if left else []
    return [*sorted(kept, key=lambda group: -len(group.texts)), *rest]


def _tells(word: str) -> bool:
    if not word.isalpha():
        return False
    return len(word) >= _SHORTEST and word not in _EMPTY if word.isascii() else len(word) >= 2
