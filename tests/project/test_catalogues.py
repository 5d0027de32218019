"""The languages of complainants' pages: what there is a catalogue for, and what stands for what one lacks."""

from __future__ import annotations

import gettext
import shutil
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation

from ombud.project import catalogues, messages
from ombud.project.languages import languages

LOCALE = settings.LOCALE_PATHS[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A locale folder with the whole catalogue only."""
    shutil.copytree(LOCALE / "zh_Hans", tmp_path / "zh_Hans", ignore=shutil.ignore_patterns("*.mo"))
    return tmp_path


def compiled(folder: Path, name: str) -> gettext.GNUTranslations:
    catalogues.compile_catalogues([folder])
    with (folder / name / "LC_MESSAGES/django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_pages_come_in_english_and_in_every_language_that_has_a_catalogue(folder: Path) -> None:
    assert [code for code, _name in languages([folder])] == ["zh-hans", "en"]
    catalogues.new_catalogue(folder, "pt-BR")
    assert languages([folder]) == [("zh-hans", "简体中文"), ("en", "English"), ("pt-br", "Português Brasileiro")]


def test_the_languages_that_the_program_comes_with() -> None:
    codes = [code for code, _name in settings.LANGUAGES]
    assert codes == ["zh-hans", "zh-hant", "en", "ar", "de", "es", "fr", "ja"]


def test_a_new_catalogue_gets_what_complainants_read_and_is_completed_in_english(folder: Path) -> None:
    file = catalogues.new_catalogue(folder, "it")
    marked = messages.collect(settings.PACKAGE)
    merged = messages.merge_catalogue(file, marked)
    assert 200 < len(merged) < len(marked) / 2
    merged.find("Evidence").msgstr = "Prove"
    merged.save()
    spoken = compiled(folder, "it")
    assert spoken.gettext("Evidence") == "Prove"
    assert spoken.gettext("Letters") == "Letters"  # not the Chinese of the installation
    assert spoken.gettext("My duties") == "My duties"  # the desk's
    assert [spoken.ngettext("{n} day", "{n} days", n) for n in (1, 2)] == ["{n} day", "{n} days"]


def test_a_catalogue_is_compiled_again_when_the_whole_one_gained_something(folder: Path) -> None:
    catalogues.new_catalogue(folder, "it")
    compiled(folder, "it")
    whole = polib.pofile(str(folder / "zh_Hans/LC_MESSAGES/django.po"))
    whole.append(polib.POEntry(msgid="Something new", msgstr="新事物"))
    whole.save()
    assert compiled(folder, "it").gettext("Something new") == "Something new"


def test_traditional_chinese_is_the_simplified_in_its_characters_except_where_a_comment_says_why() -> None:
    file = LOCALE / "zh_Hant/LC_MESSAGES/django.po"
    source = {(each.msgctxt, each.msgid): each for each in catalogues.from_simplified(file)}
    kept = polib.pofile(str(file))
    by_hand = [each for each in kept if each.tcomment]
    assert 20 < len(by_hand) < 80
    others = [each for each in kept if not each.tcomment]
    assert [each.msgid for each in others if each.msgstr != source[each.msgctxt, each.msgid].msgstr] == []


def test_what_the_desk_alone_says_is_chinese_for_a_reader_of_traditional_chinese() -> None:
    with translation.override("zh-hant"):
        assert translation.gettext("My duties") == "我的待辦"


@pytest.mark.parametrize(("language", "said"), [("de", "innerhalb von 3 Tagen"), ("ar", "خلال 3 أيام")])
def test_numbers_take_the_form_of_their_language(language: str, said: str) -> None:
    with translation.override(language):
        days = translation.ngettext("{n} day", "{n} days", 3).format(n=3)
        assert translation.gettext("within {length}").format(length=days) == said


def test_the_arabic_dual_says_its_number_in_a_word() -> None:
    with translation.override("ar"):
        said = [translation.ngettext("{n} day", "{n} days", n).format(n=n) for n in (1, 2, 11, 100)]
    assert said == ["يوم واحد", "يومين", "11 يومًا", "100 يوم"]
