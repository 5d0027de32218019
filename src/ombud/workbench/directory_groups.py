"""What the groups of a directory stand for: without a word here, nobody gets anything by being in one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ombud.directory import keeping
from ombud.directory.models import Group, Mapping
from ombud.organisation.hiring import HiringError
from ombud.policy.plain_text import storable
from ombud.workbench import again, packs
from ombud.workbench.directories import PAGE, may_see, need_keeper, row_of
from ombud.workbench.directory_words import Places
from ombud.workbench.page import desk, person, show
from ombud.workbench.person_form import RoleForm

SHOWN = 50  # groups of a page
MEMBERS = 200  # people of a group
ONESELF = gettext_lazy("You are in this group yourself. Ask another administrator.")


@require_safe
@desk
def groups(request: HttpRequest, pk: int) -> HttpResponse:
    """List the groups with what each stands for, those that stand for something first."""
    now, reader = timezone.now(), person(request)
    can_keep, row = may_see(reader), row_of(pk)
    query = storable(request.GET.get("q", "")).strip()
    rows = row.groups.annotate(people=Count("members", distinct=True), roles=Count("mappings", distinct=True))
    if query:
        rows = rows.filter(name__icontains=query)
    found = Paginator(rows.prefetch_related(_mappings()).order_by("-roles", "name", "pk"), SHOWN)
    shown = found.get_page(request.GET.get("page"))
    places = _places()
    context: dict[str, Any] = {
        "row": row,
        "can_keep": can_keep,
        "query": query,
        "page": shown,
        "groups": [(each, [_told(mapping, places) for mapping in each.mappings.all()]) for each in shown],
    }
    return show(request, "workbench/directory_groups.html", PAGE, context, now=now)


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def group(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    """Show who is in a group and what it stands for; administrators let it stand for a role."""
    now, reader = timezone.now(), person(request)
    can_keep, row = may_see(reader), _group(pk, key)
    known = [pack for _version, pack in packs.in_force(now=now)]
    form = RoleForm(request.POST if request.method == "POST" else None, known)
    if request.method == "POST":
        need_keeper(reader)
        if form.is_valid():
            try:
                is_new = keeping.map_to(row, form.place, by=reader, now=now)
            except HiringError:
                form.add_error(None, str(ONESELF))
            else:
                messages.success(request, _("Saved. Who is in the group has the role now.") if is_new else _("Saved."))
                return redirect("desk_directory_group", pk, key)
    places = _places()
    members = row.members.select_related("entry__person").order_by("entry__person__username")
    context = {
        "row": row,
        "form": form,
        "can_keep": can_keep,
        "mappings": [(each, _told(each, places)) for each in row.mappings.order_by("id")],
        "people": [each.entry.person for each in members[:MEMBERS]],
        "number": members.count(),
    }
    status = 422 if form.errors else 200
    return show(request, "workbench/directory_group.html", PAGE, context, now=now, status=status)


@require_POST
@desk
@again.proved
def unmap(request: HttpRequest, pk: int, key: UUID, mapping: int) -> HttpResponse:
    """Let a group stand for a role no more."""
    reader = person(request)
    need_keeper(reader)
    row = Mapping.objects.select_related("group__directory", "department", "office")
    found = row.filter(pk=mapping, group=_group(pk, key)).first()
    if found is not None:  # else it is gone already
        try:
            keeping.unmap(found, by=reader, now=timezone.now())
        except HiringError:
            messages.error(request, str(ONESELF))
        else:
            messages.success(request, _("Taken away. Who held the role for this group alone has it no more."))
    return redirect("desk_directory_group", pk, key)


def _group(pk: int, key: UUID) -> Group:
    row = row_of(pk).groups.select_related("directory").filter(pk=key).first()
    if row is None:
        raise Http404
    return row


def _mappings() -> Prefetch[Any]:
    return Prefetch("mappings", Mapping.objects.order_by("id"))


def _places() -> Places:
    return Places(pack for _version, pack in packs.in_force(now=timezone.now()))


def _told(mapping: Mapping, places: Places) -> str:
    return places.told(mapping.policy, mapping.role, mapping.department_id, mapping.office_id)
