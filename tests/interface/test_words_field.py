"""What people type into a form is plain words, whichever page asks; only what programs compare is left as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.core.exceptions import ValidationError

import ombud
from ombud.interface.words_field import WordsField

SOURCES = Path(ombud.__file__).parent
#: Amounts, which the register reads, and codes; beside what says `strip=False`: passwords, secrets, headers.
AS_IT_IS = {"interface/money_field.py", "project/entrance/code_form.py"}


@pytest.mark.parametrize("blank", ["", " \u3000", "\u200b", "\u3164\u2800", "\x07\u202e", "\ufeff\u2060"])
def test_what_nobody_sees_is_no_answer(blank: str) -> None:
    with pytest.raises(ValidationError) as refused:
        WordsField().clean(blank)
    assert refused.value.code == "required"
    assert WordsField(required=False).clean(blank) == ""


def test_words_are_kept_as_the_register_keeps_them() -> None:
    assert WordsField().clean(" \u202e退\u200b款\x07\n甲 ") == "退款 甲"
    assert WordsField(widget=forms.Textarea()).clean("退款\r\n\u202e甲\u2028乙") == "退款\n甲\n乙"
    assert WordsField().clean("e\u0301") == "\u00e9"


def test_no_form_asks_for_words_in_another_way() -> None:
    assert {place for place in others()} == AS_IT_IS


def others() -> Iterator[str]:
    """Yield the modules that make a text field of Django's own that may take words."""
    for path in SOURCES.rglob("*.py"):
        for call in (each for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.Call)):
            is_text = isinstance(call.func, ast.Attribute) and call.func.attr == "CharField"
            is_of_a_form = is_text and ast.unparse(call.func) == "forms.CharField"
            if is_of_a_form and not any(each.arg == "strip" for each in call.keywords):
                yield path.relative_to(SOURCES).as_posix()
