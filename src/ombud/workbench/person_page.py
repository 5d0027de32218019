"""One person: who they are, their roles, how they get in, and leaving; administrators change it, others read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ombud.cases.access.kept_out import admitting
from ombud.cases.models import Case
from ombud.directory import granting
from ombud.directory.models import Entry
from ombud.interface.lists import listed
from ombud.organisation import hiring, knowing, own_roles, password_links, standing_in
from ombud.organisation.hiring import HiringError
from ombud.organisation.models import ADMINISTRATOR, Person, words
from ombud.policy.model.pack import Pack
from ombud.signin import factors, sessions
from ombud.signin.factors import FactorError
from ombud.workbench import again, handing_over, packs
from ombud.workbench.competence_form import CompetenceForm, competence_words
from ombud.workbench.page import OVERSEERS, desk, person, show
from ombud.workbench.person_form import PersonForm, RoleForm
from ombud.workbench.person_may import granted

PROBLEMS = {
    "taken": gettext_lazy("Somebody has this user name already."),
    "oneself": gettext_lazy("Nobody decides on themselves. Ask another administrator."),
    "last": gettext_lazy("Nobody else is an administrator. Make somebody one first."),
}


def may_hire(reader: Person) -> bool:
    return ADMINISTRATOR in packs.own_roles(reader)


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def new(request: HttpRequest) -> HttpResponse:
    """Add somebody; with an address they are invited to set their password."""
    return _page(request, Person())


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one person, and change who they are."""
    return _page(request, _row(pk))


def _row(pk: int) -> Person:
    row = Person.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _page(request: HttpRequest, row: Person) -> HttpResponse:
    now, reader = timezone.now(), person(request)
    can_hire, is_new = may_hire(reader), row.pk is None
    if not can_hire and (is_new or not packs.own_roles(reader) & OVERSEERS):
        raise PermissionDenied
    form = PersonForm(request.POST if request.method == "POST" else None, row) if can_hire else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            try:
                kept = hiring.keep(row, form.given, by=reader, now=now)
            except HiringError as error:
                form.add_error("username", str(PROBLEMS[error.code]))
            else:
                _welcome(request, kept, reader, is_new)
                return redirect("desk_member", kept.pk)
    known = [pack for _version, pack in packs.in_force(now=now)]
    context = {
        "row": None if is_new else row,
        "form": form,
        "can_hire": can_hire,
        "can_hand_over": bool(packs.own_roles(reader) & handing_over.MAY),
        "is_oneself": row.pk == reader.pk,
        **({} if is_new else _about(row, reader, known, can_hire, now)),
    }
    return show(
        request, "workbench/person.html", "people", context, now=now, status=422 if form and form.errors else 200
    )


def _welcome(request: HttpRequest, row: Person, reader: Person, is_new: bool) -> None:
    if not is_new:
        messages.success(request, _("Saved."))
    elif row.email:
        password_links.ask(row, by=reader, now=timezone.now())
        messages.success(request, _("Added. The invitation goes out by mail; give them a role."))
    else:
        messages.success(request, _("Added. Without an e-mail address nobody can be invited; give them a role."))


def _about(row: Person, reader: Person, known: list[Pack], can_hire: bool, now: datetime) -> dict[str, Any]:
    titles = {pack.id: pack for pack in known}
    held = list(row.memberships.select_related("department", "office", "granted").order_by("policy", "id"))
    had = sorted(knowing.of(row))
    return {
        "entry": Entry.objects.select_related("directory").filter(person=row).first(),
        "held": [(each, *role_words(each.policy, each.role, titles)) for each in held],
        "role_form": RoleForm(None, known) if can_hire else None,
        "may": granted(held, titles),
        "lent": listed(str(each) for each in standing_in.whom(row, now=now)),
        "known": listed(competence_words(f"{row.pk} {kind} {policy}/{value}", titles) for kind, policy, value in had),
        "knows_form": CompetenceForm(None, set(had), known) if can_hire else None,
        "history": [(change, told(change.kind, change.key, change.content, titles)) for change in hiring.history(row)],
        "has_password": row.has_usable_password(),
        "has_factor": bool(factors.ways(row)),
        "link": row.password_links.order_by("-id").first(),
        "open_cases": Case.objects.filter(admitting(reader, case="pk"), handler=row, closed_at=None).count(),
    }


def role_words(policy: str, role: str, titles: dict[str, Pack]) -> tuple[str, str]:
    """Return (role, policy) in words."""
    pack = titles.get(policy)
    if pack is None:
        return own_roles.title_of(role), policy or _("The organisation itself")
    known = pack.roles.get(role)
    return words(dict(known.title)) if known else role, words(dict(pack.title))


def told(kind: str, key: str, content: dict[str, Any] | None, titles: dict[str, Pack]) -> str:
    """Return one change in words."""
    if kind == hiring.ACCOUNT:
        assert content is not None, "accounts are never removed"
        name = words(content["names"]) or content["username"]
        parts = [name, content["username"], content["email"], "" if content["is_active"] else _("may not sign in")]
        return " \u00b7 ".join(part for part in parts if part)
    if kind == hiring.SECOND_FACTOR:
        return _("The second factor was reset")
    if kind == hiring.COMPETENCE:
        said = competence_words(key, titles)
        return _("No longer: {what}").format(what=said) if content is None else _("Knows: {what}").format(what=said)
    policy, _slash, role = key.split(" ")[1].partition("/")
    said = " \u00b7 ".join(role_words(policy, role, titles))
    return (
        _("Lost the role: {role}").format(role=said) if content is None else _("Got the role: {role}").format(role=said)
    )


@require_POST
@desk
@again.proved
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role."""
    row, reader = _hirers(request, pk), person(request)
    form = RoleForm(request.POST, [pack for _version, pack in packs.in_force(now=timezone.now())])
    if not form.is_valid():
        said = " ".join(str(each) for errors in form.errors.values() for each in errors)
        messages.error(request, said)
    else:
        _done(request, lambda: hiring.give(row, form.place, by=reader, now=timezone.now()), _("The role is given."))
    return redirect("desk_member", pk)


@require_POST
@desk
@again.proved
def take(request: HttpRequest, pk: int, held: int) -> HttpResponse:
    """Take a role away."""
    row, reader = _hirers(request, pk), person(request)
    place = row.memberships.select_related("person").filter(pk=held).first()
    if place is not None:  # else it is gone already
        _done(request, lambda: hiring.take(place, by=reader, now=timezone.now()), _("The role is taken away."))
    return redirect("desk_member", pk)


@require_POST
@desk
@again.proved
def knows(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which languages somebody speaks and which kinds of complaint they know."""
    row, now = _hirers(request, pk), timezone.now()
    form = CompetenceForm(request.POST, knowing.of(row), [pack for _version, pack in packs.in_force(now=now)])
    if form.is_valid():
        knowing.keep(row, form.wanted, form.shown, by=person(request), now=now)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Choose from what is offered."))
    return redirect("desk_member", pk)


@require_POST
@desk
@again.proved
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a link by which they set their password."""
    row = _hirers(request, pk)
    if not row.is_active or not row.email:
        messages.error(request, _("Whoever is invited needs an e-mail address and may sign in."))
    else:
        password_links.ask(row, by=person(request), now=timezone.now())
        messages.success(request, _("The link goes out by mail. It works once, for three days."))
    return redirect("desk_member", pk)


@require_POST
@desk
@again.proved
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody sign in no more, or again."""
    row, reader, now = _hirers(request, pk), person(request), timezone.now()
    if "again" in request.POST:
        if _done(request, lambda: hiring.come_back(row, by=reader, now=now), _("They may sign in again.")):
            granting.settle_person(row, now=now)  # groups may stand for something else by now
    else:
        said = _("They may not sign in any more. What they owed falls to those of their roles, or to their boss.")
        if _done(request, lambda: hiring.leave(row, by=reader, now=now), said):
            sessions.end_others(row, None)
    return redirect("desk_member", pk)


@require_POST
@desk
@again.proved
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the second factor of somebody who lost it away; they are told."""
    row, reader = _hirers(request, pk), person(request)
    try:
        factors.reset(row, by=reader, now=timezone.now())
    except FactorError:
        messages.error(request, str(PROBLEMS["oneself"]))
    else:
        messages.success(request, _("Reset. They are told by mail, and were signed out everywhere."))
    return redirect("desk_member", pk)


def _hirers(request: HttpRequest, pk: int) -> Person:
    if not may_hire(person(request)):
        raise PermissionDenied
    return _row(pk)


def _done(request: HttpRequest, do: Any, said: str) -> bool:
    """Do it, say so or why not, and return whether it is done."""
    try:
        do()
    except HiringError as error:
        messages.error(request, str(PROBLEMS[error.code]))
        return False
    messages.success(request, said)
    return True
