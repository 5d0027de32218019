"""The editor of a draft: one file at a time, checked while it is typed, saved by whoever looked at it last."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ombud.checks import apart
from ombud.organisation import drafting
from ombud.organisation.drafting import Changed, DraftingError
from ombud.organisation.models import Person, PolicyVersion
from ombud.policy import load_sources
from ombud.policy.files import MAIN_FILE
from ombud.policy.model.pack import Pack
from ombud.policy.problems import PackError
from ombud.workbench import stories, versions
from ombud.workbench.page import desk, person, show

SHOWN = 30  # findings beside the text: one mistake may have hundreds of consequences


@desk
def edit(request: HttpRequest, policy: str, version: str) -> HttpResponse:
    """Show a file of a draft, or save it."""
    now, hand = timezone.now(), versions.hand_of(person(request))
    row = versions.written_by(policy, version, hand)
    file = request.POST.get("file") or request.GET.get("file") or MAIN_FILE
    if request.method == "POST":
        return _save(request, row, file)
    if file not in row.sources:
        file = MAIN_FILE
    context = _shown(row, file, row.sources[file], person(request))
    return show(request, "workbench/policy_edit.html", "policies", context, now=now)


def _save(request: HttpRequest, row: PolicyVersion, file: str) -> HttpResponse:
    """Save the text that was sent; where somebody else saved since, show it again with theirs beside it."""
    reader, now = person(request), timezone.now()
    text = _text(request)
    sources = {**row.sources, file: text}
    if request.POST.get("do") == "remove":
        sources.pop(file)
    elif request.POST.get("do") == "add":
        sources = {**row.sources, file: ""}
    try:
        if request.POST.get("do") == "add" and file in row.sources:
            raise DraftingError(_("There is a file {name} already.").format(name=file))
        saved = drafting.edit(row.pk, sources, seen=_seen(request), by=reader, now=now)
    except DraftingError as error:
        status = 409 if isinstance(error, Changed) else 422
        shown = file if file in row.sources else MAIN_FILE
        context = {
            **_shown(row, shown, text if shown == file else row.sources[shown], reader),
            "error": str(error),
            "theirs": row.sources.get(file) if isinstance(error, Changed) else None,
        }
        return show(request, "workbench/policy_edit.html", "policies", context, now=now, status=status)
    if request.POST.get("do") == "check":
        return redirect("desk_policy", policy=saved.policy, version=saved.version)
    here = MAIN_FILE if request.POST.get("do") == "remove" else file
    messages.success(request, _("Saved."))
    return redirect(f"{reverse('desk_policy_edit', args=[saved.policy, saved.version])}?file={here}")


@require_POST
@desk
def live(request: HttpRequest, policy: str, version: str) -> HttpResponse:
    """Return what is said of a text that is being typed; nothing is stored."""
    row = versions.written_by(policy, version, versions.hand_of(person(request)))
    file, text = request.POST.get("file", MAIN_FILE), _text(request)
    try:
        drafting.check_file(file, text)
    except DraftingError as error:
        return render(request, "workbench/_policy_findings.html", {"error": str(error)})
    is_whole = request.POST.get("whole") == "1"  # asked for by the answer to the one before
    try:
        found = _findings(row, file, text, person(request), whole=is_whole)
    except apart.Superseded:
        return HttpResponse(status=204)  # the answer to the newer one is shown
    return render(request, "workbench/_policy_findings.html", found)


@require_POST
@desk
def preview(request: HttpRequest, policy: str, version: str) -> HttpResponse:
    """Tell one scenario of a text that is being typed; nothing is stored."""
    row = versions.written_by(policy, version, versions.hand_of(person(request)))
    file, text = request.POST.get("file", MAIN_FILE), _text(request)
    loaded = _loaded({**row.sources, file: text})
    pack = None if isinstance(loaded, PackError) else loaded
    found = [each for each in pack.scenarios if each.at.file == file] if pack else []
    name = request.POST.get("story", "")
    chosen = next((each for each in found if each.name == name), next(iter(found), None))
    context: dict[str, Any] = {"version": row, "pack": pack, "stories": found, "chosen": chosen}
    if pack and chosen:
        context |= stories.tale_of_draft(pack, chosen, policy=row.policy, owner=person(request).key)
    return render(request, "workbench/_policy_preview.html", context)


def _shown(row: PolicyVersion, file: str, text: str, reader: Person) -> dict[str, Any]:
    return {
        "version": row,
        "file": file,
        "text": text,
        "folders": _folders(row.sources),
        "is_story": file == MAIN_FILE or file.startswith("scenarios/"),
        "is_main": file == MAIN_FILE,
        **_findings(row, file, text, reader, whole=None),
    }


def _folders(names: Iterable[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the files by folder, pack.yaml first: the folder, then whole names and names within it."""
    ordered = sorted(names, key=lambda name: (name != MAIN_FILE, "/" in name, name))
    split = [(name, *name.rpartition("/")[::2]) for name in ordered]
    return [
        (folder, [(name, short) for name, _folder, short in found])
        for folder, found in groupby(split, key=lambda each: each[1])
    ]


def _findings(row: PolicyVersion, file: str, text: str, reader: Person, *, whole: bool | None) -> dict[str, Any]:
    """Return what is said of a text: of one that is typed, `whole` or not; of a saved one (None). Raises Superseded."""
    sources = {**row.sources, file: text}
    files, owner = drafting.own_files(sources), reader.key
    try:
        if whole is None:
            checked = apart.check_saved(files, file, policy=row.policy, owner=owner)
        else:
            checked = apart.check_typed(files, file, policy=row.policy, owner=owner, whole=whole)
    except apart.Failed:  # whoever writes must be able to go on: another text may not meet the fault
        return {"version": row, "pack": None, "file": file, "is_failed": True}
    found = checked.report.findings
    shown = [each for each in found if each.severity != "note" and each.explained is None]
    # What could be read there within its time can be read here.
    pack = _loaded(sources) if checked.head is not None else None
    return {
        "version": row,
        "pack": pack if isinstance(pack, Pack) else None,
        "file": file,
        "report": checked.report,
        "is_all": checked.is_all,
        "findings": versions.marked(shown[:SHOWN], sources),
        "more": max(len(shown) - SHOWN, 0),
        "lines": ",".join(str(each.place.line) for each in shown if each.place and each.place.file == file),
        "per_file": versions.per_file(found),
    }


def _loaded(sources: dict[str, str]) -> Pack | PackError:
    try:
        return load_sources(drafting.own_files(sources))
    except PackError as error:
        return error


def _text(request: HttpRequest) -> str:
    """Return the text that was sent as it is stored: browsers end lines with CR LF, and nothing may hold NUL."""
    return request.POST.get("text", "").replace("\r\n", "\n").replace("\0", "")


def _seen(request: HttpRequest) -> int:
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else 0
