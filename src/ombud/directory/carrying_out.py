"""Carries out what was planned for an address book, line by line, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from ombud.directory import granting, keeping, people
from ombud.directory.models import Directory, Entry, Group, GroupMember, Reading
from ombud.directory.people import PeopleError
from ombud.directory.planning import LINK, NEW, Line, said_of
from ombud.organisation.models import Person

Problem = dict[str, str]
GONE = "gone"  # beside the codes of PeopleError: another reading has removed them meanwhile


def carry_out(reading: Reading, *, now: datetime, meanwhile: Callable[[], None]) -> list[Problem]:
    """Do what the lines say, and return what could not be done. Again changes nothing."""
    found = []
    groups = {group.external_id: group for group in reading.directory.groups.all()}
    for line in reading.lines:
        meanwhile()
        try:
            _carry(reading.directory, line, groups, reading.groups.get(line["id"], ()), now)
        except PeopleError as error:
            found.append({"id": line["id"], "name": line["name"], "code": error.code})
    _remove_groups(reading, now)
    return found


@transaction.atomic
def _carry(
    directory: Directory, line: Line, groups: dict[str, Group], inside: list[str] | tuple[()], now: datetime
) -> None:
    people.lock(directory)
    rows = directory.entries.select_related("person", "directory")
    entry = rows.filter(external_id=line["id"]).first()
    if entry is None:
        if line["do"] not in (NEW, LINK):
            raise PeopleError(GONE)
        entry = people.take_in(directory, said_of(line, None), now=now)
    else:
        entry = people.change(entry, said_of(line, entry), now=now)
    if entry.is_active:
        _put(entry, [groups[each] for each in inside if each in groups])
        granting.settle([entry.person], directory.name, now=now)


def _put(entry: Entry, groups: list[Group]) -> None:
    """Let somebody be in exactly these groups."""
    entry.groups.exclude(group__in=groups).delete()
    known = set(entry.groups.values_list("group", flat=True))
    GroupMember.objects.bulk_create([GroupMember(group=each, entry=entry) for each in groups if each.pk not in known])


@transaction.atomic
def _remove_groups(reading: Reading, now: datetime) -> None:
    """Remove departments that the address book has no more: nobody is in them."""
    directory = reading.directory
    people.lock(directory)
    gone = directory.groups.exclude(external_id__in=reading.counts.get("units", []))
    inside = list(Person.objects.filter(directory_entry__groups__group__in=gone).distinct())
    for group in gone:
        keeping.note(directory, {"group": group.name, "removed": True}, by=None, now=now)
        group.delete()
    granting.settle(inside, directory.name, now=now)
