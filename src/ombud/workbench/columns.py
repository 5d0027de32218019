"""Which columns of the register a reader wants, and how close its lines stand: kept in a cookie of their browser."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ombud.workbench.page import desk

COOKIE = "ombud_register"
COLUMNS = ("policy", "grades", "phase", "with", "received", "due")
COMPACT = "compact"
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Layout:
    """How the register is laid out; number and subject are always there."""

    columns: tuple[str, ...]
    is_compact: bool


def layout_of(request: HttpRequest) -> Layout:
    """Return what the reader chose; until then all columns but the policy, which the number begins with."""
    kept = request.COOKIES.get(COOKIE)
    if kept is None:
        return Layout(COLUMNS[1:], is_compact=False)
    said = kept.split(".")
    return Layout(tuple(name for name in COLUMNS if name in said), is_compact=COMPACT in said)


def choices(layout: Layout) -> list[tuple[str, str, bool]]:
    """Return each column that may be left out: its name, its title, and whether it is shown."""
    titles = (_("Policy"), _("Grades"), _("Phase"), _("With"), _("Received"), _("Next due"))
    return [(name, title, name in layout.columns) for name, title in zip(COLUMNS, titles, strict=True)]


@require_POST
@desk
def columns(request: HttpRequest) -> HttpResponse:
    """Keep which columns are wanted, and lead back to the list."""
    wanted = [name for name in (*COLUMNS, COMPACT) if name in request.POST.getlist("show")]
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("desk_register")
    response = redirect(back)
    response.set_cookie(
        COOKIE, ".".join(wanted), max_age=_YEAR, secure=settings.IS_SECURE, httponly=True, samesite="Lax", path="/desk/"
    )
    return response
