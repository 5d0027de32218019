"""What the shipped policies say is said in both languages: no English word in the Chinese, nor the reverse."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ombud.checks.rules.clauses import check_clauses
from ombud.policy.limitwords import parameter_text
from ombud.policy.model.pack import Pack
from shipped_packs import pack_of

PACKS = (
    "customer-complaints",
    "data-protection",
    "overseas-customers",
    "student-complaints",
    "training-service",
    "user-complaints",
)
# Names and abbreviations that Chinese writes in Latin letters.
LATIN = frozenset({"APP", "CISG", "ERP", "GDPR", "IT", "Line", "Messenger", "WhatsApp"})
WORD = re.compile(r"[A-Za-z]{2,}")
NAMED = re.compile(r"[\w.-]+@[\w.-]+|\d+(?:\.\w+)+")  # addresses and the numbers of clauses
IDENTIFIER = re.compile(r"\b[a-z]+_[a-z_]+\b|->")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def texts(part: Any) -> Iterator[Mapping[str, str]]:
    """Yield every text below a part of a pack."""
    match part:
        case Mapping() if {"zh", "en"} <= part.keys() and all(isinstance(each, str) for each in part.values()):
            yield part
        case Mapping():
            for each in part.values():
                yield from texts(each)
        case tuple() | list():
            for each in part:
                yield from texts(each)
        case _ if dataclasses.is_dataclass(part) and not isinstance(part, type):
            for field in dataclasses.fields(part):
                yield from texts(getattr(part, field.name))


def said(pack: Pack) -> Iterator[Mapping[str, str]]:
    """Yield what people read of a pack: its own words, what it leaves open, the names of its parameters' values."""
    yield from texts(dataclasses.replace(pack, scenarios=(), documents={}))
    yield from (each.title for each in pack.scenarios)
    yield from (parameter_text(each.value) for each in pack.parameters.values())
    yield from (each.message for each in check_clauses(pack))


@pytest.mark.parametrize("policy", PACKS)
def test_the_chinese_has_no_english_word_and_the_english_no_chinese(policy: str) -> None:
    found = list(said(pack_of(policy)))
    english = [each["zh"] for each in found if set(WORD.findall(NAMED.sub("", each["zh"]))) - LATIN]
    chinese = [each["en"] for each in found if CHINESE.search(each["en"])]
    assert (english, chinese) == ([], [])


@pytest.mark.parametrize("policy", PACKS)
def test_no_text_holds_what_the_program_calls_something(policy: str) -> None:
    assert [each["en"] for each in said(pack_of(policy)) if IDENTIFIER.search(each["en"])] == []


@pytest.mark.parametrize("policy", PACKS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_two_facts_are_called_the_same(policy: str, language: str) -> None:
    titles = Counter(field.title[language] for field in pack_of(policy).fields.values())
    assert [title for title, n in titles.items() if n > 1] == []
