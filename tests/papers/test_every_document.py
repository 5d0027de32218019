"""Every document of every shipped policy on paper, in every language that it has."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ombud.papers.letter import blocks, letter_pdf
from ombud.policy.documents import filled
from ombud.texts import spoken
from papers.pdfs import LETTER, has_boxes, pages_of, squeezed, words_of
from shipped_packs import pack_of

PACKS = (
    "customer-complaints",
    "data-protection",
    "overseas-customers",
    "student-complaints",
    "training-service",
    "user-complaints",
)
# What stands for a fact: words of the language among figures, and what looks like a command.
FACTS = {
    "zh": "退款1,234.50元（#含税）",
    "en": "refund of $1,234.50 #paid",
    "de": "Rückerstattung: 1.234,50 €, Größe",
    "fr": "remboursement « reçu » : 1 234,50 €",
    "es": "¿devolución? 1.234,50 € mañana",
    "ar": "استرداد المبلغ 1234",
    "ja": "返金1,234円です",
}


def documents() -> Iterator[tuple[str, str, str]]:
    for policy in PACKS:
        for document in pack_of(policy).documents.values():
            for language in document.templates:
                yield policy, document.id, language


@pytest.mark.slow
@pytest.mark.parametrize("policy", PACKS)
def test_it_reads_back_as_it_was_written_without_an_empty_box(policy: str) -> None:
    folder = os.environ.get("OMBUD_SHOTS")
    pack = pack_of(policy)
    for _policy, key, language in (each for each in documents() if each[0] == policy):
        text = filled(pack.documents[key].templates[language], lambda _name, language=language: FACTS[language])
        heading, _, body = text.partition("\n")
        title, of = heading.removeprefix("# "), spoken(pack.title, language)
        made = letter_pdf(replace(LETTER, language=language, policy=of, title=title, body=body))
        if folder:
            Path(folder, f"{policy}-{key}-{language}.pdf").write_bytes(made)
        assert not has_boxes(made), (policy, key, language)
        assert pages_of(made) == 1
        if language == "ar":  # word by word, without those that a vowel sign cuts in two for whoever reads them back
            parts = [word for word in body.replace("- ", "").split() if not any(map(unicodedata.combining, word))]
        else:
            parts = [title, *(part for block in blocks(body) for part in _texts(block))]
        said = words_of(made)
        assert [part for part in parts if squeezed(part).strip("،.:؛") not in said] == [], (policy, key, language)


def _texts(block: dict[str, object]) -> list[str]:
    items = block.get("items")
    return [str(each) for each in items] if isinstance(items, list) else [str(block["text"])]


def test_every_language_of_a_shipped_letter_is_tried() -> None:
    assert {language for _policy, _key, language in documents()} <= FACTS.keys()
