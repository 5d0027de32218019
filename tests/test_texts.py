"""One order in which a text is looked for in a reader's language, and one way to read a catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import translation

import ombud
from ombud.interface.templatetags.ombud import text as shown
from ombud.organisation.models import words
from ombud.policy.draw import _Drawing
from ombud.texts import LANGUAGES, Catalogue, filled, joined, nearest, same, spoken
from policy.builders import changed

SOURCE = Path(ombud.__file__).parent


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ({"zh": "是", "en": "yes"}, "zh", "是"),
        ({"zh": "是", "en": "yes"}, "zh-hans", "是"),
        ({"zh": "是", "en": "yes"}, "fr", "yes"),
        ({"zh": "是"}, "fr", "是"),
        ({"zh": "", "en": "yes"}, "zh", "yes"),
        ({"zh": "是", "en": "yes", "pt-BR": "sim"}, "pt-br", "sim"),
        ({"zh": "是", "en": "yes", "pt-BR": "sim"}, "pt", "sim"),
        ({"zh": "是", "en": "yes", "pt-BR": "sim"}, "pt-PT", "sim"),
        ({"zh": "是", "zh-Hant": "是的"}, "zh-hant", "是的"),
        ({"zh": "", "en": ""}, "zh", ""),
        ({}, "zh", ""),
        ("yes", "zh", "yes"),
    ],
)
def test_a_text_is_read_in_the_nearest_language_then_in_english_then_in_any(text, language: str, expected: str):
    assert spoken(text, language) == expected


def test_of_several_wanted_languages_the_first_that_is_near_counts():
    assert nearest(["zh", "en", "de"], "tr", "de-AT") == "de"
    assert nearest(["zh", "en"], "tr", "de") == "en"
    assert nearest([], "tr") is None


@pytest.mark.parametrize("language", ["zh-hans", "en", "pt", "pt-br"])
def test_pages_letters_and_drawings_choose_the_same_words(language: str):
    text = {"zh": "是", "en": "yes", "pt-BR": "sim"}
    with translation.override(language):
        assert shown(text) == words(text) == spoken(text, language)
    pack = changed()
    assert _Drawing(pack, pack.main, language).text(text) == spoken(text, language)


def test_a_sentence_is_filled_in_by_language():
    template = {"zh": "{who}：{n}", "en": "{who}: {n:02}"}
    assert filled(template, {"who": {"zh": "甲", "en": "A"}, "n": 3}) == {"zh": "甲：3", "en": "A: 03"}
    assert joined([same("a"), {"zh": "乙", "en": "B"}, "c"], {"zh": "、", "en": ", "}) == {
        "zh": "a、乙、c",
        "en": "a, B, c",
    }


def catalogues() -> list[Catalogue]:
    found = []
    for path in SOURCE.rglob("*.py"):
        for package, file in re.findall(r'Catalogue\("([\w.]+)", "([\w./]+)"\)', path.read_text("utf-8")):
            found.append(Catalogue(package, file))
    return found


@pytest.mark.parametrize("catalogue", catalogues(), ids=lambda each: f"{each._package}/{each._file}")
def test_a_catalogue_says_everything_in_every_language(catalogue: Catalogue):
    def look(entry: object, path: tuple[str, ...]) -> int:
        if not isinstance(entry, dict):
            return 0
        if set(entry) & set(LANGUAGES):
            assert set(entry) >= set(LANGUAGES), path
            return 1
        return sum(look(each, (*path, key)) for key, each in entry.items())

    assert look(catalogue.entries, ()) >= 3


def test_no_module_has_a_reading_of_its_own():
    """A second order of languages, or a second way to read a catalogue, would drift from the first."""
    order = re.compile(r"""\.get\(["'](en|zh)["']|get_language\(\) or "zh"|BaseLoader|LANGUAGES = \(""")
    others = {"texts.py", "channels/importer/mapping.py", "worktime/announcements.py", "policy/starter/writing.py"}
    others |= {"policy/currencies.py"}  # names in many scripts, data and no texts: nothing is said in a language
    found = [
        f"{path.relative_to(SOURCE).as_posix()}:{number}"
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).as_posix() not in others
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if order.search(line)
    ]
    assert found == []
