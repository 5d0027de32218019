"""Tags for readers whose language a policy does not speak: its words are marked as what they are, a note says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.conf import settings
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from ombud.interface.languages import Language, is_rtl, languages_of
from ombud.interface.locales import locale, locale_of
from ombud.policy.complainant import told
from ombud.texts import LANGUAGES, base_of, nearest, spoken

register = template.Library()


@register.simple_tag(takes_context=True)
def languages(context: template.Context) -> list[Language]:
    """Return the languages that the page can be read in."""
    return languages_of(context.get("request"))


@register.filter
def as_text(value: Any) -> SafeString:
    """Return a pack's text as `text` does, marked with its language where that is not the reader's.

    Not for attributes: there, `text` gives the words alone.
    """
    if not isinstance(value, Mapping):
        return format_html("{}", value or "")
    mark, words = _mark(tag for tag, words in value.items() if words), spoken(value, _reader())
    return format_html("<span{}>{}</span>", mark, words) if mark else format_html("{}", words)


@register.filter
def as_told(rule: Any) -> SafeString:
    """Return a phase, act or channel in the complainant's words, marked like `as_text`."""
    return as_text(told(rule))


@register.simple_tag(takes_context=True)
def policy_language(context: template.Context) -> SafeString:
    """Return the attributes of an element that holds words of a policy, where they are not in the reader's language."""
    return _mark(_of_policy(context))


@register.simple_tag(takes_context=True)
def policy_note(context: template.Context) -> str:
    """Return that the policy's own texts are in another language than the page; nothing where they are not."""
    tag = _foreign(_of_policy(context), _reader())
    note = gettext("The texts of the policy are available in {language} only.")
    return note.format(language=_name(tag)) if tag else ""


@register.filter
def letter_note(language: str) -> str:
    """Return that a letter is in another language than the page; nothing where it is not."""
    tag = _foreign([language], _reader())
    return gettext("This letter is in {language}.").format(language=_name(tag)) if tag else ""


def _reader() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def _of_policy(context: template.Context) -> Iterable[str]:
    """Return in which languages the policy of a page has its texts: at least those that every text has."""
    pack = context.get("pack") or getattr(context.get("way"), "pack", None)
    return pack.title if pack is not None else LANGUAGES


def _foreign(there: Iterable[str], reader: str) -> str:
    """Return the language that a reader is shown of those that there are, or nothing where it is their own."""
    tag = nearest(there, reader) or ""
    return "" if base_of(tag) == base_of(reader) else tag


def _mark(there: Iterable[str]) -> SafeString:
    tag = _foreign(there, _reader())
    if not tag:
        return mark_safe("")
    return format_html(' lang="{}" dir="{}"', tag, "rtl" if is_rtl(tag) else "ltr")


def _name(tag: str) -> str:
    return str(locale_of(tag).get_language_name(locale()) or tag)
