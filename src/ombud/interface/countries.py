"""Countries and regions as readers know them: those of ISO 3166-1, by name, in the order of the reader's language."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Mapping
from functools import lru_cache

from babel import Locale
from django.conf import settings

from ombud.interface.locales import locale
from ombud.texts import Catalogue, Text, base_of, spoken

CATALOGUE = Catalogue("ombud.interface", "countries.yaml")
CHINESE = "zh"


def codes() -> frozenset[str]:
    """Return the two-letter codes of ISO 3166-1."""
    beside = frozenset(CATALOGUE.entry("beside"))
    known = (str(code) for code in Locale.parse("en").territories)
    return frozenset(code for code in known if len(code) == 2 and code.isalpha()) - beside


def name(code: str) -> str:
    """Return what a country or region is called: by the organisation, else here, else in CLDR; its code if nowhere."""
    language = str(locale())
    for names in (settings.OMBUD_COUNTRY_NAMES, CATALOGUE.entry("names")):
        text: Text = names.get(code, {})
        if base_of(language.replace("_", "-")) in map(base_of, text):
            return spoken(text, language.replace("_", "-"))
    return str(locale().territories.get(code, code))


def choices(first: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return code and name of all of them, in the reader's order, those that come `first` before the others."""
    own = json.dumps(settings.OMBUD_COUNTRY_NAMES, sort_keys=True)
    return list(_choices(str(locale()), own, frozenset(first)))


@lru_cache(maxsize=64)
def _choices(_language: str, _own: str, first: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Return the choices as they are in a language: every form with such a field asks for them anew."""
    names = {code: name(code) for code in codes()}
    order = sorted(names, key=lambda code: (code not in first, sound(names[code])))
    return tuple((code, names[code]) for code in order)


def sound(word: str) -> tuple[str, bytes]:
    """Return what a name is sorted by: letters without their marks, Chinese characters by their sound (pinyin)."""
    if base_of(str(locale()).replace("_", "-")) != CHINESE:
        plain = unicodedata.normalize("NFKD", word).casefold()
        return "".join(each for each in plain if not unicodedata.combining(each)), b""
    return "", word.translate(_sounds()).encode("gb18030")


@lru_cache(maxsize=1)
def _sounds() -> Mapping[int, str]:
    return {ord(written): as_if for written, as_if in CATALOGUE.entry("sounds").items()}
