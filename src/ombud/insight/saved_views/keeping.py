"""Keeping a view, sharing it with a role, finding those that are there, letting one go."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q

from ombud.cases.access.permissions import Permissions
from ombud.cases.reading.paging import NotOurs
from ombud.insight.saved_views.models import LONGEST_NAME, SavedView
from ombud.organisation.models import AUDITOR, MANAGER
from ombud.policy.plain_text import plain

MOST = 50  # views of one person for one page
Held = tuple[str, str]  # policy (empty: the organisation itself) and role


class NotKept(ValueError):
    """The view cannot be kept; `why` says which: no name, or too many."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


NAMELESS, TOO_MANY = "nameless", "too many"


def held(reader: Permissions) -> tuple[Held, ...]:
    """Return the roles that somebody holds, with whom they may share and who shares with them."""
    found = [(policy, actor.role) for policy, mine in reader.policies.items() for actor in mine.actors]
    own = [("", MANAGER)] * reader.is_manager + [("", AUDITOR)] * reader.is_auditor
    return tuple(dict.fromkeys([*own, *found]))


def keep(
    reader: Permissions,
    page: str,
    name: str,
    query: Mapping[str, str],
    *,
    with_role: Held | None,
    leave_out: Collection[str],
    now: datetime,
) -> SavedView:
    """Keep a view; under a name that the person has already, in its place. Raises NotKept, NotOurs.

    `leave_out` are the parts of an address that are not kept.
    """
    name = plain(name).strip()[:LONGEST_NAME]
    if not name:
        raise NotKept(NAMELESS)
    if page not in SavedView.Page.values or (with_role is not None and with_role not in held(reader)):
        raise NotOurs(page)
    mine = SavedView.objects.filter(person=reader.person, page=page)
    if mine.exclude(name=name).count() >= MOST:
        raise NotKept(TOO_MANY)
    policy, role = with_role or ("", "")
    kept = {each: value for each, value in query.items() if each not in leave_out}
    return SavedView.objects.update_or_create(
        person=reader.person,
        page=page,
        name=name,
        defaults={"query": kept, "policy": policy, "role": role, "kept_at": now},
    )[0]


def of(reader: Permissions, page: str) -> list[SavedView]:
    """Return the views of a page that are the person's own, or shared with a role that they hold; theirs first."""
    shared = [Q(policy=policy, role=role) for policy, role in held(reader)]
    found = SavedView.objects.filter(reduce(or_, shared, Q(person=reader.person)), page=page).select_related("person")
    return sorted(found, key=lambda each: (each.person_id != reader.person.pk, each.name.casefold(), each.pk))


def remove(reader: Permissions, key: int) -> None:
    """Let a view of the person's own go. Raises NotOurs where it is not theirs."""
    if not SavedView.objects.filter(pk=key, person=reader.person).delete()[0]:
        raise NotOurs(str(key))
