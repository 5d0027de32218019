"""Foreign money: the day's rate goes into the event with the amount, so that its worth never changes afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ombud.organisation import rates
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import Field, FieldType, Kind
from ombud.policy.values import typed

_MONEY = Kind(FieldType.MONEY)


def day_of(pack: Pack, at: datetime) -> date:
    """Return the day whose rates hold at an instant: the one on the policy's own calendar."""
    return at.astimezone(ZoneInfo(pack.calendars[pack.counting_calendar].tz)).date()


def rated(pack: Pack, data: Mapping[str, Any], facts: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """Return submitted data with the day's rate beside every amount in a foreign currency.

    An amount that is said again keeps the rate that it was first recorded with. Where nobody knows a rate the
    amount stays without one: filing never fails for it. A rate that was sent along is dropped, since whoever sends
    the amount must not set its worth.
    """
    return {name: _with_rates(pack, pack.fields.get(name), value, on, facts.get(name)) for name, value in data.items()}


def completed(pack: Pack, fields: Collection[str], facts: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """Return those of the fields whose known amounts lacked a rate that is known now, with it."""
    found = {}
    for name in fields:
        if not lacks_rate(pack, value := facts.get(name)):
            continue
        better = _with_rates(pack, pack.fields.get(name), value, on, None)
        if better != value:
            found[name] = better
    return found


def lacks_rate(pack: Pack, value: Any) -> bool:
    """Return whether a fact is, or lists, an amount whose worth in the policy's currency nobody knows."""
    if isinstance(value, list):
        return any(lacks_rate(pack, each) for each in value)
    is_money = isinstance(value, Mapping) and "amount" in value and "currency" in value
    return is_money and value["currency"] != pack.currency and not value.get("rate")


def _with_rates(pack: Pack, field: Field | None, value: Any, on: date, before: Any) -> Any:
    if field is None or FieldType.MONEY not in (field.type, field.item):
        return value
    known = before if isinstance(before, list) else [before]
    if isinstance(value, list | tuple):
        return [_rated(pack, each, on, known) for each in value]
    return _rated(pack, value, on, known)


def _rated(pack: Pack, raw: Any, on: date, known: list[Any]) -> Any:
    if isinstance(raw, Mapping):
        bare: Any = {name: each for name, each in raw.items() if name not in ("rate", "rate_on", "rate_source")}
    else:
        bare = raw.partition("@")[0] if isinstance(raw, str) else raw
    try:
        value = typed(_MONEY, bare, pack.currency)
    except ValueError:
        return bare  # the policy's own refusal says what is wrong with it
    if value["currency"] == pack.currency:
        return bare
    for each in known:
        if isinstance(each, Mapping) and each.get("rate") and value.items() <= each.items():
            return each
    quote = rates.quote(value["currency"], pack.currency, on)
    if quote is None:
        return value
    return {**value, "rate": f"{quote.rate:f}", "rate_on": quote.on.isoformat(), "rate_source": quote.source}
