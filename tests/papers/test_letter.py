"""A letter as PDF: what it says in every script, and that nothing in it is ever more than text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ombud.organisation.sender import Sender
from ombud.papers import fonts
from ombud.papers.errors import MissingFont
from ombud.papers.letter import blocks, letter_pdf
from papers.pdfs import LETTER, has_boxes, pages_of, pictures_of, squeezed, words_of
from samples import picture_file

TEXTS = {
    "zh": ("投诉回执", "尊敬的王小明：\n\n结论：“退款 1,234.50 元”——已完成。"),
    "zh-Hant": ("投訴回條", "尊敬的王小明：\n\n結論：退款已完成。"),
    "ja": ("苦情受付通知", "山田様\n\nご連絡をいただき、ありがとうございます。カード返金。"),
    "de": ("Eingangsbestätigung", "Guten Tag Frau Müßig,\n\nwir prüfen Ihre Beschwerde über 1.234,50 €."),
    "fr": ("Accusé de réception", "Bonjour,\n\nvotre réclamation a bien été reçue ; cœur, naïf, « été »."),
    "es": ("Acuse de recibo", "Hola:\n\n¿Cómo está? Año, señor, reclamación."),
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_letter_says_in_each_language_what_was_written(language: str) -> None:
    title, body = TEXTS[language]
    made = letter_pdf(replace(LETTER, language=language, title=title, body=body))
    said = words_of(made)
    for part in (title, *body.split("\n\n"), "KD-1234-ABCD", "2 March 2026", LETTER.verify_at):
        assert squeezed(part) in said
    assert not has_boxes(made)


def test_an_arabic_letter_runs_from_right_to_left() -> None:
    made = letter_pdf(replace(LETTER, language="ar", title="إشعار باستلام شكواكم", body="رقم الشكوى: KD-1234"))
    said = words_of(made)
    assert all(word in said for word in ("إشعار", "باستلام", "شكواكم", "رقم", "الشكوى"))
    assert not has_boxes(made)


HOSTILE = (
    '#read("/etc/passwd")',
    '#include "paper.typ"',
    '#import "@preview/cetz:0.3.0"',
    "$ sum_(i=0)^n $",
    r"\#panic() \u{41}",
    "```raw``` `#x`",
    "<script>alert(1)</script> @ref <label>",
    "= Heading *bold* _it_ // comment /* more */",
    "{{ 7 * 7 }} {% now 'Y' %}",
    '"]); #image("/etc/hostname")',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_a_command_is_printed_as_it_was_typed(text: str) -> None:
    hostile = replace(LETTER, title=text, body=f"{text}\n\n- {text}", policy=text, date=text, reference=text)
    said = words_of(letter_pdf(hostile))
    assert said.count(squeezed(text)) >= 5
    assert "root:" not in said


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert letter_pdf(LETTER) == letter_pdf(LETTER)


def test_a_long_letter_numbers_its_pages_and_breaks_what_has_no_spaces() -> None:
    made = letter_pdf(replace(LETTER, body="long words. " * 2000 + "\n\n" + "x" * 5000))
    pages = pages_of(made)
    assert pages > 3
    assert f"Page{pages}of{pages}" in words_of(made)


def test_logo_seal_and_address_of_the_sender_stand_on_the_paper() -> None:
    sender = Sender(
        names={"zh": "示例公司", "en": "Example Ltd"}, addresses={"en": "1 Long Road\nTown", "zh": "长路1号"},
        logo=picture_file(size=(9, 9)), seal=picture_file(size=(8, 8)),
    )  # fmt: skip
    plain, made = letter_pdf(LETTER), letter_pdf(replace(LETTER, sender=sender))
    assert squeezed("Example Ltd 1 Long Road Town") in words_of(made)
    assert "Example" not in words_of(plain)
    assert (pictures_of(plain), pictures_of(made)) == (0, 2)
    assert squeezed("示例公司") in words_of(letter_pdf(replace(LETTER, sender=sender, language="zh")))


def test_letters_without_a_font_are_said_and_never_become_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_has_glyph", lambda char: not "\u0600" <= char <= "\u06ff")
    with pytest.raises(MissingFont) as raised:
        letter_pdf(replace(LETTER, body="إشعار"))
    assert str(raised.value) == "no font for Arabic: install fonts-noto-core"


def test_a_sign_without_a_glyph_is_named_and_what_controls_a_terminal_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "_has_glyph", lambda char: char != "\U0001f621")
    assert fonts.ready("angry \U0001f621\x1b[0m!\n") == "angry [U+1F621][0m!\n"


def test_every_script_that_an_installation_needs_comes_with_it() -> None:
    assert fonts.missing_scripts() == []
    assert len(fonts.folders()) == len(fonts.PACKAGES)


def test_of_markdown_letters_use_paragraphs_and_lists() -> None:
    assert blocks("One\ntwo\n\n- a\n- b\nafter\n\n\n- c\n") == [
        {"kind": "paragraph", "text": "One\ntwo"},
        {"kind": "list", "items": ["a", "b"]},
        {"kind": "paragraph", "text": "after"},
        {"kind": "list", "items": ["c"]},
    ]


def test_fonts_are_read_once_one_after_the_other_until_one_has_the_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    have = {("first", 0): "ab", ("second", 0): "c", ("third", 1): "d"}
    read: list[str] = []

    def glyphs(path: str, number: int) -> list[int]:
        read.append(path)
        return [ord(char) for char in have[path, number]]

    monkeypatch.setattr(fonts, "_files", lambda: tuple(have))
    monkeypatch.setattr(fonts, "_read", glyphs)
    known = fonts._Glyphs()
    assert ("a" in known, read) == (True, ["first"])
    assert ("c" in known, "b" in known, read) == (True, True, ["first", "second"])
    assert ("x" in known, "y" in known, "d" in known, read) == (False, False, True, ["first", "second", "third"])
