"""Which languages a page can be read in, and how each is named: in its own words, for whoever cannot read this one."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from ombud.interface.locales import locale_of
from ombud.policy.model.pack import Pack
from ombud.texts import LANGUAGES, code_of, tag_of

_DESK = "/desk/"


@dataclass(frozen=True, slots=True)
class Language:
    """A language as lists offer it."""

    code: str  # as pages call it
    name: str  # in its own words
    is_rtl: bool


def is_desk(request: HttpRequest) -> bool:
    """Return whether it is one of the staff's pages, which come in fewer languages."""
    return request.path_info.startswith(_DESK)


def codes_of(request: HttpRequest | None) -> tuple[str, ...]:
    """Return the codes of the languages that a page can be read in."""
    if request is not None and is_desk(request):
        return tuple(settings.OMBUD_DESK_LANGUAGES)
    return tuple(code for code, _name in settings.LANGUAGES)


def languages_of(request: HttpRequest | None) -> list[Language]:
    """Return the languages that a page can be read in."""
    return [Language(code, own_name(code), is_rtl(code)) for code in codes_of(request)]


def own_name(tag: str) -> str:
    """Return what a language calls itself."""
    code = code_of(tag)
    return dict(settings.LANGUAGES).get(code) or str(locale_of(code).get_display_name() or tag)


def is_rtl(code: str) -> bool:
    """Return whether a language is written from right to left."""
    return locale_of(code).text_direction == "rtl"


def offered(pack: Pack) -> tuple[str, ...]:
    """Return in which languages people may write and be written to under a policy, as texts write them.

    They are those of its offices and of its letters, those that every text has, and those of the complainants' pages.
    """
    offices = (tag for office in pack.offices.values() for tag in office.languages)
    letters = (tag for document in pack.documents.values() for tag in document.templates)
    pages = (tag_of(code) for code, _name in settings.LANGUAGES)
    return tuple({tag.lower(): tag for tag in (*offices, *LANGUAGES, *letters, *pages)}.values())


def choices(pack: Pack) -> list[tuple[str, str]]:
    """Return the languages offered under a policy, each with its own name."""
    return [(tag, own_name(tag)) for tag in offered(pack)]
