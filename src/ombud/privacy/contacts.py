"""Telephone numbers, addresses and order numbers made comparable: one spelling for each, however it was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import phonenumbers
from phonenumbers import CountryCodeSource, PhoneNumber, PhoneNumberType

PHONE, NATIONAL, UNPLACED, EMAIL, ORDER = "phone", "national", "unplaced", "email", "order"
Key = tuple[str, str]  # (kind, the one spelling)

_LONGEST = 500  # characters of a value that are read: no field of contacts holds more
_FEW, _MANY = 5, 20  # digits of a telephone number
_WHOLE = 7  # digits from which what stands beside a stroke is a number of its own: 030/901820 is one
_APART = re.compile(r"[,;|\n\u3001]+")
_DASHES = re.compile("[\u2010-\u2015\u2212\u30fc]")
_WORDS = (
    "\u8f6c\u5206\u673a|\u8f49\u5206\u6a5f|[\u8f6c\u8f49]|\u5206[\u673a\u6a5f][\u53f7\u865f]?"
    "|[\u5185\u5167][\u7ebf\u7dda]"
    "|ext(?:ension|n)?|x|int(?:erno)?|durchwahl|dw|nst|app(?:arat)?|poste|ramal|anexo|\u0434\u043e\u0431"
)
#: Whoever answers behind a switchboard has its number: "ext. 12", however it is written behind digits.
EXTENSION = rf" *\(? *(?:{_WORDS}|[#*]) *[.:]? *\(?\d{{1,6}}(?!\d)\)?"
_EXTENSION = re.compile(rf"(?<=[\d)]){EXTENSION}")
_BEHIND = re.compile(r"(?<=\d{4})\s*-\s*\d{1,5}\s*$")  # the same behind a hyphen, where the whole is no number
_DIRECT = re.compile(r"(?<=\d) ?- ?\d{1,5} ?$")  # the extension of a number that is dialled with it
_INSIDE = re.compile(r"\s*\(\s*\d{1,6}\s*\)?\s*$")  # or in brackets
_DIALLED = re.compile(r"[+(]*\d(?:[\d ()./+-]*[\d)])?")  # whatever else stands there is no part of a number
_FROM_ABROAD = re.compile(r"\(?(?:\+|00)")
_LETTERS = re.compile(r"(?!tel\b)\b[a-z]")
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

    Each is known by its international form, without an extension, and by what is dialled within its country; one
    that is none of the region's by that in whatever country it may be.
    """
    found: dict[Key, None] = {}
    for number, is_valid in _numbers(text, region):
        national = _national(number)
        found[PHONE, f"+{number.country_code}{national}"] = None
        found[NATIONAL, national] = None
        if not is_valid:
            found[UNPLACED, national] = None
    return list(found)


def mobile(text: str, region: str | None) -> str:
    """Return the first number in a text that takes SMS, as it is dialled from abroad; empty where there is none."""
    for number, _is_valid in _numbers(text, region):
        if phonenumbers.number_type(number) in _MOBILE:
            return f"+{number.country_code}{_national(number)}"
    return ""


def phones_asked(text: str, regions: Iterable[str]) -> list[Key]:
    """Return what a number that somebody looks for may be known by: with its country's code, or where one dials it."""
    found: dict[Key, None] = {}
    if _LETTERS.search(_EXTENSION.sub("", plain(text))):
        return []  # the digits of a code are no telephone number
    for region in dict.fromkeys([*regions, None]):
        for number, _is_valid in _numbers(text, region):
            has_code = number.country_code_source != CountryCodeSource.FROM_DEFAULT_COUNTRY
            if has_code:
                found[PHONE, f"+{number.country_code}{_national(number)}"] = None
                found[UNPLACED, _national(number)] = None
            if number.country_code_source not in _ABROAD:
                found[NATIONAL, _national(number)] = None
    return list(found)


def at_home(number: str) -> list[str]:
    """Return how a number with its country's code is written within that country: without its zero and with it."""
    if not _FROM_ABROAD.match(number):
        return []
    found = _valid("+" + _digits(number).lstrip("0"), None)
    return [_national(found), f"0{_national(found)}"] if found else []


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


def _numbers(text: str, region: str | None) -> Iterator[tuple[PhoneNumber, bool]]:
    """Yield the numbers in a text, each with whether it is one that is given out.

    One that nobody knows how to dial comes with what is left without the zeros before it.
    """
    for number in _written(plain(text), region):
        digits = _digits(number)
        if not _FEW <= len(digits) <= _MANY or len(set(digits)) == 1:  # nobody has 00000000
            continue
        if found := _valid(number, region):
            yield found, True
            # 030 1234-567 is dialled as it stands, and rings behind 030 1234: numbers of Germany may be of any length.
            if number.count("-") == 1 and (before := _valid(_DIRECT.sub("", number), region)):
                yield before, True
            # Messengers write the country's code without a plus: +49 171 2345678 rather than +49 491 712345678.
            if digits.startswith(str(found.country_code)) and _national(found) == digits:
                with_code = _valid(f"+{digits}", None)
                if with_code and phonenumbers.number_type(with_code) in _MOBILE:
                    yield with_code, True
        elif before := _switchboard(number, region):
            yield before, True
        # 49 30 901820 is a number of Germany, where it is none of the region's.
        elif other := _valid("+" + digits.lstrip("0"), None):
            other.country_code_source = CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN
            yield other, True
        else:
            unplaced = _parsed(number, region) or PhoneNumber(
                country_code=0,
                national_number=int(digits),
                country_code_source=CountryCodeSource.FROM_DEFAULT_COUNTRY,
            )
            yield unplaced, False


def _switchboard(number: str, region: str | None) -> PhoneNumber | None:
    """Return the number of a switchboard, of a number with an extension that nothing but a hyphen or brackets tell."""
    shorter = (pattern.sub("", number) for pattern in (_BEHIND, _INSIDE))
    return next((found for each in shorter if each != number and (found := _valid(each, region))), None)


def _written(text: str, region: str | None) -> Iterator[str]:
    """Yield the numbers as they stand beside each other, without extensions and the words around them."""
    for each in _APART.split(_DASHES.sub("-", text)):
        for match in _DIALLED.finditer(_EXTENSION.sub(" ; ", each)):
            yield from _one_or_several(match.group(), region)


def _one_or_several(number: str, region: str | None) -> list[str]:
    """Return the numbers that a stroke or a blank keeps apart; either may also stand within one."""
    if ("/" not in number and len(_digits(number)) <= _MANY) or _valid(number, region):
        return [number]
    by_stroke = [each for each in number.split("/") if _digits(each)]
    parts = [part for each in by_stroke for part in each.split()]
    if all(_valid(each, region) for each in parts):
        return parts
    if all(len(_digits(each)) >= _WHOLE for each in by_stroke):
        return by_stroke
    # 010-66554433/34 is a second number of which only the end is written.
    return by_stroke[:1] if _valid(by_stroke[0], region) else [number]


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))


def _valid(number: str, region: str | None) -> PhoneNumber | None:
    found = _parsed(number, region)
    return found if found is not None and phonenumbers.is_valid_number(found) else None


def _parsed(number: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number, region, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None


def _national(number: PhoneNumber) -> str:
    return phonenumbers.national_significant_number(number)
