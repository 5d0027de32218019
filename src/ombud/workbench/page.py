"""What every page of the workbench shares: who may come in, the navigation's numbers, one way to render."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from ombud.cases.errors import Forbidden, NoSuchCase, RecusedFrom
from ombud.cases.reading.paging import NotOurs
from ombud.correspondence import inbox
from ombud.organisation import ceiling_tables, staff
from ombud.organisation.models import ADMINISTRATOR, AUDITOR, MANAGER, POLICY_OWNER, Person
from ombud.workbench import navigation, packs, sessions, unsent
from ombud.workbench.reader_state import reader_state_of

OVERSEERS = frozenset({MANAGER, AUDITOR, ADMINISTRATOR})  # see who holds which role
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def desk(view: View[P]) -> View[P]:
    """Let staff in; a case or page that is not theirs is not there, an act that is not theirs is forbidden."""

    @wraps(view)
    def handle(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if "\0" in request.path:
            raise Http404  # nothing is called so, and PostgreSQL would not be asked
        if not request.user.is_authenticated:
            return unsent.to_sign_in(request)
        if sessions.is_over(request, now=timezone.now()):
            logout(request)
            return unsent.to_sign_in(request)
        unsent.settle(request)
        try:
            response = view(request, *args, **kwargs)
        except RecusedFrom:
            return missing(request, is_recused=True)
        except (NoSuchCase, NotOurs, Http404):
            return missing(request)
        except (Forbidden, PermissionDenied):
            return show(request, "workbench/forbidden.html", "", {}, now=timezone.now(), status=403)
        unsent.remember_writer(request, response)
        return response

    return handle


def missing(request: HttpRequest, *, is_recused: bool = False) -> HttpResponse:
    """Say within the frame that there is nothing here; to who was taken out of a case, that this is why."""
    return show(request, "workbench/missing.html", "", {"is_recused": is_recused}, now=timezone.now(), status=404)


def person(request: HttpRequest) -> Person:
    """Return who is signed in."""
    assert isinstance(request.user, Person), "only pages behind `desk` ask"
    return request.user


def show(
    request: HttpRequest,
    template: str,
    here: str,
    context: Mapping[str, Any],
    *,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    """Render a page with the navigation around it."""
    shared = {"desk": _desk(request, here, now), "now": now, "unsent": unsent.of(request)}
    return render(request, template, {**shared, **context}, status=status)


def _desk(request: HttpRequest, here: str, now: datetime) -> dict[str, Any]:
    reader = person(request)
    standing = reader_state_of(request, reader, now=now)
    count = standing.count
    everything, known = staff.held_by(reader, now=now), packs.in_force(now=now)
    held = everything.own
    own = {each.role for each in held.get("", ())}
    sees_cases = bool(own & {MANAGER, AUDITOR} or held.keys() - {""} or standing.permissions.stand_ins)
    counts = navigation.counts(
        owed=count.owed,
        overdue=count.overdue,
        unread=standing.unread,
        proposals=standing.proposals,
        waiting=standing.waiting,
        limits=ceiling_tables.to_decide(reader).count() if own & {*ceiling_tables.KEEPERS} else 0,
    )
    can_record = any(packs.receivers(reader, everything, pack) for _version, pack in known)
    empty = navigation.empty_pages(
        [pack for version, pack in known if "" in held or version.policy in standing.permissions.known_policies],
        sees_cases=sees_cases,
        keeps_rates=MANAGER in own,
        keeps_book=bool(own & {MANAGER, AUDITOR}) or any(packs.serves(held, pack) for _version, pack in known),
        can_receive=can_record,
        has_inbox=bool(inbox.policies_of(standing.permissions)),
        plans_rotas=bool(own & {MANAGER, ADMINISTRATOR}),
        owns_policies=POLICY_OWNER in own,
        sees_warnings=standing.permissions.sees_all or bool(standing.permissions.full_policies),
    )
    if not own & {MANAGER, AUDITOR}:
        empty = empty | {"erasures", "proof"}
    if ADMINISTRATOR not in own:
        empty = empty | {"founding"}
    return {
        "here": here,
        "groups": navigation.groups(here, can_oversee=bool(own & OVERSEERS), counts=counts, empty=empty),
        "count": count,
        "owed": count.owed,
        "overdue": count.overdue,
        "unread": standing.unread,
        "sees_cases": sees_cases,
        "until": sessions.end_of(request),
        "can_record": can_record,
    }


def can_oversee(reader: Person) -> bool:
    """Return whether the person manages or audits the whole organisation."""
    return bool(packs.own_roles(reader) & {MANAGER, AUDITOR})
