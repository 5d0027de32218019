"""Taking authorities and partners in from a table: all of it, or nothing and what is wrong line by line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ombud.organisation import address_lines
from ombud.organisation.address_lines import COLUMNS, LARGEST, MOST, Mistake, Wrong
from ombud.policy.outsiders import outside_roles
from ombud.workbench import packs
from ombud.workbench.authorities import PROBLEMS, may_keep, role_titles
from ombud.workbench.page import desk, person, show

SHOWN = 100  # mistakes of one file
WRONG = {
    **PROBLEMS,
    "role": gettext_lazy("Nobody outside has this role: give its id or its title."),
    "country": gettext_lazy("A country is two letters, such as DE."),
    "office": gettext_lazy("There is no office with this id."),
    "empty": gettext_lazy("The file has no lines."),
    "letters": gettext_lazy("The letters cannot be read. Save the file as UTF-8."),
    "quote": gettext_lazy("A quotation mark is opened and not closed, or stands within a cell."),
    "heading": gettext_lazy("The first line names the columns; this one is unknown, missing or stands twice."),
    "columns": gettext_lazy("The line has more cells than the first one has columns."),
    "twice": gettext_lazy("Another entry has one of these names already."),
}


@require_http_methods(["GET", "POST"])
@desk
def take_in(request: HttpRequest) -> HttpResponse:
    """Ask for a table, and take it in."""
    reader, now = person(request), timezone.now()
    if not may_keep(reader, now=now):
        raise PermissionDenied
    context: dict[str, Any] = {"columns": COLUMNS, "most": MOST, "mistakes": [], "more": 0}
    if request.method == "POST":
        file = request.FILES.get("file")
        if isinstance(file, UploadedFile):
            try:
                new, changed = address_lines.take_in(file.read(LARGEST + 1), _roles(now), by=reader, now=now)
            except Wrong as error:
                context["mistakes"] = [(each, _words(each)) for each in error.mistakes[:SHOWN]]
                context["more"] = len(error.mistakes[SHOWN:])
            else:
                said = _("Taken in: {new} new, {changed} changed. Cases keep the address that they have.")
                messages.success(request, said.format(new=new, changed=changed))
                return redirect("desk_authorities")
        else:
            context["is_missing"] = True
    status = 422 if request.method == "POST" else 200
    return show(request, "workbench/authorities_import.html", "authorities", context, now=now, status=status)


def _roles(now: datetime) -> dict[str, str]:
    """Return the roles that an entry may stand for, by id and by what they are called in every language."""
    titles = role_titles(now=now)
    found = {title.casefold(): role for role, title in titles.items()}
    for _version, pack in packs.in_force(now=now):
        roles = ((role, pack.roles[role].title) for role in outside_roles(pack))
        found |= {words.casefold(): role for role, title in roles for words in title.values()}
    return found | {role.casefold(): role for role in titles}


def _words(mistake: Mistake) -> str:
    if mistake.code == "many":
        return _("A file may have {most} lines. Cut it in pieces.").format(most=MOST)
    if mistake.code == "large":
        return _("The file is larger than 1 MB. Cut it in pieces.")
    return str(WRONG.get(mistake.code, _("This is too long.")))
