"""Currencies by ISO 4217, and the other names that people write them by, from the data file beside this module."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

import yaml


def currencies() -> frozenset[str]:
    """Return the codes of all currencies that an amount may be in."""
    return _known()[0]


def currency_code(written: str, own: str) -> str | None:
    """Return the code of a currency however it is written, or None where there is none such.

    `own` is the policy's currency, which is meant where only a sign is written that it shares with others.
    """
    codes, names, shared = _known()
    name = unicodedata.normalize("NFKC", written).strip().upper()
    if own in shared.get(name, ()):
        return own
    code = names.get(name, name)
    return code if code in codes else None


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[str], Mapping[str, str], Mapping[str, Sequence[str]]]:
    """Return the codes, the code of every other name, and the codes that share a sign."""
    text = files("ombud.policy").joinpath("currencies.yaml").read_text(encoding="utf-8")
    known = yaml.load(text, Loader=yaml.BaseLoader)
    names = {name: code for code, names in known["written"].items() for name in names}
    return frozenset(known["codes"].split()), names, known["shared"]
