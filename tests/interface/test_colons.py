"""A name and what is said of it are joined by the colon of the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest
from django.template import Context, Template
from django.utils import translation

import ombud

TRANSLATED = re.compile(r"\{% blocktranslate.*?endblocktranslate %\}", re.DOTALL)
LATIN = re.compile(r"(?:\}\}|%\}|</\w+>):(?:\s|\{%)")  # file:line has none after it


@pytest.mark.parametrize(("language", "said"), [("en", "Answer: agreed"), ("zh-hans", "Answer：agreed")])
def test_the_colon_is_that_of_the_language(language: str, said: str) -> None:
    with translation.override(language):
        assert Template("{% load ombud %}Answer{% colon %}agreed").render(Context()) == said


def test_no_template_joins_by_a_latin_colon_outside_of_translated_sentences() -> None:
    pages = {page: TRANSLATED.sub("", page.read_text("utf-8")) for page in Path(ombud.__file__).parent.rglob("*.html")}
    assert pages
    assert [f"{page}: {found[0]}" for page, text in pages.items() for found in LATIN.finditer(text)] == []


def test_no_chinese_sentence_has_a_latin_colon() -> None:
    catalogue = Path(ombud.__file__).parents[2] / "locale/zh_Hans/LC_MESSAGES/django.po"
    said = [words for each in polib.pofile(str(catalogue)) for words in (each.msgstr, *each.msgstr_plural.values())]
    assert any(said)
    assert [each for each in said if re.search(r"[\u4e00-\u9fff})”s]: ", each) and "Authorization" not in each] == []
