"""Currencies by ISO 4217, and the other names that people write them by, from the data file beside this module."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

import yaml

_YEN, _SIGN = "JPY", "\u00a5"  # the yen's sign is also the yuan's


def currencies() -> frozenset[str]:
    """Return the codes of all currencies that an amount may be in."""
    return _known()[0]


def currency_code(written: str, own: str) -> str | None:
    """Return the code of a currency however it is written, or None where there is none such.

    `own` is the policy's currency, which tells the yen from the yuan where only their sign is written.
    """
    codes, names = _known()
    name = unicodedata.normalize("NFKC", written).strip().upper()
    if name == _SIGN and own == _YEN:
        return own
    code = names.get(name, name)
    return code if code in codes else None


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[str], Mapping[str, str]]:
    """Return the codes, and the code of every other name."""
    text = files("ombud.policy").joinpath("currencies.yaml").read_text(encoding="utf-8")
    known = yaml.load(text, Loader=yaml.BaseLoader)
    return frozenset(known["codes"].split()), {name: code for code, names in known["written"].items() for name in names}
