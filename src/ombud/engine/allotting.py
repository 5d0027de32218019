"""Giving a case to somebody: the event says who gave it to whom and why, and counts as if they had taken it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ombud.engine.model import Actor, Event
from ombud.policy.vocabulary import TAKE

TO = "to"  # of the event: the key of who got the case
BECAUSE = "because"  # of the event: by which way of distribution, or that somebody chose so
_TO = {"role": "to_role", "department": "to_department", "office": "to_office"}  # in which of their roles


def said_of(to: Actor) -> Mapping[str, Any]:
    """Return what the event says of who gets the case."""
    return {TO: to.person, **{name: getattr(to, own) for own, name in _TO.items()}}


def taken(event: Event) -> Event:
    """Return the taking that an allotment counts as: by whoever got the case, in their role."""
    data = event.data
    role, department, office = (data[name] for name in _TO.values())
    return replace(event, act=TAKE, actor=data[TO], role=role, department=department, office=office, data={})
