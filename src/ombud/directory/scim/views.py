"""The addresses of the server: each parses, calls one command or query, and answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from ombud.directory import people
from ombud.directory.models import Directory, Entry, Group
from ombud.directory.people import PeopleError
from ombud.directory.scim import groups, schemas, users
from ombud.directory.scim.answers import answer, is_known, listed, need_version, page, shown, wants
from ombud.directory.scim.bodies import body_of
from ombud.directory.scim.callers import TooOften, directory_of
from ombud.directory.scim.errors import ScimError
from ombud.directory.scim.patching import lowered, patched

BASE = "/scim/v2"
_PROBLEMS = {  # PeopleError -> status, type, words
    "username": (400, "invalidValue", "A userName has letters, digits and @ . + - _ alone, at most 150."),
    "email": (400, "invalidValue", "This is no e-mail address."),
    "name": (400, "invalidValue", "A name has at most 120 letters."),
    "taken": (409, "uniqueness", "Somebody else has this userName."),
    "known": (409, "uniqueness", "There is such a user already."),
    "elsewhere": (409, "uniqueness", "Another directory tells of this person."),
    "last": (403, "", "Nobody else is an administrator. Make somebody one first."),
}
View = Callable[Concatenate[HttpRequest, Directory, ...], HttpResponse]


def scim(*methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Let a directory call by these methods, and answer in the RFC's words what cannot be done."""

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt  # a program has no session: its token says who it is
        @wraps(view)
        def handle(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            try:
                directory = directory_of(request, now=timezone.now())
                if request.method not in methods:
                    raise ScimError(405, "This cannot be done here.")
                return view(request, directory, **kwargs)
            except PeopleError as problem:
                status, kind, words = _PROBLEMS[problem.code]
                return answer(ScimError(status, words, kind).content, status)
            except ScimError as error:
                return _refused(error, methods)

        return handle

    return decorate


def _refused(error: ScimError, methods: tuple[str, ...]) -> HttpResponse:
    response = answer(error.content, error.status)
    if isinstance(error, TooOften):
        response["Retry-After"] = str(error.wait)
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if error.status == 405:
        response["Allow"] = ", ".join(methods)
    return response


@scim("GET")
def config(request: HttpRequest, directory: Directory) -> HttpResponse:
    """Say what is supported."""
    return answer(schemas.config(_base(request)))


@scim("GET")
def described(request: HttpRequest, directory: Directory, what: str, name: str = "") -> HttpResponse:
    """Say which resources there are, or which attributes they have; all, or one of them."""
    rows = schemas.resource_types(_base(request)) if what == "ResourceTypes" else schemas.schemas(_base(request))
    if not name:
        return listed(rows)
    found = next((row for row in rows if row["id"] == name), None)
    if found is None:
        raise ScimError(404, "There is no such thing.")
    return answer(found)


@scim("GET", "POST")
def user_list(request: HttpRequest, directory: Directory) -> HttpResponse:
    """List users, or take one in."""
    base = _base(request)
    if request.method == "POST":
        entry = people.take_in(directory, users.said(lowered(body_of(request))), now=timezone.now())
        return answer(shown(request, users.written(entry, base)), 201)
    rows = directory.entries.select_related("person").order_by("made_at", "pk")
    return page(request, rows, users.condition, lambda row: users.written(row, base))


@scim("GET", "PUT", "PATCH", "DELETE")
def user(request: HttpRequest, directory: Directory, key: UUID) -> HttpResponse:
    """Show, change or end one user."""
    base, now = _base(request), timezone.now()
    if request.method == "GET":
        return _read(request, users.written(_entry(directory, key), base))
    body = lowered(body_of(request)) if request.method == "PUT" else _patch(request)
    with transaction.atomic():
        people.lock(directory)
        entry = _entry(directory, key)
        need_version(request, users.written(entry, base)["meta"]["version"])
        if request.method == "DELETE":
            people.end(entry, now=now)
            return answer(None, 204)
        resource = body if request.method == "PUT" else patched(users.known(entry), body)
        entry = people.change(entry, users.said(resource), now=now)
    return answer(shown(request, users.written(entry, base)))


@scim("GET", "POST")
def group_list(request: HttpRequest, directory: Directory) -> HttpResponse:
    """List groups, or make one."""
    base = _base(request)
    if request.method == "POST":
        made = groups.make(directory, groups.said(lowered(body_of(request))), now=timezone.now())
        return answer(shown(request, groups.written(_group(directory, made.pk), base)), 201)
    rows, with_members = directory.groups.order_by("made_at", "pk"), wants(request, "members")
    if with_members:
        rows = rows.prefetch_related("members__entry__person")
    return page(request, rows, groups.condition, lambda row: groups.written(row, base, with_members=with_members))


@scim("GET", "PUT", "PATCH", "DELETE")
def group(request: HttpRequest, directory: Directory, key: UUID) -> HttpResponse:
    """Show, change or remove one group."""
    base, now = _base(request), timezone.now()
    if request.method == "GET":
        return _read(request, groups.written(_group(directory, key), base))
    body = lowered(body_of(request)) if request.method == "PUT" else _patch(request)
    with transaction.atomic():
        people.lock(directory)
        row = _group(directory, key)
        need_version(request, groups.version_of(row))
        if request.method == "DELETE":
            groups.remove(row, now=now)
            return answer(None, 204)
        groups.change(row, groups.said(body if request.method == "PUT" else patched(groups.known(row), body)), now=now)
    return answer(shown(request, groups.written(_group(directory, key), base)))


@scim("GET", "POST", "PUT", "PATCH", "DELETE")
def nothing(request: HttpRequest, directory: Directory, rest: str = "") -> HttpResponse:
    """Say that there is nothing at this address."""
    raise ScimError(404, "There is nothing here.")


def _read(request: HttpRequest, content: dict[str, Any]) -> HttpResponse:
    if is_known(request, content["meta"]["version"]):
        response = answer(None, 304)
        response["ETag"] = content["meta"]["version"]
        return response
    return answer(shown(request, content))


def _patch(request: HttpRequest) -> dict[str, Any]:
    return body_of(request) if request.method == "PATCH" else {}


def _entry(directory: Directory, key: UUID) -> Entry:
    row = directory.entries.select_related("person", "directory").filter(pk=key).first()
    if row is None:
        raise ScimError(404, "There is no such user.")
    return row


def _group(directory: Directory, key: UUID) -> Group:
    rows = directory.groups.select_related("directory").prefetch_related("members__entry__person")
    row = rows.filter(pk=key).first()
    if row is None:
        raise ScimError(404, "There is no such group.")
    return row


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri(BASE)
