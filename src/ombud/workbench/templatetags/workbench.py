"""The workbench's tags: facts in the reader's words, icons of files."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ombud.cases import contents, file_kinds
from ombud.cases.models import Content
from ombud.cases.reading.queries import Shown
from ombud.checks.rules.clauses import Rule
from ombud.insight.exports import asking
from ombud.insight.exports.columnar import PARQUET
from ombud.interface import countries
from ombud.interface.days import day_of_year
from ombud.interface.fact_text import fact_text
from ombud.interface.limit_text import limit
from ombud.interface.lists import listed
from ombud.organisation.models import reader_language, words
from ombud.organisation.standing_in import Away
from ombud.policy.compare import Detail, say
from ombud.policy.limitwords import parameter_text
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.source import Parameter
from ombud.policy.vocabulary import HELD
from ombud.texts import Text
from ombud.workbench.verdicts import verdict_icon, verdict_word

register = template.Library()

FILE_ICONS = {"image": "file-image", "video": "file-play", "audio": "file-headphone", "text": "file-text"}


@register.filter
def shown_value(fact: Shown, pack: Pack) -> str | SafeString:
    """Return a fact as the reader may see it: in words, masked, or erased."""
    if fact.is_erased:
        return format_html('<span class="faint">{}</span>', _("erased"))
    if fact.is_masked and isinstance(fact.value, str):
        return fact.value
    field = pack.fields.get(fact.field)
    return fact_text(field, fact.value, names=fact.names, currency=pack.currency) if field else str(fact.value)


@register.simple_tag
def away(who: Text, absence: Away) -> str:
    """Return that somebody is away, until when, and who stands in."""
    deputies = listed(str(each) for each in absence.deputies)
    said = _("{who} is away until {day}, {deputies} stands in") if deputies else _("{who} is away until {day}")
    return said.format(who=words(dict(who)), day=day_of_year(absence.last_day), deputies=deputies)


@register.simple_tag
def desk_words() -> dict[str, str]:
    """Return what the workbench's scripts say, for `json_script`."""
    return {
        "again": _("Try again"),
        "failed": _("The server could not answer."),
        "offline": _("No answer came. Check your connection, then try again."),
        "forbidden": _("You may not do this, or not any more."),
        "gone": _("This is not there any more, or not yours to see."),
        "large": _("This is larger than the server takes in."),
        "busy": _("The server is busy. Wait a moment, then try again."),
        "kept": _("What you typed is still here."),
        "stale": _("As of {t}. It cannot be renewed just now and is tried again every minute."),
        "stale_signed_out": _("As of {t}. You are signed out, so it is not renewed any more."),
        "typed_again": _("What you had typed here before is in the form again."),
        "forget": _("Forget it"),
        "session_near": _("Your session ends: {t} left."),
        "stay": _("Stay signed in"),
        "session_over": _("Your session has ended. What you typed is kept in this window until you sign in again."),
        "sign_in": _("Sign in"),
        "held": _("{a} follows in {s} seconds."),
        "undo": _("Undo"),
        "now": _("At once"),
        "go": pgettext("in the palette", "page"),
        "act": pgettext("in the palette", "act"),
        "search": pgettext("in the palette", "search all"),
    }


@register.simple_tag
def hold(act: str) -> str:
    """Return what lets an act that is often pressed by mistake wait before it is sent, as an attribute of its form."""
    seconds = settings.OMBUD_UNDO_SECONDS if act in HELD else 0
    return format_html(' data-hold="{}"', seconds) if seconds else ""


@register.filter
def may_hold_macros(media_type: str) -> bool:
    """Return whether whoever opens such a file should be warned."""
    return file_kinds.may_hold_macros(media_type)


@register.filter
def withheld(content: Content | None) -> str:
    """Return why nobody gets a file's bytes, empty where they do."""
    return contents.withheld(content) if content is not None else ""


@register.filter
def file_icon(media_type: str) -> str:
    """Return the icon's name for a media type."""
    return FILE_ICONS.get(media_type.partition("/")[0], "file")


@register.filter
def or_kind(name: str, media_type: str) -> str:
    """Return the name of a file; where it is not the reader's to know, of which kind it is."""
    kind = file_kinds.KINDS.get(media_type)
    if name or kind is None:
        return name or _("File")
    return _("{kind} file").format(kind=kind.endings[0].upper())


register.filter(verdict_icon)
register.filter(verdict_word)


@register.filter
def rule_limit(rule: Rule, pack: Pack) -> str:
    """Return a duty's time limit in words; nothing for rules of other kinds."""
    if rule.kind != "duty":
        return ""
    procedure, _dot, duty = rule.id.rpartition(".")
    found = pack.procedures[procedure or MAIN].duties.get(duty)
    return limit(found.limit) if found else ""


@register.filter
def parameter_value(parameter: Parameter) -> Text:
    """Return what a parameter is set to, in words."""
    return parameter_text(parameter.value)


@register.filter
def country_name(days: str) -> str:
    """Return whose public holidays a calendar has: the country in the reader's language, with its part."""
    country, _dash, part = days.partition("-")
    return f"{countries.name(country)} {part}".strip()


@register.filter
def sides(detail: Detail) -> tuple[str, str]:
    """Return what stood before and what stands after, in the reader's language where that one changed."""
    return detail.spoken(reader_language())


@register.filter
def compared(key: str, section: str) -> str:
    """Return a word of a comparison: of its `kinds`, `attributes` or `verbs`."""
    return words(dict(say(section, key)))


@register.inclusion_tag("workbench/_export.html", takes_context=True)
def export_menu(context: template.Context, what: str, **further: str) -> dict[str, object]:
    """Return the menu that takes the list of this page along, narrowed as its address says."""
    query = context["request"].GET.copy()
    query.update(further)
    return {
        "what": what,
        "query": query.urlencode(),
        "csrf_token": context.get("csrf_token", ""),
        "has_columns": PARQUET in asking.formats(),
    }
