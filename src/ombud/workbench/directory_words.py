"""Directories in words: what is wrong with one, what would change of somebody, what was changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ombud.directory import carrying_out, planning, reading
from ombud.directory.books import model
from ombud.directory.models import Reading
from ombud.organisation import hiring, staff
from ombud.organisation.models import Change, Department, Office, Person
from ombud.policy.model.pack import Pack
from ombud.workbench import person_page

FAILURES = {
    model.ADDRESS: gettext_lazy("Its address is not called: it must be https and lead to the open internet."),
    model.SILENT: gettext_lazy("The provider did not answer."),
    model.LOCKED_OUT: gettext_lazy("The provider does not let us in: check the ID and the secret."),
    model.FORBIDDEN: gettext_lazy("The app may not read the address book: give it that right, and a range, there."),
    model.PLACE: gettext_lazy("The provider wants our IP address on the list of the app."),
    model.BUSY: gettext_lazy("The provider says that we ask too often. It is tried again later."),
    model.ANSWER: gettext_lazy("The provider answered something that is not understood."),
    model.TOO_LARGE: gettext_lazy("The address book does not end. Let the app see a smaller part of it."),
    reading.FAULT: gettext_lazy("Something went wrong here; the log of the clock says what."),
}
PROBLEMS = {
    "username": gettext_lazy("neither the address nor the ID there can be a user name"),
    "email": gettext_lazy("the e-mail address is none"),
    "name": gettext_lazy("the name is too long"),
    "taken": gettext_lazy("somebody else has this user name"),
    "known": gettext_lazy("somebody of this directory has this account already"),
    "elsewhere": gettext_lazy("another directory tells of this person"),
    "last": gettext_lazy("nobody else is an administrator"),
    carrying_out.GONE: gettext_lazy("the directory tells of them no more"),
}
DOINGS = {
    planning.NEW: (gettext_lazy("new"), "user-plus", "pill-good"),
    planning.LINK: (gettext_lazy("has an account here"), "link", "pill-accent"),
    planning.BACK: (gettext_lazy("comes back"), "undo-2", "pill-good"),
    planning.CHANGE: (gettext_lazy("changed"), "pencil", "pill-plain"),
    planning.LEAVE: (gettext_lazy("left"), "user-x", "pill-warn"),
}
TONES = {
    Reading.State.PLANNED: "pill-accent",
    Reading.State.HELD: "pill-warn",
    Reading.State.DONE: "pill-good",
    Reading.State.FAILED: "pill-bad",
}
_FIELDS = {
    planning.NAME: gettext_lazy("name"),
    planning.EMAIL: gettext_lazy("e-mail address"),
    planning.GROUPS: gettext_lazy("departments there"),
}


class Places:
    """Roles in words, each with where it is held."""

    def __init__(self, known: Iterable[Pack]) -> None:
        self._packs = {pack.id: pack for pack in known}
        self._departments = {row.pk: str(row) for row in Department.objects.all()}
        self._offices = {row.pk: str(row) for row in Office.objects.all()}

    def told(self, policy: str, role: str, department: int | None, office: int | None) -> str:
        """Return one role."""
        title, of = person_page.role_words(policy, role, self._packs)
        places = (self._departments.get(department or 0, ""), self._offices.get(office or 0, ""))
        return " \u00b7 ".join(part for part in (title, *places, of) if part)


def lines_of(row: Reading, places: Places) -> list[dict[str, Any]]:
    """Return the lines of a reading as its page shows them."""
    found = []
    for line in row.lines:
        word, icon, tone = DOINGS[line["do"]]
        found.append(
            {
                "word": word,
                "icon": icon,
                "tone": tone,
                "name": line["name"],
                "email": line.get("email", ""),
                "id": line["id"],
                "pk": line.get("pk"),
                "known": line.get("known", ""),
                "is_fixed": line.get("fixed", False),
                "fields": [_FIELDS[name] for name in line.get("fields", ())],
                "gets": [places.told(*each) for each in line.get("gets", ())],
                "loses": [places.told(*each) for each in line.get("loses", ())],
            }
        )
    return found


def problems_of(row: Reading) -> list[tuple[str, Any]]:
    """Return (name, why) of what could not be done."""
    return [(each["name"], PROBLEMS.get(each["code"], each["code"])) for each in row.problems]


def counts_of(row: Reading) -> list[tuple[Any, int]]:
    """Return (what, number) of each kind of line that there is."""
    return [(DOINGS[name][0], number) for name in planning.DOINGS if (number := row.counts.get(name, 0))]


def changes_of(name: str, known: Iterable[Pack]) -> list[tuple[Change, Person | None, str]]:
    """Return (change, whom it is about, words) of what a directory changed last by itself."""
    found = Change.objects.filter(through=name, kind__in=(hiring.ACCOUNT, "role")).select_related("by")
    rows = list(found.order_by("-id")[:20])
    keys = {row.pk: row.key if row.kind == hiring.ACCOUNT else f"p{row.key.split(' ')[0]}" for row in rows}
    people, titles = staff.people(keys.values()), {pack.id: pack for pack in known}
    return [(row, people.get(keys[row.pk]), person_page.told(row.kind, row.key, row.content, titles)) for row in rows]


def told(change: Change) -> str:
    """Return what was changed about a directory itself."""
    content: Mapping[str, Any] = change.content or {}
    said = {
        "token": _("A token was made: {name}"),
        "revoked": _("A token was revoked: {name}"),
        "stands_for": _("The group {group} stands for a role"),
        "stands_no_more_for": _("The group {group} stands for a role no more"),
        "removed": _("The group {group} is there no more"),
        "joined": _("Who is in the group {group} was changed"),
    }
    for key, words in said.items():
        if key in content:
            return words.format(name=content.get("name", ""), group=content.get("group", ""))
    if "reading" in content:
        number = sum(content.get(name, 0) for name in planning.DOINGS)
        if not content["is_wanted"]:
            return _("What would have changed was dropped")
        return ngettext("%(n)s change was let through", "%(n)s changes were let through", number) % {"n": number}
    return _("The settings were changed")
