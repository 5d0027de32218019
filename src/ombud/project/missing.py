"""404: within the frame of the pages that the address belongs to, so that nobody is left without a way on."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ombud.interface.languages import is_desk
from ombud.organisation.models import Person
from ombud.workbench import page

_PROGRAMS = ("/api/", "/hooks/", "/calls/", "/scim/")  # are asked by programs, which have no use for a frame


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that nothing is at an address: to staff on the desk, to everybody else on the complainants' pages."""
    if is_desk(request) and isinstance(request.user, Person):
        return page.missing(request)
    is_for_people = not is_desk(request) and not request.path_info.startswith(_PROGRAMS)
    template = "portal/missing.html" if is_for_people else "404.html"
    return render(request, template, status=HTTPStatus.NOT_FOUND)
