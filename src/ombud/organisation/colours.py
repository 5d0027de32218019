"""The company's colour on complainants' pages: whether words on it can be read, and the shades that follow from it."""

from __future__ import annotations

import re
from collections.abc import Mapping

AA = 4.5  # contrast of words with what is behind them: WCAG 2.2, 1.4.3
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
LIGHTEST, DARKEST = "#f1f3f6", "#292e38"  # what words stand on at worst: the pressed surfaces of tokens*.css
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_STEPS = 100

Shade = tuple[int, int, int]


def is_colour(text: str) -> bool:
    """Return whether a text is a colour as #rrggbb."""
    return _COLOUR.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG counts it."""
    light, dark = sorted((_luminance(_shade(one)), _luminance(_shade(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str, behind: str, towards: Shade) -> str:
    """Return the colour, or the nearest shade of it towards black or white that can be read on `behind`."""
    for step in range(_STEPS + 1):
        found = _mixed(colour, towards, step / _STEPS)
        if contrast(found, behind) >= AA:
            return found
    return _mixed(colour, towards, 1)


def darkened(colour: str) -> str:
    """Return the colour, or the nearest darker one on which white words can be read."""
    return readable(colour, "#ffffff", BLACK)


def palette(colour: str) -> Mapping[str, tuple[str, str]]:
    """Return token -> (by day, by night) of a colour on which white words can be read."""
    soft, deep = _mixed(colour, WHITE, 0.92), _mixed(colour, _shade("#14171c"), 0.82)
    hover, night = _mixed(colour, BLACK, 0.14), readable(colour, DARKEST, WHITE)
    return {
        "accent": (colour, colour),
        "accent-hover": (hover, hover),
        "accent-text": (readable(colour, min(soft, LIGHTEST, key=_lightness), BLACK), readable(night, deep, WHITE)),
        "accent-soft": (soft, deep),
        "accent-line": (_mixed(colour, WHITE, 0.7), _mixed(colour, _shade("#14171c"), 0.55)),
        "focus": (colour, night),
    }


def _lightness(colour: str) -> float:
    return _luminance(_shade(colour))


def _shade(colour: str) -> Shade:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, other: Shade, part: float) -> str:
    """Return the colour with so much of another one in it."""
    mixed = (round(own + (more - own) * part) for own, more in zip(_shade(colour), other, strict=True))
    return "#" + "".join(f"{each:02x}" for each in mixed)


def _luminance(shade: Shade) -> float:
    parts = (each / 255 for each in shade)
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
