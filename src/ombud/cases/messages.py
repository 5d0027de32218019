"""The register's own refusals, in every language of the interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, gettext_noop, override

from ombud.cases.eventlog import personal_fields
from ombud.engine.model import Refusal
from ombud.policy.model.pack import Pack
from ombud.policy.values import is_blank
from ombud.texts import Text, tag_of

_ERASED = gettext_noop("The complainant's data was erased at their request, so nothing personal can be added.")

_SIDE_EFFECTS = gettext_noop("A date lies outside the years that calendars reach, 1970 to 2099. Check its year.")


def text(message: str) -> Text:
    """Return a marked message as the pure layers hold theirs: one text per language."""
    found = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found[tag_of(language)] = gettext(message)
    return found


def horizon_refusal() -> Refusal:
    """Return why a date cannot be counted to."""
    return Refusal(code="horizon", message=text(_SIDE_EFFECTS))


def erased_refusal(pack: Pack, data: Mapping[str, Any]) -> Refusal | None:
    """Return why personal data cannot be added to an erased case, or None where there is none in `data`."""
    named = sorted(personal_fields(pack.hash) & {name for name, value in data.items() if not is_blank(value)})
    return Refusal(code="erased", message=text(_ERASED), field=named[0]) if named else None
