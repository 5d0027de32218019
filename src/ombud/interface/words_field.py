"""The form field for words that people type, on whatever page: plain, as the register keeps all texts."""

from __future__ import annotations

from typing import Any

from django import forms

from ombud.policy.plain_text import plain


class WordsField(forms.CharField):
    """Words without what nobody sees and what turns the text around it about; of these alone, nothing was typed.

    What programs compare letter by letter, passwords and tokens, is no such words.
    """

    def to_python(self, value: Any) -> Any:
        """Return the words; a field of several lines keeps them."""
        said = super().to_python(value)
        return plain(said, lines=isinstance(self.widget, forms.Textarea)) if isinstance(said, str) else said
