"""Text as the register keeps it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.policy.plain_text import plain


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  a  b  ", "a  b"),
        ("\u3000退款\u00a0", "退款"),
        ("e\u0301", "\u00e9"),  # composed
        ("\u2460\uff21\ufb01", "\u2460\uff21\ufb01"),  # but not respelt: a name may be written so
        ("a\0b\ud800c\x07d\x7fe\x9ff", "abcdef"),
        ("\u200b退\ufeff款\u2060", "退款"),
        ("退款\u202e001 :额金", "退款001 :额金"),
        ("\u2067مرحبا\u2069", "مرحبا"),  # noqa: RUF001
        ("\u200f12\u200e", "12"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # noqa: RUF001 - Persian needs its joiners
        ("ന\u0d4d\u200d", "ന\u0d4d\u200d"),
        ("👩\u200d💻 ❤\ufe0f", "👩\u200d💻 ❤\ufe0f"),
        ("a\U000e0041\U000e0042b", "ab"),  # words in tags, which only machines read
        ("one\r\ntwo\u2028three\tfour", "one two three four"),
        ("\u115f\u3164\u2800\ufe0f", ""),
        ("\u200d\u200c\u200b", ""),
    ],
)
def test_a_line_is_kept_as_it_is_read(written: str, kept: str) -> None:
    assert plain(written) == kept


def test_a_long_text_keeps_its_lines() -> None:
    written = "\n one\r\ntwo\rthree\u2029\tfour \x0b\n"
    assert plain(written, lines=True) == "one\ntwo\nthree\n\tfour"


ANYTHING = st.text(st.characters(codec=None), max_size=40) | st.text(
    " \t\r\n\0\u200b\u200d\u202e\u3164\ufe0fae\u0301\ud800", max_size=12
)


@given(ANYTHING, st.booleans())
def test_what_is_plain_stays_as_it_is(written: str, lines: bool) -> None:
    kept = plain(written, lines=lines)
    assert plain(kept, lines=lines) == kept
    assert unicodedata.is_normalized("NFC", kept)
    kept.encode()  # no halves of characters
    assert not set(kept) & set("\0\r\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\ufeff")
    assert lines or not set(kept) & set("\n\t")
