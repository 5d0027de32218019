"""Time limits in words, in every language of the catalogue: "3 working days", "by Urgency: Urgent 4 hours, ..."."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from ombud.policy.model import Limit, Pack, Text
from ombud.worktime import Mode, Unit

LANGUAGES = ("zh", "en")
_MARKED = {Mode.BUSINESS: "_business", Mode.OPEN_DAYS: "_open_days"}


@cache
def _catalogue() -> Mapping[str, Any]:
    text = files("ombud.policy").joinpath("limit_words.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return loaded


def length_text(n: int, unit: Unit, mode: Mode | None) -> Text:
    """Return a length such as "3 working days"; a mode that the unit does not imply is said."""
    words = _catalogue()
    entry = words.get(f"{unit}{_MARKED.get(mode, '') if mode else ''}") or words[str(unit)]
    return {"zh": entry["zh"].format(n=n), "en": entry["en"][n != 1].format(n=n)}


def limit_text(limit: Limit, pack: Pack) -> Text:
    """Return a limit with all that it hangs on, in the words of the pack."""
    if limit.by is not None:
        parts = [_phrase("case", value=_value(limit.by, value, pack), limit=limit_text(each, pack))
                 for value, each in limit.cases.items()]  # fmt: skip
        if limit.otherwise is not None:
            parts.append(_phrase("otherwise", limit=limit_text(limit.otherwise, pack)))
        return _phrase("by", title=fact_title(limit.by, pack), cases=_joined(parts))
    if limit.field is not None:
        title = fact_title(limit.field, pack)
        if limit.otherwise is None:
            return _phrase("field", title=title)
        return _phrase("field_or", title=title, limit=limit_text(limit.otherwise, pack))
    assert limit.length is not None, "a limit has a length, a grade or a field"
    assert limit.unit is not None, "a length has a unit"
    text = length_text(limit.length, limit.unit, limit.mode)
    if limit.calendar is not None:
        text = _phrase("calendar", limit=text, calendar=limit.calendar)
    if limit.whose is not None:
        text = _phrase(f"whose_{limit.whose}", limit=text)
    return text if limit.roll else _phrase("no_roll", limit=text)


def fact_title(name: str, pack: Pack) -> Text:
    """Return what a field or table is called, or its id."""
    known = pack.fields.get(name) or pack.tables.get(name)
    return known.title if known else dict.fromkeys(LANGUAGES, name)


def _value(name: str, value: str, pack: Pack) -> Text:
    if value in ("true", "false"):
        return _phrase(value)
    known = pack.fields.get(name) or pack.tables.get(name)
    return (known.of.get(value) if known else None) or dict.fromkeys(LANGUAGES, value)


def _phrase(key: str, **values: Text | str) -> Text:
    words = _catalogue()["phrases"][key]
    return {
        language: words[language].format(**{name: _in(value, language) for name, value in values.items()})
        for language in LANGUAGES
    }


def _in(value: Text | str, language: str) -> str:
    return value if isinstance(value, str) else value.get(language) or value.get("en", "")


def _joined(parts: list[Text]) -> Text:
    comma = _catalogue()["phrases"]["comma"]
    return {language: comma[language].join(_in(part, language) for part in parts) for language in LANGUAGES}
