"""The design system keeps its promises: contrast in both themes, nothing inline that the content policy refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ombud

PACKAGE = Path(ombud.__file__).parent
SHEETS = PACKAGE / "interface/static/ombud"
GROUNDS = ("ground", "surface", "surface-sunken", "surface-hover", "surface-pressed")
WORDS = [(text, ground) for text in ("text", "text-soft", "text-faint", "accent-text") for ground in GROUNDS]
WORDS += [("accent-text", "accent-soft"), ("on-accent", "accent"), ("on-accent", "accent-hover"), ("text", "mark")]
WORDS += [("on-bad", "bad"), ("on-bad", "bad-hover")]
WORDS += [(f"{tone}-text", f"{tone}-soft") for tone in ("good", "warn", "bad", "still")]
WORDS += [(f"{tone}-text", "surface") for tone in ("good", "warn", "bad", "still")]
MARKS = [("line-field", "surface"), ("line-field", "ground"), ("focus", "surface"), ("focus", "ground")]
MARKS += [(tone, "surface") for tone in ("good", "warn", "bad", "still")]


def colours(theme: str) -> dict[str, str]:
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", (SHEETS / "tokens.css").read_text()))
    if theme == "dark":
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", (SHEETS / "tokens-dark.css").read_text()))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the ratio that WCAG 2.2 defines."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_and_marks_stand_out_from_their_ground(theme):
    known = colours(theme)

    weak = [(a, b) for a, b in WORDS if contrast(known[a], known[b]) < 4.5]
    faint = [(a, b) for a, b in MARKS if contrast(known[a], known[b]) < 3]

    assert weak == []
    assert faint == []


def test_the_dark_theme_only_replaces_colours_that_the_light_one_has():
    light = set(re.findall(r"--([\w-]+):", (SHEETS / "tokens.css").read_text()))
    dark = set(re.findall(r"--([\w-]+):", (SHEETS / "tokens-dark.css").read_text()))

    assert dark <= light


# A mail has no style sheet; the frames of a stranger's mail or file may load none, by a policy of their own.
STYLED = (
    "channels/templates/mail/letter.html",
    "workbench/templates/workbench/frame.html",
    "workbench/templates/workbench/evidence_frame.html",
)


def test_no_page_styles_or_scripts_inline():
    found = [
        f"{path.relative_to(PACKAGE)}: {hit}"
        for path in PACKAGE.rglob("templates/**/*.html")
        if path.relative_to(PACKAGE).as_posix() not in STYLED
        for hit in re.findall(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)", path.read_text())
    ]

    assert found == []


def test_every_token_that_a_sheet_uses_exists():
    named = {name for sheet in SHEETS.glob("*.css") for name in re.findall(r"var\(--([\w-]+)\)", sheet.read_text())}
    declared = set(re.findall(r"--([\w-]+):", (SHEETS / "tokens.css").read_text()))

    assert named - declared == set()
