"""Time limits in words, in every language of the catalogue: "3 working days", "by Urgency: Urgent 4 hours, ..."."""

from __future__ import annotations

from ombud.policy.limits import read_length
from ombud.policy.model.limits import Limit
from ombud.policy.model.pack import Pack
from ombud.texts import Catalogue, Text, joined, same
from ombud.worktime import CLOSE, Mode, Unit

WORDS = Catalogue("ombud.policy", "limit_words.yaml")
_MARKED = {Mode.BUSINESS: "_business", Mode.OPEN_DAYS: "_open_days", Mode.NATURAL: "_natural"}


def length_text(n: int, unit: Unit, mode: Mode | None) -> Text:
    """Return a length such as "3 working days"; a mode that the unit does not imply is said."""
    words = WORDS.entries
    entry = words.get(f"{unit}{_MARKED.get(mode, '') if mode else ''}") or words[str(unit)]
    return {"zh": entry["zh"].format(n=n), "en": entry["en"][n != 1].format(n=n)}


def parameter_text(written: str) -> Text:
    """Return the value of a parameter: a length in words, or a number as it is."""
    return same(written) if written.isdecimal() else length_text(*read_length(written))


def limit_text(limit: Limit, pack: Pack) -> Text:
    """Return a limit with all that it hangs on, in the words of the pack."""
    if limit.by is not None:
        parts = [_phrase("case", value=_value(limit.by, value, pack), limit=limit_text(each, pack))
                 for value, each in limit.cases.items()]  # fmt: skip
        if limit.otherwise is not None:
            parts.append(_phrase("otherwise", limit=limit_text(limit.otherwise, pack)))
        return _phrase("by", title=fact_title(limit.by, pack), cases=joined(parts, WORDS.entry("phrases", "comma")))
    if limit.order is not None:
        parts = [limit_text(each, pack) for each in limit.cases.values()]
        return _phrase(limit.order, limits=joined(parts, WORDS.entry("phrases", "or")))
    if limit.field is not None:
        title = fact_title(limit.field, pack)
        if limit.otherwise is None:
            return _phrase("field", title=title)
        return _phrase("field_or", title=title, limit=limit_text(limit.otherwise, pack))
    assert limit.length is not None, "a limit has a length, a grade or a field"
    assert limit.unit is not None, "a length has a unit"
    text = length_text(limit.length, limit.unit, limit.mode)
    if limit.calendar is not None:
        text = _phrase("calendar", limit=text, calendar=pack.calendar_titles[limit.calendar])
    if limit.whose is not None:
        text = _phrase(f"whose_{limit.whose}", limit=text)
    if limit.cutoff == CLOSE:
        text = _phrase("cutoff_close", limit=text)
    elif limit.cutoff is not None:
        text = _phrase("cutoff", limit=text, time=f"{limit.cutoff // 60:02}:{limit.cutoff % 60:02}")
    return text if limit.roll else _phrase("no_roll", limit=text)


def fact_title(name: str, pack: Pack) -> Text:
    """Return what a field or table is called, or its id."""
    known = pack.fields.get(name) or pack.tables.get(name)
    return known.title if known else same(name)


def _value(name: str, value: str, pack: Pack) -> Text:
    if value in ("true", "false"):
        return _phrase(value)
    known = pack.fields.get(name) or pack.tables.get(name)
    return (known.of.get(value) if known else None) or same(value)


def _phrase(key: str, **values: Text | str) -> Text:
    return WORDS.say("phrases", key, **values)
