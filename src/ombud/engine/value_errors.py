"""Reading a submitted value as its field takes it, and what to say of one that it does not take."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from ombud.engine.messages import joined, say
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import Field, FieldType, Value
from ombud.policy.values import WrongValue, interval, kind_of, typed
from ombud.texts import Text

_KEYS = {
    FieldType.BOOL: "value-bool",
    FieldType.INTEGER: "value-integer",
    FieldType.MONEY: "value-money",
    FieldType.DATE: "value-date",
    FieldType.INSTANT: "value-instant",
    FieldType.COUNTRY: "value-country",
    FieldType.LANGUAGE: "value-language",
    FieldType.FILES: "value-files",
    FieldType.LIST: "value-list",
}
# What is wrong in the same way with fields of several types.
_CODES = frozenset({"too-long", "too-many", "too-large", "years", "currency", "past", "department"})


class Unfit(ValueError):
    """A value that its field does not take, with the words for whoever submitted it."""

    def __init__(self, text: Text) -> None:
        super().__init__()
        self.text = text

    def __str__(self) -> str:
        return self.text["en"]


def value_of(pack: Pack, field: Field, raw: Value, *, at: int) -> Value:
    """Return what was submitted at an instant as the field's value. Raises Unfit."""
    try:
        value = typed(kind_of(field), raw, pack.currency)
        if field.is_past and _is_ahead(pack, value, at):
            raise WrongValue(f"{raw} is in the future", "past")
        if field.type is FieldType.DEPARTMENT and value not in pack.departments:
            raise WrongValue(f"there is no department {value}", "department")
    except WrongValue as error:
        raise Unfit(_words(field, error, pack.currency)) from error
    return value


def is_own_text(field: Field, raw: Value) -> bool:
    """Return whether a value is words in every language, as acts set them: nobody's but the machine's own."""
    return field.type in (FieldType.TEXT, FieldType.LONG_TEXT) and not field.is_personal and isinstance(raw, dict)


def unreadable(pack: Pack, field: Field) -> Text:
    """Return what to say of something typed that cannot even be read as the field's kind of value."""
    return _words(field, WrongValue("it cannot be read", "unreadable"), pack.currency)


def _is_ahead(pack: Pack, value: Value, at: int) -> bool:
    """Return whether a day or instant lies after `at`, wherever the policy works."""
    if isinstance(value, int):
        return value > at
    now = datetime.fromtimestamp(at, UTC)
    return date.fromisoformat(value) > max(now.astimezone(zone).date() for zone in _zones(pack))


@lru_cache(maxsize=64)
def _zones_of(names: frozenset[str]) -> tuple[ZoneInfo, ...]:
    return tuple(map(ZoneInfo, sorted(names)))


def _zones(pack: Pack) -> tuple[ZoneInfo, ...]:
    return _zones_of(frozenset(spec.tz for spec in pack.calendars.values()))


def _words(field: Field, error: WrongValue, currency: str) -> Text:
    if error.code == "domain":
        return say("value-domain", field=field.title, range=_range(field.domain or ""))
    if error.code in _CODES:
        return say(f"value-{error.code}", field=field.title, **{k: str(each) for k, each in error.params.items()})
    if field.of and field.type is not FieldType.LIST:
        return say("value-choice", field=field.title, choices=joined(list(field.of.values())))
    return say(_KEYS.get(field.type, "value-text"), field=field.title, currency=currency)


def _range(domain: str) -> Text:
    """Return an interval in words."""
    found, ends = interval(domain), []
    if found.low is not None:
        ends.append(say("at-least" if found.low_closed else "more-than", number=f"{found.low:f}"))
    if found.high is not None:
        ends.append(say("at-most" if found.high_closed else "less-than", number=f"{found.high:f}"))
    return joined(ends)
