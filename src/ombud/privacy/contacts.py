"""Telephone numbers, addresses and order numbers made comparable: one spelling for each, however it was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import phonenumbers
from phonenumbers import CountryCodeSource, PhoneNumber, PhoneNumberType

PHONE, NATIONAL, EMAIL, ORDER = "phone", "national", "email", "order"
Key = tuple[str, str]  # (kind, the one spelling)

_LONGEST = 500  # characters of a value that are read: no field of contacts holds more
_FEW, _MANY = 5, 20  # digits of a telephone number
_APART = re.compile(r"[,;|\n\u3001]+")
# Whoever answers behind a switchboard has its number: "ext. 12" is known to the library, these are not.
_EXTENSION = re.compile(r"\s*(?:\u8f6c|\u8f49|\u5206\u673a|\u5206\u6a5f|#)\s*[:\uff1a]?\s*\d{1,6}\s*$")
_BEHIND = re.compile(r"(?<=\d{4})\s*-\s*\d{1,5}\s*$")  # the same behind a hyphen, where the whole is no number
_LETTERS = re.compile(r"(?!(?:ext|tel|x)\b)\b[a-z]")
_ABROAD = (CountryCodeSource.FROM_NUMBER_WITH_PLUS_SIGN, CountryCodeSource.FROM_NUMBER_WITH_IDD)
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+'-]++@[\w-]++(?:\.[\w-]++)++", re.ASCII)
# Letters and digits with what people put between: SO-2026 1129/7 is one number.
_CODE = re.compile(r"(?<![a-z0-9])[a-z0-9]+(?:[-_/.#]{0,2}[a-z0-9]+)*(?![a-z0-9])")
_DATE = re.compile(r"(?:19|20)\d\d[-/.]?[01]?\d[-/.]?[0-3]?\d")
_CODE_DIGITS, _CODE_LENGTH = 6, 8  # of an order number: anything shorter is a model or a price


def plain(text: str) -> str:
    """Return the text in half width and small letters, without what cannot be seen, every digit as 0 to 9."""
    letters = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()
    return "".join(
        str(unicodedata.decimal(letter)) if unicodedata.category(letter) == "Nd" else letter
        for letter in letters
        if unicodedata.category(letter) not in ("Cf", "Mn")
    )


def phones(text: str, region: str | None) -> list[Key]:
    """Return the numbers in a text as they are dialled from `region` (ISO 3166, None: only from abroad).

    Each is known by its international form, without an extension, and by what is dialled within its country.
    """
    found: dict[Key, None] = {}
    for number in _numbers(text, region):
        found[PHONE, f"+{number.country_code}{_national(number)}"] = None
        found[NATIONAL, _national(number)] = None
    return list(found)


def mobile(text: str, region: str | None) -> str:
    """Return the first number in a text that takes SMS, as it is dialled from abroad; empty where there is none."""
    for number in _numbers(text, region):
        if phonenumbers.number_type(number) in _MOBILE:
            return f"+{number.country_code}{_national(number)}"
    return ""


def phones_asked(text: str, regions: Iterable[str]) -> list[Key]:
    """Return what a number that somebody looks for may be known by: with its country's code, or where one dials it."""
    found: dict[Key, None] = {}
    if _LETTERS.search(plain(text)):
        return []  # the library would read letters as keys of a telephone
    for region in dict.fromkeys([*regions, None]):
        for number in _numbers(text, region):
            has_code = number.country_code_source != CountryCodeSource.FROM_DEFAULT_COUNTRY
            if has_code:
                found[PHONE, f"+{number.country_code}{_national(number)}"] = None
            if number.country_code_source not in _ABROAD:
                found[NATIONAL, _national(number)] = None
    return list(found)


def addresses(text: str) -> list[Key]:
    """Return the e-mail addresses in a text."""
    return [(EMAIL, each) for each in dict.fromkeys(_ADDRESS.findall(plain(text)))]


def orders(text: str) -> list[Key]:
    """Return the order, account and serial numbers in a text: long enough to be one, and no date."""
    found: dict[Key, None] = {}
    for written in _CODE.findall(plain(text)):
        code = re.sub(r"[^a-z0-9]", "", written)
        digits = sum(letter.isdigit() for letter in code)
        if len(code) >= _CODE_LENGTH and digits >= _CODE_DIGITS and not _DATE.fullmatch(written):
            found[ORDER, code] = None
    return list(found)


#: Fields of the base by which somebody or something is known again, with what reads them.
FIELDS: Mapping[str, Callable[[str, str | None], list[Key]]] = {
    "phone": phones,
    "email": lambda text, _region: addresses(text),
    "account": lambda text, _region: orders(text),
    "object": lambda text, _region: orders(text),
}


def keys_of(data: Mapping[str, Any], region: str | None) -> list[Key]:
    """Return what the fields of a submission are known by."""
    found: dict[Key, None] = {}
    for name, read in FIELDS.items():
        value = data.get(name)
        if isinstance(value, str):
            found.update(dict.fromkeys(read(value, region)))
    return list(found)


def asked(text: str, regions: Iterable[str]) -> list[Key]:
    """Return what a piece of a search may be known by."""
    return [*phones_asked(text, regions), *addresses(text), *orders(text)]


def _numbers(text: str, region: str | None) -> Iterator[PhoneNumber]:
    """Yield the numbers in a text; one that nobody knows how to dial with what is left without the zeros before it."""
    for number in _written(plain(text)):
        digits = [letter for letter in number if letter.isdigit()]
        if not _FEW <= len(digits) <= _MANY or len(set(digits)) == 1:  # nobody has 00000000
            continue
        found = _parsed(number, region)
        if found is None or not phonenumbers.is_valid_number(found):
            before = _parsed(_BEHIND.sub("", number), region)
            if before is not None and phonenumbers.is_valid_number(before):
                yield before
                continue
            # 49 30 901820 is a number of Germany, where it is none of the region's.
            other = _parsed("+" + "".join(digits).lstrip("0"), None)
            if other is not None and phonenumbers.is_valid_number(other):
                other.country_code_source = CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN
                found = other
        yield found or PhoneNumber(
            country_code=0,
            national_number=int("".join(digits)),
            country_code_source=CountryCodeSource.FROM_DEFAULT_COUNTRY,
        )


def _written(text: str) -> Iterator[str]:
    """Yield the numbers as they stand beside each other, without extensions."""
    for each in _APART.split(text):
        several = each.split("/")  # two numbers, or the area from the rest of one: 030/901820
        is_one = any(sum(letter.isdigit() for letter in part) < _FEW for part in several)
        yield from (_EXTENSION.sub("", number) for number in ([each] if is_one else several))


def _parsed(number: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number, region, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None


def _national(number: PhoneNumber) -> str:
    return phonenumbers.national_significant_number(number)
