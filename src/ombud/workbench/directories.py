"""Directories: which there are and how each is, its settings, its tokens; administrators keep them, others read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ombud.directory import keeping, leavers, reading
from ombud.directory.models import Directory, Reading
from ombud.organisation.models import ADMINISTRATOR, Person
from ombud.workbench import again, directory_words, handing_over, packs
from ombud.workbench.directory_form import DirectoryForm, TokenForm
from ombud.workbench.page import OVERSEERS, desk, person, show
from ombud.workbench.unsent import is_fragment

PAGE = "directories"  # what the pages call themselves


@require_safe
@desk
def directories(request: HttpRequest) -> HttpResponse:
    """List the directories with how each is, and who left with open work."""
    now, reader = timezone.now(), person(request)
    can_keep = may_see(reader)
    rows = Directory.objects.annotate(people=Count("entries", filter=Q(entries__is_active=True)))
    last: dict[int, Reading] = {}
    for each in Reading.objects.filter(directory__in=rows).defer("lines", "groups").order_by("id"):
        last[each.directory_id] = each
    context = {
        "rows": [(row, *_standing(row, last.get(row.pk))) for row in rows.order_by("name")],
        "kinds": Directory.Kind.choices,
        "can_keep": can_keep,
        "leavers": leavers.with_open_work(reader),
        "can_hand_over": bool(packs.own_roles(reader) & handing_over.MAY),
    }
    return show(request, "workbench/directories.html", PAGE, context, now=now)


def _standing(row: Directory, last: Reading | None) -> tuple[str, str]:
    """Return how a directory is, and in which tone."""
    if not row.is_on:
        return _("not in use"), "pill-plain"
    if not row.is_book:
        return (_("well"), "pill-good") if row.seen_at else (_("has not called yet"), "pill-plain")
    if last is None:
        return _("not read yet"), "pill-plain"
    return str(last.get_state_display()), directory_words.TONES.get(Reading.State(last.state), "pill-plain")


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def directory(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one directory; sending the form makes a token for it."""
    now, reader = timezone.now(), person(request)
    can_keep, row, made = may_see(reader), row_of(pk), ""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not can_keep or row.is_book:
            raise PermissionDenied
        if form.is_valid():
            days = form.cleaned_data["days"]
            until = now + timedelta(days=days) if days else None
            _row, made = keeping.issue(row, name=form.cleaned_data["name"], expires_at=until, by=reader, now=now)
            form = TokenForm()
    known = [pack for _version, pack in packs.in_force(now=now)]
    groups = row.groups.annotate(roles=Count("mappings"))
    context: dict[str, Any] = {
        "row": row,
        "can_keep": can_keep,
        "form": form,
        "made": made,  # on this page alone, in no session and in no address
        "base": request.build_absolute_uri("/scim/v2"),
        "tokens": row.tokens.order_by("-pk"),
        "people": row.entries.filter(is_active=True).count(),
        "groups": groups.count(),
        "mapped": groups.filter(roles__gt=0).count(),
        "changes": directory_words.changes_of(row.name, known),
        "history": [(change, directory_words.told(change)) for change in keeping.history(row)],
        **(_readings(row) if row.is_book else {}),
    }
    if row.is_book and is_fragment(request):
        return render(request, "workbench/_directory_readings.html", context)
    return show(request, "workbench/directory.html", PAGE, context, now=now, status=422 if form.is_bound else 200)


def _readings(row: Directory) -> dict[str, Any]:
    rows = list(row.readings.defer("lines", "groups").select_related("asked_by", "decided_by").order_by("-id")[:10])
    busy = (Reading.State.ASKED, Reading.State.APPROVED)
    return {
        "readings": [
            (
                each,
                directory_words.TONES.get(Reading.State(each.state), "pill-plain"),
                directory_words.counts_of(each),
                directory_words.FAILURES.get(each.code, each.code),
            )
            for each in rows
        ],
        "is_busy": any(each.state in busy for each in rows),
    }


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Enter a directory."""
    if kind not in Directory.Kind.values:
        raise Http404
    return _edit(request, Directory(kind=kind, every=24 if kind != Directory.Kind.SCIM else 0))


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change what was entered for a directory."""
    return _edit(request, row_of(pk))


def _edit(request: HttpRequest, row: Directory) -> HttpResponse:
    now, reader = timezone.now(), person(request)
    need_keeper(reader)
    form = DirectoryForm(request.POST if request.method == "POST" else None, row)
    if form.is_valid():
        kept = keeping.keep(row, form.given, form.cleaned_data.get("secret", ""), by=reader, now=now)
        messages.success(request, _("Saved."))
        return redirect("desk_directory", kept.pk)
    context = {"form": form, "row": row if row.pk else None, "kind": row.get_kind_display()}
    return show(request, "workbench/directory_form.html", PAGE, context, now=now, status=422 if form.errors else 200)


@require_POST
@desk
@again.proved
def revoke(request: HttpRequest, pk: int, token: int) -> HttpResponse:
    """Make a token worthless."""
    reader = person(request)
    need_keeper(reader)
    found = row_of(pk).tokens.select_related("directory").filter(pk=token).first()
    if found is None:
        raise Http404
    keeping.revoke(found, by=reader, now=timezone.now())
    messages.success(request, _("Revoked: whoever calls with it is turned away from now on."))
    return redirect("desk_directory", pk)


@require_POST
@desk
@again.proved
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Have an address book read; nothing is changed by that."""
    reader, row = person(request), row_of(pk)
    need_keeper(reader)
    if not row.is_book or not row.is_on:
        raise Http404
    reading.ask(row, by=reader, now=timezone.now())
    return redirect("desk_directory", pk)


def row_of(pk: int) -> Directory:
    """Return a directory. Raises Http404."""
    row = Directory.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def may_see(reader: Person) -> bool:
    """Return whether somebody may keep directories. Raises PermissionDenied where they may not even see them."""
    held = packs.own_roles(reader)
    if not held & OVERSEERS:
        raise PermissionDenied
    return ADMINISTRATOR in held


def need_keeper(reader: Person) -> None:
    """Raise PermissionDenied where somebody may not keep directories."""
    if not may_see(reader):
        raise PermissionDenied
