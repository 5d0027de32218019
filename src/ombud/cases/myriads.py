"""Numbers with Chinese units behind their digits: what is written as 1.5 and the sign for ten thousand is 15000 too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from ombud.privacy.characters import DOT

_POWERS = {"\u767e": 2, "\u5343": 3, "\u4e07": 4, "\u4ebf": 8}  # bai, qian, wan, yi, as folded texts have them
_UNIT = f"[{''.join(_POWERS)}]"
_PART = re.compile(rf"(\d{{1,9}}(?:,\d{{3}}){{0,3}}(?:\.\d{{1,9}})?) ?({_UNIT}{{1,3}})")
_WRITTEN = re.compile(rf"(?<![a-z\d.,])(?:{_PART.pattern})+")
# Whoever asks means a number where it ends there, or with the name of a currency: not 3 and a department store, which
# begins like three hundred. (Yuan, kuai, yu, duo; America, Hong Kong, Europe, Japan, Britain, Taiwan.)
ASKED = re.compile(
    rf"{_WRITTEN.pattern}(?=[^\w\u3400-\U0003ffff]|$|[\u5143\u5757\u4f59\u591a\u7f8e\u6e2f\u6b27\u65e5\u82f1\u53f0])"
)


def sums(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the numbers of a folded text, each with where it begins and ends: of several parts, after each of them."""
    for written in _WRITTEN.finditer(text):
        total = Decimal(0)
        for part in _PART.finditer(text, written.start(), written.end()):
            total += Decimal(part[1].replace(",", "")).scaleb(sum(_POWERS[unit] for unit in part[2]))
            yield written.start(), part.end(), _plain(total)


def asked(written: str) -> str:
    """Return the number that a part of a query says, all of which `ASKED` matched."""
    return [number for _, _, number in sums(written)][-1]


def _plain(number: Decimal) -> str:
    whole, _, part = f"{number:f}".partition(".")
    part = part.rstrip("0")
    return f"{whole}{DOT}{part}" if part else whole
