"""The company's colour: what follows from any that may be entered can be read, by day and by night."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.organisation import colours

COLOURS = st.integers(0, 0xFFFFFF).map(lambda each: f"#{each:06x}")
#: What words may stand on, by day and by night (tokens.css, tokens-dark.css).
DAY, NIGHT = ("#ffffff", "#f5f6f8", "#f1f3f6"), ("#0d0f13", "#14171c", "#1f232b", "#292e38")


def test_contrast_is_counted_as_wcag_does() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert colours.contrast("#ffffff", "#ffffff") == 1


@pytest.mark.parametrize("said", ["#fff", "#GGGGGG", "0b5fa5", "#0b5fa5;", "red", "#0b5fa5\n"])
def test_what_is_no_colour(said: str) -> None:
    assert not colours.is_colour(said)


@given(COLOURS)
def test_of_every_colour_there_is_a_shade_on_which_white_words_can_be_read(colour: str) -> None:
    assert colours.contrast(colours.darkened(colour), "#ffffff") >= colours.AA


@given(COLOURS.map(colours.darkened))
def test_whatever_follows_from_a_colour_can_be_read_by_day_and_by_night(colour: str) -> None:
    found = colours.palette(colour)
    assert all(colours.is_colour(each) for pair in found.values() for each in pair)
    for number, grounds in enumerate((DAY, NIGHT)):
        words, soft = found["accent-text"][number], found["accent-soft"][number]
        assert min(colours.contrast(words, each) for each in (*grounds, soft)) >= colours.AA
        assert colours.contrast("#ffffff", found["accent"][number]) >= colours.AA
        assert colours.contrast("#ffffff", found["accent-hover"][number]) >= colours.AA
